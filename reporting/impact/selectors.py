"""Reads an indicator's published months, each in its newest version, and joins them to a series."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import NamedTuple

from boards.models import Board
from boards.rules import MonthStatus
from core.calendar import Month
from indicators.disclosure import Audience, Disclosed, disclose
from indicators.impact.claim import Refusal, find_span
from indicators.judgement.judge import Counted
from indicators.models import Indicator
from indicators.ratios import Asked, Ratio, RatioKind
from reporting.models import IndicatorLine, Snapshot
from reporting.models.line_fields import Line, Row

# The columns that the disclosure gate and a series use.
READ = (
    *("indicator_code", "category_code", "title", "unit_one", "unit_many", "polarity", "state", "value", "note"),
    *("revised_why", "boards", "history", "steps", "counts_as", "asked", "ratio", "per", "numerator_code"),
    *("denominator_title", "numerators", "denominators"),
    # And those of its verdict.
    *("polarity_reason", "category_name", "method", "figures", "lower", "upper", "signal", "tier", "judgement"),
    *("window_months", "window_sum", "window_due", "level", "level_since", "level_before", "level_name", "is_back"),
    *("mean", "running", "in_a_year", "months_since"),
)


class Part(NamedTuple):
    """A line of a published version, with the months up to its own."""

    area: int
    month: Month
    disclosed: Disclosed[Line]

    @property
    def line(self) -> Line:
        return self.disclosed.line

    @property
    def first(self) -> Month:
        return self.month + -(len(self.line.history) - 1)


type Key = tuple[int, str]  # an area and an indicator's code


def list_parts(areas: Collection[int], codes: Iterable[str], *, until: Month | None = None) -> dict[Key, list[Part]]:
    """Return for partners, for each whole indicator, the fewest published lines that have all its months, the newest
    first. Three queries, however many areas and indicators, one more for each three years before, and one if there are
    ratios. `until`: ignore later months.
    """
    published = Snapshot.objects.standing().filter(period__area__in=areas, period__status=MonthStatus.PUBLISHED.value)
    if until is not None:
        published = published.filter(period__starts_on__lte=until.first_day)
    rows = published.order_by("version").values_list("period_id", "pk", "period__area_id", "period__starts_on")
    # The newest version of a month comes last, and wins.
    newest = {period: (pk, area, Month.of(day)) for period, pk, area, day in rows}
    versions = {pk: (area, month) for pk, area, month in newest.values()}
    lines = IndicatorLine.objects.filter(snapshot__in=list(versions), category_code="", indicator_code__in=list(codes))
    snapshots: dict[Key, dict[Month, int]] = {}
    for code, pk in lines.order_by().values_list("indicator_code", "snapshot_id"):
        area, month = versions[pk]
        snapshots.setdefault((area, code), {})[month] = pk
    parts = _read(snapshots, versions)
    _ask_of_cases([part for of_key in parts.values() for part in of_key], versions)
    return parts


def _ask_of_cases(parts: Iterable[Part], versions: dict[int, tuple[int, Month]]) -> None:
    """A ratio is worked out each month, but shows no more than its cases, so it counts as collected as often as they
    are.
    """
    codes = {part.line.numerator_code for part in parts if part.line.ratio}
    if not codes:
        return
    lines = IndicatorLine.objects.filter(snapshot__in=list(versions), category_code="", indicator_code__in=codes)
    rarely = lines.exclude(asked=Asked.MONTHLY.value).order_by()
    frequencies = {
        (*versions[pk], code): often for pk, code, often in rarely.values_list("snapshot_id", "indicator_code", "asked")
    }
    for part in parts:
        key = (part.area, part.month, part.line.numerator_code)
        part.line.asked = frequencies.get(key, part.line.asked)


def _read(snapshots: dict[Key, dict[Month, int]], versions: dict[int, tuple[int, Month]]) -> dict[Key, list[Part]]:
    """Each line has 36 months, so one in 36 is enough. Which ones is known only when the newest have been read."""
    parts: dict[Key, list[Part]] = {}
    wanted = {key: max(months) for key, months in snapshots.items()}
    while wanted:
        keys = {snapshots[key][month] for key, month in wanted.items()}
        lines = IndicatorLine.objects.filter(snapshot__in=keys, category_code="")
        rows = lines.filter(indicator_code__in={code for _, code in wanted}).values_list("snapshot_id", *READ)
        for pk, *values in rows.order_by():
            area, month = versions[pk]
            line = Row(dict(zip(READ, values, strict=True)))
            if wanted.get((area, line.indicator_code)) == month:
                (disclosed,) = disclose([line], audience=Audience.PARTNERS)
                parts.setdefault((area, line.indicator_code), []).append(Part(area, month, disclosed))
        older = {key: [month for month in snapshots[key] if month < parts[key][-1].first] for key in wanted}
        wanted = {key: max(months) for key, months in older.items() if months}
    return parts


def list_board_codes(board: Board) -> set[str]:
    """Return a board's indicators. One query."""
    return set(Indicator.objects.filter(boards=board).values_list("code", flat=True))


NEW_DEFINITION = "a new definition"

type Counts = tuple[int | None, ...]


