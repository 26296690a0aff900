"""Which part of a page is kept from one reader to the next? Everything but the frame, which names them."""

from collections.abc import Callable
from dataclasses import dataclass
from hashlib import sha256

from django.conf import settings
from django.core.cache import caches
from django.utils.safestring import SafeString


@dataclass(frozen=True, slots=True)
class Parts:
    """The parts of a rendered page that are kept."""

    content: SafeString
    title: str
    more: str = ""  # below what every reader has of their own


def cached_parts(depends_on: tuple[object, ...], make: Callable[[], Parts]) -> Parts:
    """What was kept of a page where nothing that it depends on has changed; otherwise made anew.

    `depends_on` names everything that the page is made from, as plain data: the rows of the month and
    the boards as they are now, and what the reader's roles let them see. So nothing ever has to be
    invalidated, and a page is kept only for readers like the one whom it was made for. (The release
    goes without saying.)
    """
    key = sha256(repr((settings.RELEASE, depends_on)).encode()).hexdigest()
    cache = caches["pages"]
    parts: Parts | None = cache.get(key)
    if parts is None:
        parts = make()
        cache.set(key, parts)
    return parts
