"""A region's pages: who gets in, what they see, and that nobody sees more than the areas agreed to."""

import csv
import io
import re
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from boards.models import Consent, Region, Shows
from boards.rules import RegionRole, Role
from core.files.tables import KINDS
from core.identity.sessions import FACTOR_THERE
from core.models import ReadEvent
from indicators.models import Category, Indicator, IndicatorDefinition, Population
from reporting.models import RegionMonth
from tests import scenarios
from tests.answers import Answer
from tests.exported import plain, rows_of
from tests.factories import make_agency, make_area, make_dimension, make_indicator
from tests.factories.regions import join_region, make_region, make_region_member
from tests.factories.workbooks import parts_of
from tests.pages.test_public_page import HIDDEN, make_public_town
from tests.regional import ADDED_UP, OCTOBER, WITHOUT_PLACE, make_all_origins, make_county, publish_lines
from tests.visiting import signed_in

pytestmark = pytest.mark.django_db
MONTH = "/regions/essex/2026-10/"
INDICATOR = "/regions/essex/indicators/{}/"
MOST_QUERIES = 13


def member(region: Region, role: RegionRole = RegionRole.DIRECTOR) -> Client:
    client = signed_in(make_region_member(region, role))
    session = client.session
    session[FACTOR_THERE] = True  # as somebody whose provider asked for it
    session.save()
    return client


def text_of(response: Answer) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", response.content.decode()).split())


def row_of(response: Answer, name: str) -> list[str]:
    """What an indicator's row says, cell by cell."""
    head = rf'<tr>\s*<th scope="row">\s*<a href="[^"]*">{name}</a>\s*</th>'
    (row,) = re.findall(rf"{head}(.*?)</tr>", response.content.decode(), re.DOTALL)
    cells = re.findall(r"<td>(.*?)</td>", row, re.DOTALL)
    return [" ".join(re.sub(r"<[^>]+>", " ", cell).split()) for cell in cells]


def every_address(region: Region, code: str = "count-00") -> list[str]:
    own = [MONTH, INDICATOR.format(code), f"{MONTH}lines/"]
    return [*own, *(f"{page}figures.{kind}" for page in own for kind in KINDS), f"{MONTH}?as=rates"]


def make_simple(*, values: dict[str, list[int]]) -> tuple[Region, dict[str, Indicator]]:
    """A region of towns with one indicator each, by the town's name."""
    found = {}
    for name, own in values.items():
        town = make_area(name.lower(), name=name)
        found[name] = make_indicator(make_agency(town), "arrests")
        publish_lines(town, OCTOBER, {found[name]: own})
    return make_region(*(indicator.area for indicator in found.values())), found


# --- Who gets in ------------------------------------------------------------------------------------------------------


def test_only_the_regions_own_people_get_in():
    region, _ = make_county(areas=3)
    home = scenarios.make_town("home")
    join_region(region, home.area)
    outsiders = [*home.people.values(), scenarios.make_operator()]
    other = make_region(slug="kent")
    for url in every_address(region):
        assert Client().get(url).status_code == 302
        assert member(region).get(url).status_code == 200, url
        assert member(region, RegionRole.ANALYST).get(url).status_code == 200, url
        assert member(other).get(url).status_code == 404
        for person in outsiders:
            client = signed_in(person)
            session = client.session
            session[FACTOR_THERE] = True
            session.save()
            assert client.get(url).status_code == 404, (url, person)


def test_with_fewer_than_three_areas_nothing_is_shown():
    region, towns = make_county(areas=3)
    director = member(region)
    figure = row_of(director.get(MONTH), "Count 00")[1]
    Consent.objects.filter(area=towns[0]).update(withdrawn_at=timezone.now(), withdrawn_by=director_of(region))
    for url in (MONTH, INDICATOR.format("count-00"), "/regions/essex/"):
        answer = director.get(url)
        assert "One more area has to give permission before this region shows any figure." in text_of(answer)
        assert figure not in text_of(answer).replace("2026", "")
    for kind in KINDS:
        answer = director.get(f"{MONTH}figures.{kind}")
        assert answer.status_code == 404
        assert "at least 3 areas" in text_of(answer)


def director_of(region: Region) -> Any:
    return region.memberships.first().user


def test_home_leads_to_the_newest_month_that_enough_areas_published():
    region, towns = make_county(areas=4)
    publish_lines(towns[0], OCTOBER.next, {Indicator.objects.get(area=towns[0], code="count-00"): [1] * 30})
    assert member(region).get("/regions/essex/")["Location"] == MONTH
    assert member(make_region(*towns, slug="kent")).get("/regions/kent/")["Location"] == "/regions/kent/2026-10/"


