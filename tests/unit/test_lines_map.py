"""The lines map: what it shows, that it can be read, and what it says."""

import json
import re
from itertools import combinations
from pathlib import Path
from typing import Any

import pytest
from django.template.loader import render_to_string
from hypothesis import given
from hypothesis import strategies as st
from PIL import ImageFont

from reporting.charts import lines_map as charts
from reporting.charts.labels import (
    BOLD,
    GLYPHS,
    LONGEST_WORD,
    SIZE,
    Box,
    measure_width,
    origin_lettering,
    stacked,
    wrapped,
)
from reporting.charts.lines_map import Label, LinesMap, Origin, Place, is_on_map, lines_map, project
from reporting.packs.pdf.printable import FONTS

ANYTOWN, SOUTHEND = Place("Anytown", 1.1, 51.85), Place("Southend-on-Sea", 0.711, 51.538)
PLACES = {
    "London": (-0.128, 51.507),
    "Birmingham": (-1.899, 52.480),
    "Manchester": (-2.243, 53.479),
    "Merseyside": (-2.984, 53.408),
    "Leeds": (-1.549, 53.801),
    "Sheffield": (-1.470, 53.381),
    "Nottingham": (-1.150, 52.953),
    "Bristol": (-2.588, 51.455),
    "Cardiff": (-3.179, 51.482),
    "Glasgow": (-4.252, 55.864),
    "Newcastle": (-1.614, 54.978),
    "Leicester": (-1.133, 52.637),
    "Wolverhampton": (-2.129, 52.586),
    "Bradford": (-1.84, 53.794),
}


def origin(at: str, count: int | None = 1, **changes: Any) -> Origin:
    longitude, latitude = PLACES.get(at, (None, None))
    fields = {"text": "awaited" if count is None else f"{count:,}", "movement": "up", "words": "Up 1"}
    if count is None:
        fields |= {"movement": "none", "words": ""}
    place = {"code": at.lower(), "name": at, "longitude": longitude, "latitude": latitude}
    return Origin(**{"count": count, **fields, **place, **changes})


FOUR = [origin("London", 1), origin("Birmingham", 10), origin("Manchester", 4), origin("Merseyside", 6)]
ALL = [origin(name, number) for number, name in enumerate(PLACES)]


def labels_of(view: LinesMap) -> list[Label]:
    return [view.town_label, *(line.label for line in view.lines)]


def text_of(label: Label) -> str:
    return " / ".join(" ".join(run.text for run in row) for row in label.text.rows)


def assert_readable(view: LinesMap) -> None:
    frame = Box(0, 0, view.width, view.height)
    for label in labels_of(view):
        assert frame.holds(label.box)
    for one, other in combinations(labels_of(view), 2):
        assert not one.box.meets(other.box, gap=0)


# --- Any places -----------------------------------------------------------------------------------

longitudes, latitudes = st.floats(-6.2, 1.8), st.floats(50.0, 60.8)
names = st.text(st.characters(codec="utf-8", exclude_categories=["C", "Z"]), min_size=1, max_size=80) | st.sampled_from(
    [*PLACES, "Greater Manchester and Salford", "St. Andrews-by-the-Wildernesse"]
)
counts = st.none() | st.integers(0, 30) | st.integers(0, 10**15)


@st.composite
def origins(draw: st.DrawFn) -> Origin:
    count = draw(counts)
    movement = "none" if count is None else draw(st.sampled_from([*GLYPHS, "none"]))
    change = draw(st.integers(0, 10**15))
    longitude, latitude = draw(st.tuples(longitudes, latitudes) | st.sampled_from([*PLACES.values()]))
    words = {"up": f"Up {change:,}", "down": f"Down {change:,}", "level": "Level", "none": ""}[movement]
    text = f"{count:,}" if count is not None else draw(st.sampled_from(["[x]", "awaited"]))
    name = draw(names)
    return Origin(name, name, count, text, movement, words, longitude, latitude)


towns = st.builds(Place, names, longitudes, latitudes) | st.sampled_from([ANYTOWN, SOUTHEND])


@given(town=towns, given_origins=st.lists(origins(), max_size=14))
def test_labels_never_meet_nor_leave_the_picture(town: Place, given_origins: list[Origin]):
    view = lines_map(town, given_origins)
    assert_readable(view)
    assert [line.origin for line in view.lines] == given_origins
    assert charts._lines_map.__wrapped__(town, tuple(given_origins), "Lines") == view


