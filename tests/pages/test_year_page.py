"""The partners' two years at a glance: who reads which months, what a row holds, and what it costs."""

import re

import pytest

from boards.models import ReportingPeriod
from boards.rules import Role
from core.calendar import Month
from indicators.figures import Entry
from indicators.models import Indicator
from indicators.services.corrections import accept_correction, ask_correction
from reporting.months.services import publish_corrections
from tests import scenarios
from tests.scenarios import Town
from tests.visiting import signed_in

pytestmark = pytest.mark.django_db
SEPTEMBER, OCTOBER = Month(2026, 9), Month(2026, 10)
YEAR = "/testford/2026-10/year/"


def read(town: Town, role: Role, path: str = YEAR, *, status: int = 200) -> str:
    client = signed_in(town.people[role])
    response = client.get(path)
    assert response.status_code == status, path
    return response.content.decode()


def cells(html: str, title: str) -> list[str]:
    """What the cells of a row say to those who listen."""
    row = html[html.index(f">{title}</a></th>") :]
    return re.findall(r'hidden">([^<]+)</span></td>', row[: row.index("</tr>")])


def test_a_member_reads_published_months_and_no_draft(town):
    scenarios.accept(town, SEPTEMBER, {"arrests": 9, "charges": None})
    scenarios.publish(town, SEPTEMBER)
    scenarios.accept(town, OCTOBER, {"arrests": 12, "charges": 3})
    scenarios.sweep()
    html = read(town, Role.BOARD_MEMBER, "/testford/2026-09/year/")
    assert cells(html, "Arrests") == ["September 2026: 9, too early to tell"]
    assert cells(html, "Charges") == ["September 2026: not available"]
    assert "is not published yet" in read(town, Role.BOARD_MEMBER, status=403)
    draft = read(town, Role.STRATEGIC)
    assert "This is a draft." in draft
    assert cells(draft, "Arrests")[-1] == "October 2026: 12, too early to tell"
    read(town, Role.STRATEGIC, "/testford/2026-12/year/", status=404)


def test_a_row_is_one_tab_stop_and_shows_its_figures(town):
    scenarios.accept(town, OCTOBER, {"arrests": 12, "charges": 3})
    scenarios.publish(town, OCTOBER)
    html = read(town, Role.BOARD_MEMBER)
    rows = re.findall(r'<tr class="vv-year__row">.*?</tr>', html, re.S)
    assert [row.count("<a ") for row in rows] == [1, 1]
    assert [re.findall(r"vv-year__figure[^>]*>([^<]*)<", row) for row in rows] == [["12"], ["3"]]


def test_an_earlier_version_stays_as_it_was(town):
    scenarios.accept(town, OCTOBER, {"arrests": 12, "charges": 3})
    scenarios.publish(town, OCTOBER)
    period = ReportingPeriod.objects.select_related("area").get(area=town.area, starts_on=OCTOBER.first_day)
    arrests = Indicator.objects.get(code="arrests")
    asked = ask_correction(arrests, None, period, entry=Entry("10"), reason="Counted twice", by=town.lead)
    accept_correction(asked, by=town.coordinator)
    scenarios.sweep()
    publish_corrections(town.area, by=town.coordinator)
    newest, first = (read(town, Role.BOARD_MEMBER, YEAR + query) for query in ("", "?version=1"))
    assert cells(newest, "Arrests") == ["October 2026: 10 [r], too early to tell"]
    assert cells(first, "Arrests") == ["October 2026: 12, too early to tell"]
    assert 'href="/testford/2026-10/?version=1">October 2026</a>' in first
    assert "This is version 1, which is superseded." in first
    assert "superseded" not in newest
    read(town, Role.BOARD_MEMBER, f"{YEAR}?version=3", status=404)
