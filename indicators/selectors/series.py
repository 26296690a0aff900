"""Finds the past of each box of a return: its last months and its usual range."""

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from functools import lru_cache

from boards.models import Agency, PartnershipArea
from boards.selectors import find_first_months
from core.calendar import Month, months_between
from core.files.tables import Row
from indicators.charts import SPARKLINE_MONTHS
from indicators.judgement.judge import Counted, Entry, judge
from indicators.models import Category, Indicator, Observation, RecordingChange
from indicators.selectors.figures import WorkedOut, list_worked_out_by_return
from indicators.selectors.returns import Box, Figures, get_figures_of
from indicators.selectors.validation import Counts, MonthFigures, Rules, get_rules_by_area, make_rules
from indicators.workflow import RecordingState

YEAR = 12  # months
type PastFigures = Mapping[int | None, Mapping[date, int | None]]  # of an indicator, by category and month


@dataclass(frozen=True, slots=True)
class Past:
    """A box's months before the one being entered.

    `values` are the last SPARKLINE_MONTHS of them, oldest first, None for a month without a figure. `under_definition`
    counts the newest of them that are counted as this one is. `comparable` has all such months. `least` and `most` are
    this month's usual range, None where it is too early to tell. `months_above_0` counts the months in a row above 0 up
    to the last one. `beside` has the comparable figures of its indicator's other categories in the last year.
    """

    values: tuple[int | None, ...] = ()
    under_definition: int = 0
    comparable: tuple[int | None, ...] = ()
    counted: Counted = Counted.FLOW
    least: float | None = None
    most: float | None = None
    months_above_0: int = 0
    beside: tuple[int, ...] = ()

    @property
    def last(self) -> int | None:
        return self.values[-1] if self.values else None

    @property
    def known(self) -> list[int]:
        return [value for value in self.comparable if value is not None]

    def judge(self, value: int | None) -> Entry:
        """Return how this month would be judged with that figure."""
        return judge([*self.comparable, value], counted=self.counted, shown_from=len(self.comparable))[-1]


NO_PAST = Past()


def get_pasts(agency: Agency, month: Month, boxes: Sequence[Box]) -> dict[str, Past]:
    """Return the past of each box of an agency's return, by its name, and of each total of parts, by its indicator's
    code. Three queries for any number of boxes."""
    return get_pasts_by_agency({agency: boxes}, month)[agency.pk]


def get_pasts_by_agency(boxes_of: Mapping[Agency, Sequence[Box]], month: Month) -> dict[int, dict[str, Past]]:
    """Return the same for several agencies, by the agency's key. Three queries, however many."""
    areas = frozenset(agency.area_id for agency in boxes_of)
    indicators = {box.indicator.pk for boxes in boxes_of.values() for box in boxes}
    first_of = find_first_months(areas)
    earlier = Observation.objects.signed_off().filter(
        indicator__in=indicators, period__area__in=areas, period__starts_on__lt=month.first_day
    )
    figures: dict[int, dict[int | None, dict[date, int | None]]] = defaultdict(lambda: defaultdict(dict))
    for indicator_id, category_id, day, value in earlier.order_by().values_list(
        "indicator_id", "category_id", "period__starts_on", "value"
    ):
        figures[indicator_id][category_id][day] = value
    changes = RecordingChange.objects.filter(
        indicator__in=indicators, state=RecordingState.CONFIRMED.value, applies_from__lte=month.first_day
    )
    recorded: dict[int, list[date]] = defaultdict(list)
    for indicator_id, day in changes.values_list("indicator_id", "applies_from"):
        recorded[indicator_id].append(day)

    def read_pasts(agency: Agency, boxes: Sequence[Box]) -> dict[str, Past]:
        first = first_of.get(agency.area_id)
        days = [earlier.first_day for earlier in months_between(first, month.previous)] if first else []
        pasts: dict[str, Past] = {}
        for box in boxes if first else ():
            of_indicator, since = figures[box.indicator.pk], recorded[box.indicator.pk]
            pasts[box.name] = read_past(box, of_indicator, days, recorded=since)
            if box.category is not None and box.indicator.code not in pasts:
                total = replace(box, category=None)
                pasts[box.indicator.code] = read_past(total, {None: add_up_parts(of_indicator)}, days, recorded=since)
        return pasts

    return {agency.pk: read_pasts(agency, boxes) for agency, boxes in boxes_of.items()}


def add_up_parts(figures: PastFigures) -> dict[date, int | None]:
    """Return the total of each month, None where a part has no figure."""
    parts: dict[date, list[int | None]] = defaultdict(list)
    for by_day in figures.values():
        for day, value in by_day.items():
            parts[day].append(value)
    return {day: None if None in values else sum(filter(None, values)) for day, values in parts.items()}


