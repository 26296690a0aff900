"""Who is drawn from the boards into the strategic group, and who was at its meetings."""

from functools import partial

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_safe

from actions.forms.group import AttendanceForm, EndSeatForm, SeatForm
from actions.models import Seat
from actions.presenters.meetings import meeting_view
from actions.selectors.duty import keeps_duty
from actions.selectors.group import find_absences, find_seat, list_attendance, list_seats
from actions.services.group import add_seat, change_seat, end_seat, note_attendance, why_no_attendance
from actions.views.meetings import own_meeting, turned_back
from boards.models import PartnershipArea
from boards.permissions import AreaRequest, open_to
from boards.rules import STRATEGIC_GROUP, Role
from boards.selectors import list_boards
from core.forms.pages import form_for, is_saved, saved, show_form, taken_once

WHO = "Only a coordinator can say who is in the strategic group."


@open_to()
@require_safe
def group(request: AreaRequest, area: PartnershipArea) -> HttpResponse:
    """List the seats by board, the boards that send nobody, and those that haven't been there."""
    seats = list(list_seats(area))
    boards = [board for board in list_boards(area) if not board.retired and board.code != STRATEGIC_GROUP]
    context = {
        "boards": [(board, [seat for seat in seats if seat.board_id == board.pk]) for board in boards],
        "has_seats": bool(seats),
        "absences": find_absences(area),
        "keeps_duty": keeps_duty(area),
    }
    return render(request, "actions/group_view.html", context)


def the_seat(area: PartnershipArea, pk: int) -> Seat:
    """Return the seat. Raises Http404."""
    seat = find_seat(area, pk)
    if seat is None:
        raise Http404(f"The strategic group in {area.name} has no such member.")
    seat.area = area
    return seat


@open_to(Role.COORDINATOR, because=WHO)
@taken_once
def seat_add(request: AreaRequest, area: PartnershipArea) -> HttpResponse:
    form = form_for(request, lambda typed: SeatForm(typed, area=area))
    if seat := saved(request, form, lambda: add_seat(area, form.draft(), by=request.user)):
        messages.success(request, f"{seat} is now a member of the group.")
        return redirect(seat)
    return show_form(request, "actions/seat_form.html", form, {"seat": None})


@open_to(Role.COORDINATOR, because=WHO)
def seat_change(request: AreaRequest, area: PartnershipArea, seat_key: int) -> HttpResponse:
    seat = the_seat(area, seat_key)
    form = form_for(request, lambda typed: SeatForm(typed, area=area, seat=seat))
    if is_saved(request, form, lambda: change_seat(seat, form.draft(), revision=form.seen, by=request.user)):
        messages.success(request, f"{form.draft().title} has been saved.")
        return redirect(seat)
    return show_form(request, "actions/seat_form.html", form, {"seat": seat})


@open_to(Role.COORDINATOR, because=WHO)
def seat_end(request: AreaRequest, area: PartnershipArea, seat_key: int) -> HttpResponse:
    seat = the_seat(area, seat_key)
    today = timezone.localdate()
    form = form_for(request, lambda typed: EndSeatForm(typed, initial={"ended_on": today}))
    if is_saved(request, form, lambda: end_seat(seat, **form.typed(), by=request.user)):
        messages.success(request, f"{seat} is no longer a member of the group.")
        return redirect(seat)
    return show_form(request, "actions/seat_end.html", form, {"seat": seat})


@open_to(Role.COORDINATOR, because="Only a coordinator can say who was at a meeting.")
def meeting_attendance(request: AreaRequest, area: PartnershipArea, number: int) -> HttpResponse:
    """Say for each seat that the group had on the day who came."""
    meeting = own_meeting(request, number)
    if turned_back(request, why_no_attendance(meeting)):
        return redirect(meeting)
    seats, noted = list(list_seats(area, on=meeting.held_on)), list_attendance(meeting)
    if not seats and not noted:
        messages.info(request, "The group has no members yet for that day. Add them first.")
        return redirect("actions:group", area.slug)
    make = partial(AttendanceForm, meeting=meeting, seats=seats, noted=noted)
    form = form_for(request, make)

    def note() -> object:
        why = form.cleaned_data.get("why", "")
        return note_attendance(meeting, form.presences(), revision=form.seen, why=why, by=request.user)

    if is_saved(request, form, note):
        messages.success(request, f"We saved who was at {meeting.reference}.")
        return redirect(meeting)
    context = {"view": meeting_view(meeting), "is_change": bool(noted)}
    return show_form(request, "actions/meeting_attendance.html", form, context)
