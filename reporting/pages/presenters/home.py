"""A person's home: what changed, their tasks, the next meeting, an area's first steps, and a short view of the rest."""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from urllib.parse import urlencode

from django.urls import reverse
from django.utils import timezone

from actions.models import Action, Challenge, Meeting
from actions.presenters import todo as actions_news
from actions.presenters.challenges import ChallengeView, challenge_view, describe_days
from actions.presenters.meetings import MeetingView, meeting_view
from actions.presenters.plan import rag_sentence
from actions.presenters.todo import action_tasks, asked_tasks, notice_tasks
from actions.selectors.meetings import next_two_meetings
from actions.selectors.plan import OwnAction, next_step, own_actions
from actions.workflow import Rag
from boards.models import Board, PartnershipArea, ReportingPeriod
from boards.permissions import Access
from boards.presenters.requests import reset_tasks, role_tasks
from boards.rules import Role
from boards.selectors import get_due_day, list_people, start_of_day
from boards.todo import News, Task, urgency
from core.calendar import Month, date_label, months_between
from core.texts import count_of_noun
from indicators.models import FigureImport
from indicators.presenters import todo as indicators_news
from indicators.presenters.todo import (
    ONE_BY_ONE,
    approver_tasks,
    contact_tasks,
    coordinator_task,
    correction_tasks,
    earlier_task,
    followed_tasks,
    late_tasks,
    lead_tasks,
    recording_tasks,
)
from indicators.selectors.reminders import failed_reminders
from indicators.selectors.returns import ReturnStatus, owed_in, returns_in
from indicators.trend import YEAR
from reporting.documents.presenters.todo import document_tasks
from reporting.kpis.presenters import kpi_tasks
from reporting.models import IssuedPack, Snapshot
from reporting.models.visits import NEEDED, FirstStep
from reporting.months.presenters.history import describe_span, import_tasks, import_url, name_confirming
from reporting.months.presenters.month import commentary_tasks
from reporting.months.selectors import list_past_months, list_published_since
from reporting.packs.selectors import list_issued_for, list_issued_since
from reporting.pages.selectors import Progress
from reporting.public.presenters.corrections import corrections_tasks
from reporting.public.presenters.publishing import edition_tasks

SHOWN = 3  # at first: on a phone, the month is below
LOOKS_BACK = timedelta(days=92)  # at most: people who were away for longer read the months and the plan


@dataclass(frozen=True, slots=True)
class NewsView:
    """`heading` says since when. `more` counts what isn't shown."""

    heading: str
    entries: Sequence[tuple[News, date]]  # each with its day
    more: int

    @property
    def nothing(self) -> str:
        return "" if self.entries else "There is nothing new for you to read."


def make_news(access: Access, last: datetime | None, *, now: datetime, is_whole: bool = False) -> NewsView:
    """Return what changed. `last` is when they last looked; None on a first visit, which shows what is new this month.
    `is_whole`: show everything.
    """
    heading, since = describe_since(last, now=now)
    changes = sorted(list_all(access, since, today=timezone.localdate(now)), key=order)
    shown = sorted(changes if is_whole else changes[:SHOWN], key=lambda news: news.at, reverse=True)
    entries = [(news, timezone.localdate(news.at)) for news in shown]
    return NewsView(heading, entries, more=len(changes) - len(shown))


def order(news: News) -> tuple[bool, float]:
    """Choose their own news first, then the newest. They are shown with the newest first."""
    return not news.is_own, -news.at.timestamp()


def describe_since(last: datetime | None, *, now: datetime) -> tuple[str, datetime]:
    today = timezone.localdate(now)
    if last is None:
        return f"New in {Month.of(today).label}", start_of_day(Month.of(today).first_day)
    if now - last > LOOKS_BACK:
        return "Changed in the last three months", now - LOOKS_BACK
    day = timezone.localdate(last)
    return f"Since you last looked{describe_last(day, today=today)}", last


def describe_last(day: date, *, today: date) -> str:
    return ", yesterday" if day == today - timedelta(days=1) else f" on {date_label(day)}"


def list_all(access: Access, since: datetime, *, today: date) -> list[News]:
    return [
        *published_news(access, list_published_since(access.area, since)),
        *map(pack_news, list_issued_since(access, since)),
        *actions_news.list_news(access, since, today=today),
        *indicators_news.list_news(access, since),
    ]


