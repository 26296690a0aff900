"""A figure as text, its page, and why there may be none."""

from collections.abc import ItemsView

from django import template

from indicators.figures import REASONS
from indicators.models import Correction
from indicators.selectors import figures
from indicators.trend import CellState

register = template.Library()


@register.simple_tag
def figure_text(state: str, value: int | None) -> str:
    """Return a figure as text: "1,200", "Not available"; "No figure" for an empty state."""
    return figures.figure_text(state, value)


@register.simple_tag
def figure_url(correction: Correction) -> str:
    """Return the address of the figure that a correction is about."""
    return figures.figure_url(correction.indicator, correction.category, correction.period)


@register.simple_tag
def reasons() -> ItemsView[CellState, str]:
    """Return the reasons for no figure, to choose from."""
    return REASONS.items()
