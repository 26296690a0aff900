"""A month of an indicator becomes public some months later."""

from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.test import Client

from boards.rules import Role
from core.calendar import Month
from core.labels import TransitionRefused
from indicators.models import Indicator, RuleRequest
from indicators.openness import Openness, shows_more
from indicators.services.openness import set_openness
from indicators.services.rule_requests import agree_to_rule
from indicators.trend import CellState
from reporting.models import PublicEdition
from reporting.public.cells import true_cells
from reporting.public.lines import Prepared
from reporting.public.presenters.publishing import describe_attack
from reporting.public.regional import find_gaps, look_at
from tests import scenarios
from tests.factories import make_indicator
from tests.publishing import publish_months
from tests.scenarios import Town, make_town
from tests.standing import stand
from tests.visiting import signed_in

pytestmark = pytest.mark.django_db
MAY, OCTOBER = Month(2026, 5), Month(2026, 10)
STOPS, SEARCHES = [21, 22, 23, 24, 3, 26], [7, 7, 7, 7, 0, 7]  # May to October


def make_town_with_a_delay() -> Town:
    """Stops are public two months later; searches are a part of them, and a rate is worked out from charges."""
    town = make_town()
    stops = make_indicator(town.police, "stops", openness_delay=2, position=2)
    make_indicator(town.police, "searches", part_of=stops, position=3)
    share: dict[str, Any] = {"collection": "ratio", "ratio": "average", "per": 1, "openness_delay": 1}
    counts = {code: Indicator.objects.get(code=code) for code in ("arrests", "charges")}
    make_indicator(
        town.police, "a-charge", numerator=counts["arrests"], denominator=counts["charges"], position=4, **share
    )
    figures = {"arrests": [15] * 6, "charges": [9] * 6, "stops": STOPS, "searches": SEARCHES}
    publish_months(town, MAY, figures)
    return town


made, town = stand(make_town_with_a_delay)


def list_cells(edition: PublicEdition, code: str) -> list[int | str | None]:
    """The figures or states of a line, from May on."""
    line = edition.lines.get(indicator_code=code)
    cells = true_cells(line, edition.period.month)
    return [value if state is CellState.FIGURE else state.value for state, value in cells.values()]


def test_an_edition_shows_the_newest_month_that_is_old_enough(town: Town):
    edition = scenarios.publish_openly(town, OCTOBER)
    assert list_cells(edition, "stops") == [21, 22, 23, 24, "later", "later"]
    assert list_cells(edition, "charges") == [9] * 6
    page = Client().get("/testford/public/2026-10/").content.decode()
    assert "Stops: 24 in August 2026. We show each month 2 months later." in page
    # It isn't withheld to protect people.
    assert "To protect people" not in page
    rows = Client().get("/testford/public/2026-10/figures.csv").content.decode()
    assert "2026-10,Testford,stops,Stops,,,many,,[l],not public yet" in rows
    assert "2026-08,Testford,stops,Stops,,,many,24,," in rows


def test_a_later_edition_shows_it_and_says_nothing_of_a_revision(town: Town):
    scenarios.publish_openly(town, OCTOBER + -1)
    edition = scenarios.publish_openly(town, OCTOBER)
    assert list_cells(edition, "stops")[:4] == [21, 22, 23, 24]
    assert not edition.lines.get(indicator_code="stops").revised_state


def test_a_small_number_is_withheld_once_its_month_is_public(town: Town):
    scenarios.publish_openly(town, OCTOBER)
    publish_months(town, OCTOBER.next, {"arrests": [15], "charges": [9], "stops": [22], "searches": [7]})
    edition = scenarios.publish_openly(town, OCTOBER.next)
    assert list_cells(edition, "stops") == [21, 22, 23, 24, "withheld", "later", "later"]


def test_what_sums_tie_together_waits_together(town: Town):
    """Searches would say in October that there were 7 stops at least."""
    edition = scenarios.publish_openly(town, OCTOBER)
    assert list_cells(edition, "searches") == [7, 7, 7, 7, "later", "later"]


def test_a_ratio_waits_by_itself(town: Town):
    edition = scenarios.publish_openly(town, OCTOBER)
    assert list_cells(edition, "a-charge")[-2:] == [17, "later"]


