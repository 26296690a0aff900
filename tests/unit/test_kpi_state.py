"""How a KPI is doing: each rule by its example in docs/kpis.md, and exactly one rule for whatever the figures are."""

from itertools import product
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.calendar import Month
from indicators.kpis.aims import (
    LEAST,
    RULES,
    Aim,
    Facts,
    Figure,
    KpiState,
    Lies,
    Scale,
    Span,
    Step,
    describe_standing,
    find_faults,
    find_state,
    judge_kpi,
    take_span,
)
from indicators.kpis.spread import MONTHS, Basis, find_chance_of_target, find_range
from indicators.trend import Polarity

DOCUMENT = (Path(__file__).resolve().parents[2] / "docs" / "kpis.md").read_text(encoding="utf-8")
JANUARY, DECEMBER = Month(2026, 1), Month(2026, 12)
NEXT_DECEMBER = Month(2027, 12)
FALL = Aim(Polarity.LOWER, baseline=10, target=6, begins=JANUARY, due=NEXT_DECEMBER)
SHORT_FALL = Aim(Polarity.LOWER, baseline=10, target=6, begins=JANUARY, due=DECEMBER)
STEEP_FALL = Aim(Polarity.LOWER, baseline=10, target=2, begins=JANUARY, due=DECEMBER, steps=(Step(JANUARY, 4),))
RARE = Aim(Polarity.LOWER, baseline=1, target=0.8, begins=JANUARY, due=DECEMBER)
RISE = Aim(Polarity.HIGHER, baseline=40, target=80, begins=JANUARY, due=NEXT_DECEMBER)
MIXED = Facts(is_too_early=False, is_met=False, by_baseline=Lies.AROUND, by_trajectory=Lies.AROUND)


# A baseline of two years on a series that varies by chance alone.
BASIS = Basis(24, [1.0] * MONTHS)


