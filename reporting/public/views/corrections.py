"""The corrected versions of published months that wait to go out: what they change, who agrees, and the button."""

from functools import partial

from django.contrib import messages
from django.db import transaction
from django.http import HttpResponse
from django.shortcuts import redirect, render

from boards.models import PartnershipArea
from boards.permissions import AreaRequest, open_to
from boards.rules import Role
from core.forms.pages import is_done, pressed
from core.tasks import hint_letters
from indicators.selectors.figures import open_corrections
from reporting.models.editions import PublicEdition
from reporting.models.snapshots import Snapshot
from reporting.months.services import hash_corrections, list_corrections, list_fresh, publish_corrections, until_when
from reporting.months.tasks import bring_up_to_date
from reporting.public.presenters.corrections import make_corrected_months, name_approvers
from reporting.public.services import publish_correction

ASKED = (
    "You asked for the public edition. The boards and the public get the correction together, once the "
    "edition is approved."
)
OUT = "The new versions are published. The public can read the new edition too."


@open_to(Role.COORDINATOR)
def corrections_publish(request: AreaRequest, area: PartnershipArea) -> HttpResponse:
    """List every published month whose figures changed since, with all that this changes. A coordinator publishes it,
    and asks for the public editions with it, or publishes it for the boards alone.
    """
    if request.method == "POST":
        publish = publish_corrections if pressed(request, "how") == "boards" else publish_correction
        versions: list[Snapshot] = []
        # Never empty, because the service checks nothing for an empty token.
        seen = pressed(request, "seen") or "nothing"
        if not is_done(request, lambda: versions.extend(publish(area, seen=seen, by=request.user))):
            return redirect("reporting:corrections-publish", area.slug)
        messages.success(request, describe_published_anew(area, versions) if versions else ASKED)
        transaction.on_commit(partial(hint_letters, area.pk), robust=True)
        return redirect("reporting:area-home", area.slug)
    bring_up_to_date(area, at_once=True)
    drafts = list_corrections(area)
    token = hash_corrections(drafts)
    months = make_corrected_months(area, drafts, token=token)
    new = [month for month in months if month.public and month.public.is_new]
    has_to_be_asked = any(month.public.has_to_be_asked for month in new if month.public)
    is_waiting = not has_to_be_asked and any(month.public.is_asked for month in new if month.public)
    context = {
        "months": months,
        "token": token,
        "corrections": open_corrections(area),
        "button": label_button(drafts),
        "new": [month.changes[0].month.label for month in new],
        "has_to_be_asked": has_to_be_asked,
        "waiting": [month.changes[0].month for month in months] if is_waiting else [],
        "approvers": name_approvers(area, request.user) if new else "",
    }
    return render(request, "reporting/corrections_publish.html", context)


def describe_published_anew(area: PartnershipArea, versions: list[Snapshot]) -> str:
    if PublicEdition.objects.filter(snapshot__in=versions, number__isnull=False).exists():
        return OUT
    fresh = list_fresh(area)
    if not fresh:
        return "The new versions are published."
    month = fresh[0].period.month.label
    return (
        f"The new versions are published. You can take them back until {until_when(fresh)}, on the returns "
        f"page for {month}."
    )


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
