"""What the templates of charts and lines ask for: the shapes and meanings of marks (reporting.charts.control_chart)."""

from collections.abc import ItemsView

from django import template

from reporting.charts.control_chart import MEANINGS, SHAPES, percent

register = template.Library()
register.filter(percent)


@register.filter
def meaning(look: str) -> str:
    return MEANINGS[look]


@register.filter
def shape(look: str) -> str:
    """Return the path of a mark. Raises KeyError for a look without one."""
    return SHAPES[look]


@register.simple_tag
def mark_shapes() -> ItemsView[str, str]:
    """Return the path of every look, for <use href="#signal-better"> to draw at its place in a picture."""
    return SHAPES.items()
