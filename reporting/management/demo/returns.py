"""When Anytown's made-up returns arrived: mostly on time, a few late. Services act on believable days. The figures stay
as they are.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from random import Random
from unittest.mock import patch

from django.utils import timezone

from boards.models import Agency, ReportingPeriod
from core.models import User
from core.months import Month
from core.workdays import add_working_days, this_or_last_working_day
from indicators.models import FigureAct, Observation, Submission
from indicators.selectors.returns import box_name
from indicators.services.history import NOTHING, FigureBefore, note_changes
from indicators.workflow import SubmissionState

# Agency and month → how many working days late the return was.
LATE = {
    ("nhs", Month(2026, 1)): 4,
    ("youth-justice", Month(2026, 3)): 1,
    ("council-community-safety", Month(2026, 6)): 6,
    ("education", Month(2026, 8)): 2,
}


@dataclass(frozen=True, slots=True)
class People:
    """The people who act on returns, the agencies' people by the agency's code."""

    coordinator: User
    analyst: User
    leads: dict[str, User]
    approvers: dict[str, User]


@dataclass(frozen=True, slots=True)
class Journey:
    """When a return was submitted, released (if its agency asks for it), accepted or given back."""

    submitted: datetime
    released: datetime | None = None
    accepted: datetime | None = None
    returned: datetime | None = None


@dataclass(frozen=True, slots=True)
class PastReturn:
    """A return that isn't saved yet, with its figures."""

    submission: Submission
    journey: Journey
    figures: list[Observation]


@contextmanager
def clock_at(at: datetime) -> Iterator[None]:
    """Inside it, services act at that time. Triggers freeze much of what they write, so nobody can move its times
    afterwards. Only for a demonstration.
    """

    def now() -> datetime:
        return at

    with patch.object(timezone, "now", now):
        yield


def moment(day: date) -> datetime:
    """Return ten in the morning; never in the future."""
    at_ten = datetime.combine(day, time(10), tzinfo=timezone.get_current_timezone())
    return min(at_ten, timezone.now())


def find_journey(agency: Agency, period: ReportingPeriod) -> Journey:
    """Make up the times of an accepted return."""
    random = Random(f"{agency.code} {period.month}")  # noqa: S311  # the same days on every machine
    late = LATE.get((agency.code, period.month), 0)
    on_time = this_or_last_working_day(period.due_on - timedelta(days=random.randint(0, 6)))
    submitted = add_working_days(period.due_on, late) if late else on_time
    released = add_working_days(submitted, 1) if agency.needs_release else None
    accepted = add_working_days(released or submitted, random.randint(1, 3))
    return Journey(moment(submitted), moment(released) if released else None, moment(accepted))


def days_ago(number: int, period: ReportingPeriod) -> datetime:
    """Return a day so many working days ago, within the time for a return of the month."""
    today = min(timezone.localdate(), period.due_on - timedelta(days=2))
    return moment(max(add_working_days(today, -number), this_or_last_working_day(period.starts_on + timedelta(days=1))))


def hand_in_past(agency: Agency, period: ReportingPeriod, figures: list[Observation], *, people: People) -> PastReturn:
    """Return the accepted return of unsaved figures, as the services would have left it."""
    journey, lead = find_journey(agency, period), people.leads[agency.code]
    submission = Submission(
        agency=agency,
        period=period,
        state=SubmissionState.ACCEPTED.value,
        draft={box_name(figure): typed(figure) for figure in figures},
        revision=1,
        saved_at=journey.submitted,
        saved_by=lead,
        submitted_at=journey.submitted,
        submitted_by=lead,
        handed_in_on=timezone.localdate(journey.submitted),
        released_at=journey.released,
        released_by=people.approvers[agency.code] if journey.released else None,
        accepted_at=journey.accepted,
        accepted_by=people.coordinator,
    )
    for figure in figures:
        figure.submission, figure.imported_from = submission, ""
        figure.signed_off_at, figure.signed_off_by = journey.accepted, people.coordinator
    return PastReturn(submission, journey, figures)


def typed(figure: Observation) -> dict[str, str]:
    is_figure = figure.value is not None
    return {
        "value": str(figure.value) if is_figure else "",
        "reason": "" if is_figure else str(figure.state),
        "note": figure.note,
    }


def save_past(returns: list[PastReturn], figures: list[Observation]) -> None:
    """Save made-up returns and figures (also those from a file), with what happened to each figure."""
    Submission.objects.bulk_create([past.submission for past in returns])
    # Keys exist only after `bulk_create`.
    for past in returns:
        for figure in past.figures:
            figure.submission = past.submission
    Observation.objects.bulk_create(figures)
    imported = [(figure, NOTHING, FigureBefore.of(figure)) for figure in figures if figure.submission is None]
    note_changes(FigureAct.IMPORTED, imported, by=None, at=timezone.now())
    for past in returns:
        entered = [(figure, NOTHING, FigureBefore.of(figure)) for figure in past.figures]
        same = [(figure, held, held) for figure, _, held in entered]
        lead, coordinator = past.submission.submitted_by, past.submission.accepted_by
        note_changes(FigureAct.ENTERED, entered, by=lead, at=past.journey.submitted)
        note_changes(FigureAct.ACCEPTED, same, by=coordinator, at=past.journey.accepted or past.journey.submitted)
