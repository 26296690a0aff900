"""The pages of KPIs: list them, show one, set one, change it, move its target, review it, retire it."""

from collections.abc import Callable, Mapping

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_safe

from actions.forms.plan import ReasonForm
from actions.models import Kpi
from actions.permissions import can_review_kpi
from actions.selectors.plan import is_member
from boards.models import PartnershipArea
from boards.permissions import AreaRequest, open_to
from boards.rules import Role
from core.forms.pages import form_for, is_saved, pressed, refuse, saved, show_form, taken_once, try_to
from reporting.kpis.forms import KpiFilter, KpiForm, MoveForm, ReviewForm, SettingForm, TargetFields
from reporting.kpis.presenters import (
    describe_count,
    describe_indicators_way,
    describe_outlook,
    describe_points,
    describe_review,
    describe_way,
    find_last_asked,
    group_rows,
    list_choices,
    make_start,
    make_start_of_move,
)
from reporting.kpis.readings import KpiPage, KpisPage
from reporting.kpis.selectors import find_kpi, find_offered, list_kpis, list_of_area, list_offered, list_published
from reporting.kpis.services import (
    change_kpi,
    move_target,
    prepare_kpi,
    prepare_move,
    retire_kpi,
    review_kpi,
    set_kpi,
    why_closed,
)
from reporting.kpis.targets import Prepared
from reporting.months.readings import MARKING, asked_month

WHO_SETS = "Only a coordinator can set KPIs and their targets."


@open_to()
@require_safe
def kpi_list(request: AreaRequest, area: PartnershipArea) -> HttpResponse:
    """List the KPIs of the newest published month, or ?month=2026-10."""
    month = asked_month(request)
    page = KpisPage(request.access, month=month)
    kept = {"month": str(month)} if month else {}
    chosen = KpiFilter(request.GET, queryset=list_of_area(area), kpis=page.kpis, kept=kept)
    rows = page.rows
    if chosen.chosen:
        state, numbers = chosen.asked_state, chosen.numbers
        rows = [row for row in rows if row.line.number in numbers and state in ("", row.line.state)]
    context = {
        "month": page.month,
        "as_of": month,
        "filter": chosen,
        "count": describe_count(len(rows), len(page.rows) if chosen.chosen else None),
        "has_any": bool(page.rows),
        "groups": group_rows(rows, by_strand=chosen.is_by_strand),
        "unmeasured": [] if chosen.chosen else page.unmeasured,
        "retired": list_kpis(area, retired=True),
        "url": reverse("reporting:kpi-list", args=[area.slug]),
        "marking": MARKING,
    }
    return render(request, "reporting/kpi_list.html", context)


@open_to()
@require_safe
def kpi_view(request: AreaRequest, area: PartnershipArea, number: int) -> HttpResponse:
    page = KpiPage(request.access, number)
    kpi, reviews = page.kpi, page.reviews
    last = kpi.reviews.order_by("-reviewed_on").values_list("reviewed_on", flat=True).first() if reviews else None
    context = {
        "kpi": kpi,
        "row": page.row,
        "month": page.month,
        "chart": page.chart,
        "months": page.months,
        "points": describe_points(kpi.indicator, page.target),
        "way": describe_way(page.row.line.better, kpi.indicator) if page.row else "",
        "targets": page.target_views,
        "reviews": reviews,
        "review_words": "" if kpi.is_retired else describe_review(kpi, last, today=timezone.localdate()),
        "counted_since": page.counted_since,
        "asked_until": find_last_asked(kpi),
        "owner_left": kpi.owner is not None and not kpi.is_retired and not is_member(kpi.owner, area),
        "can_review": page.can_review,
        "can_set": request.access.can_coordinate and not kpi.is_retired,
        "marking": MARKING,
    }
    return render(request, "reporting/kpi_view.html", context)


@open_to(Role.COORDINATOR, because=WHO_SETS)
def kpi_change(request: AreaRequest, area: PartnershipArea, number: int) -> HttpResponse:
    kpi = the_kpi(area, number)
    form = form_for(request, lambda typed: KpiForm(typed, kpi=kpi))
    if is_saved(
        request,
        form,
        lambda: change_kpi(kpi, form.draft(), revision=form.cleaned_data["revision"], by=request.user),
    ):
        messages.success(request, f"{kpi.reference} has been saved.")
        return redirect(kpi)
    lead = "You can’t change the KPI’s indicator. To change the target, use “Move the target”."
    context = {
        "kpi": kpi,
        "title": f"Change {kpi.reference}",
        "lead": lead,
        "button": "Save",
        "closed": why_closed(kpi),
    }
    return show_form(request, "reporting/kpi_form.html", form, context)


