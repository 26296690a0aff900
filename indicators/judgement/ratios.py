"""How is each month of a series of monthly rates or shares judged? Pure.

By the rules of counts, on the scale of each (docs/judgement.md). A ratio is a fraction here: per one, and not rounded.
"""

from collections.abc import Iterable, Iterator, Sequence

from indicators.judgement.judge import TOO_EARLY, Entry, judge_continuations_on, judge_on
from indicators.judgement.scales import RATES, SHARES, Scale
from indicators.judgement.tokens import Counted
from indicators.ratios import RATIO_KINDS, RatioKind

type Numbers = Sequence[int | None]

SCALES: dict[RatioKind, Scale] = {
    kind: SHARES if RATIO_KINDS[kind].is_part else RATES for kind in RatioKind if RATIO_KINDS[kind].shows_chance
}


def judge_ratio(
    numerators: Numbers,
    denominators: Numbers,
    *,
    kind: RatioKind,
    counted: Counted = Counted.FLOW,
    starts: Sequence[int] = (),
    shown_from: int = 0,
) -> list[Entry]:
    """Judge a series of shares or rates, oldest first; the arguments are those of `judge`. Everything in an entry that
    is a count there is a ratio here.

    A month without a numerator has no signal. One without a denominator, or with 0, has no entry either, and nor has
    one that is more than the whole of a share.
    """
    values, of = _read(numerators, denominators, kind)
    entries = judge_on(SCALES[kind], values, of, counted=counted, starts=starts, shown_from=shown_from)
    return list(_ratios(entries, values, of, first=shown_from))


def judge_continuations_of_ratio(
    numerators: Numbers,
    denominators: Numbers,
    continuations: Iterable[tuple[Numbers, Numbers]],
    *,
    kind: RatioKind,
    counted: Counted = Counted.FLOW,
    starts: Sequence[int] = (),
) -> Iterator[Iterator[Entry]]:
    """Return the same for a series that might go on in several ways: see `judge_continuations`. Entries have counts."""
    values, of = _read(numerators, denominators, kind)
    more = (_read(numerators, denominators, kind) for numerators, denominators in continuations)
    return judge_continuations_on(SCALES[kind], values, of, more, counted=counted, starts=starts)


def _read(numerators: Numbers, denominators: Numbers, kind: RatioKind) -> tuple[list[int | None], list[float]]:
    values: list[int | None] = []
    of: list[float] = []
    for value, whole in zip(numerators, denominators, strict=True):
        is_ratio = whole is not None and whole > 0 and not (RATIO_KINDS[kind].is_part and (value or 0) > whole)
        values.append(value if is_ratio else None)
        of.append(float(whole or 0) if is_ratio else 0.0)
    return values, of


def _ratios(entries: Iterable[Entry], values: Numbers, of: Sequence[float], *, first: int) -> Iterator[Entry]:
    for month, entry in enumerate(entries, first):
        if entry.usual is None or entry.lower is None or entry.upper is None:
            yield TOO_EARLY
            continue
        whole = of[month]
        counted, due = entry.sum, entry.due
        if entry.window is not None and counted is not None and due is not None:
            window = range(month + 1 - entry.window, month + 1)
            in_window = sum(of[at] for at in window if values[at] is not None)
            counted, due = counted / in_window, due / in_window
        usual, lower, upper = entry.usual / whole, entry.lower / whole, entry.upper / whole
        yield entry._replace(sum=counted, due=due, usual=usual, lower=lower, upper=upper)
