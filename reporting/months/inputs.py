"""What a month's lines are worked out from: signed-off figures, under the present set-up."""

import hashlib
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any

from boards.models import ReportingPeriod
from boards.selectors import find_first_months
from core.calendar import Month, months_between
from core.database import is_in_use
from indicators.judgement.judge import Entry, Method
from indicators.models import (
    Category,
    Indicator,
    IndicatorBoard,
    IndicatorDefinition,
    LevelName,
    Observation,
    RecordingChange,
    ValidationRule,
)
from indicators.ratios import Asked, Ratio, RatioKind, is_asked
from indicators.selectors.open_data import residents_by_year
from indicators.trend import CellState
from indicators.validation import Flow
from indicators.workflow import RecordingState
from reporting.models import IndicatorLine, Snapshot


@dataclass(frozen=True, slots=True)
class Of:
    """The two counts behind a ratio. If the second is from an earlier month or year of residents, `when` is its first
    day.
    """

    numerator: int | None
    denominator: int | None
    when: date | None = None


@dataclass(frozen=True, slots=True)
class Figure:
    """A signed-off figure of one category or of the whole; or a ratio in tenths, with the counts `of` it. A count that
    isn't collected each month is `held`: repeated from an earlier one.
    """

    state: CellState
    value: int | None
    note: str
    is_provisional: bool = False
    held: date | None = None
    of: Of | None = None


AWAITED = Figure(CellState.AWAITED, None, "")


def rounded(value: float | None) -> float | None:
    """Return a number as a line stores it, in hundredths: more than any sentence shows."""
    return None if value is None else round(value, 2)


def make_step(
    entries: Sequence[Entry],
    *,
    at: int,
    shift: int,
    since: date,
    why: str,
    shown: Sequence[Figure],
    method: Method = Method.JUDGED,
) -> dict[str, Any]:
    """Return a part of a series as LineFigures.steps has it. `at` is the place in the history of the first month
    `shown`. Adding `shift` turns a place in the judged series into one in the history.
    """
    step: dict[str, Any] = {
        "at": at,
        "from": since.isoformat(),
        "why": why,
        "method": method.value,
        "usual": [rounded(entry.usual) for entry in entries],
        "lower": [entry.lower for entry in entries],
        "upper": [entry.upper for entry in entries],
        "levels": levels_begun(entries, at=at, shift=shift),
        "provisional": [place for place, figure in enumerate(shown, at) if figure.is_provisional],
        "held": [place for place, figure in enumerate(shown, at) if figure.held],
    }
    signals = {
        str(place): [entry.signal.value, entry.tier.value, entry.window, entry.sum, rounded(entry.due)]
        for place, entry in enumerate(entries, at)
        if entry.signal is not None and entry.tier is not None
    }
    without = {str(place): figure.state.value for place, figure in enumerate(shown, at) if figure.value is None}
    # Readers look into "signals" and "without" without asking whether they are there.
    return {name: value for name, value in step.items() if value} | {"at": at, "signals": signals, "without": without}


def levels_begun(entries: Sequence[Entry], *, at: int, shift: int) -> list[dict[str, Any]]:
    """Return the levels that start within the months shown, each as its newest month has it."""
    begun = {
        place: {"at": place, "level": rounded(entry.level), "before": rounded(entry.before)}
        for entry in entries
        if entry.before is not None and entry.since is not None and (place := entry.since + shift) > at
    }
    return list(begun.values())


type Series = dict[Month, "Figure"]  # an indicator or a category of it, from its first month on
# The first days of new ways of counting, in order, with what is recorded differently since then; empty text for a
# definition.
type Starts = dict[date, str]


@dataclass(frozen=True, slots=True)
class Residents:
    """The numbers of residents for rates. A published month keeps the numbers that it was published with: `published`
    has them by indicator and month, with their year.
    """

    years: Mapping[tuple[int, str], Mapping[int, int]] = field(default_factory=dict)  # area and ages → year → residents
    published: Mapping[tuple[int, str, Month], tuple[int, int]] = field(default_factory=dict)

    def find(self, indicator: Indicator, month: Month) -> tuple[int, int] | None:
        """Return the number of residents and its year, the newest up to the month's; None if there is none."""
        if (kept := self.published.get((indicator.area_id, indicator.code, month))) is not None:
            return kept
        of_ages = self.years.get((indicator.area_id, indicator.ages), {})
        year = max((year for year in of_ages if year <= month.year), default=None)
        return None if year is None else (of_ages[year], year)


