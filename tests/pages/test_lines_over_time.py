"""Where lines came from, month by month: who reads what of it, in which version, and what the public sees."""

import re
from collections.abc import Mapping
from html import unescape

import pytest
from django.conf import settings
from django.test import Client

from boards.models import ReportingPeriod
from boards.rules import Role
from core.calendar import Month
from core.models import AuditEvent, User
from indicators.figures import Entry
from indicators.models import Category, Indicator
from indicators.services.corrections import accept_correction, ask_correction
from reporting.months.services import publish_corrections
from reporting.public.services import turn_public_pages
from tests import scenarios
from tests.factories import make_dimension, make_indicator
from tests.scenarios import Town, make_town
from tests.standing import stand
from tests.visiting import signed_in

pytestmark = pytest.mark.django_db
AUGUST, SEPTEMBER, OCTOBER, NOVEMBER = (Month(2026, number) for number in (8, 9, 10, 11))
PAGE = "/testford/2026-10/lines/"
PLACES = {"london": (-0.128, 51.507), "leeds": (-1.549, 53.801), "hull": (-0.33, 53.7)}
COUNTS = {AUGUST: (4, 40, 6), SEPTEMBER: (7, 20, None), OCTOBER: (1, 10, 6), NOVEMBER: (2, 80, 9)}


def make_mapped_town(slug: str = "testford", counts: Mapping[Month, tuple[int | None, ...]] = COUNTS) -> Town:
    """August to October are published, and October is public; November is a draft."""
    town = make_town(slug)
    town.area.longitude, town.area.latitude = 1.1, 51.85
    town.area.save()
    origins = make_dimension(town.area, "origin", list(PLACES))
    for code, (longitude, latitude) in PLACES.items():
        Category.objects.filter(dimension=origins, code=code).update(longitude=longitude, latitude=latitude)
    make_indicator(town.police, "lines", dimension=origins, boards=(town.csp,), position=2)
    for month, of_month in counts.items():
        figures = {f"lines.{code}": count for code, count in zip(PLACES, of_month, strict=True)}
        scenarios.accept(town, month, {"arrests": 1, "charges": 1} | figures)
    scenarios.sweep()
    for month in (AUGUST, SEPTEMBER, OCTOBER):
        scenarios.publish(town, month)
    scenarios.publish_openly(town, OCTOBER)
    return town


made, town = stand(make_mapped_town)


def ask(user: User | None, path: str = PAGE):
    client = Client()
    if user is not None:
        client.force_login(user)
    return client.get(path)


def read(user: User | None, path: str = PAGE, status: int = 200) -> str:
    answer = ask(user, path)
    assert answer.status_code == status, answer.content.decode()
    return answer.content.decode()


def words_in(html: str) -> str:
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", html)).split())


def table_in(html: str) -> list[list[str]]:
    """The rows of the table of months, each cell in words."""
    table = html.partition('vv-months-table"')[2].partition("<tbody>")[2].partition("</table>")[0]
    rows = re.findall(r"<tr>(.*?)</tr>", table, re.DOTALL)
    return [[words_in(cell) for cell in re.findall(r"<t[hd][^>]*>(.*?)</t[hd]>", row)] for row in rows]


def widths_in(html: str) -> list[float]:
    return sorted(map(float, re.findall(r'vv-map__line--figure" stroke-width="([\d.]+)"', html)))


def options_in(html: str) -> list[str]:
    return re.findall(r'<option value="([^"]+)"', html)


def test_a_member_reads_map_charts_and_table_of_what_is_published(town: Town):
    html = read(town.people[Role.BOARD_MEMBER])
    assert html.count('<figure class="vv-map">') == 1
    assert html.count('<svg class="vv-multiple"') == len(PLACES)
    assert [row[-3:] for row in table_in(html)] == [
        ["4", "7", "1"],
        ["40", "20", "10"],
        ["6", "[x]", "6"],
        ["50", "[x]", "17"],
    ]
    assert all(len(row) == 25 for row in table_in(html))
    assert "Leeds. Last 3 months: lowest 10, highest 40." in html
    assert "Hull. Last 3 months: lowest 6, highest 6; 1 without a figure." in html
    assert options_in(html) == ["2026-10", "2026-09", "2026-08"]
    assert "/testford/2026-09/lines/" in html
    assert "/testford/2026-11/lines/" not in html


def test_who_reads_drafts_is_led_to_the_draft(town: Town):
    html = read(town.coordinator)
    assert options_in(html)[0] == "2026-11"
    assert "/testford/2026-11/lines/" in html
    draft = read(town.coordinator, "/testford/2026-11/lines/")
    assert "a draft" in words_in(draft)
    read(town.people[Role.BOARD_MEMBER], "/testford/2026-11/lines/", 403)


def test_widths_are_the_same_over_all_months_that_the_reader_may_see(town: Town):
    member = town.people[Role.BOARD_MEMBER]
    assert widths_in(read(member, "/testford/2026-08/lines/")) == [1.8, 1.8, 8.0]  # 40 is the most
    assert widths_in(read(member)) == [1.8, 1.8, 2.0]
    # Who sees November's 80 has another scale, and it gives nobody else anything away.
    assert widths_in(read(town.coordinator, "/testford/2026-11/lines/"))[-1] == 8.0
    assert widths_in(read(town.coordinator, "/testford/2026-08/lines/"))[-1] == 4.0