def test_a_month_that_nobody_published_says_so():
    region, _ = make_county(areas=3)
    answer = member(region).get("/regions/essex/2019-01/")
    assert answer.status_code == 404
    assert "No area in Essex has published January 2019." in text_of(answer)
    unknown = member(region).get(INDICATOR.format("unknown"))
    assert "Essex shows no indicator “unknown” in October 2026." in text_of(unknown)


def test_each_indicator_of_the_table_leads_to_its_page():
    region, _ = make_county(areas=3, indicators=4)
    director = member(region)
    links = re.findall(r'<th scope="row"><a href="([^"]+)"', director.get(MONTH).content.decode())
    assert len(links) == 4
    for link in links:
        assert director.get(link).status_code == 200, link


def test_who_read_it_is_noted_with_the_region():
    region, _ = make_county(areas=3)
    director = member(region)
    director.get(MONTH)
    director.get(f"{MONTH}figures.csv")
    noted = ReadEvent.objects.order_by("pk").values_list("verb", "details")
    assert list(noted) == [("region.read", {"region": "essex"}), ("region.file_read", {"region": "essex"})]


def test_an_area_sees_who_read_a_region_while_it_showed_itself():
    town = scenarios.make_town()
    region, _ = make_county(areas=3)
    director = member(region)
    director.get(f"{MONTH}?before=1")
    consent = join_region(region, town.area)
    director.get(f"{MONTH}?while=1")
    Consent.objects.filter(pk=consent.pk).update(withdrawn_at=timezone.now(), withdrawn_by=town.coordinator)
    director.get(f"{MONTH}?after=1")
    officer = signed_in(town.people[Role.INFORMATION])
    page = officer.get("/testford/audit/read/").content.decode()
    assert "while=1" in page
    assert "before=1" not in page
    assert "after=1" not in page


def words_of(answer: Any) -> str:
    """Everything that an answer says, also inside a workbook."""
    content = answer.content
    parts = parts_of(content).values() if content.startswith(b"PK") else (content,)
    return b"\n".join(parts).decode("utf-8", "replace")


# --- What an area withdraws is gone -----------------------------------------------------------------------------------


def test_a_consent_withdrawn_between_two_requests_takes_its_figures_along():
    region, found = make_simple(values={"Ash": [5, 10], "Beech": [5, 20], "Cedar": [5, 40], "Dogwood": [5, 7_000]})
    director = member(region)
    assert row_of(director.get(MONTH), "Arrests")[0].startswith("7,070")
    consent = Consent.objects.get(area=found["Dogwood"].area)
    consent.withdrawn_at, consent.withdrawn_by = timezone.now(), director_of(region)
    consent.save()
    for url in every_address(region, "arrests"):
        answer = director.get(url)
        assert answer.status_code == 200
        assert not re.search(r"\b7,?0[07]0\b", words_of(answer)), url
    assert row_of(director.get(MONTH), "Arrests") == ["70 up 55", "10 up 5", "20 up 15", "40 up 35"]
    assert "Not agreed: Dogwood." in text_of(director.get(MONTH))
    # … and what is saved is worked out again.
    assert RegionMonth.objects.get().lines["arrests"]["value"] == 70


def test_a_consent_ends_with_its_last_day():
    region, found = make_simple(values={"Ash": [1], "Beech": [2], "Cedar": [4], "Dogwood": [8]})
    director = member(region)
    today = timezone.localdate()
    Consent.objects.filter(area=found["Ash"].area).update(
        starts_on=today - timedelta(days=9), ends_on=today - timedelta(days=1)
    )
    assert row_of(director.get(MONTH), "Arrests")[0] == "14"


def test_a_new_version_of_an_area_is_in_the_region_straight_away():
    region, found = make_simple(values={"Ash": [1], "Beech": [2], "Cedar": [4]})
    director = member(region)
    assert row_of(director.get(MONTH), "Arrests")[0] == "7"
    publish_lines(found["Ash"].area, OCTOBER, {found["Ash"]: [11]})
    assert row_of(director.get(MONTH), "Arrests")[:2] == ["17", "11"]


