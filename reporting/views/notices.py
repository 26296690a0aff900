"""E-mails about the plan that were not sent: the coordinator sends them again."""

from collections.abc import Iterator

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from actions.presenters.notices import failed_letters
from actions.selectors.notices import failed_notices
from actions.services.notices import send_notices_again
from boards.models import PartnershipArea
from boards.permissions import Access, AreaRequest, open_to
from boards.roles import Role
from core.form_pages import is_done
from core.models import User
from core.services.links import site_address
from reporting.selectors import boards_of
from reporting.views.nav import area_nav
from reporting.views.tasks import Task

WHO = "Only a coordinator sees which e-mails were not sent."


@open_to(Role.COORDINATOR, because=WHO)
@require_safe
def notice_list(request: AreaRequest, area: PartnershipArea) -> HttpResponse:
    context = {
        "letters": list(failed_letters(failed_notices(area))),
        "nav_html": area_nav(request.access, boards_of(area), here=""),
    }
    return render(request, "reporting/notice_list.html", context)


@open_to(Role.COORDINATOR, because=WHO)
@require_POST
def notice_resend(request: AreaRequest, area: PartnershipArea, person: int) -> HttpResponse:
    told = get_object_or_404(User.objects.filter(notices__area=area).distinct(), pk=person)

    def send() -> None:
        first, *_ = send_notices_again(area, told, absolute=site_address, by=request.user)
        if first.fault:
            messages.error(request, f"The e-mail to {told} could not be sent again: {first.fault}")
        else:
            messages.success(request, f"The e-mail to {told} is sent.")

    is_done(request, send)
    return redirect("reporting:notice-list", area.slug)


def notice_tasks(access: Access) -> Iterator[Task]:
    """For the coordinator what people could not be told, where there is any. One query where there is none."""
    if not access.can_coordinate:
        return
    letters = list(failed_letters(failed_notices(access.area)))
    if letters:
        yield Task(
            name="1 e-mail was not sent" if len(letters) == 1 else f"{len(letters)} e-mails were not sent",
            url=reverse("reporting:notice-list", args=[access.area.slug]),
            hint=f"About challenges and actions, to {', '.join(str(letter.person) for letter in letters)}.",
            status="problem",
            status_label="To send again",
        )
