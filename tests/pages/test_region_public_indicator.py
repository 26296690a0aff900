"""A region's public page of one indicator, its rates, and that all of it follows from what the edition shows."""

import csv
import io
import json
import re
from collections.abc import Mapping
from copy import deepcopy
from html import unescape
from unittest.mock import patch

import pytest
from django.db import connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext

from boards.models import Consent
from boards.rules import RegionRole
from boards.services.regions import withdraw_consent
from core.files.tables import KINDS
from indicators.models import Indicator, Population
from reporting.models import PublicLine
from reporting.public.totals import find_reasons
from tests.factories.regions import join_region, make_region, make_region_member
from tests.factories.workbooks import parts_of
from tests.scenarios import Town, publish_openly
from tests.shires import NAMES, OCTOBER, Shire, publish_town
from tests.standing import stand
from tests.tiers import vary_at_release

pytestmark = pytest.mark.django_db
PAGE = "/regions/essex/public/2026-10/"
ARRESTS = f"{PAGE}arrests/"
SOURCE, LICENCE = "Census of the shire", "Open Government Licence v3.0"
FIRST = OCTOBER + -1


def settle(town: Town, residents: int | None = 20_000, counts: bool | None = True) -> None:
    """Say how many people live there, and that its cases are residents."""
    Indicator.objects.filter(area=town.area, code="arrests").update(counts_residents=counts)
    if residents:
        made = {"source": SOURCE, "licence": LICENCE, "name_of_file": "a.csv", "imported_at": "2026-01-01T00:00Z"}
        Population.objects.create(area=town.area, year=2021, ages="all", edition=1, residents=residents, **made)


def make_town_of(name: str, counts: tuple[int, ...], residents: int | None = 20_000) -> Town:
    """A town that counted so many arrests in each of the months up to October, all of which are public."""
    months = len(counts)
    town = publish_town(name, {"arrests": counts, "charges": [10] * months}, first=OCTOBER + -(months - 1))
    settle(town, residents and residents * (NAMES.index(name) + 1))
    for back in range(1, months):
        publish_openly(town, OCTOBER + -back)
    return town


def make_county(*counts: tuple[int, ...], residents: int | None = 20_000) -> Shire:
    return unite({name: make_town_of(name, own, residents) for name, own in zip(NAMES, counts, strict=False)})


def unite(towns: dict[str, Town]) -> Shire:
    region = make_region(*(town.area for town in towns.values()))
    return Shire(region, towns, make_region_member(region), make_region_member(region, RegionRole.ANALYST))


# Of three towns, and not published yet.
made, shire = stand(lambda: make_county((20,), (30,), (41,)))


def read(url: str) -> str:
    answer = Client().get(url)
    assert answer.status_code == 200, url
    return answer.content.decode()


def text_of(url: str) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", read(url)).split())


def every_answer() -> dict[str, bytes]:
    """The bytes of every public page and file of the region; of a workbook, those of its parts."""
    pages = [PAGE, *(f"{PAGE}{code}/" for code in ("arrests", "charges"))]
    urls = ["/regions/essex/public/", *pages, *(f"{page}figures.{kind}" for page in pages for kind in KINDS)]
    urls += [f"{ARRESTS}?as=rates", f"{ARRESTS}?over=year"]
    answers = {url: Client().get(url) for url in urls}
    assert {answer.status_code for answer in answers.values()} == {200}
    return {
        url: b"".join(parts_of(answer.content).values()) if answer.content.startswith(b"PK") else answer.content
        for url, answer in answers.items()
    }


# --- What it says ---------------------------------------------------------------------------------


def test_a_page_of_one_indicator_has_funnel_multiples_and_totals():
    make_county((20,), (30,), (2,), (41,), (9,)).publish()
    page = text_of(ARRESTS)
    assert "Arrests: Essex, October 2026" in page
    assert "The total is not shown." in page
    # The average of the four that are shown: 100 of 20,000 + 40,000 + 80,000 + 100,000.
    assert "The line across is the average of these areas, 4.2." in page
    assert "Cranford is not in the funnel" in page
    assert "With fewer than 5 areas, we cannot estimate" in page
    assert "Ashford 20 10.0 for each 10,000" in page
    assert f"{SOURCE}: {LICENCE}." in page
    assert "this is not a ranking" in page
    assert ARRESTS in read(PAGE)


def test_with_too_few_areas_shown_there_is_no_funnel():
    make_county((20,), (30,), (2,), (3,), (4,)).publish()
    assert "A funnel needs figures from at least three areas" in text_of(ARRESTS)
    assert "The line across" not in text_of(ARRESTS)


