"""What does the page of an event and an indicator say, and what does an analyst need to do the sum again?"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from django.utils import timezone

from actions.models import Expectation
from actions.selectors.events import Happening, NamedAim
from boards.models import PartnershipArea
from core.files import FiguresFile, Row, make_file_stem
from core.months import Month, months_between
from core.workbook import NoteSection
from indicators.disclosure import USUAL_MARKING, Audience
from indicators.impact.claim import BeforeAfter, Change
from indicators.impact.regression import Season
from indicators.ranges import count_range
from reporting.charts.control_chart import UNIT, ControlChart, Drawn, Start, Usual, control_chart
from reporting.impact.presenters.controls import list_candidates
from reporting.impact.presenters.outcomes import OutcomeView, compare_published, make_outcome
from reporting.impact.presenters.words import (
    describe_as_large,
    describe_controls,
    describe_model,
    describe_moved,
    describe_range,
)
from reporting.impact.results import NEW_DEFINITION, Controls, PublishedSeries
from reporting.impact.selectors import list_parts

NEAR = 12  # months, within which another event may be what moved it
COLUMNS = ("month", "value", "side", "comparison")
BEFORE, AFTER, NOT_USED = "before", "after", "not compared"


@dataclass(frozen=True, slots=True)
class Level:
    """A month's mean, with the range that chance leaves it."""

    name: str
    months: str
    mean: str
    range: str


@dataclass(frozen=True)
class ImpactView:
    area: PartnershipArea
    happening: Happening
    aim: NamedAim
    outcome: OutcomeView
    series: PublishedSeries | None
    told: BeforeAfter | None
    controls: Controls
    others: tuple[OutcomeView, ...]
    unit: str

    @property
    def event(self) -> Month:
        return self.happening.first_after

    @property
    def title(self) -> str:
        return f"{self.happening.number_words} {self.happening.title}"

    @property
    def levels(self) -> tuple[Level, ...]:
        told = self.told
        if told is None or self.series is None:
            return ()
        before = (self.event + -told.model.before, self.event.previous)
        after = (self.event, self.event + (told.span.after - 1))
        return (
            make_level("Before", self.series, *before),
            make_level("After", self.series, *after),
        )

    @property
    def changes(self) -> tuple[tuple[str, str], ...]:
        """Each change in words: its name, and what it is with its range."""
        told = self.told
        if told is None:
            return ()
        rows = [("Here", describe_change(told.change))]
        if told.controls is not None and told.difference is not None:
            rows.append((f"In {describe_controls(self.controls)} together", describe_change(told.controls)))
            rows.append(("Difference", describe_change(told.difference)))
        return tuple(rows)

    @property
    def as_large(self) -> str:
        return describe_as_large(self.told) if self.told else ""

    @property
    def model(self) -> str:
        return describe_model(self.told) if self.told else ""

    @property
    def cuts(self) -> tuple[str, ...]:
        """From when on it is counted otherwise: nothing compares across that."""
        starts = self.series.starts if self.series else {}
        return tuple(f"From {month.label}: {why}" for month, why in sorted(starts.items()))

    @property
    def chart(self) -> ControlChart | None:
        return self.make_chart(UNIT)

    def make_chart(self, unit: int) -> ControlChart | None:
        """None where the event lies outside the months that are published. `unit` is how wide a month is."""
        series = self.series
        if series is None or not series.first <= self.event <= series.last:
            return None
        return control_chart(series.values, self.drawn(series), first=series.first, unit=unit)

    def drawn(self, series: PublishedSeries) -> Drawn:
        place = self.event - series.first
        usual: list[Usual | None] = [None] * len(series.values)
        if told := self.told:
            usual[place - told.model.before : place] = [Usual(None, told.before, None)] * told.model.before
            usual[place : place + told.span.after] = [Usual(None, told.after, None)] * told.span.after
        begun = Start(place, f"{self.happening.number_words}, {self.event.short_label}", breaks=False)
        return Drawn(usual, {}, [*self.starts(series), begun])

    def starts(self, series: PublishedSeries) -> Iterator[Start]:
        for month, why in series.starts.items():
            what = "New definition" if why == NEW_DEFINITION else "Recorded otherwise"
            yield Start(month - series.first, f"{what}, {month.short_label}", breaks=True)

    @property
    def r_code(self) -> str:
        """The sum, for R: the change and the error by chance. The width of other dates is the same sum at each."""
        told = self.told
        if told is None:
            return ""
        waves = (
            " +\n    sin(2 * pi * t / 12) + cos(2 * pi * t / 12) + sin(4 * pi * t / 12) + cos(4 * pi * t / 12)"
            if told.model.season is Season.TWO_WAVES
            else ""
        )
        trend = " + t" if told.model.trend else ""
        return (
            f'd <- read.csv("series.csv", skip = 1)\n'
            f't <- seq_len(nrow(d)); e <- which(d$month == "{self.event}")\n'
            f"use <- t >= e - {told.model.before} & t < e + {told.span.after}\n"
            f"fit <- glm(value ~ I(t >= e){trend}{waves},\n"
            f"    data = d, subset = use, family = quasipoisson)\n"
            f"exp(coef(fit)[2]) - 1  # the change\n"
            f"# The range: 1.96 times the larger of two, each way on the log scale:\n"
            f"# the error, by family = poisson where the dispersion is below 1;\n"
            f"# the root mean square of what the same sum gives at {told.other_dates}\n"
            f"# earlier months, each in place of e."
            f"{self.r_of_controls}"
        )

    @property
    def r_of_controls(self) -> str:
        if self.told is None or self.told.difference is None:
            return ""
        if self.controls.areas:
            return "\n# Beside other areas: the same sum of theirs, which isn’t handed on."
        return (
            "\n# Beside the comparison areas: the same with `comparison` in place of `value`.\n"
            "# Their steps are taken from each other, here and at the other months."
        )


