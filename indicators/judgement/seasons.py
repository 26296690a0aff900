"""Which months of the year differ from others by more than chance? (docs/judgement.md, R10)"""

from collections.abc import Collection, Mapping, Sequence
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
    values, of, sums, sums_of = entered.values, entered.of, entered.sums, entered.sums_of
    got, due, whole, times = [0.0] * MONTHS, [0.0] * MONTHS, [0.0] * MONTHS, [0] * MONTHS
    known: list[int] = []
    near = {place for start in starts if start for place in range(start - HALF, start + HALF)}
    for place in range(max(HALF, month - LOOKED_AT), month - HALF):
        first, end = place - HALF, place + HALF + 1
        if figures[end] - figures[first] <= MONTHS:  # one of the 13 has none
            continue
        known.append(place)
        if place in near:
            continue
        calendar = place % MONTHS
        # the centred mean of 2 × 12 months
        counted = sums[end] - sums[first] - ((values[first] or 0) + (values[end - 1] or 0)) / 2
        mean = counted / (sums_of[end] - sums_of[first] - (of[first] + of[end - 1]) / 2)
        got[calendar] += values[place] or 0
        due[calendar] += mean * of[place]
        whole[calendar] += of[place]
        times[calendar] += 1
    if min(times) < LEAST:
        return none
    seasons = scale.find_seasons(got, due, whole)
    if seasons is None:
        return none
    roots = {at: scale.take_out(values[at] or 0, of[at], seasons[at % MONTHS])[2] for at in known}
    width = _width(roots, entered.gaps, each=sum(times) / MONTHS)
    sure = scale.sure(got, due, whole) / (4 * width * width)
    if sure <= SURE:
        return none
    return scale.settle(seasons, 1 - (MONTHS - 1) / sure)  # drawn in by what chance may have done


def _width(roots: Mapping[int, float], gaps: Sequence[float], *, each: float) -> float:
    """Return how much roots vary from month to month without their season. `each` is how often each calendar month is
    in the seasons: the fewer, the more seasons follow single figures."""
    moves = [abs(root - before) * gaps[at] for at, root in roots.items() if (before := roots.get(at - 1)) is not None]
    return max(CHANCE, sum(moves) / len(moves) / TO_WIDTH * sqrt(each / (each - 1))) if moves else CHANCE