@dataclass(frozen=True, slots=True)
class PublishedSeries:
    """An indicator's published months, the oldest first; None for a month without a figure. `starts` are the months
    with a new definition or way of recording, with what is new. `values` are as a line stores them: a ratio's in tenths
    of what is shown, and worked out from `numerators` and `denominators`. A month that is `held` repeats an earlier
    month's figure.
    """

    first: Month
    values: Counts
    starts: dict[Month, str]
    ratio: Ratio | None = None
    numerators: Counts = ()
    denominators: Counts = ()
    held: frozenset[Month] = frozenset()
    provisional: tuple[Month, ...] = ()
    counted: Counted = Counted.FLOW
    asked: Asked = Asked.MONTHLY

    @property
    def last(self) -> Month:
        return self.first + (len(self.values) - 1)

    @property
    def months(self) -> list[Month]:
        return [self.first + place for place in range(len(self.values))]

    @property
    def counts(self) -> Counts:
        """Return what is compared; for a ratio, its cases. A repeated figure counts once."""
        counted = self.numerators if self.ratio else self.values
        months = zip(self.months, self.values, counted, strict=True)
        return tuple(None if value is None or month in self.held else count for month, value, count in months)

    @property
    def exposures(self) -> Counts | None:
        """Return what the counts of a ratio are out of."""
        return self.denominators if self.ratio else None

    @property
    def known(self) -> list[bool]:
        return [count is not None for count in self.counts]

    @property
    def start_places(self) -> tuple[int, ...]:
        return tuple(sorted(month - self.first for month in self.starts))

    def is_like(self, other: "PublishedSeries") -> bool:
        """Return whether both are counts, or the same kind of ratio."""
        return (self.ratio and self.ratio.kind) == (other.ratio and other.ratio.kind)


class Cut(NamedTuple):
    """A comparison series in the compared months, None in all others; `exposures` for a ratio."""

    counts: Counts
    exposures: Counts | None


class _Figure(NamedTuple):
    value: int | None
    numerator: int | None
    denominator: int | None
    is_held: bool
    is_provisional: bool


def join(parts: Sequence[Part]) -> PublishedSeries:
    """Join the parts, the newest first. A month in two of them has the figure of the newer one."""
    figures: dict[Month, _Figure] = {}
    starts: dict[Month, str] = {}
    # The newest part comes last, and wins.
    for part in reversed(parts):
        figures |= _read_series(part)
        for step in part.line.steps:
            month = part.first + step["at"]
            # The first step of a line usually started before the months that the line shows.
            if step["at"] or date.fromisoformat(step["from"]) == month.first_day:
                starts[month] = step.get("why") or NEW_DEFINITION
    first, last = min(figures), max(figures)
    none = _Figure(None, None, None, is_held=False, is_provisional=False)
    every = [figures.get(first + place, none) for place in range(last - first + 1)]
    # Nothing comes before the first month, so nothing is cut there.
    starts.pop(first, None)
    line = parts[0].line
    return PublishedSeries(
        first,
        tuple(figure.value for figure in every),
        starts,
        ratio=Ratio(RatioKind(line.ratio), line.per) if line.ratio else None,
        numerators=tuple(figure.numerator for figure in every) if line.ratio else (),
        denominators=tuple(figure.denominator for figure in every) if line.ratio else (),
        held=frozenset(month for month, figure in figures.items() if figure.is_held),
        provisional=tuple(sorted(month for month, figure in figures.items() if figure.is_provisional)),
        counted=Counted(line.counts_as),
        asked=Asked(line.asked),
    )


def _read_series(part: Part) -> dict[Month, _Figure]:
    line = part.line
    none: list[int | None] = [None] * len(line.history)
    held_places = {place for step in line.steps for place in step.get("held", ())}
    provisional = {place for step in line.steps for place in step.get("provisional", ())}
    months = zip(line.history, line.numerators or none, line.denominators or none, strict=True)
    return {
        part.first + place: _Figure(*figures, is_held=place in held_places, is_provisional=place in provisional)
        for place, figures in enumerate(months)
    }


def cut_to_compared(other: PublishedSeries, own: PublishedSeries, event: Month) -> Cut | None:
    """Return another series in the months that are compared at an event. Returns None if it is a different kind of
    series, lacks a figure in one of the months, or starts to be counted differently in one, or if nothing can be
    compared.
    """
    try:
        span = find_span(own.known, event - own.first, own.start_places)
    except Refusal:
        return None
    months = own.months[span.first : span.end]
    is_one = not any(months[0] < month <= months[-1] for month in other.starts)
    if not is_one or not other.is_like(own):
        return None
    counts = _cut(other, other.counts, own, months)
    exposures = _cut(other, other.exposures, own, months) if other.exposures is not None else None
    is_whole = None not in counts[span.first : span.end]
    return Cut(counts, exposures) if is_whole else None


def _cut(other: PublishedSeries, values: Counts, own: PublishedSeries, months: Sequence[Month]) -> Counts:
    by_month = dict(zip(other.months, values, strict=True))
    return tuple(by_month.get(month) if months[0] <= month <= months[-1] else None for month in own.months)
