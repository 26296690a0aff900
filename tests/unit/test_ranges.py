"""Ranges of uncertainty: as recorded from PHEindicatormethods, and by what must hold of any numbers."""

import json
from math import exp, floor, fsum, isinf, lgamma, log, log10, nan
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from indicators.ratios import FAR, USUAL, Range, RangeRefused, byars_range, count_range, rate_range, share_range

CASES = [
    json.loads(line)
    for line in Path(__file__).parents[1].joinpath("data", "ranges", "cases.jsonl").read_text().splitlines()
]
DIGITS = 15  # that are recorded of a number
confidences = st.sampled_from([0.9, USUAL, 0.99, FAR])


def agree(mine: float | None, recorded: float | None) -> bool:
    """To the last digit recorded: half of one, and what two computers differ by."""
    if mine is None or recorded is None or not recorded:
        return mine == recorded
    unit = 10.0 ** (floor(log10(recorded)) - DIGITS + 1)
    return abs(mine - recorded) <= 0.6 * unit + 4e-16 * recorded


def find(case: dict, confidence: float) -> Range:
    if case["fn"] == "byars":
        return byars_range(case["x"], confidence=confidence)
    ranged = share_range if case["fn"] == "phe_proportion" else rate_range
    return ranged(case["x"], case["n"], per=case["multiplier"], confidence=confidence)


def test_there_are_cases_of_each_kind():
    assert len(CASES) == 173
    assert {case["fn"] for case in CASES} == {"phe_rate", "phe_rate1", "phe_proportion", "byars"}


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case['fn']}-{case['x']}-in-{case.get('n')}")
def test_agrees_with_the_recorded_case(case):
    recorded = (
        {case["confidence"]: (case["lower"], case["upper"])}
        if "confidence" in case
        else {USUAL: (case["lower95"], case["upper95"]), FAR: (case["lower998"], case["upper998"])}
    )
    for confidence, (lower, upper) in recorded.items():
        mine = find(case, confidence)
        assert agree(mine.value, case.get("value", case["x"]))
        assert agree(mine.lower, lower), (confidence, mine)
        assert agree(mine.upper, upper), (confidence, mine)


def chance_of_at_most(count: int, mean: float) -> float:
    return fsum(exp(k * log(mean) - mean - lgamma(k + 1)) for k in range(count + 1))


@given(st.integers(0, 9), confidences)
def test_below_ten_the_limits_leave_half_the_rest_of_the_chance_on_each_side(count, confidence):
    found, tail = count_range(count, confidence=confidence), (1 - confidence) / 2
    assert chance_of_at_most(count, found.upper) == pytest.approx(tail, rel=1e-12)
    if count:
        assert 1 - chance_of_at_most(count - 1, found.lower) == pytest.approx(tail, rel=1e-9)
    else:
        assert found.lower == 0


def test_at_ten_the_rule_changes():
    assert count_range(9.99, confidence=FAR).lower == pytest.approx(2.955, abs=0.001)
    assert count_range(10, confidence=FAR) == byars_range(10, confidence=FAR)
    assert count_range(10, confidence=FAR).lower == pytest.approx(2.916, abs=0.001)


def test_byars_lower_limit_below_none_is_none():
    assert byars_range(1, confidence=FAR).lower is None
    assert byars_range(0).lower is None
    assert byars_range(4, confidence=FAR).lower == pytest.approx(0.382, abs=0.001)


@given(st.floats(0, 1e9), st.floats(0.01, 1e9), confidences)
def test_a_rate_lies_in_its_range_and_more_confidence_is_wider(events, exposure, confidence):
    usual, far = (rate_range(events, exposure, confidence=level) for level in (0.9, FAR))
    found = rate_range(events, exposure, confidence=confidence)
    assert 0 <= far.lower <= found.lower <= found.value <= found.upper <= far.upper
    assert found.lower <= usual.lower
    assert usual.upper <= found.upper


@given(st.integers(0, 10_000), st.integers(0, 10_000), confidences)
def test_a_share_lies_in_its_range_and_what_is_left_has_the_mirrored_one(part, rest, confidence):
    whole = part + rest or 1
    part = min(part, whole)
    found, other = (share_range(each, whole, confidence=confidence) for each in (part, whole - part))
    assert 0 <= found.lower <= found.value <= found.upper <= 1
    assert found.lower == pytest.approx(1 - other.upper, abs=1e-12)
    assert found.upper == pytest.approx(1 - other.lower, abs=1e-12)


@given(st.integers(1, 100), st.integers(1, 100), confidences)
def test_more_of_the_same_is_narrower(part, times, confidence):
    few, many = (share_range(part * by, 100 * by, per=100, confidence=confidence) for by in (1, times + 1))
    assert few.value == pytest.approx(many.value)
    assert many.upper - many.lower < few.upper - few.lower


@pytest.mark.parametrize("per", [1, 100, 10_000])
def test_a_rate_is_per_so_many(per):
    once, many = rate_range(7, 500), rate_range(7, 500, per=per)
    assert (many.value, many.lower, many.upper) == pytest.approx((once.value * per, once.lower * per, once.upper * per))


def test_confidence_is_a_fraction_or_per_cent():
    assert rate_range(12, 100, confidence=95) == rate_range(12, 100, confidence=0.95)


@pytest.mark.parametrize("events", [0.5, 1e-3, 1e-5, 1e-310, 9.999999])
def test_a_count_need_not_be_whole(events):
    found = count_range(events)
    assert 0 <= found.lower < events < found.upper
    assert not isinf(found.upper)


@pytest.mark.parametrize(
    ("ask", "sentence"),
    [
        (lambda: count_range(-1), "A count must be 0 or more: it can’t be -1."),
        (lambda: byars_range(nan), "A count must be 0 or more: it can’t be nan."),
        (lambda: rate_range(-3, 100), "A count must be 0 or more: it can’t be -3."),
        (lambda: rate_range(3, 0), "The denominator of a ratio must be above 0: it can’t be 0."),
        (lambda: share_range(0, -5), "The denominator of a ratio must be above 0: it can’t be -5."),
        (lambda: share_range(1_200, 1_000), "A part can’t be more than its whole: 1,200 is more than 1,000."),
        *(
            (
                lambda level=level: rate_range(3, 100, confidence=level),
                f"A range needs a confidence from 90 to under 100 per cent, such as 0.95 or 95: it can’t be {level}.",
            )
            for level in (0.89, 1, 2, 89.9, 100, 101, -1, nan)
        ),
    ],
)
def test_what_has_no_range_is_refused_with_a_sentence(ask, sentence):
    with pytest.raises(RangeRefused) as refused:
        ask()
    assert str(refused.value) == sentence
