"""Several breakdowns of one indicator: how they are set up, sent and published, and whom they show."""

import re
from html import unescape
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from boards.rules import Role
from core.calendar import Month
from core.labels import TransitionRefused
from indicators.figures import Entry
from indicators.models import Category, Correction, Dimension, Indicator, IndicatorMove, Observation, RuleRequest
from indicators.openness import Openness
from indicators.protection.rules import RuleKind
from indicators.ratios import Range
from indicators.selectors.figures import figure_url
from indicators.selectors.returns import list_boxes
from indicators.selectors.validation import check_published
from indicators.services.corrections import CorrectionHasErrors, accept_correction, ask_correction
from indicators.services.openness import set_openness
from indicators.services.returns import ReturnHasErrors
from indicators.services.rule_requests import agree_to_rule
from indicators.services.setup import bring_back_indicator, retire_indicator, save_indicator
from reporting.months.presenters.breakdowns import describe_rate
from reporting.public import services
from reporting.public.editions import prepare_edition
from tests import scenarios
from tests.exported import rows_of
from tests.factories import make_agency, make_dimension, make_indicator, make_validation_rule
from tests.integration import setup_pages
from tests.ruling import set_rule
from tests.scenarios import Town
from tests.visiting import signed_in

pytestmark = pytest.mark.django_db
OCTOBER = Month(2024, 10)
CATEGORIES = {"sex": ["female", "male", "unknown"], "care": ["in-care", "not-in-care", "unknown"]}


def make_breakdown(town: Town, by: str, **fields: Any) -> Indicator:
    dimension = make_dimension(town.area, by, CATEGORIES[by])
    Category.objects.filter(dimension=dimension, code="unknown").update(is_unknown=True)
    whole = Indicator.objects.get(area=town.area, code="arrests")
    return make_indicator(
        town.police, f"arrests-{by}", dimension=dimension, breaks_down=whole, shown_on="ratios", **fields
    )


@pytest.fixture
def sex(town: Town) -> Indicator:
    return make_breakdown(town, "sex", position=9)


def by_sex(female: int, male: int, unknown: int) -> dict[str, object]:
    return {"arrests-sex.female": female, "arrests-sex.male": male, "arrests-sex.unknown": unknown}


# --- The return


def test_a_breakdown_stands_right_below_its_whole(town: Town, sex: Indicator):
    names = [box.name for box in list_boxes(town.police, OCTOBER)]
    assert names == ["arrests", *by_sex(0, 0, 0), "charges"]


def test_its_categories_have_to_add_up_to_the_whole(town: Town, sex: Indicator):
    with pytest.raises(ReturnHasErrors) as refused:
        scenarios.submit(town, OCTOBER, {"arrests": 13, "charges": 1} | by_sex(3, 8, 1))
    assert refused.value.errors == {
        "arrests:value": "Arrests: 13 must be the same as “Arrests sex”, 12. A breakdown, with its “not known”, "
        "must add up to its whole."
    }
    scenarios.accept(town, OCTOBER, {"arrests": 13, "charges": 1} | by_sex(3, 8, 2))


def test_a_figure_that_comes_later_may_still_make_it_add_up(town: Town, sex: Indicator):
    scenarios.accept(town, OCTOBER, {"arrests": 13, "charges": 1} | by_sex(3, 8, 0) | {"arrests-sex.unknown": None})


def test_the_form_says_how_far_the_sum_is(town: Town, sex: Indicator):
    scenarios.open_month(town, OCTOBER)
    page = signed_in(town.lead)
    url = reverse("indicators:return-edit", args=[town.area.slug, OCTOBER, town.police.code])
    typed = {"revision": "0", "opened": "{}", "then": "save", "arrests:value": "13", "arrests-sex.male:value": "8"}
    page.post(url, typed)
    form = unescape(page.get(url).content.decode())
    assert 'data-whole="arrests" aria-label="Total"><span>8</span> <span class="vv-return__mark">so far, of 13' in form


# --- Corrections


def ask(town: Town, name: str, value: int) -> Correction:
    code, _, category = name.partition(".")
    indicator = Indicator.objects.get(code=code)
    part = Category.objects.get(dimension=indicator.dimension, code=category) if category else None
    period = scenarios.open_month(town, OCTOBER)
    typed = Entry(str(value), note="Counted anew")
    return ask_correction(indicator, part, period, entry=typed, reason="One was missed", by=town.lead)


