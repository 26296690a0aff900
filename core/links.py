"""What is the address of a page? A home has fifty, and Django looks through all our patterns for each of them."""

from functools import lru_cache
from typing import Any

from django.conf import settings
from django.urls import get_script_prefix, reverse

MOST = 4096  # of a process, those used last: about 1 MB


def link_to(view: str, *parts: Any) -> str:
    """Return the address of a view, found once in each process. Raises NoReverseMatch if there is none."""
    # No request has patterns of its own, so these two are all that an address depends on besides.
    return _link_to(settings.ROOT_URLCONF, get_script_prefix(), view, *parts)


@lru_cache(MOST, typed=True)  # 1 and True are equal, but not in an address
def _link_to(urlconf: str, prefix: str, view: str, *parts: Any) -> str:
    return reverse(view, args=parts, urlconf=urlconf)
