"""The public sees an indicator only as the total of a whole year."""

from collections.abc import Iterator
from io import BytesIO
from itertools import product
from types import SimpleNamespace
from typing import Any, cast

import pytest
from django.core.exceptions import ValidationError
from django.test import Client
from hypothesis import given
from hypothesis import strategies as st
from python_calamine import CalamineWorkbook

from boards.models import ReportingPeriod
from boards.rules import Role
from core.calendar import Month
from indicators.figures import Entry
from indicators.models import Indicator
from indicators.openness import Openness, shows_more
from indicators.protection.families import Count
from indicators.protection.rules import Suppress
from indicators.services.corrections import accept_correction, ask_correction
from indicators.services.openness import set_openness
from indicators.validation import Rule as AcrossFigures
from reporting.models import PublicEdition
from reporting.models.line_fields import LineFields
from reporting.months.selectors import latest_snapshot
from reporting.months.services import publish_corrections
from reporting.public.editions import prepare_edition
from reporting.public.lines import Prepared
from reporting.public.taking_down import withdraw_month
from reporting.public.years import add_up, find_year, protect_totals
from tests import scenarios
from tests.factories import make_indicator, make_validation_rule
from tests.publishing import publish_months
from tests.ruling import set_rule
from tests.scenarios import Town, make_town
from tests.standing import stand
from tests.tie_attacker import across
from tests.visiting import signed_in

pytestmark = pytest.mark.django_db
APRIL, MARCH, MAY = Month(2025, 4), Month(2026, 3), Month(2026, 5)
MONTHS = 14  # April 2025 to May 2026
PUBLIC = "/api/v1/public/areas/testford/"


def make_town_with_a_year() -> Town:
    """Stops: 10 a month, 120 in the year. Raids: 3 in the year. Contacts, some of them covert. Calls, by day or by
    night."""
    town = make_town()
    yearly: dict[str, Any] = {"openness": "year", "openness_why": "Operations"}
    make_indicator(town.police, "stops", position=2, **yearly)
    make_indicator(town.police, "raids", position=3, **yearly)
    contacts = make_indicator(town.police, "contacts", position=4)
    make_indicator(town.police, "covert", part_of=contacts, position=5, **yearly)
    calls = make_indicator(town.police, "calls", openness="partners", position=6)
    make_indicator(town.police, "calls-by-day", part_of=calls, position=7, **yearly)
    make_indicator(town.police, "calls-by-night", part_of=calls, position=8, **yearly)
    publish_months(
        town,
        APRIL,
        {
            "arrests": [15] * MONTHS,
            "charges": [9] * MONTHS,
            "stops": [10] * MONTHS,
            "raids": [1, 0, 0, 0, 1, 0, 0, 0, 0, 0, 1, 0, 0, 0],
            "contacts": [40] * MONTHS,
            "covert": [12] * MONTHS,
            "calls": [22] * MONTHS,
            "calls-by-day": [12] * MONTHS,
            "calls-by-night": [10] * MONTHS,
        },
    )
    return town


made, town = stand(make_town_with_a_year)


def prepare(town: Town, month: Month = MAY) -> Prepared:
    period = ReportingPeriod.objects.select_related("area").get(area=town.area, starts_on=month.first_day)
    snapshot = latest_snapshot(period, include_drafts=False)
    snapshot.period = period
    return prepare_edition(snapshot)


def list_totals(town: Town, month: Month = MAY) -> dict[str, int | None]:
    return {total["code"]: total["value"] for total in prepare(town, month).years}


def decide(town: Town, code: str, openness: Openness) -> None:
    """Whoever agreed to it."""
    Indicator.objects.filter(area=town.area, code=code).update(openness=openness.value, openness_why="Agreed")


def test_the_total_is_public_and_no_month(town: Town):
    edition = scenarios.publish_openly(town, MAY)
    assert {line.indicator_code for line in edition.lines.all()} == {"arrests", "charges", "contacts"}
    page = Client().get("/testford/public/2026-05/").content.decode()
    assert "April 2025 to March 2026" in page
    assert "120 many" in page
    for end in ("figures.csv", "about/", "year/"):
        assert b"stops" not in Client().get(f"/testford/public/2026-05/{end}").content.lower(), end


