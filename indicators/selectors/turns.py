"""Who has a return now, since when, and when is it due?"""

from dataclasses import dataclass
from datetime import date, datetime
from enum import Enum, auto

from django.db.models import QuerySet
from django.utils import timezone

from boards.models import Agency, Membership, PartnershipArea, ReportingPeriod
from boards.roles import Role
from core.models import User
from core.months import date_label
from core.workdays import add_working_days, describe_days_left, working_days_between, working_days_label
from indicators.models import Submission
from indicators.selectors.returns import ReturnStatus
from indicators.workflow import SubmissionState


class Holder(Enum):
    """Who has to act next on a return."""

    AGENCY = auto()
    APPROVER = auto()  # of the agency
    COORDINATOR = auto()
    NOBODY = auto()


@dataclass(frozen=True, slots=True)
class Turn:
    """Who has a return, since which day, and for how many working days."""

    holder: Holder
    since: date
    working_days: int

    @property
    def since_text(self) -> str:
        """ "since 4 November 2026, 6 working days"; "since 4 November 2026" on its first day."""
        words = f"since {date_label(self.since)}"
        return f"{words}, {working_days_label(self.working_days)}" if self.working_days else words


def find_turn(status: ReturnStatus, *, today: date) -> Turn:
    """Find whose turn it is. The agency has a month's return from the month's first day, even after the month was
    closed or published without it. Nobody has a return that is accepted, or whose figures came from a file."""
    submission, since = status.submission, status.period.starts_on
    holder = Holder.AGENCY
    if submission is not None:
        match status.state:
            case SubmissionState.SUBMITTED:
                since = _day(submission.submitted_at)
                holder = Holder.APPROVER if status.agency.needs_release else Holder.COORDINATOR
            case SubmissionState.RELEASED:
                since, holder = _day(submission.released_at), Holder.COORDINATOR
            case SubmissionState.RETURNED:
                since = _day(submission.returned_at)
            case SubmissionState.ACCEPTED:
                since, holder = _day(submission.accepted_at), Holder.NOBODY
    if status.came_from_file:
        holder = Holder.NOBODY
    return Turn(holder, since, max(0, working_days_between(since, today)))


@dataclass(frozen=True, slots=True)
class NextStep:
    """Who acts next on a return that was handed in. `names` are the people, and `by` is their deadline, None where it
    has passed."""

    holder: Holder
    names: list[str]
    by: date | None

    @property
    def is_release(self) -> bool:
        return self.holder is Holder.APPROVER


def next_step(submission: Submission, period: ReportingPeriod, *, today: date) -> NextStep | None:
    """Find who acts next; None where it is nobody's turn, or the lead's. One query."""
    turn = find_turn(ReturnStatus(submission.agency, period, submission), today=today)
    if turn.holder is Holder.APPROVER:
        names, by = name_approvers(submission.agency, submitted_by=submission.submitted_by), period.due_on
    elif turn.holder is Holder.COORDINATOR:
        names, by = name_coordinators(period.area), add_working_days(turn.since, period.area.check_days)
    else:
        return None
    return NextStep(turn.holder, names, by if by >= today else None)


def name_approvers(agency: Agency, *, submitted_by: User | None) -> list[str]:
    """Return the names of those who may release a return. The person who submitted it can't."""
    approvers = Membership.objects.filter(agency=agency, role=Role.AGENCY_APPROVER.value)
    return _names(approvers.exclude(user=submitted_by))


def name_leads(agency: Agency) -> list[str]:
    """Return the names of those who may enter an agency's figures."""
    return _names(Membership.objects.filter(agency=agency, role=Role.AGENCY_LEAD.value))


def name_coordinators(area: PartnershipArea) -> list[str]:
    return _names(Membership.objects.filter(area=area, role=Role.COORDINATOR.value))


def _names(people: QuerySet[Membership]) -> list[str]:
    return list(people.filter(user__is_active=True).order_by("user__name").values_list("user__name", flat=True))


def is_overdue(status: ReturnStatus, *, today: date) -> bool:
    """Return whether a return that was never handed in is late. A return that was given back has arrived, so it isn't
    late. Nor is one whose figures came from a file."""
    never_came = status.submission is None or status.submission.handed_in_on is None
    return never_came and not status.came_from_file and status.period.due_on < today


def describe_due(due_on: date, *, today: date) -> str:
    """ "Due 10 December 2026, 12 working days left", "Due today", "Due 10 November 2026, 3 working days overdue"."""
    left = describe_days_left(today, due_on)
    return "Due today" if due_on == today else f"Due {date_label(due_on)}, {left}"


def due_while_it_lasts(due_on: date, *, today: date) -> str:
    """Describe the due date, but don't mention that it is overdue."""
    return describe_due(due_on, today=today) if today <= due_on else f"Due {date_label(due_on)}"


def _day(moment: datetime | None) -> date:
    if moment is None:
        raise ValueError("A return in this state has its moment: the database holds that.")
    return timezone.localdate(moment)
