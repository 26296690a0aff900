"""What does a run start with? Towns with a published month, people in their roles, and a key for a system."""

import contextlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta

from django.conf import settings
from django.test import Client
from django.utils import timezone

from bench.faults.plans import FIRST_MONTH, MOST_MONTHS, Step, count_towns
from boards.key_secrets import Scope
from boards.rules import Role
from core.calendar import Month
from core.models import User
from tests import planning, scenarios
from tests.factories import make_agency, make_indicator, make_member
from tests.keys import give_key

PUBLISHED = FIRST_MONTH.previous
ACTIONS = 3  # of each town's plan
LONG_AGO = timedelta(days=40)  # when the month was published: nobody gets an email about it any more
MEMBERS = 6  # of the board, besides the one that every town has


@dataclass(frozen=True)
class Answerer:
    """A member of the board whom people can ask."""

    email: str
    choice: str  # as a form has it: "board-3-17"
    session: str


@dataclass(frozen=True)
class Place:
    """A town, as people's browsers know it."""

    slug: str
    secret: str  # of the council's key
    lead: str  # sessions
    coordinator: str
    strategic: str
    member: str
    answerers: Sequence[Answerer]


def make_places(plan: Sequence[Step]) -> list[Place]:
    """Make every town of the plan, with the months in which its people report."""
    opened = dict.fromkeys(range(count_towns(len(plan))), PUBLISHED)
    for step in plan:
        for act in step.acts:
            if act.kind in ("report", "figures by key", "file by key"):
                opened[act.town] = max(opened[act.town], FIRST_MONTH + act.slot)
    with clock_moved(-LONG_AGO):
        towns = [make_town(f"town-{number + 1}", last) for number, last in opened.items()]
    return [make_place(town, secret) for town, secret in towns]


@contextlib.contextmanager
def clock_moved(by: timedelta) -> Iterator[None]:
    now = timezone.now
    timezone.now = lambda: now() + by
    try:
        yield
    finally:
        timezone.now = now


def make_town(slug: str, last: Month) -> tuple[scenarios.Town, str]:
    """Make a town. Return it, and the secret of the council's key."""
    town = scenarios.make_town(slug)
    scenarios.accept(town, PUBLISHED, {"arrests": 9, "charges": 4})
    scenarios.publish(town, PUBLISHED)
    council = make_agency(town.area, "council")
    make_indicator(council, "visits", boards=(town.csp,), position=2)
    leads = make_member(town.area, Role.AGENCY_LEAD, agency=council, email=f"council@{slug}.example")
    for number in range(MOST_MONTHS):
        if (month := FIRST_MONTH + number) <= last:
            scenarios.open_month(town, month)
    for number in range(ACTIONS):
        planning.plan(town, title=f"Train housing workers, part {number + 1}")
    _, secret = give_key(town, leads, agency=council, scopes=list(Scope), name="System")
    return town, secret


def make_place(town: scenarios.Town, secret: str) -> Place:
    slug = town.area.slug
    members = [
        make_member(town.area, Role.BOARD_MEMBER, board=town.csp, email=f"member-{number}@{slug}.example")
        for number in range(MEMBERS)
    ]
    return Place(
        slug,
        secret,
        lead=sign_in(town.lead),
        coordinator=sign_in(town.coordinator),
        strategic=sign_in(town.people[Role.STRATEGIC]),
        member=sign_in(town.people[Role.BOARD_MEMBER]),
        answerers=[Answerer(each.email, f"board-{town.csp.pk}-{each.pk}", sign_in(each)) for each in members],
    )


def sign_in(person: User) -> str:
    client = Client()
    client.force_login(person)
    return str(client.cookies[settings.SESSION_COOKIE_NAME].value)
