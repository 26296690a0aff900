"""How is one thing had in each format of a file? By an address for each."""

from collections.abc import Callable

from django.http import HttpResponseBase
from django.urls import URLPattern, path

from core.files import KINDS


def in_each_format(route: str, view: Callable[..., HttpResponseBase], *, name: str) -> list[URLPattern]:
    """An address for each format that figures come in: "month-csv" and so on."""
    return [path(route.format(kind=kind), view, {"kind": kind}, name=f"{name}-{kind}") for kind in KINDS]
