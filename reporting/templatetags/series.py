"""What the template of a chart asks for besides its chart."""

from django import template

from reporting.charts.control_chart import MEANINGS, percent

register = template.Library()
register.filter(percent)


@register.filter
def meaning(look: str) -> str:
    return MEANINGS[look]
