"""When do we e-mail somebody about their tasks in the plan? Pure."""

from datetime import date

from core.labels import Labelled
from core.months import Month
from core.workdays import add_working_days, is_working_day, this_or_last_working_day, working_days_between


class NoticeKind(Labelled):
    """The reason for an e-mail about a challenge, an action or a milestone."""

    TURN = "turn", "Your turn to answer"
    ANSWERED = "answered", "Answered, for you to judge"
    SOON = "soon", "Due soon"
    OVERDUE = "overdue", "Overdue"
    UPDATE = "update", "No update this month"


# All in working days.
SOON_BEFORE = 3
LATEST = 3  # anything older isn't sent: after a long stop, nobody should get a flood of e-mails


def kind_due(today: date, due_on: date) -> NoticeKind | None:
    """Return what to send on a day about something due on another day: three working days before, and from the first
    working day after.

    None if the day isn't a working day, or if that was more than three working days ago.
    """
    if not is_working_day(today):
        return None
    # For “soon”, what is due on a Sunday is due on the Friday before. It is overdue from Monday.
    soon, overdue = add_working_days(this_or_last_working_day(due_on), -SOON_BEFORE), add_working_days(due_on, 1)
    for kind, day in ((NoticeKind.OVERDUE, overdue), (NoticeKind.SOON, soon)):
        if day <= today:
            return kind if working_days_between(day, today) <= LATEST else None
    return None


def due_days(today: date) -> tuple[date, date]:
    """Return the first and the last due date for which `kind_due` can return something on a day."""
    return add_working_days(today, -LATEST - 1), add_working_days(today, SOON_BEFORE + 1)


def is_update_told(today: date) -> bool:
    """Return whether to remind an owner without an update this month: three working days before the month ends, when it
    counts as due."""
    return kind_due(today, Month.of(today).last_day) is NoticeKind.SOON


def is_told_at_once(today: date, since: date) -> bool:
    """Return whether to send on a day what became somebody's turn on another: on the same or the next working day.

    If nobody was told then, we catch up for three working days.
    """
    return is_working_day(today) and working_days_between(since, today) <= LATEST
