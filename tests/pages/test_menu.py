"""One menu and one month picker, on every page of an area: what each role finds there, and where it leads."""

import gzip
import re
from copy import deepcopy
from html import unescape

import pytest

from boards.models import Membership
from boards.rules import Role
from core.calendar import Month
from core.models import User
from tests import scenarios
from tests.factories import make_agency, make_member
from tests.scenarios import Town
from tests.visiting import signed_in

pytestmark = pytest.mark.django_db
AUGUST, SEPTEMBER, OCTOBER = Month(2026, 8), Month(2026, 9), Month(2026, 10)
ORDER = "Latest month, Returns, Indicators, KPIs, Actions, Challenges, Meetings, Packs, Public pages, Set-up, Audit log"
EVERYBODY = ["Latest month", "Indicators", "KPIs", "Actions", "Challenges", "Meetings"]
MENU = {
    Role.AGENCY_LEAD: ["Returns"],
    Role.AGENCY_APPROVER: ["Returns"],
    Role.AGENCY_CONTACT: ["Returns"],
    Role.BOARD_MEMBER: ["Packs"],
    Role.BOARD_CHAIR: ["Packs", "Returns"],
    Role.STRATEGIC: ["Packs", "Returns"],
    Role.ANALYST: ["Packs"],
    Role.INFORMATION: ["Packs", "Public pages", "Audit log"],
    Role.COORDINATOR: ["Packs", "Returns", "Public pages", "Set-up"],
}
LINK = re.compile(r'<a (?P<attributes>[^>]*)href="(?P<url>[^"]*)"(?P<more>[^>]*)>(?P<words>.*?)</a>', re.DOTALL)


@pytest.fixture(scope="module")
def made(standing) -> Town:
    """August and September are published, October is a draft."""

    def make() -> Town:
        town = scenarios.make_town()
        for month in (AUGUST, SEPTEMBER, OCTOBER):
            scenarios.accept(town, month, {"arrests": 12, "charges": 4})
        scenarios.sweep()
        scenarios.publish(town, AUGUST)
        scenarios.publish(town, SEPTEMBER)
        return town

    return standing(make)


@pytest.fixture
def town(made: Town) -> Town:
    return deepcopy(made)


def ask(user: User, path: str, *, status: int = 200) -> str:
    client = signed_in(user)
    answer = client.get(path)
    assert answer.status_code == status, path
    return answer.content.decode()


def part(page: str, begin: str, end: str = "</ul>") -> str:
    return page.partition(begin)[2].partition(end)[0]


def links(html: str) -> dict[str, str]:
    """Where each link leads, by its words."""
    found = LINK.finditer(html)
    return {unescape(re.sub(r"<[^>]+>", "", link["words"])).strip(): unescape(link["url"]) for link in found}


def menu(page: str) -> dict[str, str]:
    return links(part(page, '<ul class="vv-menu">', "<form"))


def current(page: str) -> dict[str, str]:
    """What of the menu is marked, and how."""
    found = re.findall(r'aria-current="(\w+)">([^<]+)</a>', part(page, '<ul class="vv-menu">', "<form"))
    return {words: how for how, words in found}


def picker(page: str) -> dict[str, str]:
    return links(part(page, '<ul class="vv-years">'))


def steps(page: str) -> dict[str, str]:
    """The month before and the month after."""
    found = re.findall(r'<a class="vv-step" rel="(\w+)" href="([^"]+)"', page)
    return {rel: unescape(url) for rel, url in found}


@pytest.mark.parametrize("role", MENU, ids=str)
def test_each_role_finds_the_pages_that_answer_it(town, role):
    user = town.people[role]

    offered = menu(ask(user, "/testford/plan/"))

    assert list(offered) == sorted(EVERYBODY + MENU[role], key=ORDER.split(", ").index)
    for label, url in offered.items():
        leads_on = label == "Returns" and role in {Role.COORDINATOR, Role.BOARD_CHAIR, Role.STRATEGIC}
        ask(user, url, status=302 if leads_on else 200)


def test_returns_lead_the_coordinator_to_the_month_that_is_open(town):
    client = signed_in(town.coordinator)

    assert client.get("/testford/returns/").headers["Location"] == "/testford/returns/2026-10/"


def test_an_agencys_people_find_every_return_of_theirs_and_no_other(town):
    sab = make_member(town.area, Role.AGENCY_LEAD, agency=make_agency(town.area, "nhs"))

    own, other = ask(town.lead, "/testford/returns/"), ask(sab, "/testford/returns/")

    urls = [f"/testford/returns/{month}/police/" for month in (OCTOBER, SEPTEMBER, AUGUST)]
    assert [url for url in links(own.partition("<main")[2]).values() if "/police/" in url] == urls
    assert "/police/" not in other
    assert "has no return to make" in other


@pytest.mark.parametrize(
    ("path", "under", "how"),
    [
        ("/testford/", "", ""),
        ("/testford/2026-09/", "Latest month", "page"),
        ("/testford/2026-08/", "Latest month", "true"),
        ("/testford/2026-09/csp/", "Latest month", "true"),
        ("/testford/2026-09/year/", "Latest month", "true"),
        ("/testford/changes/2026-09/", "Latest month", "true"),
        ("/testford/indicators/", "Indicators", "page"),
        ("/testford/indicators/arrests/", "Indicators", "true"),
        ("/testford/exports/", "Indicators", "true"),
        ("/testford/highlights/", "Actions", "true"),
        ("/testford/engagement/", "Actions", "true"),
        ("/testford/support/", "Challenges", "true"),
        ("/testford/sub-groups/", "Meetings", "true"),
        ("/testford/packs/make/", "Packs", "true"),
        ("/testford/returns/2026-10/", "Returns", "true"),
        ("/testford/publishing/2026-09/", "Public pages", "true"),
        ("/testford/setup/people/", "Set-up", "true"),
    ],
)
def test_the_menu_is_the_same_everywhere_and_says_where_one_is(town, path, under, how):
    page = ask(town.coordinator, path)

    assert menu(page) == menu(ask(town.coordinator, "/testford/plan/"))
    assert current(page) == ({under: how} if under else {})


