"""A pack's chapters about the month's figures: on a page, what stands out, each indicator, and the year at a glance."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from itertools import compress

from django.utils import timezone

from actions.models import Action, Challenge
from actions.presenters.plan import is_overdue
from actions.workflow import UNANSWERED, ChallengeState
from core.calendar import date_label
from indicators.charts import SPARKLINE_MONTHS
from indicators.trend import CellState, Polarity
from reporting.charts.control_chart import ControlChart
from reporting.charts.pictures import Code, chart_picture, map_picture, mark_picture, month_width, sparkline_picture
from reporting.models import PackCharts, PackScope
from reporting.months.presenters.month import indicator_code
from reporting.months.presenters.sentences import describe_unit
from reporting.months.presenters.series import WHY_IT_DIFFERS, Series, SeriesPoint
from reporting.months.presenters.shapes import KEY, Breakdown, LineView, find_marks
from reporting.months.presenters.words import (
    describe_chance,
    describe_found,
    describe_polarity_reason,
    describe_unjudged,
    listed,
    lower_first,
)
from reporting.months.presenters.year import YearCell, YearView, year_view
from reporting.packs.presenters.cover import (
    describe_state,
    find_arrow,
    moved_cell,
    no_indicators,
    says_withheld,
)
from reporting.packs.presenters.shapes import (
    Abreast,
    Block,
    Bullets,
    Cell,
    Chapter,
    Column,
    Heading,
    Mark,
    Paragraph,
    Picture,
    Table,
    Terms,
    Tile,
    Tiles,
    empty,
)
from reporting.packs.presenters.sources import Sources

ABREAST = 2  # indicators side by side in a breakdown's table
MAP = 38  # per cent of the page’s width, for a map beside its table


def month_on_a_page(sources: Sources) -> Chapter:
    month = sources.board.month
    title = f"{month.area} in {month.month.label}"
    if not month.sections:
        return empty("month", title, no_indicators(sources))
    words = f"{month.completeness.sentence}. {month.position}. {describe_state(sources)}."
    blocks: list[Block] = [Paragraph(words, look="quiet")]
    for section in month.sections:
        if len(month.sections) > 1:
            blocks.append(Heading(section.title, f"month-{section.code}"))
        blocks += [Paragraph(section.sentence), Tiles(tuple(make_tile(line) for line in section.lines))]
    shown = (
        f"Each small chart shows the {SPARKLINE_MONTHS} months to {month.month.label}, with the usual range as a band."
    )
    blocks.append(Paragraph(shown, look="quiet"))
    if month.key:
        blocks.append(Terms(month.key))
    return Chapter("month", title, tuple(blocks), is_wide=True)


def make_tile(line: LineView) -> Tile:
    words = [
        (moved_cell(line).text, line.has_arrow),
        (f"{', '.join(line.flows)}." if line.flows else "", False),
        ("" if line.is_figure or says_withheld(line) else line.note, False),
        *((f"{more}.", False) for more in line.besides),
        (line.verdict, line.has_signal),
        (f"{line.leaning}." if line.leaning else "", False),
        (f"{line.parts}." if line.parts else "", False),
        (f"{line.uncovered}." if line.uncovered else "", False),
    ]
    quiet = ["" if line.polarity is Polarity.NEUTRAL else line.polarity.label, f"Supplied by {line.owner}"]
    return Tile(
        question=line.question,
        text=line.text,
        is_figure=line.is_figure,
        arrow=find_arrow(line.movement),
        words=tuple((text, is_strong) for text, is_strong in words if text),
        quiet=tuple(filter(None, quiet)),
        chart=small_chart(line),
    )


def small_chart(line: LineView) -> Picture | None:
    if not line.sparkline.path:
        return None
    svg, width, height = sparkline_picture(line.sparkline)
    return Picture(svg, width, height, alt=f"{line.sentence}. {line.sparkline.label}")


# --- Breakdowns -----------------------------------------------------------------------------------


def breakdowns(sources: Sources) -> Chapter | None:
    """Show where lines come from, and what else is split up; with a map if the categories are places."""
    breakdown_views = [table for section in sources.board.month.sections for table in section.breakdowns]
    if not breakdown_views:
        return None
    blocks: list[Block] = []
    for place, breakdown in enumerate(breakdown_views):
        blocks.append(Heading(f"{breakdown.caption}: {breakdown.dimension.lower()}", f"split-{place}"))
        tables = tuple(breakdown_tables(breakdown, since=f"Since {sources.month.previous.name}"))
        picture = draw_map(breakdown)
        if picture is None:
            blocks += tables
        else:
            blocks.append(Abreast(tables, (picture,), share=MAP, is_whole=True))
    has_map = any(table.map for table in breakdown_views)
    title = "The lines on the map" if has_map else "How the figures break down"
    return Chapter("map", title, tuple(blocks), follows=True)


def breakdown_tables(breakdown: Breakdown, *, since: str) -> Iterator[Table]:
    """Put as many indicators side by side as fit on a page."""
    for start in range(0, len(breakdown.wholes), ABREAST):
        wholes = breakdown.wholes[start : start + ABREAST]
        heads = [column for whole in wholes for column in (Column(whole.title, 2, is_number=True), Column(since, 3))]
        yield Table(
            caption=f"{', '.join(whole.title for whole in wholes)}: {breakdown.dimension.lower()}",
            columns=(Column(breakdown.dimension, 3), *heads),
            rows=tuple(
                (Cell(name, is_strong=True), *(cell for line in lines for cell in split_cells(line)))
                for name, lines in (
                    *((row.category, row.cells[start : start + ABREAST]) for row in breakdown.rows),
                    ("All", wholes),
                )
            ),
            has_total=True,
        )


def split_cells(line: LineView | None) -> tuple[Cell, Cell]:
    if line is None:
        return Cell(), Cell()
    words = line.words if line.is_figure and not line.has_arrow else line.short_words
    return Cell(line.short_text), Cell(words, arrow=find_arrow(line.movement))


def draw_map(breakdown: Breakdown) -> Picture | None:
    drawn = breakdown.map
    if drawn is None or all(line.origin.count is None for line in drawn.lines):
        return None
    svg, width, height = map_picture(drawn)
    notes = tuple(filter(None, (drawn.aid, drawn.beside)))
    return Picture(svg, width, height, alt=drawn.description, title=drawn.title, notes=notes)


def year_at_a_glance(sources: Sources) -> Chapter | None:
    month, lines = sources.board.month, {line.code: line for line in sources.lines}
    if not lines:
        return None
    year = year_view((one for several in sources.series for one in several), month.month)
    table = Table(
        caption=f"{month.month.label}, {month.month.previous.label}, and each month since {year.months[0].label}",
        columns=(
            Column("Indicator", 76),
            Column(month.month.short_label, 27, is_number=True),
            Column(month.month.previous.short_label, 27, is_number=True),
            Column(f"Since {month.month.previous.name}", 40),
            *(Column(one.short_label, 9, is_marks=True) for one in year.months),
        ),
        rows=tuple(
            (
                Cell(row.title, is_strong=True),
                Cell(lines[row.code].short_text, is_strong=True),
                Cell(lines[row.code].previous_text),
                moved_shortly(lines[row.code]),
                *map(mark_cell, row.cells),
            )
            for section in year.sections
            for row in section.rows
        ),
        marks=list_marks(year),
    )
    key: tuple[Block, ...] = (Terms(month.key),) if month.key else ()
    return Chapter("figures", "Two years at a glance", (table, *key), is_wide=True)


def moved_shortly(line: LineView) -> Cell:
    """Return its movement. Why there is no arrow is beside the figure, where there is room."""
    return Cell(line.note if says_withheld(line) else line.short_words, arrow=find_arrow(line.movement))


def mark_cell(cell: YearCell) -> Cell:
    """Return the cell. A month without a figure has only its mark, which says so."""
    return Cell(cell.figure, mark=cell.mark)


def list_marks(year: YearView) -> tuple[Mark, ...]:
    return tuple(Mark(look, mark_picture(look), words) for look, words in year.key.items())


def commentary(sources: Sources) -> Chapter | None:
    """Return the chapter, which only partners read; None without a commentary."""
    said = sources.commentary
    if said is None:
        return None
    blocks: list[Block] = [Paragraph(words) for words in said.paragraphs]
    about = f" {said.about}." if said.about else ""
    blocks.append(Paragraph(f"Signed by {said.signed}.{about}", look="quiet"))
    return Chapter("commentary", "Commentary", tuple(blocks), follows=True)


MOST = 6  # with a chart
CHART = 55  # per cent of the page's width
SMALL = 432  # the width of a chart that shares its page: its text is then as large as on a whole page


def stands_out(sources: Sources) -> Chapter:
    month = sources.board.month
    if not sources.lines:
        return empty("changed", "What stands out", no_indicators(sources))
    title = describe_found(month)
    said = " ".join(filter(None, (describe_unjudged(month), describe_chance(month), describe_counts(sources))))
    # A stable sort, so each kind stays in the order of the page.
    lines = sorted(month.changed, key=lambda line: not line.is_alarm)
    if not lines and not month.watched:
        return empty("changed", title, said)
    series = {(one.line.code, one.line.category_code): one for several in sources.series for one in several}
    blocks: list[Block] = []
    for line in lines[:MOST]:
        blocks += item(line, series[line.code, line.category_code], sources)
    if len(lines) > MOST:
        more = listed([lower_first(line.label) for line in lines[MOST:]])
        blocks.append(Paragraph(f"{len(lines) - MOST} more stand out: {more}."))
    if month.watched:
        watched = tuple(f"{line.label}: {line.verdict.removeprefix('Watch: ')}." for line in month.watched)
        blocks += [Heading("Worth watching", "watched"), Bullets(watched)]
    blocks.append(Paragraph(said, look="quiet"))
    return Chapter("changed", title, tuple(blocks), follows=True)


def item(line: LineView, series: Series, sources: Sources) -> Iterator[Block]:
    yield Heading(line.label, f"out-{line.code}{'-' if line.category_code else ''}{line.category_code}")
    said: list[Block] = [Paragraph(f"{line.sentence}.", look="lead")]
    said += [Paragraph(f"{more}.") for more in line.besides]
    if not sources.is_public:
        said.append(Paragraph(describe_response(line, sources)))
    if line.state is CellState.WITHHELD:  # of its other months there is no picture either
        yield from said
    else:
        chart = draw_small(series, is_nhs=sources.order.charts is PackCharts.NHS)
        yield Abreast(tuple(said), (chart,), share=CHART, is_whole=True)


def draw_small(series: Series, *, is_nhs: bool) -> Picture:
    chart = replace(series, is_nhs=is_nhs).chart(unit=month_width(len(series.values), SMALL))
    svg, width, height = chart_picture(chart)
    return Picture(svg, width, height, alt=f"{series.line.sentence}. {chart.words}")


# --- What is being done ---------------------------------------------------------------------------


def describe_response(line: LineView, sources: Sources) -> str:
    """List the actions that aim to change it, and the open challenges about it."""
    today = timezone.localdate()
    actions = [action for action in sources.actions if action.measure and action.measure.code == line.code]
    challenges = [
        challenge
        for challenge in sources.challenges
        if challenge.closed_at is None and challenge.indicator and challenge.indicator.code == line.code
    ]
    sentences = [
        *(describe_action(action, late=is_overdue(action, today)) for action in actions if action.completed_at is None),
        *map(describe_challenge, challenges),
    ]
    if not sentences:
        return "No action or open challenge is about this indicator yet."
    return f"What is being done: {'; '.join(sentences)}."


def describe_action(action: Action, *, late: bool) -> str:
    when = f"{'was' if late else 'is'} due {date_label(action.due_on)}"
    return f"action {action.reference}, “{action.title}”, {when}"


def describe_challenge(challenge: Challenge) -> str:
    state = ChallengeState(challenge.state)
    said = f"answer due {date_label(challenge.due_on)}" if state in UNANSWERED else state.label.lower()
    return f"challenge {challenge.reference}, {said}"


# --- What was revised, and what is missing --------------------------------------------------------


def describe_counts(sources: Sources) -> str:
    return " ".join(counts(sources))


def counts(sources: Sources) -> Iterator[str]:
    figures = sum(len(one.figures) for one in sources.revisions)
    if figures:
        yield f"{figures} {'figure was' if figures == 1 else 'figures were'} revised: see “Revisions”."
    missing = [line for line in sources.lines if not line.is_figure]
    if missing:
        withheld, which = count_withheld(missing), f"{len(missing)} of {len(sources.lines)} figures"
        if len(sources.lines) == 1:
            which = "The one figure"
        state = "not shown to the public" if withheld == len(missing) else "missing"
        hidden = f", {withheld} of them not shown to the public" if 0 < withheld < len(missing) else ""
        are = "is" if len(missing) == 1 else "are"
        yield f"{which} for {sources.month.label} {are} {state}{hidden}: see “Missing figures, and why”."


def count_withheld(lines: Iterable[LineView]) -> int:
    return sum(line.state is CellState.WITHHELD for line in lines)


# --- Each indicator -----------------------------------------------------------------------------------

CODE = 13  # per cent of the page's width, for a QR code
MONTHS = 13  # in the table: the month, and twelve before it
HOW_TO_READ_NHS = (
    "The band lies between the control limits. The thin line is the mean. A square is a signal, and a cross is a "
    f"month without a figure. {WHY_IT_DIFFERS}"
)
MARKS = (
    "A month that stands out has a diamond if it is worse, a triangle if it is better, and a square if it is neither. "
    "A ring is a month to watch, and a cross is a month without a figure."
)
HOW_TO_READ = f"The band is each month’s usual range, with a thin line through its middle. {MARKS}"
ONLY_GAPS = "A cross is a month without a figure."


def indicators(sources: Sources) -> Chapter | None:
    """Give a page to every indicator, or to each that stands out."""
    is_nhs, scope = sources.order.charts is PackCharts.NHS, sources.order.scope
    shown = [series for series in sources.series if is_full(series, scope)]
    if not shown:
        return None
    blocks = [
        block for series in shown for block in indicator(series, find_code(series[0].line, sources), is_nhs=is_nhs)
    ]
    title = "Indicator by indicator" if scope is PackScope.ALL else "What stands out, in full"
    return Chapter("indicators", title, tuple(blocks))


def others(sources: Sources) -> Chapter | None:
    """Show the others as small charts, six to a page."""
    is_nhs = sources.order.charts is PackCharts.NHS
    quiet = [whole for whole, *parts in sources.series if not told_before(whole, parts, sources)]
    if not quiet:
        return None
    title = "The other indicators" if len(quiet) < len(sources.series) else "Each indicator"
    how = Paragraph(HOW_TO_READ_NHS if is_nhs else HOW_TO_READ, look="quiet")
    return Chapter("others", title, (how, Tiles(tuple(small(one, is_nhs=is_nhs) for one in quiet), are_large=True)))


def told_before(whole: Series, parts: Sequence[Series], sources: Sources) -> bool:
    """Return whether its chart is in the pack already: on its own page, or in a short pack under “What stands out”."""
    if sources.is_short:
        return whole.line in sources.board.month.changed
    return is_full((whole, *parts), sources.order.scope)


def is_full(series: Iterable[Series], scope: PackScope) -> bool:
    return scope is PackScope.ALL or any(one.line.has_signal for one in series)


def small(series: Series, *, is_nhs: bool) -> Tile:
    line = series.line
    words = [
        (moved_cell(line).text, line.has_arrow),
        (line.verdict, line.has_signal),
        *((f"{more}.", False) for more in said_besides(line)),
    ]
    return Tile(
        question=line.title,
        text=line.text,
        is_figure=line.is_figure,
        arrow=find_arrow(line.movement),
        words=tuple((text, is_strong) for text, is_strong in words if text),
        quiet=(f"{line.polarity.label}. Supplied by {line.owner}",),
        # A withheld figure has no picture of its other months either.
        chart=None if line.state is CellState.WITHHELD else draw_small(series, is_nhs=is_nhs),
    )


def tell_series(whole: Series, parts: Sequence[Series], *, drawn: int = 0, listed: int = MONTHS) -> Iterator[Block]:
    """Tell an indicator: its sentences, its chart of all months or of the newest `drawn`, its newest months `listed` in
    a table, and its categories."""
    line = whole.line
    yield Paragraph(f"{line.sentence}.", look="lead")
    for text in said_besides(line):
        if text not in line.sentence:
            yield Paragraph(f"{text}.")
    if line.state is not CellState.WITHHELD:  # there is no picture of its other months either
        yield draw_chart(whole, months=drawn)
    yield months_table(whole, months=listed)
    if parts:
        yield parts_table(parts, whole)
    key = marks_used(whole, parts, months=listed)
    if key:
        yield Terms(key)


def find_code(line: LineView, sources: Sources) -> Code | None:
    """Return the code that leads to its page. The public can't sign in."""
    return None if sources.is_public else indicator_code(sources.order.period.area.slug, sources.month, line.code)


