"""Works out, before a KPI is set, how likely a town's figures are to show the hoped-for change. Pure.

There are two chances for a lasting change that starts after the history's newest month. One is that the monthly
judgement makes it stand out. The other is that a planned comparison with the baseline shows it. The method is
docs/kpis.md.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from math import asin, exp, lgamma, log, log1p, sqrt
from statistics import NormalDist, mean, variance

from core.labels import Labelled
from indicators.judgement.judge import Counted, judge, judge_ratio
from indicators.judgement.scales import BASE, LEAST
from indicators.kpis.aims import show_amount
from indicators.kpis.towns import find_chances, find_chances_of_ratio
from indicators.ratios import RATIO_KINDS, RatioKind


def find_spread(values: Sequence[int | None]) -> float:
    """Return how many times more than by chance the counts of the present level vary; 1 at least."""
    level = list_level(values)
    return max(1.0, variance(level) / mean(level)) if len(level) >= LEAST and any(level) else 1.0


def list_level(values: Sequence[int | None]) -> list[int]:
    """List the newest figures of its level, 36 months at most."""
    since = judge(values)[-1].since if values else None
    return [value for value in values[max(since or 0, len(values) - BASE) :] if value is not None]


def list_level_of_ratio(
    values: Sequence[int | None], of: Sequence[int | None], kind: RatioKind
) -> list[tuple[int, int]]:
    """List the same for a rate or share: each month's cases, and what they are of."""
    entries = judge_ratio(values, of, kind=kind)
    since = next((entry.since for entry in reversed(entries) if entry.since is not None), 0)
    places = range(max(since, len(values) - BASE), len(values))
    return [
        (cases, whole) for place in places if (cases := values[place]) is not None and (whole := of[place] or 0) > 0
    ]


def find_spread_of_ratio(pairs: Sequence[tuple[int, int]], kind: RatioKind) -> float:
    """Return how many times more than by chance the months' rates or shares vary; 1 at least."""
    ratio = sum(cases for cases, _ in pairs) / sum(of for _, of in pairs) if pairs else 0.0
    by_chance = ratio * (1 - ratio) if RATIO_KINDS[kind].is_part else ratio
    if len(pairs) < LEAST or by_chance <= 0:
        return 1.0
    squares = sum((cases - of * ratio) ** 2 / of for cases, of in pairs)
    return max(1.0, squares / by_chance / (len(pairs) - 1))


# A planned comparison is an exact test of two counts, and one binomial sum. Nothing is simulated (docs/kpis.md, P1 to
# P4).

OUTSIDE = 0.025  # on each side of a 95 % range
NEGLIGIBLE = 1e-12


def planned_chance(counted: int, months: int, *, change: float, after: int, spread: float = 1.0) -> float:
    """Return how likely it is that so many months `after` a change differ from a baseline, on the change's side.

    The baseline has so many cases `counted` in so many `months`. Cases vary by `spread` times chance: they come in
    clumps of so many, and it is the clumps that are compared (P3).
    """
    clumps = round(counted / spread)
    if not clumps or not change:
        return 0.0
    steady = after / (after + months)  # the share of all cases that are after, if nothing changes
    changed = after * (1 + change) / (after * (1 + change) + months)
    if change < 0:
        most = most_told_as_fall(clumps, steady)
        return binomial_up_to(most, most + clumps, changed)
    least = least_told_as_rise(clumps, steady)
    return 1 - binomial_up_to(least - 1, least - 1 + clumps, changed)


def most_told_as_fall(baseline: int, share: float) -> int:
    """Return the greatest later count that the test shows as fewer than the baseline's (P1); -1 where not even 0 is."""
    # Between a count that may be told and one that can't be: as many as are due.
    fall, no_fall = -1, int(baseline * share / (1 - share)) + 1
    while no_fall - fall > 1:
        middle = (fall + no_fall) // 2
        if binomial_up_to(middle, middle + baseline, share) <= OUTSIDE:
            fall = middle
        else:
            no_fall = middle
    return fall


