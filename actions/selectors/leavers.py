"""Who no longer has a role in the area, and which open work needs somebody else?"""

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
    """Somebody who no longer has a role in the area, with the number of their open actions and challenges."""

    person: int
    name: str
    actions: int
    challenges: int


def owners_left(rows: Iterable[PlanRow]) -> list[Left]:
    """Return people who left and own actions, by name, without their challenges. `rows` are the area's actions. No
    query."""
    return _by_name(
        [
            (row.owner_id, row.owner_name, row.number)
            for row in rows
            if row.state == ActionState.OPEN and not row.has_role
        ],
        [],
    )


type Work = tuple[int, str, int]  # somebody's key and name, and how much


def left_in(area: PartnershipArea) -> list[Left]:
    """Return all people who left, by name."""
    owned, asked = _owned_by_leavers(area), _asked_of_leavers(area)
    return _by_name(*([(pk, name or email, number) for pk, name, email, number in work] for work in (owned, asked)))


def _owned_by_leavers(area: PartnershipArea) -> QuerySet[Action, tuple[int, str, str, int]]:
    held = Membership.objects.filter(area=area, user=OuterRef("owner"), user__is_active=True)
    owned = Action.objects.filter(~Exists(held), area=area, state=ActionState.OPEN.value).order_by().values("owner")
    return owned.annotate(number=Count("pk")).values_list("owner", "owner__name", "owner__email", "number")


def _asked_of_leavers(area: PartnershipArea) -> QuerySet[Challenge, tuple[int, str, str, int]]:
    held = Membership.objects.filter(area=area, user=OuterRef("answerer"), user__is_active=True)
    asked = _open_challenges(area).filter(~Exists(held)).order_by().values("answerer").annotate(number=Count("pk"))
    return asked.values_list("answerer", "answerer__name", "answerer__email", "number")


def _by_name(owned: Iterable[Work], asked: Iterable[Work]) -> list[Left]:
    names: dict[int, str] = {}
    actions, challenges = Counter[int](), Counter[int]()
    for counts, work in ((actions, owned), (challenges, asked)):
        for pk, name, number in work:
            names[pk] = name
            counts[pk] += number
    left = (Left(pk, name, actions[pk], challenges[pk]) for pk, name in names.items())
    return sorted(left, key=lambda each: each.name.casefold())


def list_open_actions(person: int, area: PartnershipArea) -> list[Action]:
    """Return their open actions. One query."""
    owned = Action.objects.filter(area=area, owner=person, state=ActionState.OPEN.value)
    return list(plan_order(owned.select_related("area", "owner")))


def list_open_challenges(person: int, area: PartnershipArea) -> QuerySet[Challenge]:
    """Return the challenges with them as answerer, whosever turn it is: an answered one may be asked again. One
    query."""
    asked = _open_challenges(area).filter(answerer=person)
    return asked.select_related(*THINGS, "area", "answerer").order_by("due_on", "number")


def _open_challenges(area: PartnershipArea) -> QuerySet[Challenge]:
    """Leave out escalated ones: a chair answers those."""
    return Challenge.objects.filter(area=area, escalated_to=None).exclude(
        state__in=sorted(state.value for state in CLOSED)
    )
