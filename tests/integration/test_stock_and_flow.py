"""Lines as stock and flow: found and closed stand on the tile of lines, in its sentence and on its page."""

import re
from copy import deepcopy
from html import unescape
from typing import Any

import pytest

from boards.rules import Role
from core.calendar import Month
from core.labels import TransitionRefused
from indicators.disclosure import Audience
from indicators.figures import Entry
from indicators.models import Correction, Indicator, ValidationRule
from indicators.presenters.returns import list_rules
from indicators.selectors.returns import list_boxes
from indicators.selectors.series import get_background
from indicators.services.corrections import accept_correction, ask_correction
from indicators.services.entries import check_entries
from indicators.services.setup import retire_indicator
from indicators.trend import CellState
from indicators.validation import Relation
from reporting.exports.presenters.months import newest_view
from reporting.kpis.selectors import list_offered
from reporting.months.presenters.month import describe_tile
from reporting.months.presenters.shapes import LineView
from tests import scenarios
from tests.factories import make_dimension, make_indicator, make_validation_rule
from tests.scenarios import Town, accept, entries, open_month, publish, sweep
from tests.visiting import signed_in

pytestmark = pytest.mark.django_db
SEPTEMBER, OCTOBER, NOVEMBER = Month(2026, 9), Month(2026, 10), Month(2026, 11)
OTHERS = {"arrests": 1, "charges": 1}
FIRST = OTHERS | {
    "lines.leeds": 6,
    "lines.derby": 10,
    "found.leeds": 6,
    "found.derby": 9,
    "closed.charged": 0,
    "closed.dormant": 2,
    "late": 0,
    "struck": 0,
}
SECOND = FIRST | {"lines.derby": 15, "found.leeds": 2, "found.derby": 5, "closed.charged": 1, "closed.dormant": 1}


@pytest.fixture(scope="module")
def made(standing) -> Town:
    """The police count lines by origin, what came and what went. September and October are published."""

    def make() -> Town:
        town = scenarios.make_town()
        origin = make_dimension(town.area, "origin", ["leeds", "derby"])
        why = make_dimension(town.area, "why-closed", ["charged", "dormant"])
        of_boards: dict[str, Any] = {"shown_on": "boards"}
        make_indicator(
            town.police, "lines", dimension=origin, counts_as="stock", unit_many="lines", boards=(town.csp,), position=2
        )
        make_indicator(town.police, "found", dimension=origin, flow_word="found", position=3, **of_boards)
        make_indicator(town.police, "closed", dimension=why, flow_word="closed", position=4, **of_boards)
        for position, code in enumerate(("late", "struck"), 5):
            make_indicator(town.police, code, position=position, **of_boards)
        make_validation_rule(
            town.area,
            "lines-add-up",
            left=["lines", "closed", "struck"],
            relation=Relation.EQUAL.value,
            right=["lines@month-before", "found", "late"],
        )
        accept(town, SEPTEMBER, FIRST)
        accept(town, OCTOBER, SECOND)
        for month in (SEPTEMBER, OCTOBER):
            publish(town, month)
        return town

    return standing(make)


@pytest.fixture
def town(made: Town, db: None) -> Town:
    return deepcopy(made)


def view(town: Town, code: str = "lines", *, month: Month = OCTOBER, drafts: bool = False) -> LineView:
    shown = newest_view(town.area, month, audience=Audience.PARTNERS, include_drafts=drafts)
    return next(line for line in shown.indicators if line.code == code)


def test_the_tile_says_what_came_and_what_went(town: Town):
    lines = view(town)
    assert (lines.number, lines.flows, lines.corrected) == ("21", ("7 found", "2 closed"), "")
    assert lines.sentence.startswith("21 lines, up 5 since September: 7 found, 2 closed")
    assert view(town, "found").flows == view(town, "arrests").flows == ()


def test_a_correction_of_the_list_is_told_beside_them(town: Town):
    period = open_month(town, NOVEMBER)
    accept(town, NOVEMBER, SECOND | {"struck": 3, "late": 1, "found.derby": 0, "lines.derby": 13})
    sweep()
    lines = view(town, month=NOVEMBER, drafts=True)
    assert (lines.number, lines.flows) == ("19", ("2 found", "2 closed"))
    assert lines.corrected == "2 fewer by correction"
    assert ("", "2 fewer by correction") in list(describe_tile(lines))
    assert period.month == NOVEMBER


def test_what_is_not_known_is_not_told(town: Town):
    accept(town, NOVEMBER, SECOND | {"found.leeds": CellState.NOT_AVAILABLE, "found.derby": CellState.NOT_AVAILABLE})
    sweep()
    lines = view(town, month=NOVEMBER, drafts=True)
    assert (lines.number, lines.flows, lines.sentence.partition(". ")[0]) == ("21", (), "21 lines, level with October")


def test_a_first_month_tells_them_without_an_arrow(town: Town):
    lines = view(town, month=SEPTEMBER)
    assert (lines.flows, lines.has_arrow) == (("15 found", "2 closed"), False)
    assert lines.sentence.startswith("16 lines: 15 found, 2 closed. No arrow: ")


def test_a_published_month_keeps_them_when_the_rule_is_retired(town: Town):
    ValidationRule.objects.update(retired=True)
    accept(town, NOVEMBER, SECOND)
    sweep()
    assert view(town).flows == ("7 found", "2 closed")
    assert view(town, month=NOVEMBER, drafts=True).flows == ()


