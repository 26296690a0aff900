"""The mark of a month, for templates: see reporting.charts.control_chart."""

from django import template
from django.utils.safestring import SafeString

from core.pages import as_markup
from reporting.charts import control_chart

register = template.Library()


@register.simple_tag
def mark_shapes() -> SafeString:
    """Return the shapes. <use href="#signal-better"> draws one at its place in a picture."""
    shapes = control_chart.SHAPES.items()
    return as_markup("".join([f'<path id="signal-{look}" d="{shape}"/>' for look, shape in shapes]))


@register.simple_tag
def mark(look: str) -> SafeString:
    return as_markup(control_chart.mark(look))
