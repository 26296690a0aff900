"""What is said of a month of a series: the recorded cases, the example that can be worked out by hand, and what must
hold of any series (docs/judgement.md)."""

import json
import math
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from indicators.judgement.judge import (
    TOO_EARLY,
    Counted,
    Entry,
    Judgement,
    Method,
    Signal,
    Tier,
    find_method,
    judge,
    judge_continuations,
    judged,
)
from indicators.management.commands.judge_series import show
from indicators.trend import Polarity

CASES = Path(__file__).resolve().parents[1] / "data" / "judgement" / "cases.jsonl"
WITHIN = {"usual": 0.01, "level": 0.01, "before": 0.01, "due": 0.1}
EXAMPLE = [
    *(18, 22, 20, 25, 19, 21, 23, 17, 20, 24, 18, 21),
    *(22, 19, 20, 23, 14, 12, 15, 11, 13, 16, 12, 14),
    *(13, 15, 11, 14, 12, 13, 16, 12),
]
JANUARY_2024, OCTOBER_2024, MAY_2025 = 12, 21, 28  # places in the example


def cases() -> list[Any]:
    return [pytest.param(case, id=case["input"]["id"]) for case in map(json.loads, CASES.read_text().splitlines())]


@pytest.mark.parametrize("case", cases())
def test_a_recorded_series_is_judged_as_it_was(case: dict[str, Any]):
    series, months = case["input"], case["months"]
    entries = judge(series["values"], counted=Counted(series["kind"]), starts=series.get("starts", ()))

    for place, (entry, recorded) in enumerate(zip(entries, months, strict=True)):
        shown = show(entry, Polarity(series["improvement"]))
        assert shown.keys() == recorded.keys()
        for name, value in recorded.items():
            if name in WITHIN and value is not None:
                assert shown[name] == pytest.approx(value, abs=WITHIN[name]), (place, name)
            else:
                assert shown[name] == value, (place, name)


# --- The example -------------------------------------------------------------------------------------


def test_a_month_within_what_is_usual():
    entry = judge(EXAMPLE)[JANUARY_2024]

    assert (entry.lower, entry.upper) == (9, 37)
    assert entry.usual == pytest.approx(248 / 12)
    assert (entry.signal, entry.tier) == (Signal.NONE, None)


def test_a_half_year_is_the_first_to_stand_out():
    entries = judge(EXAMPLE)
    entry = entries[OCTOBER_2024]

    assert (entry.signal, entry.tier, entry.window, entry.sum) == (Signal.LOW, Tier.STANDS_OUT, 6, 81)
    assert entry.due == pytest.approx(332.375 * 6 / 16)
    assert all(before.tier is not Tier.STANDS_OUT for before in entries[:OCTOBER_2024])


def test_a_year_that_differs_becomes_the_level():
    before, entry = judge(EXAMPLE)[MAY_2025 - 1 : MAY_2025 + 1]

    assert before.since == 0
    assert entry.since == 16
    assert entry.level == pytest.approx(160 / 12)
    assert entry.before == pytest.approx(332 / 16)
    assert (entry.lower, entry.upper, entry.signal) == (4, 27, Signal.NONE)


# --- Short and odd ones --------------------------------------------------------------------------------


@pytest.mark.parametrize("values", [[], [None] * 30, [5] * 11, [7] * 12])
def test_it_is_too_early_until_twelve_figures_come_before(values: list[int | None]):
    assert judge(values) == [Entry()] * len(values)


def test_the_thirteenth_figure_is_judged():
    assert [entry.is_too_early for entry in judge([7] * 13)] == [True] * 12 + [False]


@pytest.mark.parametrize("value", [0, 7, 10_000_000])
def test_figures_that_never_change_show_nothing(value: int):
    assert {entry.signal for entry in judge([value] * 60)[12:]} == {Signal.NONE}


def test_three_after_none_stands_out():
    assert judge([0] * 12 + [3])[-1].tier is Tier.STANDS_OUT


