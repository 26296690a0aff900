"""Writes a figure, and finds its page."""

from django import template
from django.utils.html import format_html_join
from django.utils.safestring import SafeString

from indicators.figures import REASONS
from indicators.models import Correction
from indicators.selectors import figures

register = template.Library()


@register.simple_tag
def figure_text(state: str, value: int | None) -> str:
    """Return a figure as text: "1,200", "Not available"; "No figure" for an empty state."""
    return figures.figure_text(state, value)


@register.simple_tag
def figure_url(correction: Correction) -> str:
    """Return the address of the figure that a correction is about."""
    return figures.figure_url(correction.indicator, correction.category, correction.period)


def _write_options(chosen: str) -> SafeString:
    options = (
        (reason.value, " data-later" if reason.is_owed else "", " selected" if reason.value == chosen else "", label)
        for reason, label in REASONS.items()
    )
    return format_html_join("", '<option value="{}"{}{}>{}</option>', [("", "", "", "Choose a reason"), *options])


# Build the options once for each choice: a return has one list for each figure.
OPTIONS = {chosen: _write_options(chosen) for chosen in ("", *(reason.value for reason in REASONS))}


@register.simple_tag
def reason_options(chosen: str) -> SafeString:
    """Return the reasons for no figure, to choose from. A reason whose figure may still arrive is marked for a
    script."""
    return OPTIONS.get(chosen, OPTIONS[""])
