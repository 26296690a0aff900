"""A month's lines as tiles, rows of the table and cells of a breakdown.

A month has dozens of each, so they are formatted here, not in templates: that takes a quarter of the time. Everything
except our own numbers is escaped.
"""

import html
from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache

from django import template
from django.utils.safestring import SafeString

from core.pages import as_markup
from indicators.charts import Sparkline
from indicators.trend import Polarity
from reporting.charts.control_chart import mark, small_marks
from reporting.months.presenters.month import describe_tile
from reporting.months.presenters.series import KpiTag
from reporting.months.presenters.shapes import LineView

register = template.Library()
NONE: Mapping[str, Sequence[KpiTag]] = {}

# Many lines and pages have the same text, so each is escaped once.
escape = lru_cache(maxsize=4096)(html.escape)

TILE = """<li class="vv-figure">
<h3>{title}{kpis}</h3>
<div class="vv-figure__count"><p><span class="{css}">{number}</span>{moved}</p>{spark}</div>{words}</li>"""
KPI = ' <a href="{0.url}" aria-label="{0.reference}, a KPI: {0.state}">{0.reference}</a>'
MOVED = ' <span class="vv-figure__moved">{arrow} {words}</span>'
# If there is little room, the newest months stay.
SPARK = (
    '<svg class="vv-spark" viewBox="0 0 100 28" preserveAspectRatio="xMaxYMid slice" role="img" aria-label="{label}">'
    '<path d="{band}"/><path d="{path}"/>{end}</svg>'
)
MARKS = '<path class="vv-mark--{}" d="{}"/>'
WORDS = '<div class="vv-figure__words">{}</div>'
SIGNAL = '<strong class="vv-verdict vv-verdict--{look}">{mark}{words}</strong>'
END = '<circle cx="{}" cy="{}" r="2.5"/>'
ROW = (
    '<tr><th scope="row"{css}><a href="{url}">{label}</a></th>'
    "<td>{previous}</td><td>{text}</td><td>{words}{besides}{verdict}</td>"
    "<td>{owner}</td></tr>"
)
SECTION = '<tr class="vv-rowgroup"><th colspan="5" scope="rowgroup">{}</th></tr>'
CELL = "<td>{text}</td><td>{words}</td>"
ARROW = '<svg class="vv-arrow" aria-hidden="true"><use href="#{}"/></svg>'


def arrow(line: LineView) -> str:
    """Return the glyph, only for the eye: the text beside it says the same."""
    return ARROW.format(line.movement.value) if line.has_arrow else ""


@register.filter
def with_code(indicators: str, code: str) -> str:
    """Return the address of an indicator's page: `indicators` is an address with {} for its code."""
    return indicators.format(code)


@register.simple_tag
def tiles(lines: Iterable[LineView], indicators: str, kpis: Mapping[str, Sequence[KpiTag]] = NONE) -> SafeString:
    """Return the month's figures, each with its title, number, arrow, small chart, and text if there is any.
    `indicators` is the address of an indicator's page, with {} for its code. `kpis` are each indicator's, by its
    code.
    """
    return as_markup("".join([tile(line, indicators, kpis.get(line.code, ())) for line in lines]))


@register.simple_tag
def plain_tiles(lines: Iterable[LineView]) -> SafeString:
    """Return the same without links, for a wall."""
    return as_markup("".join([tile(line) for line in lines]))


def tile(line: LineView, indicators: str = "", kpis: Sequence[KpiTag] = ()) -> str:
    title, drawn = escape(line.name), line.sparkline
    words = [f"<p>{said(look, words)}</p>" for look, words in describe_tile(line)]
    return TILE.format(
        kpis="".join(map(KPI.format, kpis)),
        title=f'<a href="{indicators.format(escape(line.code))}">{title}</a>' if indicators else title,
        css="vv-figure__number" if line.is_figure else "vv-figure__none",
        number=escape(line.number),
        moved=MOVED.format(arrow=arrow(line), words=escape(line.short_words)) if line.has_arrow else "",
        spark=spark(drawn) if drawn.path else "",
        words=WORDS.format("".join(words)) if words else "",
    )


