"""What does somebody's home show besides what changed? Their tasks, the next meeting, and a short view of the rest."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from urllib.parse import urlencode

from django.db.models import QuerySet
from django.urls import reverse

from actions.models import Action, Challenge, Meeting
from actions.presenters.challenges import ChallengeView, challenge_view, describe_days
from actions.presenters.meetings import MeetingView, meeting_view
from actions.presenters.plan import rag_sentence
from actions.presenters.todo import action_tasks, asked_tasks, notice_tasks
from actions.selectors.meetings import next_two_meetings
from actions.selectors.mine import OwnAction, next_step, own_actions
from actions.workflow import Rag
from boards.models import Board, PartnershipArea, ReportingPeriod
from boards.permissions import Access
from boards.selectors import get_due_day, list_coordinators
from core.models import User
from core.months import Month, date_label
from core.todo import Task, urgency
from reporting.kpis.presenters.todo import kpi_tasks
from reporting.models import IssuedPack
from reporting.packs.selectors.issued import list_issued_for
from reporting.pages.presenters.todo import list_tasks

OWED_SHOWN = 12  # shown before a closed list has the rest
FEW = 4  # for lists with a page of their own


# --- What they owe ---------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Owed:
    """All of a person's tasks, overdue ones first. `others` are tasks that they follow and that somebody else has to
    do.
    """

    tasks: Sequence[Task]
    others: Sequence[Task]
    next_due: str = ""  # if they have no task

    @property
    def first(self) -> Sequence[Task]:
        return self.tasks[:OWED_SHOWN]

    @property
    def rest(self) -> Sequence[Task]:
        return self.tasks[OWED_SHOWN:]

    @property
    def overdue(self) -> int:
        return sum(task.is_overdue for task in self.tasks)


def make_owed(
    access: Access, periods: list[ReportingPeriod], unanswerable: Iterable[Challenge], *, today: date
) -> Owed:
    """Return a person's tasks; `unanswerable` are the challenges that nobody can answer, for the coordinator. A
    constant number of queries."""
    actions = own_actions(access, today=today)
    found = [
        *list_tasks(access, periods, today=today),
        *asked_tasks(access, unanswerable, today=today),
        *action_tasks(access, actions, today=today),
        *notice_tasks(access),
        *kpi_tasks(access, today=today),
    ]
    tasks = sorted((task for task in found if task.is_owed), key=urgency)
    others = [task for task in found if not task.is_owed]
    return Owed(tasks, others, "" if tasks else describe_next(access, periods, actions, today=today))


def describe_next(
    access: Access, periods: Sequence[ReportingPeriod], actions: Sequence[OwnAction], *, today: date
) -> str:
    """ "Your next task is due on 10 January 2027: December 2026 figures"; empty if none is known. One query for people
    who own actions.
    """
    coming: list[tuple[date, str]] = []
    if access.led or access.approved or access.can_coordinate:
        month = periods[0].month.next if periods else Month.of(today)
        coming.append((get_due_day(access.area, month), f"{month.label} figures"))
    if actions:
        month = Month.of(today).next
        coming.append((month.last_day, f"an update on {actions[0].action.reference} for {month.name}"))
        step = next_step(access, today=today)
        if step is not None:
            coming.append((step.due_on, f"milestone of {step.action.reference}: {step}"))
    if not coming:
        return ""
    day, words = min(coming)
    return f"Your next task is due on {date_label(day)}: {words}."


# --- The next meeting ------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Coming:
    """A future meeting; `when` is "in 9 days". `pack` was issued for it. `make_pack_url` is where a coordinator makes
    one.
    """

    view: MeetingView
    when: str
    pack: IssuedPack | None = None
    make_pack_url: str = ""


@dataclass(frozen=True, slots=True)
class Meetings:
    """The next meeting, and the one after it. If there is none, `planners` can plan one."""

    next: Coming | None
    after: Coming | None = None
    planners: str = ""


def make_meetings(access: Access, *, today: date) -> Meetings:
    """Return the next two meetings, with the pack of the first."""
    found = list(next_two_meetings(access, today))
    if not found:
        # The coordinator's own page has a link in their place.
        planners = [] if access.can_coordinate else _list_planners(access.area)
        return Meetings(None, planners=" or ".join(map(str, planners)))
    first, *after = found
    pack = find_pack_for(access, first)
    url = "" if pack or not access.can_coordinate else make_pack_url(first)
    return Meetings(
        Coming(meeting_view(first), describe_when(first.held_on, today=today), pack, url),
        Coming(meeting_view(after[0]), describe_when(after[0].held_on, today=today)) if after else None,
    )


def _list_planners(area: PartnershipArea) -> QuerySet[User]:
    return list_coordinators(area)


def find_pack_for(access: Access, meeting: Meeting) -> IssuedPack | None:
    """Return the newest pack issued to the board for that day; None for a sub-group, which gets no packs."""
    if meeting.board is None:
        return None
    issued = list(list_issued_for(access, meeting.board, meeting.held_on))
    return next(iter(issued), None)


def make_pack_url(meeting: Meeting) -> str:
    """Return where to make its pack; empty if it looks at no month, or isn't a board's meeting."""
    if meeting.period is None or meeting.board is None:
        return ""
    chosen = {"board": meeting.board.code, "month": meeting.period.month, "meeting_on": meeting.held_on}
    return f"{reverse('reporting:pack-make', args=[meeting.area.slug])}?{urlencode(chosen)}"


def describe_when(day: date, *, today: date) -> str:
    days = (day - today).days
    return {0: "today", 1: "tomorrow"}.get(days, f"in {describe_days(days)}")


# --- The rest --------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Challenges:
    """The open challenges that a person may read: how many, and the first few."""

    number: int
    first: Sequence[ChallengeView]


def make_challenges(challenges: Sequence[Challenge], *, today: date) -> Challenges:
    """Return how many challenges are open, and the first few. No query."""
    return Challenges(len(challenges), [challenge_view(each, today=today, entries=()) for each in challenges[:FEW]])


@dataclass(frozen=True, slots=True)
class Plan:
    """ "2 red, 3 amber, 6 green" for the open actions, and the red ones, those of this person's boards first."""

    number: int
    sentence: str
    red: Sequence[Action]


def make_plan(access: Access, actions: Sequence[Action]) -> Plan:
    """Return the open actions in a sentence, and the first red ones. No query."""
    red = [action for action in actions if action.rag == Rag.RED]
    red.sort(key=lambda action: action.board_id not in access.seated)
    # Otherwise each asks for its area with a query.
    for action in red:
        action.area = access.area
    return Plan(len(actions), rag_sentence(action.rag for action in actions), red[:FEW])


def list_own_boards(access: Access, boards: Iterable[Board]) -> list[Board]:
    """Return the boards whose pages they may open, their own first."""
    open_to_them = [board for board in boards if not board.retired and access.can_see_board(board.pk)]
    return sorted(open_to_them, key=lambda board: board.pk not in access.seated)
