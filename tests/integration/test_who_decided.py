"""The page of who may see each indicator: who decided it, and why an edition may show nothing of it all the same."""

import re
from html import unescape
from typing import Any

import pytest
from django.utils import timezone

from boards.rules import Role
from core.calendar import Month, date_label
from core.models import User
from indicators.catalogues.entries import choose_usual
from indicators.catalogues.files import read_starter
from indicators.models import Indicator
from indicators.openness import Openness
from indicators.selectors.disclosure import effective_rules
from indicators.services.catalogues import AreaDraft, make_area, take_catalogue
from indicators.services.disclosure import set_rule
from indicators.services.openness import decide_openness, set_openness
from indicators.services.rule_requests import agree_to_rule, decline_rule
from reporting.public.presenters.disclosure import describe_whose_rule
from reporting.public.presenters.openness import GIVES_AWAY, WITHHELD, find_hidden
from tests.factories import make_dimension, make_indicator, make_member
from tests.scenarios import Town, make_town
from tests.standing import stand
from tests.visiting import signed_in

pytestmark = pytest.mark.django_db
OCTOBER = Month(2026, 10)
made, town = stand(make_town)


@pytest.fixture
def officer(town: Town) -> User:
    return town.people[Role.INFORMATION]


def find(town: Town, code: str) -> Indicator:
    return Indicator.objects.select_related("area", "owner").get(area=town.area, code=code)


def read(person: User, slug: str = "testford", *, under: str = "Who decided") -> dict[str, str]:
    """What a column of the table says, by the indicator's title."""
    page = signed_in(person).get(f"/{slug}/disclosure/openness/").content.decode()
    rows = re.findall(rf'role="rowheader">([^<]*)</th>.*?data-label="{under}">(.*?)</td>', page)
    return {title: unescape(re.sub("<[^>]+>", " ", said)).strip() for title, said in rows}


# --- Who decided, and when ------------------------------------------------------------------------


def test_the_page_says_who_decided_alone_and_which_two_people_opened_it(town: Town, officer: User):
    today, charges = date_label(timezone.localdate()), find(town, "charges")
    assert set(read(officer).values()) == {"No one: it came with Testford’s set-up"}

    set_openness(charges, openness=Openness.PARTNERS, why="Of use to a gang", by=officer)
    assert read(officer)["Charges"] == f"{officer}, {today}"

    declined, asked = (
        lambda: set_openness(charges, openness=Openness.MONTH, why="For the press", agreement="Minutes", by=officer),
    ) * 2
    decline_rule(declined(), why="Not yet", by=town.coordinator)
    assert read(officer)["Charges"] == f"{officer}, {today}"
    agree_to_rule(asked(), by=town.coordinator)
    assert read(officer)["Charges"] == f"{officer} asked and {town.coordinator} agreed, {today}"

    set_openness(charges, openness=Openness.YEAR, why="Cases can be told apart", by=officer)
    assert read(officer)["Charges"] == f"{officer}, {today}"
    assert read(officer)["Arrests"] == "No one: it came with Testford’s set-up"


def test_what_nobody_had_decided_has_no_decision_until_somebody_does(town: Town, officer: User):
    Indicator.objects.filter(area=town.area).update(openness="", openness_why="")
    assert read(officer) == {}
    decide_openness(town.area, {"charges": (Openness.MONTH, 0, "Counts say little")}, by=officer)
    assert read(officer) == {"Charges": f"{officer}, {date_label(timezone.localdate())}"}


def test_what_somebody_added_from_a_catalogue_says_who_and_when():
    usual, draft = choose_usual(read_starter()), AreaDraft(slug="newton", name="Newton")
    area = make_area(draft, usual, first_month=OCTOBER, by=None)
    coordinator, officer = (make_member(area, role) for role in (Role.COORDINATOR, Role.INFORMATION))
    take_catalogue(area, choose_usual(read_starter(), also=["perpetrators"]), month=OCTOBER, by=coordinator)
    said = read(officer, "newton")
    title = Indicator.objects.get(area=area, code="perpetrators").title
    assert said.pop(title) == f"No one: {coordinator} added it, {date_label(timezone.localdate())}"
    assert set(said.values()) == {"No one: it came with Newton’s set-up"}


