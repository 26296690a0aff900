"""Who no longer has a role in the area, and which open work needs somebody else?"""

from collections import Counter
from collections.abc import Iterable
from typing import NamedTuple

from django.db.models import QuerySet

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
    owned, names = Counter[int](), dict[int, str]()
    for row in rows:
        if row.state == ActionState.OPEN and not row.has_role:
            owned[row.owner_id] += row.number
            names[row.owner_id] = row.owner_name
    return sorted((Left(pk, name, owned[pk], 0) for pk, name in names.items()), key=by_name)


def left_in(held: Iterable[Membership], actions: Iterable[Action], challenges: Iterable[Challenge]) -> list[Left]:
    """Return all people who left, by name: `held` are an area's roles of people who can sign in, and these are its open
    actions and challenges. No query."""
    members = {each.user_id for each in held}
    owners = [action.owner for action in actions]
    # A chair answers escalated ones.
    answerers = [challenge.answerer for challenge in challenges if challenge.escalated_to_id is None]
    owned, asked = ([person for person in people if person.pk not in members] for people in (owners, answerers))
    work = (Counter(person.pk for person in owned), Counter(person.pk for person in asked))
    left = {person.pk: str(person) for person in (*owned, *asked)}
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
    asked = _open_challenges(area).filter(answerer=person)
    return asked.select_related(*THINGS, "area", "answerer").order_by("due_on", "number")


def _open_challenges(area: PartnershipArea) -> QuerySet[Challenge]:
    """Leave out escalated ones: a chair answers those."""
    return Challenge.objects.filter(area=area, escalated_to=None).exclude(
        state__in=sorted(state.value for state in CLOSED)
    )
