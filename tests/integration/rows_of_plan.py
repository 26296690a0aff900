"""A plan that holds a row of each kind, and how each of its constraints is violated."""

from collections.abc import Callable
from datetime import date

from django.db.models import F
from django.utils import timezone

from actions.models import Action, ActionChange, ActionMove, ActionUpdate, Milestone
from actions.services.plan import archive_action, change_action, complete_action
from actions.services.progress import add_update, remove_milestone, tick_milestone
from actions.workflow import Rag
from tests.integration.rows import one, twice
from tests.planning import draft, plan, step, unmeasured
from tests.scenarios import Town

type Violation = tuple[str, Callable[[Town], object]]
NOW = timezone.now()


def leave_plan(town: Town) -> None:
    """An open action with a milestone done, one taken out, an update and a change; a complete one without a measure;
    an archived one."""
    action = plan(town)
    tick_milestone(step(action, by=town.coordinator), done=True, by=town.lead)
    remove_milestone(step(action, by=town.coordinator), why="Not needed", revision=0, by=town.coordinator)
    add_update(action, text="Slow", rag=Rag.AMBER, rag_why="Late", by=town.lead)
    wanted = draft(town, due_on=date(2027, 6, 30))
    change_action(action, wanted, revision=0, why="The trainer left", by=town.coordinator)
    complete_action(unmeasured(town), by=town.lead)
    archive_action(plan(town), why="Not ours", by=town.coordinator)


OPEN, COMPLETE, ARCHIVED = (Action.objects.filter(state=state) for state in ("open", "complete", "archived"))
DONE, OUT = (Milestone.objects.filter(removed_at__isnull=is_there) for is_there in (True, False))
UPDATE, CHANGE = ActionUpdate.objects.filter(rag="amber"), ActionChange.objects.all()
MOVE = ActionMove.objects.filter(after="archived")
PLAN_CASES: list[Violation] = [
    ("one_action_per_number", lambda town: twice(one(OPEN))),
    ("actions_count_from_one", lambda town: OPEN.update(number=0)),
    ("action_is_due_after_its_start", lambda town: OPEN.update(due_on=F("starts_on"))),
    ("action_has_measure_or_reason", lambda town: OPEN.update(measure=None)),
    ("action_has_measure_or_reason", lambda town: OPEN.update(no_measure_why="No one counts it")),
    ("action_has_measure_or_reason", lambda town: COMPLETE.update(no_measure_why="")),
    ("amber_or_red_has_its_reason", lambda town: OPEN.update(rag_why="")),
    ("amber_or_red_has_its_reason", lambda town: OPEN.update(rag="red", rag_why="")),
    ("an_open_action_is_not_blue", lambda town: OPEN.update(rag="blue")),
    ("a_complete_action_is_blue", lambda town: COMPLETE.update(rag="green")),
    ("action_completed_at_by", lambda town: OPEN.update(completed_at=NOW, completed_by=town.lead)),
    ("action_completed_at_by", lambda town: COMPLETE.update(completed_by=None)),
    ("action_completed_at_by", lambda town: COMPLETE.update(completed_at=None, completed_by=None)),
    ("action_completed_at_by", lambda town: ARCHIVED.update(completed_at=NOW)),
    ("action_archived_at_by_why", lambda town: OPEN.update(archived_why="Not ours")),
    ("action_archived_at_by_why", lambda town: ARCHIVED.update(archived_why="")),
    ("action_archived_at_by_why", lambda town: ARCHIVED.update(archived_by=None)),
    ("action_archived_at_by_why", lambda town: ARCHIVED.update(state="open")),
    ("milestone_done_at_by", lambda town: DONE.update(done_by=None)),
    ("milestone_done_at_by", lambda town: DONE.update(done_at=None)),
    ("milestone_undone_at_by_why", lambda town: DONE.update(undone_why="Not so")),
    ("milestone_undone_at_by_why", lambda town: DONE.update(undone_at=NOW, undone_by=town.lead)),
    ("milestone_undone_at_by_why", lambda town: DONE.update(undone_at=NOW, undone_why="Not so")),
    ("milestone_removed_at_by_why", lambda town: OUT.update(removed_why="")),
    ("milestone_removed_at_by_why", lambda town: OUT.update(removed_by=None)),
    ("milestone_removed_at_by_why", lambda town: DONE.update(removed_why="Not needed")),
    ("a_done_milestone_stays", lambda town: OUT.update(done_at=NOW, done_by=town.lead)),
    ("update_says_something", lambda town: UPDATE.update(text="")),
    ("update_to_amber_or_red_has_its_reason", lambda town: UPDATE.update(rag_why="")),
    ("change_of_action_has_its_reason", lambda town: CHANGE.update(why="")),
    ("action_moves_to_another_state", lambda town: MOVE.update(before="archived")),
    ("action_move_has_its_reason", lambda town: MOVE.update(why="")),
]
