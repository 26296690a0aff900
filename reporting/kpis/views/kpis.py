"""An area's KPIs and their states; and one KPI: its page, its changes, its reviews and its retirement."""

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from actions.forms.plan import ReasonForm
from actions.models import Kpi
from actions.permissions import can_review_kpi
from actions.selectors.plan import is_member
from boards.models import PartnershipArea
from boards.permissions import AreaRequest, open_to
from boards.roles import Role
from core.form_pages import ANY_FORM, form_for, is_saved, show_form
from core.services.sent_once import taken_once
from reporting.kpis.filters import KpiFilter
from reporting.kpis.forms import KpiForm, ReviewForm
from reporting.kpis.presenters.one import describe_column, describe_review, find_last_asked
from reporting.kpis.presenters.standings import describe_count, group_rows
from reporting.kpis.readings import KpiPage, KpisPage
from reporting.kpis.selectors import find_kpi, list_kpis, list_of_area
from reporting.kpis.services import change_kpi, retire_kpi, review_kpi, why_closed
from reporting.months.readings import MARKING, asked_month

WHO_SETS = "Only a coordinator can set KPIs and their targets."


@open_to()
@require_safe
def kpi_list(request: AreaRequest, area: PartnershipArea) -> HttpResponse:
    """List the KPIs of the newest published month, or ?month=2026-10."""
    asked = asked_month(request)
    page = KpisPage(request.access, month=asked)
    kept = {"month": str(asked)} if asked else {}
    chosen = KpiFilter(request.GET, queryset=list_of_area(area), kpis=page.kpis, kept=kept)
    rows = page.rows
    if chosen.chosen:
        state, numbers = chosen.asked_state, chosen.numbers
        rows = [row for row in rows if row.line.number in numbers and state in ("", row.line.state)]
    context = {
        "month": page.month,
        "asked": asked,
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
        "figures_in": describe_column(kpi.indicator),
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
@require_http_methods(ANY_FORM)
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
    lead = "Its indicator can’t change. To change its target, use “Move the target”."
    context = {
        "kpi": kpi,
        "title": f"Change {kpi.reference}",
        "lead": lead,
        "button": "Save",
        "closed": why_closed(kpi),
    }
    return show_form(request, "reporting/kpi_form.html", form, context)


@open_to()
@require_http_methods(ANY_FORM)
@taken_once
def kpi_review(request: AreaRequest, area: PartnershipArea, number: int) -> HttpResponse:
    kpi = the_kpi(area, number)
    if not can_review_kpi(request.access, kpi):
        raise PermissionDenied("Only its owner, the chair of its board and the coordinator can do this.")
    today = {"reviewed_on": timezone.localdate()}
    form = form_for(request, lambda typed: ReviewForm(typed, access=request.access, kpi=kpi, initial=today))
    if is_saved(request, form, lambda: review_kpi(kpi, **form.typed(), by=request.user)):
        messages.success(request, f"The review is on the page of {kpi.reference}.")
        return redirect(kpi)
    lead = "The review saves what the newest published month shows."
    context = {
        "kpi": kpi,
        "title": f"Review {kpi.reference}",
        "lead": lead,
        "button": "Add this review",
        "closed": why_closed(kpi),
    }
    return show_form(request, "reporting/kpi_form.html", form, context)


@open_to(Role.COORDINATOR, because=WHO_SETS)
@require_http_methods(ANY_FORM)
def kpi_retire(request: AreaRequest, area: PartnershipArea, number: int) -> HttpResponse:
    kpi = the_kpi(area, number)
    form = form_for(request, ReasonForm)
    if is_saved(request, form, lambda: retire_kpi(kpi, **form.typed(), by=request.user)):
        messages.success(request, f"{kpi.reference} is retired.")
        return redirect(kpi)
    context = {
        "kpi": kpi,
        "title": f"Retire {kpi.reference}",
        "lead": "It will no longer be measured, and you can’t bring it back. Its page stays, and months that show it "
        "still do.",
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
