"""Whom an indicator hits: relative rates as R has them and as scipy works them out, and when there is none."""

from math import inf, isclose

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import beta, binom

from indicators.breakdowns import NO_POPULATION, NOBODY, UNKNOWN, Group, Outcome, compare
from indicators.ratios import RangeRefused, beta_quantile, relative_rate

counts = st.integers(0, 3_000)
exposures = st.integers(1, 1_000_000)


def test_it_is_the_range_of_the_example_of_poisson_test():
    """Of R's own documentation: poisson.test(c(11, 6+8+7), c(800, 1083+1050+878))."""
    rate = relative_rate(11, 800, 6 + 8 + 7, 1083 + 1050 + 878)
    assert isclose(rate.value, 1.971488, rel_tol=1e-6)
    assert isclose(rate.lower or 0, 0.8584264, rel_tol=1e-7)
    assert isclose(rate.upper or 0, 4.2772659, rel_tol=1e-7)


@given(counts, exposures, counts, exposures)
def test_its_limits_are_those_of_the_binomial_share(events: int, exposure: int, others: int, of_others: int):
    if not events + others:
        return
    rate = relative_rate(events, exposure, others, of_others)
    per = of_others / exposure
    if events:
        assert rate.lower is not None
        share = rate.lower / (rate.lower + per)
        assert isclose(share, beta.ppf(0.025, events, others + 1), rel_tol=1e-7)
        assert isclose(binom.sf(events - 1, events + others, share), 0.025, rel_tol=1e-5)
    else:
        assert rate.lower == 0
    if others:
        assert rate.upper is not None
        assert isclose(per / (rate.upper + per), beta.ppf(0.025, others, events + 1), rel_tol=1e-7)
        assert (rate.lower or 0) <= rate.value * (1 + 1e-9)
        assert rate.value <= rate.upper * (1 + 1e-9)
    else:
        assert (rate.value, rate.upper) == (inf, None)


@given(st.integers(1, 2_000), exposures, st.integers(1, 2_000), exposures)
def test_the_others_have_the_same_range_upside_down(events: int, exposure: int, others: int, of_others: int):
    rate, other = relative_rate(events, exposure, others, of_others), relative_rate(others, of_others, events, exposure)
    assert rate.lower is not None
    assert other.upper is not None
    assert isclose(rate.lower * other.upper, 1, rel_tol=1e-7)


@given(st.floats(0.5, 500), st.floats(0.5, 500), st.sampled_from([0.001, 0.025, 0.5, 0.975]))
def test_quantiles_are_those_of_scipy(a: float, b: float, tail: float):
    assert isclose(beta_quantile(a, b, tail), beta.ppf(tail, a, b), rel_tol=1e-7, abs_tol=1e-12)


def test_nothing_has_no_rate():
    with pytest.raises(RangeRefused, match="at least one event"):
        relative_rate(0, 10, 0, 10)
    with pytest.raises(RangeRefused):
        relative_rate(1, 0, 1, 10)


# --- What is compared


def test_each_group_is_compared_with_all_others_who_are_known():
    comparison = compare([Group("girls", 60, 1_000), Group("boys", 168, 1_100)], unknown=12)
    assert [compared.outcome for compared in comparison.groups] == [Outcome.LESS, Outcome.MORE]
    assert [round(compared.expected or 0, 1) for compared in comparison.groups] == [108.6, 119.4]
    assert (comparison.known, comparison.total, comparison.population) == (228, 240, 2_100)


def test_a_difference_that_chance_may_have_made_is_none():
    comparison = compare([Group("girls", 55, 1_000), Group("boys", 62, 1_000)], unknown=0)
    assert {compared.outcome for compared in comparison.groups} == {Outcome.ALIKE}


@pytest.mark.parametrize(("unknown", "gap"), [(15, ""), (16, UNKNOWN)])
def test_at_most_15_per_cent_may_be_unknown(unknown: int, gap: str):
    comparison = compare([Group("girls", 40, 500), Group("boys", 100 - 40 - unknown, 500)], unknown)
    assert comparison.gap == gap
    assert (comparison.groups[0].rate is None) == bool(gap)


@pytest.mark.parametrize(("population", "outcome"), [(49, Outcome.TOO_FEW), (50, Outcome.ALIKE)])
def test_a_group_needs_five_expected(population: int, outcome: Outcome):
    comparison = compare([Group("in care", 5, population), Group("not", 95, 1_000 - population)], unknown=0)
    assert comparison.groups[0].outcome is outcome
    others = {Outcome.TOO_FEW: Outcome.FEW_OTHERS}.get(outcome, outcome)
    assert comparison.groups[1].outcome is others


def test_a_group_beside_whom_nobody_was_recorded_has_no_rate():
    comparison = compare([Group("boys", 40, 500), Group("girls", 0, 500)], unknown=0)
    assert [compared.outcome for compared in comparison.groups] == [Outcome.ALL, Outcome.LESS]


@pytest.mark.parametrize(
    ("groups", "gap"),
    [
        ([Group("boys", 40, 500), Group("girls", 4)], NO_POPULATION),
        ([Group("boys", 40, 500), Group("girls", 4, 0)], NO_POPULATION),
        ([Group("all", 40, 500)], NO_POPULATION),
        ([Group("boys", 0, 500), Group("girls", 0, 500)], NOBODY),
    ],
)
def test_without_what_it_takes_no_group_is_compared(groups: list[Group], gap: str):
    comparison = compare(groups, unknown=0)
    assert comparison.gap == gap
    assert {compared.outcome for compared in comparison.groups} == {Outcome.NONE}