@pytest.mark.parametrize(
    ("path", "status"),
    [("/testford/setup/", 403), ("/testford/2026-10/", 403), ("/testford/2020-01/", 404)],
)
def test_who_is_refused_finds_the_way_on(town, path, status):
    page = ask(town.people[Role.BOARD_MEMBER], path, status=status)

    assert list(menu(page)) == [*EVERYBODY, "Packs"]
    assert "2026-10" not in "".join(picker(page).values())


@pytest.mark.parametrize(
    ("path", "beside"),
    [
        ("/testford/2026-09/", "/testford/{}/"),
        ("/testford/2026-09/csp/", "/testford/{}/csp/"),
        ("/testford/2026-09/year/", "/testford/{}/year/"),
        ("/testford/changes/2026-09/", "/testford/changes/{}/"),
        ("/testford/returns/2026-09/", "/testford/returns/{}/"),
        ("/testford/publishing/2026-09/", "/testford/publishing/{}/"),
        ("/testford/indicators/?month=2026-09", "/testford/indicators/?month={}"),
        ("/testford/indicators/", "/testford/indicators/?month={}"),  # of the newest published month
        ("/testford/indicators/arrests/?month=2026-09&version=1", "/testford/indicators/arrests/?month={}"),
        ("/testford/plan/", "/testford/{}/"),
        ("/testford/challenges/", "/testford/{}/"),
        ("/testford/returns/2026-09/police/", "/testford/{}/"),  # another month's return is another paper
    ],
)
def test_the_picker_leads_to_the_same_page_of_another_month(town, path, beside):
    page = ask(town.coordinator, path)

    assert steps(page) == {"prev": beside.format(AUGUST), "next": beside.format(OCTOBER)}
    assert picker(page) == {
        "Oct 2026 draft": beside.format(OCTOBER),
        "Sep 2026": beside.format(SEPTEMBER),
        "Aug 2026": beside.format(AUGUST),
    }
    for url in picker(page).values():
        ask(town.coordinator, url)


def test_a_draft_is_for_its_readers_alone(town):
    page = ask(town.people[Role.BOARD_MEMBER], "/testford/2026-09/")

    assert list(picker(page)) == ["Sep 2026", "Aug 2026"]
    assert steps(page) == {"prev": "/testford/2026-08/"}


def test_no_area_has_the_months_of_another(town):
    other = scenarios.make_town("otherton")
    scenarios.accept(other, Month(2025, 5), {"arrests": 1, "charges": 1})
    scenarios.sweep()
    scenarios.publish(other, Month(2025, 5))
    both = make_member(other.area, Role.STRATEGIC)
    Membership.objects.create(user=both, area=town.area, role=Role.STRATEGIC.value)

    assert list(picker(ask(both, "/otherton/plan/"))) == ["May 2025"]
    assert list(picker(ask(both, "/testford/plan/"))) == ["Oct 2026 draft", "Sep 2026", "Aug 2026"]


def test_before_the_first_month_there_is_none_to_pick(db):
    town = scenarios.make_town("newton")

    page = ask(town.people[Role.BOARD_MEMBER], "/newton/plan/")

    assert list(menu(page)) == ["Actions", "Meetings"]  # the other pages are about months
    assert "vv-years" not in page


def test_a_decade_of_months_weighs_little(town):
    """What it adds to a page as it travels."""
    few = ask(town.coordinator, "/testford/plan/")
    first = Month(2016, 1)
    for offset in range(116):
        scenarios.open_month(town, first + offset)

    many = ask(town.coordinator, "/testford/plan/")

    assert len(picker(many)) == 119
    assert len(gzip.compress(many.encode())) - len(gzip.compress(few.encode())) < 2_500


def test_an_indicator_opened_from_a_month_leads_back_to_it(town):
    page = ask(town.people[Role.BOARD_MEMBER], "/testford/indicators/arrests/?month=2026-08")

    assert "Arrests, August 2026" in page
    assert links(part(page, '<nav aria-label="Back">', "</nav>")) == {"August 2026": "/testford/2026-08/"}
    assert "September 2026, the newest published month" in page
    assert "?month=2026-08&amp;chart=nhs" in page
    assert 'figures.csv?month=2026-08"' in page


@pytest.mark.parametrize(
    ("asked", "sentence"),
    [
        ("month=May", "“May” is not a month: write it as 2026-10."),
        ("month=2020-01", "Testford has no figures for January 2020"),
        ("month=2026-09&version=7", "September 2026 has no version “7”."),
        ("month=2026-09&version=<b>", "September 2026 has no version “&lt;b&gt;”."),
    ],
)
def test_a_month_that_is_none_gets_a_sentence(town, asked, sentence):
    assert sentence in ask(town.coordinator, f"/testford/indicators/arrests/?{asked}", status=404)


@pytest.mark.parametrize("path", ["/testford/indicators/?month=2026-10", "/testford/indicators/arrests/?month=2026-10"])
def test_a_draft_of_an_indicator_is_for_its_readers_alone(town, path):
    assert "October 2026 is not published yet." in ask(town.people[Role.BOARD_MEMBER], path, status=403)
    assert "Draft" in ask(town.people[Role.ANALYST], path)
