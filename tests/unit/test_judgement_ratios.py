"""What is said of a month of a rate or share: the recorded cases, the example that can be worked out by hand, and what
must hold of any series (docs/judgement.md)."""

import json
import math
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from indicators.judgement.judge import Counted, Entry, Signal, Tier, judge, judge_continuations_of_ratio, judge_ratio
from indicators.management.commands.judge_series import show
from indicators.ratios import RatioKind
from indicators.trend import Polarity

CASES = Path(__file__).resolve().parents[1] / "data" / "judgement" / "ratios.jsonl"
FIELDS = ["signal", "tier", "window", "sum", "due", "usual", "lower", "upper", "level", "since", "before", "back"]
JUDGED = (RatioKind.SHARE, RatioKind.RATE)
type Pairs = list[tuple[int | None, int | None]]


def read_cases() -> list[dict[str, Any]]:
    return [json.loads(line) for line in CASES.read_text().splitlines()]


def judge_pairs(
    pairs: Pairs, kind: RatioKind, counted: Counted = Counted.FLOW, starts: tuple[int, ...] = (), shown_from: int = 0
) -> list[Entry]:
    return judge_ratio(*unzip(pairs), kind=kind, counted=counted, starts=starts, shown_from=shown_from)


def unzip(pairs: Pairs) -> tuple[list[int | None], list[int | None]]:
    return [value for value, _ in pairs], [of for _, of in pairs]


def said(entry: Entry) -> tuple[object, ...]:
    """What is said of a month, without its numbers."""
    return entry.signal, entry.tier, entry.window, entry.since, entry.is_back


@pytest.mark.parametrize("case", [pytest.param(case, id=case["input"]["id"]) for case in read_cases()])
def test_a_recorded_series_is_judged_as_it_was(case: dict[str, Any]):
    series = case["input"]
    entries = judge_ratio(
        series["values"],
        series["denominators"],
        kind=RatioKind(series["kind"]),
        counted=Counted(series["counted"]),
    )

    for place, (entry, recorded) in enumerate(zip(entries, case["months"], strict=True)):
        shown = show(entry, Polarity.NEUTRAL)
        for name in FIELDS:
            told = recorded.get(name, False if name == "back" else None)
            assert shown[name] == (pytest.approx(told, abs=1e-6) if isinstance(told, float) else told), (place, name)


# --- By hand -------------------------------------------------------------------------------------------


def test_the_worked_example():
    entry = judge_pairs([(40, 100)] * 12 + [(60, 80)], RatioKind.SHARE)[-1]

    assert (entry.signal, entry.tier, entry.window) == (Signal.HIGH, Tier.STANDS_OUT, 1)
    assert (entry.sum, entry.due, entry.usual, entry.level) == pytest.approx((0.75, 0.4, 0.4, 0.4))
    assert (entry.lower, entry.upper) == pytest.approx((0.235, 0.576), abs=0.0005)


