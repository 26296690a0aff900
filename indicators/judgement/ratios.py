"""What does a series of monthly rates or shares say of each of its months? Pure."""

from collections.abc import Sequence

from indicators.judgement.judge import TOO_EARLY, Entry
from indicators.judgement.tokens import Counted
from indicators.ratios import RatioKind


def judge_ratio(
    numerators: Sequence[int | None],
    denominators: Sequence[int | None],
    *,
    kind: RatioKind,
    counted: Counted = Counted.FLOW,
    starts: Sequence[int] = (),
    shown_from: int = 0,
) -> list[Entry]:
    """Judge a series of shares or rates, oldest first. The arguments are those of `judge`."""
    return [TOO_EARLY] * (len(numerators) - shown_from)