def published_news(access: Access, versions: Iterable[Snapshot]) -> Iterator[News]:
    """Yield one entry for all new months, and the newest version of each month that was published again. Leave out what
    they published themselves.
    """
    newest: dict[Month, Snapshot] = {}
    reader = access.user.pk
    for snapshot in versions:
        # The newest version comes first, and wins.
        newest.setdefault(snapshot.period.month, snapshot)
    others = [version for version in newest.values() if version.published_by_id != reader]
    first = sorted(
        (version for version in others if version.version == 1), key=lambda version: version.period.starts_on
    )
    if first:
        yield month_news(access, first[-1], earlier=len(first) - 1)
    for snapshot in others:
        if snapshot.version > 1:
            yield version_news(access, snapshot)


def month_news(access: Access, snapshot: Snapshot, *, earlier: int) -> News:
    month = snapshot.period.month
    names = [month.label, *([f"{earlier} earlier {'month' if earlier == 1 else 'months'}"] if earlier else [])]
    return News(
        at=snapshot.published_at or snapshot.taken_at,
        words=f"{' and '.join(names)} {'were' if earlier else 'was'} published",
        url=reverse("reporting:month-view", args=[access.area.slug, month]),
    )


def version_news(access: Access, snapshot: Snapshot) -> News:
    month = snapshot.period.month
    return News(
        at=snapshot.published_at or snapshot.taken_at,
        words=f"{month.label} was published again, as version {snapshot.version}",
        url=reverse("reporting:month-changes", args=[access.area.slug, month]),
        more="See which figures changed.",
    )


def pack_news(pack: IssuedPack) -> News:
    return News(
        at=pack.issued_at,
        words=f"A pack was issued for the {pack.board}, {date_label(pack.meeting_on)}",
        url=pack.get_absolute_url(),
        more=f"{pack.get_kind_display()}, {pack.period.month.label}.",
    )


LATE_MONTHS = 13  # for which a missing return stays on its lead's home; later only its own page shows it


def list_tasks(access: Access, periods: list[ReportingPeriod], *, today: date) -> list[Task]:
    """Return all tasks by role: as a lead, an approver, a second contact and the coordinator. `periods` are the area's
    months, the newest first. A constant number of queries, however many there are.
    """
    return [
        *return_tasks(access, periods, today=today),
        *correction_tasks(access, today=today),
        *recording_tasks(access),
        *edition_tasks(access),
        *corrections_tasks(access),
        *role_tasks(access, today=today),
        *reset_tasks(access),
        *import_tasks(access, today=today),
        *commentary_tasks(access, periods),
    ]


def return_tasks(access: Access, periods: list[ReportingPeriod], *, today: date) -> list[Task]:
    """Return those of the returns and of the months that they are for."""
    agencies = access.agencies
    recent = {period.pk for period in periods[:LATE_MONTHS]} if agencies or access.can_coordinate else set()
    wanted = [
        period
        for period in periods
        if period.pk in recent or (agencies and period.is_open) or (access.can_coordinate and not period.is_published)
    ]
    unpublished = [period for period in wanted if not period.is_published] if access.can_coordinate else []
    # The page that publishes earlier months together may have more of them: the list counts what that page does.
    together = len(list_past_months(access.area)) if len(unpublished) > ONE_BY_ONE else 0
    alone = min(ONE_BY_ONE, len(unpublished) - together)
    newest, earlier = unpublished[:alone], unpublished[alone:]
    statuses = returns_in(wanted, with_people=False)
    opened: list[ReturnStatus] = []
    for period in wanted:
        if period.is_open:
            opened += statuses[period.pk]
        elif period.pk in recent:
            opened += [status for status in statuses[period.pk] if status.is_late]
    tasks = [
        *lead_tasks(access, opened, today=today),
        *approver_tasks(access, opened, today=today),
        *contact_tasks(access, opened, today=today),
        *followed_tasks(access, opened, today=today),
    ]
    if access.can_coordinate:
        tasks += late_tasks(access.area, opened, today=today)
        unsent = Counter(reminder.period.pk for reminder in failed_reminders(*newest))
        tasks += [
            coordinator_task(access.area, period, statuses[period.pk], unsent=unsent[period.pk], today=today)
            for period in newest
        ]
        if earlier:
            tasks.append(earlier_task(access.area, earlier, statuses, today=today))
    return tasks


OWED_SHOWN = 3  # shown before a closed list has the rest
FEW = 4  # for lists with a page of their own


