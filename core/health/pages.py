"""Addresses that say how the product is, for load balancers, monitors and the operator; and reports of browsers."""

import json
import re
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from functools import wraps
from hmac import compare_digest
from ipaddress import ip_address
from threading import Lock
from time import monotonic
from typing import Any, Protocol
from urllib.parse import urlsplit

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.db import DatabaseError
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from core import metrics
from core.health.checks import list_alarms, list_checks
from core.health.presenters import describe_health, make_state_page
from core.jobs import list_successes
from core.permissions import check_is_operator
from core.state_kinds import Check
from core.visitors import find_visitor

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
    lines = [f"{check.name}: {'well' if check.is_well else 'ILL'}. {check.sentence}\n" for check in checks]
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
    words, kind = metrics.expose(checks, done_at, release=settings.RELEASE)
    return HttpResponse(words, content_type=kind)


@require_safe
def state(request: HttpRequest) -> HttpResponse:
    """Show the operator the same checks, and the newest alarms."""
    check_is_operator(request.user)
    now = timezone.now()
    page = make_state_page(newest.find(now), list_alarms(), recipients=settings.ALARMS_TO, now=now)
    return render(request, "operator/state.html", {"state": page})


# A browser reports what it refused under our content security policy.
#
# Anybody can send a report, and browsers send many for one mistake. So this process reads only some a minute, and logs
# each kind once a day. A kind has no personal data: the rule, the host that was refused, and the name of our page.

LARGEST = 16 * 1024  # bytes of a body; browsers send a few reports together
MOST_READ = 60  # bodies a minute
MOST_KINDS = 200  # a day
MOST_TOGETHER = 20  # reports in one body
MINUTE, DAY = 60, 24 * 60 * 60  # seconds
A_DIRECTIVE = re.compile(r"[a-z]{3,20}(?:-[a-z]{2,12}){0,3}")
A_HOST = re.compile(r"[a-z0-9.-]{1,100}")
A_WORD = re.compile(r"[a-z-]{1,30}")


class NotAReport(ValueError):
    """A body that is no report."""


@dataclass(frozen=True, slots=True)
class Violation:
    """What was refused: the policy's rule, what it refused ("inline", or a host), and the path of our page."""

    directive: str
    refused: str
    path: str


def read_report(body: bytes) -> list[Violation]:
    """Return the violations in a report of either form. Raises NotAReport."""
    try:
        report = json.loads(body)
    except (ValueError, RecursionError):
        raise NotAReport from None
    # The older form is one object, the newer a list that may have reports of other kinds.
    reports = report if isinstance(report, list) else [report]
    violations = [_read_one(report) for report in reports[:MOST_TOGETHER] if isinstance(report, dict)]
    if not any(violations):
        raise NotAReport
    return [violation for violation in violations if violation is not None]


def _read_one(report: dict[str, Any]) -> Violation | None:
    body = report.get("csp-report", report.get("body"))
    if not isinstance(body, dict):
        return None

    def find(*names: str) -> str:
        value = next((body[name] for name in names if name in body), "")
        return value if isinstance(value, str) else ""

    directive = find("effectiveDirective", "effective-directive", "violated-directive").partition(" ")[0]
    if not A_DIRECTIVE.fullmatch(directive):
        return None
    path = _part(find("documentURL", "document-uri"), "path")
    return Violation(directive, name_refused(find("blockedURL", "blocked-uri")), path)


def name_refused(blocked: str) -> str:
    """Return the host of a refused address, or the word that a browser has for what has none. The rest of an address
    may have a person's details."""
    text = blocked.lower()
    host = _part(text, "hostname")
    if host:
        return host if A_HOST.fullmatch(host) else "another host"
    word = text.partition(":")[0]
    return word if A_WORD.fullmatch(word) else "something"


def _part(address: str, name: str) -> str:
    try:
        return str(getattr(urlsplit(address), name) or "")
    except ValueError:
        return ""


class Ration:
    """How much of this one process reads and logs."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self.clock = clock
        self.lock = Lock()
        self.minute, self.read = -1, 0
        self.day, self.kinds = -1, set[tuple[str, ...]]()

    def may_read(self) -> bool:
        """Return whether there is room for one more body in this minute."""
        with self.lock:
            minute = int(self.clock() // MINUTE)
            if minute != self.minute:
                self.minute, self.read = minute, 0
            self.read += 1
            return self.read <= MOST_READ

    def is_new(self, *kind: str) -> bool:
        """Return whether this kind is the first of its day, and there is room for it."""
        with self.lock:
            day = int(self.clock() // DAY)
            if day != self.day:
                self.day, self.kinds = day, set()
            if kind in self.kinds or len(self.kinds) >= MOST_KINDS:
                return False
            self.kinds.add(kind)
            return True