def test_a_step_is_told_for_a_year_and_then_is_the_level():
    tiers = [entry.tier for entry in judge([7] * 24 + [70] * 24)]

    assert tiers == [None] * 24 + [Tier.STANDS_OUT] * 12 + [None] * 12


def test_one_wild_figure_among_the_first_moves_nothing():
    assert {entry.signal for entry in judge([10] * 11 + [1000] + [10] * 20)[12:]} == {Signal.NONE}


def test_figures_of_ten_million():
    entry = judge([10**7 + (-1) ** month * 3000 for month in range(60)])[-1]

    assert entry.lower is not None
    assert entry.lower < 10**7 < (entry.upper or 0)


def test_a_month_without_a_figure_keeps_the_range_and_the_level():
    figures = [20, 23, 18, 21] * 5
    entry, after = judge([*figures, None, 20])[-2:]

    assert (entry.signal, entry.tier, entry.sum) == (None, None, None)
    assert (entry.lower, entry.upper, entry.since) == (after.lower, after.upper, after.since)


def test_a_stock_is_judged_by_the_month_alone():
    values = [20] * 24 + [28] * 12

    assert {entry.window for entry in judge(values, counted=Counted.STOCK)} <= {None, 1}
    assert {entry.window for entry in judge(values)} & {3, 6, 12, 24}


def test_a_small_change_shows_over_two_years_and_then_is_the_level():
    """Of 10 a month, 7 are left: a year of them isn't enough to tell it from chance."""
    values = [10, 13, 7, 11, 9, 10] * 8 + [7, 9, 5, 8, 6, 7] * 5
    entries = judge(values)
    found = [place for place, entry in enumerate(entries) if entry.tier is Tier.STANDS_OUT]

    assert (entries[found[0]].window, entries[found[0]].signal, found[0] - 48) == (24, Signal.LOW, 21)
    assert entries[-1].since == 48
    assert (entries[-1].level, entries[-1].before) == (7, 10)


def test_what_has_not_stood_out_does_not_become_usual():
    """After a year of 8 instead of 10, as many are usual as before, although it is never told."""
    values = [10, 13, 7, 11, 9, 10] * 8 + [8, 11, 5, 9, 7, 8] * 2
    entries = judge(values)

    assert {entry.signal for entry in entries[48:]} == {Signal.NONE}
    assert entries[-1].usual == 10


# --- Any series ----------------------------------------------------------------------------------------

figures = st.lists(st.none() | st.integers(0, 40), min_size=13, max_size=70)
# A step, a season and gaps, so that levels move, factors are found and bases have holes.
shaped = st.builds(
    lambda size, step, swing, noise, gaps: [
        None if place in gaps else max(0, round(size * (step if place >= 30 else 1) * (1 + swing * wave(place)) + more))
        for place, more in enumerate(noise)
    ],
    size=st.sampled_from([4, 20, 200]),
    step=st.sampled_from([0.4, 1, 2]),
    swing=st.sampled_from([0, 0.6]),
    noise=st.lists(st.integers(-4, 4), min_size=40, max_size=90),
    gaps=st.sets(st.integers(0, 89), max_size=6),
)
counted = st.sampled_from(list(Counted))


def wave(place: int) -> float:
    return math.sin(place * math.pi / 6)


@given(values=figures | shaped, counted=counted)
def test_judged_month_by_month_it_says_what_the_whole_says(values: list[int | None], counted: Counted):
    whole = judge(values, counted=counted)

    for months in range(0, len(values), 7):
        assert judge(values[:months], counted=counted) == whole[:months]


@given(values=shaped, counted=counted, shown_from=st.integers(0, 90))
def test_what_is_not_shown_changes_nothing(values: list[int | None], counted: Counted, shown_from: int):
    assert judge(values, counted=counted, shown_from=shown_from) == judge(values, counted=counted)[shown_from:]