def test_what_an_area_makes_public_is_all_that_a_region_sees_of_it():
    town = make_public_town()
    region, _ = make_county(areas=3)
    join_region(region, town.area, shows=Shows.PUBLIC)
    for name in ("arrests", "charges", "knives"):
        for other in region.places.exclude(area=town.area):
            make_indicator(make_agency(other.area, name), name)
    director = member(region)
    page = director.get(MONTH)
    # Of four small ones nothing, and the rounded one as it is rounded.
    assert "[c]" in row_of(page, "Charges")
    assert any("[~]" in cell for cell in row_of(page, "Knives"))
    assert "Testford public figures" in text_of(page)
    secret = re.compile(rf"{HIDDEN:,}|{HIDDEN}|{HIDDEN - 1:,}|{HIDDEN - 1}")
    urls = [*every_address(region), *every_address(region, "charges"), *every_address(region, "knives")]
    for url in urls:
        answer = director.get(url)
        assert answer.status_code == 200, url
        assert not secret.search(words_of(answer)), url
    assert not secret.search(director.get(INDICATOR.format("secret")).content.decode())
    # Its withheld charges are in no total: nobody else counts them.
    assert row_of(page, "Charges")[0] == "–"


def test_areas_that_all_show_only_what_is_public_have_months_too():
    town = make_public_town()
    why = "Our cells hold 3 people of the airport."
    Indicator.objects.filter(area=town.area, code="arrests").update(counts_residents=False, residents_why=why)
    region = make_region(town.area, make_area("ash"), make_area("beech"), shows=Shows.PUBLIC)
    director = member(region)
    assert director.get("/regions/essex/")["Location"] == MONTH
    page = text_of(director.get(f"{MONTH}?as=rates"))
    assert "1 of 3 areas is in this month. Not public: Ash and Beech." in page
    # The words of its set-up aren't public.
    assert why not in page
    assert "Arrests has no rate. In one of the areas, most of the people counted live elsewhere." in page


# --- What is said -----------------------------------------------------------------------------------------------------


def test_an_area_that_counts_differently_is_named_and_not_added():
    region, found = make_simple(values={"Ash": [3, 1], "Beech": [3, 2], "Cedar": [3, 4], "Dogwood": [3, 800]})
    IndicatorDefinition.objects.filter(indicator=found["Dogwood"]).update(text="Bookings at the counter.")
    director = member(region)
    assert row_of(director.get(MONTH), "Arrests") == [
        "7 without Dogwood",
        "1 down 2",
        "2 down 1",
        "4 up 1",
        "800 [d] up 797",
    ]
    assert "[d] counted differently" in text_of(director.get(MONTH))
    assert "Dogwood counts differently: Bookings at the counter." in text_of(director.get(INDICATOR.format("arrests")))
    rows = list(csv.DictReader(io.StringIO(director.get(f"{MONTH}figures.csv").content.decode().split("\n", 1)[1])))
    assert [(row["area"], row["value"], row["counted"]) for row in rows][::4] == [
        ("Essex", "7", "some"),
        ("Dogwood", "800", "differently"),
    ]


def test_an_area_without_the_month_is_awaited_and_leaves_the_region_without_a_whole():
    region, _ = make_simple(values={"Ash": [3, 1], "Beech": [3, 2], "Cedar": [3, 4]})
    late = make_area("late", name="Late")
    publish_lines(late, OCTOBER.previous, {make_indicator(make_agency(late), "arrests"): [3, 9]})
    join_region(region, late)
    page = member(region).get(MONTH)
    assert row_of(page, "Arrests")[0] == "7 without Late"
    assert "3 of 4 areas are in this month. Awaited: Late." in text_of(page)


def add_population(indicator: Indicator, residents: int, year: int) -> None:
    named = {"source": "ONS", "licence": "OGL", "name_of_file": "populations.csv", "imported_at": timezone.now()}
    Population.objects.create(area=indicator.area, year=year, ages="all", edition=1, residents=residents, **named)


def test_filters_leave_what_was_asked_for():
    region, _ = make_county(areas=3, indicators=4)
    director = member(region)
    assert "Section-1" in text_of(director.get(f"{MONTH}?section=section-1"))
    assert "1 of 4 indicators." in text_of(director.get(f"{MONTH}?section=section-1"))
    assert len(row_of(director.get(f"{MONTH}?area=town-01"), "Count 00")) == 2
    assert len(row_of(director.get(f"{MONTH}?area=nowhere%00"), "Count 00")) == 4
    for wrong in ("?section=none", "?signal=yes&section=none"):
        assert "No indicators match your choices." in text_of(director.get(MONTH + wrong))
    assert director.get(f"{MONTH}?month=2026-09")["Location"] == "/regions/essex/2026-09/"
    assert director.get(f"{MONTH}?month=soon").status_code == 404


# --- Lines ------------------------------------------------------------------------------------------------------------