# --- Why an edition shows nothing of it all the same ----------------------------------------------

OWN, BEHIND = (WITHHELD.format(rule=rule) for rule in ("its own rule", "the rules for the counts behind it"))
TELLS = GIVES_AWAY.format(other="Arrests")


def test_the_page_says_whose_rule_withholds_every_figure(town: Town, officer: User):
    assert read(officer, under="Who may see it")["Charges"] == "The public, month by month"
    set_rule(town.area, indicator=find(town, "charges"), kind="withhold", why="The agreement", by=officer)
    said = read(officer, under="Who may see it")
    assert said["Charges"].split() == f"The public, month by month {OWN}".split()
    assert said["Arrests"] == "The public, month by month"


def test_the_rule_of_an_agency_is_named(town: Town, officer: User):
    set_rule(town.area, agency=town.police, kind="withhold", why="The agreement", by=officer)
    said = find_hidden(find(town, "charges"), effective_rules(town.area))
    assert said == WITHHELD.format(rule=f"the rule of {town.police}")


@pytest.mark.parametrize(
    ("openness", "withheld", "closed", "said"),
    [
        ("month", "", "", ""),
        ("month", "share", "", OWN),
        ("month", "arrests", "", BEHIND),  # who sees the share could work the count out
        ("month", "", "arrests", TELLS),
        ("month", "arrests", "arrests", TELLS),
        ("partners", "share", "arrests", ""),  # as it says itself
    ],
)
def test_why_an_edition_shows_nothing_of_a_share(town: Town, officer: User, openness, withheld, closed, said):
    arrests, charges = find(town, "arrests"), find(town, "charges")
    counts: dict[str, Any] = {
        "collection": "ratio",
        "ratio": "share",
        "numerator": charges,
        "denominator": arrests,
        "per": 100,
    }
    make_indicator(town.police, "share", openness=openness, **counts)
    if withheld:
        set_rule(town.area, indicator=find(town, withheld), kind="withhold", why="The agreement", by=officer)
    Indicator.objects.filter(area=town.area, code=closed).update(openness="partners")
    rules = effective_rules(town.area)
    assert find_hidden(find(town, "share"), rules) == said
    assert ("share" in rules.private) == (said == TELLS or openness == "partners")


def test_a_breakdown_would_give_its_whole_away(town: Town):
    arrests = find(town, "arrests")
    ages = make_dimension(town.area, "age", ["younger", "older"])
    split: dict[str, Any] = {"breaks_down": arrests, "dimension": ages, "shown_on": "ratios"}
    make_indicator(town.police, "by-age", openness="month", **split)
    assert find_hidden(find(town, "by-age"), effective_rules(town.area)) == ""
    Indicator.objects.filter(pk=arrests.pk).update(openness="partners")
    assert find_hidden(find(town, "by-age"), effective_rules(town.area)) == TELLS


@pytest.mark.parametrize(("kind", "said"), [("withhold", OWN), ("show", "")])
def test_a_total_of_a_year_is_withheld_only_by_a_rule(town: Town, officer: User, kind, said):
    Indicator.objects.filter(area=town.area, code="charges").update(openness="year")
    charges = find(town, "charges")
    town.area.disclosure_rules.create(
        indicator=charges, kind=kind, why="The agreement", set_at=timezone.now(), set_by=officer
    )
    assert find_hidden(charges, effective_rules(town.area)) == said


@pytest.mark.parametrize("openness", ["partners", "year"])
def test_what_is_withheld_points_to_who_may_see_it_and_does_not_contradict_it(town: Town, openness):
    Indicator.objects.filter(area=town.area, code="charges").update(openness=openness)
    assert describe_whose_rule(effective_rules(town.area), find(town, "charges")) == "who may see it"
