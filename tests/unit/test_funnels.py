"""Funnels: as recorded from PHEindicatormethods, by what must hold of any numbers, and how often they cry wolf."""

import json
from pathlib import Path
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from indicators.ratios import (
    FAR,
    LEAST_AREAS,
    USUAL,
    Part,
    Place,
    RangeRefused,
    find_at,
    find_ends,
    find_expected,
    find_factor,
    find_place,
    find_score,
    list_axis,
    list_curves,
    make_funnel,
    share_limits,
    trim,
)

CASES = [
    json.loads(line)
    for line in Path(__file__).parents[1].joinpath("data", "funnels", "cases.jsonl").read_text().splitlines()
]
WORDS = {
    "High (0.001)": Place.FAR_HIGHER,
    "High (0.025)": Place.HIGHER,
    "Not significant": Place.WITHIN,
    "Low (0.025)": Place.LOWER,
    "Low (0.001)": Place.FAR_LOWER,
}
HALVED = 1e-4  # what the package's halving leaves
EXACT = 1e-9


def cases(fn: str) -> list:
    return [pytest.param(case, id=f"{fn}-{place}") for place, case in enumerate(CASES) if case["fn"] == fn]


def parts_of(case: dict) -> list[Part]:
    return [Part(x, n) for x, n in zip(case["x"], case["n"], strict=True)]


def test_there_are_cases_of_each_kind():
    kinds = ("funnel_limits", "funnel_significance", "funnel_points", "poisson_funnel", "drawn")
    assert [len(cases(kind)) for kind in kinds] == [6, 27, 8, 6, 9]


@pytest.mark.parametrize("case", cases("funnel_significance"))
def test_the_place_is_the_recorded_one(case):
    parts, is_share = parts_of(case), case["statistic"] == "proportion"
    average = 1.0 if case["statistic"] == "ratio" else sum(case["x"]) / sum(case["n"])
    found = [find_place(part, average, is_share=is_share) for part in parts]
    assert found == [WORDS[words] for words in case["significance"]]


@pytest.mark.parametrize("case", cases("funnel_limits"))
def test_the_drawn_limits_of_shares_are_the_recorded_ones(case):
    parts, table = parts_of(case), case["table"]
    average = sum(case["x"]) / sum(case["n"])
    assert average * 100 == pytest.approx(table["baseline"][0], rel=EXACT)
    axis = list_axis(*find_ends([part.exposure for part in parts]))
    assert axis == table["Population"]
    for confidence, name in ((USUAL, "2s"), (FAR, "3s")):
        limits = [share_limits(size, average, confidence) for size in axis]
        assert [low * 100 for low, _ in limits] == pytest.approx(table[f"lower_{name}_limit"], rel=EXACT, abs=1e-9)
        assert [high * 100 for _, high in limits] == pytest.approx(table[f"upper_{name}_limit"], rel=EXACT)


@pytest.mark.parametrize("case", cases("poisson_funnel"))
def test_the_expected_numbers_are_the_recorded_ones(case):
    for name, confidence in (("025", USUAL), ("001", FAR)):
        # The package names a limit by the side on which the expected number is.
        for side, is_upper in (("upper", True), ("lower", False)):
            mine = find_expected(case["obs"], confidence, is_upper=is_upper)
            assert mine == pytest.approx(case[f"exp_for_{side}_{name}"], rel=HALVED)


def test_the_drawn_limits_of_rates_are_the_recorded_ones():
    rows = [case for case in CASES if case["fn"] == "drawn"]
    # The table doesn't give the average that underlies it: every limit of every row has to lead back to one.
    for row in rows:
        for name, confidence in (("2s", USUAL), ("3s", FAR)):
            for side, is_upper in (("lower", False), ("upper", True)):
                expected = find_expected(row["Events"], confidence, is_upper=is_upper)
                population, limit = row[f"{side}_{name}_population_1_year"], row[f"{side}_{name}_limit"]
                average = limit * expected / row["Events"]
                assert average == pytest.approx(114.8592, rel=HALVED)
                # The table is of a year of three, for 100,000 residents.
                assert population * limit == pytest.approx(row["Events"] / 3 * 100_000, rel=HALVED)


@pytest.mark.parametrize("case", cases("funnel_points"))
def test_the_values_are_the_recorded_ones(case):
    per = case["opt"]["multiplier"]
    assert [part.value * per for part in parts_of(case)] == pytest.approx(case["rate"], rel=EXACT)


