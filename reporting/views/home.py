"""Where a person lands, and what is theirs to do or to read."""

from dataclasses import dataclass
from typing import cast

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_safe

from boards.models import Agency, Board, PartnershipArea, ReportingPeriod
from boards.permissions import Access, AreaRequest, open_to
from boards.roles import Role
from core.models import User
from core.months import date_label
from indicators.selectors import ReturnStatus, returns_of


@require_safe
def home(request: HttpRequest) -> HttpResponse:
    """A person of one area goes straight to it; of several, chooses."""
    everywhere = PartnershipArea.objects.all()
    user = cast("User", request.user)  # LoginRequiredMiddleware saw to it
    areas = everywhere if user.is_superuser else everywhere.filter(memberships__user=user).distinct()
    if len(areas) == 1:
        return redirect(areas[0])
    return render(request, "reporting/home.html", {"areas": areas})


@dataclass(frozen=True, slots=True)
class Task:
    """Something that waits for this person."""

    name: str
    url: str
    hint: str
    status: str
    status_label: str


@open_to()
@require_safe
def area_home(request: AreaRequest, area: PartnershipArea) -> HttpResponse:
    """What waits for this person in the area, and what there is to read."""
    access = request.access
    periods = list(ReportingPeriod.objects.filter(area=area).order_by("-starts_on"))
    for period in periods:
        period.area = area
    readable = [period for period in periods if access.can_see_month(period)]
    boards = list(Board.objects.filter(area=area, retired=False))
    latest = next((period for period in readable if period.is_published), None)
    context = {
        "tasks": [*lead_tasks(access, periods), *coordinator_tasks(access, periods)],
        "latest": latest,
        "boards": [board for board in boards if access.can_see_board(board.pk)],
        "periods": readable,
        "reads_drafts": access.can_see_drafts,
        "admin_url": reverse("admin:index") if access.is_any(Role.OPERATOR) and settings.ADMIN_ENABLED else "",
    }
    return render(request, "reporting/area_home.html", context)


def lead_tasks(access: Access, periods: list[ReportingPeriod]) -> list[Task]:
    """The returns that this person enters, for each open month."""
    agencies = list(Agency.objects.filter(pk__in=access.led, retired=False)) if access.led else []
    tasks = []
    for period in (period for period in periods if agencies and period.is_open):
        statuses = {status.agency.pk: status for status in returns_of(period)}
        tasks += [
            lead_task(access.area, period, statuses[agency.pk], name_agency=len(agencies) > 1)
            for agency in agencies
            if agency.pk in statuses
        ]
    return tasks


# What a lead reads about a return, by its state: the label, and the class of its tag.
LEAD_STATES = {
    "not-started": ("Not yet started", "not-started"),
    "draft": ("In progress", "progress"),
    "returned": ("Returned to you", "returned"),
    "submitted": ("Completed", "completed"),
    "accepted": ("Completed", "completed"),
}


def lead_task(area: PartnershipArea, period: ReportingPeriod, status: ReturnStatus, *, name_agency: bool) -> Task:
    label, css = LEAD_STATES[status.state]
    hint = f"Due {date_label(period.due_on)}"
    if status.submission is not None and status.state == "returned":
        hint += f". The coordinator returned it: “{status.submission.comment}”"
    elif status.state == "submitted":
        hint = "Submitted. The coordinator checks it next."
    elif status.state == "accepted":
        hint = "Accepted by the coordinator."
    name = f"{period.month.label} figures"
    return Task(
        name=f"{name} from {status.agency.name}" if name_agency else name,
        url=reverse("indicators:return-edit", args=[area.slug, period.month, status.agency.code]),
        hint=hint,
        status=css,
        status_label=label,
    )


def coordinator_tasks(access: Access, periods: list[ReportingPeriod]) -> list[Task]:
    """The months that a coordinator still has to close or publish."""
    if not access.can_coordinate:
        return []
    tasks = []
    for period in periods:
        if period.is_published:
            continue
        statuses = returns_of(period)
        waiting = sum(status.state == "submitted" for status in statuses)
        accepted = sum(status.state == "accepted" for status in statuses)
        hint = f"{accepted} of {len(statuses)} returns accepted; due {date_label(period.due_on)}."
        if waiting:
            hint += f" {waiting} {'waits' if waiting == 1 else 'wait'} for you."
        if not period.is_open:
            hint = "Closed: check the draft, then publish it."
        tasks.append(
            Task(
                name=f"Returns for {period.month.label}",
                url=reverse("reporting:return-grid", args=[access.area.slug, period.month]),
                hint=hint,
                status=period.status,
                status_label=period.get_status_display(),
            )
        )
    return tasks
