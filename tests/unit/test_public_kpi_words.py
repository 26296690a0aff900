"""What does the public read about a KPI's aim? From dictionaries as an edition saves them."""

from typing import Any

import pytest

from reporting.public.presenters.month import make_kpi

KEPT: dict[str, Any] = {
    "title": "Fewer woundings",
    "state": "on_course",
    "said": "On course.",
    "kind": "outcome",
    "better": "lower",
    "per": None,
    "unit": "",
    "aim_unit": " a month",
    "baseline": 10.25,
    "target": 7.5,
    "months": 12,
    "value": 126,
    "lower": 105.0,
    "upper": 150.0,
    "due_baseline": 123.0,
    "due_trajectory": 110.0,
    "due_target": 90.0,
    "target_month": "2028-10",
}


@pytest.mark.parametrize(
    ("changes", "aim", "over"),
    [
        # The result beside it is a year's, so its aim is too.
        ({}, "from 123 a year to 90 a year", "12 months"),
        ({"months": 5, "due_baseline": 51.25, "due_target": 37.5}, "from 10.2 a month to 7.5 a month", "5 months"),
        ({"due_baseline": None, "due_target": None, "value": None}, "from 10.2 a month to 7.5 a month", "12 months"),
        ({"per": 100, "unit": "%", "aim_unit": "%", "baseline": 61.0, "target": 50.0}, "from 61% to 50%", "12 months"),
        ({"aim_unit": "", "months": 1, "baseline": 25.0, "target": 20.0}, "from 25 to 20", "the newest month"),
    ],
)
def test_an_aim_has_the_unit_of_its_result(changes: dict[str, Any], aim: str, over: str):
    shown = make_kpi(KEPT | changes)
    assert shown.aim == f"The aim: {aim} by October 2028."
    assert shown.over == over