def test_the_range_is_as_wide_as_its_own_months_denominator_makes_it():
    past = [(40, 100)] * 12
    few, many = (judge_pairs([*past, (of * 4 // 10, of)], RatioKind.SHARE)[-1] for of in (10, 1000))

    assert few.lower < many.lower < 0.4 < many.upper < few.upper


def test_a_rate_that_doubles_with_its_residents_is_the_same():
    pairs = [(20, 1000)] * 24 + [(40, 2000)] * 24

    assert {entry.signal for entry in judge_pairs(pairs, RatioKind.RATE)[12:]} == {Signal.NONE}
    assert Tier.STANDS_OUT in {entry.tier for entry in judge([value for value, _ in pairs])}


def test_a_rate_falls_where_residents_double_and_cases_do_not():
    entries = judge_pairs([(20, 1000)] * 24 + [(20, 2000)] * 24, RatioKind.RATE)

    assert {(entry.signal, entry.tier) for entry in entries[27:30]} == {(Signal.LOW, Tier.STANDS_OUT)}
    assert entries[-1].level == pytest.approx(0.01)
    assert entries[-1].before == pytest.approx(0.02)


@pytest.mark.parametrize("kind", JUDGED)
def test_a_step_is_told_for_a_year_and_then_is_the_level(kind: RatioKind):
    entries = judge_pairs([(40, 200)] * 24 + [(80, 200)] * 24, kind)

    assert [entry.tier for entry in entries] == [None] * 24 + [Tier.STANDS_OUT] * 12 + [None] * 12
    assert (entries[-1].level, entries[-1].before) == pytest.approx((0.4, 0.2))


@pytest.mark.parametrize("value", [0, 100])
def test_none_and_all_show_nothing_and_have_a_range_within_them(value: int):
    entries = judge_pairs([(value, 100)] * 40, RatioKind.SHARE)[12:]

    assert {entry.signal for entry in entries} == {Signal.NONE}
    assert all(0 <= entry.lower <= value / 100 <= entry.upper <= 1 for entry in entries)


@pytest.mark.parametrize("kind", JUDGED)
@pytest.mark.parametrize("of", [None, 0])
def test_a_month_without_a_denominator_has_no_entry(kind: RatioKind, of: int | None):
    pairs: Pairs = [(40, 100)] * 20
    entries = judge_pairs([*pairs, (40, of), *pairs], kind)

    assert entries[20] == Entry()
    assert entries[21].signal is Signal.NONE


def test_more_than_the_whole_is_no_share():
    assert judge_pairs([(40, 100)] * 20 + [(101, 100)], RatioKind.SHARE)[-1] == Entry()
    assert judge_pairs([(40, 100)] * 20 + [(101, 100)], RatioKind.RATE)[-1].tier is Tier.STANDS_OUT


@pytest.mark.parametrize("kind", JUDGED)
def test_a_month_without_a_numerator_keeps_the_range_and_the_level(kind: RatioKind):
    pairs: Pairs = [(20, 100), (23, 100), (18, 100), (21, 100)] * 5
    entry, after = judge_pairs([*pairs, (None, 100), (20, 100)], kind)[-2:]

    assert (entry.signal, entry.sum) == (None, None)
    assert (entry.lower, entry.upper, entry.since) == (after.lower, after.upper, after.since)


def test_an_average_is_not_judged():
    with pytest.raises(KeyError):
        judge_pairs([(40, 100)] * 20, RatioKind.AVERAGE)


# --- Any series ----------------------------------------------------------------------------------------

counted = st.sampled_from(list(Counted))
kinds = st.sampled_from(JUDGED)


@st.composite
def series(draw: st.DrawFn) -> Pairs:
    """With a step, a season, gaps, and denominators that move, so that levels move and seasons are found."""
    months = draw(st.integers(20, 90))
    of = draw(st.sampled_from([1, 12, 300, 20_000]))
    part = draw(st.sampled_from([0, 0.02, 0.3, 0.9, 1]))
    step, swing = draw(st.sampled_from([0.4, 1, 1.5])), draw(st.sampled_from([0, 0.5]))
    moves: list[float] = draw(st.sampled_from([[1.0], [1.0, 2.0, 0.4], [1.0, 1.0, 1.0, 3.0]]))
    noise = draw(st.lists(st.integers(-3, 3), min_size=months, max_size=months))
    gaps = draw(st.sets(st.integers(0, 89), max_size=5))
    pairs: Pairs = []
    for place, more in enumerate(noise):
        whole = max(1, round(of * moves[place % len(moves)]))
        size = whole * part * (step if place >= 30 else 1) * (1 + swing * math.sin(place * math.pi / 6)) + more
        value = min(whole, max(0, round(size)))
        pairs.append((None if place in gaps else value, None if place - 1 in gaps else whole))
    return pairs


@given(values=st.lists(st.none() | st.integers(0, 60), min_size=13, max_size=70), of=st.integers(1, 10**6))
def test_where_the_denominator_stays_a_rate_has_the_signals_of_its_counts(values: list[int | None], of: int):
    assert_rate_is_count(values, of)


@given(pairs=series(), of=st.integers(1, 10**6), counted=counted)
def test_also_where_levels_and_seasons_move(pairs: Pairs, of: int, counted: Counted):
    assert_rate_is_count([value for value, _ in pairs], of, counted)


def assert_rate_is_count(values: list[int | None], of: int, counted: Counted = Counted.FLOW) -> None:
    rates = judge_pairs([(value, of) for value in values], RatioKind.RATE, counted)
    for rate, count in zip(rates, judge(values, counted=counted), strict=True):
        assert said(rate) == said(count)
        for name in ("usual", "level", "before"):
            assert (getattr(rate, name) is None) == (getattr(count, name) is None)
            if getattr(rate, name) is not None:
                assert getattr(rate, name) * of == pytest.approx(getattr(count, name))
        if count.lower is not None:
            assert (math.ceil(rate.lower * of - 1e-6), math.floor(rate.upper * of + 1e-6)) == (count.lower, count.upper)


@given(pairs=series(), by=st.sampled_from([4, 1024]), counted=counted)
def test_what_residents_are_counted_in_changes_nothing(pairs: Pairs, by: int, counted: Counted):
    entries = judge_pairs(pairs, RatioKind.RATE, counted)
    others = judge_pairs([(value, None if of is None else of * by) for value, of in pairs], RatioKind.RATE, counted)

    for entry, other in zip(entries, others, strict=True):
        assert said(entry) == said(other)
        assert entry.usual is None or entry.usual == pytest.approx(other.usual * by)


# All, none, all, none: in the end what is usual has come to be what the level before was, to the last bit.
TO_AND_FRO: Pairs = [
    *[*[(1, 1)] * 3, (3, 3)] * 2,
    *[*[(1, 1)] * 3, (2, 3), *[(0, 1)] * 3, (0, 3), (0, 1), (0, 1), (1, 1), (3, 3)],
    *[*[(1, 1)] * 3, (3, 3)] * 3,
    *[(None, 1), (1, None), (1, 1), (3, 3), *[(1, 1)] * 3, (3, 3), (1, 1), (1, 1), (0, 1), (2, 3)],
    *[*[(0, 1)] * 3, (1, 3), *[(1, 1)] * 3, (3, 3), (1, 1), (0, 1), (1, 1), (3, 3)],
    *[*[(1, 1)] * 3, (2, 3), *[(0, 1)] * 3, (0, 3), *[(0, 1)] * 3, (1, 3)],
]


@example(pairs=TO_AND_FRO, counted=Counted.FLOW)
@example(pairs=[(47, 49)] * 14, counted=Counted.FLOW)  # 2 are left, which in floats is a little less than 2
@given(pairs=series(), counted=counted)
def test_a_share_is_judged_as_what_is_left_of_the_whole_is(pairs: Pairs, counted: Counted):
    others = [(None if value is None or of is None else of - value, of) for value, of in pairs]

    for entry, other in zip(
        judge_pairs(pairs, RatioKind.SHARE, counted), judge_pairs(others, RatioKind.SHARE, counted), strict=True
    ):
        assert (entry.tier, entry.window, entry.since, entry.is_back) == (
            *(other.tier, other.window, other.since, other.is_back),
        )
        if entry.usual is not None:
            assert entry.usual + other.usual == pytest.approx(1)
            assert entry.lower + other.upper == pytest.approx(1)


@given(values=st.lists(st.integers(0, 40), min_size=13, max_size=36))  # months without a season
def test_a_share_of_very_many_is_judged_as_its_count(values: list[int]):
    shares = judge_pairs([(value, 10**11) for value in values], RatioKind.SHARE)

    assert [said(entry) for entry in shares] == [said(entry) for entry in judge(values)]


@given(pairs=series(), counted=counted)
def test_a_share_stays_within_none_and_all(pairs: Pairs, counted: Counted):
    for entry in judge_pairs(pairs, RatioKind.SHARE, counted):
        if entry.usual is not None:
            assert -1e-9 <= entry.lower <= entry.usual + 1e-9
            assert entry.usual - 1e-9 <= entry.upper <= 1 + 1e-9
        for part in (entry.sum, entry.due, entry.level, entry.before):
            assert part is None or -1e-9 <= part <= 1 + 1e-9


@given(pairs=series(), counted=counted, kind=kinds)
def test_judged_month_by_month_it_says_what_the_whole_says(pairs: Pairs, counted: Counted, kind: RatioKind):
    whole = judge_pairs(pairs, kind, counted)

    for months in range(0, len(pairs), 7):
        assert judge_pairs(pairs[:months], kind, counted) == whole[:months]


@given(pairs=series(), counted=counted, kind=kinds, shown_from=st.integers(0, 90))
def test_what_is_not_shown_changes_nothing(pairs: Pairs, counted: Counted, kind: RatioKind, shown_from: int):
    whole = judge_pairs(pairs, kind, counted)

    assert judge_pairs(pairs, kind, counted, shown_from=shown_from) == whole[shown_from:]


@given(before=series(), after=series(), kind=kinds)
def test_from_a_start_on_it_is_judged_as_if_it_began_there(before: Pairs, after: Pairs, kind: RatioKind):
    whole = judge_pairs(before + after, kind, starts=(len(before),))

    assert whole[: len(before)] == judge_pairs(before, kind)
    alone = judge_pairs(after, kind)
    assert [entry._replace(since=None) for entry in whole[len(before) :]] == [
        entry._replace(since=None) for entry in alone
    ]


@given(pairs=series(), rest=st.lists(series(), min_size=1, max_size=2), kind=kinds, counted=counted)
def test_continuations_say_what_the_whole_says(pairs: Pairs, rest: list[Pairs], kind: RatioKind, counted: Counted):
    told = judge_continuations_of_ratio(*unzip(pairs), map(unzip, rest), kind=kind, counted=counted)

    for continuation, entries in zip(rest, told, strict=True):
        whole = judge_pairs(pairs + continuation, kind, counted)[len(pairs) :]
        assert [said(entry) for entry in entries] == [said(entry) for entry in whole]


@given(pairs=series(), kind=kinds, counted=counted)
def test_a_sum_is_of_the_months_of_its_window(pairs: Pairs, kind: RatioKind, counted: Counted):
    entries = judge_pairs(pairs, kind, counted)

    for place, entry in enumerate(entries):
        if entry.window is not None:
            window = [
                (value, of)
                for value, of in pairs[place - entry.window + 1 : place + 1]
                if value is not None and of is not None
            ]
            assert entry.sum == pytest.approx(sum(value for value, _ in window) / sum(of for _, of in window))
            assert (entry.sum > entry.due) == (entry.signal is Signal.HIGH)
    read = [entry for entry in entries if entry.since is not None]
    for before, after in pairwise(read):
        assert before.since <= after.since
