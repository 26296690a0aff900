"""What does a timeline of the plan need?"""

from collections.abc import Sequence
from datetime import date, datetime
from typing import NamedTuple

from django.db.models import QuerySet
from django.utils import timezone

from actions.models import Action, ActionChange, ChangedField, Milestone
from actions.selectors.plan import plan_order
from core.months import read_date_label

type Step = tuple[date, bool]  # its due date, and whether it is done


class SpanRow(NamedTuple):
    """What a row of the timeline shows of an action."""

    pk: int
    number: int
    title: str
    strand_id: int
    state: str
    rag: str
    starts_on: date
    due_on: date
    completed_at: datetime | None
    archived_at: datetime | None

    @property
    def ended_on(self) -> date | None:
        """Return when it ended. An action that was complete before it was archived ended when it was complete."""
        ended = self.completed_at or self.archived_at
        return timezone.localdate(ended) if ended else None


def list_spans(actions: QuerySet[Action]) -> list[SpanRow]:
    """Return the spans in the plan's order. One query."""
    return [SpanRow._make(row) for row in plan_order(actions).values_list(*SpanRow._fields)]


def list_steps(actions: Sequence[int]) -> dict[int, list[Step]]:
    """Return the milestones by the action's key, without removed ones. One query."""
    found: dict[int, list[Step]] = {}
    rows = Milestone.objects.filter(action__in=actions, removed_at=None)
    for action, due_on, done_at in rows.values_list("action_id", "due_on", "done_at"):
        found.setdefault(action, []).append((due_on, done_at is not None))
    return found


def list_first_due(actions: Sequence[int]) -> dict[int, date]:
    """Return the first due date of the actions whose due date changed. One query."""
    moved = ActionChange.objects.filter(action__in=actions, field=ChangedField.DUE_ON.value)
    rows = moved.order_by("-made_at", "-id").values_list("action_id", "before")
    return {action: read_date_label(before) for action, before in rows}  # the oldest is last, so it stays
