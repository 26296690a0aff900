"""Where each return is: an agency's row in the coordinator's grid, and in the page for readers."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from django.urls import reverse
from django.utils import timezone

from boards.permissions import Access
from core.calendar import date_label
from core.models import User
from indicators.permissions import why_not_accepted_by
from indicators.selectors.reminders import Chase
from indicators.selectors.returns import Holder, ReturnStatus, describe_due, find_turn, is_overdue
from indicators.services.entries import Questioned
from indicators.workflow import SubmissionState
from reporting.months.presenters.words import time_label


@dataclass(frozen=True, slots=True)
class Row:
    """An agency's row of the grid: its return, who has it and for how long, and further notes."""

    status: ReturnStatus
    turn: str
    more: str
    is_yours: bool
    is_overdue: bool
    questioned: Sequence[Questioned] = ()
    reminded: str = ""
    can_be_reminded: bool = False


def grid_row(
    status: ReturnStatus,
    *,
    viewer: User,
    today: date,
    questioned: Sequence[Questioned] = (),
    chase: Chase | None = None,
) -> Row:
    """Return a row for a coordinator, who can't accept figures that they submitted or released themselves."""
    turn, submission, agency = find_turn(status, today=today), status.submission, status.agency.name
    overdue, more = is_overdue(status, today=today), ""
    is_with_coordinator = turn.holder is Holder.COORDINATOR
    own_reason = why_not_accepted_by(submission, viewer) if submission is not None and is_with_coordinator else ""
    yours = "another coordinator" if own_reason else "you"
    holder = {Holder.AGENCY: agency, Holder.APPROVER: f"{agency}’s approver", Holder.COORDINATOR: yours}
    if turn.holder is not Holder.NOBODY:
        people = ", ".join(map(str, chase.people)) if chase else ""
        if people and turn.holder is Holder.APPROVER:
            people += ", to release it,"
        words = f"With {people or holder[turn.holder]} {turn.since_text}"
    elif submission is not None and status.state == "accepted":
        words = f"Accepted by {submission.accepted_by} on {date_label(turn.since)}"
    elif status.came_from_file:
        words = "Its figures came from a file, so no return is due"
    else:
        words = "No one has to do anything"
    if status.state == "returned" and submission is not None:
        more = f"Sent back: “{submission.comment}”"
    elif overdue:
        more = describe_due(status.period.due_on, today=today)
    # The template ends it with a full stop where it is overdue.
    elif own_reason:
        more = own_reason
    return Row(
        status,
        words,
        more,
        is_yours=is_with_coordinator and not own_reason,
        is_overdue=overdue,
        questioned=questioned,
        reminded=describe_last_reminder(chase) if chase else "",
        can_be_reminded=bool(chase and chase.reminders),
    )


def describe_last_reminder(chase: Chase) -> str:
    if not chase.people:
        return "The agency has no lead. Add one under People"
    if chase.last is None:
        return "Not reminded yet"
    return f"Last reminded on {date_label(timezone.localdate(chase.last))} at {time_label(chase.last)}"


# --- To read -----------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Place:
    """An agency's row for a reader: who has its return, and since when. Only its own people get the return's address
    and why it was given back.
    """

    status: ReturnStatus
    holder: Holder
    words: str
    url: str
    comment: str
    is_overdue: bool


def make_place(status: ReturnStatus, access: Access, *, today: date) -> Place:
    turn, submission, agency = find_turn(status, today=today), status.submission, status.agency
    is_own = agency.pk in access.agencies
    # The person who submitted it can't release it.
    may_release = agency.pk in access.approved and not (submission and submission.submitted_by_id == access.user.pk)
    holder = {
        Holder.AGENCY: "you" if agency.pk in access.led else "its lead",
        Holder.APPROVER: "you" if may_release else "its approver",
        Holder.COORDINATOR: "the coordinator",
    }
    if turn.holder is not Holder.NOBODY:
        words = f"With {holder[turn.holder]} {turn.since_text}"
    elif status.state == SubmissionState.ACCEPTED:
        words = f"Accepted on {date_label(turn.since)}"
    elif status.came_from_file:
        words = "Its figures came from a file, so no return is due"
    else:
        words = f"{status.period.month.label} no longer accepts figures"
    return Place(
        status=status,
        holder=turn.holder,
        words=words,
        url=_return_url(status, access) if is_own else "",
        comment=submission.comment if is_own and submission and status.state == SubmissionState.RETURNED else "",
        is_overdue=is_overdue(status, today=today),
    )


def _return_url(status: ReturnStatus, access: Access) -> str:
    return reverse("indicators:return-edit", args=[access.area.slug, status.period.month, status.agency.code])


def describe_places(places: Sequence[Place]) -> str:
    """ "2 not started, 1 with its lead, 1 with the coordinator, 1 overdue"; empty if nobody has any."""
    counted = Counter(_name_place(place) for place in places)
    counted["overdue"] = sum(place.is_overdue for place in places)
    named = ["not started", "with the lead", "with the approver", "with the coordinator", "accepted", "overdue"]
    return ", ".join(f"{counted[name]} {name}" for name in named if counted[name])


def _name_place(place: Place) -> str:
    if place.holder is Holder.AGENCY and place.status.submission is None:
        return "not started"
    if place.status.state == SubmissionState.ACCEPTED:
        return "accepted"
    return {
        Holder.AGENCY: "with the lead",
        Holder.APPROVER: "with the approver",
        Holder.COORDINATOR: "with the coordinator",
        Holder.NOBODY: "done",
    }[place.holder]
