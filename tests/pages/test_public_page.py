"""The pages that anybody may read: how they travel, what they say, and that no withheld figure is in them."""

import csv
import io
import re
from collections.abc import Mapping
from typing import Any

import pytest
from django.core.cache import caches
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from boards.models import PartnershipArea, ReportingPeriod
from boards.rules import Role
from core.calendar import Month
from indicators.figures import Entry
from indicators.models import Category, Indicator
from indicators.services.corrections import accept_correction, ask_correction
from indicators.trend import NOT_SHOWN
from reporting.models import IndicatorLine, PublicLine
from reporting.months.services import publish_corrections
from reporting.public.presenters.month import PUBLIC_COLUMNS
from reporting.public.services import turn_public_pages
from reporting.public.taking_down import withdraw_month
from tests import scenarios
from tests.answers import Answer
from tests.factories import make_dimension, make_indicator
from tests.ruling import set_rule
from tests.scenarios import Town, make_town
from tests.standing import stand
from tests.visiting import signed_in

pytestmark = pytest.mark.django_db
AUGUST, SEPTEMBER, OCTOBER = (Month(2026, number) for number in (8, 9, 10))
LIST, PAGE, FILE = "/testford/public/", "/testford/public/2026-10/", "/testford/public/2026-10/figures.csv"
ABOUT, YEAR = f"{PAGE}about/", f"{PAGE}year/"
HIDDEN = 7_654_321  # a figure that is never published, and that nothing else on a page could be
POLICY = "default-src 'none'; script-src 'self'; style-src 'self'"

# October: a small figure (charges), one that would give it away, and one that is never published.
FIGURES: dict[str, Any] = {
    "arrests": 15,
    "charges": 4,
    "lines.london": 1,
    "lines.leeds": 10,
    "lines.hull": 6,
    "knives": 23,
    "secret": HIDDEN,
}


def make_public_town() -> Town:
    """Three published months, of which October is public."""
    town = make_town()
    town.area.longitude, town.area.latitude = 0.7, 51.5
    town.area.save()
    origin = make_dimension(town.area, "origin", ["london", "leeds", "hull"])
    for code, (longitude, latitude) in {"london": (-0.12, 51.5), "leeds": (-1.55, 53.8), "hull": (-0.33, 53.7)}.items():
        Category.objects.filter(code=code).update(longitude=longitude, latitude=latitude)
    make_indicator(town.police, "lines", dimension=origin, position=2)
    make_indicator(town.police, "knives", position=3)
    make_indicator(town.police, "secret", position=4)
    rule(town, "knives", kind="round", suppress_to=7, base=5)
    rule(town, "secret", kind="withhold")
    for place, month in enumerate((AUGUST, SEPTEMBER, OCTOBER)):
        scenarios.accept(town, month, FIGURES | {"arrests": 9 + 3 * place, "secret": HIDDEN - 2 + place})
    scenarios.publish(town, OCTOBER)
    scenarios.publish_openly(town, OCTOBER)
    return town


made, town = stand(make_public_town)


def rule(town: Town, code: str, **numbers: Any) -> None:
    indicator = Indicator.objects.get(area=town.area, code=code)
    set_rule(town.area, indicator=indicator, why="The agreement", by=town.people[Role.INFORMATION], **numbers)


def correct(town: Town, code: str, value: int) -> None:
    """October's figure is another one, and the month public in its second edition."""
    indicator = Indicator.objects.get(area=town.area, code=code)
    period = ReportingPeriod.objects.select_related("area").get(area=town.area, starts_on=OCTOBER.first_day)
    asked = ask_correction(indicator, None, period, entry=Entry(str(value)), reason="Twins", by=town.lead)
    accept_correction(asked, by=town.coordinator)
    scenarios.sweep()
    publish_corrections(town.area, by=town.coordinator)
    scenarios.publish_openly(town, OCTOBER)


def get(path: str, status: int = 200, **headers: Any) -> Answer:
    response = Client().get(path, headers=headers)
    assert response.status_code == status, path
    return response


