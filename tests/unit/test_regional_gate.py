"""Do a region's totals tell anything about a count that an area withholds? A reader tries all counts of all areas.
REGIONS=10 tries ten times as many random regions.
"""

import os
import random
from itertools import product

import numpy as np
import pytest

from indicators.protection.families import Count, protect_month
from indicators.protection.regional import (
    SPANS,
    Hidden,
    Look,
    Outcome,
    Settled,
    Shape,
    decide,
    find_shape,
    tells_nothing,
)
from indicators.protection.rules import Round, Rule, Show, Suppress, Withhold
from tests.attacker import Programme
from tests.region_attacker import Place, Plan, attack_regions, steady
from tests.tiers import vary_at_release

REGIONS = int(os.environ.get("REGIONS", "1"))


def first(number: int) -> frozenset[int]:
    """Return the first so many areas."""
    return frozenset(range(number))


# --- One month -----------------------------------------------------------------------------------


@pytest.mark.parametrize("spans", [1, 2])
@pytest.mark.parametrize(("below", "number"), [(3, 3), (3, 5), (4, 4), (5, 3), (5, 4)])
def test_a_total_leaves_every_count_that_was_possible(below: int, number: int, spans: int):
    places = [steady(below, 1)] * number
    leaks = attack_regions(places, [[first(number)]], range(below + 1), spans=spans)
    assert leaks.found == []
    assert leaks.cells
    # Two spans on both sides need four hidden counts at least.
    assert bool(leaks.shown) == (spans == 1 or number >= 4)


@pytest.mark.parametrize(("below", "number"), [(3, 4), (3, 6), (4, 4), (5, 4)])
def test_not_even_an_area_that_knows_its_own_count_learns_another(below: int, number: int):
    places = [steady(below, 1)] * number
    for insider in (0, number - 1):
        leaks = attack_regions(places, [[first(number)]], range(below + 1), insider=insider)
        assert leaks.found == []
        assert leaks.shown


def test_the_reader_is_a_real_one():
    """With one span an insider learns something; without any, a stranger does too."""
    places, plan = [steady(3, 1)] * 4, [[first(4)]]
    assert attack_regions(places, plan, range(4), spans=1, insider=0).found
    assert attack_regions(places, plan, range(4), spans=0).found


@pytest.mark.parametrize("insider", [None, 0, 3])
def test_nor_do_totals_tell_anything_about_categories(insider: int | None):
    """Areas with two or three categories beside areas without."""
    for parts, values in ((2, range(4)), (3, range(3))):
        places = [steady(3, 1, parts=parts)] * 2 + [steady(3, 1)] * 2
        leaks = attack_regions(places, [[first(4)]], values, insider=insider)
        assert leaks.found == []
        assert leaks.cells


def test_categories_have_totals_too():
    places = [steady(3, 1, parts=2)] * 3 + [steady(3, 1)]
    leaks = attack_regions(places, [[first(4)]], range(4))
    assert (bool(leaks.shown), leaks.found) == (True, [])


# --- One month after the other ------------------------------------------------------------------

FULL, LESS = first(5), first(4)
PLANS: dict[str, Plan] = {
    "an area leaves": [[FULL], [LESS]],
    "an area joins": [[LESS], [FULL]],
    "an area leaves and joins again": [[FULL], [LESS], [FULL]],
    "one area takes another's place": [[LESS], [FULL - {0}], [LESS]],
    "two regions share areas": [[FULL, FULL - {0}], [LESS, FULL]],
    "two regions share all areas": [[FULL, FULL], [FULL, LESS]],
}


@pytest.mark.parametrize("insider", [None, 0, 4])
@pytest.mark.parametrize("plan", PLANS.values(), ids=PLANS)
def test_totals_in_a_row_tell_nothing(plan: Plan, insider: int | None):
    leaks = attack_regions([steady(3, len(plan))] * 5, plan, range(4), insider=insider)
    assert (bool(leaks.shown), leaks.found) == (True, [])


@pytest.mark.parametrize("plan", PLANS.values(), ids=PLANS)
def test_nor_to_a_stranger_with_one_span(plan: Plan):
    """Where more totals are shown than the product shows."""
    assert attack_regions([steady(3, len(plan))] * 5, plan, range(4), spans=1).found == []
    assert attack_regions([steady(5, len(plan))] * 5, plan, range(1, 6), spans=1).found == []


@pytest.mark.parametrize("insider", [None, 0, 4])
def test_an_area_that_publishes_late_changes_nothing(insider: int | None):
    places = [steady(3, 2)] * 4 + [steady(3, 2, starts=1)]
    leaks = attack_regions(places, [[FULL], [FULL]], range(4), insider=insider)
    assert (bool(leaks.shown), leaks.found) == (True, [])


