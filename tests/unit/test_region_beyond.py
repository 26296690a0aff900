"""A month's funnels together: how many are outside, and how many would be by chance."""

import pytest

from indicators.ratios import Place
from reporting.regions.presenters.matrix import describe_places

IN, LOW, FAR = Place.WITHIN, Place.LOWER, Place.FAR_HIGHER


@pytest.mark.parametrize(
    ("places", "start", "end"),
    [
        ([LOW, *[IN] * 27], "1 of 28 figures is outside the 95% limits, and none outside the 99.8%", "puts about 1"),
        ([LOW, FAR, *[IN] * 390], "2 of 392 figures are outside the 95% limits, and 1 outside", "puts about 20"),
        ([IN] * 14, "none of 14 figures is outside the 95% limits, and none outside", "puts fewer than 1"),
    ],
)
def test_what_chance_alone_does_stands_beside_what_was_found(places: list[Place], start: str, end: str):
    said = describe_places(places)
    assert said.startswith(f"Compared with the region: {start}")
    assert end in said