def text_of(response: Answer) -> str:
    """What it says, without its tags."""
    return " ".join(re.sub(r"<[^>]+>", " ", response.content.decode()).split())


def rows_of(path: str = FILE) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(get(path).content.decode("utf-8-sig"))))


def row_of(code: str, month: Month = OCTOBER, category: str = "", *, path: str = FILE) -> Mapping[str, str]:
    (row,) = [
        row
        for row in rows_of(path)
        if (row["indicator"], row["month"], row["category"]) == (code, str(month), category)
    ]  # fmt: skip
    return row


# --- How they travel ------------------------------------------------------------------------------


@pytest.mark.parametrize("path", [LIST, PAGE, ABOUT, YEAR, FILE])
def test_a_page_is_kept_by_whoever_asks_and_asked_for_again(town: Town, path: str):
    response = get(path)
    assert response.headers["Cache-Control"] == "public, max-age=0, must-revalidate"
    assert re.fullmatch(r'W/"[0-9a-f]{32}"', response.headers["ETag"])
    again = get(path)
    assert (again.content, again.headers["ETag"]) == (response.content, response.headers["ETag"])


@pytest.mark.parametrize("path", [LIST, PAGE, ABOUT, YEAR, FILE])
def test_a_page_is_guarded_as_every_other(town: Town, path: str):
    headers = get(path).headers
    assert headers["Content-Security-Policy"].startswith(POLICY)
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["X-Frame-Options"] == "DENY"
    assert headers["Referrer-Policy"] == "same-origin"


COOKIES = {
    "none": {},
    "a stranger's": {"sessionid": "short", "csrftoken": "no token", "messages": "no message"},
}


@pytest.mark.parametrize("cookies", COOKIES.values(), ids=COOKIES)
@pytest.mark.parametrize("path", [LIST, PAGE, ABOUT, YEAR, FILE, "/testford/public/2026-09/", "/nowhere/public/"])
def test_no_cookie_is_read_or_set(town: Town, path: str, cookies: dict[str, str]):
    client = Client()
    for name, value in cookies.items():
        client.cookies[name] = value
    with CaptureQueriesContext(connection) as queries:
        response = client.get(path)
    assert not response.cookies
    assert "Set-Cookie" not in response.headers
    assert response.headers.get("Vary", "Accept-Encoding") == "Accept-Encoding"
    assert not [one["sql"] for one in queries if "session" in one["sql"] or "core_user" in one["sql"]]


def test_whoever_has_signed_in_reads_the_same_as_anybody(town: Town):
    client = signed_in(town.coordinator)
    response = client.get(PAGE)
    assert response.content == get(PAGE).content
    assert not response.cookies
    assert town.coordinator.email not in response.content.decode()


@pytest.mark.parametrize("known", ["{}", "W/{}", '"another", {}', "*"])
@pytest.mark.parametrize("path", [LIST, PAGE, ABOUT, YEAR, FILE])
def test_a_reader_who_has_it_already_is_told_so_after_one_query(town: Town, path: str, known: str):
    tag = get(path).headers["ETag"]
    with CaptureQueriesContext(connection) as queries:
        response = get(path, 304, if_none_match=known.format(tag.removeprefix("W/")))
    assert len(queries) == 1
    assert response.content == b""
    assert (response.headers["ETag"], response.headers["Cache-Control"]) == (tag, get(path).headers["Cache-Control"])


@pytest.mark.parametrize("path", [PAGE, ABOUT, YEAR])
def test_a_page_that_was_rendered_costs_one_query(town: Town, path: str):
    get(path)
    with CaptureQueriesContext(connection) as queries:
        get(path)
    assert len(queries) == 1


def test_each_page_of_an_edition_is_kept_by_itself(town: Town):
    """By its tag: two pages of one tag would be one page to whoever keeps them."""
    answers = [get(path) for path in (PAGE, ABOUT, YEAR)]
    assert len({answer.headers["ETag"] for answer in answers}) == 3
    assert len({answer.content for answer in answers}) == 3


