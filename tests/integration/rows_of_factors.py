"""Requests to reset a second factor, and how each constraint of their kind is violated."""

from collections.abc import Callable

from django.utils import timezone

from boards.models import FactorReset, Membership
from boards.rules import Role
from boards.services.factors import ask_reset, confirm_reset, refuse_reset
from tests.factors import give_app
from tests.integration.rows import twice
from tests.scenarios import Town

NOW = timezone.now()


def leave_resets(town: Town) -> None:
    """One that was confirmed, one that was refused, and one that waits."""
    officer, person = town.people[Role.INFORMATION], town.people[Role.ANALYST]
    held = Membership.objects.get(user=person)
    for decide in (confirm_reset, refuse_reset):
        give_app(person)
        decide(ask_reset(held, why="A stolen phone", by=town.coordinator), by=officer)
    ask_reset(held, why="A stolen phone", by=town.coordinator)


WAITING = FactorReset.objects.undecided()
CONFIRMED = FactorReset.objects.filter(confirmed_at__isnull=False)
FACTOR_CASES: list[tuple[str, Callable[[Town], object]]] = [
    ("factor_reset_says_why", lambda town: WAITING.update(why="")),
    ("factor_reset_asked_by_another", lambda town: WAITING.update(asked_by=town.people[Role.ANALYST])),
    ("factor_reset_confirmed_at_by", lambda town: WAITING.update(confirmed_at=NOW)),
    ("factor_reset_confirmed_at_by", lambda town: WAITING.update(confirmed_by=town.people[Role.INFORMATION])),
    ("factor_reset_refused_at_by", lambda town: WAITING.update(refused_at=NOW)),
    ("factor_reset_refused_at_by", lambda town: WAITING.update(refused_by=town.coordinator)),
    ("factor_reset_decided_once", lambda town: CONFIRMED.update(refused_at=NOW, refused_by=town.coordinator)),
    (
        "factor_reset_confirmed_by_another",
        lambda town: WAITING.update(confirmed_at=NOW, confirmed_by=town.coordinator),
    ),
    (
        "factor_reset_confirmed_by_another",
        lambda town: WAITING.update(confirmed_at=NOW, confirmed_by=town.people[Role.ANALYST]),
    ),
    ("one_factor_reset_a_person", lambda town: twice(WAITING)),
]