def spread_out(total: int, months: int = 12) -> list[Figure]:
    return [Figure(total * (month + 1) // months - total * month // months) for month in range(months)]


def standing_of(figures: list[Figure | None], aim: Aim = FALL, *, is_told: bool = False):
    span, scale = take_span(figures, aim), Scale(is_told=is_told)
    lower, upper = find_range(span, scale, BASIS)
    by_chance = find_chance_of_target(span, scale, BASIS, aim.better) if span.is_due and not is_told else None
    return judge_kpi(span, better=aim.better, lower=lower, upper=upper, by_chance=by_chance, is_told=is_told)


# --- Exactly one rule ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "facts", [Facts(*facts) for facts in product([True, False], [True, False], Lies, Lies, [True, False])]
)
def test_exactly_one_rule_matches(facts: Facts):
    assert [rule.state for rule in RULES if rule.matches(facts)] == [find_state(facts)]


def test_each_state_has_one_rule():
    assert sorted(rule.state for rule in RULES) == sorted(KpiState)


amounts = st.integers(0, 60).map(float)


@st.composite
def readings(draw):
    """Figures, range, baseline, trajectory and target in any order, often alike."""
    lower, value, upper = sorted(draw(st.tuples(amounts, amounts, amounts)))
    months = draw(st.integers(0, 12))
    figures = draw(st.integers(0, months))
    span = Span(
        months=months,
        figures=figures,
        cases=int(value),
        of=draw(st.none() | st.integers(1, 100)),
        value=value if figures else None,
        baseline=draw(amounts) if figures else None,
        trajectory=draw(amounts) if figures else None,
        target=draw(amounts) if figures else None,
        is_due=draw(st.booleans()),
        known=figures,
    )
    return span, (lower if figures else None), (upper if figures else None)


@given(reading=readings(), better=st.sampled_from([Polarity.LOWER, Polarity.HIGHER]))
def test_any_figures_have_exactly_one_state_and_a_sentence(reading, better: Polarity):
    span, lower, upper = reading
    standing = judge_kpi(span, better=better, lower=lower, upper=upper)

    assert [rule.state for rule in RULES if rule.matches(standing.facts)] == [standing.state]
    assert describe_standing(standing).startswith(f"{standing.state.label}: ")


@given(reading=readings(), better=st.sampled_from([Polarity.LOWER, Polarity.HIGHER]))
def test_the_states_are_what_their_words_say(reading, better: Polarity):
    """The same rules once more, by the words of the issue instead of the table."""
    span, lower, upper = reading
    state = judge_kpi(span, better=better, lower=lower, upper=upper).state
    if span.figures < LEAST:
        assert state is KpiState.TOO_EARLY
        return
    turn = -1 if better is Polarity.LOWER else 1
    best, worst = max(turn * lower, turn * upper), min(turn * lower, turn * upper)
    point, target, baseline, trajectory = (
        turn * value for value in (span.value, span.target, span.baseline, span.trajectory)
    )
    as_planned = lower == upper and worst == baseline and best >= trajectory  # where chance plays no part
    said = {
        KpiState.MET: span.is_due and best >= target and point >= target,
        KpiState.WORSE: best < baseline,
        KpiState.ON_COURSE: (worst > baseline and best >= trajectory) or as_planned,
        KpiState.TOO_CLOSE: worst <= baseline <= best and best >= trajectory,
        KpiState.NO_CHANGE: worst <= baseline <= best < trajectory,
        KpiState.BEHIND: worst > baseline and best < trajectory,
    }
    first = [KpiState.MET, KpiState.WORSE]
    assert state is next(each for each in [*first, *said] if said[each])


@given(total=st.integers(60, 300), month=st.integers(0, 11), more=st.integers(1, 5))
def test_no_month_counts_for_more_than_another(total: int, month: int, more: int):
    """What one month has more and another fewer changes nothing: the newest month's movement says nothing."""
    figures = spread_out(total)
    other = (month + 5) % 12
    moved = list(figures)
    moved[month], moved[other] = Figure(figures[month].cases + more), Figure(figures[other].cases - more)

    assert standing_of(moved) == standing_of(figures)


@pytest.mark.parametrize("better", [Polarity.LOWER, Polarity.HIGHER])
def test_a_value_on_the_edge_of_the_range_lies_in_it(better: Polarity):
    span = Span(12, 12, 84, None, 84, baseline=104, trajectory=67, target=50, is_due=False)

    facts = judge_kpi(span, better=better, lower=67, upper=104).facts
    assert (facts.by_baseline, facts.by_trajectory) == (Lies.AROUND, Lies.AROUND)


def test_a_target_is_reached_in_spite_of_the_last_bits_of_its_sum():
    aim = Aim(Polarity.LOWER, baseline=10, target=62 / 12, begins=JANUARY, due=DECEMBER)

    assert standing_of(spread_out(62), aim).state is KpiState.MET
    assert standing_of(spread_out(63), aim).state is not KpiState.MET


def test_without_a_direction_there_is_no_state():
    with pytest.raises(ValueError, match="one direction"):
        judge_kpi(take_span(spread_out(80), FALL), better=Polarity.NEUTRAL, lower=1, upper=2)


# --- The examples ----------------------------------------------------------------------------------------

EXAMPLES = [
    (KpiState.TOO_EARLY, FALL, spread_out(19, 2)),
    (KpiState.MET, SHORT_FALL, spread_out(70)),
    (KpiState.MET, RARE, spread_out(9)),
    (KpiState.WORSE, FALL, spread_out(165)),
    (KpiState.ON_COURSE, FALL, spread_out(80)),
    (KpiState.TOO_CLOSE, FALL, spread_out(110)),
    (KpiState.ON_COURSE, SHORT_FALL, spread_out(84)),
    (KpiState.NO_CHANGE, STEEP_FALL, spread_out(104)),
    (KpiState.BEHIND, STEEP_FALL, spread_out(75)),
    (KpiState.NOT_JUDGED, RARE, spread_out(9)),
]


@pytest.mark.parametrize(("state", "aim", "figures"), EXAMPLES)
def test_the_document_has_each_example(state: KpiState, aim: Aim, figures: list[Figure]):
    standing = standing_of(figures, aim, is_told=state is KpiState.NOT_JUDGED)
    sentence = describe_standing(standing)

    assert standing.state is state
    assert any(
        line.startswith(f"| *{state.label}* |") and f"| {sentence} |" in line for line in DOCUMENT.splitlines()
    ), sentence


def test_the_document_has_each_state():
    assert {state for state, _, _ in EXAMPLES} == set(KpiState)


@pytest.mark.parametrize(
    ("figures", "when"),
    [
        (spread_out(30, 5), "30 in the 5 months since it started (17 to 49, allowing for chance)"),
        (
            [*spread_out(50, 5), None, *spread_out(50, 6)],
            "100 in the last 12 months, 11 of them with a figure (72 to 135, allowing for chance)",
        ),
    ],
)
def test_a_span_that_is_no_year_says_so(figures: list[Figure | None], when: str):
    assert when in describe_standing(standing_of(figures))


def test_a_share_has_its_unit():
    figures = [Figure(20, 40)] * 12
    span = take_span(figures, RISE, per=100)
    standing = judge_kpi(span, better=Polarity.HIGHER, lower=45.52, upper=54.48)

    assert describe_standing(standing, unit="%") == (
        "On course: 50% in the last 12 months (45.6% to 54.4%, allowing for chance). It should be 50.8% by now."
    )


def test_a_number_outside_the_range_is_never_shown_as_in_it():
    span = Span(12, 12, 75, None, 75, baseline=94, trajectory=40, target=30, is_due=False, known=12)
    standing = judge_kpi(span, better=Polarity.LOWER, lower=59.2, upper=93.9)

    assert standing.state is KpiState.BEHIND
    assert "(60 to 93, allowing for chance)" in describe_standing(standing)


def test_a_small_counts_range_has_decimals():
    """From 0.03 to 5.6, "1 to 5" would leave out the baseline that it includes."""
    span = Span(12, 12, 1, None, 1, baseline=0.5, trajectory=0.41, target=0, is_due=False, known=12)
    standing = judge_kpi(span, better=Polarity.LOWER, lower=0.0253, upper=5.572)

    assert describe_standing(standing) == (
        "Too close to call: 1 in the last 12 months (0.03 to 5.5, allowing for chance). It started at 0.5, and should "
        "be 0.41 by now."
    )


# --- The figures of a span -------------------------------------------------------------------------------


def test_a_straight_trajectory_goes_from_the_baseline_to_the_target():
    values = [FALL.trajectory_in(JANUARY + month) for month in (-1, 11, 23, 30)]

    assert values == [10, 8, 6, 6]


def test_a_trajectory_by_steps_holds_each_until_the_next():
    aim = Aim(Polarity.LOWER, 10, 4, JANUARY, DECEMBER, steps=(Step(JANUARY + 3, 8), Step(JANUARY + 6, 5)))

    assert [aim.trajectory_in(JANUARY + month) for month in range(12)] == [10] * 3 + [8] * 3 + [5] * 5 + [4]


def test_a_year_is_held_against_the_same_months():
    span = take_span(spread_out(190, 18), FALL)

    assert (span.months, span.figures, span.baseline, span.target) == (12, 12, 120, 72)
    assert span.trajectory == pytest.approx(sum(FALL.trajectory_in(JANUARY + month) for month in range(6, 18)))
    assert span.cases == sum(figure.cases for figure in spread_out(190, 18)[6:])


def test_a_month_without_a_figure_is_left_out_on_both_sides():
    span = take_span([Figure(9), None, Figure(8), Figure(7)], FALL)

    assert (span.months, span.figures, span.cases, span.baseline) == (4, 3, 24, 30)
    assert span.trajectory == pytest.approx(sum(FALL.trajectory_in(JANUARY + month) for month in (0, 2, 3)))


def test_a_shares_months_weigh_by_what_they_are_of():
    steps = Aim(Polarity.HIGHER, 40, 80, JANUARY, NEXT_DECEMBER, steps=(Step(JANUARY, 40), Step(JANUARY + 2, 70)))
    figures = [Figure(10, 20), Figure(0, 0), Figure(60, 80)]
    span = take_span(figures, steps, per=100)

    assert (span.cases, span.of, span.value, span.figures) == (70, 100, 70, 2)
    assert (span.baseline, span.target) == (40, 80)
    assert span.trajectory == pytest.approx((40 * 20 + 70 * 80) / 100)


def test_nothing_comes_to_nothing():
    span = take_span([None, None], FALL)

    assert (span.value, span.baseline, span.figures) == (None, None, 0)
    assert judge_kpi(span, better=Polarity.LOWER, lower=None, upper=None).state is KpiState.TOO_EARLY


# --- What is wrong with an aim -----------------------------------------------------------------------------


def test_an_aim_may_be_right():
    assert find_faults(FALL, now=JANUARY) == []
    assert find_faults(RISE, now=JANUARY) == []
    assert find_faults(STEEP_FALL, now=JANUARY) == []


@pytest.mark.parametrize(
    ("aim", "fault"),
    [
        (
            Aim(Polarity.NEUTRAL, 10, 6, JANUARY, DECEMBER),
            "Choose whether lower or higher is better. A KPI needs one direction.",
        ),
        (Aim(Polarity.LOWER, 10, 10, JANUARY, DECEMBER), "Enter a target below the baseline: lower is better here."),
        (Aim(Polarity.HIGHER, 10, 6, JANUARY, DECEMBER), "Enter a target above the baseline: higher is better here."),
        (Aim(Polarity.LOWER, 10, -1, JANUARY, DECEMBER), "Enter numbers that are 0 or more."),
        (Aim(Polarity.LOWER, float("nan"), 1, JANUARY, DECEMBER), "Enter numbers that are 0 or more."),
        (
            Aim(Polarity.LOWER, 10, 6, Month(2025, 1), JANUARY),
            "Choose a target month in the future: January 2026 isn’t.",
        ),
        (
            Aim(Polarity.LOWER, 10, 6, JANUARY, JANUARY + 1),
            "Choose a target month at least two months after the first. A target sooner than that can’t be judged.",
        ),
        (
            Aim(Polarity.LOWER, 10, 6, JANUARY, DECEMBER, (Step(JANUARY + 3, 8), Step(JANUARY + 3, 7))),
            "Put the steps in month order, one for each month.",
        ),
        (
            Aim(Polarity.LOWER, 10, 6, JANUARY, DECEMBER, (Step(DECEMBER, 8),)),
            "Choose months for the steps from January 2026 to the month before December 2026.",
        ),
        (
            Aim(Polarity.LOWER, 10, 6, JANUARY, DECEMBER, (Step(JANUARY + 3, 12),)),
            "Each step must move from the baseline towards the target, and not past it.",
        ),
        (
            Aim(Polarity.LOWER, 10, 6, JANUARY, DECEMBER, (Step(JANUARY + 3, 5),)),
            "Each step must move from the baseline towards the target, and not past it.",
        ),
    ],
)
def test_what_is_wrong_is_said(aim: Aim, fault: str):
    assert [sentence for _, sentence in find_faults(aim, now=JANUARY)] == [fault]
