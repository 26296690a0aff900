"""What was made once and can be shown again, because nothing that it was made from has changed?"""

from collections.abc import Callable
from hashlib import sha256

from django.conf import settings
from django.core.cache import caches


def keep[Made](
    depends_on: tuple[object, ...], make: Callable[[], Made], *, unless: Callable[[], bool] | None = None
) -> Made:
    """Return what this process made from the same before, or make it and keep it. `depends_on` names everything that it
    is made from, as plain data, and what it is. So nothing needs to be invalidated, and only readers with the same
    rights share it. The release is added to the key. `unless` is asked once it is made: whether it is made from
    something newer.
    """
    # As text, so it must be plain data: an object's text would differ each time.
    key = sha256(repr((settings.RELEASE, depends_on)).encode()).hexdigest()
    cache = caches["pages"]
    made: Made | None = cache.get(key)
    if made is None:
        made = make()
        if unless is None or not unless():
            cache.set(key, made)
    return made