@given(given_counts=st.lists(counts, min_size=2, max_size=14))
def test_more_is_never_thinner(given_counts: list[int | None]):
    widths = charts.line_widths(given_counts)
    known = sorted((count, width) for count, width in zip(given_counts, widths, strict=True) if count is not None)
    assert [width for _, width in known] == sorted(width for _, width in known)
    assert all(charts.NARROWEST <= width <= charts.WIDEST for width in widths)


@pytest.mark.parametrize("town", [ANYTOWN, SOUTHEND, Place("Penzance", -5.54, 50.12), Place("Rugby", -1.26, 52.37)])
@pytest.mark.parametrize("count", [0, 1, 4, 8, 9, 14])
def test_real_places_stay_readable(town: Place, count: int):
    assert_readable(lines_map(town, ALL[:count]))


def test_a_column_goes_round_the_name_of_the_town():
    """To a hair: a label that stands right under the name isn't pushed over it by a rounding error."""
    frame, name = Box(6, 6, 346, 600), Box(250, 9.6, 320, 44.6)
    column = [Box(260, 30.5, 310, 61.5), Box(260, 69, 310, 100)]
    assert stacked(column, frame, [name]) == [48.6, 83.6]
    low = Box(250, 560, 320, 595)
    assert stacked([Box(260, 540, 310, 571), Box(260, 541, 310, 572)], frame, [low]) == [490, 525]
    assert stacked(column, Box(6, 6, 346, 70), [name]) is None


def test_many_more_make_the_picture_taller():
    view = lines_map(ANYTOWN, [origin("Leeds", 1, name=f"Place {number}") for number in range(40)])
    assert_readable(view)
    assert view.height > charts.TALLEST


# --- What is shown --------------------------------------------------------------------------------


def box_of(view: LinesMap) -> tuple[float, float, float, float]:
    """The part of the country that is shown, in degrees: west, south, east, north."""
    corners = [(0 - view.shift[0]) / view.scale, (0 - view.shift[1]) / view.scale]
    right, bottom = corners[0] + view.width / view.scale, corners[1] + view.height / view.scale
    east_of_start = project(charts.WEST + 1, 0)[0]
    return (
        charts.WEST + corners[0] / east_of_start,
        charts.NORTH - bottom / 100,
        charts.WEST + right / east_of_start,
        charts.NORTH - corners[1] / 100,
    )


def test_a_degree_of_latitude_is_a_hundred_units_and_of_longitude_58():
    x, y = project(-1.0, 53.0)
    assert project(-1.0, 52.0) == (x, y + 100)
    assert project(0.0, 53.0)[0] - x == pytest.approx(58.07, abs=0.01)


def test_the_outline_says_where_it_comes_from_and_is_small():
    path = Path(charts.__file__).parent / "great_britain.json"
    outline = json.loads(path.read_text(encoding="utf-8"))
    assert "Natural Earth 4.1.0" in outline["source"]
    assert outline["licence"] == "Public domain"
    assert path.stat().st_size < 12_000


def test_the_outline_is_a_map_of_the_places_on_it():
    """Each city lies in the mainland's box; Land's End, Lowestoft and John o' Groats at its sides."""
    for place in PLACES.values():
        x, y = project(*place)
        assert charts.LAND.nearest((x, y)) == (x, y)
    assert charts.LAND.bottom == pytest.approx(project(0, 49.96)[1], abs=2)  # the Lizard
    assert charts.LAND.right == pytest.approx(project(1.763, 0)[0], abs=2)  # Lowestoft
    assert charts.LAND.top == pytest.approx(project(0, 58.67)[1], abs=2)  # Dunnet Head


def test_a_map_of_english_places_leaves_scotland_out():
    _, south, _, north = box_of(lines_map(ANYTOWN, FOUR))
    assert 50 < south < 51.4
    assert 53.6 < north < 55
    assert 55.9 < box_of(lines_map(ANYTOWN, [*FOUR, origin("Glasgow")]))[3] < 59


def test_a_map_shows_at_least_the_width_of_england():
    west, _, east, _ = box_of(lines_map(SOUTHEND, [origin("London")]))
    assert east - west > 7.5
    assert west > -6  # and not the Atlantic


def test_islands_outside_the_picture_are_left_out():
    whole = "".join(path for _, path in charts.OUTLINE)
    assert len(lines_map(ANYTOWN, FOUR).outline) < len(whole) * 0.75
    assert lines_map(Place("Lerwick", -1.145, 60.155), [origin("London")]).outline.startswith("M")


def test_four_origins_are_labelled_right_at_their_dots():
    view = lines_map(ANYTOWN, FOUR)
    assert [label.leader for label in labels_of(view)] == [""] * 5
    assert [text_of(label) for label in labels_of(view)] == [
        "Anytown",
        "London / 1 ↑ Up 1",
        "Birmingham / 10 ↑ Up 1",
        "Manchester / 4 ↑ Up 1",
        "Merseyside / 6 ↑ Up 1",
    ]


