"""Figures that somebody brought in for past months: see what they hold, then confirm them, decline or withdraw them.

People of the area decide on a page of the area. The operator has a page of their own, because they act in no area.
"""

from typing import cast

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from boards.models import PartnershipArea
from boards.permissions import AreaRequest, access_to, open_to
from boards.roles import Role
from core.form_pages import ANY_FORM, describe_refusal, form_for, is_saved, pressed, response_status, show_form, try_to
from core.models import User
from core.permissions import check_is_operator
from indicators.forms.history import ImportDecisionForm
from indicators.models.imports import FigureImport
from indicators.permissions import can_import, check_can_confirm_import
from indicators.services.figure_imports import confirm_import, decline_import, look_at_import, withdraw_import
from indicators.services.taking_history import Preview, Taken
from reporting.months.presenters.history import describe_taken, make_history_view
from reporting.months.presenters.history_imports import MOST_UNUSUAL, list_totals, list_unusual, make_row
from reporting.months.tasks import hint_roll_up

WHO = "Only coordinators, analysts and information officers can see figures that wait for a second person."


@open_to(Role.COORDINATOR, Role.ANALYST, Role.INFORMATION, because=WHO)
@require_http_methods(ANY_FORM)
def history_import(request: AreaRequest, area: PartnershipArea, brought: int) -> HttpResponse:
    found = find_import(brought, area=area)
    if can_import(request.access):
        back = ("Figures of past months", reverse("reporting:history", args=[area.slug]))
    else:
        back = ("Home", reverse("reporting:area-home", args=[area.slug]))
    return _show(request, found, back=back)


@require_safe
def operator_import_list(request: HttpRequest) -> HttpResponse:
    """List what waits in all areas, for the operator."""
    check_is_operator(request.user)
    today = timezone.localdate()
    waiting = FigureImport.objects.waiting(today).select_related("area", "asked_by", "decided_by")
    rows = [make_row(each, today=today, is_operator=True) for each in waiting]
    return render(request, "reporting/history_import_list.html", {"rows": rows})


@require_http_methods(ANY_FORM)
def operator_import(request: HttpRequest, brought: int) -> HttpResponse:
    check_is_operator(request.user)
    return _show(
        request, find_import(brought), back=("Past figures to confirm", reverse("reporting:operator-import-list"))
    )


def find_import(pk: int, **where: object) -> FigureImport:
    """Return the import. Raises Http404, also for another area's."""
    return get_object_or_404(FigureImport.objects.select_related("area", "asked_by", "decided_by"), pk=pk, **where)


def _show(request: HttpRequest, asked: FigureImport, *, back: tuple[str, str]) -> HttpResponse:
    by, act = cast("User", request.user), pressed(request, "decision")
    form = form_for(request, lambda typed: ImportDecisionForm(typed, auto_id=f"{act or 'decide'}-%s"))
    taken: list[Taken] = []
    if is_saved(request, form, lambda: _decide(asked, form, taken, by=by)):
        messages.success(request, _describe_decision(form.cleaned_data["decision"], taken))
        if taken:
            hint_roll_up(asked.area)
        return redirect(request.path)
    today = timezone.localdate()
    is_waiting = asked.is_waiting(today)
    refusal = try_to(lambda: check_can_confirm_import(asked, by=by)) if is_waiting else None
    context = {
        "asked": asked,
        "row": make_row(asked, today=today),
        "may_decide": is_waiting and refusal is None,
        "may_withdraw": is_waiting and can_import(access_to(asked.area, by=by)),
        "why_not": describe_refusal(refusal) if refusal else "",
        "back_label": back[0],
        "back": back[1],
    }
    if is_waiting:
        context |= _look(asked, by=by)
    return show_form(request, "reporting/history_import.html", form, context, status=response_status(form))


def _look(asked: FigureImport, *, by: User) -> dict[str, object]:
    """Return what confirming it would do now."""
    looked: list[Preview] = []
    refusal = try_to(lambda: looked.append(look_at_import(asked, by=by)))
    if refusal is not None:
        return {"view": {"faults": [describe_refusal(refusal)]}}
    preview = looked[0]
    context: dict[str, object] = {"view": make_history_view(preview)}
    if preview.taken is not None:
        years, totals = list_totals(preview.taken)
        unusual = list_unusual(preview.taken)
        context |= {
            "seen": preview.taken.fingerprint,
            "years": years,
            "totals": totals,
            "agencies": sorted({each.agency for each in totals}),
            "unusual": unusual[:MOST_UNUSUAL],
            "more_unusual": max(0, len(unusual) - MOST_UNUSUAL),
        }
    return context


def _decide(asked: FigureImport, form: ImportDecisionForm, taken: list[Taken], *, by: User) -> None:
    match form.cleaned_data["decision"]:
        case "confirm":
            taken.append(confirm_import(asked, seen=form.cleaned_data["seen"], by=by))
        case "decline":
            decline_import(asked, why=form.cleaned_data["why"], by=by)
        case _:
            withdraw_import(asked, by=by)


def _describe_decision(decision: str, taken: list[Taken]) -> str:
    if taken:
        return describe_taken(taken[0])
    return f"You {'declined' if decision == 'decline' else 'withdrew'} these figures. They are deleted."
