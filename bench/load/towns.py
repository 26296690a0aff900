"""What is there before the day begins? A nation's areas with published and public months, plans and packs, and people
in their roles, who are signed in."""

import itertools
import os
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.core.management import call_command
from django.urls import reverse
from django.utils import timezone

from actions.models import Action
from bench.faults.towns import clock_moved
from bench.load.day import COORDINATOR, LEAD, MEMBER, Area, Person, make_host
from boards.models import Agency, Board, Membership, PartnershipArea, ReportingPeriod
from boards.rules import Role
from core.calendar import Month
from core.identity.sessions import SessionStore
from core.models import User
from indicators.models import Indicator
from indicators.selectors.returns import list_boxes
from reporting.models import IssuedPack
from reporting.months.services import publish_month
from tests import planning, scenarios
from tests.factories import make_member

PASSWORD = "a-password-of-a-working-day"
ACTIONS, INDICATORS, MONTHS_READ = 8, 12, 3
EARLIER = timedelta(hours=2)  # past the time in which a published month can be taken back
# Of ten people of an area. There is one coordinator at least, and who is left leads a return.
PARTS = (COORDINATOR, MEMBER, MEMBER, MEMBER, LEAD, LEAD, LEAD, LEAD, LEAD, LEAD)


def make_day(*, areas: int, months: int, people: int, seed: int) -> dict[str, Any]:
    """Make it all. Return the plan for the clients (clients.py), without where the site is."""
    with clock_moved(-EARLIER), open(os.devnull, "w", encoding="utf-8") as nowhere:
        call_command("make_national", areas=areas, months=months, seed=seed, stdout=nowhere)
    with clock_moved(-EARLIER / 2):
        towns = [make_town(area) for area in PartnershipArea.objects.order_by("pk")]
    made = [describe(town) for town in towns]
    persons = list(make_people(towns, people))
    boxes = {path: held for _, each in made for path, held in each.items()}
    return {
        "areas": [asdict(area) for area, _ in made],
        "boxes": boxes,
        "people": [{name: value for name, value in vars(person).items() if name != "chance"} for person in persons],
        "password": PASSWORD,
    }


def make_town(area: PartnershipArea) -> scenarios.Town:
    """Publish every closed month, the newest one to everybody, with a plan and a pack."""
    boards = Board.objects.filter(area=area, pk__in=Indicator.objects.filter(area=area).values("boards"))
    board = boards.order_by("pk")[0]
    coordinator = User.objects.get(memberships__area=area, memberships__role=Role.COORDINATOR.value)
    town = scenarios.Town(area, Agency.objects.filter(area=area).order_by("pk")[0], board)
    town.people = {
        Role.COORDINATOR: coordinator,
        Role.INFORMATION: make_member(area, Role.INFORMATION, email=f"information@{area.slug}.example"),
        Role.BOARD_MEMBER: make_member(area, Role.BOARD_MEMBER, board=board, email=f"owner@{area.slug}.example"),
    }
    closed = ReportingPeriod.objects.filter(area=area, status="closed").order_by("starts_on")
    with clock_moved(-EARLIER / 2):
        for period in closed:
            publish_month(period, why=scenarios.EARLY, by=coordinator)
    scenarios.publish_openly(town, newest(area))
    measure = Indicator.objects.filter(area=area).order_by("pk").first()
    for number in range(ACTIONS):
        planning.plan(town, title=f"Train housing workers, part {number + 1}", measure=measure)
    scenarios.issue(town, newest(area))
    return town


def newest(area: PartnershipArea) -> Month:
    """Return the newest published month."""
    return newest_months(area)[0]


def newest_months(area: PartnershipArea) -> list[Month]:
    published = ReportingPeriod.objects.filter(area=area, status="published").order_by("-starts_on")
    return [period.month for period in published[:MONTHS_READ]]


