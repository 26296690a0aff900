"""The page of one figure: its value, its history, and a form to ask for a correction."""

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse

from boards.models import PartnershipArea
from boards.permissions import AreaRequest, open_to
from core.calendar import Month
from core.forms.pages import NOT_SENT, form_for, form_left, is_saved, response_status, show_form, taken_once
from indicators.figures import REASONS
from indicators.forms.returns import CorrectionForm, DecideCorrectionForm, MarkForm
from indicators.models import Collection
from indicators.permissions import can_enter, check_can_enter, check_can_read_return
from indicators.public_pages import public_pages
from indicators.selectors.figures import (
    FigurePlace,
    NoSuchFigure,
    describe_figure,
    describe_total,
    find_figure,
    find_indicator,
    list_changes,
    list_corrections,
    list_parts,
)
from indicators.services.corrections import OWN_CORRECTION, ask_correction, describe_declining, why_no_correction
from indicators.views.returns import READERS
from indicators.workflow import CorrectionState


def find_place(request: AreaRequest, area: PartnershipArea, month: Month, code: str, category: str) -> FigurePlace:
    """Find the figure. Raises Http404; or PermissionDenied for people who may not see the agency's figures."""
    try:
        indicator = find_indicator(area, code)
        check_can_read_return(request.access, indicator.owner)
        return find_figure(indicator, month, category)
    except NoSuchFigure as missing:
        raise Http404(str(missing)) from missing


@open_to(*READERS)
@taken_once
def figure_view(
    request: AreaRequest, area: PartnershipArea, month: Month, code: str, category: str = ""
) -> HttpResponse:
    """Show one figure. Its lead can ask for a correction here."""
    figure = find_place(request, area, month, code, category)
    if request.method == "POST":
        # Anybody who may read the figure opens the page. Only the agency's leads may send the form.
        check_can_enter(figure.indicator.owner, by=request.user)
    note = {"note": figure.counted.note if figure.counted else ""}
    form = form_for(request, lambda typed: CorrectionForm(typed, figure=figure, initial=note), kept=NOT_SENT)

    def ask() -> None:
        figured, why = (figure.indicator, figure.category, figure.period), form.cleaned_data["why"]
        ask_correction(*figured, entry=form.entry, reason=why, by=request.user)

    if is_saved(request, form, ask):
        messages.success(
            request,
            f"You asked to correct {figure.label} for {month.label}. The coordinator will decide. "
            "This page will show the decision.",
        )
        return redirect(figure.url)
    return show_figure(request, figure, form)


def show_figure(request: AreaRequest, figure: FigurePlace, ask: CorrectionForm) -> HttpResponse:
    corrections, counted = list_corrections(figure), figure.counted
    decide = form_left(request, lambda typed: DecideCorrectionForm(typed, auto_id="left-%s"))
    mark = form_left(request, lambda typed: MarkForm(typed, auto_id="left-%s"))
    opened = next((correction for correction in corrections if correction.state == CorrectionState.ASKED), None)
    is_lead = can_enter(request.access, figure.indicator.owner)
    why_not = why_no_correction(figure) if is_lead and opened is None else ""
    parts = list_parts(figure) if figure.is_split_whole else []
    # Show what was typed again, even if the figure has changed since.
    shows_form = is_lead and (ask.is_bound or not (why_not or opened))
    context = {
        "figure": figure,
        "month": figure.period.month,
        "agency": figure.indicator.owner,
        "text": describe_total(parts) if figure.is_split_whole else describe_figure(figure.observation),
        "parts": parts,
        "history": list_changes(figure),
        "opened": opened,
        "earlier": [correction for correction in corrections if correction is not opened],
        "is_lead": is_lead,
        "own": OWN_CORRECTION if opened and opened.asked_by_id == request.user.pk else "",
        "why_not": why_not,
        "consequences": public_pages().describe_correction(figure.period, figure.indicator.code)
        if opened or shows_form
        else [],
        "declining": describe_declining(figure) if opened and request.access.can_coordinate else "",
        "shows_form": shows_form,
        "can_mark": request.access.can_coordinate and counted is not None and counted.value is not None,
        "ask": ask,
        "decide": decide,
        "mark": mark,
        "reasons": [(reason.value, label) for reason, label in REASONS.items()],
        "return_url": return_url(request, figure),
    }
    form = next((bound for bound in (decide, mark) if bound.is_bound), ask)
    return show_form(request, "indicators/figure_view.html", form, context, status=response_status(ask))


def return_url(request: AreaRequest, figure: FigurePlace) -> str:
    """Return the address of the return that asks for it; empty if none does."""
    indicator = figure.indicator
    if indicator.collection != Collection.RETURN:
        return ""
    return reverse("indicators:return-edit", args=[request.access.area.slug, figure.period.month, indicator.owner.code])