def test_a_coastal_town_is_named_out_at_sea_and_the_line_from_london_can_be_seen():
    view = lines_map(SOUTHEND, [origin("London", 3), *FOUR[1:]])
    assert view.town_label.box.left > view.town[0]
    (london,) = (line for line in view.lines if line.origin.name == "London")
    assert view.town[0] - london.at[0] > 20


def test_many_labels_stand_in_columns_from_north_to_south():
    view = lines_map(SOUTHEND, ALL)
    for side in ("start", "end"):
        column = sorted((line for line in view.lines if line.label.anchor == side), key=lambda line: line.label.box.top)
        assert [line.at[1] for line in column] == sorted(line.at[1] for line in column)
        assert len({line.label.x for line in column}) == 1
        assert len(column) == 7
        assert all(line.label.leader for line in column)


def test_a_leader_goes_from_the_label_to_the_dot():
    for line in lines_map(SOUTHEND, ALL).lines:
        *_, x, y = map(float, re.findall(r"[\d.]+", line.label.leader))
        assert (x, y) == (pytest.approx(line.at[0], abs=4.2), pytest.approx(line.at[1], abs=4.2))


def test_a_curve_goes_from_the_origin_to_the_town():
    view = lines_map(ANYTOWN, FOUR)
    for line in view.lines:
        start = "M{:g} {:g}Q".format(*line.at)
        assert line.curve.startswith(start)
        assert line.curve.endswith(" {:g} {:g}".format(*view.town))


def test_an_origin_that_is_the_town_has_a_label_and_no_line():
    view = lines_map(Place("London", *PLACES["London"]), FOUR)
    assert [bool(line.curve) for line in view.lines] == [False, True, True, True]
    assert text_of(view.lines[0].label) == "London / 1 ↑ Up 1"
    assert len(view.drawn) == 3
    assert_readable(view)


def test_an_origin_that_no_map_of_great_britain_can_show_is_listed_beside_it():
    nowhere, far = origin("Elsewhere", 3), origin("Jamaica", 2, longitude=-76.8, latitude=18.0)
    view = lines_map(ANYTOWN, [*FOUR[:2], nowhere, far, origin("Not known", None, text="[x]")])
    assert [line.origin.name for line in view.lines] == ["London", "Birmingham"]
    assert [each.name for each in view.unplaced] == ["Elsewhere", "Jamaica", "Not known"]
    assert view.beside == "Not on the map: Elsewhere 3, up 1; Jamaica 2, up 1; Not known [x]."
    assert lines_map(ANYTOWN, FOUR).beside == ""


def test_a_town_off_the_map_is_refused():
    with pytest.raises(ValueError, match="Calais is not on a map of Great Britain"):
        lines_map(Place("Calais", 2.3, 50.95), FOUR)
    assert not is_on_map(None, 51.5)
    assert not is_on_map(-0.1, None)


# --- Widths ---------------------------------------------------------------------------------------


def test_widths_are_in_proportion_and_one_line_is_thin():
    assert charts.line_widths([1, 4, 8]) == [1.8, 4, 8]
    assert charts.line_widths([100, 50, 1]) == [8, 4, 1.8]
    assert charts.line_widths([1, 1]) == [1.8, 1.8]
    assert charts.line_widths([10, 4], most=20) == [4, 1.8]  # as wide as on the map that shows 20
    assert charts.line_widths([40], most=20) == [8]  # of a version that another took the place of


def test_none_is_dashed_and_no_figure_dotted():
    view = lines_map(ANYTOWN, [origin("London", 0), origin("Birmingham", None), origin("Manchester", 2)])
    assert [(line.style, line.width) for line in view.lines] == [("zero", 1.8), ("unknown", 1.8), ("figure", 2)]
    assert view.aid == "Wider means more. Dashed: none this month. Dotted: no figure."


def test_the_thinnest_line_is_drawn_last():
    assert [line.origin.name for line in lines_map(ANYTOWN, FOUR).drawn] == [
        "Birmingham",
        "Merseyside",
        "Manchester",
        "London",
    ]


