"""What does a line of a month say? The arithmetic of a roll-up: signed-off figures in, lines out."""

import hashlib
import json
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from itertools import groupby
from operator import itemgetter
from typing import Any

from django.db import models

from boards.models import ReportingPeriod
from core.in_use import is_in_use
from core.months import Month, months_between
from indicators.models import Category, Indicator, IndicatorBoard, IndicatorDefinition, Observation
from indicators.signals import Reading, read_step
from indicators.spc import Signal
from indicators.trend import YEAR, Cell, CellState, Polarity, Trend, trend
from reporting.models import IndicatorLine
from reporting.models.line_fields import LineFields, Steps

HISTORY_MONTHS = 36

# What a line is made of, in the order in which the fingerprint takes it.
LINE_FIELDS = tuple(f.attname for f in IndicatorLine._meta.concrete_fields if f.attname not in ("id", "snapshot_id"))

type Stands = tuple[CellState, int | None]  # for a month: its figure, or why there is none
type Series = dict[Month, "Figure"]  # an indicator or a category of it, from its first month on


@dataclass(frozen=True, slots=True)
class Figure:
    """A signed-off figure of one category, or of the whole."""

    state: CellState
    value: int | None
    note: str
    is_provisional: bool = False


AWAITED = Figure(CellState.AWAITED, None, "")


@dataclass(slots=True)
class Inputs:
    """Everything that the lines are computed from, by area or by indicator."""

    indicators: dict[int, list[Indicator]] = field(default_factory=lambda: defaultdict(list))
    definitions: dict[int, list[date]] = field(default_factory=lambda: defaultdict(list))
    categories: dict[int, list[Category]] = field(default_factory=lambda: defaultdict(list))
    boards: dict[int, dict[str, int]] = field(default_factory=lambda: defaultdict(dict))
    first_months: dict[int, Month] = field(default_factory=dict)
    # indicator → month → category (None: the whole) → figure
    figures: dict[int, dict[Month, dict[int | None, Figure]]] = field(
        default_factory=lambda: defaultdict(lambda: defaultdict(dict))
    )


def gather(periods: Iterable[ReportingPeriod]) -> Inputs:
    """Fetch what the lines of these months are computed from: six queries, however many months."""
    areas = {period.area_id for period in periods}
    latest = max(period.month for period in periods)
    inputs = Inputs()
    indicators = (
        Indicator.objects.filter(area__in=areas)
        .select_related("section", "owner", "dimension", "part_of")
        .order_by("area", "section__position", "section", "position", "code")
    )
    for indicator in indicators:
        inputs.indicators[indicator.area_id].append(indicator)
    definitions = IndicatorDefinition.objects.filter(indicator__area__in=areas).order_by("applies_from")
    for indicator_id, applies_from in definitions.values_list("indicator_id", "applies_from"):
        inputs.definitions[indicator_id].append(applies_from)
    for category in Category.objects.filter(dimension__area__in=areas).order_by("position", "code"):
        inputs.categories[category.dimension_id].append(category)
    places = IndicatorBoard.objects.filter(is_in_use("board"), indicator__area__in=areas)
    for indicator_id, code, position in places.values_list("indicator_id", "board__code", "position"):
        inputs.boards[indicator_id][code] = position
    firsts = ReportingPeriod.objects.filter(area__in=areas).values("area_id").annotate(first=models.Min("starts_on"))
    inputs.first_months = {row["area_id"]: Month.of(row["first"]) for row in firsts}
    observations = Observation.objects.signed_off().filter(
        period__area__in=areas,
        period__starts_on__lte=latest.first_day,
    )
    months: dict[date, Month] = {}
    for indicator_id, category_id, day, state, value, note, is_provisional in observations.values_list(
        "indicator_id", "category_id", "period__starts_on", "state", "value", "note", "is_provisional"
    ):
        month = months.get(day) or months.setdefault(day, Month.of(day))
        inputs.figures[indicator_id][month][category_id] = Figure(CellState(state), value, note, is_provisional)
    return inputs


def compute_lines(period: ReportingPeriod, inputs: Inputs) -> Iterator[IndicatorLine]:
    """The lines of one month, in the order of the page: each indicator's whole, then its categories."""
    month = period.month
    position = 0
    for indicator in inputs.indicators[period.area_id]:
        if not is_live(indicator, inputs.definitions[indicator.pk], month):
            continue
        for part in list_parts(indicator, month, inputs):
            yield make_line(period, indicator, part, inputs, position=position)
            position += 1


