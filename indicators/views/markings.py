"""Each month's marking, for partners and for the public: see it and change it."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_safe

from boards.models import PartnershipArea, ReportingPeriod
from boards.permissions import AreaRequest, open_to
from boards.roles import Role
from core.form_pages import ANY_FORM, form_for, is_saved, show_form
from core.months import Month
from indicators.disclosure import Audience
from indicators.forms.setup import MarkingForm
from indicators.public_pages import public_pages
from indicators.selectors.markings import FOR, get_marking, list_changes, list_markings
from indicators.services.markings import mark_month

WHO_READS = "Only the information officer, the coordinator and the analyst can see how months are marked."
WHO_CHANGES = "Only an information officer can change how a month is marked."


@open_to(Role.INFORMATION, Role.COORDINATOR, Role.ANALYST, because=WHO_READS)
@require_safe
def marking_list(request: AreaRequest, area: PartnershipArea) -> HttpResponse:
    context = {"months": list_markings(area), "can_change": request.access.is_any(Role.INFORMATION)}
    return render(request, "indicators/marking_list.html", context)


@open_to(Role.INFORMATION, because=WHO_CHANGES)
@require_http_methods(ANY_FORM)
def marking_edit(request: AreaRequest, area: PartnershipArea, month: Month) -> HttpResponse:
    """Show one month: its markings, every change of them, and the form to change them."""
    period = find_period(area, month)
    form = form_for(request, lambda typed: MarkingForm(typed, goes=lambda: public_pages().list_reach(period)))
    if is_saved(request, form, lambda: mark_month(period, **form.typed(), by=request.user)):
        audience, marking = form.cleaned_data["audience"], form.cleaned_data["marking"]
        is_marked = f"is marked {marking.label}" if marking else "has no marking"
        messages.success(request, f"{month.label} {is_marked} for {FOR[audience]} from now on.")
        return redirect("indicators:marking-list", area.slug)
    context = {
        "period": period,
        "month": month,
        "now": [(audience.label, get_marking(period, audience=audience).label) for audience in Audience],
        "changes": list_changes(period),
    }
    return show_form(request, "indicators/marking_edit.html", form, context)


def find_period(area: PartnershipArea, month: Month) -> ReportingPeriod:
    """Find the month. Raises Http404."""
    return get_object_or_404(ReportingPeriod.objects.select_related("area"), area=area, starts_on=month.first_day)
