"""What is seen of a month at first glance: what stands out, alarms first, and what a tile says."""

from datetime import date
from typing import Any

import pytest
from django.template.loader import render_to_string

from actions.presenters.plan import DoingView, Underway
from indicators.judgement.judge import Judgement, Method, Signal, Tier
from indicators.trend import CellState, NoArrowReason
from reporting.months.presenters.month import MOST, describe_tile, make_glance, read_tile
from reporting.months.presenters.words import describe_found, describe_no_arrow_shortly
from reporting.pages.presenters.examples import DUE, NEVER_CAME, NOT_JUDGED, OCTOBER, make_line, signal
from tests.disclosed import view_line
from tests.unit.test_presenters import view as month_of

WORSE = signal(Signal.HIGH, Tier.STANDS_OUT, Judgement.WORSE)
BETTER = signal(Signal.LOW, Tier.STANDS_OUT, Judgement.BETTER, 6, window_sum=48, window_due=83.0)
HIGHER = signal(Signal.HIGH, Tier.STANDS_OUT, Judgement.HIGH)
WATCH = signal(Signal.HIGH, Tier.WATCH, Judgement.USUAL)


EARLY = [{"at": 0, "from": "2026-09-01", "method": "too_early", "signals": {}, "without": {}}]


def line(code: str = "arrests", value: int | None = 12, **fields):
    fields = {"history": [9, value], "steps": EARLY} | fields
    change = None if value is None or "no_arrow_reason" in fields else 3
    return make_line("arrest", "arrests", value, change, indicator_code=code, title=code.capitalize(), **fields)


def glance_of(*lines, **options):
    return make_glance(month_of(*lines), options.pop("underway", {}), **options)


def test_alarms_come_before_the_rest_and_each_kind_stays_in_the_order_of_the_page():
    found = glance_of(line("a", **BETTER), line("b", **WORSE), line("c", **HIGHER), line("d", **WORSE), line("e"))
    assert [each.line.code for each in found.stand_outs] == ["b", "d", "a", "c"]
    assert found.title == "What stands out: 4 of 5 figures"


def test_six_at_most_are_told_and_the_others_are_counted():
    found = glance_of(*(line(code, **(WORSE if code == "h" else HIGHER)) for code in "abcdefgh"))
    assert (len(found.stand_outs), found.others) == (MOST, 2)
    assert found.stand_outs[0].line.code == "h"  # the alarm isn't the one that is left out


@pytest.mark.parametrize(
    ("signals", "words"),
    [
        ([{}, {}], "Nothing stands out in 2 figures"),
        ([WORSE, {}], "What stands out: 1 of 2 figures"),
        ([WORSE], "The one figure stands out"),
        ([{}], "The one figure doesn’t stand out"),
    ],
)
def test_it_says_of_how_many_series(signals, words):
    assert describe_found(month_of(*(line(**fields) for fields in signals))) == words


def test_before_anything_is_judged_it_says_how_long_that_takes():
    found = glance_of(make_line("x", "xs", 1, 0, method=Method.TOO_EARLY.value, **NOT_JUDGED))
    assert (found.title, found.chance) == (
        "No figure for this month can be judged yet",
        "We need 12 earlier figures to say what is usual.",
    )


def test_what_is_worth_a_watch_and_what_is_at_a_new_level_is_named_beside():
    level: dict[str, Any] = {"level": 3.9, "level_since": date(2025, 7, 1), "level_before": 9.8}
    found = glance_of(line("a", **WATCH), line("b", **level))
    assert found.besides == (
        "Worth watching: A (higher than usual). A new level: B, about 3.9 a month since July 2025, down from about 9.8."
    )
    assert found.stand_outs == ()


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        (BETTER, "Better: 48 in six months, usually about 83"),
        (
            BETTER | {"window_months": 24, "window_sum": 167, "window_due": 240.0},
            "Better: 167 in two years, usually about 240",
        ),
        (WORSE, "Worse: 12 in October, usually 4 to 16"),
        (HIGHER, "Higher: 12 in October, usually 4 to 16"),
    ],
)
def test_each_says_in_one_line_what_it_rests_on(fields, sentence):
    (found,) = glance_of(line(**fields)).stand_outs
    assert found.sentence == sentence


