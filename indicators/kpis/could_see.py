"""Works out, before a KPI is set, how likely a town's figures are to show the hoped-for change. Pure.

There are two chances for a lasting change that starts after the history's newest month. One is that the monthly
judgement makes it stand out. The other is that the KPI shows it once its target is due, after a year of it, by the
range that its page prints then. The method is docs/kpis.md.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice
from typing import Self

from core.labels import Labelled
from indicators.judgement.judge import judge, judge_ratio
from indicators.judgement.scales import LEAST
from indicators.kpis.aims import YEAR, Figure, Scale, of_100, show_amount, show_in
from indicators.kpis.spread import draw_cases, find_limits, find_spread_of_months, find_spreads, weigh
from indicators.kpis.towns import find_chances, find_chances_of_ratio
from indicators.ratios import RatioKind

WITHIN = (YEAR, 2 * YEAR)  # months, of the monthly judgement
BASELINE = 24  # months, where none is named
LONGEST = 36  # months of a baseline: a longer one leaves too few before it to show how it varies
ENOUGH = 0.8  # a chance that is called enough
GAIN = 0.05  # by which an offer must be better: as much as a simulation may be off
LARGEST = 10.0  # a rise to eleven times
LARGEST_FALL = 0.9  # that is offered: nobody aims at none
MOST_NAMED = 3  # other indicators
SEED = 17


class CannotSay(ValueError):
    """Raised where no chances can be worked out. Its text is a sentence for the user."""


class OfferKind(Labelled):
    """The kinds of change that would be easier to see."""

    BASELINE = "baseline", "A longer baseline"
    LARGER = "larger", "A larger change"
    SUM = "sum", "A sum of several indicators"
    OTHER = "other", "Another indicator"


@dataclass(frozen=True, slots=True)
class Offer:
    """Something that would be easier to see, by its `name` and in a sentence. `chance` is that of its KPI."""

    kind: OfferKind
    chance: float
    sentence: str
    name: str = ""


@dataclass(frozen=True, slots=True)
class Series:
    """An indicator's months, the newest last, and how they are shown."""

    figures: Sequence[Figure | None]
    scale: Scale = field(default_factory=lambda: Scale(aim_unit=" a month"))

    @property
    def kind(self) -> RatioKind:
        return RatioKind.SHARE if self.scale.is_part else RatioKind.RATE

    @property
    def cases(self) -> list[int | None]:
        return [None if figure is None else figure.cases for figure in self.figures]

    @property
    def wholes(self) -> list[int | None]:
        return [None if figure is None else figure.of for figure in self.figures]

    def list_level(self) -> list[Figure]:
        """List the newest figures of its level, 36 months at most. An average isn't judged, so it has no level."""
        if self.scale.is_average:
            return [figure for figure in self.figures[-LONGEST:] if figure is not None and weigh(figure) > 0]
        entries = judge(self.cases) if self.scale.per is None else judge_ratio(self.cases, self.wholes, kind=self.kind)
        since = next((entry.since for entry in reversed(entries) if entry.since is not None), 0)
        newest = self.figures[max(since, len(self.figures) - LONGEST) :]
        return [figure for figure in newest if figure is not None and weigh(figure) > 0]


@dataclass(frozen=True, slots=True)
class Baseline:
    """A baseline's figures, and by how many times chance a comparison with it varies after 1, 2, 3 … months. An
    average's sums may be in millions, so its figures count `clump` cases as one."""

    figures: Sequence[Figure]
    spreads: Sequence[float]
    is_part: bool = False
    clump: int = 1

    @classmethod
    def of_average(cls, figures: Iterable[Figure], spreads: Sequence[float]) -> Self:
        clump = max(1, int(spreads[YEAR - 1]))
        counted = [Figure(round(figure.cases / clump), figure.of) for figure in figures]
        return cls(counted, [spread / clump for spread in spreads], clump=clump)

    @property
    def weight(self) -> int:
        return sum(map(weigh, self.figures))

    @property
    def level(self) -> float:
        """Return a month's mean of a count; a share or rate as a fraction."""
        return sum(figure.cases for figure in self.figures) / self.weight

    @property
    def largest(self) -> float:
        """Return the largest rise."""
        return 1 / self.level - 1 if self.is_part else LARGEST

    def chance(self, change: float) -> float:
        """Return how likely a KPI that is due is to be clear of this baseline after a year of a `change`, on its side.

        The figures of that year vary around the changed level, and the level is known by the baseline alone.
        """
        ratio = YEAR / len(self.figures)
        of, spread = self.weight * ratio, self.spreads[YEAR - 1]
        changed = draw_cases(self.level * (1 + change), of, spread * (1 + (1 + change) * ratio), is_part=self.is_part)
        clump = spread * (1 + ratio)
        if change < 0:
            return changed.up_to(self._find_most_told(of, clump))
        return 1 - changed.up_to(self._find_least_told(of, clump) - 1)

    @property
    def shows_none(self) -> bool:
        """Return whether a year without a single case would show."""
        ratio = YEAR / len(self.figures)
        return self._find_most_told(self.weight * ratio, self.spreads[YEAR - 1] * (1 + ratio)) >= 0

    def _find_most_told(self, of: float, clump: float) -> int:
        """Return the greatest count of a year that shows as fewer than the baseline's; -1 where not even 0 does."""
        due = self.level * of
        told, not_told = -1, int(due) + 1
        while not_told - told > 1:
            middle = (told + not_told) // 2
            if find_limits(middle, of, clump, is_part=self.is_part)[1] < due:
                told = middle
            else:
                not_told = middle
        return told

    def _find_least_told(self, of: float, clump: float) -> int:
        """Return the least count of a year that shows as more than the baseline's. A share may have none: then it is
        past the whole."""
        due = self.level * of
        not_told, told = int(due), int(of) + 1 if self.is_part else 2 * int(due) + 8

        def is_told(cases: int) -> bool:
            return find_limits(cases, of, clump, is_part=self.is_part)[0] > due

        # Go up until it is told, since a count has no greatest one to start from.
        while not self.is_part and not is_told(told):
            told *= 2
        while told - not_told > 1:
            middle = (told + not_told) // 2
            if is_told(middle):
                told = middle
            else:
                not_told = middle
        return told


