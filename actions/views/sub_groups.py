"""Sub-groups: everybody in the area reads about them, the coordinator sets them up."""

from collections.abc import Callable

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from actions.forms.meetings import SubGroupForm
from actions.forms.plan import ReasonForm
from actions.models import Meeting, SubGroup
from actions.permissions import can_read_meeting
from actions.presenters.meetings import meeting_view
from actions.selectors.meetings import decided_by, find_sub_group, readable_meetings, with_bodies
from actions.selectors.plan import rows_with
from actions.services.sub_groups import (
    add_sub_group,
    bring_back_sub_group,
    change_sub_group,
    retire_sub_group,
)
from boards.models import PartnershipArea
from boards.permissions import AreaRequest, open_to
from boards.roles import Role
from core.form_pages import ANY_FORM, form_for, is_saved, show_form
from core.services.sent_once import taken_once

WHO = "Only a coordinator can set up sub-groups."
NEWEST_MEETINGS = 6


def the_group(area: PartnershipArea, code: str) -> SubGroup:
    """Return the sub-group. Raises Http404."""
    group = find_sub_group(area, code)
    if group is None:
        raise Http404(f"{area.name} has no sub-group “{code}”.")
    group.area = area
    return group


@open_to()
@require_safe
def sub_group_list(request: AreaRequest, area: PartnershipArea) -> HttpResponse:
    """List all sub-groups, with those that still meet first."""
    groups = list(SubGroup.objects.filter(area=area).select_related("board", "chair").order_by("retired", "name"))
    for group in groups:
        group.area = area
    return render(request, "actions/sub_group_list.html", {"groups": groups})


@open_to()
@require_safe
def sub_group_view(request: AreaRequest, area: PartnershipArea, code: str) -> HttpResponse:
    """Show its remit, its members, its meetings that this person may read, and its decisions."""
    group = the_group(area, code)
    readable = with_bodies(readable_meetings(request.access).filter(sub_group=group))
    context = {
        "group": group,
        "members": group.members.order_by("name", "email"),
        "meetings": [meeting_view(meeting) for meeting in readable[:NEWEST_MEETINGS]],
        # also for meetings that it will have later
        "reads_meetings": can_read_meeting(request.access, Meeting(sub_group=group)),
        "actions": rows_with(list(decided_by(group).values_list("pk", flat=True))),
        "today": timezone.localdate(),
    }
    return render(request, "actions/sub_group_view.html", context)


@open_to(Role.COORDINATOR, because=WHO)
@require_http_methods(ANY_FORM)
@taken_once
def sub_group_add(request: AreaRequest, area: PartnershipArea) -> HttpResponse:
    form = form_for(request, lambda typed: SubGroupForm(typed, area=area))
    made: list[SubGroup] = []

    def add() -> None:
        made.append(add_sub_group(area, form.cleaned_data["code"], form.draft(), by=request.user))

    if is_saved(request, form, add):
        messages.success(request, f"{made[0]} is set up.")
        return redirect(made[0])
    return show_form(request, "actions/sub_group_form.html", form, {"group": None})


@open_to(Role.COORDINATOR, because=WHO)
@require_http_methods(ANY_FORM)
def sub_group_change(request: AreaRequest, area: PartnershipArea, code: str) -> HttpResponse:
    group = the_group(area, code)
    form = form_for(request, lambda typed: SubGroupForm(typed, area=area, group=group))
    if is_saved(request, form, lambda: change_sub_group(group, form.draft(), revision=form.seen, by=request.user)):
        messages.success(request, f"{form.draft().name} has been saved.")
        return redirect(group)
    return show_form(request, "actions/sub_group_form.html", form, {"group": group})


@open_to(Role.COORDINATOR, because=WHO)
@require_http_methods(ANY_FORM)
def sub_group_retire(request: AreaRequest, area: PartnershipArea, code: str) -> HttpResponse:
    return ask_why(request, the_group(area, code), retire_sub_group, done="is retired")


@open_to(Role.COORDINATOR, because=WHO)
@require_http_methods(ANY_FORM)
def sub_group_bring_back(request: AreaRequest, area: PartnershipArea, code: str) -> HttpResponse:
    return ask_why(request, the_group(area, code), bring_back_sub_group, done="is in use again")


def ask_why(request: AreaRequest, group: SubGroup, act: Callable[..., object], *, done: str) -> HttpResponse:
    form = form_for(request, ReasonForm)
    if is_saved(request, form, lambda: act(group, why=form.cleaned_data["why"], by=request.user)):
        messages.success(request, f"{group} {done}.")
        return redirect(group)
    context = {"group": group, "retires": act is retire_sub_group}
    return show_form(request, "actions/sub_group_retire.html", form, context)
