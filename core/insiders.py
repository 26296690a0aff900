"""Who may read how the product is? A visitor from a network that the operator named, or a program with the operator's
token. For everybody else, these addresses don't exist."""

from functools import wraps
from hmac import compare_digest
from ipaddress import ip_address
from typing import TYPE_CHECKING, Protocol

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse

from core.visitors import find_visitor

if TYPE_CHECKING:
    from collections.abc import Callable


class InsideView(Protocol):
    def __call__(self, request: HttpRequest, /) -> HttpResponse: ...


def for_insiders(view: "Callable[[HttpRequest], HttpResponse]") -> InsideView:
    """Answer insiders only, without a sign-in. Raises Http404 for everybody else."""

    @wraps(view)
    def answer(request: HttpRequest, /) -> HttpResponse:
        if not (is_inside(request) or has_token(request)):
            raise Http404
        return view(request)

    return login_not_required(answer)


def is_inside(request: HttpRequest) -> bool:
    """Return whether the visitor's own address is inside.

    Not by the sender's address: behind a proxy on the same machine, everybody would be inside.
    """
    visitor = find_visitor(request)
    if not (visitor.is_sure and visitor.address):
        return False
    address = ip_address(visitor.address)
    return any(address in network for network in settings.INSIDE)


def has_token(request: HttpRequest) -> bool:
    scheme, _, token = request.META.get("HTTP_AUTHORIZATION", "").partition(" ")
    if not settings.OPERATIONS_TOKEN or scheme.lower() != "bearer":
        return False
    return compare_digest(token.strip().encode(), settings.OPERATIONS_TOKEN.encode())
