"""What one indicator looks like in all areas of a region, on one scale, and in the region as a whole."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, NamedTuple

from core.calendar import Month, months_between
from indicators.charts import describe
from indicators.disclosure import Disclosed
from indicators.ratios import TENTHS, show_number
from indicators.selectors.open_data import Residents
from indicators.trend import CellState
from reporting.charts.control_chart import MEANINGS, Drawn, Usual
from reporting.charts.multiples import MONTHS, Multiple, common_top, multiple
from reporting.models.line_fields import Line
from reporting.months.presenters.month import STATES, line_view
from reporting.months.presenters.series import Series
from reporting.months.presenters.shapes import KEY, LineView, find_marks
from reporting.months.presenters.words import cell_text
from reporting.regions.cells import Indicator, RegionFigures, read_fields
from reporting.regions.presenters.funnel import FunnelView, NoFunnel, view_funnel
from reporting.regions.presenters.rows import ADDED_UP, ONE_OF_THEM, PER, RATE, Total, add_up, view_cell

FEWEST = 2  # months in a chart


class MonthText(NamedTuple):
    """A month of an area in the table: its text, and the mark of a signal with what it `shows`."""

    text: str
    look: str
    shows: str
    is_missing: bool  # without a figure, and not withheld


@dataclass(frozen=True, slots=True)
class AreaSeries:
    """An area's months: its line of this month, its picture on the common scale, which `label` describes, and its
    points by month."""

    name: str
    series: Series
    rate: str  # for each PER residents; empty without one
    chart: Multiple
    label: str
    points: tuple[MonthText | None, ...]

    @property
    def line(self) -> LineView:
        return self.series.line


@dataclass(frozen=True)
class IndicatorView:
    """One indicator of a region's month. `own` is the region's series, since the month `since` that all its areas have;
    None if no month is whole."""

    indicator: Indicator
    line: Line
    month: Month
    months: tuple[Month, ...]
    total: Total
    own: Series | None
    since: str
    areas: tuple[AreaSeries, ...]
    top: str
    odd_ways: tuple[tuple[str, str], ...]  # an area, and how it counts
    funnel: FunnelView | NoFunnel
    as_rates: bool

    @property
    def span(self) -> str:
        return f"{self.months[0].label} to {self.months[-1].label}"

    @property
    def years(self) -> tuple[tuple[int, int], ...]:
        numbers = [month.year for month in self.months]
        return tuple((year, numbers.count(year)) for year in dict.fromkeys(numbers))

    @property
    def total_text(self) -> str:
        total = self.total
        return "no figure" if total.value is None else show_number(total.value, self.indicator.lead.ratio)

    @property
    def added_up(self) -> str:
        """Return how its areas' counts make the region's; empty for a ratio."""
        return "" if self.indicator.lead.ratio else ADDED_UP

    @property
    def total_rate(self) -> str:
        return "" if self.total.rate is None else show_number(self.total.rate, "rate")

    @property
    def own_title(self) -> str:
        return f"{self.line.title}, {self.since} to {self.month.label}"

    @property
    def same_verdict(self) -> str:
        """Return what every area's month says, if it is the same for all; empty otherwise."""
        said = {area.line.verdict for area in self.areas}
        return said.pop() if len(said) == 1 and len(self.areas) > 1 else ""

    @property
    def has_funnel(self) -> bool:
        return isinstance(self.funnel, FunnelView)

    @property
    def signals(self) -> tuple[tuple[str, str], ...]:
        drawn = {signal.look for area in self.areas for signal in area.chart.signals}
        return tuple(entry for entry in MEANINGS.items() if entry[0] in drawn)

    @property
    def has_bands(self) -> bool:
        return any(area.chart.bands for area in self.areas)

    @property
    def has_gaps(self) -> bool:
        return any(area.chart.gaps for area in self.areas)

    @property
    def key(self) -> tuple[tuple[str, str], ...]:
        texts = [point.text for area in self.areas for point in area.points if point]
        used = {mark for text in texts for mark in find_marks(text)}
        return tuple(entry for entry in KEY if entry[0] in used)


