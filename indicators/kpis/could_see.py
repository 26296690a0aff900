"""Could this town see it? Before a KPI is set, how likely are its figures to show the hoped-for change? Pure.

There are two chances for a lasting change that starts after the history's newest month. One is that the monthly
judgement makes it stand out. The other is that a planned comparison with the baseline shows it. The method is
docs/kpis.md.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from core.labels import Labelled
from indicators.judgement.sums import LEAST
from indicators.judgement.tokens import Counted
from indicators.kpis.aims import show_amount
from indicators.kpis.planned import planned_chance, planned_chance_of_share
from indicators.kpis.spread import (
    find_spread,
    find_spread_of_ratio,
    list_level,
    list_level_of_ratio,
)
from indicators.kpis.towns import find_chances, find_chances_of_ratio
from indicators.ratios import RatioKind

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
    """`stands_out` and `told` have a chance for each span in months: by the monthly judgement, and by comparison.
    `level` is a month's count, or the share or rate as a fraction; `level_named` says it."""

    change: float
    level: float
    level_named: str
    stands_out: dict[int, float]
    told: dict[int, float]
    offers: tuple[Offer, ...] = ()

    @property
    def is_enough(self) -> bool:
        """Return whether a comparison after at most two years would be likely to show the change."""
        return max(self.told.values()) >= ENOUGH

    @property
    def sentence(self) -> str:
        first, second = WITHIN
        return (
            f"{_a_change(self.change)} from {self.level_named} would stand out within {first} months in "
            f"{of_100(self.stands_out[first])} of 100 towns like this, and within {second} months in "
            f"{of_100(self.stands_out[second])}. A comparison would show it after one year in "
            f"{of_100(self.told[first])} of 100 towns, and after two years in {of_100(self.told[second])}."
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
    seed: int = SEED,
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
        seed=seed,
    )
    told = {span: base.chance(change, span) for span in WITHIN}
    offers = [
        *_list_longer(base, change, told),
        *_list_longer_baseline(history, base, change, told),
        *_list_larger(base, change, told),
        *_list_others(sums or {}, others or {}, change, told),
    ]
    return Chances(
        change=change,
        level=level,
        level_named=f"{show_amount(level)} a month",
        stands_out=stands_out,
        told=told,
        offers=tuple(offers),
    )


def could_see_in_share(
    values: Sequence[int | None],
    of: Sequence[int | None],
    *,
    change: float,
    baseline: range | None = None,
    counted: Counted = Counted.FLOW,
    seed: int = SEED,
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
    return _could_see_in_ratio(values, of, RatioKind.SHARE, base, named, base.pairs, change=change, seed=seed)


def could_see_in_rate(
    values: Sequence[int | None],
    of: Sequence[int | None],
    *,
    change: float,
    per: int,
    baseline: range | None = None,
    counted: Counted = Counted.FLOW,
    seed: int = SEED,
) -> Chances:
    """Do the same for a rate `per` so many: each month's cases, and what they are of. Raises CannotSay."""
    _check_flow(counted)
    _check_change(change)
    pairs = _take_pairs(values, of, baseline)
    spread = find_spread_of_ratio(list_level_of_ratio(values, of, RatioKind.RATE), RatioKind.RATE)
    base = _Baseline(sum(cases for cases, _ in pairs), len(pairs), spread)
    named = f"{show_amount(_mean_ratio(pairs) * per)} per {per:,} a month"
    return _could_see_in_ratio(values, of, RatioKind.RATE, base, named, pairs, change=change, seed=seed)


def _could_see_in_ratio(
    values: Sequence[int | None],
    of: Sequence[int | None],
    kind: RatioKind,
    base: "_Baseline | _ShareBaseline",
    level_named: str,
    pairs: Sequence[tuple[int, int]],
    *,
    change: float,
    seed: int,
) -> Chances:
    level = _mean_ratio(pairs)
    stands_out = find_chances_of_ratio(
        values,
        of,
        kind=kind,
        level=level,
        whole=round(sum(each for _, each in pairs) / len(pairs)),
        known_by=len(pairs),
        spread=find_spread_of_ratio(list_level_of_ratio(values, of, kind), kind),
        change=change,
        within=WITHIN,
        seed=seed,
    )
    told = {span: base.chance(change, span) for span in WITHIN}
    return Chances(
        change=change,
        level=level,
        level_named=level_named,
        stands_out=stands_out,
        told=told,
        offers=(*_list_longer(base, change, told), *_list_larger(base, change, told)),
    )


def _mean_ratio(pairs: Sequence[tuple[int, int]]) -> float:
    return sum(cases for cases, _ in pairs) / sum(each for _, each in pairs)


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
    if any(cases > each for cases, each in pairs):
        raise CannotSay("In a share, no month can have more cases than the count they are out of.")
    return _ShareBaseline(pairs)


def _take_pairs(
    values: Sequence[int | None], of: Sequence[int | None], places: range | None = None
) -> list[tuple[int, int]]:
    places = places if places is not None else range(max(0, len(values) - BASELINE), len(values))
    pairs = [(cases, each) for place in places if (cases := values[place]) is not None and (each := of[place] or 0) > 0]
    if len(pairs) < LEAST:
        raise CannotSay(f"A baseline needs {LEAST} months with a figure; this one has {len(pairs)}.")
    if not any(cases for cases, _ in pairs):
        raise CannotSay(NO_CASES)
    return pairs


# --- What would be seen better


def _list_longer(base: _Baseline | _ShareBaseline, change: float, told: Mapping[int, float]) -> Iterator[Offer]:
    """Yield the first comparison with enough chance, or the last one if it is better."""
    if max(told.values()) >= ENOUGH:
        return
    chances = {years: base.chance(change, years * YEAR) for years in range(3, LONGEST + 1)}
    years = next((years for years, chance in chances.items() if chance >= ENOUGH), LONGEST)
    if chances[years] >= max(told.values()) + GAIN:
        sentence = f"A comparison after {_NUMBERS[years]} years would show it in {of_100(chances[years])} of 100 towns."
        yield Offer(OfferKind.LONGER, chances[years], sentence)


def _list_longer_baseline(
    history: Sequence[int | None], base: _Baseline, change: float, told: Mapping[int, float]
) -> Iterator[Offer]:
    """Yield a baseline of all months of the present level. With months of another level, the difference would look like
    a change."""
    months = len(list_level(history))
    longer = _Baseline(round(base.counted / base.months * months), months, base.spread)
    chance = longer.chance(change, YEAR)
    if months > base.months and chance >= told[YEAR] + GAIN:
        sentence = (
            f"With a baseline of {months} months, a comparison after one year would show it in "
            f"{of_100(chance)} of 100 towns."
        )
        yield Offer(OfferKind.BASELINE, chance, sentence)


def _list_larger(base: _Baseline | _ShareBaseline, change: float, told: Mapping[int, float]) -> Iterator[Offer]:
    """Yield the smallest change, in whole per cent, that a comparison after one year is likely enough to show."""
    if told[YEAR] >= ENOUGH:
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
    told: Mapping[int, float],
) -> list[Offer]:
    """List sums and other indicators that show the same change better, best first."""
    asked = [(OfferKind.SUM, name, Other(add_up(series))) for name, series in sums.items()]
    asked += [(OfferKind.OTHER, name, other) for name, other in others.items()]
    offers = []
    for kind, name, other in asked:
        try:
            chance = _find_chance(other, change)
        except CannotSay:  # no chance for this one, so don't offer it
            continue
        if chance >= told[YEAR] + GAIN:
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
