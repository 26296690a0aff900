"""What do the plan and its meetings ask of the months' figures?

They are kept by an app above this one, which answers: it is `provide`d when Django starts (docs/adr/0024).
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple, Protocol

from actions.models import Meeting
from boards.models import PartnershipArea, ReportingPeriod
from boards.permissions import Access

type Version = tuple[ReportingPeriod, int]  # a published month, and the number of one of its versions


class Question(NamedTuple):
    """What is asked about an indicator in a month, and when."""

    code: str
    period: ReportingPeriod
    at: datetime


class Figures(Protocol):
    """Whoever keeps the months' figures. Each answer is for partners, and passed the disclosure gate."""

    def list_series(self, access: Access, code: str) -> Sequence[Any]:
        """An indicator with its figures to the newest month that this reader may see and that holds it, as the tag
        `cards` shows it; empty where there is none. Two queries."""

    def list_outcomes(self, area: PartnershipArea, number: int) -> Sequence[Any]:
        """What came of the action of that number, once it began and once it was finished, for each indicator that it
        should move: `aim`, `kind`, `sentence`, `url`, and what was `said` of it. Five queries at most."""

    def as_asked(self, area: PartnershipArea, questions: Sequence[Question]) -> Sequence[Any]:
        """Of each question the indicator as its month showed it at that moment, with its months before: `cards` as the
        tag of that name shows it, `points` are the last months, `version` is a number, and `since` says what a later
        version says otherwise. None for one whose version doesn't hold it. Two queries at most."""

    def published_versions(self, area: PartnershipArea) -> list[Version]:
        """Every published version of every month, the newest month first, and of a month the newest version. One
        query."""

    def newer_than(self, meeting: Meeting) -> Version | None:
        """The newest published version of the newest month that is over by a meeting's day; none for a meeting that
        looks at no month, or where that is what it looks at. One query."""

    def standing_out(self, meeting: Meeting) -> Mapping[str, Sequence[str]]:
        """What stands out in the version that lies before a meeting, by the indicator's code, in the order of the
        month's page: a sentence for the whole and for each category. Of a board's meeting only its own indicators."""


_provided: list[Figures] = []


def provide(figures: Figures) -> None:
    _provided[:] = [figures]


def month_figures() -> Figures:
    """Raises LookupError where nobody provided them: the app that keeps the months isn't installed."""
    if not _provided:
        raise LookupError("Nobody answers for the months’ figures: see actions.month_figures.")
    return _provided[0]
