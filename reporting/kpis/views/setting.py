"""Set a KPI, and move its target: first a form, then a page in between that says whether this town could see it."""

from collections.abc import Callable, Mapping

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_safe

from actions.models import Kpi
from boards.models import PartnershipArea
from boards.permissions import AreaRequest, open_to
from boards.roles import Role
from core.form_pages import ANY_FORM, form_for, is_saved, pressed, refuse, show_form, try_to
from core.services.sent_once import taken_once
from reporting.kpis.forms import MoveForm, SettingForm, TargetFields
from reporting.kpis.presenters.setting import describe_outlook, list_choices, make_start, make_start_of_move
from reporting.kpis.selectors import find_offered, list_offered, list_published
from reporting.kpis.services import move_target, prepare_kpi, prepare_move, set_kpi, why_closed
from reporting.kpis.targets import Prepared
from reporting.kpis.views.kpis import WHO_SETS, the_kpi
from reporting.months.readings import MARKING

SET, EDIT = "set", "edit"  # the buttons of the page in between


@open_to(Role.COORDINATOR, because=WHO_SETS)
@require_safe
def kpi_choose(request: AreaRequest, area: PartnershipArea) -> HttpResponse:
    """Choose the indicator."""
    context = {"sections": list_choices(list_offered(area), slug=area.slug), "marking": MARKING}
    return render(request, "reporting/kpi_choose.html", context)


@open_to(Role.COORDINATOR, because=WHO_SETS)
@require_http_methods(ANY_FORM)
@taken_once
def kpi_set(request: AreaRequest, area: PartnershipArea, code: str) -> HttpResponse:
    indicator = find_offered(area, code)
    if indicator is None:
        raise Http404(f"{area.name} has no indicator “{code}” that can have a KPI.")
    indicator.area = area
    start = make_start(indicator, list_published(indicator))
    form = form_for(request, lambda typed: SettingForm(typed, area=area, initial=start.initial))
    form.offer_months(start.months, per_month=start.per_month)
    # `is_saved` only says whether it worked, so the new KPI comes out through a list.
    made: list[Kpi] = []
    if pressed(request) == SET and is_saved(
        request,
        form,
        lambda: made.append(
            set_kpi(
                indicator,
                form.draft(),
                form.target_draft(),
                went_on_why=form.cleaned_data["went_on_why"],
                by=request.user,
            )
        ),
    ):
        messages.success(request, f"{made[0].reference} is set.")
        return redirect(made[0])
    context = {
        "title": f"Set a KPI on {indicator.title}",
        "lead": start.lead,
        "closed": "" if start.has_figures else start.lead,
        "back": ("Choose another indicator", reverse("reporting:kpi-choose", args=[area.slug])),
        "final": "Set this KPI",
    }
    return show_step(
        request, form, context, lambda: prepare_kpi(indicator, form.draft(), form.target_draft(), by=request.user)
    )


@open_to(Role.COORDINATOR, because=WHO_SETS)
@require_http_methods(ANY_FORM)
@taken_once
def kpi_move(request: AreaRequest, area: PartnershipArea, number: int) -> HttpResponse:
    kpi = the_kpi(area, number)
    start = make_start_of_move(kpi, kpi.targets.latest("version"), list_published(kpi.indicator))
    form = form_for(request, lambda typed: MoveForm(typed, initial=start.initial))
    form.offer_months(start.months, per_month=start.per_month)

    def move() -> None:
        typed = {name: form.cleaned_data[name] for name in ("reason", "seen", "went_on_why")}
        move_target(kpi, form.target_draft(), **typed, by=request.user)

    if pressed(request) == SET and is_saved(request, form, move):
        messages.success(request, f"The target of {kpi.reference} has moved. The old one stays below.")
        return redirect(kpi)
    context = {
        "title": f"Move the target of {kpi.reference}",
        "lead": start.lead,
        "closed": why_closed(kpi),
        "back": (str(kpi), kpi.get_absolute_url()),
        "final": "Move the target",
    }
    return show_step(request, form, context, lambda: prepare_move(kpi, form.target_draft(), by=request.user))


def show_step(
    request: AreaRequest, form: TargetFields, context: Mapping[str, object], prepare: Callable[[], Prepared]
) -> HttpResponse:
    """Show the form; or, if it is valid, the outlook with the form in hidden boxes."""
    found: list[Prepared] = []
    if request.method == "POST" and form.is_ready and pressed(request) != EDIT:
        refusal = try_to(lambda: found.append(prepare()))
        if refusal is not None:
            refuse(form, refusal)
    if found:
        form.show_the_reason_alone()
        context = {**context, "outlook": describe_outlook(found[0])}
    else:
        form.show_all_but_the_reason()
    return show_form(request, "reporting/kpi_set.html", form, {**context, "marking": MARKING})
