"""The pages of pathways: all of an area, and one with its steps."""

from django.db.models import Q
from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from actions.presenters.threads import Thread
from actions.selectors.challenges import list_asked, list_offers
from boards.models import PartnershipArea
from boards.permissions import AreaRequest, open_to
from core.pages import NotHeld
from indicators.selectors.pathways import find_pathway, list_pathways
from reporting.months.readings import MARKING, shown_snapshot
from reporting.months.selectors import list_pathway_lines
from reporting.pathways.presenters import make_pathways


@open_to()
@require_safe
def pathway_list(request: AreaRequest, area: PartnershipArea) -> HttpResponse:
    return render(request, "reporting/pathway_list.html", {"pathways": list_pathways(area), "marking": MARKING})


@open_to()
@require_safe
def pathway_view(request: AreaRequest, area: PartnershipArea, code: str) -> HttpResponse:
    """Show a pathway in the twelve months to the newest published one."""
    pathway = find_pathway(area, code)
    if pathway is None:
        raise NotHeld(f"{area.name} has no pathway “{code}”, or it is retired.")
    snapshot, _ = shown_snapshot(request.access)
    month = snapshot.period.month
    lines = list_pathway_lines(snapshot, [pathway])
    # Nobody may ask about a draft.
    access = request.access if snapshot.period.is_published else None
    (view,) = make_pathways([pathway], lines, month=month, slug=area.slug, access=access)
    about = Q(step__pathway=pathway.pk)
    context = {
        "view": view,
        "month": month,
        "thread": Thread(list_asked(request.access, about), list_offers(request.access, about)),
        "marking": MARKING,
    }
    return render(request, "reporting/pathway_view.html", context)
