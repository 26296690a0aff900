"""Refuse an unsafe configuration in production: the defaults for trying the product out."""

from typing import Any

from django.conf import settings
from django.core.checks import Error, register

from vvdash import env

SHORTEST_KEY = 50  # characters
FEWEST_CHARACTERS = 5  # that differ


def is_weak(key: str) -> bool:
    """Return whether somebody could guess a key that signs sessions and links."""
    return len(key) < SHORTEST_KEY or len(set(key)) < FEWEST_CHARACTERS


@register()
def production_is_safe(**_: Any) -> list[Error]:
    """Return an error for each such default that a production run still has."""
    if not settings.PRODUCTION:
        return []
    keys = (settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS)
    faults = (
        ("E001", settings.DEBUG, "DEBUG is on.", "Leave DEBUG out."),
        ("E002", keys[0] == settings.DEFAULT_SECRET_KEY, "SECRET_KEY is the default.", "Set SECRET_KEY."),
        (
            "E009",
            settings.DEFAULT_SECRET_KEY in keys[1:],
            "SECRET_KEY_FALLBACKS has the default key, which everyone knows.",
            "Run manage.py reseal_factors outside production, then remove that key.",
        ),
        ("E003", not settings.ALLOWED_HOSTS, "No hosts are allowed.", "Set ALLOWED_HOSTS."),
        (
            "E007",
            any("*" in host for host in settings.ALLOWED_HOSTS),
            "Every host is allowed.",
            "Name the hosts in ALLOWED_HOSTS, without *.",
        ),
        (
            "E008",
            any(map(is_weak, keys)),
            f"SECRET_KEY, or one of SECRET_KEY_FALLBACKS, has fewer than {SHORTEST_KEY} characters or too "
            "few different ones.",
            "Make a key with: python -c 'import secrets; print(secrets.token_urlsafe(50))'.",
        ),
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
            "The links in emails don't start with https://.",
            "Set SITE_URL to the address that people open, such as https://dashboard.example.",
        ),
        (
            "E010",
            settings.INSIDE and not settings.PROXIES,
            "INSIDE names networks, but PROXIES is 0: every visitor would have the proxy's address.",
            "Set PROXIES to the number of proxies in front of the web server.",
        ),
    )
    return [Error(f"In production: {what}", hint=hint, id=f"vvdash.{code}") for code, bad, what, hint in faults if bad]


def refuse_unsafe(**_: Any) -> None:
    """End a web server, worker or beat with a sentence for each such default."""
    faults = production_is_safe()
    if faults:
        env.refuse("\n".join(f"{fault.msg} {fault.hint}" for fault in faults))