@pytest.mark.parametrize("rules", [(3, 2, 3), (2, 3, 3), (3, 4, 3), (3, 3, 2)])
def test_nor_does_another_rule(rules: tuple[int, ...]):
    changed = Place(tuple(Suppress(below) for below in rules))
    for spans in (1, SPANS):
        leaks = attack_regions([steady(3, 3)] * 4 + [changed], [[FULL], [LESS], [FULL]], range(5), spans=spans)
        assert (bool(leaks.shown), leaks.found) == (True, [])


@pytest.mark.parametrize("insider", vary_at_release([None, 0, 4]))
@pytest.mark.parametrize("plan", [[[FULL], [FULL]], [[FULL], [LESS]], [[LESS], [FULL]], [[FULL, LESS], [FULL]]])
def test_nor_does_a_correction_of_hidden_and_of_shown_counts(plan: Plan, insider: int | None):
    """Two areas may correct any count to any other, so a hidden one may turn large and a shown one small."""
    places = [steady(3, 2, is_corrected=True)] * 2 + [steady(3, 2)] * 3
    for spans in (SPANS,) if insider is not None else (1, SPANS):
        leaks = attack_regions(places, plan, range(4), spans=spans, insider=insider)
        assert (bool(leaks.shown), leaks.found) == (True, [])


def test_without_earlier_decisions_thirteen_give_the_fourteenth_away(monkeypatch):
    """The reader is a real one over sequences too."""

    def forget(hidden, settled=(), **options):
        return decide(hidden, (), **options)

    monkeypatch.setattr("tests.region_attacker.decide", forget)
    assert attack_regions([steady(3, 2)] * 5, [[FULL], [LESS]], range(4), spans=1).found


def test_random_regions_tell_nothing():
    chance, shown = random.Random(21), 0
    for _ in range(20 * REGIONS):
        below, moments = chance.choice((3, 3, 4)), chance.choice((1, 2, 3))
        places = [
            steady(below, moments, starts=chance.choice((0, 0, 0, moments - 1)), is_corrected=chance.random() < 0.15)
            for _ in range(chance.choice((3, 4)))
        ]
        if sum(place.is_corrected for place in places) * moments > 4:
            continue
        plan = [
            [frozenset(chance.sample(range(len(places)), chance.randint(3, len(places)))) for _ in range(2)]
            for _ in range(moments)
        ]
        leaks = attack_regions(places, plan, range(below + 1), spans=1)
        assert leaks.found == [], (places, plan)
        shown += leaks.shown
    assert shown


def test_the_sums_alone_leave_fourteen_areas_their_widths():
    """Too many areas to try all counts. A linear programme over all totals that were shown has to reach both ends of
    each hidden count, also where one area's count is known.
    """
    chance, shown = random.Random(14), 0
    for _ in range(15 * REGIONS):
        true = [chance.choice((0, 1, 1, 2, 2, 3, 3, 4, 4, 5, 9)) for _ in range(14)]
        hidden = {area: Hidden(value, Shape(5)) for area, value in enumerate(true) if 0 < value < 5}
        settled: list[Settled[int]] = []
        totals: list[tuple[list[int], int]] = []
        for _ in range(4):
            members = {
                area: hidden[area] for area in chance.sample(range(14), chance.randint(11, 14)) if area in hidden
            }
            outcome = decide(members, [one for one in settled if not members.keys().isdisjoint(one.values)])
            values = {area: one.value for area, one in members.items()}
            if outcome.settles:
                settled.append(Settled(outcome, values))
            if outcome.is_total_shown:
                totals.append((list(members), sum(filter(None, values.values()))))
        shown += bool(totals)
        for summed, total in totals:
            for insider in (None, *summed[:2]):
                programme = Programme(
                    [(true[each], true[each]) if each == insider else (1, 4) for each in range(14)],
                    A_eq=np.array([[float(each in summed) for each in range(14)]]),
                    b_eq=[float(total)],
                )
                for area in summed:
                    if area != insider:
                        assert programme.width(np.eye(14)[area], 3) == 3  # 1 to 4
    assert shown


# --- What a hidden count may be ---------------------------------------------------------------


@pytest.mark.parametrize("below", range(2, 7))
@pytest.mark.parametrize("parts", range(5))
def test_a_shape_says_exactly_which_wholes_are_possible(below: int, parts: int):
    """Whoever changes indicators.protection.rules.choose has to change Shape: this test fails then."""
    rule, found = Suppress(below), dict[Look, set[int]]()
    for values in product(range(below + parts + 2), repeat=parts or 1):
        if sum(values) > below + parts + 2:
            continue
        counts = {("x", ""): Count(sum(values), rule)}
        if parts:
            counts |= {("x", f"{place}"): Count(value, rule) for place, value in enumerate(values)}
        withheld = protect_month(counts, {}).withheld
        if ("x", "") in withheld:
            above = sum(key not in withheld and count.value > 0 for key, count in counts.items())
            look = Look(rule, True, bool(parts), parts=len(withheld) - 1, above=above)
            assert look.shape is not None, values
            found.setdefault(look, set()).add(sum(values))
    assert found
    for look, wholes in found.items():
        assert look.shape is not None
        assert wholes == set(range(look.shape.least, look.shape.most + 1))


