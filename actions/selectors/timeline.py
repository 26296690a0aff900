"""What of the plan is drawn on a timeline?"""

from collections.abc import Sequence
from datetime import date, datetime
from typing import NamedTuple

from django.db.models import QuerySet
from django.utils import timezone

from actions.models import Action, ActionChange, ChangedField, Milestone
from actions.selectors.plan import plan_order
from core.months import read_date_label

type Step = tuple[date, bool]  # its day, and whether it is done


class SpanRow(NamedTuple):
    """What a row of the timeline says of an action."""

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
        """One that is archived after it was complete ended when it was complete."""
        ended = self.completed_at or self.archived_at
        return timezone.localdate(ended) if ended else None


def list_spans(actions: QuerySet[Action]) -> list[SpanRow]:
    """One query, in the plan's order."""
    return [SpanRow._make(row) for row in plan_order(actions).values_list(*SpanRow._fields)]


def list_steps(actions: Sequence[int]) -> dict[int, list[Step]]:
    """Of each action by its key, but those that were taken out. One query."""
    found: dict[int, list[Step]] = {}
    rows = Milestone.objects.filter(action__in=actions, removed_at=None)
    for action, due_on, done_at in rows.values_list("action_id", "due_on", "done_at"):
        found.setdefault(action, []).append((due_on, done_at is not None))
    return found


def list_first_due(actions: Sequence[int]) -> dict[int, date]:
    """When those were due at first whose due day was moved. One query."""
    moved = ActionChange.objects.filter(action__in=actions, field=ChangedField.DUE_ON.value)
    rows = moved.order_by("-made_at", "-id").values_list("action_id", "before")
    return {action: read_date_label(before) for action, before in rows}  # the oldest comes last, and stays