def test_rates_are_beside_counts(shire: Shire):
    shire.publish()
    page = text_of(PAGE)
    assert "Ashford 20 10.0" in page
    assert "Arrests 91 7.6" in page
    assert "7.6 for each 10,000 residents." in text_of(ARRESTS)
    assert "Total of all 3 areas. September’s total is not shown, so there is no arrow." in page
    assert f"The number of residents is for 2021, the newest we have. {SOURCE}: {LICENCE}." in page
    assert "No one has said whether these cases are residents only, so there is no rate." in page  # charges
    rows = list(csv.DictReader(io.StringIO(read(f"{PAGE}figures.csv").removeprefix("\ufeff"))))
    arrests = [row for row in rows if row["indicator"] == "arrests"]
    assert [(row["area"], row["residents"], row["rate"]) for row in arrests[:2]] == [
        ("ashford", "20000", "10.0"),
        ("bexford", "40000", "7.5"),
    ]
    assert arrests[-1]["residents"] == "120000"


def test_visitors_have_no_rate_and_no_funnel(shire: Shire):
    Indicator.objects.filter(area=shire.towns["bexford"].area, code="arrests").update(
        counts_residents=False, residents_why="Our cells hold 3 people of the airport."
    )
    shire.publish()
    for url in (PAGE, ARRESTS):
        assert "most of the people counted live elsewhere" in text_of(url)
        assert "airport" not in read(url)
    assert "The line across" not in read(ARRESTS)


def test_the_reason_of_the_starter_set_is_public_and_no_reason_that_an_area_typed(shire: Shire):
    why = find_reasons()["police-weapons"]
    assert "Stansted airport" in why
    own = Indicator.objects.filter(area=shire.towns["bexford"].area, code="arrests")
    own.update(counts_residents=False, residents_why=why)
    shire.publish()
    # Another indicator's reason is as good as a typed one.
    assert "Stansted" not in read(PAGE)
    with patch("reporting.public.totals.find_reasons", lambda: {"arrests": why}):
        shire.publish()
        assert f"There is no rate. {why}" in unescape(read(PAGE))
        assert f"This indicator has no funnel and no rates. {why}" in unescape(read(ARRESTS))
        own.update(residents_why=f"{why} Our cells hold 3 people.")
        shire.publish()
    for url in (PAGE, ARRESTS):
        assert "Our cells" not in read(url)
        assert "most of the people counted live elsewhere" in text_of(url)


def test_without_residents_there_are_counts_only():
    make_county((20,), (30,), (41,), residents=None).publish()
    assert "for each 10,000" not in text_of(PAGE)
    assert "A funnel needs figures from at least three areas" in text_of(ARRESTS)


def test_what_is_approved_is_shown_until_the_next_edition(shire: Shire):
    """Two people approved the rates: a later number of residents waits for the next edition."""
    shire.publish()
    before = every_answer()
    for row in Population.objects.all():
        row.pk, row.edition, row.residents = None, 2, 1
        row.save()
    Indicator.objects.update(counts_residents=None)
    assert every_answer() == before


def test_the_regions_series_has_only_totals_that_are_shown():
    shire = make_county((20, 21), (30, 31), (40, 41))
    shire.publish(FIRST)
    shire.publish()
    page = text_of(ARRESTS)
    assert "93 many, up 3 since September" in page
    assert "Too early to tell" in page
    document = json.loads(read(f"{ARRESTS}figures.json"))
    own = [row["value"] for row in document["figures"] if row["area"] == "Essex"]
    assert own == [90, 93]
    assert (document["audience"], document["edition"]) == ("public", 1)


def test_nothing_is_judged_beside_a_total_that_isnt_shown():
    shire = make_county((20, 21), (30, 31), (2, 41))
    shire.publish(FIRST)
    shire.publish()
    rows = json.loads(read(f"{ARRESTS}figures.json"))["figures"]
    assert [row["value"] for row in rows if row["area"] == "Essex"] == [93]  # September's is refused
    assert "September’s total is not shown" in text_of(ARRESTS)


def test_it_costs_two_queries_and_once_three_more(shire: Shire, django_assert_num_queries):
    shire.publish()
    for url in (ARRESTS, f"{ARRESTS}figures.csv"):
        with django_assert_num_queries(5):
            tag = Client().get(url)["ETag"]
        with django_assert_num_queries(2):
            assert Client().get(url, headers={"If-None-Match": tag}).status_code == 304
        with django_assert_num_queries(2):
            assert Client().get(url).status_code == 200


