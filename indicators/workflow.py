"""The states of returns, corrections and recordings, and the days for reminders. Pure."""

from datetime import date, timedelta

from boards.rules import Role
from core.calendar import (
    Month,
    add_working_days,
    is_working_day,
    this_or_last_working_day,
    this_or_next_working_day,
    working_days_between,
)
from core.labels import Labelled, Lifecycle


class SubmissionState(Labelled):
    """The states of a return. SUBMITTED waits for the agency's approver, or for the coordinator if the agency doesn't
    ask for release. RELEASED always waits for the coordinator."""

    DRAFT = "draft", "Draft"
    SUBMITTED = "submitted", "Submitted"
    RELEASED = "released", "Released"
    ACCEPTED = "accepted", "Accepted"
    RETURNED = "returned", "Sent back"


SUBMISSION = Lifecycle(
    name="A return",
    start=SubmissionState.DRAFT,
    transitions={
        SubmissionState.DRAFT: {SubmissionState.SUBMITTED: "submit"},
        SubmissionState.SUBMITTED: {
            SubmissionState.RELEASED: "release, where the agency asks for it",
            SubmissionState.ACCEPTED: "accept, where it doesn't",
            SubmissionState.RETURNED: "send back with a comment",
            SubmissionState.DRAFT: "withdraw",
        },
        SubmissionState.RELEASED: {
            SubmissionState.ACCEPTED: "accept",
            SubmissionState.RETURNED: "send back with a comment",
        },
        SubmissionState.ACCEPTED: {SubmissionState.RETURNED: "send back with a comment"},
        SubmissionState.RETURNED: {SubmissionState.SUBMITTED: "submit"},
    },
    owners={
        SubmissionState.DRAFT: "agency lead",
        SubmissionState.SUBMITTED: "agency approver, or coordinator where the agency has no release of its own",
        SubmissionState.RELEASED: "coordinator",
        SubmissionState.ACCEPTED: "",
        SubmissionState.RETURNED: "agency lead",
    },
)

# The states in which the agency's lead may enter figures.
EDITABLE = frozenset({SubmissionState.DRAFT, SubmissionState.RETURNED})
# The states in which somebody else has the figures, or they are done.
HANDED_IN = frozenset({SubmissionState.SUBMITTED, SubmissionState.RELEASED, SubmissionState.ACCEPTED})


class CorrectionState(Labelled):
    ASKED = "asked", "Asked"
    ACCEPTED = "accepted", "Accepted"
    DECLINED = "declined", "Declined"
    WITHDRAWN = "withdrawn", "Withdrawn"


CORRECTION = Lifecycle(
    name="A correction",
    start=CorrectionState.ASKED,
    transitions={
        CorrectionState.ASKED: {
            CorrectionState.ACCEPTED: "accept",
            CorrectionState.DECLINED: "decline with a comment",
            CorrectionState.WITHDRAWN: "withdraw",
        },
        # Decisions are final. Whoever disagrees asks again.
        CorrectionState.ACCEPTED: {},
        CorrectionState.DECLINED: {},
        CorrectionState.WITHDRAWN: {},
    },
    owners={
        CorrectionState.ASKED: "coordinator",
        CorrectionState.ACCEPTED: "",
        CorrectionState.DECLINED: "",
        CorrectionState.WITHDRAWN: "",
    },
)


class RecordingState(Labelled):
    """The states of a change of recording. It starts a new series only once another person has confirmed it."""

    ASKED = "asked", "Waiting for a second person"
    CONFIRMED = "confirmed", "Confirmed"
    DECLINED = "declined", "Declined"


RECORDING = Lifecycle(
    name="A change of recording",
    start=RecordingState.ASKED,
    transitions={
        RecordingState.ASKED: {
            RecordingState.CONFIRMED: "confirm, by someone else",
            RecordingState.DECLINED: "decline",
        },
        RecordingState.CONFIRMED: {},
        RecordingState.DECLINED: {},
    },
    owners={
        RecordingState.ASKED: "another coordinator or analyst",
        RecordingState.CONFIRMED: "",
        RecordingState.DECLINED: "",
    },
)


