"""Finds actions, their milestones and their owners, and the people who can own one."""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, NamedTuple

from django.db.models import CharField, Count, Exists, F, Max, Min, OuterRef, Prefetch, Q, QuerySet, Subquery, Value
from django.db.models.functions import Coalesce, NullIf
from django.utils import timezone

from actions.models import (
    Action,
    ActionChange,
    ActionUpdate,
    Challenge,
    ChallengeAct,
    ChallengeEntry,
    ChangedField,
    EngagementSession,
    Milestone,
    Voice,
)
from actions.selectors.as_at import ABOUT, NAMED
from actions.selectors.challenges import THINGS, answered_for, with_entries
from actions.workflow import CLOSED, ActionState, ChallengeState
from boards.models import Board, Membership, PartnershipArea
from boards.permissions import Access
from boards.selectors import start_of_day
from core.calendar import Month, read_date_label
from core.models import User

ORDER = ("strand__position", "strand__name", "due_on", "number")


def list_members(area: PartnershipArea) -> QuerySet[User]:
    """Return everybody with a role in the area who can sign in, by name."""
    members = User.objects.filter(is_active=True, memberships__area=area)
    # Somebody may have several roles in the area.
    return members.distinct().order_by("name", "email")


def is_member(person: User, area: PartnershipArea) -> bool:
    return list_members(area).filter(pk=person.pk).exists()


NOT_ARCHIVED = ~Q(state=ActionState.ARCHIVED.value)


def list_plan(area: PartnershipArea, board: Board | None = None) -> list[Action]:
    """Return the actions of the plan, or of a board's work plan, without archived ones, in the order of the strands.
    Two queries, with everything for their rows."""
    actions = Action.objects.filter(NOT_ARCHIVED, area=area)
    if board is not None:
        actions = actions.filter(board=board)
    return list(plan_order(with_parts(actions)))


def plan_order(actions: QuerySet[Action]) -> QuerySet[Action]:
    """Return the sort order: by strand, then by due date."""
    return actions.order_by(*ORDER)


def with_parts(actions: QuerySet[Action]) -> QuerySet[Action]:
    """Load strand, board, agency, owner and measure, and the milestones that weren't removed."""
    milestones = Prefetch("milestones", Milestone.objects.filter(removed_at=None))
    names = ("strand", "board", "agency", "owner", "measure")
    return actions.select_related(*names).prefetch_related(milestones)


class ActionRow(NamedTuple):
    """What a row of the plan shows of an action."""

    pk: int
    number: int
    title: str
    strand_id: int
    state: str
    rag: str
    rag_why: str
    due_on: date
    completed_at: datetime | None
    archived_at: datetime | None
    owner: str
    agency: str
    agency_code: str
    board: str
    board_code: str
    measure: str  # empty if it has none
    measure_code: str
    steps: int
    steps_done: int


def action_rows(actions: QuerySet[Action]) -> list[ActionRow]:
    """Return the rows of these actions, in the plan's order. One query."""
    rows = plan_order(actions).annotate(
        # As in User.__str__: the name, or the address of somebody without one.
        owner_name=Coalesce(NullIf("owner__name", Value("")), "owner__email", output_field=CharField()),
        measure_title=Coalesce("measure__title", Value("")),
        measure_code=Coalesce("measure__code", Value("")),
        steps=Count("milestones", filter=Q(milestones__removed_at=None)),
        # A removed milestone is never done (a_done_milestone_stays).
        steps_done=Count("milestones", filter=Q(milestones__done_at__isnull=False)),
    )
    columns = (
        *("owner_name", "agency__name", "agency__code", "board__short_name", "board__code"),
        *("measure_title", "measure_code", "steps", "steps_done"),
    )
    return [ActionRow._make(row) for row in rows.values_list(*ActionRow._fields[: -len(columns)], *columns)]


def rows_with(pks: Sequence[int]) -> list[ActionRow]:
    """Return the rows with these keys. One query; none without any."""
    return action_rows(Action.objects.filter(pk__in=pks)) if pks else []


def rows_of(**values: object) -> list[ActionRow]:
    """Return the rows of the actions with these values, without archived ones. One query."""
    return action_rows(Action.objects.filter(NOT_ARCHIVED, **values))


class PlanRow(NamedTuple):
    """What the filters of the plan need: how many actions have the same values."""

    state: str
    board_code: str
    board_name: str
    agency_code: str
    agency_name: str
    owner_id: int
    owner_name: str
    has_role: bool  # whether its owner has a role in the area and can sign in
    number: int