def test_files_and_the_api_have_it_beside_the_months(town: Town):
    scenarios.publish_openly(town, MAY)
    stops = {
        "first_month": "2025-04",
        "last_month": "2026-03",
        "indicator": "stops",
        "title": "Stops",
        "unit": "many",
        "value": 120,
        "symbol": "",
        "symbol_meaning": "",
        "rounded_to": None,
    }
    addresses = (
        "/testford/public/2026-05/figures.json",
        f"{PUBLIC}months/2026-05",
        f"{PUBLIC}latest",
        f"{PUBLIC}history",
    )
    for address in addresses:
        found = Client().get(address).json()
        years = {row["indicator"]: row for row in found["years"]}
        assert years["stops"] == stops, address
        assert (years["raids"]["value"], years["raids"]["symbol"]) == (None, "[c]")
        assert not {"stops", "raids"} & {row["indicator"] for row in found["figures"]}
    assert "years" in Client().get(f"{PUBLIC}history?indicator=arrests").json()
    assert Client().get(f"{PUBLIC}history?indicator=arrests").json()["years"] == []
    in_package = Client().get("/testford/public/years.csv").content.decode().splitlines()
    assert in_package[0].startswith("first_month,last_month,indicator,title,unit,value,")
    assert "2025-04,2026-03,stops,Stops,many,120,,," in in_package
    workbook = CalamineWorkbook.from_filelike(BytesIO(Client().get("/testford/public/2026-05/figures.xlsx").content))
    sheet = workbook.get_sheet_by_name("Years").to_python()
    assert ["2025-04", "2026-03", "stops", "Stops", "many", 120] in [row[:6] for row in sheet]


def test_a_year_is_told_as_the_newest_edition_tells_it(town: Town):
    scenarios.publish_openly(town, Month(2026, 4))
    correct(town, Month(2025, 9), "stops", 13)
    scenarios.publish_openly(town, MAY)
    (stops,) = [row for row in Client().get(f"{PUBLIC}history").json()["years"] if row["indicator"] == "stops"]
    assert stops["value"] == 123


def test_no_total_before_the_year_is_over(town: Town):
    assert list_totals(town, Month(2026, 2)) == {}
    assert list_totals(town, MARCH)["stops"] == 120
    assert list_totals(town, Month(2026, 4)) == list_totals(town, MARCH)


def test_a_small_total_is_withheld(town: Town):
    assert list_totals(town)["raids"] is None
    scenarios.publish_openly(town, MAY)
    page = Client().get("/testford/public/2026-05/").content.decode()
    assert "Not shown, to protect people" in page


def test_a_rule_that_rounds_rounds_the_total(town: Town):
    officer = town.people[Role.INFORMATION]
    stops = Indicator.objects.get(code="stops")
    set_rule(town.area, indicator=stops, kind="round", suppress_to=7, base=7, why="The agreement", by=officer)
    assert list_totals(town)["stops"] == 119


def test_a_part_of_what_is_public_by_month_has_no_total(town: Town):
    """With the months of the whole, it would narrow each of its own months."""
    assert "covert" not in list_totals(town)
    decide(town, "contacts", Openness.PARTNERS)
    assert list_totals(town)["covert"] == 144


def find_most(edition: PublicEdition, code: str, total: str) -> int:
    """The attacker: with a month’s arrests at most its stops, the one withheld month is at most what is left of the
    stops of the year."""
    history = edition.lines.get(indicator_code=code, category_code="").history[:12]
    assert history.count(None) == 1
    (most,) = [one["value"] for one in edition.years if one["code"] == total]
    return most - sum(figure for figure in history if figure is not None)


@pytest.mark.parametrize("is_known", [False, True])
def test_a_total_that_a_strict_rule_ties_to_months_is_not_public(town: Town, is_known: bool):
    decide(town, "charges", Openness.PARTNERS)
    set_rule(
        town.area,
        indicator=Indicator.objects.get(code="arrests"),
        kind="suppress",
        below=5,
        why="The agreement",
        by=town.people[Role.INFORMATION],
    )
    for month in range(12):
        correct(town, APRIL + month, "arrests", 2 if month == 5 else 9)
        correct(town, APRIL + month, "stops", 2 if month == 5 else 9)
    if is_known:
        make_validation_rule(town.area, "arrests-are-stops", left=["arrests"], relation="at-most", right=["stops"])
    edition = scenarios.publish_openly(town, MAY)
    if is_known:
        assert "stops" not in {total["code"] for total in edition.years}
    else:  # without the rule it is shown, and with it a reader would know it to be 1 or 2
        assert find_most(edition, "arrests", "stops") == 2


