"""E-mails about the plan that were not sent: the coordinator sends them again."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_POST, require_safe

from actions.presenters.notices import failed_letters
from actions.selectors.notices import failed_notices
from actions.services.notices import send_notices_again
from boards.models import PartnershipArea
from boards.permissions import AreaRequest, open_to
from boards.roles import Role
from core.form_pages import is_done
from core.models import User
from core.services.links import site_address

WHO = "Only a coordinator can see which e-mails were not sent."


@open_to(Role.COORDINATOR, because=WHO)
@require_safe
def notice_list(request: AreaRequest, area: PartnershipArea) -> HttpResponse:
    context = {
        "letters": list(failed_letters(failed_notices(area))),
    }
    return render(request, "actions/notice_list.html", context)


@open_to(Role.COORDINATOR, because=WHO)
@require_POST
def notice_resend(request: AreaRequest, area: PartnershipArea, person: int) -> HttpResponse:
    # Only people with an e-mail of this area: a key from elsewhere must find nobody.
    told = get_object_or_404(User.objects.filter(notices__area=area).distinct(), pk=person)

    def send() -> None:
        first, *_ = send_notices_again(area, told, absolute=site_address, by=request.user)
        if first.fault:
            messages.error(request, f"The e-mail to {told} could not be sent again: {first.fault}")
        else:
            messages.success(request, f"The e-mail to {told} has been sent.")

    is_done(request, send)
    return redirect("actions:notice-list", area.slug)
