"""Who may see each indicator, and the information officer's pages to decide it."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect

from boards.models import PartnershipArea
from boards.permissions import AreaRequest, open_to
from boards.rules import Role
from core.forms.pages import form_for, is_filled_in, saved, show_form
from indicators.catalogues.entries import IndicatorEntry
from indicators.catalogues.files import read_starter
from indicators.forms.openness import OpennessForm, UndecidedForm, describe_proposal
from indicators.models.catalogue import Indicator
from indicators.permissions import can_protect, check_can_protect
from indicators.selectors.disclosure import effective_rules
from indicators.services.openness import decide_openness, set_openness
from reporting.public.presenters.openness import openness_rows
from reporting.public.selectors import list_months_with

WAITS = "{}: a second person has to agree before the public sees more. Until then nothing changes."
RELATED = ("area", "owner", "numerator", "denominator", "breaks_down")  # what openness_rows reads of an indicator


def read_proposals() -> dict[str, IndicatorEntry]:
    """Return what the starter set says of each indicator, by its code."""
    return {entry.code: entry for entry in read_starter().indicator}


@open_to(Role.INFORMATION, Role.COORDINATOR, Role.ANALYST, Role.OPERATOR)
def openness_list(request: AreaRequest, area: PartnershipArea) -> HttpResponse:
    """List who may see each indicator, and ask about those that nobody has decided about."""
    if request.method == "POST":
        check_can_protect(area, by=request.user)
    proposals = read_proposals()
    indicators = Indicator.objects.filter(area=area).select_related("section", *RELATED)
    undecided = [(indicator, proposals.get(indicator.code)) for indicator in indicators.undecided()]
    form = form_for(request, lambda typed: UndecidedForm(typed, undecided=undecided))
    if is_filled_in(request, form):
        decided = saved(request, form, lambda: decide_openness(area, form.decisions, by=request.user))
        if decided is not None:
            counted = "1 indicator" if decided == 1 else f"{decided} indicators"
            messages.success(
                request, f"You decided who may see {counted}. Your decision applies to editions made from now on."
            )
            return redirect("reporting:openness-list", area.slug)
    context = {
        "decided": openness_rows([indicator for indicator in indicators if indicator.openness], effective_rules(area)),
        "undecided": undecided,
        "may_change": can_protect(request.access),
    }
    return show_form(request, "reporting/openness_list.html", form, context)


@open_to(Role.INFORMATION)
def openness_edit(request: AreaRequest, area: PartnershipArea, code: str) -> HttpResponse:
    """Ask who may see one indicator."""
    indicator = get_object_or_404(Indicator.objects.select_related(*RELATED), area=area, code=code)
    form = form_for(request, lambda typed: OpennessForm(typed, indicator=indicator))
    if is_filled_in(request, form):
        done = saved(request, form, lambda: (set_openness(indicator, **form.cleaned_data, by=request.user),))
        if done is not None:
            said = WAITS if done[0] else "{}: saved. Your decision applies to editions made from now on."
            messages.success(request, said.format(indicator))
            return redirect("reporting:openness-list", area.slug)
    context = {
        "indicator": indicator,
        "row": openness_rows([indicator], effective_rules(area))[0],
        "proposal": describe_proposal(read_proposals().get(code)),
        "public_months": list_months_with(area, code),
    }
    return show_form(request, "reporting/openness_edit.html", form, context)