def indicator(series: Sequence[Series], code: Code | None, *, is_nhs: bool) -> Iterator[Block]:
    whole, parts = series[0], series[1:]
    line = whole.line
    yield Heading(line.title, f"indicator-{line.code}", starts_page=True)
    if code is None:
        yield Paragraph(line.question, look="quiet")
    else:
        words = (Paragraph(line.question, look="quiet"), Paragraph(f"On a phone: {code.address}", look="quiet"))
        yield Abreast(words, (Picture(code.svg, code.size, code.size, alt=code.alt),), share=CODE, is_whole=True)
    yield from tell_series(replace(whole, is_nhs=is_nhs), parts)
    yield Paragraph(f"{line.polarity.label}: {describe_polarity_reason(line)}. Supplied by {line.owner}.", look="quiet")


def said_besides(line: LineView) -> Iterator[str]:
    """Return what its sentence doesn’t say."""
    if line.year_words:
        yield line.year_words
    yield from line.besides


def draw_chart(series: Series, *, months: int = 0) -> Picture:
    """Draw all its months, or the newest alone."""
    count = min(months or len(series.values), len(series.values))
    chart = series.chart(months=count, unit=month_width(count))
    svg, width, height = chart_picture(chart)
    line = series.line
    return Picture(
        svg,
        width,
        height,
        alt=f"{line.sentence}. {chart.words}",
        title=f"{line.title}, {(series.month + -(count - 1)).label} to {series.month.label}: {describe_unit(line)}",
        notes=(HOW_TO_READ_NHS,) if series.is_nhs else (*describe_chart(chart), *describe_shaded(series)),
    )


