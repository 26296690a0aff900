"""What does the coordinator see before a month is closed, published or taken back?"""

from collections.abc import Sequence
from datetime import date

from boards.models import ReportingPeriod
from core.months import Month, date_label
from core.workdays import describe_days_left
from reporting.months.presenters.words import listed

MOST_NAMED = 6  # months


def describe_due(period: ReportingPeriod, *, today: date) -> str:
    """ "Returns are due on 14 December 2026: 12 working days left."."""
    verb = "are" if today <= period.due_on else "were"
    return f"Returns {verb} due on {date_label(period.due_on)}: {describe_days_left(today, period.due_on)}."


def describe_readers(readers: int, boards: Sequence[str]) -> str:
    """ "31 people with a role here can read it at once, and it appears on the pages of CSP and SAB."."""
    people = "1 person" if readers == 1 else f"{readers:,} people"
    pages = f", and it appears on the pages of {listed(boards, are_proper=True)}" if boards else ""
    return f"{people} with a role here can read it at once{pages}."


def describe_together(months: Sequence[Month]) -> str:
    """Name the months that were published together: many by the first, the last and their number. Empty for a month
    published alone.
    """
    if len(months) > MOST_NAMED:
        return f"{len(months)} months, {months[0].label} to {months[-1].label}"
    return ", ".join(month.label for month in months) if len(months) > 1 else ""
