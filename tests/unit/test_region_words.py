"""What a region's pages say of its areas: which are there, whose residents are known, and who is outside a funnel."""

from datetime import date

import pytest

from boards.models import Shows
from boards.region_permissions import Place as RegionPlace
from core.months import Month
from indicators.disclosure import Marking
from indicators.funnels import Funnel, Place
from indicators.selectors.populations import Residents
from reporting.regions.columns import Part
from reporting.regions.presenters.funnel import describe, describe_finding
from reporting.regions.presenters.states import AreaState, describe_residents, summarise, view_areas

OCTOBER = Month(2026, 10)
TODAY = date(2026, 11, 20)


def area(number: int, name: str, shows: Shows | None) -> RegionPlace:
    fields = dict.fromkeys(RegionPlace._fields)
    return RegionPlace(**fields | {"area_id": number, "slug": name.lower(), "name": name, "shows": shows})


def part(number: int, key: int | None, *, due_on: date | None = date(2026, 11, 10), is_public: bool = False) -> Part:
    return Part(number, is_public, key, due_on, Marking.SENSITIVE, 2)


def test_each_area_is_in_one_state_with_a_sentence():
    places = [
        area(1, "Ash", Shows.PARTNERS),
        area(2, "Beech", Shows.PUBLIC),
        area(3, "Cedar", Shows.PARTNERS),
        area(4, "Dogwood", Shows.PARTNERS),
        area(5, "Elm", Shows.PUBLIC),
        area(6, "Fir", None),
    ]
    parts = {1: part(1, 7), 2: part(2, 8, is_public=True), 3: part(3, None), 4: part(4, None, due_on=None)}
    found = view_areas(places, parts, OCTOBER, today=TODAY)
    assert [(each.state, each.sentence) for each in found] == [
        (AreaState.PUBLISHED, "Version 2."),
        (AreaState.PUBLIC, "Public edition 2. Some figures are withheld to protect people."),
        (AreaState.AWAITED, "Not published yet. The agencies’ returns were due on 10 November 2026."),
        (AreaState.AWAITED, "This area hasn’t opened October 2026."),
        (AreaState.NOT_PUBLIC, "This area shows what is public, and October 2026 isn’t."),
        (AreaState.NOT_AGREED, "This area doesn’t show the region anything at present."),
    ]
    assert summarise(found) == (
        "2 of 6 areas are in this month. Awaited: Cedar and Dogwood. Not public: Elm. Not agreed: Fir."
    )


@pytest.mark.parametrize(
    ("residents", "sentence"),
    [
        ({1: Residents(9, 2026), 2: Residents(9, 2026)}, "The number of residents is that of 2026."),
        (
            {1: Residents(9, 2021), 2: Residents(9, 2021)},
            "The number of residents is that of 2021, the newest we have.",
        ),
        (
            {1: Residents(9, 2026, "ONS", "OGL v3.0"), 2: Residents(9, 2026, "ONS", "OGL v3.0")},
            "The number of residents is that of 2026. ONS: OGL v3.0.",
        ),
        ({1: Residents(9, 2021), 2: Residents(9, 2018)}, "Residents of 2018: Beech. Residents of 2021: Ash."),
        ({}, "We have no number of residents, and so no rate, for Ash and Beech."),
    ],
)
def test_the_years_of_the_residents_are_named(residents, sentence):
    assert describe_residents({1: "Ash", 2: "Beech"}, residents, OCTOBER) == sentence


def funnel(*places: Place, factor: float = 1.0, is_estimated: bool = True) -> Funnel:
    return Funnel(is_share=False, average=0.001, factor=factor, is_estimated=is_estimated, places=places)


def test_a_funnel_names_who_is_outside_in_the_order_of_names():
    names = ["Ash", "Beech", "Cedar"]
    assert describe_finding(funnel(*[Place.WITHIN] * 3), names) == "Every area is within what chance allows"
    assert describe_finding(funnel(Place.HIGHER, Place.LOWER, Place.FAR_HIGHER), names) == (
        "Ash and Cedar are higher than the region, and Beech is lower than the region, by more than chance allows"
    )


def test_a_funnel_says_how_far_the_areas_differ_and_who_is_missing():
    assert list(describe(funnel(), [])) == []
    assert list(describe(funnel(factor=10.42), ["Ash"])) == [
        "These areas differ by more than chance: 10.4 times as much. The lines and the words allow for that.",
        "Ash is not in the funnel: a figure or the number of residents is missing, withheld, rounded or counted "
        "differently. So “the region” here is the other areas, and the average may differ from that of all.",
    ]
    assert "With fewer than 5 areas" in next(iter(describe(funnel(is_estimated=False), [])))
