"""What the frame of each page asks for besides its context."""

from typing import Any

from django import template

register = template.Library()


@register.simple_tag(takes_context=True)
def has_failed(context: dict[str, Any]) -> bool:
    """Return whether the page says what is wrong with a form. Most have none, and a template takes long to look for
    what isn't there."""
    return bool(context.get("has_errors") or getattr(context.get("form"), "errors", None))