def test_whoever_looks_at_an_earlier_month_reads_which_editions_gave_a_figure_away(town: Town):
    """August's own edition had none before it. October's has shown its stops and searches since."""
    scenarios.publish_openly(town, Month(2026, 8))
    officer, address = town.people[Role.INFORMATION], "/testford/publishing/2026-08/"
    gives_away = "but an edition that is or was public already gives"
    assert gives_away not in signed_in(officer).get(address).content.decode()
    scenarios.publish_openly(town, OCTOBER)
    page = signed_in(officer).get(address).content.decode()
    assert f"It would also protect 6 more, {gives_away} them away." in page
    assert describe_attack(Prepared([], known_before=1)).endswith(f"protect 1 more figure, {gives_away} it away")


def test_one_person_adds_a_delay_and_two_take_it_away(town: Town):
    officer = town.people[Role.INFORMATION]
    stops = Indicator.objects.select_related("area").get(code="stops")
    typed = {"openness": "month", "delay": "4", "why": "Cases are in court by then", "agreement": ""}
    page = "/testford/disclosure/openness/stops/"
    assert "stops: saved" in signed_in(officer).post(page, typed, follow=True).content.decode().lower()
    assert Indicator.objects.get(code="stops").openness_words == "the public, month by month, 4 months later"
    asked = set_openness(
        stops, openness=Openness.MONTH, delay=1, why="Asked by the press", agreement="In the minutes", by=officer
    )
    assert isinstance(asked, RuleRequest)
    assert Indicator.objects.get(code="stops").openness_delay == 4
    page = signed_in(town.coordinator).get(f"/testford/disclosure/requests/{asked.pk}/").content.decode()
    assert "month by month, 4 months later" in page
    assert "month by month, 1 month later" in page
    agree_to_rule(asked, by=town.coordinator)
    assert Indicator.objects.get(code="stops").openness_delay == 1


def test_a_shorter_delay_is_void_once_somebody_has_made_it_longer(town: Town):
    officer = town.people[Role.INFORMATION]
    stops = Indicator.objects.select_related("area").get(code="stops")
    asked = set_openness(
        stops, openness=Openness.MONTH, delay=1, why="Asked by the press", agreement="In the minutes", by=officer
    )
    assert isinstance(asked, RuleRequest)
    set_openness(stops, openness=Openness.MONTH, delay=12, why="A trial goes on", by=officer)
    with pytest.raises(TransitionRefused, match="The answer about who may see it has changed"):
        agree_to_rule(asked, by=town.coordinator)
    assert Indicator.objects.get(code="stops").openness_delay == 12


@pytest.mark.parametrize("delay", ["-1", "25", "two"])
def test_a_delay_that_can_not_be(town: Town, delay: str):
    typed = {"openness": "month", "delay": delay, "why": "Cases are in court by then", "agreement": ""}
    answer = signed_in(town.people[Role.INFORMATION]).post("/testford/disclosure/openness/stops/", typed)
    assert "The delay must be a whole number of months from 0 to 24" in answer.content.decode()
    if delay != "two":
        stops = Indicator.objects.get(code="stops")
        with pytest.raises(ValidationError, match="from 0 to 24"):
            set_openness(stops, openness=Openness.MONTH, delay=int(delay), why="A", by=town.people[Role.INFORMATION])


def test_which_delay_shows_more():
    month, year = Openness.MONTH, Openness.YEAR
    assert shows_more(month, month, delay=1, delay_before=2)
    assert not shows_more(month, month, delay=2, delay_before=1)
    assert not shows_more(month, "", delay=3)
    # The total of a year would come before its last months did.
    assert shows_more(year, month, delay_before=2)
    assert not shows_more(year, month)
    assert shows_more(month, year, delay=24)


def test_a_region_takes_a_month_that_comes_later_for_no_gap(town: Town):
    """It would think that the count is small."""
    edition = scenarios.publish_openly(town, OCTOBER)
    lines = list(edition.lines.all())
    assert look_at(lines, "stops", OCTOBER, OCTOBER) is None
    assert look_at(lines, "stops", OCTOBER, MAY) is not None
    assert find_gaps({town.area.pk: edition}, {edition.pk: lines}) == {}