def describe_chart(chart: ControlChart) -> Iterator[str]:
    """Yield how to read what a chart has: nothing where it shows figures alone."""
    if chart.bands:
        yield HOW_TO_READ
    elif chart.looks:
        yield MARKS
    elif chart.gaps:
        yield ONLY_GAPS


def describe_shaded(series: Series) -> Iterator[str]:
    if series.window_words:
        yield f"{series.window_words}."


def months_table(series: Series, *, months: int = MONTHS) -> Table:
    """Return the newest months as a table, the newest first. Where nothing is judged, no column is about that."""
    points = list(reversed(series.points))[:months]
    columns = (
        Column("Month", 4),
        Column("Figure", 3, is_number=True),
        Column("Change", 4),
        Column("Usual range", 3),
        Column("What it shows", 6),
    )
    is_used = (True, True, True, any(point.said.usual_text for point in points), any(point.shows for point in points))
    return Table(
        caption=f"{series.line.title}, month by month",
        columns=tuple(compress(columns, is_used)),
        rows=tuple(tuple(compress(month_row(point), is_used)) for point in points),
    )


def month_row(point: SeriesPoint) -> tuple[Cell, ...]:
    return (
        Cell(point.month.label),
        Cell(point.text, is_strong=True),
        Cell(point.change_text, arrow=find_arrow(point.movement)),
        Cell(point.said.usual_text),
        Cell(point.shows, is_strong=point.stands_out),
    )


