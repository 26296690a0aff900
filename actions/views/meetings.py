"""Meetings: people read those of their boards and sub-groups; the coordinator plans and records them."""

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_safe

from actions.forms.meetings import MeetingFilter, MeetingForm, RecordForm, Row, SubGroupForm, chosen_keys, shown_by
from actions.forms.plan import ReasonForm
from actions.models import Action, Challenge, Meeting, NoteKind, SubGroup
from actions.month_figures import month_figures
from actions.permissions import can_challenge, can_read_meeting
from actions.presenters.meetings import (
    Point,
    addable_to,
    group_points,
    key_in,
    make_points,
    meeting_view,
    point_about,
    proposed_agenda,
    proposed_groups,
)
from actions.presenters.notes import describe_note
from actions.presenters.plan import describe_due, is_overdue
from actions.selectors.group import find_absences, list_attendance, list_seats
from actions.selectors.meetings import (
    LastAct,
    decided_by,
    find_meeting,
    find_sub_group,
    get_subjects,
    last_act_on,
    list_decisions,
    list_items,
    readable_meetings,
    with_bodies,
)
from actions.selectors.notes import readable_notes
from actions.selectors.plan import rows_with
from actions.services.group import why_no_attendance
from actions.services.meetings import (
    add_sub_group,
    bring_back_sub_group,
    call_off,
    change_meeting,
    change_sub_group,
    plan_meeting,
    record_meeting,
    retire_sub_group,
    why_not_called_off,
    why_not_changed,
    why_not_recorded,
)
from actions.workflow import MeetingState, WhyProposed
from boards.models import PartnershipArea
from boards.permissions import Access, AreaRequest, open_to
from boards.rules import Role
from core.calendar import date_label, describe_day
from core.forms.pages import came_between, form_for, is_saved, saved, show_form, taken_once, typed_into
from core.models import User
from core.pages import NotHeld, list_page

WHO = "Only a coordinator can plan and record meetings."


# --- All of them -----------------------------------------------------------------------------------


@open_to()
@require_safe
def meeting_list(request: AreaRequest, area: PartnershipArea) -> HttpResponse:
    """List the meetings that this person may read, filtered, newest first."""
    chosen = MeetingFilter(request.GET, queryset=readable_meetings(request.access))
    shown = list_page(request, chosen, with_bodies(chosen.qs))
    context = {**shown, "rows": [meeting_view(meeting) for meeting in shown["page"]], "today": timezone.localdate()}
    return render(request, "actions/meeting_list.html", context)


# --- One -------------------------------------------------------------------------------------------


@open_to()
@require_safe
def meeting_page(request: AreaRequest, area: PartnershipArea, number: int) -> HttpResponse:
    """Show the proposed agenda of a future meeting. Afterwards show what was discussed, what wasn't, and what was
    decided."""
    meeting = find_meeting(area, number)
    if meeting is None or not can_read_meeting(request.access, meeting):
        raise not_there(number)
    meeting.area = area
    view, today = meeting_view(meeting), timezone.localdate()
    context: dict[str, Any] = {
        "view": view,
        "meeting": meeting,
        "group": meeting.sub_group,
        "is_due": view.is_planned and meeting.held_on <= today,
        "may_raise": can_challenge(request.access),
    }
    if view.is_planned:
        points = proposed_agenda(meeting)
        hidden = hidden_from(request.access, points)
        context["newer"] = describe_newer(meeting)
        context["groups"] = proposed_groups(points, meeting, hidden=hidden)
    elif view.is_held:
        points = make_points(list_items(meeting), area)
        hidden = hidden_from(request.access, points)
        context["discussed"] = group_points((point for point in points if point.is_discussed), hidden=hidden)
        context["undiscussed"] = group_points((point for point in points if left_out(point)), hidden=hidden)
        context["decisions"] = decided(meeting, area)
        context |= describe_attendance(request.access, meeting)
    return render(request, "actions/meeting_view.html", context)


