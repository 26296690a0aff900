"""Which reminders of a return are due on a day, and to whom? Pure."""

from datetime import date

from boards.roles import Role
from core.labels import Labelled
from core.workdays import (
    add_working_days,
    is_working_day,
    this_or_last_working_day,
    this_or_next_working_day,
    working_days_between,
)


class ReminderKind(Labelled):
    """At which point a reminder of a return is sent."""

    OPENED = "opened", "The month is open"
    SOON = "soon", "Due in three working days"
    DUE = "due", "Due today"
    OVERDUE = "overdue", "Overdue"
    OVERDUE_CONTACT = "overdue_contact", "Overdue, to the second contact"
    OVERDUE_COORDINATOR = "overdue_coordinator", "Overdue, to the coordinator"


RECIPIENTS = {
    ReminderKind.OPENED: Role.AGENCY_LEAD,
    ReminderKind.SOON: Role.AGENCY_LEAD,
    ReminderKind.DUE: Role.AGENCY_LEAD,
    ReminderKind.OVERDUE: Role.AGENCY_LEAD,
    ReminderKind.OVERDUE_CONTACT: Role.AGENCY_CONTACT,
    ReminderKind.OVERDUE_COORDINATOR: Role.COORDINATOR,
}
# All in working days.
SOON_BEFORE = 3
CONTACT_AFTER = 3
COORDINATOR_AFTER = 5
LATEST = 3  # a reminder whose day is longer ago isn't sent: after a long stop nobody is flooded


def days_of(*, opened_on: date, due_on: date) -> dict[ReminderKind, date]:
    """The working day of each reminder, in their order. Where the due day isn't worked, the last one before it
    stands for it."""
    last_day = this_or_last_working_day(due_on)
    return {
        ReminderKind.OPENED: this_or_next_working_day(opened_on),
        ReminderKind.SOON: add_working_days(last_day, -SOON_BEFORE),
        ReminderKind.DUE: last_day,
        ReminderKind.OVERDUE: add_working_days(due_on, 1),
        ReminderKind.OVERDUE_CONTACT: add_working_days(due_on, CONTACT_AFTER),
        ReminderKind.OVERDUE_COORDINATOR: add_working_days(due_on, COORDINATOR_AFTER),
    }


def kinds_due(today: date, *, opened_on: date, due_on: date) -> list[ReminderKind]:
    """What is sent on a day, unless it was sent before: to each recipient the newest reminder whose day has come, or
    came up to three working days ago. None on a day that isn't worked."""
    if not is_working_day(today):
        return []
    newest = {
        RECIPIENTS[kind]: (kind, day)
        for kind, day in days_of(opened_on=opened_on, due_on=due_on).items()
        if day <= today
    }
    return [kind for kind, day in newest.values() if working_days_between(day, today) <= LATEST]
