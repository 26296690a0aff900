"""The secrets of keys: a machine sends a key as `vvd_<prefix>_<secret>`. Pure.

The secret has 256 random bits, so one round of SHA-256 is enough: nobody can try them all. A slow hash would cost each
request 50 ms.
"""

import re
import secrets
from dataclasses import dataclass, field
from hashlib import sha256

from core.labels import Labelled

MARK = "vvd_"
# The secret is urlsafe base64. A prefix has no underscore, so the parts can't be confused.
KEY = re.compile(rf"{MARK}([a-z0-9]{{8}})_([A-Za-z0-9_-]{{43}})", re.ASCII)
LETTERS = "abcdefghijklmnopqrstuvwxyz0123456789"
PREFIX_LENGTH = 8


class Scope(Labelled):
    """What a key opens. A new one goes last: boards.selectors counts by their places."""

    MONTHS = "read:months", "Published months, their lines and versions"
    HISTORY = "read:history", "Indicators and their history"
    PLAN = "read:plan", "The action plan"
    CHALLENGES = "read:challenges", "Challenges and their answers"
    KPIS = "read:kpis", "KPIs and how they are doing"
    RETURN = "write:return", "The agency’s return: read it, and save a draft"


@dataclass(frozen=True, slots=True)
class NewSecret:
    """A key as its owner sees it, once; and what we store of it."""

    prefix: str
    digest: str
    key: str = field(repr=False)


def make_secret() -> NewSecret:
    prefix = "".join(secrets.choice(LETTERS) for _ in range(PREFIX_LENGTH))
    secret = secrets.token_urlsafe(32)
    return NewSecret(prefix, hash_secret(secret), f"{MARK}{prefix}_{secret}")


def read_key(text: str) -> tuple[str, str]:
    """Return the prefix and the digest of what was sent. Text that isn't a key gets an empty prefix, which no key
    has."""
    match = KEY.fullmatch(text)
    prefix, secret = match.groups() if match else ("", text)
    return prefix, hash_secret(secret)


def hash_secret(secret: str) -> str:
    return sha256(secret.encode(errors="replace")).hexdigest()