def describe_change(change: Change) -> str:
    moved = describe_moved(change)
    return f"{moved[:1].upper()}{moved[1:]} (range {describe_range(change)})"


def make_level(name: str, series: PublishedSeries, first: Month, last: Month) -> Level:
    values = [series.value_of(month) or 0 for month in months_between(first, last)]
    counted = count_range(sum(values))
    lower, upper = (each / len(values) if each is not None else 0.0 for each in (counted.lower, counted.upper))
    return Level(
        name,
        f"{first.label} to {last.label}",
        f"{sum(values) / len(values):,.1f}",
        f"{lower:,.1f} to {upper:,.1f}",
    )


def make_impact(
    area: PartnershipArea,
    happening: Happening,
    aim: NamedAim,
    *,
    beside: Sequence[Happening],
    expectations: Sequence[Expectation],
    until: Month | None = None,
) -> ImpactView:
    """`beside` are the others that name the same indicator; `until` as in make_outcomes."""
    parts = list_parts([area.pk], [aim.code], until=until).get((area.pk, aim.code), [])
    candidates = list_candidates(area, [aim.code])[aim.code]
    compared = compare_published(parts, happening, candidates)
    near = [other for other in beside if other != happening and abs(other.first_after - happening.first_after) <= NEAR]
    return ImpactView(
        area=area,
        happening=happening,
        aim=aim,
        outcome=make_outcome(area, happening, aim, compared, expectations),
        series=compared.series,
        told=compared.result.told,
        controls=compared.controls,
        others=tuple(
            make_outcome(area, other, aim, compare_published(parts, other, candidates), expectations) for other in near
        ),
        unit=parts[0].line.unit_many if parts else "",
    )


def make_series_file(view: ImpactView) -> FiguresFile | None:
    """The series with its two sides, so that the sum can be done again. None where nothing is published."""
    series = view.series
    if series is None:
        return None
    marking = USUAL_MARKING[Audience.PARTNERS]
    rows: list[Row] = [
        {
            "month": str(month),
            "value": value,
            "side": side_of(view, month),
            "comparison": find_open_sum(view.controls, place),
        }
        for place, (month, value) in enumerate(
            zip(months_between(series.first, series.last), series.values, strict=True)
        )
    ]
    title = f"{view.aim.title} before and after {view.title}"
    return FiguresFile(
        stem=make_file_stem(marking, view.area.slug, view.aim.code, view.happening.reference, "series"),
        title=title,
        marking=marking,
        columns=COLUMNS,
        rows=rows,
        about={"area": view.area.slug, "indicator": view.aim.code, "event": view.happening.reference},
        notes=lambda: [NoteSection("About", [("Figures", title)])],
        made_at=timezone.now(),
    )


def side_of(view: ImpactView, month: Month) -> str:
    told = view.told
    if told is None:
        return NOT_USED
    if view.event + -told.model.before <= month < view.event:
        return BEFORE
    return AFTER if view.event <= month < view.event + told.span.after else NOT_USED


def find_open_sum(controls: Controls, place: int) -> int | None:
    """The comparison series' sum, where all of them are open data: other areas' figures are never handed on."""
    if not controls.series or controls.areas:
        return None
    months = [series[place] for series in controls.series]
    return sum(month for month in months if month is not None) if None not in months else None