def test_what_isnt_there_and_what_is_withdrawn():
    shire = make_county((20,), (30,), (41,), (50,))
    assert Client().get(ARRESTS).status_code == 404
    shire.publish()
    assert Client().get(f"{PAGE}no-such/").status_code == 404
    assert Client().post(ARRESTS).status_code == 405
    withdraw_consent(Consent.objects.get(area=shire.towns["dunford"].area), by=shire.towns["dunford"].coordinator)
    for url in (ARRESTS, *(f"{ARRESTS}figures.{kind}" for kind in KINDS)):
        assert Client().get(url).status_code == 410


# --- Nothing comes from what is withheld ------------------------------------------------------------


class Undo(Exception):
    """Everything in the block is undone."""


type World = tuple[tuple[int, ...], ...]


def publish_worlds(one: World, other: World) -> tuple[dict[str, bytes], dict[str, bytes]]:
    """What anybody reads where the towns counted so much, and where they counted so much instead. Towns that count the
    same in both worlds are made once, before the others."""
    same = {name: make_town_of(name, own) for name, own, its in zip(NAMES, one, other, strict=False) if own == its}
    return publish_world(one, same), publish_world(other, same)


def publish_world(counts: World, same: Mapping[str, Town]) -> dict[str, bytes]:
    """What anybody reads in it; then it is gone but for the same towns."""
    found: dict[str, bytes] = {}
    try:
        with transaction.atomic():
            shire = unite(
                {
                    name: deepcopy(same[name]) if name in same else make_town_of(name, own)
                    for name, own in zip(NAMES, counts, strict=False)
                }
            )
            for back in range(len(counts[0]) - 1, -1, -1):
                shire.publish(OCTOBER + -back)
            found = every_answer()
            raise Undo
    except Undo:
        return found


@pytest.mark.parametrize(
    ("one", "other"),
    vary_at_release(
        [
            # Two small counts change places: a total that is shown stays the same.
            (((20,), (2,), (3,), (3,), (2,), (50,), (9,)), ((20,), (3,), (2,), (2,), (3,), (50,), (9,))),
            # A total that is refused, before and after.
            (((20,), (30,), (1,), (41,), (9,), (50,)), ((20,), (30,), (4,), (41,), (9,), (50,))),
            # Too few are left for a funnel.
            (((20,), (30,), (1,), (4,), (2,), (2,)), ((20,), (30,), (4,), (1,), (1,), (2,))),
            # A small count in an earlier month, which the areas' and the region's series show as a gap.
            (((20, 20), (1, 30), (9, 41), (8, 50), (7, 60)), ((20, 20), (3, 30), (9, 41), (8, 50), (7, 60))),
            # In both months, beside others in one of them.
            (((2, 20), (1, 3), (9, 41), (8, 50), (4, 60)), ((4, 20), (3, 1), (9, 41), (8, 50), (1, 60))),
        ],
        every_time=2,
    ),
)
def test_all_pages_and_files_are_the_same_whatever_is_withheld(one, other):
    assert one != other
    before, after = publish_worlds(one, other)
    assert before.keys() == after.keys()
    assert [url for url in before if before[url] != after[url]] == []


def test_the_attack_would_notice_a_figure_that_is_used():
    """The same with a count that is shown: nearly every page and file differs."""
    before, after = publish_worlds(((20,), (30,), (2,), (41,)), ((20,), (30,), (2,), (42,)))
    same = [url for url in before if before[url] == after[url]]
    assert all(url == "/regions/essex/public/" or "/charges/" in url for url in same), same


def test_a_funnel_is_worked_out_without_the_withheld(monkeypatch):
    """Not even from a line behind an edition: the public lines are all that is read."""
    shire = make_county((20,), (30,), (2,), (41,), (9,))
    shire.publish()
    with CaptureQueriesContext(connection) as queries:
        read(ARRESTS)
        read(f"{ARRESTS}figures.csv")
    tables = "".join(query["sql"] for query in queries)
    assert PublicLine._meta.db_table in tables
    assert "reporting_indicatorline" not in tables
    assert "reporting_snapshot" not in tables


def test_an_area_that_joins_later_is_in_no_earlier_series():
    shire = make_county((20, 21), (30, 31), (40, 41))
    shire.publish(FIRST)
    late = publish_town("dunford", {"arrests": [8], "charges": [9]})
    settle(late)
    join_region(shire.region, late.area)
    shire.publish()
    rows = json.loads(read(f"{ARRESTS}figures.json"))["figures"]
    # September's total is of other areas: no change since, and no common range.
    assert [(row["month"], row["value"]) for row in rows if row["area"] == "Essex"] == [("2026-10", 101)]
