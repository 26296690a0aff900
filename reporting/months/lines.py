"""What does a line of a month say? The arithmetic of a roll-up: signed-off figures in, lines out."""

import hashlib
import json
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from itertools import pairwise
from operator import itemgetter
from typing import Any

from django.db import models

from boards.models import ReportingPeriod
from core.in_use import is_in_use
from core.months import Month, months_between
from indicators.judgement.judge import TOO_EARLY, Entry, judge
from indicators.judgement.tokens import Counted, judged
from indicators.models import (
    Category,
    Indicator,
    IndicatorBoard,
    IndicatorDefinition,
    LevelName,
    Observation,
    RecordingChange,
)
from indicators.signals import Method, earlier_figures, find_method
from indicators.trend import YEAR, Cell, CellState, Polarity, Trend, trend
from indicators.workflow import RecordingState
from reporting.models import IndicatorLine
from reporting.models.line_fields import LineFields, Steps
from reporting.months.steps import AWAITED, Figure, make_step, rounded

HISTORY_MONTHS = 36

# What a line is made of, in the order in which the fingerprint takes it.
LINE_FIELDS = tuple(f.attname for f in IndicatorLine._meta.concrete_fields if f.attname not in ("id", "snapshot_id"))

type Stands = tuple[CellState, int | None]  # for a month: its figure, or why there is none
type Series = dict[Month, "Figure"]  # an indicator or a category of it, from its first month on
# The first days from which it is counted anew, in order: what is recorded otherwise since; empty for a definition.
type Starts = dict[date, str]


@dataclass(slots=True)
class Inputs:
    """Everything that the lines are computed from, by area or by indicator."""

    indicators: dict[int, list[Indicator]] = field(default_factory=lambda: defaultdict(list))
    definitions: dict[int, list[date]] = field(default_factory=lambda: defaultdict(list))
    recordings: dict[int, dict[date, str]] = field(default_factory=lambda: defaultdict(dict))
    # indicator → (category, the level's first day) → its name and why it came
    level_names: dict[int, dict[tuple[int | None, date], LevelName]] = field(default_factory=lambda: defaultdict(dict))
    categories: dict[int, list[Category]] = field(default_factory=lambda: defaultdict(list))
    boards: dict[int, dict[str, int]] = field(default_factory=lambda: defaultdict(dict))
    first_months: dict[int, Month] = field(default_factory=dict)
    # indicator → month → category (None: the whole) → figure
    figures: dict[int, dict[Month, dict[int | None, Figure]]] = field(
        default_factory=lambda: defaultdict(lambda: defaultdict(dict))
    )


