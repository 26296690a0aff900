"""Find the address of a visitor, and describe their browser. We believe a set number of proxies (`settings.PROXIES`).

Nothing else may read `REMOTE_ADDR` or `X-Forwarded-For`: anybody can write the header.
"""

import logging
from dataclasses import dataclass
from ipaddress import IPv6Address, ip_address

from django.conf import settings
from django.http import HttpRequest

logger = logging.getLogger(__name__)
_warned: set[str] = set()


@dataclass(frozen=True, slots=True)
class Visitor:
    """A visitor's address; empty for a request through a socket file.

    `is_sure` is false if the request didn't come through all our proxies. The address is then the last sender's, which
    may be a proxy's own.
    """

    address: str
    is_sure: bool


def find_visitor(request: HttpRequest) -> Visitor:
    """Return where a request comes from: what the outermost of our proxies wrote, or its sender without proxies.

    Raises nothing, whatever the header has. With too few addresses in it, somebody got past a proxy, or one writes no
    header: then all such requests count as one visitor.
    """
    direct = clean(request.META.get("REMOTE_ADDR", ""))
    if not settings.PROXIES:
        return Visitor(direct, is_sure=True)
    passed = request.META.get("HTTP_X_FORWARDED_FOR", "").split(",")
    named = clean(passed[-settings.PROXIES]) if len(passed) >= settings.PROXIES else ""
    if named:
        return Visitor(named, is_sure=True)
    _warn_once(
        "X-Forwarded-For names too few addresses for PROXIES=%s, or none that we can read. Someone got past a proxy, "
        "or a proxy doesn't set that header.",
        settings.PROXIES,
    )
    return Visitor(direct, is_sure=False)


def clean(text: str) -> str:
    """Return an address in its usual form, without its port, or nothing if it is none."""
    bare = text.strip()
    if bare.startswith("["):
        bare = bare[1:].partition("]")[0]
    elif bare.count(":") == 1:
        bare = bare.partition(":")[0]
    try:
        address = ip_address(bare.partition("%")[0])
    except ValueError:
        return ""
    if isinstance(address, IPv6Address) and address.ipv4_mapped:
        # Or one visitor would have two addresses, and twice as many tries.
        return str(address.ipv4_mapped)
    return str(address)


def _warn_once(sentence: str, *words: object) -> None:
    if sentence not in _warned:
        _warned.add(sentence)
        logger.warning(sentence, *words)


# In this order: Edge also says that it is Chrome, and Chrome that it is Safari.
BROWSERS = (
    ("Edg", "Edge"),
    ("OPR/", "Opera"),
    ("SamsungBrowser/", "Samsung Internet"),
    ("Firefox/", "Firefox"),
    ("FxiOS/", "Firefox"),
    ("Chrome/", "Chrome"),
    ("CriOS/", "Chrome"),
    ("Safari/", "Safari"),
)
SYSTEMS = (
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Android", "Android"),
    ("Windows", "Windows"),
    ("CrOS", "ChromeOS"),
    ("Macintosh", "Mac"),
    ("Linux", "Linux"),
)


def describe_browser(agent: str) -> str:
    """Return a browser and its system, such as "Firefox on Windows". Anybody can claim to be another one."""
    browser = next((name for mark, name in BROWSERS if mark in agent), "Unknown browser")
    system = next((name for mark, name in SYSTEMS if mark in agent), "")
    return f"{browser} on {system}" if system else browser
