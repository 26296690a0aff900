"""Read settings from the environment, and refuse wrong values: the program ends with a sentence.

An empty variable counts as not set, so a compose file can pass `NAME=${NAME:-}` through.
"""

import os
import re
import sys
from collections.abc import Sequence
from email.utils import parseaddr
from importlib.util import find_spec
from ipaddress import IPv4Network, IPv6Network, ip_network
from pathlib import Path
from typing import Any, NoReturn
from urllib.parse import SplitResult, parse_qsl, unquote, urlsplit

from core.identity.providers import BadProviders, Provider, read_providers

TRUE = {"1", "true", "yes", "on"}
FALSE = {"0", "false", "no", "off"}
# Gunicorn gives up if a worker ends with this status. After any other it starts the next worker, without end.
REFUSED = 3
# Where docs/run/install.md has an operator write the settings.
OF_THE_MACHINE = Path("/etc/vvdash/environment")


def refuse(sentence: str) -> NoReturn:
    """End the program: manage.py, gunicorn, a worker or beat.

    Don't raise an exception: each of them would show it with its stack trace.
    """
    sys.stderr.write(f"{sentence}\n")
    raise SystemExit(REFUSED)


def text(name: str, default: str = "") -> str:
    return os.environ.get(name, "").strip() or default


def flag(name: str, *, default: bool) -> bool:
    """Return a yes or a no; refuse anything else."""
    value = text(name).lower()
    if not value:
        return default
    if value in TRUE | FALSE:
        return value in TRUE
    refuse(f"{name} is {value!r}; set it to 1 or 0.")


def words(name: str) -> list[str]:
    """Return a list from text with commas."""
    return [word.strip() for word in text(name).split(",") if word.strip()]


def choice(name: str, options: Sequence[str], *, default: str) -> str:
    """Return one of the options, whatever its capitals; refuse anything else."""
    value = text(name, default).upper()
    if value not in options:
        refuse(f"{name} must be {', '.join(options[:-1])} or {options[-1]}.")
    return value


def number(name: str, *, default: int, least: int, most: int) -> int:
    """Return a whole number within limits; refuse anything else."""
    value = text(name, str(default))
    if not re.fullmatch(r"[0-9]{1,6}", value) or not least <= int(value) <= most:
        refuse(f"{name} is {value!r}; set it to a whole number from {least} to {most}.")
    return int(value)


AN_ADDRESS = re.compile(r"[^@\s<>,;:]+@[^@\s<>,;:]+")


def email(name: str) -> str:
    """Return an e-mail address, or nothing; refuse anything else."""
    value = text(name)
    if value and not AN_ADDRESS.fullmatch(value):
        refuse(f"{name} must be an email address, such as help@dashboard.example.")
    return value


def emails(name: str) -> list[str]:
    """Return e-mail addresses; refuse anything else."""
    addresses = words(name)
    if not all(AN_ADDRESS.fullmatch(address) for address in addresses):
        refuse(f"{name} must be email addresses, such as help@dashboard.example, separated by commas.")
    return addresses


def sender(name: str, default: str) -> str:
    """Return an e-mail address, perhaps with a name before it, `Anytown <help@…>`; refuse anything else."""
    value = text(name, default)
    if not AN_ADDRESS.fullmatch(parseaddr(value)[1]):
        refuse(f"{name} must be an email address, such as help@dashboard.example.")
    return value


def networks(name: str, *, default: Sequence[str]) -> list[IPv4Network | IPv6Network]:
    """Return networks, or single addresses as networks. Refuse anything else."""
    ranges = []
    for word in words(name) or default:
        try:
            ranges.append(ip_network(word))
        except ValueError:
            refuse(f"{name} has {word!r}. Name networks, such as 10.1.0.0/16 or 192.0.2.7, separated by commas.")
    return ranges


def secret(name: str, *, shortest: int) -> str:
    """Return a secret, or nothing; refuse one that somebody could guess. Never show it."""
    value = text(name)
    if value and (len(value) < shortest or not value.isascii() or not value.isprintable() or " " in value):
        refuse(f"{name} must have at least {shortest} letters and digits.")
    return value


