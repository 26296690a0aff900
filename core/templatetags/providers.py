"""What the pages about signing in say about single sign-on: nothing, if the operator has set no provider."""

from typing import Any

from django import template
from django.conf import settings
from django.template.context import Context

from core.identity.sessions import PROVIDER

register = template.Library()


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
