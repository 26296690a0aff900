"""The arithmetic of a roll-up: takes signed-off figures and returns the lines of a month."""

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import pairwise
from math import ceil, floor
from operator import itemgetter
from typing import Any

from boards.models import ReportingPeriod
from core.calendar import Month
from indicators.judgement.judge import (
    NEARLY_ALL,
    TOO_EARLY,
    Counted,
    Entry,
    Method,
    earlier_figures,
    find_method,
    judge,
    judge_ratio,
    judged,
)
from indicators.lines import describe_ages
from indicators.models import (
    Category,
    Indicator,
    LevelName,
)
from indicators.ratios import RATIO_KINDS, Ratio
from indicators.trend import YEAR, Cell, CellState, Polarity, Trend, trend
from indicators.validation import Flow
from reporting.models import IndicatorLine
from reporting.models.line_fields import LineFields, Steps, list_copied
from reporting.months.inputs import (
    Figure,
    Inputs,
    Of,
    Series,
    Starts,
    find_ratio,
    find_starts,
    hash_series,
    is_live,
    list_parts,
    make_step,
    read_series,
    rounded,
)

HISTORY_MONTHS = 36

# What a line is made of, in the order in which the fingerprint takes it.
LINE_FIELDS = tuple(f.attname for f in IndicatorLine._meta.concrete_fields if f.attname not in ("id", "snapshot_id"))

COPIED = list_copied()  # from an indicator

type Stands = tuple[CellState, int | None]  # for a month: its figure, or why there is none


def compute_lines(period: ReportingPeriod, inputs: Inputs) -> Iterator[IndicatorLine]:
    """Return the lines of one month in the order of the page: each indicator's whole, then its categories."""
    month = period.month
    position = 0
    for indicator in inputs.indicators[period.area_id]:
        if not is_live(indicator, inputs.definitions[indicator.pk], month):
            continue
        for part in list_parts(indicator, month, inputs):
            yield make_line(period, indicator, part, inputs, position=position)
            position += 1


def make_line(
    period: ReportingPeriod, indicator: Indicator, part: Category | None, inputs: Inputs, *, position: int = 0
) -> IndicatorLine:
    """Return a line as the indicator is set up now."""
    starts = find_starts(indicator, inputs)
    series = read_series(period, indicator, part, inputs, list(starts))
    line = IndicatorLine(
        position=position,
        **what_is_counted(
            indicator,
            part,
            boards=inputs.boards.get(indicator.pk, {}),
            flow=inputs.flows[indicator.area_id].get(indicator.code),
        ),
        **what_is_said(
            series,
            starts,
            polarity=Polarity(indicator.polarity),
            counted=Counted(indicator.counts_as),
            ratio=find_ratio(indicator) if indicator.ratio else None,
        ),
        inputs=hash_series(series),
    )
    name_levels(line, period.month, part, inputs.level_names[indicator.pk])
    return line


def name_levels(
    line: IndicatorLine, month: Month, part: Category | None, names: Mapping[tuple[int | None, date], LevelName]
) -> None:
    """Add the names that people gave to levels."""
    first, category = month + -(len(line.history) - 1), part.pk if part else None
    if line.level_since is not None and (level_name := names.get((category, line.level_since))):
        line.level_name, line.level_reason = level_name.name, level_name.reason
    for step in line.steps:
        for level in step.get("levels", ()):
            if level_name := names.get((category, (first + level["at"]).first_day)):
                level["name"] = level_name.name


def what_is_counted(
    indicator: Indicator, part: Category | None, *, boards: dict[str, int], flow: Flow | None = None
) -> dict[str, Any]:
    """Return the fields of a line that come from the set-up."""
    return {
        **{name: getattr(indicator, name) for name in COPIED},
        "section_code": indicator.section.code,
        "section_title": indicator.section.title,
        "indicator_code": indicator.code,
        "part_of_code": indicator.part_of.code if indicator.part_of else "",
        "owner_code": indicator.owner.code,
        "owner_name": indicator.owner.name,
        "dimension_code": indicator.dimension.code if indicator.dimension else "",
        "dimension_name": indicator.dimension.name if indicator.dimension else "",
        "category_code": part.code if part else "",
        "category_name": part.name if part else "",
        "longitude": part.longitude if part else None,
        "latitude": part.latitude if part else None,
        "boards": boards,
        "numerator_code": indicator.numerator.code if indicator.numerator else "",
        "numerator_title": indicator.numerator.title if indicator.numerator else "",
        "denominator_code": indicator.denominator.code if indicator.denominator else "",
        "denominator_title": indicator.denominator.title if indicator.denominator else describe_ages(indicator.ages),
        "flow_of": flow.of if flow else "",
        "is_coming": flow.is_coming if flow else False,
    }