@dataclass(frozen=True, slots=True)
class Chances:
    """`stands_out` has a chance for each span in months, by the monthly judgement: none for an average, which isn't
    judged. `shown` is the KPI's, once it is due. `level` is a month's count, or the share or rate as a fraction;
    `level_named` says it."""

    change: float
    level: float
    level_named: str
    stands_out: dict[int, float]
    shown: float
    offers: tuple[Offer, ...] = ()

    @property
    def is_enough(self) -> bool:
        return self.shown >= ENOUGH

    @property
    def sentence(self) -> str:
        shown = f"Once its target is due, this KPI would show the change in {of_100(self.shown)} of 100 towns."
        if not self.stands_out:
            return (
                f"{_a_change(self.change)} from {self.level_named}: we don’t judge single months of an average. {shown}"
            )
        first, second = WITHIN
        return (
            f"In 100 towns with figures like these, {_a_change(self.change).lower()} from {self.level_named} would "
            f"stand out in {of_100(self.stands_out[first])} within {first} months, and in "
            f"{of_100(self.stands_out[second])} within {second} months. {shown}"
        )


def could_see(
    series: Series,
    *,
    change: float,
    baseline: range | None = None,
    spreads: Sequence[float] | None = None,
    sums: Mapping[str, Sequence[Series]] | None = None,
    others: Mapping[str, Series] | None = None,
) -> Chances:
    """Work out how likely a lasting `change` (−0.3 is a fall of 30%) is to be seen, if it starts after the newest
    month. A change of a share is relative: 0.5 leads from 40% to 60%.

    `baseline` has the places of its months, the newest 24 where none is named. By name, `sums` are series that could be
    added up, and `others` indicators that could be looked at instead. Raises CannotSay.
    """
    base = _take_baseline(series, baseline, spreads)
    _check_change(change, base)
    offers = [
        *_list_longer_baseline(series, base, change),
        *_list_larger(base, change),
        *_list_others(sums or {}, others or {}, change, base.chance(change)),
    ]
    if change < 0 and not base.shows_none:
        raise CannotSay(_say_no(offers))
    return Chances(
        change=change,
        level=base.level * base.clump,
        level_named=show_in(base.level * base.clump * (series.scale.per or 1), series.scale.aim_unit),
        stands_out=_find_standing_out(series, base, change),
        shown=base.chance(change),
        offers=tuple(offers),
    )


def describe_moves(series: Series, change: float) -> str:
    """Say how often a count on a day moved as much as a `change` within a year. Chance plays no part in it."""
    values = [
        None if figure is None or not weigh(figure) else figure.cases / weigh(figure) for figure in series.figures
    ]
    pairs = [
        (before, now)
        for before, now in zip(values, values[YEAR:], strict=False)
        if before is not None and now is not None
    ]
    sentence = "It counts all there are on a day. Chance plays no part, so a change shows at once."
    if len(pairs) < LEAST:
        return f"{sentence} There are too few months to say how much it moves by itself."
    as_much = sum(_moves_as_much(before, now, change) for before, now in pairs)
    return (
        f"{sentence} {_a_change(change)} within a year was seen in {as_much or 'none'} of the last {len(pairs)} months."
    )


def _moves_as_much(before: float, now: float, change: float) -> bool:
    aim = before * (1 + change)
    return now <= aim if change < 0 else now >= aim


def _find_standing_out(series: Series, base: Baseline, change: float) -> dict[int, float]:
    if series.scale.is_average:
        return {}
    spread = find_spread_of_months(series.list_level(), is_part=base.is_part)
    months = len(base.figures)
    if series.scale.per is None:
        return find_chances(
            series.cases,
            level=base.level,
            known_by=months,
            spread=spread,
            change=change,
            within=WITHIN,
            seed=SEED,
        )
    return find_chances_of_ratio(
        series.cases,
        series.wholes,
        kind=series.kind,
        level=base.level,
        whole=round(base.weight / months),
        known_by=months,
        spread=spread,
        change=change,
        within=WITHIN,
        seed=SEED,
    )


