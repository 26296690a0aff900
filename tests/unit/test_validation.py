"""Rules across figures: broken only where no unknown count could keep them."""

from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from indicators.validation import (
    NONE,
    Amount,
    Relation,
    Rule,
    Strength,
    Term,
    find_broken,
    make_part_rules,
)

KEEPS = {
    Relation.AT_MOST: lambda left, right: left <= right,
    Relation.AT_LEAST: lambda left, right: left >= right,
    Relation.EQUAL: lambda left, right: left == right,
    Relation.WITH: lambda left, right: left == 0 or right > 0,
}
LARGEST = 4  # of a known count here; an unknown one needs at most as much as two of them to keep a rule
COUNTS = st.lists(st.one_of(st.none(), st.integers(0, LARGEST)), min_size=1, max_size=2)


def rule(left: list[str], relation: Relation, right: list[str], **more: object) -> Rule:
    sides = {"left": tuple(map(Term.parse, left)), "right": tuple(map(Term.parse, right))}
    return Rule(code="rule", name="A rule", relation=relation, why="It is so.", **sides, **more)  # type: ignore[arg-type]


@given(COUNTS, st.sampled_from(Relation), COUNTS)
def test_a_rule_is_broken_where_nothing_unknown_could_keep_it(left, relation, right):
    terms = [f"count-{number}" for number in range(len(left) + len(right))]
    values = dict(zip(map(Term, terms), left + right, strict=True))
    asked = rule(terms[: len(left)], relation, terms[len(left) :])
    choices = [range(2 * LARGEST + 1) if value is None else [value] for value in left + right]
    could_hold = any(
        KEEPS[relation](sum(counts[: len(left)]), sum(counts[len(left) :])) for counts in product(*choices)
    )
    assert asked.is_broken(lambda term: Amount.of(values[term])) is not could_hold


@pytest.mark.parametrize("text", ["lines", "lines.london", "lines@month-before", "lines.london@month-before"])
def test_a_term_is_written_as_it_is_read(text):
    assert str(Term.parse(text)) == text


@pytest.mark.parametrize("text", ["", "Lines", "lines.", "lines@", "lines@before", "lines london", "ſines", "lines\n"])
def test_anything_else_is_refused_with_its_text(text):
    with pytest.raises(ValueError, match="Write “"):
        Term.parse(text)


def test_each_category_keeps_a_rule_by_itself():
    groups = rule(["line-groups"], Relation.AT_MOST, ["lines"], each_category=True)
    values = {
        Term("line-groups", "london"): Amount.of(1),
        Term("lines", "london"): Amount.of(0),
        Term("line-groups", "luton"): Amount.of(0),
        Term("lines", "luton"): Amount.of(5),
    }
    categories = {"line-groups": ["london"], "lines": ["london", "luton"]}
    broken = list(find_broken([groups], lambda term: values.get(term, NONE), categories.__getitem__))
    assert [(found.rule.left, found.left, found.right) for found in broken] == [
        ((Term("line-groups", "london"),), Amount(1, 1), Amount(0, 0))
    ]


def test_a_register_is_compared_with_that_of_the_month_before():
    register = rule(["register"], Relation.AT_MOST, ["register@month-before", "added"])
    now = {"register": 12, "added": 1}
    figures = {Term(code): Amount.of(value) for code, value in now.items()}
    assert register.looks_back
    assert not register.is_broken(lambda term: figures.get(term, Amount.of(11)))
    assert register.is_broken(lambda term: figures.get(term, Amount.of(10)))
    assert not register.is_broken(lambda term: figures.get(term, Amount.of(None)))


LINES = (["lines", "closed", "struck"], ["lines@month-before", "found", "reopened"])


@pytest.mark.parametrize(("left", "right"), [LINES, LINES[::-1]])
def test_what_came_and_what_went_follows_from_a_rule_of_equal_sums(left, right):
    flows = rule(left, Relation.EQUAL, right).find_flows()
    assert {code: flow.is_coming for code, flow in flows.items()} == {
        "found": True,
        "reopened": True,
        "closed": False,
        "struck": False,
    }
    assert {flow.of for flow in flows.values()} == {"lines"}


@given(st.integers(0, 9), st.tuples(*[st.integers(0, 9)] * 4))
def test_the_flows_of_months_that_keep_the_rule_are_the_change(before, counts):
    asked = rule(LINES[0], Relation.EQUAL, LINES[1])
    values = dict(zip(("found", "reopened", "closed", "struck"), counts, strict=True))
    flows = asked.find_flows()
    change = sum(value if flows[code].is_coming else -value for code, value in values.items())
    figures = {Term(code): value for code, value in values.items()}
    for now in range(20):
        known = figures | {Term("lines"): now, Term("lines", is_before=True): before}
        assert asked.is_broken(lambda term, known=known: Amount.of(known[term])) is (now - before != change)


@pytest.mark.parametrize(
    "other",
    [
        rule(LINES[0], Relation.AT_MOST, LINES[1]),
        rule(LINES[0], Relation.EQUAL, LINES[1], strength=Strength.DOUBTFUL),
        rule(["lines.leeds"], Relation.EQUAL, ["lines.leeds@month-before", "found"]),
        rule(["lines", "lines@month-before"], Relation.EQUAL, ["found"]),
        rule(["register"], Relation.EQUAL, ["lines@month-before", "found"]),
        rule(["lines", "list@month-before"], Relation.EQUAL, ["lines@month-before", "list"]),
        rule(["lines"], Relation.EQUAL, ["found"]),
    ],
    ids=["at most", "doubtful", "a category", "one side", "two stocks", "two before", "no month before"],
)
def test_no_other_rule_says_what_came_and_what_went(other):
    assert other.find_flows() == {}


def test_parts_are_a_rule_that_nobody_declares():
    (parts,) = make_part_rules([("inside", "children"), ("outside", "children")])
    assert (parts.left, parts.right) == ((Term("inside"), Term("outside")), (Term("children"),))
    assert parts.strength is Strength.STRICT
    values = {"inside": 3, "outside": 3, "children": 5}
    assert parts.is_broken(lambda term: Amount.of(values[term.indicator]))
