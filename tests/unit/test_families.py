"""Which figures of a month are shown, by hand: each kind of family that is easy to get wrong. The attack is a test
of its own."""

from math import inf

import pytest

from indicators.protection.families import (
    Count,
    Earlier,
    Family,
    Key,
    Protection,
    Sum,
    find_families,
    protect_family,
    protect_month,
    shown,
)
from indicators.protection.rules import Round, Rule, Show, Suppress, Withhold

LINES = {"london": 1, "birmingham": 10, "manchester": 4, "merseyside": 6}
JUVENILES = {"juveniles": 13, "inside": 3, "outside": 3}
PARTS = {"inside": "juveniles", "outside": "juveniles"}
RULE = Suppress(5)


def by_category(code: str, values: dict[str, int], rule: Rule = RULE, total: int | None = None) -> dict[Key, Count]:
    whole = sum(values.values()) if total is None else total
    return {(code, ""): Count(whole, rule)} | {(code, name): Count(value, rule) for name, value in values.items()}


def wholes(values: dict[str, int], rules: dict[str, Rule] | None = None) -> dict[Key, Count]:
    return {(code, ""): Count(value, (rules or {}).get(code, RULE)) for code, value in values.items()}


def after(counts: dict[Key, Count], found: Protection, **now: int | Count) -> dict[Key, Count]:
    """The month again, once that was published: with other values of the categories or indicators named."""
    again = {}
    for key, count in counts.items():
        new = now.get(key[1] or key[0], count.value)
        said = Earlier(count.value, count.rule, key in found.withheld)
        earlier = tuple(dict.fromkeys((*count.earlier, said)))
        again[key] = new if isinstance(new, Count) else Count(new, count.rule, earlier=earlier)
    return again


def names(found: Protection) -> set[str]:
    return {category or code for code, category in found.withheld}


# --- One edition


def test_lines_by_origin_are_shown_but_for_a_group_with_small_ones():
    """Birmingham, first by its code, is a group by itself."""
    found = protect_month(by_category("lines", LINES), {})
    assert names(found) == {"london", "manchester", "merseyside"}
    assert found.exposed == {}
    assert min(found.widths) >= 4


def test_juveniles_inside_and_outside_are_withheld_and_all_of_them_shown():
    """Seven are counted as neither, which nobody may know: the two could be anything up to 13 together."""
    found = protect_month(wholes(JUVENILES), PARTS)
    assert names(found) == {"inside", "outside"}
    assert found.widths == (11, 11)


def test_what_a_whole_counts_beside_its_parts_is_protected_too():
    found = protect_month(wholes({"juveniles": 13, "inside": 5, "outside": 5}), PARTS)
    assert len(found.withheld) == 1
    assert found.exposed == {}


def test_a_small_count_takes_its_group_with_it_however_large_the_others_are():
    found = protect_month(by_category("lines", {"a": 30, "b": 2, "c": 70, "d": 7, "e": 9}), {})
    assert names(found) == {"b", "c"}


def test_a_small_count_that_is_a_group_by_itself_takes_another_group_with_it():
    found = protect_month(by_category("lines", {"a": 2, "b": 70, "c": 30, "d": 7, "e": 9}), {})
    assert names(found) == {"a", "b", "c"}


def test_one_part_is_enough_beside_a_group_that_adds_up_to_too_little():
    found = protect_month(by_category("lines", {"a": 30, "b": 2, "c": 3, "d": 70, "e": 9}), {})
    assert names(found) == {"a", "b", "c"}


def test_where_everything_adds_up_to_too_little_the_total_goes_too():
    assert names(protect_month(by_category("lines", {"a": 3, "b": 3}), {})) == {"a", "b", "lines"}
    assert names(protect_month(by_category("lines", {"a": 3, "b": 4}), {})) == {"a", "b"}


def test_a_family_without_small_counts_is_shown():
    assert protect_month(by_category("lines", {"a": 5, "b": 0, "c": 70}), {}) == Protection(frozenset(), {}, ())


def test_a_zero_is_shown_and_hides_nothing():
    found = protect_month(by_category("lines", {"a": 0, "b": 3, "c": 0}), {})
    assert names(found) == {"b", "lines"}


def test_zeros_alone_are_shown():
    assert not protect_month(by_category("lines", {"a": 0, "b": 0}), {}).withheld


def test_ones_alone_go_with_their_total():
    found = protect_month(by_category("lines", dict.fromkeys("abcdef", 1)), {})
    assert names(found) == {*"abcdef", "lines"}


