"""A series as a chart in SVG, and as rows of months. They are formatted here, not in a template: see
reporting.templatetags.month. Everything except our own numbers is escaped.
"""

from collections.abc import Iterable, Sequence
from functools import lru_cache
from html import escape
from typing import Protocol

from django import template
from django.utils.safestring import SafeString

from core.pages import as_markup
from reporting.charts.control_chart import (
    BOTTOM,
    HEIGHT,
    MEANINGS,
    SHAPES,
    SIGNALS,
    SMALL_HEIGHT,
    ControlChart,
    SmallChart,
    mark,
)
from reporting.charts.labels import NARROW, ROOMY, place_marks
from reporting.months.presenters.series import Series, SeriesPoint, SeriesView, places_on
from reporting.months.presenters.shapes import LineView
from reporting.pages.presenters.indicators import HistoryRow
from reporting.templatetags.month import arrow, tile_sentences, verdict

register = template.Library()

CHART = """<svg class="vv-chart__picture" height="{height}" role="img" aria-labelledby="chart-title chart-words">
<title id="chart-title">{title}</title><desc id="chart-words">{words}</desc><defs>{shapes}</defs>{rules}
<svg height="{height}" width="100%" viewBox="0 0 {width} {height}" preserveAspectRatio="none">
<path class="vv-chart__band" d="{bands}"/><path class="vv-chart__limit" d="{limits}"/>
<path class="vv-chart__mean" d="{mean}"/>{aims}<path class="vv-chart__line" d="{line}"/>
<path class="vv-chart__dots" d="{dots}"/></svg>
{columns}{marks}{gaps}{changes}{ticks}{happened}</svg>"""
AIMS = '<path class="vv-aim__goal" d="{0.targets}"/><path class="vv-aim__way" d="{0.ways}"/>'
SHAPE = '<path id="mark-{}" d="{}"/>'
RULE = (
    '<line class="vv-chart__rule" x1="0" x2="100%" y1="{0.y}" y2="{0.y}"/>'
    '<text x="-8" y="{0.y}" dy=".35em">{0.label}</text>'
)
COLUMN = '<rect class="vv-chart__column" x="{0.x}" y="{0.y}" width="{0.width}" height="{0.height}"/>'
MARK = '<use class="vv-chart__mark vv-mark--{0.look}" href="#mark-{0.look}" x="{0.x}" y="{0.y}"/>'
GAP = f'<use class="vv-mark--gap" href="#mark-gap" x="{{}}" y="{BOTTOM}"/>'
CHANGE = (
    f'<line class="vv-chart__change{{light}}" x1="{{0.x}}" x2="{{0.x}}" y1="0" y2="{BOTTOM}"/>'
    '<text class="vv-chart__words{ends}" x="{0.x}" dx="{dx}" y="{0.y}">{words}</text>'
)
TICK = (
    f'<text class="vv-chart__tick{{minor}}" x="{{0.x}}" y="{BOTTOM + 20}">{{0.month}}</text>'
    f'<text class="vv-chart__tick{{minor}}" x="{{0.x}}" y="{BOTTOM + 37}">{{0.year}}</text>'
)
# What happened: a stroke along the months, and under it its number in the key, or the first and last numbers.
MARKS_HEIGHT, STROKE, NUMBER = 28, BOTTOM + 46, BOTTOM + 52
HAPPENED = '<g class="vv-chart__happened vv-chart__happened--{room}">{labels}</g>'
LABEL = (
    f'<line x1="{{0.starts:.2%}}" x2="{{0.ends:.2%}}" y1="{STROKE}" y2="{STROKE}"/>'
    f'<rect x="{{0.x:.2%}}" y="{NUMBER}" width="{{0.width}}" height="18" rx="9" transform="translate(-{{half:g}})"/>'
    f'<text x="{{0.x:.2%}}" y="{NUMBER + 13}">{{0.text}}</text>'
)
SMALL = (
    f'<svg class="vv-small" viewBox="0 0 {{0.width}} {SMALL_HEIGHT}" preserveAspectRatio="none" role="img" '
    'aria-label="{0.label}"><path class="vv-chart__band" d="{0.bands}"/><path class="vv-chart__line" d="{0.line}"/>'
    '<path class="vv-small__dots" d="{0.dots}"/><path class="vv-small__end" d="{0.end}"/></svg>'
)
KEY = '<svg class="vv-chart__swatch" viewBox="-10 -10 20 20" aria-hidden="true" focusable="false">{}</svg>'
LINE = KEY.format('<path class="vv-chart__line" d="M-10 0H10"/>')
COLUMNS = KEY.format('<path class="vv-chart__column" d="M-4-8h8v16h-8z"/>')
MEAN = KEY.format('<path class="vv-chart__mean" d="M-10 0H10"/>')
AIM = KEY.format('<path class="vv-aim__goal" d="M-10-5H10"/><path class="vv-aim__way" d="M-10 5H10"/>')
AIM_LINK = '<li>{} Target and trajectory of <a class="govuk-link" href="{}">{}</a></li>'
RANGE = KEY.format(
    '<path class="vv-chart__band" d="M-10-8H10V8H-10z"/><path class="vv-chart__limit" d="M-10-8H10M-10 8H10"/>'
)