def test_a_flow_without_a_word_is_on_no_tile(town: Town):
    Indicator.objects.filter(code="closed").update(flow_word="")
    accept(town, NOVEMBER, SECOND | {"lines.derby": 20})
    sweep()
    lines = view(town, month=NOVEMBER, drafts=True)
    assert (lines.number, lines.flows, lines.corrected) == ("26", ("7 found",), "2 fewer by correction")


def test_a_retired_flow_is_not_told(town: Town):
    retire_indicator(Indicator.objects.get(code="closed"), month=NOVEMBER, by=town.coordinator)
    rest = {name: value for name, value in SECOND.items() if not name.startswith("closed")}
    accept(town, NOVEMBER, rest | {"lines.derby": 22})
    sweep()
    assert view(town, month=NOVEMBER, drafts=True).flows == ("7 found",)


def test_the_return_says_where_they_do_not_add_up(town: Town):
    boxes = list_boxes(town.police, NOVEMBER)
    background = get_background(town.police, NOVEMBER, boxes)
    typed = SECOND | {"lines.derby": 20}
    assert check_entries(boxes, entries(typed), background).errors == {}
    errors = check_entries(boxes, entries(typed | {"closed.dormant": 3}), background).errors
    assert list(errors.values()) == [
        "Found, Leeds: “Lines” with “Closed” with “Struck” is 30, and must be the same as “Lines, the month before” "
        "with “Found” with “Late”, 28. It is so."
    ]


def test_the_form_knows_the_month_before_while_somebody_types(town: Town):
    boxes = list_boxes(town.police, NOVEMBER)
    asked = list_rules(boxes, get_background(town.police, NOVEMBER, boxes), prefix="")
    (equal,) = (rule for rule in asked if rule["relation"] == "equal")
    assert equal["left"] == {
        "boxes": ["lines.leeds", "lines.derby", "closed.charged", "closed.dormant", "struck"],
        "least": 0,
        "most": 0,
    }
    assert equal["right"] == {"boxes": ["found.leeds", "found.derby", "late"], "least": 21, "most": 21}


def test_found_and_closed_can_have_a_kpi_and_an_event(town: Town):
    assert {"found", "closed"} <= {indicator.code for indicator in list_offered(town.area)}
    page = signed_in(town.coordinator).get("/testford/events/add/").content.decode()
    assert {"found", "closed"} <= set(re.findall(r'<option value="([a-z]+):', page))


def test_its_page_adds_up_each_month(town: Town):
    page = signed_in(town.people[Role.BOARD_MEMBER]).get("/testford/indicators/lines/").content.decode()
    section = page.partition('aria-labelledby="s-flow"')[2].partition("</section>")[0]
    words = [
        unescape(re.sub(r"<[^>]+>", "", cell)).strip() for cell in re.findall(r"<t[hd][^>]*>(.*?)</t[hd]>", section)
    ]
    rows = [words[start : start + 7] for start in range(0, len(words), 7)]
    assert rows[0] == [
        "Month",
        "The month before",
        "Found",
        "Closed: charged",
        "Closed: dormant",
        "Corrected",
        "The month",
    ]
    assert rows[1:3] == [
        ["October 2026", "16", "7", "1", "1", "0", "21"],
        ["September 2026", "", "15", "0", "2", "0", "16"],
    ]
    assert "16 in September, 7 found, 2 closed: 21 in October." in section
    assert 's-flow"' not in signed_in(town.coordinator).get("/testford/indicators/found/").content.decode()


def ask(town: Town, code: str, value: str, category: str = "", *, month: Month = OCTOBER) -> Correction:
    indicator, period = Indicator.objects.get(code=code), open_month(town, month)
    part = indicator.dimension.categories.get(code=category) if category else None
    entry = Entry(value, note="An old line")
    return ask_correction(indicator, part, period, entry=entry, reason="It was an old line", by=town.lead)


def test_a_correction_that_leaves_the_sums_apart_is_not_accepted(town: Town):
    asked = ask(town, "found", "1", "leeds")
    with pytest.raises(TransitionRefused, match="“Lines” with “Closed” with “Struck” is 23, and must be the same as"):
        accept_correction(asked, by=town.coordinator)


def test_sums_are_corrected_together_one_figure_after_the_other(town: Town):
    for asked in (ask(town, "found", "1", "leeds"), ask(town, "late", "1")):
        accept_correction(asked, by=town.coordinator)
    sweep()
    lines = view(town, drafts=True)
    assert (lines.number, lines.flows, lines.corrected) == ("21", ("6 found", "2 closed"), "1 more by correction")


@pytest.mark.parametrize("step", [1, -1], ids=["September first", "October first"])
def test_a_correction_is_held_against_the_month_that_follows_from_it(town: Town, step: int):
    """One more line in September: October then counts it as struck, or there is one too many."""
    september = [ask(town, "lines", "7", "leeds", month=SEPTEMBER), ask(town, "found", "7", "leeds", month=SEPTEMBER)]
    with pytest.raises(TransitionRefused, match="October 2026: “Lines” with “Closed” with “Struck” is 23"):
        accept_correction(september[0], by=town.coordinator)
    for asked in [*september, ask(town, "struck", "1")][::step]:
        accept_correction(asked, by=town.coordinator)
    sweep()
    lines = view(town, drafts=True)
    assert (lines.number, lines.previous, lines.flows) == ("21", 17, ("7 found", "2 closed"))
    assert lines.corrected == "1 fewer by correction"
