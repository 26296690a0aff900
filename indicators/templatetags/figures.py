"""How is a figure said, and where is its page?"""

from django import template
from django.utils.html import format_html_join
from django.utils.safestring import SafeString

from indicators.entries import REASONS
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


def _write_options(chosen: str) -> SafeString:
    options = (
        (reason.value, " data-later" if reason.is_owed else "", " selected" if reason.value == chosen else "", label)
        for reason, label in REASONS.items()
    )
    return format_html_join("", '<option value="{}"{}{}>{}</option>', [("", "", "", ""), *options])


# Made once for each choice: a return has as many lists of them as it has figures.
OPTIONS = {chosen: _write_options(chosen) for chosen in ("", *(reason.value for reason in REASONS))}


@register.simple_tag
def reason_options(chosen: str) -> SafeString:
    """The reasons why there is no figure, to choose from; one whose figure may still come says so to a script."""
    return OPTIONS.get(chosen, OPTIONS[""])