def test_what_is_being_done_and_by_whom_stands_with_it():
    underway = Underway(DoingView("A7 Teach", "/a/plan/7/", "due 12 Dec", "Sam Taylor"))
    (found,) = glance_of(line(**WORSE), underway={"arrests": underway}, ask_url="/ask/?month=2026-10").stand_outs
    assert found.underway is underway
    assert found.ask_url == "/ask/?month=2026-10&indicator=arrests"


# --- A tile ------------------------------------------------------------------------------------------------------


def words_of(*args, **fields) -> list[tuple[str, str]]:
    return list(describe_tile(view_line(line(*args, **fields), OCTOBER, DUE)))


def test_a_tile_of_a_usual_month_says_nothing_but_its_number_and_arrow():
    assert words_of() == []
    html = render_to_string("reporting/_tile.html", {"line": view_line(line(), OCTOBER, DUE), "month": OCTOBER})
    assert '<span class="vv-figure__number">12</span>' in html
    assert "Up 3" in html
    assert "vv-figure__words" not in html


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        (BETTER, ("better", "Better: last six months lower than usual")),
        (BETTER | {"window_months": 24}, ("better", "Better: last two years lower than usual")),
        (WORSE, ("worse", "Worse: higher than usual")),
        (HIGHER, ("unjudged", "Higher than usual")),
        (NEVER_CAME, ("", "No September figure")),
        ({"is_provisional": True}, ("", "Provisional: may still change")),
        (
            {"revised_state": CellState.FIGURE.value, "revised_value": 9, "revised_why": "counted twice"},
            ("", "Revised, was 9: counted twice"),
        ),
    ],
)
def test_words_stand_only_where_there_is_something_to_say(fields, said):
    assert words_of(**fields) == [said]


def test_the_tile_of_a_rate_says_what_it_is_per():
    """Its number alone would be read as a count."""
    rate = {"ratio": "rate", "per": 10_000, "numerator": 1, "denominator": 28_400, "denominator_title": "residents"}
    told = words_of(value=4, unit_one="per 10,000 residents", unit_many="per 10,000 residents", **rate)
    assert told == [("", "Per 10,000 residents: 1 among 28,400 residents")]


def test_a_watch_is_no_word_on_a_tile():
    assert words_of(**WATCH) == []


@pytest.mark.parametrize("reason", NoArrowReason)
def test_why_there_is_no_arrow_takes_three_words(reason):
    assert len(describe_no_arrow_shortly(reason.value, OCTOBER).split()) == 3


def without(state: str) -> dict[str, Any]:
    return {"value": None, "state": state, "no_arrow_reason": state, **NOT_JUDGED}


@pytest.mark.parametrize(
    ("fields", "heard"),
    [
        ({}, "Arrests, 12, up 3 since September, as usual"),
        (BETTER, "Arrests, 12, up 3 since September, better: last six months lower than usual"),
        (WATCH, "Arrests, 12, up 3 since September"),
        (NEVER_CAME, "Arrests, 12, No September figure, as usual"),
        (
            {"value": None, "state": "not_available", "no_arrow_reason": "not_available", **NOT_JUDGED},
            "Arrests, not available",
        ),
        (
            {"value": None, "state": "awaited", "no_arrow_reason": "awaited", **NOT_JUDGED},
            "Arrests, awaited, From Police",
        ),
    ],
)
def test_a_tile_is_heard_as_one_sentence_without_symbols(fields, heard):
    assert read_tile(view_line(line(**fields), OCTOBER, DUE)) == heard


def test_without_a_figure_the_reason_stands_in_its_place_and_its_note_below():
    missing = {
        "state": CellState.NOT_AVAILABLE.value,
        "no_arrow_reason": NoArrowReason.NOT_AVAILABLE.value,
        "note": "The system was down",
        **NOT_JUDGED,
    }
    assert words_of(value=None, **missing) == [("", "The system was down")]
    html = render_to_string(
        "reporting/_tile.html", {"line": view_line(line(value=None, **missing), OCTOBER, DUE), "month": OCTOBER}
    )
    assert '<span class="vv-figure__none">[x]</span>' in html


def test_a_tile_has_the_short_title_and_the_title_without_one():
    named = view_line(line(short_title="Arrests for drugs"), OCTOBER, DUE)
    assert (named.name, view_line(line(), OCTOBER, DUE).name) == ("Arrests for drugs", "Arrests")
