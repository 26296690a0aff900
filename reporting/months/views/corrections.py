"""Change a signed-off figure: decide a correction, or mark a figure as provisional."""

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.views.decorators.http import require_POST

from boards.models import PartnershipArea
from boards.permissions import AreaRequest, open_to
from boards.roles import Role
from core.form_pages import form_for, is_saved, pressed, send_back
from core.months import Month
from indicators.forms.figures import DecideCorrectionForm, MarkForm
from indicators.models.history import Correction
from indicators.permissions import can_enter
from indicators.selectors.figures import NoSuchFigure, figure_url, find_figure, find_indicator
from indicators.services.corrections import (
    accept_correction,
    decline_correction,
    mark_provisional,
    withdraw_correction,
)
from reporting.months.tasks import hint_roll_up

DECIDED = {
    "accept": "You accepted the correction of {}.",
    "decline": "You declined the correction of {}.",
    "withdraw": "You withdrew your request to correct {}.",
}


@open_to(Role.COORDINATOR, Role.AGENCY_LEAD)
@require_POST
def correction_decide(request: AreaRequest, area: PartnershipArea, correction: int) -> HttpResponse:
    """Accept or decline a request to correct a figure. The agency that asked can withdraw it."""
    asked = get_object_or_404(
        Correction.objects.select_related("indicator__owner__area", "category", "period__area"),
        pk=correction,
        indicator__area=area,
    )
    # `open_to` lets in the leads of every agency.
    if not request.access.can_coordinate and not can_enter(request.access, asked.indicator.owner):
        raise PermissionDenied(f"Only a lead of {asked.indicator.owner.name} and the coordinator can do this.")
    form, back = form_for(request, DecideCorrectionForm), figure_url(asked.indicator, asked.category, asked.period)

    def decide() -> None:
        match form.cleaned_data["decision"]:
            case "accept":
                accept_correction(asked, by=request.user)
            case "decline":
                decline_correction(asked, comment=form.cleaned_data["comment"], by=request.user)
            case _:
                withdraw_correction(asked, by=request.user)

    if not is_saved(request, form, decide):
        return send_back(request, form, back)
    messages.success(request, DECIDED[form.cleaned_data["decision"]].format(asked))
    hint_roll_up(area)
    return redirect(back)


@open_to(Role.COORDINATOR)
@require_POST
def figure_mark(request: AreaRequest, area: PartnershipArea, month: Month, code: str) -> HttpResponse:
    """Mark a figure as provisional, or confirm it."""
    try:
        figure = find_figure(find_indicator(area, code), month, pressed(request, "category"))
    except NoSuchFigure as missing:
        raise Http404(str(missing)) from missing
    observation, form = figure.counted, form_for(request, MarkForm)
    if observation is None:
        messages.error(request, f"{figure.label} has no signed-off figure for {month.label}.")
        return redirect(figure.url)
    observation.period = figure.period

    def mark() -> None:
        is_provisional, why = form.cleaned_data["decision"] == "mark", form.cleaned_data["why"]
        mark_provisional(observation, is_provisional=is_provisional, by=request.user, why=why)

    if not is_saved(request, form, mark):
        return send_back(request, form, figure.url)
    is_marked = form.cleaned_data["decision"] == "mark"
    done = f"You {'marked' if is_marked else 'confirmed'} {figure.label} for {month.label}"
    messages.success(request, f"{done} as provisional." if is_marked else f"{done}.")
    hint_roll_up(area)
    return redirect(figure.url)