def list_rows(area: PartnershipArea) -> list[PlanRow]:
    """Return every action of an area, including archived ones. Two queries."""
    members = set(list_members(area).values_list("pk", flat=True))
    places = ("board__code", "board__name", "agency__code", "agency__name")
    actions = Action.objects.filter(area=area).order_by()
    alike = actions.values_list("state", *places, "owner", "owner__name", "owner__email").annotate(Count("pk"))
    return [
        PlanRow._make((*names, owner, name or email, owner in members, number))
        for *names, owner, name, email, number in alike
    ]


def list_open(area: PartnershipArea) -> QuerySet[Action]:
    """Return every open action with its RAG and owner, earliest due date first."""
    # The mark of a RAG asks for the state.
    names = ("number", "title", "state", "rag", "rag_why", "board_id", "measure_id", "due_on")
    actions = Action.objects.filter(area=area, state=ActionState.OPEN.value).select_related("owner")
    return actions.only(*names, "owner__name", "owner__email").order_by("due_on", "number")


type PlanChoices = tuple[tuple[str, str], ...]  # what somebody chose: the filter's name, and the option

# What the options mean on a day, of which we are also given the first day of the next month. Every open action matches
# one of its due dates.
OPEN = Q(state=ActionState.OPEN.value)
DUE: Mapping[str, Callable[[date, date], Q]] = {
    "overdue": lambda today, after: OPEN & Q(due_on__lt=today),
    "month": lambda today, after: OPEN & Q(due_on__gte=today, due_on__lt=after),
    "later": lambda today, after: OPEN & Q(due_on__gte=after),
}
FILTERS: Mapping[str, Callable[[str], Q]] = {
    "strand": lambda code: Q(strand__code=code),
    "board": lambda code: Q(board__code=code),
    "agency": lambda code: Q(agency__code=code),
    "owner": lambda pk: Q(owner=int(pk)),
    "rag": lambda rag: Q(rag=rag),
    "measure": lambda code: Q(measure__isnull=code == "none"),
    "state": lambda state: Q(state=state),
}


def match(actions: QuerySet[Action], choices: PlanChoices, today: date) -> QuerySet[Action]:
    """Return the actions that match. Archived ones appear only if somebody asks for them."""
    next_month = Month.of(today).next.first_day
    for name, value in choices:
        actions = actions.filter(DUE[value](today, next_month) if name == "due" else FILTERS[name](value))
    return actions if "state" in dict(choices) else actions.filter(NOT_ARCHIVED)


def find_action(area: PartnershipArea, number: int) -> Action | None:
    """Return the action. One query."""
    parts = ("area", "strand", "board", "agency", "owner", "measure", "completed_by", "archived_by", "added_by")
    decided = ("decided_in__board", "decided_in__sub_group")
    return Action.objects.select_related(*parts, *decided).filter(area=area, number=number).first()


class Doing(NamedTuple):
    """An open action or challenge. `next_on` is the due date of an action's next open milestone, or None, and `owner`
    the name of who is responsible for it."""

    code: str  # the indicator's
    is_challenge: bool
    number: int
    title: str  # of an action; a challenge has none
    due_on: date
    state: str  # of a challenge
    next_on: date | None
    owner: str = ""


def list_doing(access: Access, codes: QuerySet[Any, str] | list[str]) -> list[Doing]:
    """Return what this person may read about the indicators with these codes, by indicator, with actions first. Two
    queries."""
    next_on = Min("milestones__due_on", filter=Q(milestones__removed_at=None, milestones__done_at=None))
    actions = (
        Action.objects.filter(area=access.area, state=ActionState.OPEN.value, measure__code__in=codes)
        .annotate(next_on=next_on)
        .values_list("measure__code", "number", "title", "due_on", "next_on", "owner__name")
    )
    challenges = (
        Challenge.objects.readable_by(access)
        .filter(indicator__code__in=codes)
        .exclude(state__in=[state.value for state in CLOSED])
        .values_list("indicator__code", "number", "due_on", "state")
    )
    doing = [
        Doing(code, False, number, title, due_on, "", next_on, owner)
        for code, number, title, due_on, next_on, owner in actions
    ]
    doing += [Doing(code, True, number, "", due_on, state, None) for code, number, due_on, state in challenges]
    return sorted(doing, key=lambda thing: (thing.code, thing.is_challenge, thing.number))


def list_completed(area: PartnershipArea, first: date, last: date, *, board: Board | None) -> list[Action]:
    """Return the actions of a board, or of all, that were completed in these days, even if archived since. Sorted by
    number. One query."""
    # __date is London's day: what was completed at half past midnight in summer was still yesterday in UTC.
    actions = Action.objects.filter(area=area, completed_at__date__range=(first, last))
    return list(_of(actions, board, "board").order_by("number"))


