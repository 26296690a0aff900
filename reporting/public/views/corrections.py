"""The corrected versions of published months that wait to go out: what changed, and the button to publish it."""

from functools import partial

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render

from boards.models import PartnershipArea
from boards.permissions import AreaRequest, open_to
from boards.rules import Role
from core.forms.pages import is_done, pressed
from reporting.models.snapshots import Snapshot
from reporting.months.presenters.changes import changes_between
from reporting.months.selectors import list_versions
from reporting.months.services import hash_corrections, list_corrections, list_fresh, publish_corrections, until_when


@open_to(Role.COORDINATOR)
def corrections_publish(request: AreaRequest, area: PartnershipArea) -> HttpResponse:
    """List every published month whose figures changed since, with what changed and a button to publish it."""
    if request.method == "POST":
        # Never empty, because the service checks nothing for an empty token.
        seen = pressed(request, "seen") or "nothing"
        publish = partial(publish_corrections, area, by=request.user, seen=seen)
        if is_done(request, publish):
            messages.success(request, describe_published_anew(area))
            return redirect("reporting:area-home", area.slug)
        return redirect("reporting:corrections-publish", area.slug)
    corrections = list_corrections(area)
    changes = []
    for draft in corrections:
        versions = list_versions(draft.period, include_drafts=True)[:2]
        for version in versions:
            version.period = draft.period
        changes += changes_between(versions, draft.period.month)
    context = {
        "changes": changes,
        "token": hash_corrections(corrections),
        "button": label_button(corrections),
    }
    return render(request, "reporting/corrections_publish.html", context)


def describe_published_anew(area: PartnershipArea) -> str:
    fresh = list_fresh(area)
    if not fresh:
        return "The new versions are published."
    month = fresh[0].period.month.label
    return f"The new versions are published. Until {until_when(fresh)} you can take them back, from Returns, {month}."


def label_button(corrections: list[Snapshot]) -> str:
    """ "Publish version 2 of October 2026, and of November 2026"; for many months, how many others."""
    if not corrections:
        return ""
    first, *others = corrections
    words = f"Publish version {first.version} of {first.period.month.label}"
    if not others:
        return words
    if len(others) > 3:
        return f"{words}, and the next versions of {len(others)} later months"
    same = all(other.version == first.version for other in others)
    named = [
        other.period.month.label if same else f"version {other.version} of {other.period.month.label}"
        for other in others
    ]
    together = f"{', '.join(named[:-1])} and {named[-1]}" if named[1:] else named[0]
    return f"{words}, and {'of ' if same else ''}{together}"
