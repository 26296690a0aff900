"""The regression is R's `glm`: all recorded cases."""

import math
from typing import Any

import pytest

from indicators.impact.regression import SURE, Fit, NotEstimated, Season, design, fit, make_design
from tests import impact

CLOSE = 1e-6
CASES = impact.cases("its")
SEPARATED = [case for case in CASES if abs(case["result"]["level_log"]) > 10 or case["result"]["se"] > 10]
ESTIMATED = [case for case in CASES if case not in SEPARATED]


def read_series(case: dict[str, Any]) -> list[int]:
    return case["series"] if isinstance(case["series"], list) else impact.seat_belts()[case["series"]]


def fit_case(case: dict[str, Any]) -> Fit:
    series = read_series(case)
    event = case["step_at"] - 1
    made = make_design(len(series), event, Season(case["season"]))
    if case["covariate"]:
        assert case["covariate"] == "log(kms)"
        made = design([*made.columns, tuple(map(math.log, impact.seat_belts()["kms"]))], event)
    return fit(series, made)


@pytest.mark.parametrize("case", ESTIMATED, ids=lambda case: case["id"])
def test_a_regression_agrees_with_r(case: dict[str, Any]):
    found, expected = fit_case(case), case["result"]
    error = found.error * (1 if case["family"] == "poisson" else math.sqrt(found.dispersion))
    after = math.fsum(read_series(case)[case["step_at"] - 1 :])  # what is fitted adds up to it: the step is free

    assert math.exp(found.step) == pytest.approx(expected["rr"], rel=CLOSE)
    assert error == pytest.approx(expected["se"], rel=CLOSE)
    assert math.exp(found.step - SURE * error) == pytest.approx(expected["lower95"], rel=CLOSE)
    assert math.exp(found.step + SURE * error) == pytest.approx(expected["upper95"], rel=CLOSE)
    assert after / math.exp(found.step) == pytest.approx(expected["expected_without"], rel=CLOSE)


@pytest.mark.parametrize("case", SEPARATED, ids=lambda case: case["id"])
def test_a_side_without_a_count_is_not_estimated(case: dict[str, Any]):
    with pytest.raises(NotEstimated):
        fit_case(case)


def test_every_recorded_case_is_there():
    assert (len(ESTIMATED), len(SEPARATED)) == (94, 5)


def test_the_two_sides_are_the_same_but_for_the_step():
    found = fit([10] * 12 + [5] * 12, make_design(24, 12, Season.NONE, trend=False))

    assert math.exp(found.step) == pytest.approx(0.5)
    assert found.error == pytest.approx(math.sqrt(1 / 120 + 1 / 60))


def test_an_exposure_is_what_a_count_is_out_of():
    counts, residents = [10] * 12 + [20] * 12, [1000] * 12 + [4000] * 12

    found = fit(counts, make_design(24, 12, Season.NONE, trend=False), residents)

    assert math.exp(found.step) == pytest.approx(0.5)


def test_what_begins_with_the_event_cannot_be_told_from_it():
    step = tuple(float(month >= 12) for month in range(24))

    with pytest.raises(NotEstimated):
        fit([10, 12] * 12, design([(1.0,) * 24, step, step], 12))