def list_reached(area: PartnershipArea, first: date, last: date, *, board: Board | None) -> list[Milestone]:
    """Return their milestones that were done in these days, with the action and in its order. One query."""
    milestones = Milestone.objects.filter(action__area=area, done_at__date__range=(first, last))
    return list(
        _of(milestones, board, "action__board").select_related("action").order_by("action__number", "due_on", "id")
    )


def _of[T: (Action, Milestone)](rows: QuerySet[T], board: Board | None, name: str) -> QuerySet[T]:
    return rows if board is None else rows.filter(**{name: board})


def sessions_in(area: PartnershipArea, first: date, last: date) -> QuerySet[EngagementSession]:
    """Return the sessions with the community in these days, without archived ones."""
    return EngagementSession.objects.filter(area=area, held_on__range=(first, last), archived_at=None)


def list_heard(area: PartnershipArea, first: date, last: date) -> list[Voice]:
    """Return what people said in them, with the session: newest answers first, then those without one. One query."""
    voices = Voice.objects.filter(session__in=sessions_in(area, first, last)).select_related("session")
    return sorted(voices, key=lambda voice: (voice.closed_at is None, -(voice.closed_at or voice.added_at).timestamp()))


TO_ANSWER = [ChallengeState.RAISED.value, ChallengeState.PRESSED.value]


@dataclass(frozen=True, slots=True)
class OwnAction:
    """An open action, for its owner. `said_on` is the day of their last update; `steps` are its open milestones due by
    the end of this month."""

    action: Action
    said_on: date | None
    steps: Sequence[Milestone]
    is_owed: bool  # whether it has started, and they have added no update this month
    is_late: bool  # whether its own due date has passed

    @property
    def owed(self) -> int:
        return (self.is_owed or self.is_late) + len(self.steps)


def said_since(since: datetime) -> Exists:
    """Return whether an action's owner has added an update since a moment."""
    # By its owner: an update from the coordinator or the agency's lead doesn't settle it.
    return Exists(ActionUpdate.objects.filter(action=OuterRef("pk"), made_by=OuterRef("owner"), made_at__gte=since))


def owing_update(today: date) -> QuerySet[Action]:
    """Return the open actions that have started and have no update from their owner this month."""
    begun = Action.objects.filter(state=ActionState.OPEN.value, starts_on__lte=today)
    return begun.filter(~said_since(start_of_day(Month.of(today).first_day)))


def own_actions(access: Access, *, today: date) -> list[OwnAction]:
    """Return this person's open actions in the area: first those that need an update, then by due date."""
    if access.is_outsider:
        return []
    owned = Action.objects.filter(area=access.area, owner=access.user, state=ActionState.OPEN.value)
    said = Max("updates__made_at", filter=Q(updates__made_by=F("owner")))
    annotated = owned.annotate(said_at=said, is_said=said_since(start_of_day(Month.of(today).first_day)))
    actions: list[Any] = list(annotated.order_by("due_on", "number"))
    steps: dict[int, list[Milestone]] = defaultdict(list)
    open_steps = Milestone.objects.filter(done_at=None, removed_at=None, due_on__lt=Month.of(today).next.first_day)
    for step in open_steps.filter(action__in=[action.pk for action in actions]):
        steps[step.action_id].append(step)
    theirs = []
    for action in actions:
        # Its address needs the area: each would be a query.
        action.area, said_at = access.area, action.said_at
        said_on = timezone.localdate(said_at) if said_at else None
        is_owed = action.starts_on <= today and not action.is_said
        theirs.append(OwnAction(action, said_on, steps[action.pk], is_owed, is_late=action.due_on < today))
    return sorted(theirs, key=lambda own_action: not own_action.is_owed)


def to_answer(access: Access) -> QuerySet[Challenge]:
    """Return the challenges that this person has to answer, including those escalated to their board if they chair it.
    Earliest due date first."""
    if access.is_outsider:
        return Challenge.objects.none()
    answerable = answered_for(access) & Q(answerer=access.user, state__in=TO_ANSWER)
    answerable |= Q(state=ChallengeState.ESCALATED.value, escalated_to__in=access.chaired)
    return Challenge.objects.filter(answerable, area=access.area).order_by("due_on", "number")


def list_to_answer(access: Access) -> QuerySet[Challenge]:
    """Return them with the name of what they are about."""
    return to_answer(access).select_related(*ABOUT).only("number", "question", "state", "due_on", *NAMED)