def list_parts(indicator: Indicator, month: Month, inputs: Inputs) -> list[Category | None]:
    """The whole (None), and then the categories that an indicator is asked for by in a month."""
    parts: list[Category | None] = [None]
    if indicator.dimension_id is not None:
        # A return has every category that was asked for, so one that was added since isn't awaited.
        reported = inputs.figures[indicator.pk][month]
        parts += [
            category
            for category in inputs.categories[indicator.dimension_id]
            if (category.pk in reported if reported else not category.retired)
        ]
    return parts


def is_live(indicator: Indicator, definitions: list[date], month: Month) -> bool:
    """Whether an indicator is asked for in a month: defined by then, and not retired yet."""
    day = month.first_day
    return (
        bool(definitions) and definitions[0] <= day and (indicator.retired_from is None or day < indicator.retired_from)
    )


def find_figure(indicator: Indicator, part: Category | None, figures: dict[int | None, Figure]) -> Figure:
    """The figure of a category, or of the whole: where an indicator is split, the sum of its parts,
    and no figure as long as one of the parts has none."""
    if part is not None or indicator.dimension_id is None:
        return figures.get(part.pk if part else None, AWAITED)
    split = [figure for category, figure in figures.items() if category is not None]
    if not split:
        return AWAITED
    for figure in split:
        if figure.value is None:
            return figure
    return Figure(
        CellState.FIGURE,
        sum(figure.value or 0 for figure in split),
        "",
        any(figure.is_provisional for figure in split),
    )


def make_line(
    period: ReportingPeriod, indicator: Indicator, part: Category | None, inputs: Inputs, *, position: int = 0
) -> IndicatorLine:
    """A line as the indicator is set up now."""
    definitions = inputs.definitions[indicator.pk]
    series = read_series(period, indicator, part, inputs, definitions)
    return IndicatorLine(
        position=position,
        **what_is_counted(indicator, part, boards=inputs.boards.get(indicator.pk, {})),
        **what_is_said(series, definitions, polarity=Polarity(indicator.polarity)),
        inputs=hash_series(series),
    )


def what_is_counted(indicator: Indicator, part: Category | None, *, boards: dict[str, int]) -> dict[str, Any]:
    """The fields of a line that the set-up decides."""
    return {
        "section_code": indicator.section.code,
        "section_title": indicator.section.title,
        "indicator_code": indicator.code,
        "part_of_code": indicator.part_of.code if indicator.part_of else "",
        "title": indicator.title,
        "question": indicator.question,
        "unit_one": indicator.unit_one,
        "unit_many": indicator.unit_many,
        "polarity": indicator.polarity,
        "polarity_reason": indicator.polarity_reason,
        "owner_code": indicator.owner.code,
        "owner_name": indicator.owner.name,
        "dimension_code": indicator.dimension.code if indicator.dimension else "",
        "dimension_name": indicator.dimension.name if indicator.dimension else "",
        "category_code": part.code if part else "",
        "category_name": part.name if part else "",
        "longitude": part.longitude if part else None,
        "latitude": part.latitude if part else None,
        "boards": boards,
    }


def read_series(
    period: ReportingPeriod,
    indicator: Indicator,
    part: Category | None,
    inputs: Inputs,
    definitions: Sequence[date],
) -> Series:
    """The whole series up to the month, from its first month on: a step's limits come from its first figures."""
    first = max(inputs.first_months[period.area_id], Month.of(definitions[0]))
    figures = inputs.figures[indicator.pk]
    return {past: find_figure(indicator, part, figures.get(past, {})) for past in months_between(first, period.month)}


def hash_series(series: Series) -> str:
    """A hash of everything in a series that a line shows, or is worked out from."""
    newest = next(reversed(series.values()))
    said = [f"{one.state.value} {one.value} {one.is_provisional}" for one in series.values()]
    return hashlib.blake2b("\n".join([*said, newest.note]).encode(), digest_size=16).hexdigest()


