"""What an area's lock holds up, and what it doesn't: rows that only point at the area."""

import re
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from django.core.exceptions import ValidationError
from django.db import connection

from actions.models import Challenge
from actions.services.plan import archive_action
from boards.models import ReportingPeriod
from boards.rules import Role
from boards.services.keys import turn_keys
from boards.services.months import ensure_month
from core.calendar import Month
from indicators.disclosure import Audience, Marking
from indicators.services.disclosure import mark_month
from reporting.public.services import turn_public_pages
from tests import scenarios
from tests.challenging import ask
from tests.integration.test_challenges_at_once import waits
from tests.integration.test_rollup_at_once import SOON, half_done, on_its_own
from tests.planning import plan
from tests.scenarios import Town, make_town

pytestmark = pytest.mark.both_databases

OCTOBER, NOVEMBER = Month(2026, 10), Month(2026, 11)
ONE_WRITER = pytest.mark.skipif(connection.vendor == "sqlite", reason="SQLite has one writer, whatever it writes")


@pytest.fixture
def town(shared_database: str) -> Town:
    """October is published."""
    town = make_town()
    scenarios.accept(town, OCTOBER, {"arrests": 12, "charges": 4})
    scenarios.publish(town, OCTOBER)
    return town


def issue(town: Town) -> None:
    scenarios.issue(town, OCTOBER)


def mark(town: Town) -> None:
    period = scenarios.open_month(town, OCTOBER)
    officer = town.people[Role.INFORMATION]
    mark_month(period, audience=Audience.PARTNERS, marking=Marking.OFFICIAL, why="Agreed", by=officer)


def turn_pages_on(town: Town) -> None:
    turn_public_pages(town.area, on=True, by=town.coordinator)


def turn_keys_on(town: Town) -> None:
    turn_keys(town.area, on=True, by=town.coordinator)


@ONE_WRITER
@pytest.mark.parametrize("act", [turn_pages_on, turn_keys_on, issue, mark])
def test_a_month_opens_meanwhile(town: Town, others: ThreadPoolExecutor, act: Callable[[Town], None]):
    """… as an import opens it."""
    with half_done(others, lambda: act(town)):
        opened = others.submit(on_its_own(lambda: ensure_month(town.area, NOVEMBER, by=town.coordinator)))
        opened.result(SOON)
    assert ReportingPeriod.objects.filter(area=town.area, starts_on=NOVEMBER.first_day).exists()


def test_no_lock_on_an_area_or_a_region_holds_up_rows_that_point_at_it():
    """… or somebody's page waits, and two could wait for each other."""
    held = re.compile(r"(?:PartnershipArea|Region)\.objects\.select_for_update\((.*?)\)")
    found = [
        (path, options)
        for app in ("boards", "indicators", "actions", "reporting")
        for path in Path(app).rglob("*.py")
        for options in held.findall(path.read_text("utf-8"))
    ]
    assert len(found) >= 8
    assert [path for path, options in found if "no_key=True" not in options] == []


def test_nobody_asks_about_an_action_that_is_being_archived(town: Town, others: ThreadPoolExecutor):
    action = plan(town)
    with half_done(others, lambda: archive_action(action, why="Not ours", by=town.coordinator)):
        asked = waits(others, lambda: ask(town, action=action))
    with pytest.raises(ValidationError, match="A1 is archived"):
        asked.result(SOON)
    assert not Challenge.objects.exists()
