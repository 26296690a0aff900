"""Publishing decides what board members see: no figure of a month that isn't published reaches them."""

import pytest

from boards.rules import Role
from boards.services.months import close_month
from core.calendar import Month
from core.labels import TransitionRefused
from reporting.months.services import publish_month
from tests import scenarios
from tests.visiting import signed_in

SEPTEMBER = Month(2026, 9)


def test_a_month_is_not_published_before_the_one_before_it(town):
    """October's arrows would tell September's figures, which nobody has decided to show."""
    scenarios.accept(town, SEPTEMBER, {"arrests": 3141, "charges": 2})
    scenarios.accept(town, SEPTEMBER.next, {"arrests": 3143, "charges": 2})
    october = close_month(scenarios.open_month(town, SEPTEMBER.next), by=town.coordinator, missing=[], why="Early")
    with pytest.raises(TransitionRefused, match="Publish September 2026 first: October 2026 shows those figures too"):
        publish_month(october, why="Early", by=town.coordinator)
    member = signed_in(town.people[Role.BOARD_MEMBER])
    assert member.get("/testford/2026-10/").status_code == 403

    scenarios.publish(town, SEPTEMBER)
    publish_month(october, why="Early", by=town.coordinator)
    assert "Up 2 since September" in member.get("/testford/2026-10/").content.decode()


def test_the_coordinator_reads_why(town):
    scenarios.accept(town, SEPTEMBER, {"arrests": 3, "charges": 2})
    close_month(scenarios.open_month(town, SEPTEMBER.next), by=town.coordinator, missing=["Police"], why="Early")
    coordinator = signed_in(town.coordinator)
    page = coordinator.post("/testford/months/2026-10/publish/", follow=True).content.decode()
    assert "Publish September 2026 first" in page
