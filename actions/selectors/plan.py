"""Which actions are there, whose are they, and who can own one?"""

from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime
from typing import Any, NamedTuple

from django.db.models import Prefetch, Q, QuerySet

from actions.models import Action, Milestone
from actions.workflow import ActionState
from boards.models import Agency, Board, Membership, PartnershipArea, Strand
from core.models import User
from core.months import Month
from core.selectors import Rows, as_day, as_moment, fetch_rows
from core.statements import statement
from indicators.models import Indicator

ORDER = ("strand__position", "strand__name", "due_on", "number")


def list_members(area: PartnershipArea) -> QuerySet[User]:
    """Return everybody with a role in the area who can sign in, by name."""
    members = User.objects.filter(is_active=True, memberships__area=area)
    # Somebody may have several roles in the area.
    return members.distinct().order_by("name", "email")


def is_member(person: User, area: PartnershipArea) -> bool:
    return list_members(area).filter(pk=person.pk).exists()


def list_plan(area: PartnershipArea, board: Board | None = None) -> list[Action]:
    """Return the actions of the plan, or of a board's work plan, without archived ones, in the order of the strands.
    Two queries, with everything for their rows."""
    actions = Action.objects.filter(area=area).exclude(state=ActionState.ARCHIVED.value)
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


# A removed milestone is never done (a_done_milestone_stays), so the second count needs no condition for that.
# The owner is as in User.__str__: the name, or the address of somebody without one.
ROWS = statement(
    """
    SELECT action.id, action.number, action.title, action.strand_id, action.state, action.rag, action.rag_why,
        action.due_on, action.completed_at, action.archived_at, COALESCE(NULLIF(owner.name, ''), owner.email),
        agency.name, board.short_name, COALESCE(measure.title, ''),
        (SELECT COUNT(*) FROM {milestone} WHERE action_id = action.id AND removed_at IS NULL),
        (SELECT COUNT(*) FROM {milestone} WHERE action_id = action.id AND done_at IS NOT NULL)
    FROM {action} action
    JOIN {strand} strand ON strand.id = action.strand_id
    JOIN {board} board ON board.id = action.board_id
    JOIN {agency} agency ON agency.id = action.agency_id
    JOIN {owner} owner ON owner.id = action.owner_id
    LEFT JOIN {measure} measure ON measure.id = action.measure_id
    WHERE {{which}} ORDER BY strand.position, strand.name, action.due_on, action.number
""",
    milestone=Milestone,
    action=Action,
    strand=Strand,
    board=Board,
    agency=Agency,
    owner=User,
    measure=Indicator,
)


def action_rows(which: str, *parameters: int | str) -> list[ActionRow]:
    """Return the rows. One query, by hand: the plan has hundreds of rows, and every page of an indicator needs some."""
    return _make(fetch_rows(ROWS.format(which=which), parameters))


def _make(rows: Rows) -> list[ActionRow]:
    day, done, archived = (ActionRow._fields.index(name) for name in ("due_on", "completed_at", "archived_at"))
    found = []
    for row in rows:
        columns = list(row)
        columns[day] = as_day(row[day])
        for moment in (done, archived):
            columns[moment] = row[moment] and as_moment(row[moment])
        found.append(ActionRow._make(columns))
    return found


def rows_with(pks: Sequence[int]) -> list[ActionRow]:
    """Return the rows with these keys. One query; none without any."""
    # The number of keys makes the text: values only ever go in as parameters.
    return action_rows(f"action.id IN ({', '.join(['%s'] * len(pks))})", *pks) if pks else []


def rows_in(strand: Strand) -> list[ActionRow]:
    """Return a strand's rows, without archived ones. One query."""
    return action_rows("action.strand_id = %s AND action.state <> %s", strand.pk, ActionState.ARCHIVED.value)


def rows_on(area: PartnershipArea, code: str) -> list[ActionRow]:
    """Return the actions that aim to change the indicator with that code, without archived ones. One query."""
    which = "measure.area_id = %s AND measure.code = %s AND action.state <> %s"
    return action_rows(which, area.pk, code, ActionState.ARCHIVED.value)


def rows_of_plan(area: PartnershipArea) -> list[ActionRow]:
    """Return every action that isn't archived, in the plan's order. One query."""
    return action_rows("action.area_id = %s AND action.state <> %s", area.pk, ActionState.ARCHIVED.value)


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


# Counted first, so that names are looked up once for all actions that share them.
ROWS_ALIKE = statement(
    """
    SELECT alike.state, board.code, board.name, agency.code, agency.name, owner.id,
        COALESCE(NULLIF(owner.name, ''), owner.email),
        owner.is_active AND owner.id IN (SELECT user_id FROM {held} WHERE area_id = %s), alike.number
    FROM (
        SELECT state, board_id, agency_id, owner_id, COUNT(*) AS number FROM {action}
        WHERE area_id = %s GROUP BY state, board_id, agency_id, owner_id
    ) alike
    JOIN {board} board ON board.id = alike.board_id
    JOIN {agency} agency ON agency.id = alike.agency_id
    JOIN {owner} owner ON owner.id = alike.owner_id
""",
    held=Membership,
    action=Action,
    board=Board,
    agency=Agency,
    owner=User,
)


def list_rows(area: PartnershipArea) -> list[PlanRow]:
    """Return every action of an area, including archived ones. One query."""
    # SQLite has 1 for true.
    return [
        PlanRow._make((*names, bool(has_role), number))
        for *names, has_role, number in fetch_rows(ROWS_ALIKE, [area.pk, area.pk])
    ]


def list_strands(area: PartnershipArea) -> QuerySet[Strand]:
    """Return the strands of an area's plan, in order. One query."""
    return Strand.objects.filter(area=area)


def list_open(area: PartnershipArea) -> QuerySet[Action]:
    """Return every open action with its RAG, earliest due date first."""
    # The mark of a RAG asks for the state.
    names = ("number", "title", "state", "rag", "rag_why", "board_id", "measure_id", "due_on")
    return Action.objects.filter(area=area, state=ActionState.OPEN.value).only(*names).order_by("due_on", "number")


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