# --- Words ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("given_origins", "title"),
    [
        (FOUR, "Lines: the most from Birmingham, 10"),
        ([origin("London", 3), origin("Leeds", 3), origin("York", 1)], "Lines: the most from London and Leeds, 3 each"),
        ([origin("London"), origin("Leeds"), origin("York")], "Lines: the most from 3 places, 1 each"),
        ([origin("London", 1)], "Lines: 1 from London"),
        ([origin("London", 0), origin("Leeds", 0)], "Lines: none"),
        ([origin("London", 1234), origin("Leeds", None)], "Lines: the largest number shown is 1,234, from London"),
        ([origin("London", 0), origin("Leeds", None)], "Lines: none in the figures shown"),
        ([origin("London", None)], "Lines: no figures"),
        ([], "Lines: no figures"),
    ],
)
def test_the_title_states_the_finding(given_origins: list[Origin], title: str):
    assert lines_map(ANYTOWN, given_origins).title == title


def test_the_map_in_words():
    given_origins = [
        FOUR[1],
        origin("London", 1, movement="level", words="Level"),
        origin("Leeds", 2, movement="none", words=""),
        origin("Manchester", None),
        origin("Elsewhere", 3, movement="down", words="Down 2"),
    ]
    assert lines_map(ANYTOWN, given_origins, what="Lines into the town").description == (
        "Lines into the town, to Anytown from: Birmingham 10, up 1; London 1, level; Leeds 2; Manchester awaited; "
        "not on the map: Elsewhere 3, down 2."
    )


# --- Lettering ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "rows"),
    [
        ("Birmingham", ["Birmingham"]),
        ("Wolverhampton", ["Wolverhampton"]),
        ("Greater Manchester", ["Greater", "Manchester"]),
        ("Southend-on-Sea and Rochford", ["Southend-on-", "Sea and…"]),
        ("Stoke-on-Trent", ["Stoke-on-", "Trent"]),
        ("Llanfairpwllgwyngyllgogerychwyrndrobwll", ["Llanfairpwllgwy…"]),
        (" A  B ", ["A  B"]),
    ],
)
def test_a_long_name_is_broken_then_cut(name: str, rows: list[str]):
    assert wrapped(name, SIZE) == rows


@given(name=names)
def test_no_row_of_a_name_is_wider_than_the_widest(name: str):
    rows = wrapped(name, SIZE)
    assert 1 <= len(rows) <= 2
    assert all(measure_width(row, SIZE) <= LONGEST_WORD for row in rows)


@pytest.mark.parametrize(
    ("number", "movement", "words", "rows"),
    [
        ("10", "up", "Up 1", ["10 ↑ Up 1"]),
        ("10", "level", "Level", ["10 = Level"]),
        ("10", "none", "", ["10"]),
        ("1,234,567", "down", "Down 12,345", ["1,234,567", "↓ Down 12,345"]),
        ("1,234,567,890", "down", "Down 1,234,567,890", ["1,234,567,890", "↓ Down", "1,234,567,890"]),
        ("1,000,000,000,000,000", "level", "Level", ["1,000,000,000,000,000", "= Level"]),
    ],
)
def test_long_figures_take_more_rows(number: str, movement: str, words: str, rows: list[str]):
    text = origin_lettering("London", number, movement, words)
    assert [" ".join(run.text for run in row) for row in text.rows] == ["London", *rows]


@pytest.mark.parametrize(
    ("font", "by"), [("SourceSans3-Regular.otf", 1.0), ("SourceSans3-Semibold.otf", BOLD)], ids=["regular", "bold"]
)
def test_widths_are_never_estimated_too_low(font: str, by: float):
    face = ImageFont.truetype(FONTS / font, 100)
    for text in [*PLACES, "10 ↑ Up 2", "1,234 ↓ Down 1,111", "MMMWWW", "awaited", "[x]", "Level", "Ystradgynlais"]:
        assert measure_width(text, 100) * by >= face.getlength(text), text


# --- As it stands on a page -----------------------------------------------------------------------


def figure(view: LinesMap | None, key: str) -> str:
    return render_to_string("reporting/_lines_map.html", {"map": view, "key": key})


def test_the_picture_is_small():
    html = figure(lines_map(ANYTOWN, FOUR), "lines")
    assert len(html.encode()) < 12_000
    assert " style=" not in html


def test_the_picture_has_a_title_and_a_description():
    view = lines_map(ANYTOWN, FOUR)
    html = figure(view, "lines")
    assert 'role="img" aria-labelledby="map-lines-d"' in html
    assert html.count(view.title) == 1  # or its caption would be heard twice
    assert f'<desc id="map-lines-d">{view.description}</desc>' in html
    assert html.count("<text") == 5
    assert html.count("vv-map__line ") == 4


def test_what_people_type_is_escaped():
    typed = "<b>&\"'"
    html = figure(lines_map(Place(typed, 1.1, 51.85), [origin("London", name=typed)], what=typed), typed)
    assert "<b>" not in html
    assert html.count("&lt;b&gt;&amp;&quot;&#x27;") >= 5
