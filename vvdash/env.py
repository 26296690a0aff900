"""Read settings from the environment, and refuse nonsense with a sentence.

An empty variable counts as one that isn't set, so that a compose file can pass
`NAME=${NAME:-}` through.
"""

import os
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

from django.core.exceptions import ImproperlyConfigured

TRUE = {"1", "true", "yes", "on"}
FALSE = {"0", "false", "no", "off"}


def text(name: str, default: str = "") -> str:
    return os.environ.get(name, "").strip() or default


def flag(name: str, *, default: bool) -> bool:
    """A yes or a no.

    Raises ImproperlyConfigured for anything else.
    """
    value = text(name).lower()
    if not value:
        return default
    if value in TRUE | FALSE:
        return value in TRUE
    raise ImproperlyConfigured(f"{name} is {value!r}; say 1 or 0.")


def words(name: str) -> list[str]:
    """A list separated by commas."""
    return [word.strip() for word in text(name).split(",") if word.strip()]


def database(name: str, *, default: str) -> dict[str, Any]:
    """Django's database settings from a URL: `postgres://user:password@host:port/name`
    (or `postgresql://`), or `sqlite:///path`, where a fourth slash makes the path absolute.

    Raises ImproperlyConfigured for another scheme or a URL without a database name.
    """
    url = urlsplit(text(name, default))
    path = unquote(url.path[1:])
    if not path:
        raise ImproperlyConfigured(f"{name} names no database.")
    if url.scheme == "sqlite":
        return {
            "ENGINE": "django.db.backends.sqlite3",
            "NAME": path,
            "CONN_MAX_AGE": None,
            "OPTIONS": {
                # Take the write lock at BEGIN: a transaction that reads first and writes later
                # would otherwise fail at once, without waiting, when another one has written.
                "transaction_mode": "IMMEDIATE",
                "timeout": 20,
                "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL;",
            },
        }
    if url.scheme in ("postgres", "postgresql"):
        return {
            "ENGINE": "django.db.backends.postgresql",
            "NAME": path,
            "USER": unquote(url.username or ""),
            "PASSWORD": unquote(url.password or ""),
            "HOST": unquote(url.hostname or ""),
            "PORT": str(url.port or ""),
            "CONN_MAX_AGE": 60,
            "CONN_HEALTH_CHECKS": True,
            "OPTIONS": dict(parse_qsl(url.query)),
        }
    raise ImproperlyConfigured(f"{name} begins {url.scheme!r}; say postgres:// or sqlite:///.")


def mailers(name: str) -> dict[str, Any]:
    """Django's MAILERS from `smtp://user:password@host:port` (`smtps://` for TLS from the start,
    `smtp+tls://` for STARTTLS). Not set: messages are printed to the console.

    Raises ImproperlyConfigured for another scheme.
    """
    url = urlsplit(text(name))
    if not url.scheme:
        return {"default": {"BACKEND": "django.core.mail.backends.console.EmailBackend"}}
    if url.scheme not in ("smtp", "smtps", "smtp+tls"):
        raise ImproperlyConfigured(f"{name} begins {url.scheme!r}; say smtp://, smtps:// or smtp+tls://.")
    return {
        "default": {
            "BACKEND": "django.core.mail.backends.smtp.EmailBackend",
            "OPTIONS": {
                "host": url.hostname or "localhost",
                "port": url.port or (465 if url.scheme == "smtps" else 587),
                "username": unquote(url.username or ""),
                "password": unquote(url.password or ""),
                "use_ssl": url.scheme == "smtps",
                "use_tls": url.scheme == "smtp+tls",
                "timeout": 10,  # seconds
            },
        }
    }
