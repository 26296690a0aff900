"""What was just published is taken back, and nothing else tells of it meanwhile."""

from datetime import timedelta

import pytest

from core.calendar import Month
from core.labels import TransitionRefused
from indicators.trend import CellState
from reporting.months.services import list_fresh, take_back
from reporting.public.services import ask_consent, turn_public_pages
from tests.integration.clock import clock_at
from tests.integration.rows_of_withdrawals import GRACE, publish_fresh
from tests.scenarios import Town, accept, issue, publish

pytestmark = pytest.mark.django_db
SEPTEMBER, OCTOBER = Month(2026, 9), Month(2026, 10)


at = clock_at("2026-11-20")


def seen(town: Town) -> list[int]:
    return [snapshot.pk for snapshot in list_fresh(town.area)]


def test_taken_back_twice_says_so(town, at):
    publish_fresh(town, OCTOBER)
    keys = seen(town)
    take_back(town.area, seen=keys, why="The wrong month", by=town.coordinator)
    with pytest.raises(TransitionRefused, match="October 2026 has already been taken back"):
        take_back(town.area, seen=keys, why="The wrong month", by=town.coordinator)


def test_nothing_else_tells_of_it_until_it_settles(town, at, settings):
    settings.PUBLICATION_GRACE = timedelta(0)
    accept(town, SEPTEMBER, {"arrests": 12, "charges": 6})
    publish(town, SEPTEMBER)
    settings.PUBLICATION_GRACE = GRACE
    turn_public_pages(town.area, on=True, by=town.coordinator)
    accept(town, OCTOBER, {"arrests": 12, "charges": CellState.AWAITED})
    publish_fresh(town, OCTOBER)
    period = town.area.periods.select_related("area").get(starts_on=OCTOBER.first_day)
    wait = "October 2026 can be taken back until 10:15"
    with pytest.raises(TransitionRefused, match=f"{wait}. Its public editions must wait until then"):
        ask_consent(period, by=town.coordinator)
    with pytest.raises(TransitionRefused, match=f"{wait}. Packs for it must wait until then"):
        issue(town, OCTOBER)
    at("2026-11-20 10:15")
    ask_consent(period, by=town.coordinator)
    issue(town, OCTOBER)
