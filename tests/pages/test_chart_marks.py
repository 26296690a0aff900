"""Marks under an indicator's chart: which of them stand there, for whom, and that a kept page has today's."""

import re
from datetime import date
from html import unescape

import pytest
from django.test import Client

from actions.services.highlights import archive_highlight
from actions.services.plan import archive_action, complete_action
from boards.rules import Role
from core.calendar import Month
from core.models import User
from tests import planning, scenarios
from tests.factories import make_board
from tests.highlights import tell
from tests.integration.clock import Clock
from tests.scenarios import Town, make_town
from tests.standing import stand

pytestmark = pytest.mark.django_db
SEPTEMBER, OCTOBER = Month(2026, 9), Month(2026, 10)
PAGE = "/testford/indicators/arrests/"


def make_public_town() -> Town:
    town = make_town()
    for month in (SEPTEMBER, OCTOBER):
        scenarios.accept(town, month, {"arrests": 12, "charges": 9})
    scenarios.sweep()
    for month in (SEPTEMBER, OCTOBER):
        scenarios.publish(town, month)
    scenarios.publish_openly(town, OCTOBER)
    return town


made, town = stand(make_public_town)


def read(user: User | None, path: str = PAGE) -> str:
    client = Client()
    if user is not None:
        client.force_login(user)
    answer = client.get(path)
    assert answer.status_code == 200, answer.content.decode()
    return answer.content.decode()


def key_in(html: str) -> list[str]:
    """What the key says of each mark."""
    key = html.partition('class="vv-marks"')[2].partition("</ol>")[0]
    return [unescape(re.sub(r"<[^>]+>", "", one)) for one in re.findall(r"<li>(.*?)</li>", key)]


def numbers_in(html: str) -> list[str]:
    """The numbers under the axis of the picture."""
    row = html.partition("vv-chart__happened--roomy")[2].partition("</g>")[0]
    return re.findall(r"<text[^>]*>([^<]+)</text>", row)


def test_actions_and_highlights_are_numbered_under_the_axis_with_a_key(town: Town):
    planning.plan(town, starts_on=date(2026, 9, 2))
    told = tell(town, starts_on=date(2026, 10, 14))
    for who in (Role.BOARD_MEMBER, Role.AGENCY_LEAD, Role.STRATEGIC, Role.COORDINATOR):
        html = read(town.people[who])
        assert key_in(html) == [
            "Sep 2026. Action started: A1 Train all housing workers",
            "Oct 2026. Highlight: See the signs",
        ]
        assert numbers_in(html) == ["1", "2"]
        assert 'href="/testford/plan/1/"' in html
        assert f'href="/testford/highlights/{told.pk}/"' in html
        assert '"marks": [0, 1]' in html


def test_each_place_that_a_key_names_opens(town: Town):
    planning.plan(town, starts_on=date(2026, 9, 2))
    tell(town, starts_on=date(2026, 10, 14))
    member = town.people[Role.BOARD_MEMBER]
    key = read(member).partition('class="vv-marks"')[2].partition("</ol>")[0]
    addresses = re.findall(r'href="([^"#]+)"', key)
    assert len(addresses) == 2
    for address in addresses:
        read(member, address)


def test_nothing_of_another_board_indicator_or_area_is_there(town: Town):
    other = make_town("otherford")
    planning.plan(other, starts_on=date(2026, 9, 2))
    tell(other, starts_on=date(2026, 9, 14))
    tell(town, boards=(make_board(town.area, "sab"),), starts_on=date(2026, 9, 14))
    planning.unmeasured(town, starts_on=date(2026, 9, 2))
    html = read(town.coordinator)
    assert key_in(html) == []
    assert "vv-chart__happened" not in html
    assert '"marks": []' in html


def test_a_kept_page_has_what_is_there_now(town: Town):
    action = planning.plan(town, starts_on=date(2026, 9, 2))
    told = tell(town, starts_on=date(2026, 9, 14))
    member = town.people[Role.BOARD_MEMBER]
    assert len(key_in(read(member))) == 2
    archive_highlight(told, why="Told twice", by=town.coordinator)
    assert len(key_in(read(member))) == 1
    archive_action(action, why="Not needed", by=town.coordinator)
    assert key_in(read(member)) == []


def test_an_action_that_is_complete_is_finished_in_the_month_of_its_day(town: Town, monkeypatch: pytest.MonkeyPatch):
    action = planning.plan(town, starts_on=date(2026, 9, 2))
    Clock(monkeypatch)("2026-10-09")
    complete_action(action, by=town.coordinator, text="All are trained")
    assert key_in(read(town.coordinator)) == [
        "Sep 2026. Action started: A1 Train all housing workers",
        "Oct 2026. Action finished: A1 Train all housing workers",
    ]


def test_the_public_sees_no_mark_of_partners(town: Town):
    planning.plan(town, starts_on=date(2026, 9, 2))
    tell(town, starts_on=date(2026, 9, 14), title="Not for everyone")
    for path in ("/testford/public/2026-10/", "/testford/public/2026-10/lines/"):
        html = read(None, path)
        assert "vv-marks" not in html
        assert "vv-chart__happened" not in html
        assert "Train all housing workers" not in html
        assert "Not for everyone" not in html