def make_lines(*towns: str, shift: float = 0.0) -> Region:
    """Towns that count lines from London and Leeds; the last one's London is that many degrees further north."""
    areas = []
    for number, name in enumerate(towns, 1):
        town = make_area(name.lower(), name=name, longitude=0.5 + number / 10, latitude=51.6)
        origin = make_dimension(town, "origin", ["london", "leeds"])
        north = 51.5 + (shift if number == len(towns) else 0)
        london, leeds = origin.categories.order_by("position")
        Category.objects.filter(pk=london.pk).update(longitude=-0.12, latitude=north)
        Category.objects.filter(pk=leeds.pk).update(longitude=-1.55, latitude=53.8)
        lines = make_indicator(make_agency(town), "lines", dimension=origin)
        parts = dict(zip(origin.categories.order_by("position"), ([1, number], [4, None]), strict=True))
        publish_lines(town, OCTOBER, {lines: [5, number + 1]}, origins={lines: parts})
        areas.append(town)
    return make_region(*areas)


def test_lines_into_every_area_are_on_one_map_and_in_one_table():
    region = make_lines("Ash", "Beech", "Cedar", "Dogwood")
    director = member(region)
    page = director.get(f"{MONTH}lines/")
    assert text_of(page).count("London") >= 2
    assert "London 10 1 Level 2 Up 1 3 Up 2 4 Up 3" in text_of(page)
    assert "Leeds without Ash, Beech, Cedar and Dogwood [x] [x] [x] [x]" in text_of(page)
    assert page.content.decode().count("vv-region__flow") == 4
    rows = director.get(f"{MONTH}lines/figures.json").json()["figures"]
    assert [row["value"] for row in rows if row["category"] == "london"] == [10, 1, 2, 3, 4]
    with CaptureQueriesContext(connection) as queries:
        director.get(f"{MONTH}lines/")
    assert len(queries) < MOST_QUERIES


def rows_of_lines(page: Answer) -> dict[str, list[str]]:
    """What the table says of each origin, cell by cell, in its order."""
    rows = re.findall(r'<tr><th scope="row">(.*?)</th>(.*?)</tr>', page.content.decode())
    return {
        name: [" ".join(re.sub(r"<[^>]+>", " ", cell).split()) for cell in re.findall(r"<td>(.*?)</td>", cells)]
        for name, cells in rows
    }


def test_every_origin_is_on_the_page_and_in_each_file():
    """Also those that have no place on a map: they are half of a county's lines."""
    director = member(make_all_origins("Ash", "Beech", "Cedar"))
    page = director.get(f"{MONTH}lines/")
    assert list(rows_of_lines(page).items()) == [
        ("London", ["12", "2", "4", "6"]),
        ("Another place", ["2 without Cedar", "1", "1", "[x]"]),
        ("Inside the county", ["6", "1", "2", "3"]),
    ]
    assert "Not on the map: Another place 2; Inside the county 6." in text_of(page)
    for kind in KINDS:
        rows = [plain(row) for row in rows_of(director.get(f"{MONTH}lines/figures.{kind}").content, kind)]
        told = {(row["area"], row["category"]): (row["category_name"], row["value"], row["state"]) for row in rows}
        assert told == {
            ("Essex", "london"): ("London", 12, "figure"),
            ("Ash", "london"): ("London", 2, "figure"),
            ("Beech", "london"): ("London", 4, "figure"),
            ("Cedar", "london"): ("London", 6, "figure"),
            ("Essex", "elsewhere"): ("Another place", 2, "figure"),
            ("Ash", "elsewhere"): ("Another place", 1, "figure"),
            ("Beech", "elsewhere"): ("Another place", 1, "figure"),
            ("Cedar", "elsewhere"): ("Another place", "", "not_available"),
            ("Essex", "inside-county"): ("Inside the county", 6, "figure"),
            ("Ash", "inside-county"): ("Inside the county", 1, "figure"),
            ("Beech", "inside-county"): ("Inside the county", 2, "figure"),
            ("Cedar", "inside-county"): ("Inside the county", 3, "figure"),
        }
        assert [row["longitude"] for row in rows if row["category"] in WITHOUT_PLACE] == [""] * 8


def test_each_total_says_that_it_may_count_one_line_several_times():
    director = member(make_all_origins("Ash", "Beech", "Cedar"))
    for path in (MONTH, INDICATOR.format("lines"), f"{MONTH}lines/"):
        page = text_of(director.get(path))
        assert page.count(ADDED_UP) == 1, path
        for kind in KINDS:
            rows = rows_of(director.get(f"{path}figures.{kind}").content, kind)
            own = {row["note"] for row in rows if row["area"] == "Essex" and row["value"]}
            others = {row["note"] for row in rows if row["area"] != "Essex"}
            assert {note.removeprefix("Without Cedar. ") for note in own} == {ADDED_UP}, (path, kind)
            assert others == {""}, (path, kind)


