"""A month's lines as the public sees them.

They are as in reporting.templatetags.month, but links stay on the page, and each figure says whether it is withheld or
rounded.
"""

from collections.abc import Iterable

from django import template
from django.utils.safestring import SafeString

from core.pages import as_markup
from indicators.judgement.judge import LEAST_FIGURES
from indicators.trend import SYMBOLS, CellState, NoArrowReason
from reporting.months.presenters.shapes import LineView
from reporting.months.presenters.words import why_withheld
from reporting.public.presenters.month import upper_first
from reporting.templatetags.month import CELL, END, arrow, escape, tile_sentences, verdict

register = template.Library()
ROUNDED = NoArrowReason.ROUNDED.value
NOT_SHOWN = CellState.WITHHELD.label.lower()

TILE = """<li class="vv-tile">
<h3 class="vv-tile__question"><a href="{about}#about-{code}">{question}</a></h3>
<p class="vv-tile__figure"><span class="{css}">{text}</span>{arrow}</p>
{spark}<p class="vv-tile__words">{words}</p>
</li>"""
SPARK = (
    '<svg class="vv-spark" viewBox="0 0 100 28" role="img" aria-label="{label}">'
    '<path class="vv-spark__line" d="{path}"/>{end}</svg>\n'
)
ROW = (
    '<tr role="row"><th role="rowheader" scope="row"{css}>{label}</th><td role="cell" class="vv-number">{previous}</td>'
    '<td role="cell" class="vv-number">{text}</td><td role="cell">{words}</td></tr>'
)
SECTION = '<tr role="row" class="vv-rowgroup"><th role="rowheader" colspan="4" scope="rowgroup">{}</th></tr>'


@register.simple_tag
def public_tiles(lines: Iterable[tuple[LineView, str]], about: str) -> SafeString:
    """Return the figures that are shown, each with its question. `about` is the address of the page that says what each
    counts.
    """
    return as_markup("".join([tile(line, question, about) for line, question in lines]))


def tile(line: LineView, question: str, about: str) -> str:
    words = tile_sentences(line)
    if line.rounded_to:
        # The first sentence says why there is no arrow, and the new one says so too.
        words = [f"<span>{rounded(line)}.</span>", *(words[1:] if line.no_arrow_reason == ROUNDED else words)]
    return TILE.format(
        about=escape(about),
        code=escape(line.code),
        question=escape(question),
        css="vv-tile__number" if line.is_figure else "vv-tile__none",
        text=escape(line.text),
        arrow=arrow(line),
        spark=spark(line),
        words=" ".join(words),
    )


def spark(line: LineView) -> str:
    """Return the small chart; empty if too few months are shown for a line."""
    small = line.sparkline
    if small.path.count("M") + small.path.count("L") < LEAST_FIGURES:
        return ""
    return SPARK.format(label=small.label, path=small.path, end=END.format(*small.end) if small.end else "")


def rounded(line: LineView) -> str:
    """ "Rounded to the nearest 5, so it has no arrow"."""
    so = ", so it has no arrow" if line.no_arrow_reason == ROUNDED else ""
    return f"Rounded to the nearest {line.rounded_to}{so}"


@register.simple_tag
def public_rows(lines: Iterable[LineView], about: str) -> SafeString:
    """Return every figure, under a heading for each section. `about` is as for tiles."""
    html = []
    section = ""
    for line in lines:
        if line.section_code != section:
            section = line.section_code
            html.append(SECTION.format(escape(line.section_title)))
        html.append(row(line, about))
    return as_markup("".join(html))


def row(line: LineView, about: str) -> str:
    said = [f"{rounded(line)}."] if line.rounded_to else []
    if line.state is CellState.WITHHELD:
        said.append(f"{upper_first(why_withheld(line.protected_by))}.")
    elif line.no_arrow_reason != ROUNDED:
        said.append(escape(line.explained) + ("." if line.is_figure else ""))
    said += [f"{escape(more)}." for more in line.besides]
    if line.verdict:
        said.append(verdict(line))
    return ROW.format(
        css=' class="vv-part"' if line.category_code else "",
        label=escape(line.category)
        if line.category_code
        else f'<a class="govuk-link" href="{escape(about)}#about-{escape(line.code)}">{escape(line.title)}</a>',
        previous=escape(spelt_out(line.previous_text)),
        text=escape(spelt_out(line.short_text)),
        words=" ".join(said),
    )


def spelt_out(text: str) -> str:
    """Replace the symbol for a figure that isn't shown by words. Only files have the symbol."""
    return NOT_SHOWN if text == SYMBOLS[CellState.WITHHELD] else text


@register.simple_tag
def public_cells(lines: Iterable[LineView | None]) -> SafeString:
    """Return a row of a breakdown: each figure's number, and its short movement."""
    return as_markup("".join(map(cell, lines)))


def cell(line: LineView | None) -> str:
    if line is None:
        return "<td></td><td></td>"
    if line.rounded_to:
        words = f"Rounded to the nearest {line.rounded_to}"
    elif line.is_figure:
        words = f"{arrow(line)} {escape(line.short_words)}"
    else:
        words = ""
    return CELL.format(text=escape(spelt_out(line.short_text)), words=words)