def what_is_said(
    series: Series,
    starts: Starts,
    *,
    polarity: Polarity,
    counted: Counted,
    ratio: Ratio | None = None,
    is_judged: bool = True,
) -> dict[str, Any]:
    """Return the fields of a line that come from its figures, under the present rules. It `is_judged` unless one of its
    months is withheld from the reader.
    """
    months = list(series)
    month, days = months[-1], list(starts)
    since = [in_force(days, past) for past in months]
    values = [figure.value for figure in series.values()]

    def cell(past: Month) -> Cell | None:
        if past not in series:
            return None
        day = since[past - months[0]]
        figure = series[past]
        return Cell(
            past, figure.state, figure.value, day, is_recorded_anew=bool(starts[day]), is_held=bool(figure.held)
        )

    now, before, year = cell(month), cell(month.previous), cell(month + -YEAR)
    assert now is not None  # noqa: S101  # a series ends with its month
    parts = [0, *(place for place, (one, next_one) in enumerate(pairwise(since), 1) if one != next_one)]
    # Older figures aren't shown, but the newer ones are judged by them.
    hidden = max(0, len(values) - HISTORY_MONTHS)
    figures, earlier = list(series.values()), earlier_figures(values[parts[-1] :])
    entries = judge_figures(figures, ratio, counted=counted, starts=parts, shown_from=hidden) if is_judged else []
    return {
        "definition_from": since[-1],
        "note": series[month].note,
        **make_fields(
            (now.state, now.value),
            before=(before.state, before.value) if before else None,
            year_value=year.value if year else None,
            moved=trend(now, before),
            over_a_year=trend(now, year, apart=YEAR),
            reading=Reading(find_method(entries[-1], counted, ratio), earlier, entries[-1], months[0])
            if entries
            else Reading(Method.WITHHELD, earlier),
            polarity=polarity,
            is_provisional=series[month].is_provisional,
            history=values[hidden:],
            steps=[
                make_step(
                    entries[max(0, start - hidden) : end - hidden],
                    at=max(0, start - hidden),
                    shift=-hidden,
                    since=since[start],
                    why=starts[since[start]],
                    shown=[series[past] for past in months[max(start, hidden) : end]],
                    method=Method.JUDGED if is_judged else Method.WITHHELD,
                )
                for start, end in pairwise([*parts, len(months)])
                if end > hidden
            ],
        ),
        **make_ratio_fields(list(series.values())[hidden:]),
    }


def make_ratio_fields(shown: Sequence[Figure]) -> dict[str, Any]:
    """Return the counts behind a ratio in the months shown, and when this month's figure is from."""
    newest = shown[-1]
    if not any(figure.of for figure in shown):
        return {"numerator": None, "denominator": None, "numerators": [], "denominators": [], "of_when": newest.held}
    # A sum of several areas has none for a month that one of them lacks.
    of = [figure.of or NOTHING for figure in shown]
    return {
        "numerator": of[-1].numerator,
        "denominator": of[-1].denominator,
        "numerators": [parts.numerator for parts in of],
        "denominators": [parts.denominator for parts in of],
        "of_when": newest.of.when if newest.of else newest.held,
    }


NOTHING = Of(None, None)


def judge_figures(
    figures: Sequence[Figure], ratio: Ratio | None, *, counted: Counted, starts: Sequence[int], shown_from: int
) -> list[Entry]:
    """Return each month's entry. A figure repeated from an earlier month adds no information."""
    if ratio is None:
        values = [None if figure.held else figure.value for figure in figures]
        return judge(values, counted=counted, starts=starts, shown_from=shown_from)
    if not RATIO_KINDS[ratio.kind].shows_chance:
        return [TOO_EARLY] * (len(figures) - shown_from)
    is_new = [figure.value is not None and not figure.held for figure in figures]
    of = [figure.of if figure.of and is_told else NOTHING for figure, is_told in zip(figures, is_new, strict=True)]
    entries = judge_ratio(
        [parts.numerator for parts in of],
        [parts.denominator for parts in of],
        kind=ratio.kind,
        counted=counted,
        starts=starts,
        shown_from=shown_from,
    )
    return [in_tenths(entry, ratio) for entry in entries]