CARD = """<li class="vv-card">
<{heading} class="vv-card__title"><a class="govuk-link" href="{url}">{title}</a></{heading}>
<p class="vv-card__figure"><span class="{css}">{text}</span>{arrow}</p>
{small}
<p class="vv-card__words">{words}</p>
</li>"""
POINT = (
    '<tr><th scope="row">{month}</th><td class="vv-number">{text}</td><td>{change}</td><td>{usual}</td>'
    "<td{look}>{mark}{shows}</td><td>{year}</td></tr>"
)
PART = (
    '<tr><th scope="row">{name}</th><td class="vv-number">{text}</td><td class="vv-nowrap">{arrow} {change}</td>'
    "<td>{small}</td><td>{sentence}. {verdict}</td></tr>"
)
SIGNAL_CELL = (
    '<td class="vv-number vv-verdict--{look}">{text}{mark}<span class="govuk-visually-hidden">, {shows}</span></td>'
)
OBSERVED = (
    '<tr><th scope="row">{link}</th>{category}<td class="vv-number">{2}</td><td class="vv-break">{3}</td>'
    '<td class="vv-break">{4}</td><td>{5}</td></tr>'
)
OF_FIGURE = '<a class="govuk-link" href="{}{}">{}</a>'


@register.simple_tag
def control_chart(view: SeriesView) -> SafeString:
    return draw_chart(
        view.chart,
        title=f"{view.line.title}, {view.span}",
        words=[
            *(f"KPI {aim.words}." for aim in view.aims),
            *([f"{len(view.marks)} marks under it, explained below."] if view.marks else []),
        ],
        happened=happened(view) if view.marks else "",
    )


@register.simple_tag
def plain_chart(chart: ControlChart, title: str) -> SafeString:
    """Return a chart without marks under it."""
    return draw_chart(chart, title=title)


def draw_chart(chart: ControlChart, *, title: str, words: Sequence[str] = (), happened: str = "") -> SafeString:
    shapes = [SHAPE.format(look, SHAPES[look]) for look in [*drawn(chart), *["gap"] * bool(chart.gaps)]]
    return as_markup(
        CHART.format(
            height=HEIGHT + (MARKS_HEIGHT if happened else 0),
            title=escape(title),
            words=escape(" ".join([chart.words, *words])),
            shapes="".join(shapes),
            width=chart.width,
            rules="".join(map(RULE.format, chart.rules)),
            bands=chart.bands,
            limits=chart.limits,
            mean=chart.mean,
            aims=AIMS.format(chart) if chart.ways else "",
            line=chart.line,
            dots=chart.dots,
            columns="".join(map(COLUMN.format, chart.columns)),
            marks="".join(map(MARK.format, chart.marks)),
            gaps="".join(map(GAP.format, chart.gaps)),
            changes=changes(chart),
            ticks="".join(
                TICK.format(tick, minor="" if tick.is_main else " vv-chart__tick--minor") for tick in chart.ticks
            ),
            happened=happened,
        )
    )


def happened(view: SeriesView) -> str:
    """Return the marks under the axis, twice: the style sheet shows the set that has room."""
    places, count = places_on(view.marks, view.whole.first), len(view.whole.values)
    return "".join(
        HAPPENED.format(
            room=name,
            labels="".join(
                LABEL.format(label, half=label.width / 2) for label in place_marks(places, count, room=room)
            ),
        )
        for name, room in (("roomy", ROOMY), ("narrow", NARROW))
    )


def drawn(chart: ControlChart) -> list[str]:
    """Return the looks of the chart's marks, in the order of the key. Raises ValueError for one without a shape."""
    looks = {mark.look for mark in chart.marks}
    if unknown := looks.difference(SIGNALS):
        raise ValueError(f"There is no mark for {', '.join(sorted(unknown))}.")
    return sorted(looks, key=SIGNALS.index)


def changes(chart: ControlChart) -> str:
    return "".join(
        CHANGE.format(
            change,
            words=escape(change.words),
            light="" if change.breaks else " vv-chart__change--light",
            ends=" vv-chart__words--ends" if change.ends else "",
            dx=-6 if change.ends else 6,
        )
        for change in chart.changes
    )