def test_a_whole_and_its_breakdown_are_corrected_together(town: Town, sex: Indicator):
    scenarios.accept(town, OCTOBER, {"arrests": 13, "charges": 1} | by_sex(3, 8, 2))
    whole = ask(town, "arrests", 14)
    with pytest.raises(TransitionRefused, match="“Arrests sex” is 13, and must be the same as “Arrests”, 14"):
        accept_correction(whole, by=town.coordinator)
    part = ask(town, "arrests-sex.male", 9)
    accept_correction(part, by=town.coordinator)
    accept_correction(whole, by=town.coordinator)
    assert check_published(town.area).broken == ()
    figures = Observation.objects.filter(indicator__code__startswith="arrests").values_list("value", flat=True)
    assert sorted(value for value in figures if value is not None) == [2, 3, 9, 14]


def test_who_declines_the_second_of_two_corrections_is_told_what_stays_apart(town: Town, sex: Indicator):
    scenarios.accept(town, OCTOBER, {"arrests": 13, "charges": 1} | by_sex(3, 8, 2))
    whole, part = ask(town, "arrests", 14), ask(town, "arrests-sex.male", 9)
    told = (
        "If you decline this correction, these figures will still break a rule: “Arrests sex” is 14, and must be the "
        "same as “Arrests”, 13. A breakdown, with its “not known”, must add up to its whole."
    )

    def read(correction: Correction, by: Client) -> str:
        return unescape(by.get(figure_url(correction.indicator, correction.category, correction.period)).text)

    coordinator = signed_in(town.coordinator)
    assert [told in read(correction, coordinator) for correction in (whole, part)] == [False, False]
    accept_correction(part, by=town.coordinator)
    assert told in read(whole, coordinator)
    assert told not in read(whole, signed_in(town.lead))


def test_a_part_may_still_not_be_more_than_its_whole_while_another_correction_waits(town: Town, sex: Indicator):
    make_indicator(town.police, "bailed", part_of=Indicator.objects.get(code="arrests"))
    scenarios.accept(town, OCTOBER, {"arrests": 13, "charges": 1, "bailed": 12} | by_sex(3, 8, 2))
    ask(town, "arrests", 20)
    with pytest.raises(CorrectionHasErrors, match="can’t be more than"):
        ask(town, "bailed", 15)


# --- Files


def test_files_have_its_rows_as_those_of_any_split_count(town: Town, sex: Indicator):
    scenarios.accept(town, OCTOBER, {"arrests": 13, "charges": 1} | by_sex(3, 8, 2))
    scenarios.publish(town, OCTOBER)
    file = signed_in(town.people[Role.BOARD_MEMBER]).get(reverse("reporting:month-csv", args=[town.area.slug, OCTOBER]))
    rows = [row for row in rows_of(file.content, "csv") if row["indicator"] == "arrests-sex"]
    values = {row["category"]: row["value"] for row in rows}
    assert values == {"": "13", "female": "3", "male": "8", "unknown": "2"}


# --- Set-up


def test_it_follows_its_whole_to_another_agency(town: Town, sex: Indicator):
    scenarios.accept(town, OCTOBER, {"arrests": 13, "charges": 1} | by_sex(3, 8, 2))
    scenarios.publish(town, OCTOBER)
    council = make_agency(town.area, "council")
    arrests = Indicator.objects.get(code="arrests")
    arrests.owner = council
    save_indicator(arrests, boards=[town.csp], by=town.coordinator)
    sex.refresh_from_db()
    assert sex.owner == council
    assert IndicatorMove.objects.get(indicator=sex).agency == town.police


