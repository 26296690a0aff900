"""Whom an indicator hits: its breakdowns beside the population, for partners only."""

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_safe

from boards.models import PartnershipArea
from boards.permissions import AreaRequest, open_to
from core.pages import NotHeld
from indicators.breakdowns import LEAST_EXPECTED
from indicators.disclosure import Audience
from reporting.months.presenters.breakdowns import make_breakdowns
from reporting.months.readings import MARKING
from reporting.months.selectors import (
    check_set_up,
    find_set_up,
    list_breakdown_lines,
    list_breakdowns,
    newest_published,
)


@open_to()
@require_safe
def breakdown_view(request: AreaRequest, area: PartnershipArea, code: str) -> HttpResponse:
    """Show an indicator's breakdowns as of the newest published month. Raises NotHeld if it has none."""
    set_up = check_set_up(area, code, find_set_up(area, code))
    breakdowns = list_breakdowns(area, code)
    if not breakdowns:
        raise NotHeld(f"{set_up.title} has no breakdown. The coordinator can add one in Set-up.")
    snapshot, _ = newest_published(area, include_drafts=False, holding=code)
    lines = list_breakdown_lines(snapshot, breakdowns)
    month = snapshot.period.month
    context = {
        "title": set_up.title,
        "month": month,
        "views": make_breakdowns(breakdowns, lines, month, audience=Audience.PARTNERS),
        "is_undecided": all(one.breaks_down and one.breaks_down.counts_residents is None for one in breakdowns),
        "least": LEAST_EXPECTED,
        "back": reverse("reporting:indicator-view", args=[area.slug, code]),
        "setup_url": reverse("indicators:dimension-list", args=[area.slug]) if request.access.can_coordinate else "",
        "marking": MARKING,
    }
    return render(request, "reporting/breakdowns.html", context)