def test_one_code_without_a_place_is_one_origin_only_by_one_name():
    region = make_all_origins("Ash", "Beech", "Cedar")
    oak = make_area("oak", name="Oak")
    origin = make_dimension(oak, "origin", ["elsewhere"])
    origin.categories.update(name="Abroad")
    lines = make_indicator(make_agency(oak), "lines", dimension=origin)
    publish_lines(oak, OCTOBER, {lines: [7]}, origins={lines: {origin.categories.get(): [7]}})
    join_region(region, oak)
    rows = rows_of_lines(member(region).get(f"{MONTH}lines/"))
    assert (rows["Abroad"], rows["Another place"][0]) == (["7", "–", "–", "–", "7"], "2 without Cedar")


def test_a_split_that_is_not_by_place_is_no_origin():
    region = make_all_origins("Ash", "Beech", "Cedar")
    oak = make_area("oak", name="Oak")
    ages = make_dimension(oak, "age-group", ["adults"])
    lines = make_indicator(make_agency(oak), "lines", dimension=ages)
    publish_lines(oak, OCTOBER, {lines: [7]}, origins={lines: {ages.categories.get(): [7]}})
    join_region(region, oak)
    assert "Adults" not in rows_of_lines(member(region).get(f"{MONTH}lines/"))


def test_lines_are_for_partners_only():
    region = make_lines("Ash", "Beech", "Cedar", "Dogwood")
    Consent.objects.filter(area__slug="dogwood").update(shows=Shows.PUBLIC.value)
    director = member(region)
    for url in (f"{MONTH}lines/", f"{MONTH}lines/figures.csv"):
        assert "Dogwood" not in director.get(url).content.decode()
    assert "London 6 1 Level 2 Up 1 3 Up 2" in text_of(director.get(f"{MONTH}lines/"))


def test_an_origin_without_a_place_is_for_partners_only_too():
    region = make_all_origins("Ash", "Beech", "Cedar", "Dogwood")
    Consent.objects.filter(area__slug="dogwood").update(shows=Shows.PUBLIC.value)
    director = member(region)
    assert rows_of_lines(director.get(f"{MONTH}lines/"))["Inside the county"] == ["6", "1", "2", "3"]
    for kind in KINDS:
        rows = rows_of(director.get(f"{MONTH}lines/figures.{kind}").content, kind)
        assert {row["area"] for row in rows} == {"Essex", "Ash", "Beech", "Cedar"}


def test_one_code_at_two_places_is_two_origins():
    region = make_lines("Ash", "Beech", "Cedar", shift=0.5)
    page = text_of(member(region).get(f"{MONTH}lines/"))
    assert "London 3 1 Level 2 Up 1 –" in page
    assert "London 3 – – 3 Up 2" in page


def test_without_places_there_is_no_map():
    region, _ = make_county(areas=3)
    assert "No area has said where its lines come from for October 2026." in text_of(
        member(region).get(f"{MONTH}lines/")
    )


def test_an_area_whose_month_is_awaited_has_an_empty_column_of_lines():
    region = make_lines("Ash", "Beech", "Cedar")
    join_region(region, make_area("dogwood", name="Dogwood"))
    director = member(region)
    page = text_of(director.get(f"{MONTH}lines/"))
    assert "Ash Beech Cedar Dogwood awaited" in page
    (row,) = re.findall(r'<th scope="row">London</th>(.*?)</tr>', director.get(f"{MONTH}lines/").content.decode())
    assert [cell.split(" ")[0] for cell in re.findall(r"<td>(.*?)</td>", row)] == ["6", "1", "2", "3", ""]
    # Nobody had a figure of Leeds; an awaited area isn't among those that lack one.
    assert "Leeds without Ash, Beech and Cedar [x] [x] [x]" in page
    assert "[x] not available" in page
    assert "– not collected" not in page
    assert director.get(f"{MONTH}lines/figures.json").json()["areas_without"] == {"Dogwood": "awaited"}
    assert "Dogwood: awaited" in words_of(director.get(f"{MONTH}lines/figures.xlsx"))


def test_an_origin_that_an_area_doesnt_count_is_in_the_key():
    region = make_lines("Ash", "Beech", "Cedar", shift=0.5)
    assert "– not collected" in text_of(member(region).get(f"{MONTH}lines/"))
