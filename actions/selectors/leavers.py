"""Who has no role in the area any more, and which open work of theirs waits for somebody else?"""

from collections import Counter
from collections.abc import Iterable
from typing import NamedTuple

from django.db.models import Count, Exists, OuterRef, QuerySet

from actions.models import Action, Challenge
from actions.selectors.challenges import THINGS
from actions.selectors.plan import PlanRow, plan_order
from actions.workflow import CLOSED, ActionState
from boards.models import Membership, PartnershipArea


class Left(NamedTuple):
    """Somebody who has no role in the area any more, and how much open work: actions that they own, and challenges
    that name them as answerer."""

    person: int
    name: str
    actions: int
    challenges: int


def owners_left(rows: Iterable[PlanRow]) -> list[Left]:
    """Those who own actions, without their challenges; by name. `rows` are those of the area's actions. No query."""
    return _by_name([], rows)


def left_in(area: PartnershipArea, rows: Iterable[PlanRow]) -> list[Left]:
    """All of them, by name. One query."""
    held = Membership.objects.filter(area=area, user=OuterRef("answerer"), user__is_active=True)
    asked = _open_challenges(area).filter(~Exists(held)).order_by().values("answerer").annotate(number=Count("pk"))
    return _by_name(asked.values_list("answerer", "answerer__name", "answerer__email", "number"), rows)


def _by_name(asked: Iterable[tuple[int, str, str, int]], rows: Iterable[PlanRow]) -> list[Left]:
    names: dict[int, str] = {}
    actions, challenges = Counter[int](), Counter[int]()
    for row in rows:
        if row.state == ActionState.OPEN and not row.has_role:
            names[row.owner_id] = row.owner_name
            actions[row.owner_id] += row.number
    for pk, name, email, number in asked:
        names[pk] = name or email
        challenges[pk] = number
    left = (Left(pk, name, actions[pk], challenges[pk]) for pk, name in names.items())
    return sorted(left, key=lambda each: each.name.casefold())


def list_open_actions(person: int, area: PartnershipArea) -> list[Action]:
    """Those that they own. One query."""
    owned = Action.objects.filter(area=area, owner=person, state=ActionState.OPEN.value)
    return list(plan_order(owned.select_related("area", "owner")))


def list_open_challenges(person: int, area: PartnershipArea) -> list[Challenge]:
    """Those that name them as answerer, whosever turn it is now: one that is answered may be pressed again. One
    query."""
    asked = _open_challenges(area).filter(answerer=person)
    return list(asked.select_related(*THINGS, "area", "answerer").order_by("due_on", "number"))


def _open_challenges(area: PartnershipArea) -> QuerySet[Challenge]:
    """Once it is escalated, a chair answers."""
    return Challenge.objects.filter(area=area, escalated_to=None).exclude(
        state__in=sorted(state.value for state in CLOSED)
    )
