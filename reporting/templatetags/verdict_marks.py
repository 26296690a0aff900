"""The mark of a month, for templates: see reporting.charts.verdict_marks."""

from django import template
from django.utils.safestring import SafeString

from core.markup import as_markup
from reporting.charts import verdict_marks

register = template.Library()


@register.simple_tag
def mark_shapes() -> SafeString:
    """Return the shapes. <use href="#signal-better"> draws one at its place in a picture."""
    shapes = verdict_marks.SHAPES.items()
    return as_markup("".join([f'<path id="signal-{look}" d="{shape}"/>' for look, shape in shapes]))


@register.simple_tag
def mark(look: str) -> SafeString:
    return as_markup(verdict_marks.mark(look))