def view_indicator(
    figures: RegionFigures,
    indicator: Indicator,
    lines: Mapping[int, Disclosed[Line]],
    own_fields: Mapping[str, Any],
    *,
    as_rates: bool = False,
    over_a_year: bool = False,
    least: int = 2,
) -> IndicatorView:
    """Return an indicator. `lines` are the areas' own, by the area's key; `own_fields` are the fields of the region's.
    A funnel needs at least so many areas."""
    month, names = figures.month, figures.names
    as_rates = as_rates and indicator.has_rates
    series = {area: Series(line_view(lines[area], month, month.first_day), month) for area in names if area in lines}
    scaled = {
        area: scale(one, figures.residents.get(area)) if as_rates else (one.values, one.drawn)
        for area, one in series.items()
    }
    compared = [pair for area, pair in scaled.items() if area not in indicator.odd and pair is not None]
    top = common_top(compared)
    # No month before the first that any area has.
    longest = max([FEWEST, *(len(one.values) for one in series.values())])
    months = tuple(months_between(month + -(min(MONTHS, longest) - 1), month))
    expected = figures.saved.get(indicator.code, {}).get("areas", ())
    ratio = "rate" if as_rates else indicator.lead.ratio
    return IndicatorView(
        indicator=indicator,
        line=lines[indicator.lead.area_id].line,
        month=month,
        months=months,
        total=add_up(indicator, expected, names, figures.residents),
        own=view_own(indicator, lines, own_fields, month) if own_fields else None,
        since=Month.parse(own_fields["since"]).label if own_fields else "",
        areas=tuple(
            view_area(names[area], one, pair, top, months, indicator, figures.residents.get(area))
            for area, one in series.items()
            if (pair := scaled[area]) is not None
        ),
        top=show_number(top, ratio),
        odd_ways=tuple(
            (names[area], indicator.cells[area].definition or "") for area in names if area in indicator.odd
        ),
        funnel=view_funnel(indicator, lines, names, figures.residents, month, over_a_year=over_a_year, least=least),
        as_rates=as_rates,
    )


def view_own(
    indicator: Indicator, lines: Mapping[int, Disclosed[Line]], own_fields: Mapping[str, Any], month: Month
) -> Series:
    """Return the region's own series, named as its areas' are; with why nothing is judged, if all give one reason."""
    lead = lines[indicator.lead.area_id].line
    reasons = {disclosed.line.polarity_reason for disclosed in lines.values()}
    named = {
        **{name: getattr(lead, name) for name in ("unit_one", "denominator_code", "denominator_title")},
        "owner_name": ONE_OF_THEM,
        "polarity": indicator.polarity.value,
        "polarity_reason": reasons.pop() if len(reasons) == 1 else "",
        "revised_state": "",
        "protected_by": "",
    }
    return Series(view_cell(indicator.lead, month, **read_fields(own_fields), **named), month)


def scale(series: Series, residents: Residents | None) -> tuple[list[int | None], Drawn] | None:
    """Return a series as rates in tenths; None without residents."""
    if residents is None:
        return None
    times = PER * TENTHS / residents.number

    def scaled(value: float | None) -> float | None:
        return None if value is None else value * times

    usual = [
        None if band is None else Usual(scaled(band.lower), scaled(band.middle), scaled(band.upper))
        for band in series.drawn.usual
    ]
    values = [None if value is None else RATE.value(value, residents.number) for value in series.values]
    return values, replace(series.drawn, usual=usual)


def view_area(
    name: str,
    series: Series,
    scaled: tuple[Sequence[int | None], Drawn],
    top: int,
    months: Sequence[Month],
    indicator: Indicator,
    residents: Residents | None,
) -> AreaSeries:
    values, drawn = scaled
    points = list(list_months(series))
    # A withheld figure is a gap, without a mark that would draw attention to it.
    missing = [place for place, point in enumerate(points) if point.is_missing]
    chart = multiple(values, drawn, top=top, missing=missing, months=len(months))
    value, shown = series.line.value, values[-MONTHS:]
    rate = RATE.value(value, residents.number) if residents and value is not None and indicator.has_rates else None
    return AreaSeries(
        name=name,
        series=series,
        rate="" if rate is None else show_number(rate, "rate"),
        chart=chart,
        label=f"{name}. {describe(shown)}",
        points=(*[None] * (len(months) - len(points)), *points[-len(months) :]),
    )


def list_months(series: Series) -> Iterator[MonthText]:
    """Yield each month's text. Only what the table shows: a month's arrow would take most of the page's time."""
    line, without, provisional = series.line, dict[str, str](), set[int]()
    for step in line.steps:
        without |= step["without"]
        provisional |= set(step.get("provisional", ()))
    for place, (value, said) in enumerate(zip(series.values, series.said, strict=True)):
        # Keys of JSON are text.
        state = CellState.FIGURE if value is not None else STATES[without[str(place)]]
        text = cell_text(state, value, ratio=line.ratio, is_provisional=place in provisional)
        look = said.look if value is not None else ""
        yield MonthText(text, look, MEANINGS.get(look, ""), value is None and state is not CellState.WITHHELD)