# --- What must hold of any numbers ------------------------------------------------------------------------------------

events = st.integers(0, 3_000)
areas = st.lists(st.builds(Part, events, st.integers(3_000, 400_000)), min_size=1, max_size=50)
ORDER = [Place.FAR_LOWER, Place.LOWER, Place.WITHIN, Place.HIGHER, Place.FAR_HIGHER]


@given(areas, st.booleans())
def test_the_factor_is_at_least_one_and_one_for_few_areas(parts, is_share):
    funnel = make_funnel(parts, is_share=is_share)
    assert funnel.factor >= 1
    assert funnel.is_estimated == (len(parts) >= LEAST_AREAS)
    assert funnel.is_estimated or funnel.factor == 1


@given(areas, st.integers(2, 50))
def test_the_size_of_the_unit_of_exposure_changes_nothing(parts, times):
    scaled = [Part(part.events, part.exposure * times) for part in parts]
    before, after = make_funnel(parts), make_funnel(scaled)
    assert after.factor == pytest.approx(before.factor)
    assert after.average * times == pytest.approx(before.average)


@given(areas, st.booleans())
def test_with_a_factor_of_one_the_words_are_the_plain_ones(parts, is_share):
    funnel = make_funnel(parts, is_share=is_share)
    plain = [find_place(part, funnel.average, is_share=is_share) for part in parts]
    if funnel.factor == 1:
        assert list(funnel.places) == plain


@given(areas, st.booleans())
def test_a_larger_factor_never_brings_an_area_further_out(parts, is_share):
    funnel = make_funnel(parts, is_share=is_share)
    for part, place in zip(parts, funnel.places, strict=True):
        plain = find_place(part, funnel.average, is_share=is_share)
        # Exact limits become Byar's at 10 events, so a place may move by a step where the factor carries it below.
        distance, before = abs(ORDER.index(place) - 2), abs(ORDER.index(plain) - 2)
        assert distance <= before or part.events / funnel.factor < 10 <= part.events


@given(areas, st.booleans())
def test_the_order_of_the_areas_makes_no_difference(parts, is_share):
    one, other = make_funnel(parts, is_share=is_share), make_funnel(parts[::-1], is_share=is_share)
    assert one.factor == pytest.approx(other.factor)
    assert one.places == other.places[::-1] or one.average != other.average


@given(areas)
def test_a_count_that_only_rises_is_never_lower_in_the_funnel(parts):
    part, average = parts[0], 0.005
    more = Part(part.events + 1, part.exposure)
    # At 10 events the rule changes, and the limits jump.
    if part.events != 9:
        assert ORDER.index(find_place(more, average)) >= ORDER.index(find_place(part, average))


@given(st.lists(st.floats(-50, 50), min_size=1, max_size=40))
def test_trimming_changes_only_the_ends(scores):
    ends, ordered = len(scores) // 10, sorted(scores)
    trimmed = trim(scores)
    assert len(trimmed) == len(scores)
    assert sorted(trimmed)[ends : len(scores) - ends] == ordered[ends : len(scores) - ends]
    assert set(trimmed) <= set(scores)


def test_of_fourteen_areas_one_at_each_end_counts_as_its_neighbour():
    scores = [float(place) for place in range(14)]
    assert trim(scores[::-1])[::-1] == [1.0, *scores[1:13], 12.0]
    assert trim(scores[:9]) == scores[:9]


def test_one_area_far_away_hardly_widens_the_funnel():
    steady = [Part(50, 100_000)] * 13
    assert make_funnel([*steady, Part(500, 100_000)]).factor < 15
    assert make_funnel([*steady, Part(500, 100_000)]).places[-1] == Place.FAR_HIGHER
    # Without trimming, it alone would make the factor so large that it is nothing special.
    average = (13 * 50 + 500) / 1_400_000
    untrimmed = sum(find_score(part, average) ** 2 for part in [*steady, Part(500, 100_000)]) / 14
    assert untrimmed > 100


def test_without_any_event_every_area_is_within_chance_and_no_line_is_drawn():
    funnel = make_funnel([Part(0, 1_000)] * 6)
    assert set(funnel.places) == {Place.WITHIN}
    assert funnel.factor == 1
    assert list_curves(funnel, [Part(0, 1_000)] * 6) == []


def test_where_every_case_is_one_every_area_is_within_chance():
    assert set(make_funnel([Part(50, 50)] * 6, is_share=True).places) == {Place.WITHIN}