def test_a_single_count_depends_on_its_rule_alone():
    assert names(protect_month(wholes({"a": 4, "b": 5, "c": 0}), {})) == {"a"}


def test_what_is_always_withheld_is_withheld_even_at_zero():
    found = protect_month(by_category("lines", {"a": 0, "b": 12}, Withhold()), {})
    assert names(found) == {"a", "b", "lines"}


def test_a_part_that_is_always_withheld_takes_another_with_it():
    found = protect_month(wholes({"all": 40, "in": 30, "out": 10}, {"in": Withhold()}), {"in": "all", "out": "all"})
    assert names(found) == {"in", "out"}


def test_a_zero_goes_where_it_would_give_away_what_is_always_withheld():
    found = protect_month(wholes({"all": 0, "in": 0}, {"in": Withhold()}), {"in": "all"})
    assert names(found) == {"all", "in"}
    assert found.exposed == {}


def test_a_figure_that_is_shown_in_full_is_withheld_where_it_would_give_another_away():
    found = protect_month(
        wholes({"all": 9, "in": 3, "out": 6}, {"all": Show(), "out": Show()}), {"in": "all", "out": "all"}
    )
    assert names(found) == {"in", "out"}


def test_parts_above_the_whole_are_withheld_with_it():
    found = protect_month(wholes({"all": 9, "in": 30, "out": 6}), {"in": "all", "out": "all"})
    assert names(found) == {"all", "in", "out"}
    assert found.exposed == {}


def test_parts_of_parts_are_one_family():
    counts, tree = (
        wholes({"all": 50, "part": 12, "small": 3, "rest": 9}),
        {"part": "all", "small": "part", "rest": "part"},
    )
    assert len(find_families(counts, tree)) == 1
    assert names(protect_month(counts, tree)) == {"small", "rest"}


def test_a_part_whose_whole_is_not_there_is_a_family_of_its_own():
    assert len(find_families(wholes({"in": 3, "other": 9}), {"in": "all"})) == 2


def test_indicators_that_no_sum_ties_are_families_of_their_own():
    counts = by_category("a", {"x": 1, "y": 9}) | by_category("b", {"x": 6, "y": 9})
    found = protect_month(counts, {})
    assert found.withheld == {("a", "x"), ("a", "y")}


# --- Rounding


@pytest.mark.parametrize(
    ("rule", "value", "figure"), [(Round(), 12, 10), (Round(), 13, 15), (Round(), 0, 0), (Suppress(), 12, 12)]
)
def test_what_stands_for_a_count(rule, value, figure):
    assert shown(rule, value) == figure


def test_rounded_counts_are_shown_where_three_values_remain_possible():
    found = protect_month(by_category("lines", {"a": 21, "b": 14}, Round()), {})
    assert not found.withheld
    assert min(found.widths) >= 2


def test_small_counts_are_withheld_of_rounded_ones_and_a_total_that_would_tell():
    """Shown as 50, it would be 48 or more: each of the four, shown as 10, would be 12."""
    found = protect_month(by_category("lines", dict.fromkeys("abcd", 12), Round()), {})
    assert found.withheld
    assert found.exposed == {}


def test_withheld_rounded_counts_that_are_all_as_large_as_they_can_be_go_with_others():
    """Three that are withheld as 7 or less, of a total of 21, would be 7 each."""
    counts = by_category("lines", dict.fromkeys("abc", 7), Round()) | {("lines", ""): Count(21, Show())}
    assert names(protect_month(counts, {})) == {"a", "b", "c", "lines"}


# --- Another edition


def test_the_same_month_again_says_the_same():
    counts = by_category("lines", LINES)
    first = protect_month(counts, {})
    assert protect_month(after(counts, first), {}).withheld == first.withheld


def test_a_late_figure_leaves_the_total_out():
    """20 before and 23 now would say that it is 3."""
    counts = by_category("lines", {"a": 8, "b": 12})
    first = protect_month(counts, {})
    assert not first.withheld
    again = after(counts, first, lines=23) | {("lines", "late"): Count(3, RULE)}
    assert names(protect_month(again, {})) == {"late", "lines"}


def test_a_figure_of_a_month_that_was_revised_is_withheld_with_its_total_and_the_others_stay():
    counts = by_category("lines", {"a": 30, "b": 2, "c": 7, "d": 12, "e": 30})
    first = protect_month(counts, {})
    assert names(first) == {"b", "c"}
    again = protect_month(after(counts, first, d=13, lines=82), {})
    assert names(again) == {"b", "c", "d", "lines"}
    assert again.exposed == {}