def least_told_as_rise(baseline: int, share: float) -> int:
    """Return the least later count that the test shows as more than the baseline's (P1)."""
    no_rise = int(baseline * share / (1 - share))
    # Go up until it is told, since there is no greatest count to start from.
    rise = 2 * no_rise + 8
    while not _is_rise(rise, baseline, share):
        rise *= 2
    while rise - no_rise > 1:
        middle = (rise + no_rise) // 2
        if _is_rise(middle, baseline, share):
            rise = middle
        else:
            no_rise = middle
    return rise


def _is_rise(after: int, baseline: int, share: float) -> bool:
    return 1 - binomial_up_to(after - 1, after + baseline, share) <= OUTSIDE


def binomial_up_to(most: int, of: int, share: float) -> float:
    """Return the chance of `most` or fewer out of so many, each of which is one by `share`."""
    if most < 0:
        return 0.0
    if most >= of:
        return 1.0
    if most > of * share:  # the other side is the shorter sum
        return 1 - binomial_up_to(of - most - 1, of, 1 - share)
    if share >= 1:
        return 0.0
    # In logarithms, because powers and factorials of hundreds overflow a float.
    chance = exp(
        lgamma(of + 1) - lgamma(most + 1) - lgamma(of - most + 1) + most * log(share) + (of - most) * log1p(-share)
    )
    total, odds = 0.0, (1 - share) / share
    for counted in range(most, -1, -1):
        total += chance
        chance *= odds * counted / (of - counted + 1)
        # Terms shrink from the middle outwards, so the others add nothing.
        if chance < NEGLIGIBLE * total:
            break
    return min(1.0, total)


def planned_chance_of_share(pairs: Sequence[tuple[int, int]], *, change: float, after: int) -> float:
    """Do the same for a share. Each month of the baseline has cases, and what they are of. Both counts change the
    share's arcsine root, whose variance is a quarter of 1 over what it is of (P4)."""
    cases, of = sum(part for part, _ in pairs), sum(whole for _, whole in pairs)
    share = cases / of
    then = min(1.0, share * (1 + change))
    off = abs(asin(sqrt(then)) - asin(sqrt(share)))
    width = sqrt(find_spread_of_ratio(pairs, RatioKind.SHARE) * (1 / of + len(pairs) / (of * after))) / 2
    return NormalDist().cdf(off / width - NormalDist().inv_cdf(1 - OUTSIDE)) if off else 0.0


YEAR = 12
WITHIN = (YEAR, 2 * YEAR)  # months, of both chances
BASELINE = 24  # months, where none is named
LONGEST = 5  # years after which a comparison is offered
ENOUGH = 0.8  # a chance that is called enough
GAIN = 0.05  # by which an offer must be better: as much as a simulation may be off
LARGEST = 10.0  # a rise to eleven times
SEED = 17
NO_CASES = "The baseline has no cases, so nothing can be worked out from it."


class CannotSay(ValueError):
    """Raised where no chances can be worked out. Its text is a sentence for the user."""


class OfferKind(Labelled):
    """The kinds of change that would be easier to see."""

    LONGER = "longer", "A longer span"
    BASELINE = "baseline", "A longer baseline"
    LARGER = "larger", "A larger change"
    SUM = "sum", "A sum of several indicators"
    OTHER = "other", "Another indicator"


@dataclass(frozen=True, slots=True)
class Offer:
    """Something that would be easier to see, in a sentence. `chance` is that of its planned comparison."""

    kind: OfferKind
    chance: float
    sentence: str


@dataclass(frozen=True, slots=True)
class Other:
    """Another indicator: its history, and where it is a share what each month's cases are of."""

    values: Sequence[int | None]
    of: Sequence[int | None] | None = None


