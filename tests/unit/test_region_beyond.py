"""A month's funnels together: how many are outside, and how many would be by chance."""

import pytest

from indicators.ratios import Place
from reporting.regions.presenters.matrix import describe_places, describe_uncompared

IN, LOW, FAR = Place.WITHIN, Place.LOWER, Place.FAR_HIGHER


@pytest.mark.parametrize(
    ("places", "start", "end"),
    [
        (
            [LOW, *[IN] * 27],
            "1 of 28 judged figures is outside the 95% limits, and none outside the 99.8%",
            "puts about 1",
        ),
        ([LOW, FAR, *[IN] * 390], "2 of 392 judged figures are outside the 95% limits, and 1 outside", "puts about 20"),
        ([IN] * 14, "none of 14 judged figures is outside the 95% limits, and none outside", "puts fewer than 1"),
    ],
)
def test_what_chance_alone_does_stands_beside_what_was_found(places: list[Place], start: str, end: str):
    said = describe_places(places)
    assert said.startswith(f"Compared with the region: {start}")
    assert end in said


def test_the_box_says_what_is_not_compared():
    assert list(describe_uncompared(["Violence"], ["Weapons"])) == [
        "For violence, areas differ by far more than chance. So the limits are wide, and no area is outside them.",
        "We don’t compare weapons: its page says why.",
    ]
    assert list(describe_uncompared([], ["Weapons", "Lines"])) == [
        "We don’t compare weapons and lines: their pages say why."
    ]