def test_all_breakdowns_go_along_once_a_second_person_agrees_to_the_move(town: Town, sex: Indicator):
    """The rule of the agency so far protects more. Months before stay with it, and the next return is the new one's."""
    care = make_breakdown(town, "care", position=10)
    by_care = {"arrests-care.in-care": 4, "arrests-care.not-in-care": 8, "arrests-care.unknown": 1}
    scenarios.accept(town, OCTOBER, {"arrests": 13, "charges": 1} | by_sex(3, 8, 2) | by_care)
    scenarios.publish(town, OCTOBER)
    officer = town.people[Role.INFORMATION]
    set_rule(town.area, agency=town.police, why="So agreed", kind=RuleKind.WITHHOLD, by=officer)
    council, arrests = make_agency(town.area, "council"), Indicator.objects.get(code="arrests")
    arrests.owner = council
    save_indicator(arrests, boards=[town.csp], owner_why="Its team counts them", by=town.coordinator)
    assert {one.owner for one in Indicator.objects.filter(code__startswith="arrests")} == {town.police}
    agree_to_rule(RuleRequest.objects.get(owner=council), by=officer)
    assert {one.owner for one in Indicator.objects.filter(code__startswith="arrests")} == {council}
    assert {move.indicator for move in IndicatorMove.objects.filter(agency=town.police)} == {arrests, sex, care}
    assert [box.name for box in list_boxes(council, OCTOBER.next)] == ["arrests", *by_sex(0, 0, 0), *by_care]
    assert [box.name for box in list_boxes(town.police, OCTOBER.next)] == ["charges"]
    assert check_published(town.area).broken == ()


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"counts_as": "stock"}, "Choose the same as for Arrests, which it breaks down"),
        (
            {"code": "charges-sex", "breaks_down": "arrests-sex"},
            "is itself a breakdown: choose the indicator that it breaks down",
        ),
        ({"dimension": None}, "Also choose what it is split by"),
        ({"shown_on": "month"}, "A breakdown is split by a dimension, and shown with its whole."),
    ],
)
def test_it_counts_the_same_as_its_whole(town: Town, sex: Indicator, change: dict[str, object], sentence: str):
    if "breaks_down" in change:  # another one, of the first
        change = change | {"pk": None, "breaks_down": Indicator.objects.get(code=change["breaks_down"])}
    for name, value in change.items():
        setattr(sex, name, value)
    with pytest.raises(ValidationError) as refused:
        sex.full_clean()
    assert sentence in " ".join(refused.value.messages)


def test_a_part_has_no_breakdown_and_a_broken_down_whole_is_no_part(town: Town, sex: Indicator):
    charges, arrests = (Indicator.objects.get(code=code) for code in ("charges", "arrests"))
    arrests.part_of = charges
    with pytest.raises(ValidationError, match="has breakdowns, so it can’t be part of another"):
        arrests.full_clean()
    charges.part_of = sex
    with pytest.raises(ValidationError, match="Arrests sex breaks down Arrests: choose Arrests instead"):
        charges.full_clean()


def test_what_it_breaks_down_never_changes(town: Town, sex: Indicator):
    sex.breaks_down = Indicator.objects.get(code="charges")
    with pytest.raises(ValidationError, match="You can’t change the indicator that Arrests sex breaks down"):
        save_indicator(sex, boards=[], by=town.coordinator)


def test_a_whole_retires_after_its_breakdowns_and_comes_back_before_them(town: Town, sex: Indicator):
    arrests = Indicator.objects.get(code="arrests")
    with pytest.raises(ValidationError, match="Arrests sex breaks this indicator down: retire Arrests sex first"):
        retire_indicator(arrests, month=OCTOBER, by=town.coordinator)
    retire_indicator(sex, month=OCTOBER, by=town.coordinator)
    retire_indicator(arrests, month=OCTOBER, by=town.coordinator)
    with pytest.raises(ValidationError, match="It breaks down Arrests, which is retired: bring Arrests back first"):
        bring_back_indicator(sex, by=town.coordinator)


def test_a_rule_names_the_whole_and_not_a_breakdown(town: Town, sex: Indicator):
    with pytest.raises(ValidationError, match="Arrests sex breaks down Arrests: choose Arrests instead"):
        make_validation_rule(town.area, "rule", left=["charges"], right=["arrests-sex.male"])


def test_a_coordinator_adds_one_and_changes_its_words(town: Town, client: Client):
    dimension = make_dimension(town.area, "sex", CATEGORIES["sex"])
    visit = setup_pages.opener(town, client)
    arrests = Indicator.objects.get(code="arrests")
    typed = {
        "title": "Arrests by sex",
        "code": "arrests-sex",
        "question": "How many women and men?",
        "unit_one": "arrest",
        "unit_many": "arrests",
        "polarity": "neutral",
        "polarity_reason": "It says nothing.",
        "counts_as": "flow",
        "owner": town.police.pk,
        "collection": "return",
        "asked": "monthly",
        "section": arrests.section_id,
        "position": "3",
        "shown_on": "month",
        "definition": "By sex as recorded.",
        "applies_from": str(Month.of(timezone.localdate())),
        "dimension": dimension.pk,
        "breaks_down": arrests.pk,
    }
    assert "Arrests by sex has been added." in visit("indicators:indicator-add", **typed).content.decode()
    breakdown = Indicator.objects.get(code="arrests-sex")
    assert (breakdown.breaks_down, breakdown.shown_on) == (arrests, "ratios")
    form = visit("indicators:indicator-edit", "arrests-sex")
    assert "It breaks down Arrests, by sex." in form.content.decode()
    assert not {"owner", "dimension", "boards", "breaks_down"} & set(form.context["form"].fields)
    sent = {name: typed[name] for name in form.context["form"].fields if name in typed} | {"title": "Arrests, by sex"}
    assert (
        "Arrests, by sex has been saved." in visit("indicators:indicator-edit", "arrests-sex", **sent).content.decode()
    )


