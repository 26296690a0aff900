"""How long a link to set a password works, for pages that allauth makes."""

from django import template
from django.conf import settings

register = template.Library()


@register.simple_tag
def link_hours() -> int:
    """Return the hours for which a link to a new password works."""
    return int(settings.RESET_HOURS)


@register.simple_tag
def invitation_days() -> int:
    """Return the days for which an invitation works."""
    return int(settings.INVITATION_DAYS)