class ReminderKind(Labelled):
    """The occasions on which a reminder about a return is sent."""

    ENDED = "opened", "The month has ended"
    SOON = "soon", "Due in three working days"
    DUE = "due", "Due today"
    OVERDUE = "overdue", "Overdue"
    OVERDUE_CONTACT = "overdue_contact", "Overdue, to the second contact"
    OVERDUE_COORDINATOR = "overdue_coordinator", "Overdue, to the coordinator"
    RETURNED = "returned", "Sent back to you"
    # Only when a coordinator presses a button.
    NOW = "now", "The coordinator asks for it"
    NOW_RELEASE = "now_release", "The coordinator asks for its release"


AT_ONCE = frozenset({ReminderKind.NOW, ReminderKind.NOW_RELEASE})
RECIPIENTS = {
    ReminderKind.ENDED: Role.AGENCY_LEAD,
    ReminderKind.SOON: Role.AGENCY_LEAD,
    ReminderKind.DUE: Role.AGENCY_LEAD,
    ReminderKind.OVERDUE: Role.AGENCY_LEAD,
    ReminderKind.OVERDUE_CONTACT: Role.AGENCY_CONTACT,
    ReminderKind.OVERDUE_COORDINATOR: Role.COORDINATOR,
    ReminderKind.RETURNED: Role.AGENCY_LEAD,
    ReminderKind.NOW: Role.AGENCY_LEAD,
    ReminderKind.NOW_RELEASE: Role.AGENCY_APPROVER,
}
# All in working days.
SOON_BEFORE = 3
CONTACT_AFTER = 3
COORDINATOR_AFTER = 5
LATEST = 3  # an older reminder isn't sent: after a long stop nobody gets a flood of e-mails
# A month opened later than this, or after its due date, was opened for past figures: nobody gets a reminder.
OPENED_WITHIN = timedelta(days=40)  # of its first day


def reminder_days(
    *, starts_on: date, opened_on: date, due_on: date, has_come: bool = False, returned_on: date | None = None
) -> dict[ReminderKind, date]:
    """Return the working day of each reminder for a return. If the due day isn't a working day, the last one before it
    counts. The first is sent when the month is over, or opened later: one that has just begun has nothing to enter,
    while the one before it is due.

    A return that was once handed in (`has_come`) is never overdue, even if it was given back. `returned_on` is the day
    it was given back, None if nobody has to be told.
    """
    last_day = this_or_last_working_day(due_on)
    days = {ReminderKind.SOON: add_working_days(last_day, -SOON_BEFORE), ReminderKind.DUE: last_day}
    if not has_come:
        first = max(opened_on, Month.of(starts_on).next.first_day)
        days = {ReminderKind.ENDED: this_or_next_working_day(first)} | days
        days[ReminderKind.OVERDUE] = add_working_days(due_on, 1)
        days[ReminderKind.OVERDUE_CONTACT] = add_working_days(due_on, CONTACT_AFTER)
        days[ReminderKind.OVERDUE_COORDINATOR] = add_working_days(due_on, COORDINATOR_AFTER)
    elif returned_on is not None:
        days[ReminderKind.RETURNED] = this_or_next_working_day(returned_on)
    return days


def kinds_due(
    today: date,
    *,
    starts_on: date,
    opened_on: date,
    due_on: date,
    has_come: bool = False,
    returned_on: date | None = None,
) -> list[ReminderKind]:
    """Return the reminders to send on a day, unless they were sent before: for each recipient, the newest due within
    the last three working days. None on a day that isn't a working day."""
    if not is_working_day(today):
        return []
    days = reminder_days(
        starts_on=starts_on, opened_on=opened_on, due_on=due_on, has_come=has_come, returned_on=returned_on
    )
    if today > min(due_on, starts_on + OPENED_WITHIN):
        days.pop(ReminderKind.ENDED, None)
    # If two are on one day, the later one in `reminder_days` counts.
    in_order = sorted(days.items(), key=lambda item: item[1])
    newest = {RECIPIENTS[kind]: (kind, day) for kind, day in in_order if day <= today}
    return [kind for kind, day in newest.values() if working_days_between(day, today) <= LATEST]