def test_a_coordinator_enters_the_population_of_each_group(town: Town, sex: Indicator, client: Client):
    visit = setup_pages.opener(town, client)
    answer = visit("indicators:dimension-edit", "sex", name="Sex", population_source="The census")
    assert "Give both the source of its population and the year, or neither." in answer.content.decode()
    visit("indicators:dimension-edit", "sex", name="Sex", population_source="The census", population_year="2021")
    visit("indicators:category-edit", "sex", "female", name="Women", position="0", population="1000")
    answer = visit(
        "indicators:category-edit", "sex", "unknown", name="Not known", position="3", is_unknown="on", population="5"
    )
    assert "Leave the population empty: no one is counted as unknown there." in answer.content.decode()
    dimension = Dimension.objects.get(code="sex")
    assert (dimension.population_source, dimension.population_year) == ("The census", 2021)
    assert list(dimension.categories.values_list("population", flat=True)) == [1_000, None, None]


# --- Public editions


def publish(town: Town, **figures: int) -> dict[str, int | None]:
    scenarios.accept(town, OCTOBER, {name.replace("__", ".").replace("_", "-"): n for name, n in figures.items()})
    scenarios.publish(town, OCTOBER)
    services.turn_public_pages(town.area, on=True, by=town.coordinator)
    period = scenarios.open_month(town, OCTOBER)
    prepared = prepare_edition(period.snapshots.latest("version"))
    assert prepared.given_away == []
    return {f"{line.indicator_code}.{line.category_code}".rstrip("."): line.value for line in prepared.lines}


SPLIT = {"arrests_sex__female": 6, "arrests_sex__male": 6, "arrests_sex__unknown": 1}


def test_a_breakdown_for_partners_is_in_no_edition_and_leaves_its_whole_there(town: Town):
    make_breakdown(town, "sex", openness="partners", openness_why="Small groups.")
    assert publish(town, arrests=13, charges=9, **SPLIT) == {"arrests": 13, "charges": 9}


def test_an_open_breakdown_is_protected_with_its_whole(town: Town, sex: Indicator):
    make_breakdown(town, "care", openness="partners", openness_why="Small groups.")
    care = {"arrests_care__in_care": 0, "arrests_care__not_in_care": 12, "arrests_care__unknown": 1}
    hidden = {"arrests-sex.female": 6, "arrests-sex.male": None, "arrests-sex.unknown": None}
    shown = publish(town, arrests=13, charges=9, **SPLIT, **care)
    assert shown == {"arrests": 13, "charges": 9, "arrests-sex": 13} | hidden


def test_an_open_breakdown_of_a_whole_for_partners_is_in_no_edition(town: Town, sex: Indicator):
    Indicator.objects.filter(code="arrests").update(openness="partners", openness_why="The agreement says so.")
    assert publish(town, arrests=13, charges=9, **SPLIT) == {"charges": 9}


def test_a_breakdown_opens_after_its_whole(town: Town):
    sex = make_breakdown(town, "sex", openness="partners", openness_why="Small groups.")
    Indicator.objects.filter(code="arrests").update(openness="partners", openness_why="The agreement says so.")
    decision: dict[str, Any] = {
        "why": "It helps.",
        "agreement": "By email of 1 May",
        "by": town.people[Role.INFORMATION],
    }
    with pytest.raises(
        ValidationError, match="“Arrests sex” breaks down “Arrests”, which the public can’t see month by month"
    ):
        set_openness(sex, openness=Openness.MONTH, **decision)
    with pytest.raises(ValidationError, match="has a total for the year"):
        set_openness(sex, openness=Openness.YEAR, **decision)


# --- Whom it hits


@pytest.fixture
def year(town: Town, sex: Indicator) -> Indicator:
    """Twelve months of 5 girls, 14 boys and one unknown, of 1,000 girls and 1,100 boys."""
    Dimension.objects.filter(code="sex").update(population_source="The census, ages 10 to 17", population_year=2021)
    for code, population in (("female", 1_000), ("male", 1_100)):
        Category.objects.filter(dimension__code="sex", code=code).update(population=population)
    for ago in range(11, -1, -1):
        month = OCTOBER + -ago
        scenarios.accept(town, month, {"arrests": 20, "charges": 1} | by_sex(5, 14, 1))
        scenarios.publish(town, month)
    return sex