@register.simple_tag
def chart_key(view: SeriesView) -> SafeString:
    """Return what each stroke and mark means, only for those that are drawn."""
    chart, title = view.chart, view.line.title
    signals = [(mark(look), "A signal" if view.is_nhs else MEANINGS[look], True) for look in drawn(chart)]
    entries = [
        (LINE, title, bool(chart.line)),
        (COLUMNS, title, bool(chart.columns)),
        (MEAN, "Average" if view.is_nhs else "Usual", bool(chart.mean)),
        (
            RANGE,
            "Between the control limits" if view.is_nhs else "Usual range",
            bool(chart.bands),
        ),
        *signals,
        (mark("gap"), MEANINGS["gap"], bool(chart.gaps)),
    ]
    shown = [f"<li>{picture} {escape(words)}</li>" for picture, words, is_drawn in entries if is_drawn]
    shown += [AIM_LINK.format(AIM, escape(aim.url), escape(aim.words)) for aim in view.aims]
    return as_markup("".join(shown))


@register.simple_tag
def glyph(line: LineView) -> SafeString:
    return as_markup(arrow(line))


@register.simple_tag
def now_sentence(line: LineView) -> SafeString:
    """Return a tile's text, and the comparison with the same month a year before."""
    moved, *rest = tile_sentences(line) or [""]
    year = f"<span>{line.year_words}.</span>" if line.year_words else ""
    return as_markup(" ".join(filter(None, [moved, year, *rest])))


@register.simple_tag
def cards(series: Iterable[Series], indicators: str, heading: str = "h2") -> SafeString:
    """Return indicators side by side, each with a link to its page. `indicators` is its address with {} for its code.
    `heading` is the element of its title.
    """
    return as_markup("".join([card(one, indicators, heading) for one in series]))


def card(series: Series, indicators: str, heading: str) -> str:
    line = series.line
    return CARD.format(
        heading=heading,
        url=indicators.format(escape(line.code)),
        title=escape(line.name),
        css="vv-card__number" if line.is_figure else "vv-card__none",
        text=escape(line.text),
        arrow=arrow(line),
        small=small(series.small),
        words=now_sentence(line),
    )


def small(chart: SmallChart) -> str:
    return SMALL.format(chart)


@register.simple_tag
def point_rows(points: Sequence[SeriesPoint]) -> SafeString:
    """Return the months as rows, the newest first."""
    return as_markup("".join(map(point_row, reversed(points))))


def point_row(point: SeriesPoint) -> str:
    return POINT.format(
        month=point.month.label,
        text=point.text,
        change=point.change_text,
        usual=point.said.usual_text,
        look=f' class="vv-verdict--{point.look}"' if point.look else "",
        mark=mark(point.look) if point.look else "",
        shows=point.shows,
        year=point.year_words,
    )


class MonthShown(Protocol):
    """What a cell shows of a month."""

    @property
    def text(self) -> str: ...
    @property
    def look(self) -> str: ...
    @property
    def shows(self) -> str: ...


@register.simple_tag
def month_cells(points: Iterable[MonthShown | None]) -> SafeString:
    """Return a row of months, each with its figure; a signal's mark has text for people who can't see it."""
    return as_markup("".join(month_cell(point) for point in points))


def month_cell(point: MonthShown | None) -> str:
    if point is None:
        return "<td></td>"
    text = escape(point.text)
    if not point.look:
        return f'<td class="vv-number">{text}</td>'
    return SIGNAL_CELL.format(text=text, look=point.look, mark=mark(point.look), shows=escape(point.shows))


@register.simple_tag
def part_rows(parts: Iterable[Series]) -> SafeString:
    return as_markup("".join(map(part_row, parts)))


def part_row(part: Series) -> str:
    line = part.line
    return PART.format(
        name=escape(line.category),
        text=escape(line.short_text),
        arrow=arrow(line),
        change=escape(line.short_words),
        small=small(part.small),
        sentence=escape(line.short_sentence),
        verdict=verdict(line) if line.verdict else "",
    )


@register.simple_tag
@lru_cache(maxsize=64)
def observed_rows(rows: tuple[HistoryRow, ...], figures: str, *, by_category: bool) -> SafeString:
    """Return the rows. `figures` is the start of the addresses of figures' pages; empty for people who may not open
    them.
    """
    html = []
    for row in rows:
        # Some cells have people's own words, so all are escaped.
        cells = HistoryRow._make(map(escape, row))
        month = OF_FIGURE.format(figures, cells.place, cells.month) if figures else cells.month
        html.append(OBSERVED.format(*cells, link=month, category=f"<td>{cells.category}</td>" if by_category else ""))
    return as_markup("".join(html))