def list_residents(rates: Sequence[Indicator]) -> Residents:
    """Return the residents behind these rates. Two queries; none without a rate of residents."""
    if not rates:
        return Residents()
    areas = {rate.area_id for rate in rates}
    lines = IndicatorLine.objects.filter(
        snapshot__period__area__in=areas,
        snapshot__in=Snapshot.objects.standing(),
        indicator_code__in={rate.code for rate in rates},
        denominator__isnull=False,
        denominator_code="",
    ).order_by("snapshot__version")  # of a month, the newest comes last
    return Residents(
        years=residents_by_year({(rate.area_id, rate.ages) for rate in rates}),
        published={
            (area, code, Month.of(starts_on)): (residents or 0, (of_when or starts_on).year)
            for area, code, starts_on, residents, of_when in lines.values_list(
                "snapshot__period__area", "indicator_code", "snapshot__period__starts_on", "denominator", "of_when"
            )
        },
    )


@dataclass(slots=True)
class Inputs:
    """Everything that lines are computed from, by area or by indicator."""

    indicators: dict[int, list[Indicator]] = field(default_factory=lambda: defaultdict(list))
    definitions: dict[int, list[date]] = field(default_factory=lambda: defaultdict(list))
    recordings: dict[int, dict[date, str]] = field(default_factory=lambda: defaultdict(dict))
    # indicator → (category, the level's first day) → its name and why it came
    level_names: dict[int, dict[tuple[int | None, date], LevelName]] = field(default_factory=lambda: defaultdict(dict))
    categories: dict[int, list[Category]] = field(default_factory=lambda: defaultdict(list))
    boards: dict[int, dict[str, int]] = field(default_factory=lambda: defaultdict(dict))
    first_months: dict[int, Month] = field(default_factory=dict)
    residents: Residents = field(default_factory=Residents)
    # area → indicator's code → what it comes to, or goes from
    flows: dict[int, dict[str, Flow]] = field(default_factory=lambda: defaultdict(dict))
    # indicator → month → category (None: the whole) → figure
    figures: dict[int, dict[Month, dict[int | None, Figure]]] = field(
        default_factory=lambda: defaultdict(lambda: defaultdict(dict))
    )


def gather(periods: Iterable[ReportingPeriod]) -> Inputs:
    """Fetch what the lines of these months are computed from. Nine queries, however many months, and two more if a
    rate uses residents.
    """
    areas = frozenset(period.area_id for period in periods)
    latest = max(period.month for period in periods)
    inputs = Inputs()
    parts = ("section", "owner", "dimension", "part_of", "numerator", "denominator")
    indicators = Indicator.objects.filter(area__in=areas).select_related(*parts)
    for indicator in indicators.order_by("area", "section__position", "section", "position", "code"):
        inputs.indicators[indicator.area_id].append(indicator)
    definitions = IndicatorDefinition.objects.filter(indicator__area__in=areas).order_by("applies_from")
    for indicator_id, applies_from in definitions.values_list("indicator_id", "applies_from"):
        inputs.definitions[indicator_id].append(applies_from)
    recordings = RecordingChange.objects.filter(indicator__area__in=areas, state=RecordingState.CONFIRMED.value)
    for indicator_id, applies_from, why in recordings.values_list("indicator_id", "applies_from", "why"):
        inputs.recordings[indicator_id][applies_from] = why
    for level_name in LevelName.objects.filter(indicator__area__in=areas):  # in their order: the newest counts
        inputs.level_names[level_name.indicator_id][level_name.category_id, level_name.since] = level_name
    for category in Category.objects.filter(dimension__area__in=areas).order_by("position", "code"):
        inputs.categories[category.dimension_id].append(category)
    places = IndicatorBoard.objects.filter(is_in_use("board"), indicator__area__in=areas)
    for indicator_id, code, position in places.values_list("indicator_id", "board__code", "position"):
        inputs.boards[indicator_id][code] = position
    for row in ValidationRule.objects.in_use().filter(area__in=areas):
        inputs.flows[row.area_id] |= row.rule.find_flows()
    inputs.first_months = find_first_months(areas)
    inputs.residents = list_residents([one for of_area in inputs.indicators.values() for one in of_area if one.ages])
    figures = Observation.objects.signed_off().filter(period__area__in=areas, period__starts_on__lte=latest.first_day)
    names = ("indicator_id", "category_id", "period__starts_on", "state", "value", "note", "is_provisional")
    months: dict[date, Month] = {}
    # In no order: the usual order joins five tables, and right after a large import PostgreSQL misjudges their size.
    for indicator_id, category_id, day, state, value, note, is_provisional in figures.order_by().values_list(*names):
        # There are few months and very many rows.
        month = months.get(day) or months.setdefault(day, Month.of(day))
        inputs.figures[indicator_id][month][category_id] = Figure(CellState(state), value, note, is_provisional)
    return inputs