def test_once_a_total_is_public_no_month_that_a_strict_rule_ties_to_it_is(town: Town):
    decide(town, "arrests", Openness.PARTNERS)
    decide(town, "charges", Openness.PARTNERS)
    make_validation_rule(town.area, "arrests-are-stops", left=["arrests"], relation="at-most", right=["stops"])
    first = scenarios.publish_openly(town, MAY)
    assert [total["value"] for total in first.years if total["code"] == "stops"] == [120]
    decide(town, "arrests", Openness.MONTH)
    correct(town, MAY, "contacts", 41)
    second = scenarios.publish_openly(town, MAY)
    assert second.lines.get(indicator_code="arrests").history == [None] * 12 + [15, 15]


SMALL = Suppress(5)


def list_possible(rule: AcrossFigures, shown: dict[str, int | None]) -> Iterator[dict[str, int]]:
    """The attacker: every year that agrees with what is shown and with the rule. What is withheld isn’t 0."""
    codes = list(shown)
    for values in product(range(13), repeat=len(codes)):
        year = dict(zip(codes, values, strict=True))
        kept = all(value == year[code] if value is not None else year[code] for code, value in shown.items())
        if kept and sum(year[term.indicator] for term in rule.left) <= sum(year[term.indicator] for term in rule.right):
            yield year


@given(st.tuples(*[st.integers(0, 12)] * 3).filter(lambda year: year[0] + year[1] <= year[2]), st.booleans())
def test_totals_that_a_strict_rule_ties_together_give_none_away(year: tuple[int, int, int], knows_rules: bool):
    """At most 6 of both, and 5 of the one: the other would be 1. Where the gate doesn't know the rule, it is."""
    values = dict(zip("abc", year, strict=True))
    rule = across("at-most", ["a", "b"], ["c"])
    counts = {(code, ""): Count(value, SMALL) for code, value in values.items()}
    protection = protect_totals(MARCH, counts, {}, {}, [rule] if knows_rules else [])
    shown = {code: None if (code, "") in protection.withheld else value for code, value in values.items()}
    possible = list(list_possible(rule, shown))
    narrow = [
        code
        for code, value in values.items()
        if 0 < value < SMALL.below and len({one[code] for one in possible}) < SMALL.below - 1
    ]
    if knows_rules:
        assert narrow == []
    elif year == (5, 1, 6):
        assert narrow == ["b"]


def test_without_the_rule_the_gate_would_give_a_total_away():
    counts = {(code, ""): Count(value, SMALL) for code, value in {"a": 5, "b": 1, "c": 6}.items()}
    rule = across("at-most", ["a", "b"], ["c"])
    assert protect_totals(MARCH, dict(counts), {}, {}, []).withheld == {("b", "")}
    assert protect_totals(MARCH, dict(counts), {}, {}, [rule]).withheld > {("b", "")}


def test_parts_that_would_give_a_private_whole_away_are_withheld(town: Town):
    """All 264 calls are 144 by day and 120 by night."""
    totals = list_totals(town)
    assert "calls" not in totals
    assert None in (totals["calls-by-day"], totals["calls-by-night"])


def correct(town: Town, month: Month, code: str, value: int) -> None:
    indicator = Indicator.objects.get(area=town.area, code=code)
    period = ReportingPeriod.objects.select_related("area").get(area=town.area, starts_on=month.first_day)
    entry = Entry(str(value), note="Checked")
    asked = ask_correction(indicator, None, period, entry=entry, reason="Counted twice", by=town.lead)
    accept_correction(asked, by=town.coordinator)
    scenarios.sweep()
    publish_corrections(town.area, by=town.coordinator)


@pytest.mark.parametrize("before", [Openness.MONTH, Openness.YEAR])
def test_months_and_their_total_are_never_both_public(town: Town, before: Openness):
    """One withheld month would follow from the eleven others."""
    decide(town, "stops", before)
    correct(town, Month(2025, 9), "stops", 3)
    first = scenarios.publish_openly(town, MAY)
    decide(town, "stops", Openness.YEAR if before is Openness.MONTH else Openness.MONTH)
    correct(town, MAY, "arrests", 16)
    second = scenarios.publish_openly(town, MAY)
    if before is Openness.MONTH:
        assert "stops" not in {total["code"] for total in second.years}
        assert not second.lines.filter(indicator_code="stops").exists()
    else:
        assert [total["value"] for total in first.years if total["code"] == "stops"] == [113]
        assert second.lines.get(indicator_code="stops").history == [None] * 12 + [10, 10]


