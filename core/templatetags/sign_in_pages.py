"""What the pages about signing in say: who needs a second factor, how long a link works, and single sign-on."""

from typing import Any

from django import template
from django.conf import settings
from django.template.context import Context

from core.identity.sessions import PROVIDER

register = template.Library()
# Whose roles always need a second factor: boards.rules.FACTOR_ROLES, and every role in a region.
ALWAYS = "coordinators, information officers, operators and everyone with a role in a region"
TRIED_OUT = (
    "This is a trial of the product: the demonstration’s accounts sign in with a password alone. In production, "
    f"{ALWAYS} need a second factor too."
)


@register.simple_tag
def who_needs_a_factor() -> str:
    return ALWAYS


@register.simple_tag
def how_tried_out() -> str:
    """Return the sentence about the demonstration's accounts; empty in production."""
    return "" if settings.PRODUCTION else TRIED_OUT


@register.simple_tag
def link_hours() -> int:
    """Return the hours for which a link to a new password works."""
    return int(settings.RESET_HOURS)


@register.simple_tag
def invitation_days() -> int:
    """Return the days for which an invitation works."""
    return int(settings.INVITATION_DAYS)


@register.inclusion_tag("account/_providers.html", takes_context=True)
def provider_buttons(context: Context) -> dict[str, Any]:
    """Return the providers for the sign-in page, with what each of their forms sends."""
    return {
        "providers": settings.OIDC_PROVIDERS.values(),
        "csrf_token": context.get("csrf_token"),
        "redirect_field": context.get("redirect_field"),
    }


@register.simple_tag(takes_context=True)
def signed_in_by(context: Context) -> str:
    """Return the name of the provider by which the reader signed in; empty for a password."""
    provider = settings.OIDC_PROVIDERS.get(context["request"].session.get(PROVIDER, ""))
    return provider.name if provider else ""