def spark(drawn: Sparkline) -> str:
    is_marked = bool(drawn.end and any(place[:2] == drawn.end for place in drawn.marks))
    end = "" if drawn.end is None or is_marked else END.format(*drawn.end)
    return SPARK.format(label=drawn.label, band=drawn.band, path=drawn.path, end=end + draw_marks(drawn))


def draw_marks(drawn: Sparkline) -> str:
    """Return one path for each look."""
    return "".join([MARKS.format(look, path) for look, path in small_marks(drawn).items()])


def said(look: str, words: str) -> str:
    """Return a signal with its mark; other text unchanged."""
    return signal(look, words) if look else f"{escape(words)}."


def signal(look: str, words: str) -> str:
    return SIGNAL.format(look=look, mark=mark(look), words=escape(words))


@register.simple_tag(name="signal")
def show_signal(look: str, words: str) -> SafeString:
    return as_markup(signal(look, words))


@register.simple_tag(name="moved")
def show_movement(line: LineView) -> SafeString:
    """Return the arrow and its short text; empty if there is none."""
    return as_markup(MOVED.format(arrow=arrow(line), words=escape(line.short_words)) if line.has_arrow else "")


VERDICT = '<span class="vv-verdict vv-verdict--{look}">{mark}{words}.</span>'


def verdict(line: LineView) -> str:
    """Return the judgement, the same everywhere: its text, a signal's mark and its colour."""
    shown = mark(line.look) if line.has_signal or line.is_watched else ""
    return VERDICT.format(look=line.look, mark=shown, words=escape(line.short_verdict))


def tile_sentences(line: LineView) -> list[str]:
    words = []
    if line.has_arrow:
        words.append(f"<strong>{escape(line.words)}</strong>")
    elif line.is_figure:
        words.append(f"<span>{escape(line.words)}.</span>")
    elif line.note:
        words.append(f"<span>{escape(line.note)}.</span>")
    words += [f"<span>{escape(more)}.</span>" for more in line.besides]
    if line.verdict:
        words.append(verdict(line))
    if line.parts:
        words.append(f"<span>{escape(line.parts)}.</span>")
    if line.polarity is not Polarity.NEUTRAL:
        words.append(f"<span>{line.polarity.label}.</span>")
    return words


@register.simple_tag(name="verdict")
def show_verdict(line: LineView) -> SafeString:
    return as_markup(verdict(line))


@register.simple_tag
def rows(lines: Iterable[LineView], indicators: str, *, by_section: bool) -> SafeString:
    """Return the same figures as table rows, with or without section headings."""
    html = []
    section = ""
    for line in lines:
        if by_section and line.section_code != section:
            section = line.section_code
            html.append(SECTION.format(escape(line.section_title)))
        html.append(row(line, indicators))
    return as_markup("".join(html))


def row(line: LineView, indicators: str) -> str:
    return ROW.format(
        url=indicators.format(escape(line.code)),
        css=' class="vv-part"' if line.category_code else "",
        label=escape(line.label),
        owner=escape(line.owner),
        previous=escape(line.previous_text),
        text=escape(line.short_text),
        words=escape(line.explained),
        besides="".join([f" <span>{escape(more)}.</span>" for more in line.besides]),
        verdict=f" {verdict(line)}" if line.verdict else "",
    )


@register.simple_tag
def cells(lines: Iterable[LineView | None]) -> SafeString:
    """Return a row of a breakdown: each figure's number, and its short movement."""
    return as_markup("".join(map(cell, lines)))


def cell(line: LineView | None) -> str:
    if line is None:
        return "<td></td><td></td>"
    # Without a figure, "awaited" or [x] says it all.
    words = f"{arrow(line)} {escape(line.short_words)}" if line.is_figure else ""
    return CELL.format(text=escape(line.short_text), words=words)
