"""The reader's own colours: what a chart says is seen on a white ground and on a black one."""

import pytest

from tests.functional.pages import OCTOBER
from tests.functional.site import MEMBER

WHITE, BLACK = "rgb(255, 255, 255)", "rgb(0, 0, 0)"
COLOURS = """(parts) => [
    getComputedStyle(document.body).backgroundColor,
    ...Object.entries(parts).flatMap(([selector, property]) =>
        [...document.querySelectorAll(selector)].map((part) => getComputedStyle(part)[property])),
]"""
TILES = {
    ".vv-spark > .vv-spark__line": "stroke",
    ".vv-spark > .vv-chart__band": "fill",
    ".vv-spark > .vv-window": "stroke",
    ".vv-spark > .vv-window__level": "stroke",
    ".vv-spark > [class^='vv-mark--']": "fill",
    ".vv-figure .vv-arrow": "fill",
}
CHART = {
    ".vv-chart__picture .vv-chart__line": "stroke",
    ".vv-chart__picture .vv-chart__band": "fill",
    ".vv-chart__picture .vv-window": "stroke",
    ".vv-chart__picture .vv-window__level": "stroke",
    ".vv-chart__picture > .vv-chart__mark": "fill",
    ".vv-chart__picture .vv-chart__mean": "stroke",
}
IMPACT = {
    ".vv-forest li .vv-forest__range": "stroke",
    ".vv-forest li .vv-forest__none": "stroke",
}
PAGES = [(OCTOBER, TILES), (f"{OCTOBER}present/?chart=cuckooed", CHART), ("/anytown/impact/", IMPACT)]


AREAS = """() => [...document.querySelectorAll(".vv-chart__band")].map((band) => {
    const { stroke, fillOpacity } = getComputedStyle(band);
    return [stroke, Number(fillOpacity) < 0.5];
})"""


@pytest.mark.parametrize(("path", "parts"), PAGES)
@pytest.mark.parametrize(("scheme", "ground", "ink"), [("light", WHITE, BLACK), ("dark", BLACK, WHITE)])
def test_a_chart_is_seen_on_both_grounds(site, visit, path, parts, scheme, ground, ink):
    page = visit(site, MEMBER, forced_colors="active", color_scheme=scheme)
    page.goto(path)
    assert page.evaluate("(selectors) => selectors.filter((one) => !document.querySelector(one))", list(parts)) == []
    behind, *colours = page.evaluate(COLOURS, parts)
    assert behind == ground
    assert set(colours) == {ink}


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_usual_range_is_a_calm_area_without_lines_between_its_months(site, visit, scheme):
    page = visit(site, MEMBER, forced_colors="active", color_scheme=scheme)
    page.goto(OCTOBER)
    areas = page.evaluate(AREAS)
    assert len(areas) > 10
    assert all(area == ["none", True] for area in areas)