def site(name: str, *, default: str) -> str:
    """Return the address of a site, without a slash at its end. Refuse one that couldn't start a link."""
    value = text(name, default).rstrip("/")
    if not value.lower().startswith(("http://", "https://")):
        refuse(f"{name} must start with http:// or https://.")
    try:
        url = urlsplit(value)
        is_site = bool(url.hostname) and url.port != 0
    except ValueError:
        is_site = False
    if not is_site or url.path or url.query or url.fragment or url.username or url.password is not None:
        refuse(f"{name} must be a scheme, a host and perhaps a port, such as https://dashboard.example.")
    return value


def tracker(name: str) -> str:
    """Return the address of an error tracker, or nothing. Refuse one without a key or a project; never show it."""
    value = text(name)
    if value:
        url = _address(name, value)
        is_web = url.scheme in {"http", "https"} and url.username and url.hostname
        if not (is_web and re.fullmatch(r"(/[\w.-]+)*/[0-9]+", url.path)):
            refuse(f"{name} must look like https://KEY@errors.example/1.")
    return value


def providers(name: str, *, needs_https: bool) -> dict[str, Provider]:
    """Return the providers of single sign-on by their id; refuse a list that makes no sense."""
    try:
        return read_providers(text(name), needs_https=needs_https)
    except BadProviders as fault:
        refuse(f"{name} is wrong: {fault}")


def redis(name: str) -> str:
    """Return the URL of a Redis, or nothing if it isn't set. Refuse another scheme."""
    value = text(name)
    if value:
        if not value.lower().startswith(("redis://", "rediss://")):
            refuse(f"{name} must start with redis:// or rediss://.")
        url = _address(name, value)
        if not url.hostname or not re.fullmatch(r"(/\d*)?", url.path):
            refuse_as_unreadable(name)  # a slash in the password has cut the URL in the wrong place
    return value


def objects(name: str, *, needs_tls: bool, owner: str) -> dict[str, Any]:
    """Return the storage of pictures and packs for `s3://key:secret@host/bucket?region=eu-west-2`; without one, the
    database. `s3+http://` is for a store without TLS. Refuse one without a key, a secret or a bucket.

    `owner` is the address of this installation.
    """
    value = text(name)
    if not value:
        return {"BACKEND": "core.files.objects.DatabaseStorage"}
    if not value.lower().startswith(("s3://", "s3+http://")):
        refuse(f"{name} must start with s3://.")
    url = _address(name, value)
    bucket, options = url.path[1:], dict(parse_qsl(url.query))
    is_whole = url.hostname and url.username and url.password
    if not is_whole or not re.fullmatch(r"[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]", bucket):
        refuse(f"{name} must look like s3://key:secret@s3.example/BUCKET. Write special characters as %2F and so on.")
    if options.keys() - {"region"}:
        refuse(f"{name} has a parameter that we don't know: only region is allowed.")
    if find_spec("boto3") is None:
        refuse(f"{name} is set, but the S3 client isn't installed: install requirements-s3.txt.")
    is_plain = url.scheme == "s3+http"
    if is_plain and needs_tls and url.hostname not in {"localhost", "127.0.0.1", "::1"}:
        refuse(f"{name} must start with s3:// in production, because the files must be encrypted in transit.")
    return {
        "BACKEND": "vvdash.s3.S3Storage",
        "OPTIONS": {
            "address": f"{'http' if is_plain else 'https'}://{url.netloc.rpartition('@')[2]}",
            "bucket": bucket,
            "key": unquote(url.username or ""),
            "secret": unquote(url.password or ""),
            "region": options.get("region", "us-east-1"),
            "owner": owner,
        },
    }


def _address(name: str, value: str) -> SplitResult:
    """Return a URL whose parts we can read. Never show its text: a broken one may have a password anywhere."""
    try:
        url = urlsplit(value)
        _ = url.port  # nothing reads it before this
    except ValueError:
        refuse_as_unreadable(name)
    return url


def refuse_as_unreadable(name: str) -> NoReturn:
    refuse(f"{name} can't be read as a URL: write special characters in its password as %25 and so on.")


