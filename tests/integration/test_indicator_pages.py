"""The page of an indicator and the page of them all: what they show, to whom, and at what cost."""

import csv
import io
import json
import re

import pytest
from django.core.management import call_command
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from boards.roles import Role
from core.models import User
from core.months import Month
from reporting.presenters.sentences import usual_range
from tests import scenarios
from tests.factories import make_dimension, make_indicator
from tests.scenarios import Town

SEPTEMBER = Month(2026, 9)
MOST_QUERIES = 8


def signed_in(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def text_of(html: str) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", html).split())


@pytest.fixture
def demo(db) -> Client:
    """Anytown, as a member of its CSP sees it."""
    call_command("load_demo", verbosity=0, stdout=io.StringIO())
    return signed_in(User.objects.get(email="csp.member@anytown.example"))


def rows_of(client: Client, url: str) -> list[dict[str, str]]:
    marking, *lines = client.get(url).content.decode().splitlines()
    assert marking == "OFFICIAL-SENSITIVE"
    return list(csv.DictReader(lines))


def test_page_and_files_say_the_same(demo):
    """The indicator's page, its CSV and the month's JSON: figure, limits, signal and judgement."""
    out = io.StringIO()
    call_command("export_month", area="anytown", month="2026-10", stdout=out)
    lines = {line["indicator"]: line for line in json.loads(out.getvalue())["lines"] if not line["category"]}
    for code in ("cuckooed", "nrm-referrals", "drug-arrests", "assessments", "woundings", "trafficking-charges"):
        line = lines[code]
        page = text_of(demo.get(f"/anytown/indicators/{code}/").content.decode())
        newest = [row for row in rows_of(demo, f"/anytown/indicators/{code}/figures.csv") if not row["category"]]
        row = next(row for row in newest if row["month"] == "2026-10")
        for name in ("value", "state", "change", "movement", "lower", "upper"):
            assert row[name] == ("" if line[name] is None else str(line[name])), (code, name)
        if line["signal"] not in (None, "too_early"):
            assert (row["signal"], row["judgement"]) == (line["signal"], line["judgement"])
        if line["lower"] is not None:
            assert usual_range(line["lower"], line["upper"]) in page
        assert f"{line['value']:,}" in page


def test_each_method_is_told_apart_on_its_page(demo):
    pages = {
        code: text_of(demo.get(f"/anytown/indicators/{code}/").content.decode())
        for code in ("cuckooed", "assessments", "woundings", "lines")
    }
    assert (
        "34 cuckooed houses, up 5 since September; above the usual range for the second month running"
        in pages["cuckooed"]
    )
    assert "too early to tell: 9 of the 12 figures that it takes" in pages["assessments"]
    assert "Definition from February 2026" in pages["assessments"]
    assert "Too rare to judge" in pages["woundings"]
    assert "Birmingham: 10 lines, up 2 since September" in pages["lines"]
    assert "Good to be lower" in pages["lines"]
    assert "No small-number rule is set: figures go to partners only" in pages["lines"]


def test_figures_of_a_month_that_is_not_published_stay_with_those_who_read_drafts(demo):
    strategic = signed_in(User.objects.get(email="strategic@anytown.example"))
    assert "November 2026" in text_of(strategic.get("/anytown/indicators/cuckooed/").content.decode())
    member = text_of(demo.get("/anytown/indicators/cuckooed/").content.decode())
    assert not re.search(r"(?<![0-9] )November 2026", member)  # but as a date
    assert "Where its figures came from" not in member
    assert {row["month"] for row in rows_of(demo, "/anytown/indicators/cuckooed/figures.csv")} & {"2026-11"} == set()


@pytest.mark.parametrize("page", ["/anytown/indicators/none-such/", "/anytown/indicators/none-such/figures.csv"])
def test_an_unknown_indicator_is_a_sentence(demo, page):
    response = demo.get(page)
    assert response.status_code == 404
    assert "none-such" in text_of(response.content.decode())


def test_the_chart_in_the_browser_has_the_same_data(demo):
    html = demo.get("/anytown/indicators/cuckooed/").content.decode()
    data = json.loads(re.search(r'<script id="[^"]+" type="application/json">(.*?)</script>', html)[1])
    assert data["values"][-2:] == [29, 34]
    assert len(data["values"]) == len(data["months"]) == len(data["upper"]) == 36


@pytest.mark.parametrize(
    ("chosen", "count", "holds"),
    [
        ("", "16 indicators", "Drug arrests"),
        ("?section=adult", "3 of 16 indicators", "Cuckooed houses"),
        ("?board=hwbb", "1 of 16 indicators", "Knife or gun woundings"),
        ("?agency=education", "1 of 16 indicators", "Missing from education"),
        ("?dimension=origin", "2 of 16 indicators", "Groups running lines"),
        ("?section=adult&board=hwbb", "0 of 16 indicators", "Remove"),
    ],
)
def test_the_list_is_filtered(demo, chosen, count, holds):
    page = text_of(demo.get(f"/anytown/indicators/{chosen}").content.decode())
    assert count in page
    assert holds in page or not holds or count.startswith("0")


def test_a_filter_that_is_none_is_a_sentence(demo):
    response = demo.get("/anytown/indicators/?section=none-such&judgement=%00")
    assert response.status_code == 200
    assert "isn’t something to choose under “Section”" in text_of(response.content.decode())


def queries_of(client: Client, url: str) -> list[str]:
    with CaptureQueriesContext(connection) as queries:
        assert client.get(url).status_code == 200
    return [query["sql"] for query in queries.captured_queries]


def make_full_town(slug: str, extra: int) -> Town:
    town = scenarios.make_town(slug)
    dimension = make_dimension(town.area, "origin", ["london", "leeds"])
    make_indicator(town.police, "lines", dimension=dimension, boards=(town.csp,), position=2)
    figures = {"arrests": 12, "charges": 3, "lines.london": 1, "lines.leeds": 2}
    for number in range(extra):
        make_indicator(town.police, f"more-{number}", boards=(town.csp,), position=number + 3)
        figures[f"more-{number}"] = number
    scenarios.accept(town, SEPTEMBER, figures)
    scenarios.publish(town, SEPTEMBER)
    return town


@pytest.mark.django_db
@pytest.mark.parametrize("page", ["", "lines/"])
def test_the_cost_is_the_same_at_5_and_at_50_indicators(page):
    counts = []
    for slug, extra in (("small", 2), ("large", 47)):
        member = signed_in(make_full_town(slug, extra).people[Role.BOARD_MEMBER])
        counts.append(len(queries_of(member, f"/{slug}/indicators/{page}")))
    assert counts[0] == counts[1] <= MOST_QUERIES