def gather(periods: Iterable[ReportingPeriod]) -> Inputs:
    """Fetch what the lines of these months are computed from: eight queries, however many months."""
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
    confirmed = RecordingChange.objects.filter(indicator__area__in=areas, state=RecordingState.CONFIRMED.value)
    for indicator_id, applies_from, why in confirmed.values_list("indicator_id", "applies_from", "why"):
        inputs.recordings[indicator_id][applies_from] = why
    for given in LevelName.objects.filter(indicator__area__in=areas):  # in their order: the newest counts
        inputs.level_names[given.indicator_id][given.category_id, given.since] = given
    for category in Category.objects.filter(dimension__area__in=areas).order_by("position", "code"):
        inputs.categories[category.dimension_id].append(category)
    places = IndicatorBoard.objects.filter(is_in_use("board"), indicator__area__in=areas)
    for indicator_id, code, position in places.values_list("indicator_id", "board__code", "position"):
        inputs.boards[indicator_id][code] = position
    firsts = ReportingPeriod.objects.filter(area__in=areas).values("area_id").annotate(first=models.Min("starts_on"))
    inputs.first_months = {row["area_id"]: Month.of(row["first"]) for row in firsts}
    # In no order: the usual one joins five tables, and right after a large import PostgreSQL doesn't know how large.
    observations = (
        Observation.objects.signed_off()
        .order_by()
        .filter(
            period__area__in=areas,
            period__starts_on__lte=latest.first_day,
        )
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
    starts = find_starts(indicator, inputs)
    series = read_series(period, indicator, part, inputs, list(starts))
    line = IndicatorLine(
        position=position,
        **what_is_counted(indicator, part, boards=inputs.boards.get(indicator.pk, {})),
        **what_is_said(series, starts, polarity=Polarity(indicator.polarity), counted=Counted(indicator.counts_as)),
        inputs=hash_series(series),
    )
    name_levels(line, period.month, part, inputs.level_names[indicator.pk])
    return line


def name_levels(
    line: IndicatorLine, month: Month, part: Category | None, names: Mapping[tuple[int | None, date], LevelName]
) -> None:
    """Put the names that levels were given beside them."""
    first, category = month + -(len(line.history) - 1), part.pk if part else None
    if line.level_since is not None and (given := names.get((category, line.level_since))):
        line.level_name, line.level_reason = given.name, given.reason
    for step in line.steps:
        for level in step.get("levels", ()):
            if given := names.get((category, (first + level["at"]).first_day)):
                level["name"] = given.name


def find_starts(indicator: Indicator, inputs: Inputs) -> Starts:
    """From when on it is counted anew: by a definition, or by another way of recording since the first."""
    definitions = dict.fromkeys(inputs.definitions[indicator.pk], "")
    first = next(iter(definitions))
    recordings = {day: why for day, why in inputs.recordings[indicator.pk].items() if day > first}
    return dict(sorted((recordings | definitions).items()))


def what_is_counted(indicator: Indicator, part: Category | None, *, boards: dict[str, int]) -> dict[str, Any]:
    """The fields of a line that the set-up decides."""
    return {
        "section_code": indicator.section.code,
        "section_title": indicator.section.title,
        "indicator_code": indicator.code,
        "part_of_code": indicator.part_of.code if indicator.part_of else "",
        "title": indicator.title,
        "short_title": indicator.short_title,
        "question": indicator.question,
        "unit_one": indicator.unit_one,
        "unit_many": indicator.unit_many,
        "polarity": indicator.polarity,
        "polarity_reason": indicator.polarity_reason,
        "counts_as": indicator.counts_as,
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
    """The whole series up to the month, from its first month on: levels are found one after the other."""
    first = max(inputs.first_months[period.area_id], Month.of(definitions[0]))
    figures = inputs.figures[indicator.pk]
    return {past: find_figure(indicator, part, figures.get(past, {})) for past in months_between(first, period.month)}


def hash_series(series: Series) -> str:
    """A hash of everything in a series that a line shows, or is worked out from."""
    newest = next(reversed(series.values()))
    said = [f"{one.state.value} {one.value} {one.is_provisional}" for one in series.values()]
    return hashlib.blake2b("\n".join([*said, newest.note]).encode(), digest_size=16).hexdigest()


def what_is_said(series: Series, starts: Starts, *, polarity: Polarity, counted: Counted) -> dict[str, Any]:
    """The fields of a line that its figures decide, by the rules as they are now."""
    months = list(series)
    month, days = months[-1], list(starts)
    since = [in_force(days, past) for past in months]
    values = [figure.value for figure in series.values()]

    def cell(past: Month) -> Cell | None:
        if past not in series:
            return None
        day = since[past - months[0]]
        return Cell(past, series[past].state, series[past].value, day, is_recorded_anew=bool(starts[day]))

    now, before, year = cell(month), cell(month.previous), cell(month + -YEAR)
    assert now is not None  # noqa: S101  # a series ends with its month
    parts = [0, *(place for place, (one, next_one) in enumerate(pairwise(since), 1) if one != next_one)]
    hidden = max(0, len(values) - HISTORY_MONTHS)
    entries = judge(values, counted=counted, starts=parts, shown_from=hidden)
    return {
        "definition_from": since[-1],
        "note": series[month].note,
        **make_fields(
            (now.state, now.value),
            before=(before.state, before.value) if before else None,
            year_value=year.value if year else None,
            moved=trend(now, before),
            over_a_year=trend(now, year, apart=YEAR),
            reading=Reading(find_method(entries[-1]), earlier_figures(values[parts[-1] :]), entries[-1], months[0]),
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
                )
                for start, end in pairwise([*parts, len(months)])
                if end > hidden
            ],
        ),
    }


@dataclass(frozen=True, slots=True)
class Reading:
    """What is found of a month: how it was read, how many earlier figures it was held against, and its entry, whose
    `since` counts from the month `first`."""

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
    """What stands for a month and for the months before it, as the fields of a line: a public one too."""
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


# What only the lines have that were published under the rules until November 2026.
BY_OLDER_RULES: dict[str, Any] = {"mean": None, "running": 0, "in_a_year": None, "months_since": None}


def in_force(definitions: Sequence[date], month: Month) -> date:
    """The first day of the definition that a month is counted under."""
    day = month.first_day
    return max(applies_from for applies_from in definitions if applies_from <= day)


def hash_lines(lines: Iterable[LineFields], fields: Sequence[str] = LINE_FIELDS) -> str:
    """A hash of all that lines say: of these fields of them."""
    values = itemgetter(*fields)
    content = [values(line.__dict__) for line in lines]
    return hashlib.sha256(json.dumps(content, default=str, sort_keys=True).encode()).hexdigest()