# --- What they owe ---------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Owed:
    """All of a person's tasks, first what others wait for. `others` are tasks that they follow and that somebody else
    has to do.
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
    def number(self) -> int:
        return sum(task.number for task in self.tasks)


def make_owed(
    access: Access,
    periods: list[ReportingPeriod],
    unanswerable: Iterable[Challenge],
    *,
    has_documents: bool,
    today: date,
) -> Owed:
    """Return a person's tasks; `unanswerable` are the challenges that nobody can answer, for the coordinator, and
    `has_documents` says whether the area has begun any. A constant number of queries."""
    actions = own_actions(access, today=today)
    all_tasks = [
        *list_tasks(access, periods, today=today),
        *asked_tasks(access, unanswerable, today=today),
        *action_tasks(access, actions, today=today),
        *notice_tasks(access),
        *(document_tasks(access) if has_documents else []),
        *kpi_tasks(access, today=today, is_short=True),
    ]
    tasks = sorted((task for task in all_tasks if task.is_owed), key=urgency)
    others = [task for task in all_tasks if not task.is_owed]
    return Owed(tasks, others, "" if tasks else describe_next(access, periods, actions, today=today))


def describe_next(
    access: Access, periods: Sequence[ReportingPeriod], actions: Sequence[OwnAction], *, today: date
) -> str:
    """ "Your next task is due on 10 January 2027: December 2026 figures"; empty if none is known. One query for people
    of an agency, and one for people who own actions.
    """
    coming: list[tuple[date, str]] = []
    month = find_next_owed(access, periods[0].month.next if periods else Month.of(today))
    if month is not None:
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


def find_next_owed(access: Access, first: Month) -> Month | None:
    """Return the first month from this one on that asks this person for figures: a coordinator for any agency's, others
    for their own agency's; None for people whose agency reports nothing. At most one query."""
    if access.can_coordinate:
        return first
    agencies = access.led | access.approved
    owed = owed_in({access.area.pk}) if agencies else {}
    own = [
        supplied
        for agency, several in owed.items()
        if agency.pk in agencies and not agency.retired
        for supplied in several
    ]
    year = months_between(first, first + (YEAR - 1))
    return next((month for month in year if any(supplied.is_live(month) for supplied in own)), None)


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
    meetings = list(next_two_meetings(access, today))
    if not meetings:
        # The coordinator's own page has a link in their place.
        planners = [] if access.can_coordinate else list_people(access.area, Role.COORDINATOR)
        return Meetings(None, planners=" or ".join(map(str, planners)))
    first, *after = meetings
    pack = find_pack_for(access, first)
    url = "" if pack or not access.can_coordinate else make_pack_url(first)
    return Meetings(
        Coming(meeting_view(first), describe_when(first.held_on, today=today), pack, url),
        Coming(meeting_view(after[0]), describe_when(after[0].held_on, today=today)) if after else None,
    )


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
    return Challenges(
        len(challenges), [challenge_view(challenge, today=today, entries=()) for challenge in challenges[:FEW]]
    )


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
    """Return the boards that they sit on, and whose pages they may open. The month has the way to all."""
    return [
        board for board in boards if board.pk in access.seated and not board.retired and access.can_see_board(board.pk)
    ]


DONE, NEXT, LATER, ASIDE = "done", "next", "later", "aside"
LABELS = {DONE: "Done", NEXT: "Next", LATER: "To do", ASIDE: "Set aside"}
# The CSS status of each state.
LOOKS = {DONE: "accepted", NEXT: "open", LATER: "closed", ASIDE: "closed"}


@dataclass(frozen=True, slots=True)
class StepView:
    """`url` is where to do it; empty if something else comes first."""

    code: str
    name: str
    state: str
    sentence: str
    url: str
    can_be_left: bool

    @property
    def label(self) -> str:
        return LABELS[self.state]

    @property
    def look(self) -> str:
        return LOOKS[self.state]


@dataclass(frozen=True, slots=True)
class FirstSteps:
    steps: Sequence[StepView]

    @property
    def done(self) -> int:
        return sum(step.state == DONE for step in self.steps)

    @property
    def wanted(self) -> int:
        return sum(step.state != ASIDE for step in self.steps)


def make_first_steps(area: PartnershipArea, progress: Progress, periods: Sequence[ReportingPeriod]) -> FirstSteps:
    """`periods` are the area's months, the newest first; those that were opened for figures from before aren’t opened
    in a step. A few queries, however many months there are."""
    published, past = [period for period in periods if period.is_published], list_past_months(area)
    periods = [period for period in periods if not period.for_history]
    steps = {
        FirstStep.CHECK: tell_check(area, progress),
        FirstStep.INVITE: tell_people(area, progress),
        FirstStep.MONTH: tell_month(area, periods),
        FirstStep.HISTORY: tell_history(area, progress, today=timezone.localdate()),
        FirstStep.RETURN: tell_return(area, progress, periods),
        FirstStep.PUBLISH: tell_publication(area, periods, published, past),
    }
    views: list[StepView] = []
    is_next_found = False
    for step, (is_done, sentence, url) in steps.items():
        if is_done:
            state = DONE
        elif step.value in progress.aside:
            state = ASIDE
        else:
            state = NEXT if not is_next_found and url else LATER
            is_next_found = is_next_found or state == NEXT
        can_be_left = not is_done and step not in NEEDED
        views.append(StepView(step.value, step.label, state, sentence, url, can_be_left))
    return FirstSteps(views)


