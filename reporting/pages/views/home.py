"""Where a person lands, and what is theirs to do or to read."""

from datetime import date
from typing import cast

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_safe

from actions.permissions import sits_on_group
from actions.presenters.meetings import NotLookedAtView, not_looked_at_view
from actions.presenters.todo import asked_tasks, notice_tasks
from actions.selectors.leavers import left_in
from actions.selectors.meetings import not_looked_at
from actions.selectors.mine import own_actions
from actions.selectors.plan import list_rows
from boards.models import Board, PartnershipArea
from boards.permissions import Access, AreaRequest, open_to
from boards.roles import Role
from boards.selectors import list_months
from core.models import User
from indicators.permissions import can_protect
from indicators.presenters.todo import correction_rows
from indicators.selectors.corrections import open_corrections
from indicators.selectors.names import can_view_names
from reporting.pages.presenters.todo import list_tasks
from reporting.pages.views.mine import number_owed


@require_safe
def home(request: HttpRequest) -> HttpResponse:
    """A person of one area goes straight to it; of several, chooses."""
    everywhere = PartnershipArea.objects.all()
    user = cast("User", request.user)  # LoginRequiredMiddleware saw to it
    areas = everywhere if user.is_superuser else everywhere.filter(memberships__user=user).distinct()
    if len(areas) == 1:
        return redirect(areas[0])
    return render(request, "reporting/home.html", {"areas": areas})


@open_to()
@require_safe
def area_home(request: AreaRequest, area: PartnershipArea) -> HttpResponse:
    """What waits for this person in the area, and what there is to read."""
    access = request.access
    periods = list_months(area)
    readable = [period for period in periods if access.can_see_month(period)]
    boards = list(Board.objects.in_use().filter(area=area))
    latest = next((period for period in readable if period.is_published), None)
    today = timezone.localdate()
    tasks = [*list_tasks(access, periods, today=today), *asked_tasks(access, today=today), *notice_tasks(access)]
    corrections = open_corrections(area) if access.led or access.can_coordinate else []
    context = {
        "tasks": tasks,
        "owed": number_owed(tasks, own_actions(access, today=today)),
        "corrections": corrections if access.can_coordinate else [],
        "own_corrections": correction_rows(access, corrections, today=today),
        "gone": left_in(area, list_rows(area)) if access.can_coordinate else [],
        "not_looked_at": unseen(access, today=today),
        "latest": latest,
        "boards": [board for board in boards if access.can_see_board(board.pk)],
        "periods": readable,
        "reads_drafts": access.can_see_drafts,
        "decides_publishing": access.is_any(Role.COORDINATOR, Role.INFORMATION),
        "reads_rules": access.is_any(Role.INFORMATION, Role.ANALYST),
        "reads_markings": access.is_any(Role.INFORMATION, Role.ANALYST, Role.COORDINATOR),
        "opens_names": can_protect(access) or can_view_names(access),
        "admin_url": reverse("admin:index") if access.is_any(Role.OPERATOR) and settings.ADMIN_ENABLED else "",
    }
    return render(request, "reporting/area_home.html", context)


def unseen(access: Access, *, today: date) -> NotLookedAtView | None:
    """What was not looked at, for the strategic group and the coordinator: five queries. None for others, one query
    for those of them who sit on a board."""
    if not (access.is_any(Role.STRATEGIC, Role.COORDINATOR) or sits_on_group(access)):
        return None
    return not_looked_at_view(not_looked_at(access.area, today=today), access.area, today=today)
