"""Is this configuration safe in production? Refuses the defaults for trying the product out."""

from typing import Any

from django.conf import settings
from django.core.checks import Error, register


@register()
def production_is_safe(**_: Any) -> list[Error]:
    """Return an error for each such default that a production run still has."""
    if not settings.PRODUCTION:
        return []
    faults = (
        ("E001", settings.DEBUG, "DEBUG is on.", "Leave DEBUG out."),
        ("E002", settings.SECRET_KEY == settings.DEFAULT_SECRET_KEY, "SECRET_KEY is the default.", "Set SECRET_KEY."),
        ("E003", not settings.ALLOWED_HOSTS, "No hosts are allowed.", "Set ALLOWED_HOSTS."),
        ("E004", "sqlite3" in settings.DATABASES["default"]["ENGINE"], "The database is SQLite.", "Set DATABASE_URL."),
        (
            "E005",
            settings.CELERY_TASK_ALWAYS_EAGER,
            "Tasks run inside requests.",
            "Set REDIS_URL; run worker and beat.",
        ),
        (
            "E006",
            not settings.SITE_URL.startswith("https://"),
            "The links in e-mails don't start with https://.",
            "Set SITE_URL to the address that people open, such as https://dashboard.example.",
        ),
    )
    return [Error(f"In production: {what}", hint=hint, id=f"vvdash.{code}") for code, bad, what, hint in faults if bad]
