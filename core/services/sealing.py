"""How do we store a secret? Encrypted, so that a copy of the database alone doesn't give it away.

The key is made from SECRET_KEY. What an older key sealed can be read as long as that key is in SECRET_KEY_FALLBACKS.
"""

from base64 import urlsafe_b64encode
from functools import lru_cache

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings

# Never change it: nothing that is sealed could be read again.
PURPOSE = b"vvdash: secrets of second factors"


class Unreadable(Exception):
    """What was sealed can't be read with any key that we have."""


def seal(text: str) -> str:
    """Encrypt a text with the current key."""
    return _cipher(_secrets()).encrypt(text.encode()).decode("ascii")


def unseal(sealed: str) -> str:
    """Decrypt a text. Raises Unreadable."""
    try:
        return _cipher(_secrets()).decrypt(sealed.encode()).decode()
    except InvalidToken:
        raise Unreadable from None


def seal_again(sealed: str) -> str:
    """Encrypt with the current key what an earlier key sealed. Raises Unreadable."""
    return seal(unseal(sealed))


def _secrets() -> tuple[str, ...]:
    return (settings.SECRET_KEY, *map(str, settings.SECRET_KEY_FALLBACKS))


@lru_cache(maxsize=4)
def _cipher(secrets: tuple[str, ...]) -> MultiFernet:
    return MultiFernet([Fernet(_make_key(secret)) for secret in secrets])


def _make_key(secret: str) -> bytes:
    # A key for this purpose only: a leak of it wouldn't let anybody sign sessions.
    return urlsafe_b64encode(HKDF(algorithm=SHA256(), length=32, salt=None, info=PURPOSE).derive(secret.encode()))
