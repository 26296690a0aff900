"""Why can a change not be worked out? A sentence for each reason."""

from enum import StrEnum


class Cut(StrEnum):
    """Where the months that can be compared start or end."""

    EDGE = "edge"
    GAP = "gap"
    START = "start"


class Refusal(ValueError):
    """Its text is a sentence for the reader."""


def event_outside(months: int) -> Refusal:
    return Refusal(f"The event lies outside the series, which has {count_months(months)}.")


def too_few(side: str, *, found: int, needed: int, cut: Cut) -> Refusal:
    sentence = f"There are too few months {side} the event: {found}, but {needed} are needed."
    return Refusal(f"{sentence}{_CUT[cut][side]}")


_CUT = {
    Cut.EDGE: {"before": "", "after": ""},
    Cut.GAP: {
        "before": " They are counted from the last month without a figure.",
        "after": " They end at the first month without a figure.",
    },
    Cut.START: {
        "before": " They are counted from the last change of definition or recording.",
        "after": " They end at the next change of definition or recording.",
    },
}


def started_with_event() -> Refusal:
    return Refusal("The definition or recording changed in the month of the event, so nothing can be compared.")


def not_estimated(whose: str) -> Refusal:
    return Refusal(
        f"The change cannot be estimated: {whose} have no count on one side of the event, or too few to compare."
    )


def too_few_dates(found: int, needed: int) -> Refusal:
    return Refusal(f"Counts are too small: a change can be estimated at {found} other dates, but {needed} are needed.")


def count_months(number: int) -> str:
    return "1 month" if number == 1 else f"{number} months"
