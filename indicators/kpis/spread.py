"""How wide a KPI's range is: how much its comparisons vary when nothing is known to have happened (docs/kpis.md). Pure.

Months vary by more than chance, and years by more than months. So the same comparison is made at other dates of the
series before the KPI starts, as the impact page does.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from math import ceil, floor
from statistics import mean
from typing import NamedTuple

from indicators.impact.claim import LEAST_DATES, MOST_DATES
from indicators.kpis.aims import NEARLY, YEAR, Figure, Scale, Span
from indicators.kpis.towns import Drawn
from indicators.ratios import USUAL, count_range, share_range
from indicators.trend import Polarity

MONTHS = 3 * YEAR  # after which a comparison is taken to vary no more
DRIFT = 0.2  # by which a year differs from the months before by itself: about as in London (bench.kpis)
EARLY = 0.99  # before the target's month: whoever looks each month at 95% finds something in the end (bench.kpis)


class Window(NamedTuple):
    """Months that are compared: so many `before`, so many `skipped` between, and so many `after`."""

    before: int
    skipped: int
    after: int


A_YEAR_AGO = Window(1, YEAR - 1, 1)  # which no season moves


@dataclass(frozen=True, slots=True)
class Basis:
    """What a range rests on: the `weight` of the baseline, its months or what a share or rate is of; and by how many
    times chance a comparison varies after 1, 2, 3 … months."""

    weight: float
    spreads: Sequence[float]

    def find_clump(self, span: Span) -> float:
        """Return how many cases come together, as it were: the baseline's error widens a range, as the spread does."""
        spread = self.spreads[min(span.since, len(self.spreads)) - 1]
        return spread * (1 + (span.of or span.figures) / self.weight)


def find_range(span: Span, scale: Scale, basis: Basis) -> tuple[float | None, float | None]:
    """Return the range of a span's value, beside a baseline that varies too: of 99%, and of 95% once the target is due.
    None without a figure. Chance plays no part in a stock, which is everybody there is, so its range is its value."""
    if span.value is None or scale.is_stock or scale.is_told:
        return span.value, span.value
    of = span.of or span.figures
    confidence = USUAL if span.is_due else EARLY
    limits = find_limits(span.cases, of, basis.find_clump(span), is_part=scale.is_part, confidence=confidence)
    lower, upper = (limit * _worth_of_one(span, scale) for limit in limits)
    return lower, upper


def find_limits(
    cases: int, of: float, clump: float, *, is_part: bool, confidence: float = USUAL
) -> tuple[float, float]:
    """Return the range of cases that come in clumps."""
    if is_part:
        interval = share_range(cases / clump, of / clump, per=of, confidence=confidence)
        return interval.lower or 0.0, interval.upper or 0.0
    interval = count_range(cases / clump, confidence=confidence)
    # Byar's range has no lower limit where that would be below 0.
    return (interval.lower or 0.0) * clump, (interval.upper or 0.0) * clump


def find_chance_of_target(span: Span, scale: Scale, basis: Basis, better: Polarity) -> float:
    """Return how likely a year like the baseline's is to reach the target by chance alone."""
    of, one = span.of or span.figures, _worth_of_one(span, scale)
    baseline, target = (span.baseline or 0.0) / one, (span.target or 0.0) / one
    spread = basis.find_clump(span)
    clump = max(1, int(spread)) if scale.is_average else 1  # counted as one: an average's sums may be in millions
    drawn = draw_cases(baseline / of / clump, of, spread / clump, is_part=scale.is_part)
    # The target's last bits must not leave out the count that reaches it.
    if better is Polarity.LOWER:
        return drawn.up_to(floor(target / clump + NEARLY))
    return 1 - drawn.up_to(ceil(target / clump - NEARLY) - 1)


def draw_cases(level: float, of: float, spread: float, *, is_part: bool) -> Drawn:
    """Return what such months may have, by a share or by a rate."""
    return Drawn.of_shares(min(1.0, level), round(of), spread) if is_part else Drawn.of_counts(level * of, spread)


def _worth_of_one(span: Span, scale: Scale) -> float:
    """Return what a case adds to the span's value."""
    return 1.0 if scale.per is None or span.of is None else scale.per / span.of