def read_past(box: Box, figures: PastFigures, days: Sequence[date], *, recorded: Sequence[date]) -> Past:
    """Read one box's figures as the roll-up will, but without this month. `days` are the first days of the months
    before it, oldest first. `recorded` are the days from which it is recorded differently."""
    category = box.category.pk if box.category else None
    of_category = figures.get(category, {})
    # A month without a row is None: each place must be a month.
    values = [of_category.get(day) for day in days[bisect_left(days, box.defined_from[0]) :]]
    under = len(days) - bisect_left(days, max([*box.defined_from, *recorded]))
    # Counted from the front, because [-0:] is the whole list.
    comparable = tuple(values[len(values) - under :])
    counted = Counted(box.indicator.counts_as)
    usual = _find_usual(comparable, counted)
    return Past(
        values=tuple(values[-SPARKLINE_MONTHS:]),
        under_definition=min(under, SPARKLINE_MONTHS),
        comparable=comparable,
        counted=counted,
        least=usual.lower,
        most=usual.upper,
        months_above_0=months_above_0(comparable),
        beside=tuple(
            value
            for other, by_day in figures.items()
            for day in days[len(days) - min(under, YEAR) :]
            if other != category and (value := by_day.get(day)) is not None
        ),
    )


@lru_cache(maxsize=2_000)
def _find_usual(comparable: tuple[int | None, ...], counted: Counted) -> Entry:
    """Judge the month after these figures. Figures of the past rarely change, and working it out takes a millisecond
    for three boxes."""
    return Past(comparable=comparable, counted=counted).judge(None)


def months_above_0(values: Sequence[int | None]) -> int:
    count = 0
    for value in reversed(values):
        if not value:
            break
        count += 1
    return count


@dataclass(frozen=True, slots=True)
class Background:
    """What a return is checked against, and shown beside; empty where only its own rows count.

    `pasts` are its boxes' months before, `worked_out` the ratios of its figures, and `rules` those across figures that
    are about this agency's alone. `last` has the figures of the month before. `brought` has signed-off figures of the
    month itself, from a file or a correction, while the return is being typed. All but two are by the names of its
    boxes; `pasts` has those of totals too, by the indicator's code."""

    pasts: Mapping[str, Past] = field(default_factory=dict)
    worked_out: Sequence[WorkedOut] = ()
    rules: Rules | None = None
    last: Figures = field(default_factory=dict)
    brought: Figures = field(default_factory=dict)


NO_BACKGROUND = Background()


def read_figures_of(boxes: Sequence[Box], values: Mapping[str, int | None], last: Figures) -> MonthFigures:
    """Return what rules across figures compare in a return: `values` are its figures by the name of the box, and
    `last` those of the month before."""
    now: Counts = {}
    before: Counts = {}
    for box in boxes:
        indicator, category = box.counts
        now.setdefault(indicator, {})
        if box.name in values:
            now[indicator][category] = values[box.name]
        if (figure := last.get(box.name)) is not None:
            before.setdefault(indicator, {})[category] = figure.value
    return MonthFigures(now, before)


def rules_of_parts(boxes: Sequence[Box]) -> Rules:
    """Return the rules that need no set-up, where only the boxes are known: parts are at most their whole."""
    names: dict[int, dict[str, str]] = defaultdict(dict)
    for box in boxes:
        if box.category is not None:
            names[box.category.dimension_id][box.category.code] = box.category.name
    return make_rules({box.indicator.code: box.indicator for box in boxes}.values(), names)


def get_background(agency: Agency, month: Month, boxes: Sequence[Box]) -> Background:
    return get_backgrounds({agency: boxes}, month)[agency.pk]


def get_backgrounds(boxes_of: Mapping[Agency, Sequence[Box]], month: Month) -> dict[int, Background]:
    """Return backgrounds by the agency's key. Eight queries for any number of agencies, and more for ratios that need
    others' figures."""
    pasts = get_pasts_by_agency(boxes_of, month)
    worked_out = list_worked_out_by_return(list(boxes_of.values()), month)
    rules = get_rules_by_area({agency.area_id for agency in boxes_of})
    last, brought = get_figures_of(boxes_of.keys(), month.previous, month)
    return {
        agency.pk: Background(
            pasts[agency.pk],
            ratios,
            rules[agency.area_id].of_agency(agency.pk),
            last[agency.pk],
            brought[agency.pk],
        )
        # Dictionaries keep their order, so each return gets its own ratios.
        for agency, ratios in zip(boxes_of, worked_out, strict=True)
    }


def list_blank_rows(area: PartnershipArea, months: Sequence[Month]) -> Iterator[Row]:
    """A row for each figure of each month, under the codes that a file needs: by agency, indicator and category, the
    oldest month first. Two queries."""
    indicators = (
        Indicator.objects.in_use()
        .filter(area=area)
        .select_related("owner", "section")
        .prefetch_related("dimension__categories")
        .order_by("owner__position", "owner__name", "section__position", "position", "code")
    )
    for indicator in indicators:
        if not indicator.takes_figures:
            continue
        categories: list[Category | None] = [None]
        if indicator.dimension is not None:
            categories = [part for part in indicator.dimension.categories.all() if not part.retired]
        for category in categories:
            for month in months:
                yield {
                    "agency": indicator.owner.code,
                    "indicator": indicator.code,
                    "category": category.code if category else "",
                    "month": str(month),
                    "value": "",
                    "state": "",
                    "note": "",
                }