def describe_attendance(access: Access, meeting: Meeting) -> dict[str, Any]:
    """Return who was there, which boards haven't been for some meetings, and whether this person can say it."""
    if why_no_attendance(meeting):
        return {}
    attendance = list_attendance(meeting)
    return {
        "attendance": attendance,
        "absences": find_absences(meeting.area, until=meeting) if attendance else [],
        "says_attendance": access.can_coordinate
        and (attendance or list_seats(meeting.area, on=meeting.held_on).exists()),
    }


def describe_newer(meeting: Meeting) -> str:
    """Say that its month now has a newer version, or that a later month is published; empty if neither is true. One
    query."""
    newest = month_figures().newer_than(meeting)
    if newest is None:
        return ""
    period, version = newest
    label = period.month.label
    if period.pk == meeting.period_id:
        return f"Version {version} of {label} has been published since then."
    return f"{label} has been published since then, in version {version}."


def not_there(number: int) -> NotHeld:
    # One sentence for both: it mustn't say whether there is such a meeting.
    return NotHeld(f"There is no meeting M{number}, or you can’t read it.")


def left_out(point: Point) -> bool:
    """Return whether it was on the agenda and nobody discussed it. Additions by mistake were never on it."""
    return not point.is_discussed and point.why is not WhyProposed.ADDED


def hidden_from(access: Access, points: Sequence[Point]) -> set[str]:
    """Return the keys of challenges that this person can't read. One query if there is a challenge."""
    # Whoever reads the meeting may not be allowed to read each challenge on its agenda.
    challenges = {point.thing.pk: point.key for point in points if isinstance(point.thing, Challenge)}
    if not challenges or access.can_see_drafts:
        return set()
    readable = set(Challenge.objects.readable_by(access).filter(pk__in=challenges).values_list("pk", flat=True))
    return {key for pk, key in challenges.items() if pk not in readable}


def decided(meeting: Meeting, area: PartnershipArea) -> list[tuple[Action, str, bool]]:
    """Return each decision with its due date, and whether it is late."""
    today, rows = timezone.localdate(), []
    for action in list_decisions(meeting).select_related("owner"):
        action.area = area
        rows.append((action, describe_due(action, today), is_overdue(action, today)))
    return rows


# --- Planned, changed, called off -------------------------------------------------------------------


def own_meeting(request: AreaRequest, number: int) -> Meeting:
    """Return the meeting for the coordinator, who reads them all. Raises NotHeld."""
    meeting = find_meeting(request.access.area, number)
    if meeting is None:
        raise not_there(number)
    meeting.area = request.access.area
    return meeting


def asked_body(request: AreaRequest) -> str:
    """Return the board or the sub-group in the address: ?board=csp, ?sub-group=perpetrators."""
    for kind in ("board", "sub-group"):
        code = str(request.GET.get(kind, "")).replace("\x00", "")
        if code:
            return f"{kind}:{code}"
    return ""


@open_to(Role.COORDINATOR, because=WHO)
@taken_once
def meeting_add(request: AreaRequest, area: PartnershipArea) -> HttpResponse:
    """Plan a meeting, or add one that was held."""
    versions, body = month_figures().published_versions(area), asked_body(request)
    form = form_for(request, lambda typed: MeetingForm(typed, area=area, versions=versions, body=body))
    if meeting := saved(request, form, lambda: plan_meeting(area, form.draft(), by=request.user)):
        messages.success(
            request,
            f"{meeting.reference} is planned for {describe_day(meeting.held_on)}. The proposed agenda is below.",
        )
        return redirect(meeting)
    return show_form(request, "actions/meeting_form.html", form, {"view": None, "has_months": bool(versions)})


