"""What scripts add to the page of an indicator: a range, switches and tooltips, over the same data."""

from playwright.sync_api import Page

from tests.functional.site import MEMBER

ADDRESS = "/anytown/indicators/lines/"
DRAWN = """() => {
  const chart = Chart.getChart(document.querySelector("canvas"));
  return { months: chart.data.labels.length, series: chart.data.datasets.map((set) => set.label) };
}"""
TOLD = """() => {
  const { opacity, title, body } = Chart.getChart(document.querySelector("canvas")).tooltip;
  return { opacity, title, lines: (body || []).flatMap((part) => part.lines) };
}"""
PARTS = ["Birmingham", "Merseyside", "Manchester", "London"]


def opened(site, visit, **options) -> Page:
    page = visit(site, MEMBER, **options)
    page.goto(ADDRESS)
    return page


def test_the_range_and_the_series_are_chosen(site, visit):
    page = opened(site, visit)
    page.wait_for_selector("canvas")
    assert page.evaluate(DRAWN) == {
        "months": 36,
        "series": ["Lines into the town", "Average", "Upper limit", "Lower limit"],
    }
    page.get_by_label("12", exact=True).check()
    assert page.evaluate(DRAWN)["months"] == 12
    page.get_by_role("checkbox", name="Usual range").uncheck()
    assert page.evaluate(DRAWN)["series"] == ["Lines into the town", "Average"]
    page.get_by_role("checkbox", name="Where from").check()
    assert set(PARTS) < set(page.evaluate(DRAWN)["series"])


def test_a_month_says_its_figure_under_the_pointer(site, visit):
    page = opened(site, visit)
    box = page.locator("canvas").bounding_box()
    page.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    page.wait_for_function("Chart.getChart(document.querySelector('canvas')).tooltip.opacity === 1")
    told = page.evaluate(TOLD)
    assert len(told["title"]) == 1
    assert any(line.startswith("Lines into the town: ") for line in told["lines"])


def test_without_scripts_the_chart_is_there(site, visit):
    page = opened(site, visit, javascript=False)
    assert not page.locator("canvas").is_visible()
    assert page.locator("figure svg").first.is_visible()