def _check_change(change: float, base: Baseline) -> None:
    if not -1 <= change <= LARGEST or not change:
        raise CannotSay("Enter a change from −100% to +1,000%, but not 0.")
    if base.is_part and change > base.largest:
        raise CannotSay(f"A share of {show_amount(base.level * 100)}% can’t rise by that much: the most is 100%.")


def add_up(series: Sequence[Series]) -> Series:
    """Return the sum of counts that end with the same month; None for a month in which one of them has no figure."""
    months = min(len(one.figures) for one in series)
    rows = zip(*(one.cases[len(one.figures) - months :] for one in series), strict=True)
    return Series([None if None in row else Figure(sum(value or 0 for value in row)) for row in rows])


def _take_baseline(series: Series, places: range | None = None, spreads: Sequence[float] | None = None) -> Baseline:
    months = len(series.figures)
    places = places if places is not None else range(max(0, months - BASELINE), months)
    figures = [figure for place in places if (figure := series.figures[place]) is not None and weigh(figure) > 0]
    if len(figures) < LEAST:
        raise CannotSay(f"A baseline needs {LEAST} months with a figure; this one has {len(figures)}.")
    if not any(figure.cases for figure in figures):
        raise CannotSay("The baseline has no cases, so nothing can be worked out from it.")
    is_part = series.scale.is_part
    if is_part and any(figure.cases > weigh(figure) for figure in figures):
        raise CannotSay("The cases of a month can’t be more than the count that they are a share of.")
    if spreads is None:
        known = series.figures[: places.stop]
        spreads = find_spreads(known, months=len(places), is_part=is_part)
    return make_baseline(series, figures, spreads)


def make_baseline(series: Series, figures: Sequence[Figure], spreads: Sequence[float]) -> Baseline:
    if series.scale.is_average:
        return Baseline.of_average(figures, spreads)
    return Baseline(figures, spreads, series.scale.is_part)


# --- What would be seen better


def _list_longer_baseline(series: Series, base: Baseline, change: float) -> Iterator[Offer]:
    """Yield a baseline of all months of the present level. With months of another level, the difference would look like
    a change."""
    level = series.list_level()
    months = len(level)
    if months <= len(base.figures) or not any(figure.cases for figure in level):
        return
    spreads = find_spreads(series.figures, months=months, is_part=base.is_part)
    chance = make_baseline(series, level, spreads).chance(change)
    if chance >= base.chance(change) + GAIN:
        sentence = f"With a baseline of {months} months, it would show in {of_100(chance)} of 100 towns."
        yield Offer(OfferKind.BASELINE, chance, sentence)


def _list_larger(base: Baseline, change: float) -> Iterator[Offer]:
    """Yield the smallest change, in whole per cent, that a KPI is likely enough to show."""
    sign, most = (-1, LARGEST_FALL) if change < 0 else (1, base.largest)
    too_small, enough = round(abs(change) * 100), int(100 * most)
    if base.chance(change) >= ENOUGH or enough <= too_small or base.chance(sign * enough / 100) < ENOUGH:
        return
    while enough - too_small > 1:
        middle = (too_small + enough) // 2
        if base.chance(sign * middle / 100) >= ENOUGH:
            enough = middle
        else:
            too_small = middle
    larger = sign * enough / 100
    chance = base.chance(larger)
    sentence = f"{_a_change(larger)} would show in {of_100(chance)} of 100 towns."
    yield Offer(OfferKind.LARGER, chance, sentence)


def _list_others(
    sums: Mapping[str, Sequence[Series]], others: Mapping[str, Series], change: float, chance_here: float
) -> list[Offer]:
    """List sums and other indicators that show the same change better, best first."""
    candidates = [(OfferKind.SUM, name, add_up(series)) for name, series in sums.items()]
    candidates += [(OfferKind.OTHER, name, series) for name, series in others.items()]
    offers = []
    for kind, name, series in candidates:
        try:
            base = _take_baseline(series)
            _check_change(change, base)
        except CannotSay:  # no chance for this one, so don't offer it
            continue
        chance = base.chance(change)
        if chance >= chance_here + GAIN:
            sentence = f"{name}: {_a_change(change).lower()} would show in {of_100(chance)} of 100 towns."
            offers.append(Offer(kind, chance, sentence, name))
    return list(islice(sorted(offers, key=lambda offer: -offer.chance), MOST_NAMED))


# --- Words


def _a_change(change: float) -> str:
    return f"A {'fall' if change < 0 else 'rise'} of {show_amount(abs(change) * 100)}%"


def _say_no(offers: Sequence[Offer]) -> str:
    no = "No: in a town this size, even a fall to 0 wouldn’t show within a year"
    could = [f"“{offer.name}”" for offer in offers if offer.name and offer.chance >= ENOUGH]
    if not could:
        return f"{no}, and no similar indicator would show the change either."
    named = " or ".join((", ".join(could[:-1]), could[-1])) if len(could) > 1 else could[0]
    return f"{no}; choose {named}."
