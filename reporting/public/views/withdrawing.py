"""Take a month off everything public: a page first says what goes."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_http_methods

from boards.models import PartnershipArea
from boards.permissions import AreaRequest, open_to
from boards.roles import Role
from core.form_pages import ANY_FORM, form_for, is_done, is_saved, pressed, show_form
from core.months import Month
from reporting.months.readings import find_period
from reporting.public.forms import WithdrawalForm
from reporting.public.presenters.withdrawing import describe_reach
from reporting.public.reach import find_reach
from reporting.public.taking_down import withdraw_month
from reporting.public.tasks import hint_replacements

WHO = "Only an information officer can withdraw what is public."
DOWN = "{} is off all public pages, files and board packs."


@open_to(Role.INFORMATION, because=WHO)
@require_http_methods(ANY_FORM)
def publishing_withdraw(request: AreaRequest, area: PartnershipArea, month: Month) -> HttpResponse:
    """Withdraw a month with a reason; or, in an emergency, straight away and without one."""
    period = find_period(area, month).period
    here = redirect("reporting:publishing-month", area.slug, month)
    if request.method == "POST" and pressed(request, "how") == "now":
        done = f"{DOWN.format(month.label)} Now give the reason."
        if is_done(request, lambda: withdraw_month(period, is_urgent=True, by=request.user), done=done):
            hint_replacements(area)
        return here
    form = form_for(request, WithdrawalForm)
    if is_saved(request, form, lambda: withdraw_month(period, **form.cleaned_data, by=request.user)):
        hint_replacements(area)
        messages.success(request, DOWN.format(month.label))
        return here
    reach = find_reach(period)
    context = {"month": month, "period": period, "reach": describe_reach(reach, month) if reach else None}
    return show_form(request, "reporting/publishing_withdraw.html", form, context)
