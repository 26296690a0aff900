"""Set aside a step that a new area doesn't want, or bring it back."""

from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_POST

from boards.models import PartnershipArea
from boards.permissions import AreaRequest, open_to
from boards.roles import Role
from core.form_pages import is_done, pressed
from reporting.models.first_steps import FirstStep
from reporting.pages.services import set_step_aside, take_step_up


@open_to(Role.COORDINATOR)
@require_POST
def first_step(request: AreaRequest, area: PartnershipArea, step: str) -> HttpResponse:
    try:
        found = FirstStep(step)
    except ValueError:
        raise Http404("There is no such step.") from None
    if pressed(request) == "take-up":
        is_done(
            request, lambda: take_step_up(area, found, by=request.user), done=f"“{found.label}” is on the list again."
        )
    else:
        is_done(request, lambda: set_step_aside(area, found, by=request.user), done=f"“{found.label}” is set aside.")
    return redirect("reporting:area-home", area.slug)