@pytest.mark.parametrize("path", [LIST, PAGE, ABOUT, YEAR, FILE])
def test_it_can_be_asked_for_without_its_body(town: Town, path: str):
    response = Client().head(path)
    assert (response.status_code, response.content) == (200, b"")
    assert response.headers["ETag"] == get(path).headers["ETag"]


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "PATCH", "OPTIONS"])
def test_it_takes_nothing(town: Town, method: str):
    client = Client(enforce_csrf_checks=True)
    response = client.generic(method, PAGE)
    assert (response.status_code, response.headers["Allow"]) == (405, "GET, HEAD")
    assert not response.cookies
    assert response.headers["Vary"] == "Accept-Encoding"


@pytest.mark.parametrize("path", [PAGE, ABOUT, YEAR])
@pytest.mark.parametrize("change", ["edition", "name", "place", "release"])
def test_its_tag_changes_with_what_it_shows(town: Town, settings, change: str, path: str):
    tag = get(path).headers["ETag"]
    town.area.refresh_from_db()
    if change == "edition":
        correct(town, "arrests", 18)
    elif change == "name":
        town.area.name = "Testford upon Sea"
    elif change == "place":
        town.area.longitude = 1.0
    else:
        settings.RELEASE = "another"
    town.area.save()
    assert get(path, if_none_match=tag).headers["ETag"] != tag


def test_its_tag_changes_with_the_signs(town: Town):
    tag = get(PAGE).headers["ETag"]
    scenarios.tell_signs(town, signs="A second phone")
    first = get(PAGE, if_none_match=tag)
    scenarios.tell_signs(town, signs="Two phones")
    second = get(PAGE, if_none_match=first.headers["ETag"])
    assert "A second phone" in text_of(first)
    assert "Two phones" in text_of(second)


# --- What there is and what there isn't -----------------------------------------------------------


@pytest.mark.parametrize(
    "path",
    [
        "/testford/public/2026-09/",  # published for the boards only
        "/testford/public/2026-11/",
        "/testford/public/2026-09/figures.csv",
        "/testford/public/2026-09/about/",
        "/testford/public/2026-09/year/",
        f"{PAGE}?edition=2",
        f"{YEAR}?edition=2",
        f"{PAGE}?edition=0",
        f"{PAGE}?edition=one",
        "/nowhere/public/",
        "/nowhere/public/2026-10/",
    ],
)
def test_what_is_not_public_is_not_found(town: Town, path: str):
    response = get(path, 404)
    assert "There is no such page, or it is not public." in text_of(response)
    assert "Sign" not in text_of(response)
    assert "ETag" not in response.headers


def test_where_the_public_pages_are_off_there_are_none(town: Town):
    turn_public_pages(town.area, on=False, by=town.coordinator)
    nowhere = get("/nowhere/public/", 404).content
    for path in (LIST, PAGE, ABOUT, YEAR, FILE):
        assert get(path, 404).content == nowhere


def test_an_area_without_an_edition_has_no_list():
    town = make_town("quietford")
    turn_public_pages(town.area, on=True, by=town.coordinator)
    get("/quietford/public/", 404)


def test_what_was_withdrawn_is_gone_and_says_so(town: Town):
    edition = town.area.periods.get(starts_on=OCTOBER.first_day).editions.get()
    withdraw_month(edition.period, why="The total was wrong", by=town.people[Role.INFORMATION])
    for path in (PAGE, ABOUT, YEAR, FILE, f"{PAGE}?edition=1", f"{YEAR}?edition=1"):
        response = get(path, 410)
        assert "October 2026 was published here, and has been withdrawn." in text_of(response)
        assert "The total was wrong" not in text_of(response)
        assert not response.cookies
    get(LIST, 404)


def test_the_months_are_listed_the_newest_first(town: Town):
    scenarios.publish_openly(town, AUGUST)
    scenarios.publish_openly(town, SEPTEMBER)
    html = get(LIST).content.decode()
    assert re.findall(r'href="(/testford/public/\d[^"]+)"', html) == [
        f"/testford/public/2026-{month}/" for month in ("10", "09", "08")
    ]