@dataclass(frozen=True, slots=True)
class Chances:
    """`stands_out` and `chances` have a chance for each span in months: by the monthly judgement, and by comparison.
    `level` is a month's count, or the share or rate as a fraction; `level_named` says it."""

    change: float
    level: float
    level_named: str
    stands_out: dict[int, float]
    chances: dict[int, float]
    offers: tuple[Offer, ...] = ()

    @property
    def is_enough(self) -> bool:
        """Return whether a comparison after at most two years would be likely to show the change."""
        return max(self.chances.values()) >= ENOUGH

    @property
    def sentence(self) -> str:
        first, second = WITHIN
        return (
            f"{_a_change(self.change)} from {self.level_named} would stand out within {first} months in "
            f"{of_100(self.stands_out[first])} of 100 towns like this, and within {second} months in "
            f"{of_100(self.stands_out[second])}. A comparison would show it after one year in "
            f"{of_100(self.chances[first])} of 100 towns, and after two years in {of_100(self.chances[second])}."
        )


@dataclass(frozen=True, slots=True)
class _Baseline:
    counted: int
    months: int
    spread: float

    largest = LARGEST  # rise

    def chance(self, change: float, after: int) -> float:
        return planned_chance(self.counted, self.months, change=change, after=after, spread=self.spread)


@dataclass(frozen=True, slots=True)
class _ShareBaseline:
    pairs: Sequence[tuple[int, int]]  # each month's cases, and what they are of

    @property
    def share(self) -> float:
        return _mean_ratio(self.pairs)

    @property
    def largest(self) -> float:
        return 1 / self.share - 1

    def chance(self, change: float, after: int) -> float:
        return planned_chance_of_share(self.pairs, change=change, after=after)


def could_see(
    history: Sequence[int | None],
    *,
    change: float,
    baseline: range | None = None,
    counted: Counted = Counted.FLOW,
    sums: Mapping[str, Sequence[Sequence[int | None]]] | None = None,
    others: Mapping[str, Other] | None = None,
) -> Chances:
    """Work out how likely a lasting `change` (−0.3 is a fall of 30 %) is to be seen, if it starts after the newest
    month of a history.

    `baseline` has the places of its months, the newest 24 where none is named. By name, `sums` are series that could be
    added up, and `others` indicators that could be looked at instead. Raises CannotSay.
    """
    _check_flow(counted)
    _check_change(change)
    base = _take_baseline(history, baseline)
    level = base.counted / base.months
    stands_out = find_chances(
        history,
        level=level,
        known_by=base.months,
        spread=base.spread,
        change=change,
        within=WITHIN,
        seed=SEED,
    )
    chances = {span: base.chance(change, span) for span in WITHIN}
    offers = [
        *_list_longer(base, change, chances),
        *_list_longer_baseline(history, base, change, chances),
        *_list_larger(base, change, chances),
        *_list_others(sums or {}, others or {}, change, chances),
    ]
    return Chances(
        change=change,
        level=level,
        level_named=f"{show_amount(level)} a month",
        stands_out=stands_out,
        chances=chances,
        offers=tuple(offers),
    )


def could_see_in_share(
    values: Sequence[int | None],
    of: Sequence[int | None],
    *,
    change: float,
    baseline: range | None = None,
    counted: Counted = Counted.FLOW,
) -> Chances:
    """Do the same for a share: each month's cases, and what they are of. `change` is one of the share itself: 0.5 leads
    from 40 % to 60 %. Raises CannotSay."""
    _check_flow(counted)
    base = _take_share_baseline(Other(values, of), baseline)
    if change < -1 or not change:
        raise CannotSay("Enter a change of −100 % or more, but not 0.")
    if change > base.largest:
        raise CannotSay(f"A share of {show_amount(base.share * 100)} % can’t rise by that much: the most is 100 %.")
    named = f"{show_amount(base.share * 100)} %"
    return _could_see_in_ratio(values, of, RatioKind.SHARE, base, named, base.pairs, change=change)


