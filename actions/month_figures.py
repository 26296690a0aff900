"""What the plan and its meetings need to know about the months' figures.

An app above this one has them. It `provide`s its answers when Django starts (docs/adr/0002).
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple, Protocol

from actions.models import Meeting
from boards.models import PartnershipArea, ReportingPeriod
from boards.permissions import Access

type Version = tuple[ReportingPeriod, int]  # a published month, and the number of one of its versions


class Question(NamedTuple):
    """A question about an indicator in a month, and when somebody asked it."""

    code: str
    period: ReportingPeriod
    at: datetime


class Figures(Protocol):
    """The app with the months' figures. Each answer is for partners, and has passed the disclosure gate."""

    def list_series(self, access: Access, code: str) -> Sequence[Any]:
        """Return an indicator with its figures up to the newest month that has it and that this reader may see, for the
        tag `cards`. Empty if there is none. Two queries."""

    def list_outcomes(self, area: PartnershipArea, number: int) -> Sequence[Any]:
        """Return the results of the action with that number, after its start and after its end, for each indicator that
        it should change: `aim`, `kind`, `sentence`, `url`, and what people expected in `said`. At most five queries."""

    def as_asked(self, area: PartnershipArea, questions: Sequence[Question]) -> Sequence[Any]:
        """Return for each question the indicator as its month showed it at that time, with the months before.

        `cards` are for the tag of that name, `points` are the last months, `version` is a number, and `since` says how
        a later version differs. None if the version doesn't have the indicator. At most two queries.
        """

    def published_versions(self, area: PartnershipArea) -> list[Version]:
        """Return every published version of every month, newest first. One query."""

    def newer_than(self, meeting: Meeting) -> Version | None:
        """Return the newest published version of the newest month that had ended by a meeting's day. None if the
        meeting looks at no month, or already looks at that one. One query."""

    def standing_out(self, meeting: Meeting) -> Mapping[str, Sequence[str]]:
        """Return what stands out in the version for a meeting, by the indicator's code, in the order of the month's
        page.

        There is a sentence for the whole and for each category. A board's meeting gets only its own indicators.
        """


_provided: list[Figures] = []


def provide(figures: Figures) -> None:
    # One provider: a second call replaces the first.
    _provided[:] = [figures]


def month_figures() -> Figures:
    """Return the provider. Raises LookupError if there is none: the app with the months isn't installed."""
    if not _provided:
        raise LookupError("Nothing provides the months’ figures: see actions.month_figures.")
    return _provided[0]
