"""Every address of the product, and how to fill one in."""

import functools
import re
from collections.abc import Callable, Iterator, Mapping

from django.http import HttpResponse
from django.urls import URLResolver, get_resolver, reverse

# What a code in an address is a code of, by the first word of the address's name.
CODES = {
    "agency": "police",
    "board": "csp",
    "strand": "prevent",
    "section": "arrests",
    "dimension": "origin",
    "category": "london",
    "indicator": "arrests",
    "definition": "arrests",
    "figure": "arrests",
    "recording": "arrests",
    "impact": "arrests",
    "level": "arrests",
    "breakdowns": "arrests",
    "kpi": "arrests",
    "disclosure": "arrests",
    "openness": "arrests",
    "region": "arrests",
    "sub": "outreach",  # a sub-group
    "validationrule": "charged",
    "pathway": "found",
    "pathwaystep": "with-a-plan",
}


def names(*, of_admin: bool = False) -> set[str]:
    """Every name of the URLconf: "reporting:month-view". Django's admin has its own."""
    return {name for name in routes() if name.startswith("admin:") is of_admin}


@functools.cache
def routes() -> Mapping[str, str]:
    """The route of each name; where a name has several, the first."""
    return {name: route for name, route, _ in reversed(list(walk(get_resolver())))}


def views_for_anybody() -> Mapping[str, Callable[..., HttpResponse]]:
    """The view of each name that answers somebody who hasn't signed in: the middleware reads the same mark."""
    return {name: view for name, _, view in walk(get_resolver()) if not getattr(view, "login_required", True)}


def walk(
    resolver: URLResolver, path: str = "", namespace: str = ""
) -> Iterator[tuple[str, str, Callable[..., HttpResponse]]]:
    """Each pattern's name, route and view. An address without a name would escape every test, and so raises."""
    for pattern in resolver.url_patterns:
        route = path + str(pattern.pattern)
        if isinstance(pattern, URLResolver):
            inner = f"{namespace}{pattern.namespace}:" if pattern.namespace else namespace
            yield from walk(pattern, route, inner)
        elif pattern.name:
            yield f"{namespace}{pattern.name}", route, pattern.callback
        elif not namespace.startswith("admin:"):
            raise ValueError(f"{route} has no name.")


def address(name: str, known: Mapping[str, object]) -> str:
    """The path of a name, with as many of the known parts as its route takes."""
    parts = {
        "code": CODES.get(name.partition(":")[2].partition("-")[0]),
        "kind": "xlsx",
        "step": "history",
        "target": "indicator",
        "guide": "agency-lead",
        **known,
    }
    return reverse(name, kwargs={key: parts[key] for key in re.findall(r"<(?:\w+:)?(\w+)>", routes()[name])})