def could_see_in_rate(
    values: Sequence[int | None],
    of: Sequence[int | None],
    *,
    change: float,
    per: int,
    baseline: range | None = None,
    counted: Counted = Counted.FLOW,
) -> Chances:
    """Do the same for a rate `per` so many: each month's cases, and what they are of. Raises CannotSay."""
    _check_flow(counted)
    _check_change(change)
    pairs = _take_pairs(values, of, baseline)
    spread = find_spread_of_ratio(list_level_of_ratio(values, of, RatioKind.RATE), RatioKind.RATE)
    base = _Baseline(sum(cases for cases, _ in pairs), len(pairs), spread)
    named = f"{show_amount(_mean_ratio(pairs) * per)} per {per:,} a month"
    return _could_see_in_ratio(values, of, RatioKind.RATE, base, named, pairs, change=change)


def _could_see_in_ratio(
    values: Sequence[int | None],
    of: Sequence[int | None],
    kind: RatioKind,
    base: "_Baseline | _ShareBaseline",
    level_named: str,
    pairs: Sequence[tuple[int, int]],
    *,
    change: float,
) -> Chances:
    level = _mean_ratio(pairs)
    stands_out = find_chances_of_ratio(
        values,
        of,
        kind=kind,
        level=level,
        whole=round(sum(whole for _, whole in pairs) / len(pairs)),
        known_by=len(pairs),
        spread=find_spread_of_ratio(list_level_of_ratio(values, of, kind), kind),
        change=change,
        within=WITHIN,
        seed=SEED,
    )
    chances = {span: base.chance(change, span) for span in WITHIN}
    return Chances(
        change=change,
        level=level,
        level_named=level_named,
        stands_out=stands_out,
        chances=chances,
        offers=(*_list_longer(base, change, chances), *_list_larger(base, change, chances)),
    )


def _mean_ratio(pairs: Sequence[tuple[int, int]]) -> float:
    return sum(cases for cases, _ in pairs) / sum(whole for _, whole in pairs)


def _check_flow(counted: Counted) -> None:
    if counted is Counted.STOCK:
        raise CannotSay("We can’t work this out for a count on a day: most of it was there the month before.")


def _check_change(change: float) -> None:
    if not -1 <= change <= LARGEST or not change:
        raise CannotSay("Enter a change from −100 % to +1,000 %, but not 0.")


def add_up(series: Sequence[Sequence[int | None]]) -> list[int | None]:
    """Return the sum of series that end with the same month; None for a month in which one of them has no figure."""
    months = min(len(values) for values in series)
    return [
        None if None in row else sum(value or 0 for value in row)
        for row in zip(*(values[len(values) - months :] for values in series), strict=True)
    ]


def of_100(chance: float) -> str:
    """Return how many of 100. It is never none or all: nothing is that certain."""
    if chance < 0.005:
        return "fewer than 1"
    if chance >= 0.995:
        return "more than 99"
    return str(round(100 * chance))


def _take_baseline(history: Sequence[int | None], places: range | None = None) -> _Baseline:
    places = places if places is not None else range(max(0, len(history) - BASELINE), len(history))
    figures = [value for place in places if (value := history[place]) is not None]
    if len(figures) < LEAST:
        raise CannotSay(f"A baseline needs {LEAST} months with a figure; this one has {len(figures)}.")
    if not any(figures):
        raise CannotSay(NO_CASES)
    return _Baseline(sum(figures), len(figures), find_spread(history))


def _take_share_baseline(share: Other, places: range | None = None) -> _ShareBaseline:
    pairs = _take_pairs(share.values, share.of or (), places)
    if any(cases > whole for cases, whole in pairs):
        raise CannotSay("In a share, no month can have more cases than the count they are out of.")
    return _ShareBaseline(pairs)