def test_an_earlier_edition_stays_and_says_by_which_it_was_superseded(town: Town):
    first = get(PAGE)
    correct(town, "arrests", 18)
    second, old = get(PAGE), get(f"{PAGE}?edition=1")
    assert "superseded" not in text_of(second)
    assert f'<a class="govuk-link" href="{PAGE}?edition=1">edition 1</a>' in second.content.decode()
    assert re.search(r"This is edition 1. It was replaced by edition 2 on \d+ \w+ 20\d\d", text_of(old))
    assert f'href="{PAGE}">edition 2' in old.content.decode()
    for path in (FILE, ABOUT, YEAR):
        assert f'href="{path}?edition=1' in old.content.decode()
        assert f'href="{path}' in second.content.decode()
        assert f'href="{path}?' not in second.content.decode()
    for path in (ABOUT, YEAR):
        assert "This is edition 1. It was replaced by edition 2" in text_of(get(f"{path}?edition=1"))
        assert f'href="{PAGE}?edition=1">October 2026</a>' in get(f"{path}?edition=1").content.decode()
    assert cells_of("Arrests", f"{YEAR}?edition=1")[-1].startswith("October 2026: 15,")
    assert cells_of("Arrests")[-1].startswith("October 2026: 18,")
    assert len({answer.headers["ETag"] for answer in (first, second, old)}) == 3
    assert {row["value"] for row in rows_of(f"{FILE}?edition=1") if row["indicator"] == "arrests"} == {"9", "12", "15"}
    assert row_of("arrests")["value"] == "18"


def test_where_the_newest_edition_is_withdrawn_the_earlier_goes_too(town: Town):
    """It shows figures for the same month."""
    correct(town, "arrests", 18)
    newest = town.area.periods.get(starts_on=OCTOBER.first_day).editions.get(number=2)
    tag = get(f"{PAGE}?edition=1").headers["ETag"]
    withdraw_month(newest.period, why="Wrong", by=town.people[Role.INFORMATION])
    old = get(f"{PAGE}?edition=1", status=410, if_none_match=tag)
    assert "October 2026 was published here, and has been withdrawn." in text_of(old)


# --- What they say --------------------------------------------------------------------------------


def test_plain_words_come_first_then_the_signs_then_help_then_the_figures(town: Town):
    scenarios.tell_signs(town, signs="One\nTwo\nThree\nFour\nFive")
    text = text_of(get(PAGE))
    order = ["What this is", "In October 2026", "See the signs", "Where to get help", "The figures", "All figures as"]
    assert [text.index(words) for words in order] == sorted(text.index(words) for words in order)
    assert "One Two Three Four All the signs, and how to get help" in text
    assert "Each month, the police, the council and other public services in Testford count" in text
    assert "Since September, arrests rose from 12 to 15." in text
    assert "Lines stayed at 17." in text
    assert "No figure here has a usual range, so we cannot say what stands out." in text


def test_where_no_signs_are_told_help_is_named_all_the_same(town: Town):
    text = text_of(get(PAGE))
    assert "See the signs" not in text
    assert "Where to get help Is it you, or a friend? It is not your fault" in text


def test_withheld_figures_are_named_with_a_link_and_have_no_tile(town: Town):
    html = get(PAGE).content.decode()
    named = "To protect people, we do not show 2 of the 5 figures for October Charges Secret"
    assert f"{named} What we do not show, and why" in text_of(get(PAGE))
    assert f'<a class="govuk-link" href="{ABOUT}#withheld">What we do not show, and why</a>' in html
    tiles = re.findall(rf'<h3 class="vv-tile__question"><a href="{ABOUT}#about-([^"]+)">', html)
    assert tiles == ["arrests", "lines", "knives"]
    assert 'id="withheld"' in get(ABOUT).content.decode()