@pytest.mark.parametrize(
    ("parts", "is_share", "words"),
    [
        ([], False, "at least one area"),
        ([Part(-1, 10)], False, "0 or more"),
        ([Part(float("nan"), 10)], False, "0 or more"),
        ([Part(1, 0)], False, "above 0"),
        ([Part(11, 10)], True, "more than its whole"),
    ],
)
def test_numbers_without_a_funnel_are_refused(parts, is_share, words):
    with pytest.raises(RangeRefused, match=words):
        make_funnel(parts, is_share=is_share)


@given(areas.filter(lambda parts: any(part.events for part in parts)), st.booleans())
def test_the_lines_enclose_the_average_and_each_other(parts, is_share):
    funnel = make_funnel(parts, is_share=is_share)
    curves = {(curve.confidence, curve.is_upper): curve for curve in list_curves(funnel, parts)}
    assert len(curves) == 4
    for (_, is_upper), curve in curves.items():
        exposures = [exposure for exposure, _ in curve.points]
        assert exposures == sorted(exposures)
        assert all((value >= funnel.average) == is_upper or value == funnel.average for _, value in curve.points)
    # The shared stretch of the wide and the narrow lines.
    for is_upper in (False, True):
        wide, narrow = curves[FAR, is_upper], curves[USUAL, is_upper]
        for exposure, value in wide.points[10:90:20]:
            inner = find_at(narrow, exposure)
            assert inner is None or (value >= inner * 0.98 if is_upper else value <= inner * 1.02 + 1e-12)


@given(areas.filter(lambda parts: len(parts) >= LEAST_AREAS and all(part.events > 30 for part in parts)))
def test_words_and_lines_agree_but_near_a_line(parts):
    funnel = make_funnel(parts)
    curves = {(curve.confidence, curve.is_upper): curve for curve in list_curves(funnel, parts)}
    for part, place in zip(parts, funnel.places, strict=True):
        upper = find_at(curves[USUAL, True], part.exposure)
        if upper is not None and part.value > upper * 1.1:
            assert place in (Place.HIGHER, Place.FAR_HIGHER)
        lower = find_at(curves[USUAL, False], part.exposure)
        if lower is not None and part.value < lower * 0.9:
            assert place in (Place.LOWER, Place.FAR_LOWER)


# --- How often a steady area is outside, simulated --------------------------------------------------------------------

TOWNS = [25, 40, 60, 70, 80, 90, 110, 125, 130, 150, 170, 175, 183, 190]  # thousands of residents
ROUNDS = 2_000


def draw_count(random: Random, mean: float, factor: float) -> int:
    """A count of that mean whose variance is `factor` times its mean: a Poisson count of a gamma mean."""
    if factor > 1:
        mean = random.gammavariate(mean / (factor - 1), factor - 1)
    if mean > 500:
        return max(0, round(random.gauss(mean, mean**0.5)))
    left, count = mean, -1
    while left > 0:
        left -= random.expovariate(1)
        count += 1
    return max(count, 0)


def simulate(*, factor: float, rate: float, use_factor: bool = True) -> tuple[float, float]:
    """Return the shares of areas outside the 95 and the 99.8 per cent limits, where all have one true rate."""
    random, outside, far = Random(f"{factor} {rate}"), 0, 0
    for _ in range(ROUNDS):
        parts = [Part(draw_count(random, size * rate, factor), size * 1000) for size in TOWNS]
        average = sum(part.events for part in parts) / sum(part.exposure for part in parts)
        if not average:
            continue
        found = find_factor(parts, average) if use_factor else 1.0
        places = [find_place(part, average, factor=found) for part in parts]
        outside += sum(place != Place.WITHIN for place in places)
        far += sum(place in (Place.FAR_HIGHER, Place.FAR_LOWER) for place in places)
    return outside / ROUNDS / len(TOWNS), far / ROUNDS / len(TOWNS)


@pytest.mark.parametrize("rate", [0.05, 0.5], ids=["about-5-a-town", "about-50-a-town"])
def test_by_chance_alone_few_areas_are_outside(rate):
    outside, far = simulate(factor=1, rate=rate)
    assert outside < 0.05
    assert far < 0.002


def test_where_areas_differ_the_factor_keeps_most_inside():
    outside, far = simulate(factor=4, rate=0.5)
    plain, plain_far = simulate(factor=4, rate=0.5, use_factor=False)
    assert plain > 0.25
    assert plain_far > 0.08
    assert outside < 0.07
    assert far < 0.01