@open_to()
@taken_once
def kpi_review(request: AreaRequest, area: PartnershipArea, number: int) -> HttpResponse:
    kpi = the_kpi(area, number)
    if not can_review_kpi(request.access, kpi):
        raise PermissionDenied("Only the KPI’s owner, the chair of its board and the coordinator can do this.")
    today = {"reviewed_on": timezone.localdate()}
    form = form_for(request, lambda typed: ReviewForm(typed, access=request.access, kpi=kpi, initial=today))
    if is_saved(request, form, lambda: review_kpi(kpi, **form.typed(), by=request.user)):
        messages.success(request, f"The review is now on the page of {kpi.reference}.")
        return redirect(kpi)
    lead = "With the review, we save how the KPI is doing in the newest published month."
    context = {
        "kpi": kpi,
        "title": f"Review {kpi.reference}",
        "lead": lead,
        "button": "Add this review",
        "closed": why_closed(kpi),
    }
    return show_form(request, "reporting/kpi_form.html", form, context)


@open_to(Role.COORDINATOR, because=WHO_SETS)
def kpi_retire(request: AreaRequest, area: PartnershipArea, number: int) -> HttpResponse:
    kpi = the_kpi(area, number)
    form = form_for(request, ReasonForm)
    if is_saved(request, form, lambda: retire_kpi(kpi, **form.typed(), by=request.user)):
        messages.success(request, f"{kpi.reference} is retired.")
        return redirect(kpi)
    context = {
        "kpi": kpi,
        "title": f"Retire {kpi.reference}",
        "lead": "We will stop measuring this KPI. You can’t undo this. Its page stays, and published months "
        "still show it.",
        "button": "Retire it",
        "warns": True,
        "closed": why_closed(kpi),
    }
    return show_form(request, "reporting/kpi_form.html", form, context)


def the_kpi(area: PartnershipArea, number: int) -> Kpi:
    """Return the KPI. Raises Http404."""
    kpi = find_kpi(area, number)
    if kpi is None:
        raise Http404(f"{area.name} has no KPI K{number}.")
    return kpi


SET, EDIT = "set", "edit"  # the buttons of the page in between


@open_to(Role.COORDINATOR, because=WHO_SETS)
@require_safe
def kpi_choose(request: AreaRequest, area: PartnershipArea) -> HttpResponse:
    """Choose the indicator."""
    context = {"sections": list_choices(list_offered(area), slug=area.slug), "marking": MARKING}
    return render(request, "reporting/kpi_choose.html", context)


@open_to(Role.COORDINATOR, because=WHO_SETS)
@taken_once
def kpi_set(request: AreaRequest, area: PartnershipArea, code: str) -> HttpResponse:
    indicator = find_offered(area, code)
    if indicator is None:
        raise Http404(f"{area.name} has no indicator “{code}” that can have a KPI.")
    indicator.area = area
    start = make_start(indicator, list_published(indicator))
    form = form_for(request, lambda typed: SettingForm(typed, area=area, initial=start.initial))
    form.offer_months(start.months, per_month=start.per_month)
    form.ask_whose_aim(indicator.polarity, describe_indicators_way(indicator))

    def set_it() -> Kpi:
        why = form.cleaned_data["went_on_why"]
        return set_kpi(indicator, form.draft(), form.target_draft(), went_on_why=why, by=request.user)

    if pressed(request) == SET and (kpi := saved(request, form, set_it)):
        messages.success(request, f"{kpi.reference} is set.")
        return redirect(kpi)
    context = {
        "title": f"Set a KPI for {indicator.title}",
        "lead": start.lead,
        "closed": "" if start.has_figures else start.lead,
        "back": ("Choose another indicator", reverse("reporting:kpi-choose", args=[area.slug])),
        "final": "Set this KPI",
    }
    return show_step(
        request, form, context, lambda: prepare_kpi(indicator, form.draft(), form.target_draft(), by=request.user)
    )


@open_to(Role.COORDINATOR, because=WHO_SETS)
@taken_once
def kpi_move(request: AreaRequest, area: PartnershipArea, number: int) -> HttpResponse:
    kpi = the_kpi(area, number)
    start = make_start_of_move(kpi, kpi.targets.latest("version"), list_published(kpi.indicator))
    form = form_for(request, lambda typed: MoveForm(typed, initial=start.initial))
    form.offer_months(start.months, per_month=start.per_month)
    form.ask_whose_aim(kpi.indicator.polarity, describe_indicators_way(kpi.indicator))

    def move() -> None:
        typed = {name: form.cleaned_data[name] for name in ("reason", "seen", "went_on_why")}
        move_target(kpi, form.target_draft(), **typed, by=request.user)

    if pressed(request) == SET and is_saved(request, form, move):
        messages.success(request, f"The target of {kpi.reference} has moved. The old target stays below.")
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
    prepared: list[Prepared] = []
    if request.method == "POST" and form.is_ready and pressed(request) != EDIT:
        refusal = try_to(lambda: prepared.append(prepare()))
        if refusal is not None:
            refuse(form, refusal)
    if prepared:
        form.show_the_reason_alone()
        context = {**context, "outlook": describe_outlook(prepared[0])}
    else:
        form.show_all_but_the_reason()
    return show_form(request, "reporting/kpi_set.html", form, {**context, "marking": MARKING})