type StepProgress = tuple[bool, str, str]  # whether it is done, its progress, and where to do it


def tell_check(area: PartnershipArea, progress: Progress) -> StepProgress:
    there = ", ".join(
        (
            describe_count(progress.boards, "board", "boards"),
            describe_count(progress.agencies, "agency", "agencies"),
            describe_count(progress.indicators, "indicator", "indicators"),
        )
    )
    is_done = bool(progress.boards and progress.agencies and progress.indicators) and not progress.empty_boards
    lacks = f" {progress.empty_boards} of the boards have no indicator." if progress.empty_boards else ""
    return (
        is_done,
        f"{there}.{lacks} Rename or retire anything that doesn’t fit here, and add anything missing.",
        reverse("indicators:setup", args=[area.slug]),
    )


def tell_people(area: PartnershipArea, progress: Progress) -> StepProgress:
    is_done = progress.led == progress.owing and progress.seated_boards == progress.boards
    sentence = (
        f"{progress.led} of {progress.owing} agencies with returns to make have a lead, and {progress.seated_boards} "
        f"of {progress.boards} boards have a member. {progress.signed_in} of "
        f"{describe_count(progress.people, 'person has', 'people have')} signed in."
    )
    return is_done, sentence, reverse("indicators:people-file", args=[area.slug])


def tell_month(area: PartnershipArea, periods: Sequence[ReportingPeriod]) -> StepProgress:
    url = reverse("reporting:month-list", args=[area.slug])
    if not periods:
        return False, "Choose the first month that needs returns.", url
    first, last = periods[-1].month, periods[0].month
    is_one = len(periods) == 1
    return True, f"{first.label} is open." if is_one else f"{first.label} to {last.label}, {len(periods)} months.", url


def tell_history(area: PartnershipArea, progress: Progress, *, today: date) -> StepProgress:
    url = reverse("reporting:history", args=[area.slug])
    if waiting := FigureImport.objects.waiting(today).filter(area=area).select_related("area", "asked_by").first():
        second = name_confirming([waiting], today=today)[waiting.pk]
        sentence = f"Figures for {waiting.span} are waiting for a second person. That person can be {second}."
        return False, sentence, import_url(waiting, is_operator=False)
    if progress.past_first and progress.past_last:
        span = describe_span([Month.of(progress.past_first), Month.of(progress.past_last)])
        return True, f"{count_of_noun(progress.past_figures, 'figure')}, {span}.", url
    return False, "Import earlier months’ figures from a file. We compare each month with them.", url


def tell_return(area: PartnershipArea, progress: Progress, periods: Sequence[ReportingPeriod]) -> StepProgress:
    if not periods:
        return False, "When a month is open, each agency’s return is on its lead’s home page.", ""
    url = find_grid(area, periods)
    if progress.handed_in:
        return True, f"{describe_count(progress.handed_in, 'return', 'returns')} handed in.", url
    return False, "No return is handed in yet. See whose turn it is.", url


def tell_publication(
    area: PartnershipArea,
    periods: Sequence[ReportingPeriod],
    published: Sequence[ReportingPeriod],
    past: Sequence[ReportingPeriod],
) -> StepProgress:
    """`published` are months before the first with returns, for with that one the steps disappear."""
    done = f"{count_of_noun(len(published), 'month')} published. " if published else ""
    if past:
        url = reverse("reporting:history-publish", args=[area.slug])
        return bool(published), f"{done or 'Start with the earlier months. '}{describe_past(past)}", url
    month = "the first month with returns" if published else "a month"
    sentence = f"{done}Close, check and publish {month} from its returns page. These steps then disappear."
    return bool(published), sentence, find_grid(area, periods) if periods else ""


def describe_past(past: Sequence[ReportingPeriod]) -> str:
    months = [period.month for period in past]
    number = describe_count(len(months), "earlier month", "earlier months")
    return f"{number} can be closed and published together: {describe_span(months)}."


def find_grid(area: PartnershipArea, periods: Sequence[ReportingPeriod]) -> str:
    """Return the address of the oldest month's returns, because months are published in order."""
    return reverse("reporting:return-grid", args=[area.slug, periods[-1].month])


def describe_count(number: int, one: str, many: str) -> str:
    return f"{number} {one if number == 1 else many}"
