"""What stands out leads a month's page, with what is being done about it: for each reader what they may read of it."""

import re
from datetime import timedelta
from html import unescape

import pytest
from django.utils import timezone

from actions.services.challenges import withdraw
from boards.models import ReportingPeriod
from boards.rules import Role
from core.calendar import Month
from indicators.models import Indicator
from reporting.charts.pictures import draw_code
from tests import scenarios
from tests.challenging import ask
from tests.factories import make_agency, make_member
from tests.pages.test_month_pages import visit
from tests.planning import plan
from tests.publishing import publish_months
from tests.scenarios import Town
from tests.standing import stand

pytestmark = pytest.mark.django_db
OCTOBER = Month(2026, 10)
PAGE = "/testford/2026-10/"
C1 = '<span class="govuk-visually-hidden">Challenge </span>C1</a>'


def make_alarmed_town() -> Town:
    """A town whose October stands out."""
    town = scenarios.make_town()
    arrests = [*(10 + place % 3 for place in range(13)), 40]
    publish_months(town, OCTOBER + -13, {"arrests": arrests, "charges": [3] * 14})
    return town


made, alarmed = stand(make_alarmed_town)


def ask_about_arrests(town: Town):
    indicator = Indicator.objects.get(area=town.area, code="arrests")
    return ask(town, indicator=indicator, period=ReportingPeriod.objects.get(area=town.area, starts_on="2026-10-01"))


def read(person, page: str = PAGE) -> str:
    html, _ = visit(person, page)
    return html


def test_the_page_leads_with_it_and_says_that_nothing_is_done(alarmed):
    html = read(alarmed.people[Role.BOARD_MEMBER])
    assert "What stands out: 1 of 2 figures" in html
    assert html.index("vv-stands__list") < html.index('<li class="vv-figure')
    assert "No action aims to change it." in html


def test_a_kept_page_changes_with_actions_and_challenges(alarmed):
    """Nobody has touched the month, so the rest of the page is as it was kept."""
    member = alarmed.people[Role.BOARD_MEMBER]
    assert "A1 Train all housing workers" not in read(member)
    plan(alarmed)
    html = read(member)
    assert "A1 Train all housing workers</a> <span>" in html
    assert f'<p class="vv-stands__doing"><span class="govuk-visually-hidden">Owner: </span>{member}. </p>' in html
    challenge = ask_about_arrests(alarmed)
    assert f"{C1}: answer due" in read(member)
    withdraw(challenge, why="Asked by mistake", by=alarmed.people[Role.STRATEGIC])
    assert C1 not in read(member)


def test_what_is_kept_for_one_reader_tells_another_nothing(alarmed):
    ask_about_arrests(alarmed)
    stranger = make_member(alarmed.area, Role.AGENCY_LEAD, agency=make_agency(alarmed.area, "nhs"))
    group, member = alarmed.people[Role.STRATEGIC], alarmed.people[Role.BOARD_MEMBER]
    for _ in range(2):  # the second time each is shown what was kept
        assert C1 in read(group)
        assert C1 in read(member)
        assert C1 not in read(stranger)


def test_who_may_ask_finds_where_and_the_form_knows_about_what(alarmed):
    link = "/testford/challenges/raise/?month=2026-10&amp;indicator=arrests"
    assert link in read(alarmed.people[Role.STRATEGIC])
    assert link not in read(alarmed.people[Role.BOARD_MEMBER])
    form = read(alarmed.people[Role.STRATEGIC], link.replace("&amp;", "&"))
    assert "Arrests, October 2026" in form


def test_the_wall_has_the_same_figures_and_no_menu(alarmed):
    member = alarmed.people[Role.BOARD_MEMBER]
    wall = read(member, f"{PAGE}present/")
    assert "What stands out: 1 of 2 figures" in wall
    assert wall.count('<li class="vv-figure') == 2
    assert 'aria-label="Main"' not in wall
    assert '<a href="/testford/2026-10/present/?chart=arrests" data-key="1">' in wall
    chart = read(member, f"{PAGE}present/?chart=arrests")
    assert 'class="vv-chart__picture"' in chart


def test_an_indicator_on_the_wall_leads_to_itself_on_a_phone(alarmed, client):
    """By a QR code and a short address, after sign-in."""
    strategic = alarmed.people[Role.STRATEGIC]
    chart = read(strategic, f"{PAGE}present/?chart=arrests")
    short = "/testford/i/arrests/2026-10/"
    assert f"<strong>localhost:8000{short}</strong>" in chart
    assert f'aria-label="QR code of localhost:8000{short}"' in chart
    assert client.get(short).url == f"/account/login/?next={short}"
    client.force_login(strategic)
    assert client.get(short).url == "/testford/indicators/arrests/?month=2026-10"


def test_the_code_is_read_as_the_address_that_is_typed():
    code = draw_code("https://vv.example/testford/i/arrests/2026-10/")
    assert code.address == "vv.example/testford/i/arrests/2026-10/"
    dots = {(int(x), int(y)) for x, y in re.findall(r"M(\d+) (\d+)h1", code.svg)}
    corner = {(x, y) for x in range(4, 11) for y in range(4, 11) if x in (4, 10) or y in (4, 10)}
    assert corner <= dots  # the frame of a corner, four dots from the edge
    assert min(x for x, _ in dots) == 4


def test_after_the_charts_the_wall_has_the_plan_and_the_challenges(alarmed):
    """What is red, amber or overdue, and what is open; the board's own part on its own wall."""
    strategic, today = alarmed.people[Role.STRATEGIC], timezone.localdate()
    begun = today - timedelta(days=60)
    late = plan(alarmed, title="Train the doctors", starts_on=begun, due_on=today - timedelta(days=3))
    plan(alarmed, title="Light the park", starts_on=begun, due_on=today + timedelta(days=90))
    asked = ask(alarmed, action=late)
    assert 'data-key="p">P: plan and challenges</a>' in read(strategic, f"{PAGE}present/?chart=arrests")
    wall = read(strategic, f"{PAGE}present/?show=plan")
    assert "A1 Train the doctors" in wall
    assert "Overdue by 3 days" in wall
    assert "Light the park" not in wall
    assert "/testford/meeting-notes/add/?kind=challenge&amp;month=2026-10&amp;action=1" in wall
    assert f"C1 {asked.question}" in unescape(wall)
    other = read(alarmed.lead, f"{PAGE}present/?show=plan")
    assert "/testford/meeting-notes/" not in other


def test_a_chart_that_there_is_none_of_is_not_found(alarmed, client):
    client.force_login(alarmed.people[Role.BOARD_MEMBER])
    answer = client.get(f"{PAGE}present/?chart=%00nope")
    assert answer.status_code == 404
    assert "has no indicator" in answer.content.decode()