def describe(town: scenarios.Town) -> tuple[Area, dict[str, list[str]]]:
    """Return the addresses of a town, and the boxes of each of its returns."""
    area, slug, month = town.area, town.area.slug, newest(town.area)
    opened = ReportingPeriod.objects.filter(area=area, status="open").order_by("-starts_on")[0].month
    codes = list(Indicator.objects.filter(area=area).order_by("pk").values_list("code", flat=True)[:INDICATORS])
    pack = IssuedPack.objects.get(period__area=area)
    pages = {
        "home": [reverse("reporting:area-home", args=[slug])],
        "month": [reverse("reporting:month-view", args=[slug, each]) for each in newest_months(area)],
        "board": [reverse("reporting:board-view", args=[slug, month, town.csp.code])],
        "indicator": [reverse("reporting:indicator-view", args=[slug, code]) for code in codes],
        "plan": [reverse("actions:plan", args=[slug])],
        "action": [action.get_absolute_url() for action in Action.objects.filter(area=area).select_related("area")],
        "public": [
            reverse("reporting:public-list", args=[slug]),
            reverse("reporting:public-month", args=[slug, month]),
            reverse("reporting:public-lines", args=[slug, month]),
        ],
        "file": [reverse(f"reporting:month-{kind}", args=[slug, month]) for kind in ("csv", "json", "xlsx")],
        "pack": [reverse("reporting:pack-pdf", args=[slug, pack.reference])],
    }
    boxes, returns = {}, {}
    for agency in Agency.objects.filter(area=area):
        if asked := list_boxes(agency, opened):
            path = reverse("indicators:return-edit", args=[slug, opened, agency.code])
            returns[agency.code], boxes[path] = path, [f"{box.name}:value" for box in asked]
    return Area(slug, pages, returns), boxes


def make_people(towns: Sequence[scenarios.Town], count: int) -> Iterator[Person]:
    """Make so many people, with the same password, and sign them in."""
    one = User(email="one@vvdash.example")
    one.set_password(PASSWORD)
    agencies = {town.area.pk: itertools.cycle(list_reporting(town)) for town in towns}
    users, members, persons = [], [], []
    for number in range(count):
        index = number % len(towns)
        town, part = towns[index], PARTS[number // len(towns) % len(PARTS)]
        user = User(email=f"person-{number}@{town.area.slug}.example", name=f"Person {number}", password=one.password)
        agency = next(agencies[town.area.pk]) if part == LEAD else None
        role = {LEAD: Role.AGENCY_LEAD, COORDINATOR: Role.COORDINATOR, MEMBER: Role.BOARD_MEMBER}[part]
        board = town.csp if part == MEMBER else None
        users.append(user)
        members.append(Membership(user=user, area=town.area, role=role.value, agency=agency, board=board))
        code = agency.code if agency else ""
        persons.append(Person(number, index, part, code, user.email, "", make_host(number)))
    User.objects.bulk_create(users, batch_size=2_000)
    Membership.objects.bulk_create(members, batch_size=2_000)
    for user, person in zip(users, persons, strict=True):
        person.session = sign_in(user)
        yield person


def list_reporting(town: scenarios.Town) -> list[Agency]:
    opened = ReportingPeriod.objects.filter(area=town.area, status="open").order_by("-starts_on")[0].month
    return [agency for agency in Agency.objects.filter(area=town.area) if list_boxes(agency, opened)]


def sign_in(user: User) -> str:
    """A session, as the sign-in page makes one. The page itself is tried by a few."""
    session = SessionStore()
    session[SESSION_KEY] = str(user.pk)
    session[BACKEND_SESSION_KEY] = settings.AUTHENTICATION_BACKENDS[0]
    session[HASH_SESSION_KEY] = user.get_session_auth_hash()
    session.save()
    return str(session.session_key)


def busy_sweep() -> int:
    """Every area has a month whose figures have changed. Return how many."""
    opened = ReportingPeriod.objects.filter(status="open")
    return opened.update(stale_since=timezone.now())
