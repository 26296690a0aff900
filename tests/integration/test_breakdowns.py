"""Several breakdowns of one indicator: how they are set up, sent and published."""

from html import unescape
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.urls import reverse

from core.calendar import Month
from indicators.models import Category, Indicator, IndicatorMove
from indicators.selectors.returns import list_boxes
from indicators.services.returns import ReturnHasErrors
from indicators.services.setup import bring_back_indicator, retire_indicator, save_indicator
from reporting.public import services
from reporting.public.editions import prepare_edition
from tests import scenarios
from tests.factories import make_agency, make_dimension, make_indicator, make_validation_rule
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
        "arrests:value": "Arrests: 13 must be the same as “Arrests sex”, 12. A breakdown adds up to its whole, with "
        "those of whom it isn’t known."
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


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"counts_as": "stock"}, "Choose the same as for Arrests, which it breaks down"),
        ({"code": "charges-sex", "breaks_down": "arrests-sex"}, "is itself a breakdown: choose its whole"),
        ({"dimension": None}, "Choose what it is split by too"),
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
    with pytest.raises(ValidationError, match="Arrests sex breaks down Arrests: choose that"):
        charges.full_clean()


def test_what_it_breaks_down_never_changes(town: Town, sex: Indicator):
    sex.breaks_down = Indicator.objects.get(code="charges")
    with pytest.raises(ValidationError, match="What Arrests sex breaks down can’t change"):
        save_indicator(sex, boards=[], by=town.coordinator)


def test_a_whole_retires_after_its_breakdowns_and_comes_back_before_them(town: Town, sex: Indicator):
    arrests = Indicator.objects.get(code="arrests")
    with pytest.raises(ValidationError, match="Arrests sex breaks it down: retire that first"):
        retire_indicator(arrests, month=OCTOBER, by=town.coordinator)
    retire_indicator(sex, month=OCTOBER, by=town.coordinator)
    retire_indicator(arrests, month=OCTOBER, by=town.coordinator)
    with pytest.raises(ValidationError, match="It breaks down Arrests, which is retired: bring that back first"):
        bring_back_indicator(sex, by=town.coordinator)


def test_a_rule_names_the_whole_and_not_a_breakdown(town: Town, sex: Indicator):
    with pytest.raises(ValidationError, match="Arrests sex breaks down Arrests: choose that"):
        make_validation_rule(town.area, "rule", left=["charges"], right=["arrests-sex.male"])


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
