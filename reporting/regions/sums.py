"""What do several areas' series come to together? The region's own series, judged as an area's is.

A month counts only where every area has a figure in it. So the region never rises because an area joined in.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from core.months import Month, months_between
from indicators.judgement.tokens import Counted
from indicators.ratios import Ratio
from indicators.trend import CellState, Polarity
from reporting.impact.published import NEW_DEFINITION, PublishedSeries
from reporting.months.inputs import Series, Starts
from reporting.months.lines import what_is_said
from reporting.months.steps import AWAITED, Figure, Of

# Fields of a line that are days; JSON has them as text.
DAYS = ("definition_from", "level_since", "of_when")
# Fields of a line that say what it showed in its months. Only a page of one indicator reads them.
OF_SERIES = ("history", "steps", "numerators", "denominators")


@dataclass(frozen=True, slots=True)
class Owned:
    """An area's series, with its name."""

    area_id: int
    name: str
    series: PublishedSeries


def add_up(parts: Sequence[Owned], month: Month) -> tuple[Series, Starts]:
    """Return the sum of the areas' series up to a month, from the first month that all of them have, with where an area
    started to count in another way. Both are empty where there is no such month."""
    first = max(part.series.first for part in parts)
    if first > month:
        return {}, {}
    series = {each: _add(parts, each) for each in months_between(first, month)}
    starts: Starts = {first.first_day: ""}
    for part in parts:
        for start, why in part.series.starts.items():
            if first < start <= month:
                said = "" if why == NEW_DEFINITION else f"{part.name}: {why}"
                starts[start.first_day] = "; ".join(filter(None, (starts.get(start.first_day, ""), said)))
    return series, dict(sorted(starts.items()))


def _add(parts: Sequence[Owned], month: Month) -> Figure:
    ratio = parts[0].series.ratio
    places = [(part.series, month - part.series.first) for part in parts]
    if any(not 0 <= place < len(series.values) or series.values[place] is None for series, place in places):
        return AWAITED
    is_provisional = any(month in series.provisional for series, _ in places)
    held = month.first_day if any(month in series.held for series, _ in places) else None
    if ratio is None:
        value = sum(series.values[place] or 0 for series, place in places)
        return Figure(CellState.FIGURE, value, "", is_provisional, held)
    return _add_ratio(ratio, places, is_provisional, held)


def _add_ratio(
    ratio: Ratio, places: Sequence[tuple[PublishedSeries, int]], is_provisional: bool, held: date | None
) -> Figure:
    cases = [series.numerators[place] for series, place in places]
    wholes = [series.denominators[place] for series, place in places]
    # A rounded share is public without the counts behind it.
    if None in cases or None in wholes:
        return AWAITED
    numerator, denominator = sum(filter(None, cases)), sum(filter(None, wholes))
    value = ratio.value(numerator, denominator)
    if value is None:
        return Figure(CellState.NOT_AVAILABLE, None, "")
    return Figure(CellState.FIGURE, value, "", is_provisional, held, Of(numerator, denominator))


def judge_sum(parts: Sequence[Owned], month: Month, *, polarity: Polarity) -> dict[str, Any]:
    """Return the fields of a line that come from the sum's figures, as JSON holds them, with the `areas` that it is of
    and the first month `since` which all have figures. Empty where there is no such month."""
    series, starts = add_up(parts, month)
    if not series:
        return {}
    own = parts[0].series
    fields = what_is_said(series, starts, polarity=polarity, counted=own.counted, ratio=own.ratio)
    return {"areas": [part.area_id for part in parts], "since": str(next(iter(series))), **fields, **write_days(fields)}


@dataclass(frozen=True, slots=True)
class Told:
    """A region's total of a month as anybody may read it: `value` is None if it isn't shown. It is of these `areas`."""

    value: int | None
    areas: tuple[str, ...]
    definition: str
    is_withheld: bool = False


def judge_totals(totals: Mapping[Month, Told], month: Month, *, polarity: Polarity, counted: Counted) -> dict[str, Any]:
    """Return the fields of a line that come from shown totals of the areas that this month's is of, as JSON holds them,
    with the first month `since` which one is shown. Empty where none is. Unless all are shown, nothing is judged: a
    range of only some months may mislead.
    """
    same = {past: each for past, each in totals.items() if past <= month and each.areas == totals[month].areas}
    shown = [past for past, each in same.items() if each.value is not None]
    if not shown:
        return {}
    series, starts, definition = dict[Month, Figure](), dict[date, str](), None
    for past in months_between(min(shown), month):
        each = same.get(past)
        series[past] = read_total(each)
        if each is not None and each.definition != definition:
            starts[past.first_day], definition = "", each.definition
    is_judged = all(figure.value is not None for figure in series.values())
    fields = what_is_said(series, starts, polarity=polarity, counted=counted, is_judged=is_judged)
    return {**fields, **write_days(fields), "since": str(min(shown))}


def write_days(fields: Mapping[str, Any]) -> dict[str, str]:
    return {name: fields[name].isoformat() for name in DAYS if fields[name] is not None}


def read_total(told: Told | None) -> Figure:
    if told is None or told.value is None:
        return Figure(CellState.WITHHELD, None, "") if told is not None and told.is_withheld else AWAITED
    return Figure(CellState.FIGURE, told.value, "")


def read_fields(saved: Mapping[str, Any]) -> dict[str, Any]:
    """Return the fields of a line out of what is saved."""
    return {
        **saved,
        **{name: date.fromisoformat(saved[name]) for name in DAYS if saved.get(name)},
    }
