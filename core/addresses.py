"""What is the address of one thing in each file format?"""

from collections.abc import Callable

from django.http import HttpResponseBase
from django.urls import URLPattern, path

from core.files import KINDS


def in_each_format(route: str, view: Callable[..., HttpResponseBase], *, name: str) -> list[URLPattern]:
    """Return an address for each format of figures: "month-csv" and so on."""
    return [path(route.format(kind=kind), view, {"kind": kind}, name=f"{name}-{kind}") for kind in KINDS]
