"""Search an area for words, in all that somebody may read."""

from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from boards.models import PartnershipArea
from boards.permissions import Access, AreaRequest, open_to
from core.not_held import NotHeld
from reporting.models.snapshots import Snapshot
from reporting.months.readings import shown_snapshot
from reporting.pages.presenters.search import MOST, search
from reporting.pages.selectors.search import Sought

LONGEST = 200


@open_to()
@require_safe
def search_page(request: AreaRequest, area: PartnershipArea) -> HttpResponse:
    """Show the results for ?q=cuckooed by kind, each with a link and a sentence."""
    # PostgreSQL refuses a NUL.
    words = " ".join(str(request.GET.get("q", "")).replace("\x00", "").split())
    fault = find_fault(words) if "q" in request.GET else ""
    context = {"words": words[:LONGEST], "fault": fault, "most": MOST, "longest": LONGEST, "searched": False}
    if words and not fault:
        context["searched"] = True
        context["kinds"] = search(
            request.access,
            Sought(words),
            months=request.months,
            snapshot=find_shown(request.access),
            today=timezone.localdate(),
        )
    return render(request, "reporting/search.html", context)


def find_fault(words: str) -> str:
    """Say what is wrong with the words; empty if nothing is."""
    if not words:
        return "Type at least one word to search for."
    if len(words) > LONGEST:
        return f"Search for at most {LONGEST} letters: this has {len(words)}."
    if not any(letter.isalnum() for letter in words):
        return "Enter a word or a number to search for."
    return ""


def find_shown(access: Access) -> Snapshot | None:
    """Return the month that the list of indicators opens on; None before there is one."""
    try:
        return shown_snapshot(access)[0]
    except NotHeld:
        return None