def in_tenths(entry: Entry, ratio: Ratio) -> Entry:
    """Return a ratio's entry as its line stores it. Limits are rounded inwards, because what lies between them is
    usual.
    """

    def scaled(value: float | None) -> float | None:
        return None if value is None else ratio.in_tenths(value)

    # A whole number may come out a little off, which NEARLY allows for.
    lower, upper = scaled(entry.lower), scaled(entry.upper)
    total = scaled(entry.sum)
    return entry._replace(
        usual=scaled(entry.usual),
        lower=None if lower is None else ceil(lower - NEARLY_ALL),
        upper=None if upper is None else floor(upper + NEARLY_ALL),
        sum=None if total is None else round(total),
        due=scaled(entry.due),
        level=scaled(entry.level),
        before=scaled(entry.before),
    )


@dataclass(frozen=True, slots=True)
class Reading:
    """The result for a month: how it was judged, how many earlier figures it was compared with, and its entry. The
    entry's `since` counts from the month `first`.
    """

    method: Method
    figures: int
    entry: Entry = TOO_EARLY
    first: Month | None = None

    @property
    def level_since(self) -> date | None:
        if self.first is None or self.entry.since is None:
            return None
        return (self.first + self.entry.since).first_day


def make_fields(
    now: Stands,
    *,
    before: Stands | None,
    year_value: int | None,
    moved: Trend,
    over_a_year: Trend,
    reading: Reading,
    polarity: Polarity,
    is_provisional: bool,
    history: list[int | None],
    steps: Steps,
) -> dict[str, Any]:
    """Return the fields of a line from the states and figures of a month and the months before it. Public lines use it
    too.
    """
    (state, value), entry = now, reading.entry
    return {
        "state": state.value,
        "value": value,
        "is_provisional": is_provisional,
        "previous_state": before[0].value if before else "",
        "previous_value": before[1] if before else None,
        "movement": moved.movement.value,
        "change": moved.change,
        "no_arrow_reason": moved.no_arrow_reason.value if moved.no_arrow_reason else "",
        "year_value": year_value,
        "year_change": over_a_year.change,
        "year_no_arrow_reason": over_a_year.no_arrow_reason.value if over_a_year.no_arrow_reason else "",
        "method": reading.method.value,
        "figures": reading.figures,
        "usual": rounded(entry.usual),
        "lower": entry.lower,
        "upper": entry.upper,
        "signal": entry.signal.value if entry.signal else "",
        "tier": entry.tier.value if entry.tier else "",
        "judgement": judged(entry.signal, entry.tier, polarity).value if entry.signal else "",
        "window_months": entry.window,
        "window_sum": entry.sum,
        "window_due": rounded(entry.due),
        "level": rounded(entry.level),
        "level_since": reading.level_since,
        "level_before": rounded(entry.before),
        "level_name": "",
        "level_reason": "",
        "is_back": entry.is_back,
        "history": history,
        "steps": steps,
        **BY_OLDER_RULES,
    }


# Empty values for the fields that only lines under the rules until November 2026 have.
BY_OLDER_RULES: dict[str, Any] = {"mean": None, "running": 0, "in_a_year": None, "months_since": None}


def in_force(definitions: Sequence[date], month: Month) -> date:
    """Return the first day of the definition that a month is counted under."""
    day = month.first_day
    return max(applies_from for applies_from in definitions if applies_from <= day)


def hash_lines(lines: Iterable[LineFields], fields: Sequence[str] = LINE_FIELDS) -> str:
    """Return a hash of these fields of the lines."""
    values = itemgetter(*fields)
    # LINE_FIELDS are attnames, which __dict__ has without a query.
    # JSON columns may return with their keys in another order, so sort them.
    content = [values(line.__dict__) for line in lines]
    return hashlib.sha256(json.dumps(content, default=str, sort_keys=True).encode()).hexdigest()