@given(st.lists(st.none() | st.integers(0, 500), max_size=40), st.integers(0, 40))
def test_chance_plays_no_part_in_a_census(values: list[int | None], shown_from: int):
    entries = judge(values, counted=Counted.CENSUS, shown_from=min(shown_from, len(values)))
    assert entries == [TOO_EARLY] * len(values[shown_from:])
    assert {find_method(entry, Counted.CENSUS) for entry in entries} <= {Method.CENSUS}


@given(
    values=shaped | figures, rest=st.lists(figures, min_size=2, max_size=3), counted=counted, start=st.integers(0, 90)
)
def test_continuations_are_judged_as_the_whole_is(
    values: list[int | None], rest: list[list[int | None]], counted: Counted, start: int
):
    told = judge_continuations(values, rest, counted=counted, starts=[start])

    for continuation, entries in zip(rest, told, strict=True):
        next(entries, None)  # one that is left in the middle changes nothing of the next
        whole = judge(values + continuation, counted=counted, starts=[start] if start < len(values) else [])
        again = next(judge_continuations(values, [continuation], counted=counted, starts=[start]))
        assert list(again) == whole[len(values) :]
        assert list(entries) == whole[len(values) + 1 :]


@given(before=shaped, after=shaped)
def test_from_a_start_on_it_is_judged_as_if_it_began_there(before: list[int | None], after: list[int | None]):
    whole = judge(before + after, starts=[len(before)])

    assert whole[: len(before)] == judge(before)
    moved = [
        entry._replace(since=entry.since + len(before)) if entry.since is not None else entry for entry in judge(after)
    ]
    assert whole[len(before) :] == moved


@given(values=shaped | figures, counted=counted)
def test_a_month_without_a_figure_shows_nothing(values: list[int | None], counted: Counted):
    for value, entry in zip(values, judge(values, counted=counted), strict=True):
        if value is None:
            assert (entry.signal, entry.tier, entry.window) == (None, None, None)


@given(values=shaped, counted=counted)
def test_one_more_month_without_a_figure_makes_no_signal(values: list[int | None], counted: Counted):
    assert judge([*values, None], counted=counted)[-1].signal is None
    assert judge([*values, None, None], counted=counted)[-1].signal is None


@given(values=shaped, counted=counted)
def test_no_sum_reaches_past_the_start_of_its_level(values: list[int | None], counted: Counted):
    for place, entry in enumerate(judge(values, counted=counted)):
        if entry.window is not None and entry.since is not None:
            assert place - entry.window + 1 > entry.since
            assert entry.sum == sum(value or 0 for value in values[place - entry.window + 1 : place + 1])


@given(values=shaped, counted=counted)
def test_a_level_moves_forward_and_only_then_has_one_before(values: list[int | None], counted: Counted):
    read = [entry for entry in judge(values, counted=counted) if entry.since is not None]

    for before, after in pairwise(read):
        assert (before.since or 0) <= (after.since or 0)
    for entry in read:
        assert (entry.before is None) == (entry.since == 0)


# --- What it means ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("signal", [Signal.HIGH, Signal.LOW])
def test_a_mirrored_polarity_mirrors_the_judgement(signal: Signal):
    mirror = {Judgement.BETTER: Judgement.WORSE, Judgement.WORSE: Judgement.BETTER}
    higher = judged(signal, Tier.STANDS_OUT, Polarity.HIGHER)

    assert judged(signal, Tier.STANDS_OUT, Polarity.LOWER) is mirror[higher]
    assert judged(signal, Tier.STANDS_OUT, Polarity.NEUTRAL).value == signal.value


@pytest.mark.parametrize("polarity", Polarity)
def test_a_watch_is_not_judged(polarity: Polarity):
    assert judged(Signal.HIGH, Tier.WATCH, polarity) is Judgement.USUAL
    assert judged(Signal.NONE, None, polarity) is Judgement.USUAL
