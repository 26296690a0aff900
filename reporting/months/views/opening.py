"""The months of an area: open one, or remove an empty one that was opened by mistake."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from boards.models import PartnershipArea
from boards.months import list_openable
from boards.permissions import AreaRequest, open_to
from boards.roles import Role
from boards.selectors import list_months
from boards.services.months import open_by_hand
from core.form_pages import ANY_FORM, form_for, is_saved, show_form
from core.months import Month
from reporting.months.forms import OpenForm, StepForm
from reporting.months.readings import find_period
from reporting.months.selectors.holdings import is_reopened, list_held
from reporting.months.services import take_month_away
from reporting.months.tasks import hint_roll_up


@open_to(Role.COORDINATOR)
@require_http_methods(ANY_FORM)
def month_list(request: AreaRequest, area: PartnershipArea) -> HttpResponse:
    """List the months, with the form that opens another."""
    periods, current = list_months(area), Month.of(timezone.localdate())
    held = [period.month for period in periods]
    openable = list_openable(held, current=current, is_published=any(period.is_published for period in periods))
    context = {"area": area, "periods": periods, "current": current}
    if not openable and request.method != "POST":
        return show_form(request, "reporting/month_list.html", None, context)
    # A page that was open longer may still send its form, and should get an answer.
    choices = openable or [current]
    form = form_for(request, lambda typed: OpenForm(typed, held=held, openable=choices, current=current))
    opened: list[Month] = []

    def save() -> None:
        made = open_by_hand(area, form.cleaned_data["month"], seen=form.opened, by=request.user)
        opened.extend(period.month for period in made)

    if is_saved(request, form, save):
        if opened:
            messages.success(request, describe_opened(opened))
            hint_roll_up(area)
        return redirect("reporting:month-list", area.slug)
    return show_form(request, "reporting/month_list.html", form if openable else None, context)


@open_to(Role.COORDINATOR)
@require_http_methods(ANY_FORM)
def month_take_away(request: AreaRequest, area: PartnershipArea, month: Month) -> HttpResponse:
    """Show a page that says what removing means, then do it."""
    period = find_period(area, month).period
    form = form_for(request, lambda typed: StepForm(typed, asks_why="", seen=""))
    if is_saved(request, form, lambda: take_month_away(period, by=request.user)):
        messages.success(request, f"{month.label} is removed.")
        return redirect("reporting:month-list", area.slug)
    context = {"month": month, "held": list_held(period), "is_reopened": is_reopened(period)}
    return show_form(request, "reporting/month_take_away.html", form, context)


def describe_opened(months: list[Month]) -> str:
    if len(months) == 1:
        return f"{months[0].label} is open: returns can be entered."
    return f"{months[0].label} to {months[-1].label} are open, {len(months)} months: returns can be entered."
