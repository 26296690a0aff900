"""What a public pack says about revised figures: each as its page shows it."""

from types import SimpleNamespace
from typing import Any

import pytest

from reporting.packs.presenters.revised import changed_figures


def line(value: int, **fields: Any) -> Any:
    usual = {
        "indicator_code": "trained",
        "category_code": "",
        "label": "Trained",
        "boards": ["csp"],
        "state": "figure",
        "note": "",
        "revised_why": "",
        "protected_by": "suppress-5",
        "ratio": "",
        "history": [value],
        "numerators": [],
        "denominators": [],
    }
    return SimpleNamespace(**usual | {"value": value} | fields)


@pytest.mark.parametrize(
    ("ratio", "was", "now"), [("", "610", "645"), ("share", "61.0%", "64.5%"), ("average", "61.0", "64.5")]
)
def test_a_ratio_is_printed_as_its_page_shows_it(ratio: str, was: str, now: str):
    counts = {"numerators": [61], "denominators": [100]} if ratio else {}
    older, newer = (line(value, ratio=ratio, **counts) for value in (610, 645))
    [changed] = changed_figures([older], [newer], "csp")
    assert (changed.before, changed.after) == (was, now)
