"""What a region's pages say of its areas: which are there, whose residents are known, and who is outside a funnel."""

from datetime import date

import pytest

from boards.models import Shows
from boards.permissions import Place as RegionPlace
from core.calendar import Month
from indicators.disclosure import Marking
from indicators.ratios import Funnel, Part, Place, find_at, list_curves
from indicators.selectors.open_data import Residents
from reporting.regions.cells import Part as MonthPart
from reporting.regions.presenters.funnel import describe_finding, describe_left_out, describe_limits
from reporting.regions.presenters.states import AreaState, describe_residents, summarise, view_areas

OCTOBER = Month(2026, 10)
TODAY = date(2026, 11, 20)


def area(number: int, name: str, shows: Shows | None) -> RegionPlace:
    fields = dict.fromkeys(RegionPlace._fields)
    return RegionPlace(**fields | {"area_id": number, "slug": name.lower(), "name": name, "shows": shows})


def part(
    number: int, key: int | None, *, due_on: date | None = date(2026, 11, 10), is_public: bool = False
) -> MonthPart:
    return MonthPart(number, is_public, key, due_on, Marking.SENSITIVE, 2)


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
        (AreaState.NOT_PUBLIC, "This area shows only public figures, and October 2026 is not public yet."),
        (AreaState.NOT_AGREED, "This area doesn’t show the region anything at present."),
    ]
    assert summarise(found) == (
        "2 of 6 areas are in this month. Awaited: Cedar and Dogwood. Not public: Elm. Not agreed: Fir."
    )


@pytest.mark.parametrize(
    ("residents", "sentence"),
    [
        ({1: Residents(9, 2026), 2: Residents(9, 2026)}, "The number of residents is for 2026."),
        (
            {1: Residents(9, 2021), 2: Residents(9, 2021)},
            "The number of residents is for 2021, the newest we have.",
        ),
        (
            {1: Residents(9, 2026, "ONS", "OGL v3.0"), 2: Residents(9, 2026, "ONS", "OGL v3.0")},
            "The number of residents is for 2026. ONS: OGL v3.0.",
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
        "Cedar is higher than the region (beyond the 99.8% limit), Ash is higher (beyond the 95% limit), "
        "and Beech is lower (beyond the 95% limit)"
    )
    assert describe_finding(funnel(Place.LOWER, Place.WITHIN, Place.LOWER), names) == (
        "Ash and Cedar are lower than the region (beyond the 95% limit)"
    )


def test_areas_far_apart_are_never_said_to_be_within_chance():
    """The finding and the spread are one sentence, so that they can't contradict each other."""
    within, names = [Place.WITHIN] * 3, ["Ash", "Beech", "Cedar"]
    for factor, sentence in (
        (1.0, "Every area is within what chance allows"),
        (1.116, "No area is unusual"),
        (2.5, "The areas differ by more than chance alone. No area is unusual beyond that spread"),
        (22.3, "The areas differ by far more than chance alone. No area is unusual beyond that spread"),
    ):
        assert describe_finding(funnel(*within, factor=factor), names) == sentence


def test_a_funnel_says_how_far_the_areas_differ_and_who_is_missing():
    assert list(describe_limits(funnel())) == []
    assert list(describe_left_out([])) == []
    assert "Ash is not in the funnel" in next(iter(describe_left_out(["Ash"])))
    assert "With fewer than 5 areas" in next(iter(describe_limits(funnel(is_estimated=False))))
    with_one = funnel(Place.LOWER, *[Place.WITHIN] * 13)
    # 1 - 0.95 ** 14 = 0.51
    assert list(describe_limits(with_one)) == [
        "With 14 areas, chance alone puts one or more outside the 95% limits about 5 times in 10."
    ]
    assert list(describe_limits(funnel(Place.FAR_LOWER, *[Place.WITHIN] * 13))) == []


@pytest.mark.parametrize(
    ("factor", "said"),
    [
        (22.3, "about 4.7 times as wide as for chance alone (variance factor 22.3)"),
        (1.116, "about 1.06 times as wide as for chance alone (variance factor 1.12)"),
        (1.004, "hardly wider than for chance alone (variance factor 1.004)"),
    ],
)
def test_any_factor_is_stated_with_what_it_does_to_the_limits(factor: float, said: str):
    assert said in next(iter(describe_limits(funnel(*[Place.WITHIN] * 14, factor=factor))))
    # What is said is what is drawn: of areas large enough, the limits are the root of the factor times as wide.
    many, rate = 1e7, 0.01
    drawn = [
        find_at(next(c for c in list_curves(each, [Part(rate * many, many)] * 2) if c.is_upper), many)
        for each in (
            Funnel(is_share=False, average=rate, factor=one, is_estimated=True, places=()) for one in (1.0, factor)
        )
    ]
    assert (drawn[1] - rate) / (drawn[0] - rate) == pytest.approx(factor**0.5, rel=0.02)
