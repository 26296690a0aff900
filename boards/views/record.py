"""The pages about the record: what people did and what they read, for an area's information officer and the operator.

Who reads the record is noted in the log of what people read.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, cast

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_safe

from boards.filters import RecordFilter
from boards.models import PartnershipArea
from boards.permissions import AreaRequest, noted_as, open_to
from boards.presenters.pairs import ASKING, Target, needs_search
from boards.presenters.record import make_record_file, view_chain, view_event
from boards.reads import MOST_ROWS, Asked, Event, list_asked, list_chains, list_done, list_read, note_read
from boards.rules import Role
from boards.selectors import list_read_in
from core.audit_log import sealing
from core.models import User
from core.pages import download, list_page
from core.permissions import check_is_operator

ON_A_PAGE = 25
WHO = "Only an information officer can read the audit log."


@dataclass(frozen=True, slots=True)
class Log:
    """One of the two logs: its heading, the name of its page's address, and its events."""

    heading: str
    name: str
    is_chained: bool

    def list_events(self, area: str | None) -> Any:
        if self.is_chained:
            return list_done(area)
        return list_read(area, list_read_in(area) if area else ())


DONE = Log("Audit log", "audit", is_chained=True)
READ = Log("Log of reading", "audit-read", is_chained=False)


@open_to(Role.INFORMATION, because=WHO)
@noted_as("record.read")
def done(request: AreaRequest, area: PartnershipArea) -> HttpResponse:
    """Show what people did in the area, filtered. A button chains what waits, and checks the chain."""
    if request.method == "POST":
        sealing.seal(area.slug)
        return check_chains(request, [area.slug], reverse("boards:audit", args=[area.slug]))
    return show(request, DONE, area)


@open_to(Role.INFORMATION, because=WHO)
@noted_as("record.read")
@require_safe
def read(request: AreaRequest, area: PartnershipArea) -> HttpResponse:
    """Show what people read in the area: files, packs and drafts."""
    return show(request, READ, area)


@open_to(Role.INFORMATION, because=WHO)
@require_safe
def done_file(request: AreaRequest, area: PartnershipArea, kind: str) -> HttpResponse:
    return as_file(request, DONE, area, kind)


@open_to(Role.INFORMATION, because=WHO)
@require_safe
def read_file(request: AreaRequest, area: PartnershipArea, kind: str) -> HttpResponse:
    return as_file(request, READ, area, kind)


def everything_done(request: HttpRequest) -> HttpResponse:
    """Show the operator what people did, in every area and in none."""
    check_is_operator(request.user)
    if request.method == "POST":
        sealing.seal_each()
        return check_chains(request, sealing.list_chains(), reverse("audit"))
    return show(request, DONE, None)


@require_safe
def everything_read(request: HttpRequest) -> HttpResponse:
    """Show the operator what people read, in every area."""
    check_is_operator(request.user)
    return show(request, READ, None)


@require_safe
def everything_done_file(request: HttpRequest, kind: str) -> HttpResponse:
    check_is_operator(request.user)
    return as_file(request, DONE, None, kind)


@require_safe
def everything_read_file(request: HttpRequest, kind: str) -> HttpResponse:
    check_is_operator(request.user)
    return as_file(request, READ, None, kind)


def filter_events(request: HttpRequest, log: Log, area: PartnershipArea | None) -> RecordFilter:
    if area is None:  # the middleware notes who reads an area's
        note_read("record.read", request.get_full_path(), by=cast("User", request.user))
    events = log.list_events(area.slug if area else None)
    return RecordFilter(request.GET, queryset=events, now=timezone.now(), is_everywhere=area is None)


def find_asked(events: Iterable[Event]) -> Mapping[Target, Iterable[Asked]]:
    """Return who asked for what these events decided, where the events don't say so. A query for each 500."""
    return list_asked(ASKING, {(event.target_type, event.target_id) for event in events if needs_search(event)})


def address(log: Log, area: PartnershipArea | None) -> str:
    return reverse(f"boards:{log.name}", args=[area.slug]) if area else reverse(log.name)


def show(request: HttpRequest, log: Log, area: PartnershipArea | None) -> HttpResponse:
    chosen = filter_events(request, log, area)
    shown = list_page(request, chosen, size=ON_A_PAGE, files="events")
    asked = find_asked(shown["page"])
    rows = [view_event(event, asked) for event in shown["page"]]
    chains = [view_chain(chain) for chain in list_chains([area.slug] if area else None)] if log is DONE else []
    context = shown | {
        "log": log,
        "other": READ if log is DONE else DONE,
        "other_url": address(READ if log is DONE else DONE, area),
        "retention_url": reverse("boards:retention", args=[area.slug])
        if area
        else reverse("boards:operator-retention"),
        "story": rows[0] if chosen.kept and rows else None,
        "rows": rows,
        "chains": chains,
        "broken": sum(chain.is_broken for chain in chains),
        "is_everywhere": area is None,
        "most_rows": MOST_ROWS,
    }
    return render(request, "boards/record.html", context)


def as_file(request: HttpRequest, log: Log, area: PartnershipArea | None, kind: str) -> HttpResponse:
    """Return the same events, filtered in the same way, as a file."""
    chosen = filter_events(request, log, area)
    events = list(chosen.qs[:MOST_ROWS])
    filters = [choice.words for choice in chosen.chosen]
    name = area.slug if area else "every area"
    file = make_record_file(
        events, find_asked(events), area=name, title=log.heading, filters=filters, made_at=timezone.now()
    )
    return download(file, kind)


def check_chains(request: HttpRequest, areas: list[str], back: str) -> HttpResponse:
    """Check chains from their first event, and say what was found."""
    names = dict(PartnershipArea.objects.values_list("slug", "name"))
    for area in areas:
        finding = sealing.check(area)
        # A chain stays when its area is deleted.
        name = names.get(area, area) or "things that belong to no area"
        if finding.fault:
            messages.error(request, f"The audit log of {name} is broken. {finding.fault}")
        else:
            messages.success(request, f"The audit log of {name} is whole, up to event {finding.head.number}.")
    return redirect(back)
