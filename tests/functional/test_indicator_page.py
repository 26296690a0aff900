"""What scripts add to the page of an indicator: a range, switches and tooltips, over the same data. How it is doing
without them, on a phone and on paper. The filters of the page of all indicators.
"""

import pytest
from playwright.sync_api import Page, expect

from tests.functional.accessibility import faults_of
from tests.functional.browsing import NARROW
from tests.functional.site import MEMBER

LIST = "/anytown/indicators/"
ADDRESS = "/anytown/indicators/lines/"
# Each kind of chart there is: limits and signals, categories, columns, gaps, a new definition too early to judge.
KINDS = ("cuckooed", "lines", "woundings", "missing-education", "assessments")
SMALLEST = 12  # px of words in a picture
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
        "series": ["Lines into the town", "Usual", "Upper limit", "Lower limit"],
    }
    page.get_by_label("12", exact=True).check()
    assert page.evaluate(DRAWN)["months"] == 12
    page.get_by_role("checkbox", name="Usual range").uncheck()
    assert page.evaluate(DRAWN)["series"] == ["Lines into the town", "Usual"]
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


# What is written on the canvas in bold, which keeps nothing that could be asked for: the numbers of marks.
LISTEN = """
  window.marks = [];
  const write = CanvasRenderingContext2D.prototype.fillText;
  CanvasRenderingContext2D.prototype.fillText = function (text, ...rest) {
    if (this.font.startsWith("bold")) window.marks.push(text);
    return write.call(this, text, ...rest);
  };
"""


@pytest.mark.parametrize(("months", "first"), [("36", 1), ("12", 2)])  # its new level is more than a year ago
def test_the_script_draws_the_marks_of_the_months_that_are_chosen(site, visit, months, first):
    page = visit(site, MEMBER)
    page.add_init_script(LISTEN)
    page.goto(f"{LIST}appropriate-adult/")
    page.get_by_label("24", exact=True).check()
    page.evaluate("window.marks = []")
    page.get_by_label(months, exact=True).check()
    ends = [label.split("–") for label in page.evaluate("window.marks")]
    numbers = [number for label in ends for number in range(int(label[0]), int(label[-1]) + 1)]
    assert numbers == [*range(first, page.locator(".vv-marks li").count() + 1)]


def test_without_scripts_the_chart_is_there(site, visit):
    page = opened(site, visit, javascript=False)
    assert not page.locator("canvas").is_visible()
    assert page.locator("figure svg").first.is_visible()


def test_the_script_draws_the_figures_of_the_table(site, visit):
    page = opened(site, visit)
    figures = page.evaluate("Chart.getChart(document.querySelector('canvas')).data.datasets[0].data")
    table = page.locator("[aria-labelledby=s-months] tbody tr td:nth-child(2)").all_inner_texts()
    assert [str(figure) for figure in figures] == table[::-1]
    expect(page.locator("#chart .vv-chart__picture")).to_be_hidden()


def test_on_paper_the_page_keeps_its_own_picture(site, visit):
    page = opened(site, visit)
    page.emulate_media(media="print")
    expect(page.locator("#chart .vv-chart__picture")).to_be_visible()
    expect(page.locator("#chart canvas")).to_be_hidden()
    expect(page.locator("#chart form")).to_be_hidden()


@pytest.mark.parametrize("code", KINDS)
def test_without_scripts_nothing_is_at_fault(site, visit, code):
    page = visit(site, MEMBER, javascript=False)
    page.goto(f"{LIST}{code}/")
    expect(page.locator("#chart .vv-chart__picture")).to_be_visible()
    expect(page.locator("#chart form")).to_be_hidden()
    page = visit(site, MEMBER)  # axe is a script itself: here ours are kept away
    page.route("**/static/**/*.js", lambda route: route.fulfill(body="", content_type="text/javascript"))
    page.goto(f"{LIST}{code}/")
    expect(page.locator("#chart .vv-chart__picture")).to_be_visible()
    assert faults_of(page) == []


# Of each word in the picture that is shown: its size on the screen, and where it stands.
WORDS = """() => [...document.querySelectorAll("#chart .vv-chart__picture text")]
  .filter((word) => getComputedStyle(word).display !== "none")
  .map((word) => {
    const { left, right, top, bottom } = word.getBoundingClientRect();
    return {
      text: word.textContent, left, right, top, bottom,
      size: parseFloat(getComputedStyle(word).fontSize) * word.getScreenCTM().a,
    };
  })"""
LEADING = 3  # px that the box of a word is higher than its letters


@pytest.mark.parametrize("code", KINDS)
def test_the_words_of_the_picture_can_be_read_on_a_phone(site, visit, code):
    page = visit(site, MEMBER, javascript=False, viewport=NARROW)
    page.goto(f"{LIST}{code}/")
    words = page.evaluate(WORDS)
    assert len(words) > 8
    for place, one in enumerate(words):
        assert one["size"] >= SMALLEST, one
        assert one["left"] >= 0, one
        assert one["right"] <= NARROW["width"], one
        for other in words[place + 1 :]:
            beside = one["right"] <= other["left"] or other["right"] <= one["left"]
            below = one["bottom"] <= other["top"] + LEADING or other["bottom"] <= one["top"] + LEADING
            assert beside or below, (one["text"], other["text"])


def test_indicators_are_filtered_without_scripts(site, visit):
    page = visit(site, MEMBER, javascript=False)
    page.goto(LIST)
    cards = page.locator(".vv-card")
    assert cards.count() == 35  # those of the month, and those of boards’ pages
    page.get_by_label("Judgement").select_option("Lower")
    page.get_by_role("button", name="Show").click()
    expect(page.get_by_text("1 of 35 indicators.")).to_be_visible()
    page.get_by_role("link", name="Often missing from home").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Often missing from home, October 2026")
    page.go_back()
    page.get_by_role("link", name="Remove Judgement: Lower").click()
    expect(cards).to_have_count(35)


def test_a_tile_of_the_month_leads_to_its_indicator(site, visit):
    page = visit(site, MEMBER)
    page.goto("/anytown/2026-10/")
    page.locator(".vv-figure").get_by_role("link", name="Cuckooed houses").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Cuckooed houses, October 2026")


def test_the_figures_come_as_a_file(site, visit):
    page = opened(site, visit)
    with page.expect_download() as download:
        page.get_by_role("link", name="CSV").click()
    assert download.value.suggested_filename == "OFFICIAL-SENSITIVE anytown lines 2026-10 v1.csv"
    assert download.value.path().read_text(encoding="utf-8-sig").startswith("OFFICIAL-SENSITIVE\nmonth,category,value")