def test_it_says_what_is_withheld_and_by_which_rule(town: Town):
    text = text_of(get(PAGE))
    assert "We do not show some small numbers, because people could guess who they are about." in text
    assert "not shown To protect people." in text
    assert "not shown Only the agencies see it." in text
    assert "[c]" not in text
    text = text_of(get(ABOUT))
    assert "For October 2026, we do not show 2 of the 5 figures." in text
    small = "We show these figures, but not those from 1 to 4, or any that would give one away: Arrests Charges Lines"
    assert small in text
    assert "We round these figures to the nearest 5, and do not show those from 1 to 7: Knives" in text
    assert "We do not show these figures. Only the agencies that work together see them: Secret" in text


def test_a_rounded_figure_says_so_beside_it(town: Town):
    text = text_of(get(PAGE))
    assert text.count("25 Rounded to the nearest 5, so it has no arrow. Too early to tell") == 2  # tile and table
    assert "23" not in re.findall(r"\b\d+\b", text)


def test_a_month_without_anything_to_see_on_a_map_has_none(town: Town):
    assert "vv-map" in get(PAGE).content.decode()
    rule(town, "lines", kind="withhold")
    correct(town, "arrests", 18)
    assert "vv-map" not in get(PAGE).content.decode()


OF_HELP = {"tel:08001111", "tel:999", "tel:101", "tel:0800555111", "https://crimestoppers-uk.org/"}


def test_it_names_nobody_and_links_nowhere_behind_the_sign_in(town: Town):
    html = "".join(get(path).content.decode() for path in (PAGE, ABOUT, YEAR))
    links = set(re.findall(r'href="([^"#]+)', html)) - OF_HELP
    assert {link for link in links if not link.startswith(("/static/", "/help/", LIST))} == set()
    assert "@testford.example" not in html
    assert "<form" not in html


# --- The file -------------------------------------------------------------------------------------


def test_the_file_is_tidy(town: Town):
    response = get(FILE)
    assert response.headers["Content-Type"] == "text/csv; charset=utf-8"
    assert response.headers["Content-Disposition"] == 'attachment; filename="testford-2026-10.csv"'
    rows = rows_of()
    assert tuple(rows[0]) == PUBLIC_COLUMNS
    keys = [(row["month"], row["indicator"], row["category"]) for row in rows]
    assert len(keys) == len(set(keys)) == 3 * 8  # months × lines
    assert {bool(row["value"]) for row in rows if row["symbol"] in ("[c]", "[x]", "[z]")} == {False}
    assert {bool(row["value"]) for row in rows if not row["symbol"]} == {True}
    assert {bool(row["symbol_meaning"]) for row in rows if row["symbol"]} == {True}


def test_a_row_says_what_it_is(town: Town):
    assert row_of("arrests") == {
        "month": "2026-10",
        "area": "Testford",
        "indicator": "arrests",
        "title": "Arrests",
        "category": "",
        "category_name": "",
        "unit": row_of("arrests")["unit"],
        "value": "15",
        "symbol": "",
        "symbol_meaning": "",
        "rounded_to": "",
        "definition_from": "2020-01-01",
        **dict.fromkeys(("ratio", "per", "numerator", "denominator", "range_lower", "range_upper"), ""),
    }
    hidden = row_of("lines", category="london")
    assert (hidden["value"], hidden["symbol"], hidden["category_name"]) == ("", "[c]", "London")
    assert hidden["symbol_meaning"] == f"not shown: {NOT_SHOWN}"
    assert (row_of("knives")["value"], row_of("knives")["rounded_to"]) == ("25", "5")


def test_a_figure_that_never_came_and_one_that_is_not_available():
    town, path = make_town("lateford"), "/lateford/public/2026-10/figures.csv"
    rule(town, "charges", kind="withhold")
    scenarios.accept(town, AUGUST, {"arrests": 9, "charges": 9})
    scenarios.open_month(town, SEPTEMBER)
    scenarios.accept(town, OCTOBER, {"arrests": None, "charges": None})
    scenarios.publish(town, OCTOBER)
    scenarios.publish_openly(town, OCTOBER)
    late, missing = (row_of("arrests", month, path=path) for month in (SEPTEMBER, OCTOBER))
    assert (late["value"], late["symbol"], late["symbol_meaning"]) == ("", "[x]", "awaited: not received yet")
    assert (missing["value"], missing["symbol"], missing["symbol_meaning"]) == ("", "[x]", "not available")
    assert {row_of("charges", month, path=path)["symbol"] for month in (AUGUST, SEPTEMBER, OCTOBER)} == {"[c]"}