@open_to(Role.COORDINATOR, because=WHO)
def meeting_change(request: AreaRequest, area: PartnershipArea, number: int) -> HttpResponse:
    meeting = own_meeting(request, number)
    if turned_back(request, why_not_changed(meeting)):
        return redirect(meeting)
    versions = month_figures().published_versions(area)
    form = form_for(request, lambda typed: MeetingForm(typed, area=area, versions=versions, meeting=meeting))

    def change() -> object:
        why = form.cleaned_data.get("why", "")
        return change_meeting(meeting, form.draft(), revision=form.seen, why=why, by=request.user)

    if is_saved(request, form, change):
        messages.success(request, f"{meeting.reference} has been saved.")
        return redirect(meeting)
    context = {"view": meeting_view(meeting), "has_months": bool(versions)}
    return show_form(request, "actions/meeting_form.html", form, context)


def turned_back(request: AreaRequest, refusal: str) -> bool:
    """Return whether to refuse to open a form at all. If somebody typed into it, the form shows the refusal instead, so
    nothing is lost."""
    if not refusal or typed_into(request) is not None:
        return False
    messages.error(request, refusal)
    return True


@open_to(Role.COORDINATOR, because=WHO)
def meeting_call_off(request: AreaRequest, area: PartnershipArea, number: int) -> HttpResponse:
    meeting = own_meeting(request, number)
    if turned_back(request, why_not_called_off(meeting)):
        return redirect(meeting)
    form = form_for(request, ReasonForm)
    if is_saved(request, form, lambda: call_off(meeting, **form.typed(), by=request.user)):
        messages.success(request, f"{meeting.reference} is cancelled.")
        return redirect(meeting)
    return show_form(request, "actions/meeting_call_off.html", form, {"view": meeting_view(meeting)})


# --- Recorded --------------------------------------------------------------------------------------


@open_to(Role.COORDINATOR, because=WHO)
def meeting_record(request: AreaRequest, area: PartnershipArea, number: int) -> HttpResponse:
    """Tick what was discussed, and add what nobody proposed; for a recorded meeting, amend the record."""
    meeting = own_meeting(request, number)
    if turned_back(request, why_not_recorded(meeting)):
        return redirect(meeting)
    form = record_form(request, meeting)
    if is_saved(request, form, partial(record, meeting, form, by=request.user)):
        messages.success(request, f"The record of {meeting.reference} has been saved.")
        return redirect(meeting)
    if came_between(form):
        # Loaded again, with a new form: the old one has the agenda from before.
        meeting = own_meeting(request, number)
        form = record_form(request, meeting)
    last = None
    if form.is_behind and meeting.state != MeetingState.CALLED_OFF:
        last = last_act_on(meeting)
        form.take_in(describe_conflict(meeting, last))
    elif form.has_other_notes:
        last = last_act_on(meeting)
    decisions = readable_notes(request.access).filter(kind=NoteKind.DECISION.value)
    context = {
        "view": meeting_view(meeting),
        "last": last,
        "noted": [describe_note(note, request.access) for note in decisions],
    }
    return show_form(request, "actions/meeting_record.html", form, context)


def record(meeting: Meeting, form: RecordForm, *, by: User) -> None:
    """Save the record. Raises as record_meeting does."""
    typed = form.cleaned_data
    record_meeting(meeting, form.items(), notes=typed["notes"], revision=form.seen, why=typed.get("why", ""), by=by)


def record_form(request: AreaRequest, meeting: Meeting) -> RecordForm:
    """Return the form with the agenda that its page showed. For a recorded meeting, it has the recorded agenda, and
    also the ticks of somebody who didn't know of the record."""

    def make(typed: QueryDict | None) -> RecordForm:
        shown = shown_by(meeting, typed.get("agenda", "")) if typed is not None else None
        is_lost = False
        if meeting.state == MeetingState.HELD:
            points = make_points(list_items(meeting), meeting.area)
            proposed, ticked = {point.key for point in points}, set(chosen_keys(typed)) if typed is not None else set()
            # What they ticked and the record hasn't: their form was opened before the meeting was recorded.
            rows = [row for row in shown.rows if row.key in ticked - proposed] if shown else []
            points += points_in(meeting, rows)
        elif shown is not None and shown.revision == meeting.revision:
            points = points_in(meeting, shown.rows)
        else:
            points = proposed_agenda(meeting)
            is_lost = typed is not None and shown is None and not why_not_recorded(meeting)
        addable = addable_to(meeting, {point.key for point in points})
        return RecordForm(typed, meeting=meeting, points=points, addable=addable, is_lost=is_lost)

    return form_for(request, make)