def list_parts(indicator: Indicator, month: Month, inputs: Inputs) -> list[Category | None]:
    """Return the whole (None), then the categories that a return asks for in a month."""
    parts: list[Category | None] = [None]
    if indicator.dimension_id is not None:
        # A return has every category that was asked for, so a category added later isn't awaited.
        reported = inputs.figures[indicator.pk][month]
        parts += [
            category
            for category in inputs.categories[indicator.dimension_id]
            if (category.pk in reported if reported else not category.retired)
        ]
    return parts


def is_live(indicator: Indicator, definitions: list[date], month: Month) -> bool:
    """Return whether an indicator is collected in a month: it is defined by then, and not yet retired."""
    day = month.first_day
    return (
        bool(definitions) and definitions[0] <= day and (indicator.retired_from is None or day < indicator.retired_from)
    )


def find_figure(indicator: Indicator, part: Category | None, figures: dict[int | None, Figure]) -> Figure:
    """Return the figure of a category or of the whole. The whole of a split indicator is the sum of its parts; it has
    no figure while one part has none.
    """
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
    """Return the days from which it is counted in a new way: by a definition, or by a new way of recording. A ratio
    starts again with each of its two counts.
    """
    definitions = dict.fromkeys(inputs.definitions[indicator.pk], "")
    first = next(iter(definitions))
    recordings = {day: why for day, why in inputs.recordings[indicator.pk].items() if day > first}
    for count in list_counts(indicator):
        definitions |= {day: "" for day in inputs.definitions[count.pk] if day > first}
        recordings |= {day: why for day, why in inputs.recordings[count.pk].items() if day > first}
    # On one day a definition wins: it has no text of its own.
    return dict(sorted((recordings | definitions).items()))


def list_counts(indicator: Indicator) -> list[Indicator]:
    """Return the counts that a ratio is worked out from; none for a count."""
    return [count for count in (indicator.numerator, indicator.denominator) if count is not None]


def read_series(
    period: ReportingPeriod,
    indicator: Indicator,
    part: Category | None,
    inputs: Inputs,
    definitions: Sequence[date],
) -> Series:
    """Return the whole series up to the month, from its first month: levels are found one after the other."""
    first = max(inputs.first_months[period.area_id], Month.of(definitions[0]))
    if indicator.ratio:
        return read_ratio(indicator, inputs, first, period.month)
    return read_count(indicator, part, inputs, first, period.month)


def read_count(indicator: Indicator, part: Category | None, inputs: Inputs, first: Month, last: Month) -> Series:
    """Between the months in which it is collected, the newest figure repeats."""
    figures = inputs.figures[indicator.pk]
    series = {month: find_figure(indicator, part, figures.get(month, {})) for month in months_between(first, last)}
    if indicator.asked == Asked.MONTHLY:
        return series
    begins = Month.of(min(inputs.definitions[indicator.pk], default=first.first_day))
    repeated = NOT_ASKED
    for month, figure in series.items():
        if figure.value is not None or is_asked(indicator.asked, month, begins):
            repeated = (
                replace(figure, held=month.first_day, note="") if figure.state is not CellState.AWAITED else repeated
            )
        else:
            series[month] = repeated
    return series


