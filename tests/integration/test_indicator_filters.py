"""Which indicators of the newest month are found by board, section, agency, split and judgement."""

import re
from html import unescape

import pytest
from django.http import QueryDict

from reporting.models import IndicatorLine, Snapshot
from reporting.months.selectors import whole_lines
from reporting.pages.filters import JUDGEMENTS, IndicatorFilter
from tests import scenarios
from tests.disclosed import view_line
from tests.factories import make_agency, make_board, make_dimension, make_indicator, make_section
from tests.pages.test_indicator_pages import LIST, NOVEMBER, OCTOBER, make_published_town, read, text_of, titles
from tests.scenarios import Town
from tests.standing import stand

DRAFT = f"{LIST}?month={NOVEMBER}"


def make_varied_town() -> Town:
    """Besides the arrests (a signal: worse) and charges: one split, one of another agency and section
    for another board, and one without a figure."""
    town = make_published_town()
    nhs = make_agency(town.area, "nhs", name="NHS")
    health = make_board(town.area, "hwbb", name="Health board")
    make_indicator(nhs, "wounds", boards=(health,), section=make_section(town.area, "health", position=1), position=3)
    origin = make_dimension(town.area, "origin", ["leeds", "york"])
    make_indicator(town.police, "lines", dimension=origin, boards=(town.csp, health), position=4)
    figures = {"arrests": 41, "charges": 1, "lines.leeds": 1, "lines.york": 2}
    scenarios.accept(town, NOVEMBER, figures)
    scenarios.sweep()
    return town


made, varied = stand(make_varied_town)


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("", ["Arrests", "Charges", "Lines", "Wounds"]),
        ("section=health", ["Wounds"]),
        ("board=csp", ["Arrests", "Charges", "Lines"]),
        ("board=hwbb", ["Lines", "Wounds"]),
        ("agency=nhs", ["Wounds"]),
        ("dimension=origin", ["Lines"]),
        ("judgement=worse", ["Arrests"]),
        ("judgement=no-figure", ["Wounds"]),
        ("judgement=usual", ["Charges"]),
        ("judgement=unjudged", []),
        ("board=csp&judgement=worse", ["Arrests"]),
        ("section=arrests&agency=nhs", []),
    ],
)
def test_the_filters_find_what_they_name(varied, query, found):
    html = read(varied.coordinator, f"{DRAFT}&{query}")
    assert titles(html) == found
    count = f"{len(found)} of 4 indicators" if query else "4 indicators"
    assert f"<strong>{count}.</strong>" in html


def test_chosen_filters_are_shown_each_with_a_link_that_removes_it(varied):
    html = read(varied.coordinator, f"{DRAFT}&board=csp&judgement=worse")
    chosen = html.partition('class="vv-chosen')[2].partition("</ul>")[0]
    assert text_of(chosen).count("Remove") == 2
    assert "Board: Board csp" in text_of(chosen)
    without = [unescape(url) for url in re.findall(r'href="([^"]+)"', chosen)]
    assert without == ["?month=2026-11&judgement=worse", "?month=2026-11&board=csp"]
    assert '<option value="csp" selected>' in html


def test_nothing_found_says_what_to_do(varied):
    html = read(varied.coordinator, f"{DRAFT}&section=arrests&agency=nhs")
    assert "No indicator in November 2026 matches these filters. Remove a filter, or show all 4 ." in text_of(html)


@pytest.mark.parametrize("name", ["section", "board", "agency", "dimension", "judgement"])
@pytest.mark.parametrize("value", ["nope", "<b>", "x" * 500, "%00", "csp%00"])
def test_an_unknown_filter_is_left_out_with_a_sentence(varied, name, value):
    html = read(varied.coordinator, f"{DRAFT}&{name}={value}")
    assert len(titles(html)) == 4
    assert "isn’t an option under" in html
    assert "<b>" not in html


def test_an_unknown_filter_leaves_the_others(varied):
    assert titles(read(varied.coordinator, f"{DRAFT}&section=nope&agency=nhs")) == ["Wounds"]
    assert titles(read(varied.coordinator, f"{DRAFT}&colour=red&section=&agency=nhs")) == ["Wounds"]


def test_every_line_has_one_judgement_to_filter_by_that_its_verdict_begins_with(varied):
    snapshot = Snapshot.objects.filter(period__starts_on=NOVEMBER.first_day).latest("version")
    wholes = IndicatorLine.objects.filter(snapshot=snapshot, category_code="")
    found = [(line, label) for _, label, which in JUDGEMENTS for line in wholes.filter(which)]
    assert sorted(line.indicator_code for line, _ in found) == ["arrests", "charges", "lines", "wounds"]
    for line, label in found:
        assert (view_line(line, NOVEMBER, snapshot.period.due_on).verdict or "No figure").startswith(label)


def test_only_what_the_month_holds_can_be_chosen(varied):
    make_board(varied.area, "sab", name="Empty board")
    html = read(varied.coordinator, DRAFT)
    assert "Empty board" not in html
    assert "Health board" in html


def test_cards_say_what_the_pages_of_the_month_say(varied):
    html = read(varied.coordinator, DRAFT)
    snapshot = Snapshot.objects.filter(period__starts_on=NOVEMBER.first_day).latest("version")
    for line in snapshot.lines.filter(category_code=""):
        view = view_line(line, NOVEMBER, snapshot.period.due_on)
        card = html.partition(f'href="{LIST}{view.code}/?month=2026-11"')[2].partition("</li>")[0]
        assert view.text in text_of(card)
        assert view.verdict in text_of(card)


def test_the_filters_are_the_snapshots_own(varied):
    """Nothing of another area's, nor of another month's."""
    snapshot = Snapshot.objects.filter(period__starts_on=OCTOBER.first_day).latest("version")
    chosen = IndicatorFilter(QueryDict(), wholes=whole_lines(snapshot), boards=[])
    assert [line.indicator_code for line in chosen.qs] == ["arrests", "charges"]
    assert chosen.total == 2
