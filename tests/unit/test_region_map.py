"""The map of lines into several towns: one line for each, as wide as its count, and every origin named."""

from hypothesis import given
from hypothesis import strategies as st

from reporting.charts.lines_map import EDGE, WIDTH, Place
from reporting.charts.region_map import Source, region_map

TOWNS = [Place("Southend", 0.71, 51.54), Place("Harlow", 0.11, 51.77), Place("Colchester", 0.9, 51.89)]
LONDON, LEEDS = (-0.12, 51.5), (-1.55, 53.8)


def source(name: str, at: tuple[float | None, float | None], *counts: int | None) -> Source:
    return Source(name, str(sum(filter(None, counts))), *at, counts)


def test_each_town_with_a_count_has_a_line_and_wider_means_more():
    drawn = region_map(TOWNS, [source("London", LONDON, 9, 0, 3), source("Leeds", LEEDS, None, 1, None)], what="Lines")
    assert len(drawn.flows) == 3
    assert [flow.width for flow in drawn.flows] == sorted((flow.width for flow in drawn.flows), reverse=True)
    assert len(drawn.towns) == 3
    assert "London 12; Leeds 1" in drawn.description
    assert drawn.aid == "Wider means more."


def test_one_scale_holds_for_the_maps_of_all_months():
    few = [source("London", LONDON, 3, 3, 3)]
    alone, beside = region_map(TOWNS, few, what="Lines"), region_map(TOWNS, few, what="Lines", most=90)
    assert beside.flows[0].width < alone.flows[0].width


def test_towns_and_origins_without_a_place_are_left_to_the_table():
    nowhere = Place("Nowhere", 90.0, 0.0)
    lost = source("Lost", (None, None), 4, 4)
    drawn = region_map([TOWNS[0], nowhere], [source("London", LONDON, 5, 6), lost], what="Lines")
    assert len(drawn.flows) == len(drawn.towns) == 1
    assert "Lost 8" in drawn.description
    assert drawn.aid == "Wider means more. Not on the map: Lost 8."
    assert region_map([nowhere], [lost], what="Lines") is None
    assert region_map(TOWNS, [lost], what="Lines") is None
    assert region_map([], [], what="Lines") is None


places = st.tuples(st.floats(-5, 1.7), st.floats(50.2, 58))


@given(st.lists(places, min_size=1, max_size=14), st.lists(places, min_size=1, max_size=14, unique=True))
def test_every_label_is_in_the_frame(towns, origins):
    found = [Place(f"Town {number}", *at) for number, at in enumerate(towns)]
    sources = [source(f"Origin {number}", at, *([2] * len(towns))) for number, at in enumerate(origins)]
    drawn = region_map(found, sources, what="Lines")
    assert len(drawn.labels) == len(origins)
    for label in drawn.labels:
        assert label.box.left >= EDGE - 0.1
        assert label.box.right <= WIDTH - EDGE + 0.1
        assert label.box.bottom <= drawn.height
