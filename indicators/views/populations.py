"""An area's populations and their sources, to read."""

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from boards.models import PartnershipArea
from boards.permissions import AreaRequest, open_to
from boards.roles import Role
from indicators.presenters.populations import make_populations
from indicators.selectors.populations import list_populations

WHO = "Only the coordinator and the analyst can see the populations behind rates."


@open_to(Role.COORDINATOR, Role.ANALYST, because=WHO)
@require_safe
def population_list(request: AreaRequest, area: PartnershipArea) -> HttpResponse:
    context = {"held": make_populations(list_populations(area)), "sees_setup": request.access.is_any(Role.COORDINATOR)}
    return render(request, "indicators/population_list.html", context)
