"""What are the lines of a month worked out from? Signed-off figures, in the set-up as it is."""

import hashlib
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date

from django.db import models

from boards.models import ReportingPeriod
from core.in_use import is_in_use
from core.months import Month, months_between
from indicators.models import (
    Category,
    Indicator,
    IndicatorBoard,
    IndicatorDefinition,
    LevelName,
    Observation,
    RecordingChange,
)
from indicators.trend import CellState
from indicators.workflow import RecordingState
from reporting.months.steps import AWAITED, Figure

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


def find_starts(indicator: Indicator, inputs: Inputs) -> Starts:
    """From when on it is counted anew: by a definition, or by another way of recording since the first."""
    definitions = dict.fromkeys(inputs.definitions[indicator.pk], "")
    first = next(iter(definitions))
    recordings = {day: why for day, why in inputs.recordings[indicator.pk].items() if day > first}
    return dict(sorted((recordings | definitions).items()))


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
