"""Which actions are there, whose are they, and who can own one?"""

from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime
from typing import Any, NamedTuple

from django.db.models import CharField, Count, Prefetch, Q, QuerySet, Value
from django.db.models.functions import Coalesce, NullIf

from actions.models import Action, Milestone
from actions.workflow import ActionState
from boards.models import Board, PartnershipArea, Strand
from core.models import User
from core.months import Month

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
    board: str
    measure: str  # empty if it has none
    steps: int
    steps_done: int


def action_rows(actions: QuerySet[Action]) -> list[ActionRow]:
    """Return the rows of these actions, in the plan's order. One query."""
    rows = plan_order(actions).annotate(
        # As in User.__str__: the name, or the address of somebody without one.
        owner_name=Coalesce(NullIf("owner__name", Value("")), "owner__email", output_field=CharField()),
        measure_title=Coalesce("measure__title", Value("")),
        steps=Count("milestones", filter=Q(milestones__removed_at=None)),
        # A removed milestone is never done (a_done_milestone_stays).
        steps_done=Count("milestones", filter=Q(milestones__done_at__isnull=False)),
    )
    columns = ("owner_name", "agency__name", "board__short_name", "measure_title", "steps", "steps_done")
    return [ActionRow._make(row) for row in rows.values_list(*ActionRow._fields[:-6], *columns)]


def rows_with(pks: Sequence[int]) -> list[ActionRow]:
    """Return the rows with these keys. One query; none without any."""
    return action_rows(Action.objects.filter(pk__in=pks)) if pks else []


def rows_in(strand: Strand) -> list[ActionRow]:
    """Return a strand's rows, without archived ones. One query."""
    return action_rows(Action.objects.filter(NOT_ARCHIVED, strand=strand))


def rows_on(area: PartnershipArea, code: str) -> list[ActionRow]:
    """Return the actions that aim to change the indicator with that code, without archived ones. One query."""
    return action_rows(Action.objects.filter(NOT_ARCHIVED, measure__area=area, measure__code=code))


def rows_of_plan(area: PartnershipArea) -> list[ActionRow]:
    """Return every action that isn't archived, in the plan's order. One query."""
    return action_rows(Action.objects.filter(NOT_ARCHIVED, area=area))


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


def list_strands(area: PartnershipArea) -> QuerySet[Strand]:
    """Return the strands of an area's plan, in order. One query."""
    return Strand.objects.filter(area=area)


def list_open(area: PartnershipArea) -> QuerySet[Action]:
    """Return every open action with its RAG and owner, earliest due date first."""
    # The mark of a RAG asks for the state.
    names = ("number", "title", "state", "rag", "rag_why", "board_id", "measure_id", "due_on")
    actions = Action.objects.filter(area=area, state=ActionState.OPEN.value).select_related("owner")
    return actions.only(*names, "owner__name", "owner__email").order_by("due_on", "number")


class PlanLine(NamedTuple):
    """What a count of actions needs from each of them."""

    pk: int
    strand_id: int
    state: str
    rag: str
    due_on: date


type Asked = tuple[tuple[str, str], ...]  # what somebody chose: the filter's name, and the option

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


def match(actions: QuerySet[Action], asked: Asked, today: date, next_month: date) -> QuerySet[Action]:
    """Return the actions that match. Archived ones appear only if somebody asks for them."""
    chosen = dict(asked)
    for name, value in asked:
        actions = actions.filter(DUE[value](today, next_month) if name == "due" else FILTERS[name](value))
    return actions if "state" in chosen else actions.exclude(state=ActionState.ARCHIVED.value)


def list_lines(area: PartnershipArea, asked: Asked, today: date) -> list[PlanLine]:
    """Return the lines of the actions that match, in the plan's order. One query."""
    return [PlanLine._make(row) for row in _lines(area, asked, today, Month.of(today).next.first_day)]


def _lines(area: PartnershipArea, asked: Asked, today: date, next_month: date) -> QuerySet[Action, Any]:
    found = match(Action.objects.filter(area=area), asked, today, next_month)
    return plan_order(found).values_list("pk", "strand_id", "state", "rag", "due_on")


def find_action(area: PartnershipArea, number: int) -> Action | None:
    """Return the action. One query."""
    parts = ("area", "strand", "board", "agency", "owner", "measure", "completed_by", "archived_by", "added_by")
    decided = ("decided_in__board", "decided_in__sub_group")
    return Action.objects.select_related(*parts, *decided).filter(area=area, number=number).first()