def _take_pairs(
    values: Sequence[int | None], of: Sequence[int | None], places: range | None = None
) -> list[tuple[int, int]]:
    places = places if places is not None else range(max(0, len(values) - BASELINE), len(values))
    pairs = [
        (cases, whole) for place in places if (cases := values[place]) is not None and (whole := of[place] or 0) > 0
    ]
    if len(pairs) < LEAST:
        raise CannotSay(f"A baseline needs {LEAST} months with a figure; this one has {len(pairs)}.")
    if not any(cases for cases, _ in pairs):
        raise CannotSay(NO_CASES)
    return pairs


# --- What would be seen better


def _list_longer(base: _Baseline | _ShareBaseline, change: float, chances: Mapping[int, float]) -> Iterator[Offer]:
    """Yield the first comparison with enough chance, or the last one if it is better."""
    if max(chances.values()) >= ENOUGH:
        return
    later = {years: base.chance(change, years * YEAR) for years in range(3, LONGEST + 1)}
    years = next((years for years, chance in later.items() if chance >= ENOUGH), LONGEST)
    if later[years] >= max(chances.values()) + GAIN:
        sentence = f"A comparison after {_NUMBERS[years]} years would show it in {of_100(later[years])} of 100 towns."
        yield Offer(OfferKind.LONGER, later[years], sentence)


def _list_longer_baseline(
    history: Sequence[int | None], base: _Baseline, change: float, chances: Mapping[int, float]
) -> Iterator[Offer]:
    """Yield a baseline of all months of the present level. With months of another level, the difference would look like
    a change."""
    months = len(list_level(history))
    longer = _Baseline(round(base.counted / base.months * months), months, base.spread)
    chance = longer.chance(change, YEAR)
    if months > base.months and chance >= chances[YEAR] + GAIN:
        sentence = (
            f"With a baseline of {months} months, a comparison after one year would show it in "
            f"{of_100(chance)} of 100 towns."
        )
        yield Offer(OfferKind.BASELINE, chance, sentence)


def _list_larger(base: _Baseline | _ShareBaseline, change: float, chances: Mapping[int, float]) -> Iterator[Offer]:
    """Yield the smallest change, in whole per cent, that a comparison after one year is likely enough to show."""
    if chances[YEAR] >= ENOUGH:
        return
    sign, most = (-1, 100) if change < 0 else (1, int(100 * base.largest))
    # From the smallest change up: the first with enough chance is offered.
    for percent in range(round(abs(change) * 100) + 1, most + 1):
        larger = sign * percent / 100
        chance = base.chance(larger, YEAR)
        if chance >= ENOUGH:
            sentence = f"{_a_change(larger)} would show after one year in {of_100(chance)} of 100 towns."
            yield Offer(OfferKind.LARGER, chance, sentence)
            return


def _list_others(
    sums: Mapping[str, Sequence[Sequence[int | None]]],
    others: Mapping[str, Other],
    change: float,
    chances: Mapping[int, float],
) -> list[Offer]:
    """List sums and other indicators that show the same change better, best first."""
    candidates = [(OfferKind.SUM, name, Other(add_up(series))) for name, series in sums.items()]
    candidates += [(OfferKind.OTHER, name, other) for name, other in others.items()]
    offers = []
    for kind, name, other in candidates:
        try:
            chance = _find_chance(other, change)
        except CannotSay:  # no chance for this one, so don't offer it
            continue
        if chance >= chances[YEAR] + GAIN:
            sentence = (
                f"{name}: {_a_change(change).lower()} would show after one year in {of_100(chance)} of 100 towns."
            )
            offers.append(Offer(kind, chance, sentence))
    return sorted(offers, key=lambda offer: -offer.chance)


def _find_chance(other: Other, change: float) -> float:
    if other.of is None:
        return _take_baseline(other.values).chance(change, YEAR)
    return _take_share_baseline(other).chance(change, YEAR)


# --- Words

_NUMBERS = {3: "three", 4: "four", 5: "five"}


def _a_change(change: float) -> str:
    return f"A {'fall' if change < 0 else 'rise'} of {show_amount(abs(change) * 100)} %"
