"""The drug market as its readers see it, and as Public Health enters it."""

import html
import re
from decimal import Decimal

import pytest
from django.test import Client

from boards.rules import Role
from core.calendar import Month
from indicators.unseen import Unseen
from reporting.market.presenters import describe_unseen, format_value
from reporting.models import MarketAssessment, MarketFigure, MarketKind
from tests.assessing import assess, begin, seen_lists
from tests.scenarios import Town, accept, publish, publish_openly
from tests.visiting import signed_in

pytestmark = pytest.mark.django_db
OCTOBER = Month(2026, 10)
MARKET = "/testford/market/"
LISTS = {
    f"{name}_{place}": str(getattr(one, name))
    for place, one in enumerate(seen_lists())
    for name in ("name", "people", "period", "ages", "residents")
} | {"first_second": "66", "first_third": "47", "second_third": "53", "in_every": "14", "revision": "0"}


def plain(answer) -> str:
    return html.unescape(re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", answer.content.decode())))


def test_a_new_town_sees_nothing_of_it(town: Town):
    for user in (town.lead, town.coordinator, town.people[Role.BOARD_MEMBER]):
        assert signed_in(user).get(MARKET).status_code == 404
    assert MARKET not in signed_in(town.coordinator).get("/testford/indicators/").text


def test_a_chair_reads_the_seen_the_unseen_and_each_figure_with_its_source(town: Town):
    assess(town, begin(town, year=2025))
    assess(town, begin(town))
    page = signed_in(town.people[Role.BOARD_CHAIR]).get(MARKET)
    words = plain(page)
    said = (
        "612 people are known from at least one list: in treatment, arrested and overdose attended. Between 910 and "
        "2,100 people in Testford probably use opiates or crack; so for each person seen there are 0.5 to 2.4 unseen."
    )
    assert said in words
    assert f'aria-label="{said}"' in page.content.decode()  # what the picture shows, in words
    assert "During the period, no one moved in or out, and no one joined or left the group." in words
    assert "Deaths from drug misuse 9 9 A report, 2025" in words
    assert "Street price of heroin, in £ a gram 80.00 80.00 A report, 2025" in words
    assert "Seizures of heroin and crack – –" in words
    assert "Begin an assessment" not in words


def test_the_unseen_for_each_one_seen_are_those_of_the_numbers_beside_it():
    unseen = Unseen(474, 853, 1236, estimates=())
    *_, said = describe_unseen(unseen, ["Treatment"], lower=850, upper=1200, area="Testford")
    assert said.endswith("so for each person seen there are 0.8 to 1.5 unseen.")  # by 1,236 it would be 1.6


@pytest.mark.parametrize(
    ("kind", "number", "shown"),
    [
        (MarketKind.HEROIN_PURITY, "41.50", "41.5"),
        (MarketKind.HEROIN_PURITY, "40.00", "40"),
        (MarketKind.HEROIN_PRICE, "80.00", "80.00"),
        (MarketKind.DEATHS, "1240.00", "1,240"),
    ],
)
def test_a_number_has_the_decimals_that_it_needs(kind: MarketKind, number: str, shown: str):
    assert format_value(kind, Decimal(number)) == shown


def test_two_lists_are_marked_as_probably_too_low(town: Town):
    assessment = begin(town)
    client = signed_in(town.lead)
    two = {name: "" if name.endswith(("_2", "_third", "every")) else value for name, value in LISTS.items()}
    assert client.post(f"{assessment.get_absolute_url()}lists/", two | {"first_second": "66"}).status_code == 302
    assert "This assumes that the two lists are independent. It is probably too low" in plain(client.get(MARKET))


def test_everything_is_entered_in_forms_that_keep_what_was_typed(town: Town):
    begin(town, year=2025)
    client = signed_in(town.lead)
    assert client.post(f"{MARKET}begin/", {"year": "2026"}, follow=True).redirect_chain == [(f"{MARKET}2026/", 302)]
    typed = {"value": "about ten", "source": "The coroner", "of_year": "2025", "revision": "0"}
    page = client.post(f"{MARKET}2026/deaths/", typed).text
    assert "“about ten” isn’t a number" in page
    assert "The coroner" in page
    client.post(f"{MARKET}2026/deaths/", typed | {"value": "10"})
    wrong = client.post(f"{MARKET}2026/lists/", LISTS | {"first_second": "251", "revision": "1"})
    assert "There can’t be more people in the overlap of “In treatment” and “Arrested” than in “Arrested”" in plain(
        wrong
    )
    assert 'value="251"' in wrong.text
    client.post(f"{MARKET}2026/lists/", LISTS | {"revision": "1"})
    agree = client.get(f"{MARKET}2026/agree/").text
    assert "The assessment has 1 figure and 3 lists of people." in agree
    client.post(f"{MARKET}2026/agree/", {"revision": "2"})
    assert MarketAssessment.objects.get(year=2026).is_agreed
    for path in ("deaths/", "lists/", "paste/", "agree/"):
        answer = client.get(f"{MARKET}2026/{path}", follow=True)
        assert "is already agreed, so you can’t change it" in answer.text


def test_lists_that_are_half_filled_in_say_what_they_lack(town: Town):
    url = f"{begin(town).get_absolute_url()}lists/"
    client = signed_in(town.lead)
    page = plain(client.post(url, LISTS | {"ages_1": "", "in_every": "", "people_2": "many"}))
    assert "The second list needs this too." in page
    assert "Enter how many people are in these lists together, or 0." in page
    page = plain(client.post(url, {name: value for name, value in LISTS.items() if not name.endswith("_1")}))
    assert "Enter the second list before this one." in page


def test_a_pasted_table_is_shown_before_it_is_saved(town: Town):
    url = f"{begin(town).get_absolute_url()}paste/"
    client = signed_in(town.lead)
    wrong = plain(client.post(url, {"act": "save", "pasted": "Police\t12", "revision": "0"}))
    assert "no figure here is called “Police”" in wrong
    typed = {"pasted": "deaths\t9\tONS\t2024\ntested\t40\tThe service\t2025", "revision": "0"}
    shown = plain(client.post(url, typed | {"act": "look"}))
    assert "Nothing is saved yet." in shown
    assert "Deaths from drug misuse – 9, ONS, 2024" in shown
    assert not MarketFigure.objects.exists()
    client.post(url, typed | {"act": "save"})
    assert MarketFigure.objects.count() == 2


def test_one_tick_takes_every_page_of_it_away(town: Town):
    assess(town, begin(town))
    client = signed_in(town.coordinator)
    client.post("/testford/setup/market/", {"agency": ""})
    assert [client.get(f"{MARKET}{path}").status_code for path in ("", "2026/")] == [404, 404]
    assert signed_in(town.lead).get(f"{MARKET}begin/").status_code == 404
    client.post("/testford/setup/market/", {"agency": town.police.pk})
    assert client.get(f"{MARKET}2026/").status_code == 200


def test_indicators_lead_to_it_and_nothing_public_does(town: Town):
    accept(town, OCTOBER, {"arrests": 4, "charges": 1})
    publish(town, OCTOBER)
    publish_openly(town, OCTOBER)
    reader, anybody = signed_in(town.people[Role.BOARD_MEMBER]), Client()
    assert f'href="{MARKET}"' not in reader.get("/testford/indicators/").text
    assess(town, begin(town))
    assert f'href="{MARKET}"' in reader.get("/testford/indicators/").text
    assert anybody.get(MARKET).status_code == 302
    assert "market" not in anybody.get("/testford/public/2026-10/").text
