"""A region's own series: the sum of its areas' months, judged as an area's is. Tried on six London boroughs."""

from collections.abc import Iterable
from datetime import date
from typing import Any

import pytest

from core.calendar import Month
from indicators.judgement.judge import Counted, judge
from indicators.ratios import Ratio, RatioKind
from indicators.trend import CellState, Polarity
from reporting.impact.selectors import NEW_DEFINITION, PublishedSeries
from reporting.regions.cells import Owned, add_up, judge_sum
from tests import london

FIRST = Month(2025, 1)


def owned(*series: Iterable[int | None], first: Month = FIRST, **fields: Any) -> list[Owned]:
    return [
        Owned(number, f"Town {number}", PublishedSeries(first, tuple(values), {}, **fields))
        for number, values in enumerate(series, 1)
    ]


def values(parts: list[Owned], month: Month) -> list[int | None]:
    return [figure.value for figure in add_up(parts, month)[0].values()]


def test_a_month_without_one_areas_figure_is_a_gap():
    parts = owned([1, 2, 3, 4], [10, None, 30, 40], [100, 200, 300])
    assert values(parts, FIRST + 3) == [111, None, 333, None]


def test_the_series_starts_with_the_first_month_that_all_areas_have():
    late = Owned(3, "Late", PublishedSeries(FIRST + 2, (5, 6), {}))
    assert list(add_up([*owned([1, 2, 3, 4], [1, 2, 3, 4]), late], FIRST + 3)[0]) == [FIRST + 2, FIRST + 3]
    assert judge_sum([*owned([1]), late], FIRST + 1, polarity=Polarity.NEUTRAL) == {}


def test_nothing_after_the_month_counts():
    assert values(owned([1, 2, 3], [1, 2, 3]), FIRST + 1) == [2, 4]


def test_where_an_area_counts_anew_the_regions_series_is_cut():
    one, two = owned([5] * 12, [5] * 12)
    cut = Owned(2, "Two", PublishedSeries(FIRST, (5,) * 12, {FIRST + 6: NEW_DEFINITION, FIRST + 9: "New system"}))
    _, starts = add_up([one, cut], FIRST + 11)
    assert starts == {FIRST.first_day: "", date(2025, 7, 1): "", date(2025, 10, 1): "Two: New system"}
    fields = judge_sum([one, cut], FIRST + 9, polarity=Polarity.NEUTRAL)
    assert (fields["movement"], fields["no_arrow_reason"]) == ("none", "new_recording")
    assert judge_sum([one, two], FIRST + 9, polarity=Polarity.NEUTRAL)["movement"] == "level"


def test_a_share_is_of_all_cases_and_all_wholes():
    ratio = Ratio(RatioKind.SHARE, 100)
    one = owned([500, 500], numerators=(1, 1), denominators=(2, 2), ratio=ratio)
    other = owned([100, 100], numerators=(10, 10), denominators=(100, None), ratio=ratio)
    figures = list(add_up([*one, *other], FIRST + 1)[0].values())
    assert figures[0].value == 108  # 11 of 102, in tenths of a per cent
    assert (figures[0].of.numerator, figures[0].of.denominator) == (11, 102)
    assert figures[1].state is CellState.AWAITED


@pytest.mark.parametrize("crime", [london.VIOLENCE, london.HOMICIDE, london.ROBBERY])
def test_signals_of_six_boroughs_together_are_those_of_their_sum(crime: str):
    boroughs = [series.values for series in london.series(crime)]
    assert len(boroughs) == 6
    summed = [sum(month) for month in zip(*boroughs, strict=True)]
    parts = owned(*boroughs, first=london.FIRST)
    for back in (0, 15, 16, 40, 100):
        length = len(summed) - back
        (expected,) = judge(summed[:length], counted=Counted.FLOW, shown_from=length - 1)
        fields = judge_sum(parts, london.FIRST + (length - 1), polarity=Polarity.LOWER)
        assert fields["value"] == summed[length - 1]
        for name in ("lower", "upper"):
            assert fields[name] == getattr(expected, name)
        assert fields["signal"] == (expected.signal.value if expected.signal else "")
        assert fields["tier"] == (expected.tier.value if expected.tier else "")
        assert fields["window_sum"] == expected.sum
        assert fields["history"] == summed[max(0, length - 36) : length]
        since = None if expected.since is None else (london.FIRST + expected.since).first_day.isoformat()
        assert fields["level_since"] == since


def test_the_lockdown_stands_out_in_the_region_too():
    parts = owned(*(series.values for series in london.series(london.ROBBERY)), first=london.FIRST)
    fields = judge_sum(parts, london.LOCKDOWN[0], polarity=Polarity.LOWER)
    assert (fields["signal"], fields["tier"], fields["judgement"]) == ("low", "stands_out", "better")
