"""What the people of a region decide about, and what they have decided."""

from collections.abc import Iterable
from dataclasses import dataclass

from core.calendar import Month
from indicators.workflow import EditionState
from reporting.models import RegionEdition
from reporting.public.region_selectors import MonthState
from reporting.public.totals import Prepared


@dataclass(frozen=True, slots=True)
class EditionRow:
    month: Month
    areas: str
    public: str
    waiting: str


def list_rows(states: Iterable[MonthState]) -> list[EditionRow]:
    return [
        EditionRow(
            month=state.month,
            areas=f"{state.areas} of {state.consents}",
            public=describe_public(state),
            waiting=describe_waiting(state),
        )
        for state in states
    ]


def describe_public(state: MonthState) -> str:
    if not state.number:
        return "Not public"
    return f"Edition {state.number}, down" if state.is_down else f"Edition {state.number}"


def describe_waiting(state: MonthState) -> str:
    match state.waiting:
        case EditionState.ASKED:
            return "Waiting for approval"
        case EditionState.AGREED:
            return "Waiting for a director"
        case _:
            return ""


def describe_who(edition: RegionEdition) -> str:
    """Name the people who made an edition public. Nobody asked for one that was prepared."""
    start = f"{edition.asked_by} asked for it" if edition.asked_by else "We prepared it"
    if edition.agreed_by == edition.published_by:
        return f"{start}. {edition.agreed_by} approved it and made it public."
    return f"{start}. {edition.agreed_by} approved it, and {edition.published_by} made it public."


@dataclass(frozen=True, slots=True)
class Refusal:
    """The words for ending an edition that waits."""

    label: str
    button: str


def word_refusal(edition: RegionEdition, *, is_own: bool) -> Refusal:
    if is_own:
        return Refusal("Why you withdraw it", "Withdraw my request")
    agreed = edition.state == EditionState.AGREED
    return Refusal("Why it can’t be made public like this", "Take back the approval" if agreed else "Decline")


def count_settled(prepared: Prepared) -> int:
    """Return how many withheld counts the edition would decide about."""
    return sum(len(total.gaps) for total in prepared.totals if total.outcome.settles)