def list_to_answer_with_entries(access: Access) -> QuerySet[Challenge]:
    """Return them with all that a page shows of each. Two queries."""
    return with_entries(to_answer(access))


def list_to_judge(access: Access) -> QuerySet[Challenge]:
    """Return the answers for a member of the strategic group to judge, without their own."""
    answers = ChallengeEntry.objects.filter(challenge=OuterRef("pk"), act=ChallengeAct.ANSWERED.value)
    # Only the last answer counts: somebody who answered before may judge it.
    newest = answers.order_by("-made_at", "-id").values("made_by")[:1]
    answered = Challenge.objects.filter(area=access.area, state=ChallengeState.ANSWERED.value)
    others = answered.annotate(answered_by=Subquery(newest)).exclude(answered_by=access.user.pk)
    names = ("raised_by__name", "raised_by__email", *NAMED)
    return others.select_related(*ABOUT, "raised_by").only("number", "question", *names).order_by("number")


def next_step(access: Access, *, today: date) -> Milestone | None:
    """Return the first of their milestones due after this month. One query."""
    later = Milestone.objects.filter(
        action__area=access.area,
        action__owner=access.user,
        action__state=ActionState.OPEN.value,
        done_at=None,
        removed_at=None,
        due_on__gte=Month.of(today).next.first_day,
    )
    return later.select_related("action").order_by("due_on", "id").first()


type Step = tuple[date, bool]  # its due date, and whether it is done


def list_steps(actions: Sequence[int]) -> dict[int, list[Step]]:
    """Return the milestones by the action's key, without removed ones. One query."""
    steps: dict[int, list[Step]] = {}
    rows = Milestone.objects.filter(action__in=actions, removed_at=None)
    for action, due_on, done_at in rows.values_list("action_id", "due_on", "done_at"):
        steps.setdefault(action, []).append((due_on, done_at is not None))
    return steps


def list_first_due(actions: Sequence[int]) -> dict[int, date]:
    """Return the first due date of the actions whose due date changed. One query."""
    moved = ActionChange.objects.filter(action__in=actions, field=ChangedField.DUE_ON.value)
    rows = moved.order_by("-made_at", "-id").values_list("action_id", "before")
    return {action: read_date_label(before) for action, before in rows}  # the oldest is last, so it stays


class Left(NamedTuple):
    """Somebody who no longer has a role in the area, with the number of their open actions and challenges."""

    person: int
    name: str
    actions: int
    challenges: int


def owners_left(rows: Iterable[PlanRow]) -> list[Left]:
    """Return people who left and own actions, by name, without their challenges. `rows` are the area's actions. No
    query."""
    owned, names = Counter[int](), dict[int, str]()
    for row in rows:
        if row.state == ActionState.OPEN and not row.has_role:
            owned[row.owner_id] += row.number
            names[row.owner_id] = row.owner_name
    return sorted((Left(pk, name, owned[pk], 0) for pk, name in names.items()), key=by_name)


def left_in(
    memberships: Iterable[Membership], actions: Iterable[Action], challenges: Iterable[Challenge]
) -> list[Left]:
    """Return all people who left, by name: `memberships` are an area's roles of people who can sign in, and
    these are its open actions and challenges. No query."""
    members = {membership.user_id for membership in memberships}
    owners = [action.owner for action in actions]
    # A chair answers escalated ones.
    answerers = [challenge.answerer for challenge in challenges if challenge.escalated_to_id is None]
    owned, answering = ([person for person in people if person.pk not in members] for people in (owners, answerers))
    work = (Counter(person.pk for person in owned), Counter(person.pk for person in answering))
    left = {person.pk: str(person) for person in (*owned, *answering)}
    return sorted((Left(pk, name, *(of[pk] for of in work)) for pk, name in left.items()), key=by_name)


def by_name(left: Left) -> str:
    return left.name.casefold()


def list_open_actions(person: int, area: PartnershipArea) -> list[Action]:
    """Return their open actions. One query."""
    owned = Action.objects.filter(area=area, owner=person, state=ActionState.OPEN.value)
    return list(plan_order(owned.select_related("area", "owner")))


def list_open_challenges(person: int, area: PartnershipArea) -> QuerySet[Challenge]:
    """Return the challenges with them as answerer, whosever turn it is: an answered one may be asked again. One
    query."""
    # Without escalated ones: a chair answers those.
    challenges = Challenge.objects.filter(area=area, answerer=person, escalated_to=None)
    is_open = challenges.exclude(state__in=[state.value for state in CLOSED])
    return is_open.select_related(*THINGS, "area", "answerer").order_by("due_on", "number")