HIDES = Look(Suppress(5), is_withheld=True)


@pytest.mark.parametrize(
    "looks",
    [
        [],
        [Look(Suppress(5), is_withheld=False)],
        [Look(Round(), is_withheld=True)],
        [Look(Withhold(), is_withheld=True)],
        [Look(Show(), is_withheld=True)],
        [Look(Suppress(5), is_withheld=True, is_tied=True)],
        [Look(Suppress(5), is_withheld=True, has_categories=True)],
        [Look(Suppress(5), is_withheld=True, has_categories=True, parts=2, above=1)],
        [HIDES, Look(Suppress(4), is_withheld=True)],
        [HIDES, Look(Suppress(5), is_withheld=True, has_categories=True, parts=2)],
        [HIDES, Look(Suppress(5), is_withheld=False)],
    ],
)
def test_some_gaps_have_no_shape(looks: list[Look]):
    assert find_shape(looks) is None


def test_editions_that_agree_have_one():
    assert find_shape([HIDES, HIDES]) == Shape(5)


# --- The decision -----------------------------------------------------------------------------


def hide(*values: int | None, below: int = 5) -> dict[object, Hidden]:
    return {place: Hidden(value, Shape(below)) for place, value in enumerate(values)}


def test_a_total_of_public_counts_is_shown():
    assert decide({}) is Outcome.PLAIN


@pytest.mark.parametrize(
    ("values", "outcome"),
    [
        ((3,), Outcome.REFUSED),
        ((2, 3), Outcome.REFUSED),
        ((2, 3, 3), Outcome.REFUSED),
        ((2, 3, 3, 2), Outcome.SHOWN),  # just half
        ((2, 3, 3, 3), Outcome.REFUSED),
        ((1, 2, 2, 2, 4), Outcome.SHOWN),
        ((1, 1, 2, 2, 4), Outcome.REFUSED),
        ((2, 3, None, 3, 2, 2), Outcome.REFUSED),
    ],
)
def test_the_sum_has_to_leave_two_spans_on_both_sides(values: tuple[int | None, ...], outcome: Outcome):
    assert decide(hide(*values)) is outcome


@pytest.mark.parametrize("rule", [Round(), Withhold()])
def test_one_gap_without_a_shape_withholds_the_total(rule: Rule):
    gaps = hide(2, 3, 3, 2) | {"other": Hidden(3, Look(rule, is_withheld=True).shape)}
    assert decide(gaps) is Outcome.UNUSABLE


def test_nothing_is_decided_while_more_areas_may_publish():
    assert decide(hide(2, 3, 3, 2), is_complete=False) is Outcome.LATER
    assert decide({}, is_complete=False) is Outcome.PLAIN
    assert not Outcome.LATER.settles


def test_what_follows_from_a_shown_total_is_shown_and_nothing_else():
    gaps = hide(2, 3, 3, 2)
    values = {key: one.value for key, one in gaps.items()}
    shown, refused = Settled(Outcome.SHOWN, values), Settled(Outcome.REFUSED, values)
    assert decide(gaps, [shown], is_complete=False) is Outcome.DERIVED
    assert decide(gaps, [refused]) is Outcome.SETTLED
    # One gap more or less; a hidden figure that was corrected, also if the sum stays.
    assert decide(gaps | {4: Hidden(2, Shape(5))}, [shown]) is Outcome.SETTLED
    assert decide(hide(2, 3, 3), [shown]) is Outcome.SETTLED
    assert decide(hide(3, 2, 3, 2), [shown]) is Outcome.SETTLED
    other: Settled[object] = Settled(Outcome.SHOWN, {4: 2, 5: 3, 6: 2, 7: 2})
    assert decide(gaps | hide(*[2] * 8), [shown, other]) is Outcome.SETTLED


def test_the_sum_is_never_near_what_only_some_counts_make():
    """Whatever the shapes: beside a sum that is shown, each count has all its values, and an insider's too."""
    for shapes in ((Shape(3),) * 5, (Shape(5), Shape(3), Shape(3), Shape(4, 2), Shape(3)), (Shape(3, 3),) * 4):
        spans = [range(shape.least, shape.most + 1) for shape in shapes]
        sums: dict[int, list[tuple[int, ...]]] = {}
        for values in product(*spans):
            gaps = {place: Hidden(value, shapes[place]) for place, value in enumerate(values)}
            if tells_nothing(gaps, SPANS):
                sums.setdefault(sum(values), []).append(values)
        for worlds in sums.values():
            for known, value in product(range(len(shapes)), spans[0]):
                left = [world for world in worlds if world[known] == value]
                for place, span in enumerate(spans):
                    if left and place != known:
                        assert {world[place] for world in left} == set(span)