def test_a_revised_figure_is_marked(town: Town):
    correct(town, "arrests", 18)
    row = row_of("arrests")
    assert (row["value"], row["symbol"]) == ("18", "[r]")
    assert "Revised, was 15." in text_of(get(PAGE))


def test_a_name_that_a_spreadsheet_would_run_is_guarded(town: Town):
    PartnershipArea.objects.filter(pk=town.area.pk).update(name="=1+1")
    assert {row["area"] for row in rows_of()} == {"'=1+1"}


# --- Nothing gets out -----------------------------------------------------------------------------


def test_no_withheld_figure_is_anywhere(town: Town):
    """Byte for byte, in bodies and headers: the one that nothing else could be."""
    for path in (LIST, PAGE, ABOUT, YEAR, FILE):
        response = get(path)
        everything = response.content.decode() + str(response.headers)
        for near in range(HIDDEN - 3, HIDDEN + 4):
            assert str(near) not in everything
            assert f"{near:,}" not in everything


def test_what_is_shown_comes_from_the_edition_and_never_from_the_version(town: Town):
    """Each true figure of the version's lines that the edition hides is gone from the page and the file,
    drawing by drawing and row by row: the page of an edition is a function of its public lines."""
    paths = (PAGE, ABOUT, YEAR, FILE)
    before = {path: get(path).content for path in paths}
    with CaptureQueriesContext(connection) as queries:
        caches["pages"].clear()
        after = {path: get(path).content for path in paths}
    assert after == before
    tables = {IndicatorLine._meta.db_table, "indicators_observation", "indicators_entry"}
    assert not [one["sql"] for one in queries if any(table in one["sql"] for table in tables)]
    assert [one["sql"] for one in queries if PublicLine._meta.db_table in one["sql"]]


def test_the_year_says_of_each_month_what_the_file_says(town: Town):
    """So what the editions withstood, the year does: it holds no other figure, and no other is withheld."""
    said = {"[c]": "not shown", "[x]": "not available", "[z]": "not applicable"}
    rows = [row for row in rows_of() if not row["category"]]
    for title in {row["title"] for row in rows}:
        told = [
            f"{Month.parse(row['month']).label}: {row['value'] or said[row['symbol']]}"
            for row in rows
            if row["title"] == title
        ]
        assert [cell.partition(",")[0] for cell in cells_of(title)] == told
    assert len(rows) == 3 * 5


def test_the_year_explains_what_is_withheld_where_something_is(town: Town):
    assert f'href="{ABOUT}#withheld"' in get(YEAR).content.decode()
    open_town = make_town("openford")
    scenarios.accept(open_town, OCTOBER, {"arrests": 15, "charges": 9})
    scenarios.publish(open_town, OCTOBER)
    scenarios.publish_openly(open_town, OCTOBER)
    assert "ithheld" not in text_of(get("/openford/public/2026-10/year/"))


def cells_of(title: str, path: str = YEAR) -> list[str]:
    """What the cells of a row of the year say to those who listen."""
    html = get(path).content.decode()
    row = html[html.index(f">{title}</a></th>") :]
    return re.findall(r'hidden">([^<]+)</span></td>', row[: row.index("</tr>")])


def test_the_file_says_of_each_month_what_the_edition_says(town: Town):
    true = {
        (line.indicator_code, line.category_code): line.history
        for line in IndicatorLine.objects.filter(snapshot__period__starts_on=OCTOBER.first_day)
    }
    hidden = 0
    for row in rows_of():
        figure = true[row["indicator"], row["category"]][Month.parse(row["month"]) - AUGUST]
        if row["symbol"] == "[c]":
            hidden += 1
            assert row["value"] == ""
        elif row["rounded_to"]:
            assert int(row["value"]) == 5 * round(figure / 5)
        else:
            assert int(row["value"]) == figure
    assert hidden == 3 * 4  # charges, London and Hull, secret
