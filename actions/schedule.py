"""When is somebody told by e-mail of what they owe the plan? Pure."""

from datetime import date, timedelta

from core.labels import Labelled
from core.months import Month
from core.workdays import add_working_days, is_working_day, this_or_last_working_day, working_days_between


class NoticeKind(Labelled):
    """At which point somebody is told of a challenge, an action or a milestone."""

    TURN = "turn", "Your turn to answer"
    ANSWERED = "answered", "Answered, for you to judge"
    SOON = "soon", "Due soon"
    OVERDUE = "overdue", "Overdue"
    UPDATE = "update", "No update this month"


# All in working days.
SOON_BEFORE = 3
LATEST = 3  # what was due to be told longer ago isn't: after a long stop nobody is flooded


def kind_due(today: date, due_on: date) -> NoticeKind | None:
    """What is told on a day of something that is due on another: three working days before, and from the first
    working day after. None on a day that isn't worked, or where that day is more than three working days ago."""
    if not is_working_day(today):
        return None
    soon, overdue = add_working_days(this_or_last_working_day(due_on), -SOON_BEFORE), add_working_days(due_on, 1)
    for kind, day in ((NoticeKind.OVERDUE, overdue), (NoticeKind.SOON, soon)):
        if day <= today:
            return kind if working_days_between(day, today) <= LATEST else None
    return None


def due_days(today: date) -> tuple[date, date]:
    """The first and the last due day that `kind_due` can tell of on a day."""
    return add_working_days(today, -LATEST - 1), add_working_days(today, SOON_BEFORE + 1)


def end_of_month(day: date) -> date:
    """By which an update of that day's month is owed."""
    return Month.of(day).next.first_day - timedelta(days=1)


def is_update_told(today: date) -> bool:
    """Whether whoever has said nothing of an action this month is told on a day: three working days before the month
    ends, as of something that is due then."""
    return kind_due(today, end_of_month(today)) is NoticeKind.SOON


def is_told_at_once(today: date, since: date) -> bool:
    """Whether a turn that began on a day is told of on another: at once, or on the next working day; one that nobody
    was told of is made good for three working days."""
    return is_working_day(today) and working_days_between(since, today) <= LATEST
