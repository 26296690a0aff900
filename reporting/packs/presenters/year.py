"""What do twelve months show together?"""

from collections.abc import Iterable, Iterator, Sequence

from core.months import Month
from indicators.trend import YEAR, CellState
from reporting.months.presenters.series import Series, SeriesPoint
from reporting.months.presenters.shapes import KEY, find_marks
from reporting.months.presenters.words import listed, lower_first
from reporting.packs.presenters.names import no_indicators
from reporting.packs.presenters.shapes import Block, Cell, Chapter, Column, Paragraph, Table, Terms
from reporting.packs.presenters.sources import Sources


def last_year(series: Series) -> Sequence[SeriesPoint]:
    """Return the twelve months to the pack's own, the oldest first; fewer if there are no more."""
    return series.points[-YEAR:]


def wholes(sources: Sources) -> list[Series]:
    return [series[0] for series in sources.series]


# --- What changed in the year ---------------------------------------------------------------------


def year_changed(sources: Sources) -> Chapter:
    first, last = sources.month + -(YEAR - 1), sources.month
    blocks: list[Block] = [Paragraph(f"{first.label} to {last.label}. {sources.own.month.position}.", look="lead")]
    every = wholes(sources)
    if not every:
        blocks.append(Paragraph(no_indicators(sources)))
    else:
        blocks.append(
            Table(
                caption=f"{last.label} beside {(last + -YEAR).label}, and the months between that stood out",
                columns=(
                    Column("Indicator", 4),
                    Column((last + -YEAR).short_label, 2, is_number=True),
                    Column(last.short_label, 2, is_number=True),
                    Column("Change on the year", 4),
                    Column("Months that stood out", 5),
                ),
                rows=tuple(year_row(series) for series in every),
            )
        )
        blocks.append(
            Paragraph(
                "We compare two months of different years only under the same definition. A change between them "
                "isn’t a judgement. The months that stood out are.",
                look="quiet",
            )
        )
    return Chapter("changed", "What changed in the year", tuple(blocks))


def year_row(series: Series) -> tuple[Cell, ...]:
    points = series.points
    before = points[-YEAR - 1].text if len(points) > YEAR else "no figure"
    told = "; ".join(describe_runs([point for point in last_year(series) if point.stands_out]))
    return (
        Cell(series.line.title, is_strong=True),
        Cell(before),
        Cell(series.line.short_text, is_strong=True),
        Cell(points[-1].year_words or "Can’t be compared"),
        Cell(told or "None", is_strong=bool(told)),
    )


def describe_runs(points: Iterable[SeriesPoint]) -> Iterator[str]:
    """Say what months show, with neighbours that show the same as one."""
    runs: list[list[SeriesPoint]] = []
    for point in points:
        if runs and runs[-1][-1].month.next == point.month and runs[-1][-1].shows == point.shows:
            runs[-1].append(point)
        else:
            runs.append([point])
    # The first month twice, so that a run of a single month has a last one too.
    for first, *_, last in ((run[0], *run) for run in runs):
        when = first.month.short_label if first is last else f"{first.month.short_label} to {last.month.short_label}"
        yield f"{when}: {lower_first(first.shows)}"


# --- Twelve months side by side -------------------------------------------------------------------


def twelve_months(sources: Sources) -> Chapter | None:
    every = wholes(sources)
    if not every:
        return None
    months = [sources.month + -back for back in range(YEAR - 1, -1, -1)]
    used: set[str] = set()
    rows = []
    for series in every:
        texts = {point.month: point.text for point in last_year(series)}
        used |= {mark for text in texts.values() for mark in find_marks(text)}
        strong = {point.month for point in last_year(series) if point.stands_out}
        rows.append(
            (
                Cell(series.line.title, is_strong=True),
                *(Cell(texts.get(month, "–"), is_strong=month in strong) for month in months),
            )
        )
    table = Table(
        caption="Twelve months, month by month, with what stood out in bold",
        columns=(Column("Indicator", 5), *(Column(month.short_label, 2, is_number=True) for month in months)),
        rows=tuple(rows),
    )
    key = tuple(entry for entry in KEY if entry[0] in used)
    return Chapter("months", "Twelve months", (table, *((Terms(key),) if key else ())), is_wide=True)


# --- How complete they are ------------------------------------------------------------------------


def completeness(sources: Sources) -> Chapter | None:
    """Show how many figures each month has, and which indicators have none."""
    every = wholes(sources)
    if not every:
        return None
    months = [sources.month + -back for back in range(YEAR - 1, -1, -1)]
    timeliness = sources.own.month.timeliness
    table = Table(
        caption="Figures for each month, as they are now",
        columns=(
            Column("Month", 3),
            Column("Figures", 2, is_number=True),
            Column("Asked for", 2, is_number=True),
            Column("Without a figure", 9),
        ),
        rows=tuple(month_row(month, every) for month in months),
    )
    blocks: tuple[Block, ...] = (table,)
    if timeliness:
        blocks = (Paragraph(f"{timeliness}."), table)
    return Chapter("completeness", "How complete the year is", blocks)


def month_row(month: Month, every: Iterable[Series]) -> tuple[Cell, ...]:
    held = [(series, point) for series in every for point in last_year(series) if point.month == month]
    without = list(reasons([(series, point) for series, point in held if point.value is None]))
    return (
        Cell(month.label),
        Cell(str(sum(point.value is not None for _, point in held))),
        Cell(str(len(held))),
        Cell("; ".join(without) or "None"),
    )


def reasons(found: Sequence[tuple[Series, SeriesPoint]]) -> Iterator[str]:
    """ "Awaited: charges and woundings"."""
    for state in CellState:
        titles = [series.line.title for series, point in found if point.state is state]
        if titles:
            yield f"{state.label}: {listed(titles)}"