NOT_ASKED = Figure(CellState.NOT_APPLICABLE, None, "")


def read_ratio(indicator: Indicator, inputs: Inputs, first: Month, last: Month) -> Series:
    """Return the ratio of the two counts, if both have figures. The newest figure of the second count stays in use
    until the next arrives, so a late one delays nothing. The page says which month it is from.
    """
    assert indicator.numerator is not None  # noqa: S101  # the database sees to it
    cases = read_count(indicator.numerator, None, inputs, first, last)
    whole = find_wholes(indicator, inputs, first, last)
    return {month: divide(indicator, figure, whole.get(month, NO_RESIDENTS)) for month, figure in cases.items()}


def find_wholes(indicator: Indicator, inputs: Inputs, first: Month, last: Month) -> Series:
    """Return what each month's cases are out of."""
    if indicator.denominator is None:
        return {
            month: Figure(CellState.FIGURE, residents, "", held=date(year, 1, 1))
            for month in months_between(first, last)
            if (residents_of_year := inputs.residents.find(indicator, month)) is not None
            for residents, year in [residents_of_year]
        }
    counted_from = Month.of(min(inputs.definitions[indicator.denominator.pk], default=first.first_day))
    begins = min(first, max(counted_from, inputs.first_months[indicator.area_id]))
    wholes = read_count(indicator.denominator, None, inputs, begins, last)
    newest = None
    for month, figure in wholes.items():
        if figure.state is not CellState.AWAITED:
            newest = replace(figure, held=figure.held or month.first_day)
        elif newest is not None and indicator.denominator.asked != Asked.MONTHLY:
            wholes[month] = newest
    return wholes


NO_RESIDENTS = Figure(CellState.NOT_AVAILABLE, None, "There is no number of residents for this month.")
NOTHING_TO_BE_OF, MORE_THAN_ALL = "There was nothing to divide by.", "The part is larger than the whole."


def divide(indicator: Indicator, cases: Figure, whole: Figure) -> Figure:
    """Return one count divided by the other, or why there is no figure. If the cases repeat an earlier month's, so does
    the ratio.
    """
    without = next((figure for figure in (cases, whole) if figure.value is None), None)
    of = Of(cases.value, whole.value, whole.held)
    if without is not None or cases.value is None or whole.value is None:
        return replace(without or cases, held=None, of=of, is_provisional=False)
    value = find_ratio(indicator).value(cases.value, whole.value)
    if value is None:
        state = CellState.NOT_AVAILABLE if whole.value else CellState.NOT_APPLICABLE
        return Figure(state, None, MORE_THAN_ALL if whole.value else NOTHING_TO_BE_OF, of=of)
    is_provisional = cases.is_provisional or whole.is_provisional
    return Figure(CellState.FIGURE, value, cases.note, is_provisional, held=cases.held, of=of)


def find_ratio(indicator: Indicator) -> Ratio:
    return Ratio(RatioKind(indicator.ratio), indicator.per)


def hash_series(series: Series) -> str:
    """Return a hash of everything in a series that a line shows or is worked out from."""
    newest = next(reversed(series.values()))
    # Published lines hold this hash. If we made it in another way, today's rules would work all of them out again.
    said = [f"{one.state.value} {one.value} {one.is_provisional}{describe_origin(one)}" for one in series.values()]
    return hashlib.blake2b("\n".join([*said, newest.note]).encode(), digest_size=16).hexdigest()


def describe_origin(figure: Figure) -> str:
    """Return what it is worked out from, and from when; empty for a count of its own month."""
    of = f" {figure.of.numerator} {figure.of.denominator} {figure.of.when}" if figure.of else ""
    return f"{of} {figure.held}" if figure.held else of