def points_in(meeting: Meeting, rows: Sequence[Row]) -> list[Point]:
    """Return the points that a page showed, with its texts."""
    keys = [(row, key_in(row.key)) for row in rows]
    things = get_subjects(meeting.area, [key for _, key in keys])
    return [point_about(row.why, things[key], row.words, meeting.area) for row, key in keys if key in things]


def describe_conflict(meeting: Meeting, last: LastAct | None) -> str:
    """Return the message for the second of two people."""
    if last is None or meeting.state == MeetingState.PLANNED:
        return (
            f"{meeting.reference} was changed after you opened this form, so its agenda is different. The new "
            "agenda is below, with your ticks where they match. We haven’t saved your changes yet. Check the agenda, "
            "then press the button again."
        )
    when = timezone.localtime(last.when)
    return (
        f"{meeting.reference} was {last.did} by {last.who} on {date_label(when.date())} at {when:%H:%M}, after you "
        "opened this form. We haven’t saved your changes yet. Your notes are in the box, and everything that either "
        "of you ticked is ticked. If you save, you change the record, so say why."
    )


WHO_SETS_UP = "Only a coordinator can set up sub-groups."
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


@open_to(Role.COORDINATOR, because=WHO_SETS_UP)
@taken_once
def sub_group_add(request: AreaRequest, area: PartnershipArea) -> HttpResponse:
    form = form_for(request, lambda typed: SubGroupForm(typed, area=area))
    if group := saved(
        request, form, lambda: add_sub_group(area, form.cleaned_data["code"], form.draft(), by=request.user)
    ):
        messages.success(request, f"{group} is set up.")
        return redirect(group)
    return show_form(request, "actions/sub_group_form.html", form, {"group": None})


@open_to(Role.COORDINATOR, because=WHO_SETS_UP)
def sub_group_change(request: AreaRequest, area: PartnershipArea, code: str) -> HttpResponse:
    group = the_group(area, code)
    form = form_for(request, lambda typed: SubGroupForm(typed, area=area, group=group))
    if is_saved(request, form, lambda: change_sub_group(group, form.draft(), revision=form.seen, by=request.user)):
        messages.success(request, f"{form.draft().name} has been saved.")
        return redirect(group)
    return show_form(request, "actions/sub_group_form.html", form, {"group": group})


@open_to(Role.COORDINATOR, because=WHO_SETS_UP)
def sub_group_retire(request: AreaRequest, area: PartnershipArea, code: str) -> HttpResponse:
    return ask_why(request, the_group(area, code), retire_sub_group, done="is retired")


@open_to(Role.COORDINATOR, because=WHO_SETS_UP)
def sub_group_bring_back(request: AreaRequest, area: PartnershipArea, code: str) -> HttpResponse:
    return ask_why(request, the_group(area, code), bring_back_sub_group, done="is in use again")


def ask_why(request: AreaRequest, group: SubGroup, act: Callable[..., object], *, done: str) -> HttpResponse:
    form = form_for(request, ReasonForm)
    if is_saved(request, form, lambda: act(group, why=form.cleaned_data["why"], by=request.user)):
        messages.success(request, f"{group} {done}.")
        return redirect(group)
    context = {"group": group, "retires": act is retire_sub_group}
    return show_form(request, "actions/sub_group_retire.html", form, context)