def read(town: Town, role: Role = Role.BOARD_MEMBER) -> str:
    url = reverse("reporting:breakdowns", args=[town.area.slug, "arrests"])
    return unescape(signed_in(town.people[role]).get(url).content.decode())


def test_partners_see_who_is_recorded_more_often(town: Town, year: Indicator):
    page = read(town)
    assert "November 2023 to October 2024: 12 published months." in page
    assert "Population: The census, ages 10 to 17, 2021." in page
    assert "Recorded more often: 2.5 times as often as the others (1.9 to 3.5)" in page
    assert "Recorded less often: 0.4 times as often as the others (0.3 to 0.5)" in page
    assert "commit" not in page.lower()
    link = reverse("reporting:breakdowns", args=[town.area.slug, "arrests"])
    for code in ("arrests", "arrests-sex"):
        own = signed_in(town.people[Role.BOARD_MEMBER]).get(
            reverse("reporting:indicator-view", args=[town.area.slug, code])
        )
        assert link in own.content.decode()


def test_nothing_is_compared_where_too_many_are_unknown(town: Town, year: Indicator):
    scenarios.accept(town, OCTOBER.next, {"arrests": 80, "charges": 1} | by_sex(20, 20, 40))
    scenarios.publish(town, OCTOBER.next)
    page = read(town)
    assert "More than 15% are unknown, so we don’t compare the groups." in page
    assert "times as often as the others (" not in page


def test_a_group_of_which_too_few_are_expected_is_not_compared(town: Town, year: Indicator):
    Category.objects.filter(dimension__code="sex", code="female").update(population=20)
    page = read(town)
    assert "Not compared: from its share of the population, we would expect about 4.1, and we need at least 5" in page
    assert "Not compared with the others: among them, we would expect about 4.1, and we need at least 5" in page


def test_a_count_of_people_from_elsewhere_is_not_compared_with_those_who_live_here(town: Town, year: Indicator):
    assert "No one has said in Set-up whether this indicator counts only people who live in" in read(town)
    whole = Indicator.objects.filter(code="arrests")
    whole.update(counts_residents=True)
    page = read(town)
    assert "No one has said in Set-up" not in page
    assert "Recorded more often: 2.5 times" in page
    assert re.search(
        r"In all: 240 \w+, adding up 12 months: someone who is in two of these months counts "
        r"twice\.",
        page,
    )
    whole.update(counts_residents=False, residents_why="They come from anywhere.")
    page = read(town)
    assert (
        "The indicator also counts people who live elsewhere, so we can’t compare groups with the area’s residents."
        in page
    )
    assert "times as often as the others (" not in page


def test_a_range_has_as_many_digits_as_it_takes_to_see_its_side():
    assert describe_rate(Range(1.94, 1.03, 3.23)) == "1.94 times as often as the others (1.03 to 3.23)"
    assert describe_rate(Range(2.13, 1.31, 3.32)) == "2.1 times as often as the others (1.3 to 3.3)"


def test_without_a_population_only_the_shares_are_shown(town: Town, year: Indicator):
    Category.objects.filter(dimension__code="sex").update(population=None)
    page = read(town)
    assert "At least one group has no population entered, so we don’t compare the groups." in page
    assert "70%" in page


def test_only_published_months_count(town: Town, year: Indicator):
    scenarios.accept(town, OCTOBER.next, {"arrests": 900, "charges": 1} | by_sex(900, 0, 0))
    assert "November 2023 to October 2024: 12 published months." in read(town)


def test_months_before_its_whole_was_counted_anew_are_not_added_up(town: Town, year: Indicator):
    arrests = Indicator.objects.get(code="arrests")
    arrests.definitions.create(applies_from=OCTOBER.next.first_day, text="Counted anew.")
    for month in (OCTOBER.next, OCTOBER + 2):
        scenarios.accept(town, month, {"arrests": 20, "charges": 1} | by_sex(5, 14, 1))
        scenarios.publish(town, month)
    assert "November 2024 to December 2024: 2 published months." in read(town)


def test_an_indicator_without_breakdowns_has_no_such_page(town: Town):
    response = signed_in(town.people[Role.BOARD_MEMBER]).get(
        reverse("reporting:breakdowns", args=[town.area.slug, "charges"])
    )
    assert response.status_code == 404
    assert "Charges has no breakdown" in response.content.decode()
