"""What do the people of a region decide about, and what have they decided?"""

from collections.abc import Iterable
from dataclasses import dataclass

from core.months import Month
from indicators.workflow import EditionState
from reporting.region_public.editions import Prepared
from reporting.region_public.selectors import MonthState


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


def count_settled(prepared: Prepared) -> int:
    """Return how many withheld counts the edition would decide about."""
    return sum(len(total.gaps) for total in prepared.totals if total.outcome.settles)
