"""What a template says of a line that the public sees: whether its figure is withheld or rounded."""

from collections.abc import Iterator

from django import template

from indicators.charts import Sparkline
from indicators.judgement.judge import LEAST_FIGURES
from indicators.trend import SYMBOLS, CellState, NoArrowReason
from reporting.months.presenters.shapes import LineView
from reporting.months.presenters.words import upper_first, why_withheld

register = template.Library()
ROUNDED = NoArrowReason.ROUNDED.value
NOT_SHOWN = CellState.WITHHELD.label.lower()


@register.filter
def has_line(drawn: Sparkline) -> bool:
    """Return whether enough months are shown for a line."""
    return drawn.path.count("M") + drawn.path.count("L") >= LEAST_FIGURES


@register.filter
def rounded(line: LineView) -> str:
    """ "Rounded to the nearest 5, so it has no arrow"."""
    so = ", so it has no arrow" if line.no_arrow_reason == ROUNDED else ""
    return f"Rounded to the nearest {line.rounded_to}{so}"


@register.filter
def public_sentences(line: LineView) -> Iterator[str]:
    """Yield what a row says before the verdict."""
    if line.rounded_to:
        yield f"{rounded(line)}."
    if line.state is CellState.WITHHELD:
        yield f"{upper_first(why_withheld(line.protected_by))}."
    elif line.no_arrow_reason != ROUNDED:
        yield line.explained + ("." if line.is_figure else "")
    for sentence in line.besides:
        yield f"{sentence}."


@register.filter
def spelt_out(text: str) -> str:
    """Replace the symbol for a figure that isn't shown by words. Only files have the symbol."""
    return NOT_SHOWN if text == SYMBOLS[CellState.WITHHELD] else text
