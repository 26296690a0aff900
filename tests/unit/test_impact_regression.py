"""The regression is R's `glm`, the exact ratio its `poisson.test`: all recorded cases."""

import math
from typing import Any

import pytest

from indicators.impact.regression import NotEstimated, Ratio, Season, design, fit, make_design
from indicators.impact.regression import compare as compare_exactly
from tests import impact

CLOSE = 1e-6
CASES = impact.cases("its")
SEPARATED = [case for case in CASES if abs(case["result"]["level_log"]) > 10 or case["result"]["se"] > 10]
ESTIMATED = [case for case in CASES if case not in SEPARATED]


def fit_case(case: dict[str, Any]):
    series = case["series"] if isinstance(case["series"], list) else impact.seat_belts()[case["series"]]
    event = case["step_at"] - 1
    made = make_design(len(series), event, Season(case["season"]))
    if case["covariate"]:
        assert case["covariate"] == "log(kms)"
        made = design([*made.columns, tuple(map(math.log, impact.seat_belts()["kms"]))], event)
    return fit(series, made)


@pytest.mark.parametrize("case", ESTIMATED, ids=lambda case: case["id"])
def test_a_regression_agrees_with_r(case: dict[str, Any]):
    found, expected = fit_case(case), case["result"]
    error = found.error if case["family"] == "poisson" else found.quasi_error
    lower, upper = found.range(error)

    assert found.ratio == pytest.approx(expected["rr"], rel=CLOSE)
    assert error == pytest.approx(expected["se"], rel=CLOSE)
    assert lower == pytest.approx(expected["lower95"], rel=CLOSE)
    assert upper == pytest.approx(expected["upper95"], rel=CLOSE)
    assert found.expected_without == pytest.approx(expected["expected_without"], rel=CLOSE)


@pytest.mark.parametrize("case", SEPARATED, ids=lambda case: case["id"])
def test_a_side_without_a_count_is_not_estimated(case: dict[str, Any]):
    with pytest.raises(NotEstimated):
        fit_case(case)


def test_every_recorded_case_is_there():
    assert (len(ESTIMATED), len(SEPARATED)) == (94, 5)


def test_the_two_sides_are_the_same_but_for_the_step():
    found = fit([10] * 12 + [5] * 12, make_design(24, 12, Season.NONE, trend=False))

    assert found.ratio == pytest.approx(0.5)
    assert found.expected_without == pytest.approx(120)
    assert found.error == pytest.approx(math.sqrt(1 / 120 + 1 / 60))


def test_an_exposure_is_what_a_count_is_out_of():
    counts, residents = [10] * 12 + [20] * 12, [1000] * 12 + [4000] * 12

    found = fit(counts, make_design(24, 12, Season.NONE, trend=False), residents)

    assert found.ratio == pytest.approx(0.5)


def test_what_begins_with_the_event_cannot_be_told_from_it():
    step = tuple(float(month >= 12) for month in range(24))

    with pytest.raises(NotEstimated):
        fit([10, 12] * 12, design([(1.0,) * 24, step, step], 12))


def check(found: Ratio, case: dict[str, Any]) -> None:
    if case["rr"] is None:
        assert found.value is None
    else:
        assert found.value == pytest.approx(case["rr"], rel=CLOSE)
    assert found.lower == pytest.approx(float(case["lower95"]), rel=CLOSE)
    assert found.upper == pytest.approx(float(case["upper95"]), rel=CLOSE)
    assert found.chance == pytest.approx(case["p"], rel=CLOSE)


@pytest.mark.parametrize("case", impact.cases("rate_ratio_exact"))
def test_an_exact_ratio_of_rates(case: dict[str, Any]):
    check(compare_exactly(case["after"], case["before"], case["t_after"], case["t_before"]), case)


@pytest.mark.parametrize("case", impact.cases("before_after_12"), ids=lambda case: case["id"])
def test_an_exact_ratio_of_years(case: dict[str, Any]):
    check(compare_exactly(case["after"], case["before"]), case)


@pytest.mark.parametrize("case", impact.cases("lockdown_ratio"), ids=lambda case: case["id"])
def test_an_exact_ratio_of_quarters(case: dict[str, Any]):
    found = compare_exactly(case["apr_jun_2020"], case["apr_jun_2019"])
    if case["p"] is None:  # R answers nothing of 0 and 0; we say that anything is possible
        assert found == Ratio(None, 0, math.inf, 1)
    else:
        check(found, case)