def test_a_revised_month_with_nothing_to_hide_is_shown():
    counts = by_category("lines", {"a": 8, "b": 12})
    again = after(counts, protect_month(counts, {}), a=9, lines=21)
    assert not protect_month(again, {}).withheld


def test_a_total_that_is_revised_beside_its_first_edition_does_not_tell_the_difference():
    counts = by_category("lines", {"a": 8, "b": 12})
    again = after(counts, protect_month(counts, {}), a=3, lines=15)
    assert names(protect_month(again, {})) == {"a", "lines"}


def test_what_was_withheld_stays_so_once_it_is_large():
    counts = by_category("lines", {"a": 2, "b": 7, "c": 12})
    first = protect_month(counts, {})
    assert {"a", "b"} <= names(protect_month(after(counts, first, a=40, lines=59), {}))


def test_what_was_withheld_stays_so_once_it_is_zero():
    counts = by_category("lines", {"a": 2, "b": 7, "c": 12})
    first = protect_month(counts, {})
    assert {"a", "b"} <= names(protect_month(after(counts, first, a=0, lines=19), {}))


def test_what_was_withheld_stays_so_whatever_it_was_withheld_for():
    """Parts above the whole, which are parts of it no longer."""
    counts = wholes({"all": 9, "in": 30})
    first = protect_month(counts, {"in": "all"})
    assert names(first) == {"all", "in"}
    assert names(protect_month(after(counts, first), {})) == {"all", "in"}


def test_what_an_earlier_rule_withheld_stays_unknown_under_a_milder_one():
    counts = by_category("lines", {"a": 4, "b": 7, "c": 12})
    first = protect_month(counts, {})
    milder = {key: Count(count.value, Show(), earlier=count.earlier) for key, count in after(counts, first).items()}
    found = protect_month(milder, {})
    assert found.withheld == first.withheld
    assert found.widths == (20,)


def test_a_stricter_rule_cannot_take_back_what_is_public():
    counts = by_category("lines", {"a": 7, "b": 12})
    first = protect_month(counts, {})
    stricter = {
        key: Count(count.value, Suppress(10), earlier=count.earlier) for key, count in after(counts, first).items()
    }
    found = protect_month(stricter, {})
    assert ("lines", "a") in found.withheld
    assert found.exposed == {}


def test_a_category_that_is_retired_since_still_gives_others_away():
    """Nobody asks for c any more; a reader of the first edition knows it, and so a + b."""
    counts = by_category("lines", {"a": 8, "b": 12, "c": 9})
    again = after(counts, protect_month(counts, {}))
    again["lines", "a"] = Count(2, RULE, earlier=again["lines", "a"].earlier)
    again["lines", "b"] = Count(18, RULE, earlier=again["lines", "b"].earlier)
    again["lines", "c"] = Count(9, RULE, is_asked=False, earlier=again["lines", "c"].earlier)
    found = protect_month(again, {})
    assert found.withheld == {("lines", "a"), ("lines", "b")}
    assert found.exposed == {}


def test_what_can_be_worked_out_all_the_same_is_reported():
    """The first edition said 20 and 12: what comes late is the other 8."""
    counts = {("lines", ""): Count(20, RULE), ("lines", "a"): Count(12, RULE)}
    again = after(counts, protect_month(counts, {})) | {("lines", "late"): Count(8, Withhold())}
    assert protect_month(again, {}).exposed == {("lines", "late"): (8, 8)}


def test_a_new_small_count_is_reported_where_a_whole_that_stays_leaves_it_no_room():
    """a + b are 8 by the first edition, and of the whole's 10 only two are left for c."""
    rules: dict[str, Rule] = {"whole": Show()}
    counts = wholes({"whole": 10}, rules) | by_category("total", {"a": 4, "b": 4, "c": 0})
    tree = {"total": "whole"}
    first = protect_month(counts, tree)
    assert names(first) == {"a", "b"}
    again = protect_month(after(counts, first, c=2, total=10), tree)
    assert again.exposed == {("total", "c"): (2, 2)}


def test_what_remains_possible_is_found_by_sums_alone():
    a, b, total = ("t", "a"), ("t", "b"), ("t", "")
    family = Family({a: Count(3, RULE), b: Count(7, RULE), total: Count(10, RULE)}, (Sum(total, (a, b)),))
    assert family.possible({a, b}) == {a: (1, 9), b: (1, 9), total: (10, 10)}
    assert family.possible({a, b, total}) == {a: (1, inf), b: (1, inf), total: (2, inf)}
    assert family.possible({a}) == {a: (3, 3), b: (7, 7), total: (10, 10)}
    assert protect_family(family).withheld == {a, b}
