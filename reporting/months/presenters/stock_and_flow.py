"""How a stock became what it is, month by month: the month before, what came, what went, and the month."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from core.calendar import Month
from reporting.months.presenters.sentences import name_flows, sum_flows
from reporting.months.presenters.series import Series, SeriesPoint
from reporting.months.presenters.words import lower_first, upper_first

MONTHS = 12


@dataclass(frozen=True, slots=True)
class FlowColumn:
    """A count of each month. `code` is the indicator whose page says more; empty for none."""

    head: str
    cells: tuple[str, ...]
    code: str = ""


@dataclass(frozen=True, slots=True)
class StockAndFlow:
    """The newest month comes first. `sentence` adds it up; empty if a part isn't known."""

    sentence: str
    columns: tuple[FlowColumn, ...]
    months: tuple[Month, ...]

    @property
    def rows(self) -> Iterator[tuple[Month, tuple[str, ...]]]:
        yield from zip(self.months, zip(*(column.cells for column in self.columns), strict=True), strict=True)


def make_stock_and_flow(stock: Series, flows: Sequence[Series]) -> StockAndFlow | None:
    """`flows` has what comes to it and what goes, each whole before its parts. None without any."""
    if not flows:
        return None
    months = tuple(stock.month + -ago for ago in range(min(MONTHS, len(stock.values))))
    counted = read_months(stock)
    return StockAndFlow(
        add_up(stock),
        (
            FlowColumn("The month before", tuple(show(counted, month.previous) for month in months)),
            *make_columns(stock, flows, months),
            FlowColumn("The month", tuple(show(counted, month) for month in months)),
        ),
        months,
    )


def make_columns(stock: Series, flows: Sequence[Series], months: Sequence[Month]) -> Iterator[FlowColumn]:
    """Yield a column for each flow that the stock's tile names, or for each of its parts if it is split in another way
    than the stock; then one for all that corrects the count."""
    wholes = {flow.line.code: flow for flow in flows if not flow.line.category_code}
    for line in name_flows(flow.line for flow in wholes.values()):
        name, code = upper_first(line.flow_word), line.indicator_code
        parts = [flow for flow in flows if flow.line.category_code and flow.line.code == code]
        if not parts or line.dimension_code == stock.line.dimension_code:
            yield FlowColumn(name, show_months(wholes[code], months), code)
            continue
        for part in parts:
            yield FlowColumn(f"{name}: {lower_first(part.line.category)}", show_months(part, months), code)
    others = [flow for flow in wholes.values() if not flow.line.flow_word]
    if others:
        yield FlowColumn("Corrected", tuple(show_corrected([(flow, read_months(flow)) for flow in others], months)))


type Points = Mapping[Month, SeriesPoint]


def read_months(series: Series) -> Points:
    return {point.month: point for point in series.points}


def show_months(series: Series, months: Sequence[Month]) -> tuple[str, ...]:
    points = read_months(series)
    return tuple(show(points, month) for month in months)


def show(points: Points, month: Month) -> str:
    return points[month].text if month in points else ""


def show_corrected(others: Sequence[tuple[Series, Points]], months: Sequence[Month]) -> Iterator[str]:
    """Yield what these add to the count in each month, with its sign; what replaces a figure where one has none."""
    for month in months:
        points = [(flow.line, of_month[month]) for flow, of_month in others if month in of_month]
        total = sum_flows([(line, point.value) for line, point in points])
        if total is None:
            yield next(point.text for _, point in points if point.value is None)
        else:
            yield f"{total:+,}".replace("-", "−") if total else "0" if points else ""


def add_up(stock: Series) -> str:
    """ "16 in September, 7 found, 2 closed: 21 in October"."""
    line, before = stock.line, stock.month.previous
    if not line.flows or line.previous is None:
        return ""
    parts = [f"{line.previous:,} in {before.name}", *line.flows, *([line.corrected] if line.corrected else [])]
    return f"{', '.join(parts)}: {line.number} in {stock.month.name}"