def test_the_select_leads_to_another_month_without_a_script(town: Town):
    answer = ask(town.coordinator, f"{PAGE}?month=2026-08")
    assert (answer.status_code, answer["Location"]) == (302, "/testford/2026-08/lines/")
    wrong = words_in(read(town.coordinator, f"{PAGE}?month=soon", 404))
    assert "“soon” is not a month: write it as 2026-10." in wrong


def test_an_earlier_version_stays_as_it_was(town: Town):
    correct(town, 30)
    member = town.people[Role.BOARD_MEMBER]
    newest, first = read(member), read(member, f"{PAGE}?version=1")
    assert table_in(newest)[1][-1] == "30 [r]"
    assert table_in(first)[1][-1] == "10"
    assert "Superseded" in words_in(first)
    assert 'href="/testford/2026-10/?version=1"' in first
    read(member, f"{PAGE}?version=9", 404)


def correct(town: Town, value: int) -> None:
    indicator = Indicator.objects.get(area=town.area, code="lines")
    leeds = Category.objects.get(dimension=indicator.dimension, code="leeds")
    period = ReportingPeriod.objects.select_related("area").get(area=town.area, starts_on=OCTOBER.first_day)
    asked = ask_correction(indicator, leeds, period, entry=Entry(str(value)), reason="Twins", by=town.lead)
    accept_correction(asked, by=town.coordinator)
    scenarios.sweep()
    publish_corrections(town.area, by=town.coordinator)


def test_an_area_whose_place_is_unknown_has_charts_and_table_without_a_map(town: Town):
    town.area.longitude = town.area.latitude = None
    town.area.save()
    html = read(town.coordinator)
    assert "vv-map__picture" not in html
    assert "There is no map: no one has said where Testford is. Enter its coordinates" in words_in(html)
    assert f"V+V Dashboard {settings.VERSION}: counts only" in words_in(html)  # not the version of the month
    assert html.count('<svg class="vv-multiple"') == len(PLACES)
    assert "The coordinator can enter its coordinates." in words_in(read(town.people[Role.BOARD_MEMBER]))


def test_its_coordinator_says_later_where_it_is(town: Town):
    town.area.longitude = town.area.latitude = None
    town.area.save()
    client, page = signed_in(town.coordinator), "/testford/setup/place/"
    assert f'href="{page}"' in read(town.coordinator)
    half = client.post(page, {"longitude": "-1.9", "latitude": ""}).content.decode()
    assert "Enter the latitude too, or leave both empty" in words_in(half)
    for _ in range(2):  # a button that was pressed twice
        client.post(page, {"longitude": "-1.9", "latitude": "52.48"})
    assert AuditEvent.objects.filter(verb="area.changed").count() == 1
    assert "vv-map__picture" in read(town.coordinator)  # of a month that was published before


def test_an_area_without_places_has_a_sentence():
    town = make_town("plainford")
    scenarios.accept(town, OCTOBER, {"arrests": 1, "charges": 1})
    scenarios.sweep()
    scenarios.publish(town, OCTOBER)
    html = words_in(read(town.coordinator, "/plainford/2026-10/lines/"))
    assert "No indicator in October 2026 is split by place" in html


def test_the_month_and_the_indicator_lead_there(town: Town):
    member = town.people[Role.BOARD_MEMBER]
    assert f'href="{PAGE}"' in read(member, "/testford/2026-10/")
    assert f'href="{PAGE}"' in read(member, "/testford/indicators/lines/")
    assert "/lines/" not in read(member, "/testford/indicators/arrests/").partition("<main")[2]


# --- For the public ---------------------------------------------------------------------------------

PUBLIC = "/testford/public/2026-10/lines/"


def test_anybody_reads_what_the_edition_shows_and_no_more(town: Town):
    html = read(None, PUBLIC)
    shown = [["[c]", "7", "[c]"], ["[c]", "20", "[c]"], ["6", "[x]", "6"], ["50", "[x]", "17"]]
    assert [row[-3:] for row in table_in(html)] == shown
    pictures = html.partition('class="vv-multiples"')[2].partition("</ul>")[0]
    assert pictures.count("<svg") == 3
    assert "vv-chart__gap" not in pictures  # that something is withheld is no fault


def test_a_place_without_a_figure_is_named_and_has_no_chart():
    town = make_mapped_town("hull-less", {month: (*counts[:2], None) for month, counts in COUNTS.items()})
    html = read(town.coordinator, "/hull-less/2026-10/lines/")
    assert "These months show no figure for Hull." in html
    assert html.count('<svg class="vv-multiple"') == len(PLACES) - 1


def test_the_public_is_led_to_public_months_only(town: Town):
    html = read(None, PUBLIC)
    assert "2026-09" not in html
    read(None, "/testford/public/2026-09/lines/", 404)
    scenarios.publish_openly(town, SEPTEMBER)
    assert "/testford/public/2026-09/lines/" in read(None, PUBLIC)


def test_it_goes_with_the_public_pages(town: Town):
    turn_public_pages(town.area, on=False, by=town.coordinator)
    read(None, PUBLIC, 404)
