"""What are partners doing about some indicators? Open actions that aim to change them, and challenges about them."""

from datetime import date
from typing import Any, NamedTuple

from django.db.models import Min, Q, QuerySet

from actions.models import Action, Challenge
from actions.workflow import CLOSED, ActionState
from boards.permissions import Access


class Doing(NamedTuple):
    """An open action or challenge. `next_on` is the due date of an action's next open milestone, or None."""

    code: str  # the indicator's
    is_challenge: bool
    number: int
    title: str  # of an action; a challenge has none
    due_on: date
    state: str  # of a challenge
    next_on: date | None


def list_doing(access: Access, codes: QuerySet[Any, str] | list[str]) -> list[Doing]:
    """Return what this person may read about the indicators with these codes, by indicator, with actions first. Two
    queries."""
    next_on = Min("milestones__due_on", filter=Q(milestones__removed_at=None, milestones__done_at=None))
    actions = (
        Action.objects.filter(area=access.area, state=ActionState.OPEN.value, measure__code__in=codes)
        .annotate(next_on=next_on)
        .values_list("measure__code", "number", "title", "due_on", "next_on")
    )
    challenges = (
        Challenge.objects.readable_by(access)
        .filter(indicator__code__in=codes)
        .exclude(state__in=[state.value for state in CLOSED])
        .values_list("indicator__code", "number", "due_on", "state")
    )
    found = [Doing(code, False, number, title, due_on, "", next_on) for code, number, title, due_on, next_on in actions]
    found += [Doing(code, True, number, "", due_on, state, None) for code, number, due_on, state in challenges]
    return sorted(found, key=lambda doing: (doing.code, doing.is_challenge, doing.number))
