"""The page of one figure: what it is, what happened to it, and asking to correct it."""

from collections.abc import Mapping

from django.contrib import messages
from django.http import Http404, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse

from boards.models import PartnershipArea
from boards.permissions import AreaRequest, open_to
from core.forms import Question, question_left
from core.months import Month
from core.services import kept_forms
from core.transitions import TransitionRefused
from indicators.entries import REASONS, Entry
from indicators.models import Collection
from indicators.permissions import can_enter, check_can_enter, check_can_read_return
from indicators.selectors.figures import (
    FigurePlace,
    NoSuchFigure,
    corrections_of,
    find_figure,
    find_indicator,
    history_of,
    parts_of,
    text_of,
    total_of,
)
from indicators.services.corrections import CorrectionHasErrors, ask_correction, errors_in, why_no_correction
from indicators.views.returns import READERS
from indicators.workflow import CorrectionState


def find_place(request: AreaRequest, area: PartnershipArea, month: Month, code: str, category: str) -> FigurePlace:
    """Raises Http404, or PermissionDenied for whoever has no part in the agency's figures."""
    try:
        indicator = find_indicator(area, code)
        check_can_read_return(request.access, indicator.owner)
        return find_figure(indicator, month, category)
    except NoSuchFigure as missing:
        raise Http404(str(missing)) from missing


def read_entry(post: QueryDict) -> tuple[Entry, str]:
    """The figure as it was typed, and why it has to change."""
    value, reason, note, why = (post.get(name, "").replace("\x00", "") for name in ("value", "reason", "note", "why"))
    return Entry(value, reason, note), why


@open_to(*READERS)
def figure_view(
    request: AreaRequest, area: PartnershipArea, month: Month, code: str, category: str = ""
) -> HttpResponse:
    """One figure; its lead asks here to correct it."""
    figure = find_place(request, area, month, code, category)
    if request.method != "POST":
        held = kept_forms.kept(request.session, path=request.path, by=request.user)
        return show_figure(request, figure) if held is None else show_kept(request, figure, *read_entry(held))
    check_can_enter(figure.indicator.owner, by=request.user)
    entry, why = read_entry(request.POST)
    question = Question(entry.note, why, ticked=request.POST.get("not_personal", ""))
    if question.unanswered:
        errors = {**errors_in(figure, entry, why), **question.unanswered}
        return show_figure(request, figure, entry, why, errors=errors, question=question)
    try:
        ask_correction(figure.indicator, figure.category, figure.period, entry=entry, reason=why, by=request.user)
    except CorrectionHasErrors as faults:
        return show_figure(request, figure, entry, why, errors=faults.errors, question=question)
    except TransitionRefused as refused:
        return show_figure(request, figure, entry, why, refusal=str(refused), question=question, status=409)
    kept_forms.forget(request.session)
    messages.success(
        request,
        f"You asked to correct {figure.label} for {month.label}. The coordinator decides; "
        "this page says what became of it.",
    )
    return redirect(figure.url)


def show_kept(request: AreaRequest, figure: FigurePlace, entry: Entry, why: str) -> HttpResponse:
    """What this person typed before their session ended."""
    refusal = "What you typed was not sent: you had been signed out, or the page was open too long. It is below."
    return show_figure(request, figure, entry, why, refusal=f"{refusal} Send it now.")


def show_figure(
    request: AreaRequest,
    figure: FigurePlace,
    entry: Entry | None = None,
    why: str = "",
    *,
    errors: Mapping[str, str] | None = None,
    refusal: str = "",
    question: Question | None = None,
    status: int = 200,
) -> HttpResponse:
    corrections, counted = corrections_of(figure), figure.counted
    left = kept_forms.take(request.session, path=request.path)
    decided = question_left(left)
    opened = next((one for one in corrections if one.state == CorrectionState.ASKED), None)
    is_lead = can_enter(request.access, figure.indicator.owner)
    why_not = why_no_correction(figure) if is_lead and opened is None else ""
    parts = parts_of(figure) if figure.is_split_whole else []
    context = {
        "figure": figure,
        "month": figure.period.month,
        "agency": figure.indicator.owner,
        "text": total_of(parts) if figure.is_split_whole else text_of(figure.observation),
        "parts": parts,
        "history": history_of(figure),
        "opened": opened,
        "earlier": [one for one in corrections if one is not opened],
        "is_lead": is_lead,
        "why_not": why_not,
        # What was typed is shown again, whatever became of the figure meanwhile.
        "shows_form": is_lead and (entry is not None or not (why_not or opened)),
        "can_mark": request.access.can_coordinate and counted is not None and counted.value is not None,
        "entry": entry or Entry(note=counted.note if counted else ""),
        "why": why,
        "errors": {**(errors or {}), **decided.unanswered},
        "question": question,
        "decided": decided,
        "has_errors": bool(errors or refusal or left),
        "refusal": refusal or left.get("refusal", ""),
        "left": left,
        "reasons": [(reason.value, label) for reason, label in REASONS.items()],
        "return_url": return_url(request, figure),
        "kept_field": kept_forms.FIELD,
        "proof": kept_forms.proof(request.user) if is_lead else "",
    }
    return render(request, "indicators/figure_view.html", context, status=status)


def return_url(request: AreaRequest, figure: FigurePlace) -> str:
    """The return that asks for it; empty where none does."""
    indicator = figure.indicator
    if indicator.collection != Collection.RETURN:
        return ""
    return reverse("indicators:return-edit", args=[request.access.area.slug, figure.period.month, indicator.owner.code])