def find_spreads(
    history: Sequence[Figure | None], *, months: int, skipped: int = 0, is_part: bool = False
) -> list[float]:
    """Return by how many times chance a comparison with a baseline of so many `months` varies, after 1, 2, 3 … months.

    `history` ends before the KPI starts, and `skipped` of its newest months aren't in the baseline. It is the widest of
    three: chance itself, each month beside the same month a year before, and the same comparison at other dates. If
    there are too few dates for a year, a year is taken to drift as London's series do.
    """
    has_dates = has_other_dates(history, months=months, skipped=skipped)
    known = history if has_dates else history[len(history) - skipped - months :]
    baseline = [figure for figure in history[len(history) - skipped - months : len(history) - skipped] if figure]
    by_month = list(list_contrasts(known, A_YEAR_AGO, is_part=is_part))
    is_enough = len(by_month) >= LEAST_DATES
    least = max(1.0, mean(by_month) if is_enough else find_spread_of_months(baseline, is_part=is_part))
    windows = [Window(months, skipped + after - min(after, YEAR), min(after, YEAR)) for after in range(1, MONTHS + 1)]
    if not has_dates:
        return [least + _drift(baseline, window, is_part=is_part) for window in windows]
    spreads: list[float] = []
    for window in windows:
        contrasts = list(list_contrasts(history, window, is_part=is_part))
        # Later comparisons need a longer history; without it, they vary as the last ones do.
        spreads.append(max(least, mean(contrasts)) if len(contrasts) >= LEAST_DATES else max([least, *spreads[-1:]]))
    return spreads


def has_other_dates(history: Sequence[Figure | None], *, months: int, skipped: int = 0) -> bool:
    """Return whether there are enough other dates for a year. Otherwise only the baseline counts."""
    return _count_dates(history, Window(months, skipped, YEAR)) >= LEAST_DATES


def find_spread_of_months(figures: Sequence[Figure], *, is_part: bool) -> float:
    """Return how many times more than by chance months vary around what they are together; 1 at least."""
    weight = sum(map(weigh, figures))
    ratio = sum(figure.cases for figure in figures) / weight if weight else 0.0
    by_chance = ratio * (1 - ratio if is_part else 1)
    if len(figures) < LEAST_DATES or by_chance <= 0:
        return 1.0
    squares = sum((figure.cases - weigh(figure) * ratio) ** 2 / weigh(figure) for figure in figures if weigh(figure))
    return max(1.0, squares / by_chance / (len(figures) - 1))


def list_contrasts(history: Sequence[Figure | None], window: Window, *, is_part: bool) -> Iterator[float]:
    """Yield χ² of the months after beside those before, at the latest dates that have both. By chance alone it is 1 on
    average, however few cases there are."""
    dates = _count_dates(history, window)
    for end in range(len(history) - dates + 1, len(history) + 1):
        begins = end - window.after
        ends = begins - window.skipped
        before, after = _add_up(history[ends - window.before : ends]), _add_up(history[begins:end])
        if before.of and after.of:
            cases, ratio = before.cases + after.cases, after.of / before.of
            by_chance = cases * ratio * (1 - cases / (before.of + after.of) if is_part else 1)
            if by_chance > 0:
                yield (after.cases - before.cases * ratio) ** 2 / by_chance


class _Sum(NamedTuple):
    cases: int
    of: int


def _add_up(figures: Sequence[Figure | None]) -> _Sum:
    known = [figure for figure in figures if figure is not None]
    return _Sum(sum(figure.cases for figure in known), sum(map(weigh, known)))


def weigh(figure: Figure) -> int:
    """Return what a month counts for: what a share or rate is of; a count's months weigh the same."""
    return 1 if figure.of is None else figure.of


def _count_dates(history: Sequence[Figure | None], window: Window) -> int:
    return min(max(0, len(history) - sum(window) + 1), MOST_DATES)


def _drift(baseline: Sequence[Figure], window: Window, *, is_part: bool) -> float:
    """Return the spread that a drift of DRIFT adds."""
    cases, of = _add_up(baseline)
    due = cases * window.after / len(baseline)
    return DRIFT**2 * due * (1 - cases / of if is_part else 1) / (1 + window.after / len(baseline))
