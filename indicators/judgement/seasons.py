"""Which months of the year differ from others by more than chance? (docs/judgement.md, R10)"""

from collections.abc import Collection, Sequence
from math import sqrt

from indicators.judgement.scales import CHANCE, Scale
from indicators.judgement.sums import TO_WIDTH, Entered

MONTHS = 12
FROM = 36  # months, before seasons are looked for
LOOKED_AT, HALF = 54, 6  # months back; half a year on each side of a month whose mean is taken
LEAST = 2  # of each calendar month
SURE = 30.0  # chi-square with 11 degrees of freedom: 1 in 600 by chance


def find_seasons(
    entered: Entered, scale: Scale, figures: Sequence[int], month: int, starts: Collection[int]
) -> list[float]:
    """Return the season of each calendar month, from that of the series' first month on. It is a factor of counts and
    rates, and is added to the root of shares. Without a season in the months before `month`, it changes nothing.

    `figures` says how many of the months before each one have a figure. `starts` are the months in which a level
    starts: around those a change would be taken for a season.
    """
    none = [scale.no_season] * MONTHS
    values, of, dues = entered.values, entered.of, entered.dues
    first = max(HALF, month - LOOKED_AT)
    for place in range(max(first, len(dues)), month - HALF):
        dues += [None] * (place - len(dues))
        dues.append(_find_due(entered, figures, place))
    near = {place for start in starts if start for place in range(start - HALF, start + HALF)}
    got, due, whole, times = [0.0] * MONTHS, [0.0] * MONTHS, [0.0] * MONTHS, [0] * MONTHS
    for start in range(first, first + MONTHS):
        calendar = start % MONTHS
        for place in range(start, month - HALF, MONTHS):
            expected = dues[place]
            if expected is not None and place not in near:
                got[calendar] += values[place] or 0
                due[calendar] += expected
                whole[calendar] += of[place]
                times[calendar] += 1
    if min(times) < LEAST:
        return none
    seasons = scale.find_seasons(got, due, whole)
    if seasons is None:
        return none
    sure = scale.sure(got, due, whole)
    if sure <= SURE:  # nor for any width: it is CHANCE, which is 0.5, at least
        return none
    known = [place for place in range(first, month - HALF) if dues[place] is not None]
    roots = scale.roots((values[at] or 0, of[at], seasons[at % MONTHS]) for at in known)
    width = _width(known, roots, entered.gaps, each=sum(times) / MONTHS)
    sure /= 4 * width * width
    if sure <= SURE:
        return none
    return scale.settle(seasons, 1 - (MONTHS - 1) / sure)  # drawn in by what chance may have done


def _find_due(entered: Entered, figures: Sequence[int], place: int) -> float | None:
    """Return what a month's own year makes due in it: the centred mean of 2 × 12 months, times what it is of. None if
    one of these 13 months has no figure. It is found once: the years that are looked at overlap."""
    values, of, first, end = entered.values, entered.of, place - HALF, place + HALF + 1
    if figures[end] - figures[first] <= MONTHS:
        return None
    counted = entered.sums[end] - entered.sums[first] - ((values[first] or 0) + (values[end - 1] or 0)) / 2
    mean = counted / (entered.sums_of[end] - entered.sums_of[first] - (of[first] + of[end - 1]) / 2)
    return mean * of[place]


def _width(known: Sequence[int], roots: Sequence[float], gaps: Sequence[float], *, each: float) -> float:
    """Return how much the roots of the `known` months vary from month to month without their season. `each` is how
    often each calendar month is in the seasons: the fewer, the more seasons follow single figures."""
    pairs = zip(known, roots, known[1:], roots[1:], strict=False)
    moves = [abs(root - before) * gaps[at] for last, before, at, root in pairs if last == at - 1]
    return max(CHANCE, sum(moves) / len(moves) / TO_WIDTH * sqrt(each / (each - 1))) if moves else CHANCE