def database(name: str, *, default: Path, is_pooled: bool = False) -> dict[str, Any]:
    """Return Django's database settings for a URL: `postgres://user:password@host:port/name` (or `postgresql://`), or
    `sqlite:///path`. A fourth slash makes the path absolute. PostgreSQL may have several hosts: `@one:5432,two:5432/`.
    `is_pooled` says that they are PgBouncers.

    If it isn't set, use SQLite in the default file and create its folder. Refuse that on a machine whose settings are
    in OF_THE_MACHINE, another beginning, a URL without a database's name, and a file in a folder that doesn't exist.
    """
    value = text(name)
    if not value:
        if os.access(OF_THE_MACHINE, os.F_OK):  # `exists` raises where the folder may not be read
            refuse(
                f"{name} isn't set, and this machine's settings are in {OF_THE_MACHINE}. "
                f"Read them first: set -a; . {OF_THE_MACHINE}; set +a. "
                f"To try something else here, set {name} to its database."
            )
        _make(default.parent, name)
        return _sqlite(str(default))
    if not value.lower().startswith(("postgres://", "postgresql://", "sqlite:///")):
        refuse(f"{name} must start with postgres:// or sqlite:///.")
    url, places = _split_hosts(name, value)
    path = unquote(url.path[1:])
    if not path:
        refuse(f"{name} names no database.")
    if url.scheme == "sqlite":
        if not Path(path).parent.is_dir():
            refuse(f"{name} names a file in a folder that doesn't exist.")
        return _sqlite(path)
    if "/" in url.path[1:] or "@" in url.path:
        refuse_as_unreadable(name)  # a slash in the password has cut the URL in the wrong place
    return {
        "ENGINE": "vvdash.postgres",
        "NAME": path,
        "USER": unquote(url.username or ""),
        "PASSWORD": unquote(url.password or ""),
        # Several are written as libpq has them.
        "HOST": ",".join(unquote(place.hostname or "") for place in places),
        "PORT": ",".join(str(place.port or "") for place in places),
        "CONN_MAX_AGE": 60,
        "CONN_HEALTH_CHECKS": True,
        "DISABLE_SERVER_SIDE_CURSORS": is_pooled,
        "OPTIONS": dict(parse_qsl(url.query)),
    }


def replica(name: str, *, is_pooled: bool = False) -> dict[str, dict[str, Any]]:
    """Return Django's settings of a database that follows the main one, by its alias; nothing if it isn't set. Refuse
    another database than PostgreSQL, and several hosts."""
    value = text(name)
    if not value:
        return {}
    if not value.lower().startswith(("postgres://", "postgresql://")):
        refuse(f"{name} must start with postgres://.")
    connection = database(name, default=Path(), is_pooled=is_pooled)
    if "," in connection["HOST"]:
        refuse(f"{name} has several hosts; name one.")
    return {"replica": connection}


def _split_hosts(name: str, value: str) -> tuple[SplitResult, list[SplitResult]]:
    """Return a URL with its first host only, and an address for each of its hosts, which commas separate."""
    scheme, _, rest = value.partition("://")
    netloc, slash, path = rest.partition("/")
    person, at, hosts = netloc.rpartition("@")
    first, *others = hosts.split(",")
    if others and not all([first, *others]):
        refuse_as_unreadable(name)
    url = _address(name, f"{scheme}://{person}{at}{first}{slash}{path}")
    return url, [url, *(_address(name, f"//{host}") for host in others)]


def _sqlite(file: str) -> dict[str, Any]:
    return {
        "ENGINE": "django.db.backends.sqlite3",
        "NAME": file,
        "CONN_MAX_AGE": None,
        "OPTIONS": {
            # Take the write lock at BEGIN. Otherwise a transaction that reads first and writes later would fail
            # straight away, without waiting, when another one has written.
            "transaction_mode": "IMMEDIATE",
            "timeout": 20,
            # FULL: what somebody was told is saved outlives a power cut. A commit takes 4 ms instead of 0.006.
            "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL;",
        },
    }


def _make(folder: Path, name: str) -> None:
    try:
        folder.mkdir(exist_ok=True)
    except OSError as error:
        refuse(f"We can't create the database's folder: {error}. Create it, or set {name}.")


def mailers(name: str) -> dict[str, Any]:
    """Return Django's MAILERS for `smtp://user:password@host:port` (`smtps://` for TLS from the start, `smtp+tls://`
    for STARTTLS).

    If it isn't set, print messages to the console. Refuse another scheme.
    """
    value = text(name)
    if not value:
        return {"default": {"BACKEND": "django.core.mail.backends.console.EmailBackend"}}
    if not value.lower().startswith(("smtp://", "smtps://", "smtp+tls://")):
        refuse(f"{name} must start with smtp://, smtps:// or smtp+tls://.")
    url = _address(name, value)
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
