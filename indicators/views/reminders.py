"""The coordinator sends failed reminders again."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.views.decorators.http import require_POST

from boards.models import PartnershipArea
from boards.permissions import AreaRequest, open_to
from boards.roles import Role
from core.form_pages import is_done
from core.services.links import site_address
from indicators.models import Reminder
from indicators.services.reminders import send_again


@open_to(Role.COORDINATOR)
@require_POST
def reminder_resend(request: AreaRequest, area: PartnershipArea, reminder: int) -> HttpResponse:
    failed = get_object_or_404(Reminder.objects.select_related("period__area"), period__area=area, pk=reminder)

    def send() -> None:
        sent = send_again(failed, absolute=site_address, by=request.user)
        if sent.fault:
            messages.error(request, f"The reminder to {sent.person} could not be sent again: {sent.fault}")
        else:
            messages.success(request, f"The reminder to {sent.person} has been sent.")

    is_done(request, send)
    return redirect("reporting:return-grid", area.slug, failed.period.month)