def test_a_total_that_was_withheld_once_stays_so(town: Town):
    """Corrected from 3 to 4 it is small still, and its rule is milder then."""
    scenarios.publish_openly(town, MAY)
    set_rule(
        town.area,
        indicator=Indicator.objects.get(code="raids"),
        kind="show",
        why="Agreed",
        by=town.people[Role.INFORMATION],
    )
    assert list_totals(town)["raids"] is None


def test_a_month_that_is_withdrawn_takes_the_total_with_it(town: Town):
    edition = scenarios.publish_openly(town, MAY)
    march = ReportingPeriod.objects.select_related("area").get(starts_on=MARCH.first_day)
    Indicator.objects.exclude(code__in=["stops", "raids"]).update(openness="partners", openness_why="Agreed")
    withdraw_month(march, why="By mistake", by=town.people[Role.INFORMATION])
    assert PublicEdition.objects.get(pk=edition.pk).withdrawal
    assert list_totals(town) == {}


def test_the_officer_sees_the_totals_before_approving(town: Town):
    page = signed_in(town.people[Role.INFORMATION]).get("/testford/publishing/2026-05/").content.decode()
    assert "The public will also see these totals for April 2025 to March 2026: Stops, 120 many" in page


def test_who_agrees_to_a_total_is_told_that_no_month_is_public(town: Town):
    decide(town, "stops", Openness.PARTNERS)
    stops = Indicator.objects.select_related("area").get(code="stops")
    officer = town.people[Role.INFORMATION]
    asked = set_openness(stops, openness=Openness.YEAR, why="Asked for", agreement="In the minutes", by=officer)
    assert asked is not None
    client, url = signed_in(town.coordinator), f"/testford/disclosure/requests/{asked.pk}/"
    page = client.get(url).content.decode()
    assert "one number for each financial year, and no monthly figures" in page
    assert "would be shown" not in page
    assert "You agreed." in client.post(url, {"decision": "agree"}, follow=True).content.decode()
    assert list_totals(town)["stops"] == 120


@pytest.mark.parametrize("fields", [{"counts_as": "stock"}, {"asked": "quarterly"}])
def test_only_a_count_of_each_months_events_has_a_total(town: Town, fields: dict[str, str]):
    Indicator.objects.filter(code="arrests").update(**fields)
    arrests = Indicator.objects.select_related("area").get(code="arrests")
    with pytest.raises(ValidationError, match="Only a monthly count of events"):
        set_openness(arrests, openness=Openness.YEAR, why="Operations", by=town.people[Role.INFORMATION])
    arrests.openness = "year"
    with pytest.raises(ValidationError, match="it has to count what happens in each month"):
        arrests.clean()


def test_which_openness_shows_more():
    assert [(after, before) for before in ["", *Openness] for after in Openness if shows_more(after, before)] == [
        ("year", "partners"),
        ("month", "partners"),
        ("month", "year"),
    ]


@given(st.integers(2, 9000), st.integers(1, 12))
def test_a_year_is_over_and_the_next_one_isnt(year: int, number: int):
    month = Month(year + 1, number)
    months = find_year(month)
    assert (len(months), months[0].number, months[-1].number) == (12, 4, 3)
    assert months[-1] <= month < months[-1] + 12


@given(st.lists(st.integers(0, 50), min_size=12, max_size=36), st.data())
def test_a_total_is_the_sum_of_twelve_final_figures_counted_alike(figures: list[int], data: st.DataObject):
    last = MARCH + data.draw(st.integers(0, len(figures) - 12))
    step = {"at": 0, "from": "2020-01-01", "without": {}}
    line = cast("LineFields", SimpleNamespace(history=figures, steps=[step]))
    year = find_year(MARCH)
    first = len(figures) - 1 - (last - year[0])
    assert add_up(line, last, year) == sum(figures[first : first + 12])
    place = data.draw(st.integers(first, first + 11))
    for spoilt in ({"held": [place]}, {"provisional": [place]}):
        spoilt_line = cast("LineFields", SimpleNamespace(history=figures, steps=[step | spoilt]))
        assert add_up(spoilt_line, last, year) is None
    missing = [None if at == place else figure for at, figure in enumerate(figures)]
    assert add_up(cast("LineFields", SimpleNamespace(history=missing, steps=[step])), last, year) is None
    if place > first:
        anew = [step, step | {"at": place}]
        assert add_up(cast("LineFields", SimpleNamespace(history=figures, steps=anew)), last, year) is None
