"""The rules that say what is small, and the strictest of several."""

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from indicators.protection.families import Count
from indicators.protection.rules import (
    LIMITS,
    Round,
    Rule,
    Show,
    Suppress,
    Withhold,
    make_token,
    number_names,
    parse_token,
    strictest,
)
from indicators.protection.suppression import Scale

MOST = 60  # no rule that may be set calls a greater count small


def number(name: str) -> st.SearchStrategy[int]:
    return st.integers(*LIMITS[name])


rules = st.one_of(
    st.just(Show()),
    st.builds(Suppress, number("below")),
    st.builds(Round, number("suppress_to"), number("base")),
    st.just(Withhold()),
)


@given(st.builds(Round, number("suppress_to"), number("base")))
def test_a_rule_knows_what_is_small_as_rounding_does(rule):
    assert rule.small == Scale(rule).small


@given(st.builds(Round, number("suppress_to"), number("base")))
def test_a_rule_knows_which_figures_rounding_shows(rule):
    scale = Scale(rule)
    shown = {scale.shown(count) for count in range(4 * MOST)} - {None}
    assert {value for value in range(3 * MOST) if rule.shows(value)} == {value for value in shown if value < 3 * MOST}


def withholds(rule: Rule) -> set[int]:
    return {value for value in range(MOST) if Count(value, rule).is_primary}


@given(st.lists(rules, max_size=4))
def test_the_strictest_withholds_whatever_one_of_them_does(given_rules):
    found = withholds(strictest(given_rules))
    for rule in given_rules:
        assert withholds(rule) <= found


@given(st.lists(rules, max_size=4))
def test_the_strictest_asks_for_an_interval_as_wide_as_any_of_suppression(given_rules):
    found = strictest(given_rules)
    for rule in given_rules:
        for value in range(MOST):
            if not isinstance(found, Withhold) and isinstance(found, type(rule)):
                assert Count(value, rule).wanted <= Count(value, found).wanted


@given(st.lists(rules, max_size=4))
def test_the_strictest_rounds_as_coarsely_as_any(given_rules):
    bases = [rule.base for rule in given_rules if isinstance(rule, Round)]
    found = strictest(given_rules)
    if bases and not isinstance(found, Withhold):
        assert isinstance(found, Round)
        assert found.base == max(bases)


@given(st.lists(rules, max_size=3))
def test_the_strictest_is_the_same_in_any_order(given_rules):
    assert len({strictest(order) for order in itertools.permutations(given_rules)}) == 1


@given(st.lists(rules, min_size=1, max_size=3))
def test_the_strictest_of_the_same_rules_twice_is_the_same(given_rules):
    found = strictest(given_rules)
    assert strictest([*given_rules, *given_rules]) == strictest([found, *given_rules]) == strictest([found]) == found


@given(rules)
def test_showing_every_figure_adds_nothing(rule):
    assert strictest([rule, Show()]) == rule


def test_of_no_rules_everything_is_shown():
    assert strictest([]) == Show()


@given(rules)
def test_a_token_is_its_rule(rule):
    assert parse_token(make_token(rule)) == rule


@pytest.mark.parametrize(
    ("rule", "token"),
    [(Show(), "show"), (Suppress(5), "suppress-5"), (Round(7, 5), "round-7-5"), (Withhold(), "withhold")],
)
def test_tokens_are_these(rule, token):
    assert make_token(rule) == token


@pytest.mark.parametrize("token", ["", "hide", "suppress-x", "round-7-"])
def test_a_token_of_no_rule_is_refused(token):
    with pytest.raises((KeyError, ValueError)):
        parse_token(token)


def test_each_rule_says_its_numbers():
    assert number_names("show") == number_names("withhold") == ()
    assert number_names("suppress") == ("below",)
    assert number_names("round") == ("suppress_to", "base")
    assert Suppress(6).words.startswith("figures from 1 to 5 are withheld")
    assert "rounded to the nearest 10" in Round(7, 10).words
