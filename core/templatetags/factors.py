"""What the sign-in page says about the demonstration."""

from django import template
from django.conf import settings
from django.utils.html import format_html
from django.utils.safestring import SafeString

register = template.Library()
# Whose roles always need a second factor: boards.rules.FACTOR_ROLES, and every role in a region.
ALWAYS = "coordinators, information officers, operators and everybody with a role in a region"
TRIED_OUT = (
    "This is a trial of the product: the demonstration’s accounts sign in with a password alone. In production, "
    f"{ALWAYS} need a second factor too."
)


@register.simple_tag
def who_needs_a_factor() -> str:
    return ALWAYS


@register.simple_tag
def if_tried_out() -> SafeString:
    """Return the sentence about the demonstration's accounts, or nothing in production."""
    return format_html("{}", "") if settings.PRODUCTION else format_html('<p class="govuk-body">{}</p>', TRIED_OUT)
