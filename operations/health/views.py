"""Addresses that say how the product is, for load balancers, monitors and the operator."""

from collections.abc import Callable
from contextlib import suppress
from datetime import datetime
from functools import wraps
from hmac import compare_digest
from ipaddress import ip_address
from threading import Lock
from time import monotonic
from typing import Protocol

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.db import DatabaseError
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from core.forms.pages import is_done
from core.jobs import trust_clock
from core.pages import PersonRequest
from core.permissions import check_is_operator
from core.visitors import find_visitor
from operations.health.checks import list_alarms, list_checks, list_successes
from operations.health.kinds import Check
from operations.health.metrics import expose
from operations.health.presenters import describe_health, make_jobs_page, make_state_page

# A visitor from a network that the operator named may read how the product is, or a program with the operator's token.
# For everybody else, these addresses don't exist.


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


TEXT = "text/plain; charset=utf-8"


class Newest:
    """The newest checks. However often somebody asks, they are made once a second in each process."""

    lasts = 1.0  # seconds

    def __init__(self) -> None:
        self._lock = Lock()
        self._made_at = -self.lasts
        self._checks: list[Check] = []

    def find(self, now: datetime) -> list[Check]:
        with self._lock:
            if monotonic() - self._made_at >= self.lasts:
                self._checks = list_checks(now)
                self._made_at = monotonic()
            return self._checks

    def forget(self) -> None:
        self._made_at = -self.lasts


newest = Newest()


@login_not_required
@require_safe
def healthz(request: HttpRequest) -> HttpResponse:
    """Answer a load balancer: 200 if the process answers. Don't ask the database here: nobody mends it by replacing
    this process."""
    return HttpResponse("ok", content_type="text/plain")


@login_not_required
@require_safe
def healthz_jobs(request: HttpRequest) -> HttpResponse:
    """Answer a monitoring tool: 200 if scheduled jobs run, otherwise 503 with the late jobs."""
    wrong = describe_health(timezone.now())
    words = "\n".join(wrong) or "ok"
    return HttpResponse(words, status=503 if wrong else 200, content_type=TEXT)


@for_insiders
@require_safe
def readyz(request: HttpRequest) -> HttpResponse:
    """Answer a monitor: 200 if every check is well, otherwise 503. A line for each check, or JSON."""
    checks = newest.find(timezone.now())
    status = 200 if all(check.is_well for check in checks) else 503
    if request.GET.get("format") == "json":
        rows = [
            {"name": check.name, "is_well": check.is_well, "sentence": check.sentence, "seconds": check.seconds}
            for check in checks
        ]
        return JsonResponse({"checks": rows}, status=status)
    lines = [f"{check.name}: {'OK' if check.is_well else 'FAILED'}. {check.sentence}\n" for check in checks]
    return HttpResponse("".join(lines), status=status, content_type=TEXT)


@for_insiders
@require_safe
def metrics_page(request: HttpRequest) -> HttpResponse:
    """Answer Prometheus: what all processes of this web server counted, and how the product is now."""
    checks = newest.find(timezone.now())
    done_at: dict[str, float] = {}
    if all(check.is_well for check in checks if check.name == "database"):
        with suppress(DatabaseError):
            done_at = list_successes()
    words, kind = expose(checks, done_at, release=settings.RELEASE)
    return HttpResponse(words, content_type=kind)


@require_safe
def state(request: HttpRequest) -> HttpResponse:
    """Show the operator the same checks, and the newest alarms."""
    check_is_operator(request.user)
    now = timezone.now()
    page = make_state_page(newest.find(now), list_alarms(), recipients=settings.ALARMS_TO, now=now)
    return render(request, "operator/state.html", {"state": page})


@require_http_methods(["GET", "HEAD", "POST"])
def jobs(request: PersonRequest) -> HttpResponse:
    """Show the operator the scheduled jobs, which are late and why. A button confirms the date."""
    check_is_operator(request.user)
    if request.method == "POST":
        is_done(request, lambda: trust_clock(by=request.user), done="The jobs now use this clock.")
        return redirect("jobs")
    return render(request, "operator/jobs.html", {"jobs": make_jobs_page(timezone.now())})