def what_is_said(series: Series, definitions: Sequence[date], *, polarity: Polarity) -> dict[str, Any]:
    """The fields of a line that its figures decide, by the rules as they are now."""
    month = next(reversed(series))
    current, before, year = series[month], series.get(month.previous), month + -YEAR
    cells = {
        past: Cell(past, series[past].state, series[past].value, in_force(definitions, past))
        for past in (month, month.previous, year)
        if past in series
    }
    moved = trend(cells[month], cells.get(month.previous))
    over_a_year = trend(cells[month], cells.get(year), apart=YEAR)
    first_shown = month + -(min(HISTORY_MONTHS, len(series)) - 1)
    steps = list(cut_steps(series, definitions, polarity=polarity))
    return {
        "definition_from": cells[month].definition_from,
        "note": current.note,
        **make_fields(
            (current.state, current.value),
            before=(before.state, before.value) if before else None,
            year_value=series[year].value if year in series else None,
            moved=moved,
            over_a_year=over_a_year,
            reading=steps[-1].reading,
            is_provisional=current.is_provisional,
            history=[series[past].value for past in months_between(first_shown, month)],
            steps=[encode_step(step, series, first_shown) for step in steps if step.end > first_shown],
        ),
    }


def make_fields(
    now: Stands,
    *,
    before: Stands | None,
    year_value: int | None,
    moved: Trend,
    over_a_year: Trend,
    reading: Reading,
    is_provisional: bool,
    history: list[int | None],
    steps: Steps,
) -> dict[str, Any]:
    """What stands for a month and for the months before it, as the fields of a line: a public one too."""
    state, value = now
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
        "mean": reading.mean,
        "lower": reading.lower,
        "upper": reading.upper,
        "signal": reading.signal.value if reading.signal else "",
        "judgement": reading.judgement.value if reading.judgement else "",
        "running": reading.running,
        "in_a_year": reading.in_a_year,
        "months_since": reading.months_since,
        "history": history,
        "steps": steps,
    }


@dataclass(frozen=True, slots=True)
class Step:
    """The part of a series that is under one definition: its first month, and the one after its last."""

    start: Month
    end: Month
    definition_from: date
    reading: Reading


def cut_steps(series: Series, definitions: Sequence[date], *, polarity: Polarity) -> Iterator[Step]:
    """The series cut where its definition changed, each part read by itself, oldest first."""
    months = list(series)
    for definition, under in groupby(months, key=lambda month: in_force(definitions, month)):
        part = list(under)
        reading = read_step([series[month].value for month in part], polarity=polarity)
        yield Step(part[0], part[-1].next, definition, reading)


def encode_step(step: Step, series: Series, first_shown: Month) -> dict[str, Any]:
    """A step as a line keeps it, its places counted from the first month shown."""
    months = list(months_between(max(step.start, first_shown), step.end.previous))
    return make_step(
        step.reading,
        start=step.start - first_shown,
        since=step.definition_from.isoformat(),
        without={month - first_shown: series[month].state for month in months if series[month].value is None},
        provisional=[month - first_shown for month in months if series[month].is_provisional],
    )


def make_step(
    reading: Reading, *, start: int, since: str, without: Mapping[int, CellState], provisional: list[int]
) -> dict[str, Any]:
    """A step as LineFigures.steps has it. `start` is its first place in the history, below 0 where that isn't shown."""
    return {
        "at": max(start, 0),
        "from": since,
        "method": reading.method.value,
        "mean": reading.mean,
        "lower": reading.lower,
        "upper": reading.upper,
        "signals": {
            str(place): signal.value
            for place, signal in enumerate(reading.by_month, start)
            if place >= 0 and signal is not Signal.NONE
        },
        "without": {str(place): state.value for place, state in without.items()},
        **({"provisional": provisional} if provisional else {}),
    }


def in_force(definitions: Sequence[date], month: Month) -> date:
    """The first day of the definition that a month is counted under."""
    day = month.first_day
    return max(applies_from for applies_from in definitions if applies_from <= day)


def hash_lines(lines: Iterable[LineFields], fields: Sequence[str] = LINE_FIELDS) -> str:
    """A hash of all that lines say: of these fields of them."""
    values = itemgetter(*fields)
    content = [values(line.__dict__) for line in lines]
    return hashlib.sha256(json.dumps(content, default=str, sort_keys=True).encode()).hexdigest()
