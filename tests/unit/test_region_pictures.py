"""A region's charts on paper: whole pictures, in which no name is markup."""

from xml.etree import ElementTree

import pytest

from reporting.charts.control_chart import Drawn, Start
from reporting.charts.funnel import Entry, draw_funnel
from reporting.charts.multiples import multiple
from reporting.charts.region_pictures import ABREAST, COLUMN, ROW, Panel, funnel_picture, multiples_picture

WITHOUT = Drawn([None] * 3, {2: "worse"}, [Start(0, "", breaks=False)])


def panel(name: str, number: str = "12") -> Panel:
    return Panel(name, number, multiple([1, None, 3], WITHOUT, top=5, missing=[1]))


def read(svg: str) -> list[str]:
    """Every text of a picture; it must be well-formed."""
    root = ElementTree.fromstring(svg)
    return [each.text or "" for each in root.iter("{http://www.w3.org/2000/svg}text")]


@pytest.mark.parametrize(
    ("areas", "columns", "rows"), [(1, 1, 1), (ABREAST, ABREAST, 1), (14, ABREAST, 2), (15, ABREAST, 3)]
)
def test_seven_areas_share_a_row(areas: int, columns: int, rows: int):
    svg, width, height = multiples_picture([panel(f"Town {number}") for number in range(areas)])
    assert (width, height) == (columns * COLUMN, rows * ROW)
    assert read(svg)[::2] == [f"Town {number}" for number in range(areas)]


def test_a_name_is_never_markup_and_never_runs_into_the_figure():
    svg, _, _ = multiples_picture(
        [panel('<b>"Ash" & Elm</b>', "<9"), panel("Kingston upon Hull, City of", "12,345 [p]")]
    )
    names = read(svg)
    assert names[0] == '<b>"Ash" & Elm…'
    assert names[1] == "<9"
    assert names[2] == "Kingst…"
    assert "<b>" not in svg


def test_a_figure_as_long_as_the_picture_leaves_a_letter_of_the_name():
    svg, _, _ = multiples_picture([panel("Harlow", "not collected by anybody")])
    assert read(svg) == ["H…", "not collected by anybody"]


def test_a_funnel_names_each_dot_by_its_number():
    chart = draw_funnel(
        0.01,
        [("usual", [(900.0, 0.02), (2_100.0, 0.015)]), ("far", [])],
        [Entry(1, 1_000, 0.008, "within"), Entry(2, 2_000, 0.03, "far"), Entry(3, 1_500, 0.0, "out")],
        multiplier=10_000,
        size_name="Residents",
    )
    svg, width, height = funnel_picture(chart)
    assert (width, height) == (640, 352)
    assert read(svg)[-4:] == ["Residents", "1", "2", "3"]
    assert svg.count("<circle") == 3
