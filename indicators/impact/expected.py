"""Did the expected change happen? Judged by the range of the change, never by the change alone. Pure."""

from core.labels import Labelled
from indicators.impact.claim import Change


class Came(Labelled):
    AS_EXPECTED = "as-expected", "As expected"
    LESS = "less", "Less than expected"
    MORE = "more", "More than expected"
    NOT_TOLD = "not-told", "Not clear"
    TOO_EARLY = "too-early", "Too early to check"


def judge_expected(expected: int, change: Change | None, *, is_claimed: bool, is_due: bool) -> Came:
    """`expected` is in per cent: −20 is a fall of 20 %. `change` is the estimated change, None without one. It
    `is_claimed` where it is larger than changes at other dates. `is_due` once the expected month has arrived.

    A range between none and the expected change means less than expected, and so does one in the other direction. A
    range with the expected change in it means as expected only if the change is claimed: otherwise none may also be in
    it. Its ends are compared as readers see them, in whole per cent.
    """
    if not is_due:
        return Came.TOO_EARLY
    if change is None:
        return Came.NOT_TOLD
    lower, upper = round(change.lower * 100), round(change.upper * 100)
    # Treat both directions as a rise.
    nearest, farthest = (lower, upper) if expected > 0 else (-upper, -lower)
    if farthest < abs(expected):
        return Came.LESS
    if not is_claimed:
        return Came.NOT_TOLD
    return Came.MORE if nearest > abs(expected) else Came.AS_EXPECTED
