"""How is a figure said, and where is its page?"""

from django import template

from indicators.models import Correction
from indicators.selectors import figures

register = template.Library()


@register.simple_tag
def figure_text(state: str, value: int | None) -> str:
    """A figure in words: "1,200", "Not available"; "No figure" for an empty state."""
    return figures.figure_text(state, value)


@register.simple_tag
def figure_url(correction: Correction) -> str:
    """The page of the figure that a correction is about."""
    return figures.figure_url(correction.indicator, correction.category, correction.period)
