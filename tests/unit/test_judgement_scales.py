"""The scales on which counts, rates and shares are judged, held to their formulas (docs/judgement.md)."""

import math
from itertools import pairwise
from random import Random
from statistics import mean

import pytest
from hypothesis import given
from hypothesis import strategies as st

from indicators.judgement.judge import Signal, judge_ratio
from indicators.judgement.scales import COUNTS, MONTHS, RATES, SHARES, TO_WIDTH, Entered, Scale, Sums, find_seasons
from indicators.kpis.towns import chance_of_part, find_chance
from indicators.ratios import RatioKind
from tests.made_up import share, wave


@given(scale=st.sampled_from([COUNTS, RATES, SHARES]), of=st.integers(1, 10_000), part=st.floats(0, 1))
def test_a_root_leads_back_to_its_count(scale: Scale, of: int, part: float):
    of = 1 if scale is COUNTS else of
    count = part * of

    assert scale.count(scale.root(count, of), of) == pytest.approx(count, abs=1e-9)


@given(
    scale=st.sampled_from([COUNTS, RATES, SHARES]),
    of=st.integers(1, 500),
    part=st.floats(0.2, 0.8),
    turn=st.floats(-1, 1),
)
def test_a_season_that_is_taken_out_is_put_back(scale: Scale, of: int, part: float, turn: float):
    of = 1 if scale is COUNTS else of
    season = turn / 4 if scale is SHARES else 1 + turn / 2
    _, _, root = scale.take_out(part * of, of, season)

    assert scale.put_back(root, of, season) == pytest.approx(part * of)


@pytest.mark.parametrize(("part", "of"), [(0.5, 10), (0.1, 100), (0.95, 200), (0.02, 1000)])
def test_by_chance_a_share_varies_as_widely_as_is_said(part: float, of: int):
    chances = [chance_of_part(count, of, part, 1) for count in range(of + 1)]

    assert spread_of_roots(SHARES, chances, of) == pytest.approx(0.5 / math.sqrt(of), rel=0.06)


@pytest.mark.parametrize(("cases", "of"), [(4, 10), (20, 3), (200, 20_000)])
def test_by_chance_a_rate_varies_as_widely_as_is_said(cases: float, of: int):
    chances = [find_chance(count, cases, 1) for count in range(1000)]

    assert spread_of_roots(RATES, chances, of) == pytest.approx(0.5 / math.sqrt(of), rel=0.06)


def spread_of_roots(scale: Scale, chances: list[float], of: int) -> float:
    roots = [scale.root(count, of) for count in range(len(chances))]
    first = sum(root * chance for root, chance in zip(roots, chances, strict=True))
    return math.sqrt(sum((root - first) ** 2 * chance for root, chance in zip(roots, chances, strict=True)))


@given(pairs=st.lists(st.tuples(st.integers(0, 40), st.integers(40, 4000)), min_size=3, max_size=20))
def test_a_width_is_weighted_by_what_each_month_is_of(pairs: list[tuple[int, int]]):
    """R2, as it stands."""
    sums = Sums(Entered(SHARES, [value for value, _ in pairs], [float(of) for _, of in pairs]))
    for month, (value, _) in enumerate(pairs):
        sums.add(month, value, 0.0)
    roots = [(math.asin(math.sqrt((value + 0.375) / (of + 0.75))), of) for value, of in pairs]
    moves = [abs(x - y) * math.sqrt(2 * n * m / (n + m)) for (x, n), (y, m) in pairwise(roots)]
    centre = sum(n * x for x, n in roots) / sum(n for _, n in roots)
    deviation = math.sqrt(sum(n * (x - centre) ** 2 for x, n in roots) / (len(roots) - 1))

    assert sums.width(0, len(pairs)) == pytest.approx(max(0.5, mean(moves) / TO_WIDTH, deviation), abs=1e-6)


def test_denominators_that_move_widen_nothing():
    random, of = Random(6), [100, 2000, 400] * 40
    sums = Sums(Entered(SHARES, of, [float(each) for each in of]))
    for month, each in enumerate(of):
        sums.add(month, share(random, 0.3, each, 1), 0.0)

    assert sums.width(0, 120) == pytest.approx(0.5, abs=0.05)


@pytest.mark.parametrize(("scale", "by"), [(SHARES, 0.1), (RATES, 0.3)])
def test_a_season_is_found_as_it_was_planted(scale: Scale, by: float):
    """Of a share on its root, of a rate as a factor, while denominators move."""
    of = [float(100_000 * (1 + month % 3)) for month in range(60)]
    planted = [by * wave(month) for month in range(MONTHS)]
    values = [
        round(each * math.sin(math.asin(math.sqrt(0.4)) + planted[month % MONTHS]) ** 2)
        if scale is SHARES
        else round(each * 0.4 * (1 + planted[month % MONTHS]))
        for month, each in enumerate(of)
    ]
    seasons = find_seasons(Entered(scale, values, of), scale, list(range(61)), 60, [0])

    assert seasons == pytest.approx([each if scale is SHARES else 1 + each for each in planted], abs=0.003)


def test_what_is_due_of_a_share_has_the_season_of_its_months():
    """Four years of a season, then a fall of which the last quarter's share is due by the season."""
    random, of = Random(8), [1000] * 51
    parts = [0.4 + 0.15 * wave(month) - 0.06 * (month >= 48) for month in range(51)]
    values = [share(random, part, 1000, 1) for part in parts]
    entry = judge_ratio(values, of, kind=RatioKind.SHARE)[-1]

    assert (entry.signal, entry.window) == (Signal.LOW, 3)
    assert entry.sum == pytest.approx(mean(parts[-3:]), abs=0.03)
    assert entry.due == pytest.approx(mean(parts[-3:]) + 0.06, abs=0.03)
    assert entry.usual == pytest.approx(parts[-1] + 0.06, abs=0.03)
    assert entry.level == pytest.approx(0.4, abs=0.03)