def parts_table(parts: Sequence[Series], whole: Series) -> Table:
    line, month = whole.line, whole.month
    return Table(
        caption=f"{line.title}: {line.dimension.lower()}",
        columns=(
            Column(line.dimension, 4),
            Column(month.short_label, 2, is_number=True),
            Column(month.previous.short_label, 2, is_number=True),
            Column("Change", 4),
            Column("What it shows", 8),
        ),
        rows=tuple(
            (
                Cell(part.line.category, is_strong=True),
                Cell(part.line.short_text, is_strong=True),
                Cell(part.line.previous_text),
                Cell(part.line.short_words, arrow=find_arrow(part.line.movement)),
                Cell(
                    f"{part.line.verdict}." if part.line.verdict else part.line.explained,
                    is_strong=part.line.has_signal,
                ),
            )
            for part in parts
        ),
    )


def marks_used(whole: Series, parts: Sequence[Series], *, months: int) -> tuple[tuple[str, str], ...]:
    """Return the shorthand that the tables use."""
    points = list(reversed(whole.points))[:months]
    texts = [*(point.text for point in points), *(part.line.text for part in parts)]
    texts += [part.line.previous_text for part in parts]
    used = {mark for text in texts for mark in find_marks(text)}
    return tuple(entry for entry in KEY if entry[0] in used)
