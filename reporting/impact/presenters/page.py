"""The page of an event and an indicator: its tables, its chart, its file, and R code that repeats the sum."""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass

from django.utils import timezone

from actions.models import Expectation
from actions.selectors.events import Happening, NamedAim, find_happening, list_expectations, list_happenings
from boards.models import Board, PartnershipArea
from core.calendar import Month
from core.files.sheets import NoteSection
from core.files.tables import DataFile, Row, make_file_stem
from core.pages import NotHeld
from indicators.disclosure import USUAL_MARKING, Audience
from indicators.impact.claim import MOST_AFTER, BeforeAfter, Change
from indicators.impact.regression import Season
from indicators.ratios import RATIO_KINDS, Ratio
from reporting.charts.control_chart import UNIT, ControlChart, Drawn, Start, Usual, control_chart
from reporting.impact.presenters.outcomes import (
    PER_CENT,
    Amount,
    Level,
    OutcomeView,
    Pair,
    describe_as_large,
    describe_controls,
    describe_model,
    describe_moved,
    describe_range,
    find_amount,
    is_foreseen,
    make_outcomes,
)
from reporting.impact.results import Controls, Outcome
from reporting.impact.selectors import NEW_DEFINITION, PublishedSeries, list_board_codes
from reporting.months.presenters.words import upper_first

NEAR = 12  # months within which another event may have moved it


@dataclass(frozen=True)
class ImpactView:
    """An event and an indicator: its outcome, and those of the events near it that name the same indicator."""

    area: PartnershipArea
    outcome: OutcomeView
    others: tuple[OutcomeView, ...] = ()

    @property
    def happening(self) -> Happening:
        return self.outcome.happening

    @property
    def aim(self) -> NamedAim:
        return self.outcome.aim

    @property
    def series(self) -> PublishedSeries | None:
        return self.outcome.compared.series

    @property
    def comparison(self) -> BeforeAfter | None:
        return self.outcome.compared.result.comparison

    @property
    def controls(self) -> Controls:
        return self.outcome.compared.controls

    @property
    def unit(self) -> str:
        return self.outcome.compared.unit

    @property
    def event(self) -> Month:
        return self.happening.first_after

    @property
    def title(self) -> str:
        return f"{self.happening.label} {self.happening.title}"

    @property
    def levels(self) -> tuple[Level, ...]:
        return self.outcome.levels

    @property
    def changes(self) -> tuple[tuple[str, str], ...]:
        """Describe each change: its name, and its size with its range."""
        comparison = self.comparison
        if comparison is None:
            return ()
        amount = find_amount(comparison, comparison.change, self.ratio)
        rows = [("Here", describe_change(comparison.change, amount))]
        if amount != PER_CENT:
            rows.append(("Here, in per cent of what it was", describe_change(comparison.change)))
        if comparison.controls is not None and comparison.difference is not None:
            of = ", in per cent of what it was" if amount != PER_CENT else ""
            rows.append((f"In {describe_controls(self.controls)} together{of}", describe_change(comparison.controls)))
            left = find_amount(comparison, comparison.difference, self.ratio)
            rows.append(("Difference", describe_change(comparison.difference, left)))
        return tuple(rows)

    @property
    def ratio(self) -> Ratio | None:
        return self.series.ratio if self.series else None

    @property
    def is_cut_short(self) -> bool:
        """Return whether there are later published months, but too few months before to compare them with
        (docs/impact.md, R2).
        """
        if self.comparison is None or self.series is None:
            return False
        after = self.event + self.comparison.span.after
        is_comparable = after <= self.series.last and after not in self.series.starts
        return (
            self.comparison.span.after < MOST_AFTER and is_comparable and self.series.known[after - self.series.first]
        )

    @property
    def as_large(self) -> str:
        return describe_as_large(self.comparison) if self.comparison else ""

    @property
    def model(self) -> str:
        return describe_model(self.comparison, self.ratio) if self.comparison else ""

    @property
    def cuts(self) -> tuple[str, ...]:
        """Return since when it is counted differently: nothing is compared across that."""
        starts = self.series.starts if self.series else {}
        return tuple(f"From {month.label}: {why}" for month, why in sorted(starts.items()))

    @property
    def chart(self) -> ControlChart | None:
        return self.make_chart(UNIT)

    def make_chart(self, unit: int) -> ControlChart | None:
        """Return None if the event is outside the published months. `unit` is how wide a month is."""
        series = self.series
        if series is None or not series.first <= self.event <= series.last:
            return None
        ratio = series.ratio.kind if series.ratio else ""
        return control_chart(series.values, self.drawn(series), first=series.first, unit=unit, ratio=ratio)

    def drawn(self, series: PublishedSeries) -> Drawn:
        place = self.event - series.first
        usual: list[Usual | None] = [None] * len(series.values)
        if comparison := self.comparison:
            before, after = (
                series.ratio.in_tenths(level) if series.ratio else level
                for level in (comparison.before, comparison.after)
            )
            # Each slice gets as many values as it has, so no place moves.
            usual[place - comparison.model.before : place] = [Usual(None, before, None)] * comparison.model.before
            usual[place : place + comparison.span.after] = [Usual(None, after, None)] * comparison.span.after
        begun = Start(place, f"{self.happening.label}, {self.event.short_label}", breaks=False)
        return Drawn(usual, {}, [*self.starts(series), begun])

    def starts(self, series: PublishedSeries) -> Iterator[Start]:
        for month, why in series.starts.items():
            what = "New definition" if why == NEW_DEFINITION else "Recorded differently"
            yield Start(month - series.first, f"{what}, {month.short_label}", breaks=True)


def describe_change(change: Change, amount: Amount = PER_CENT) -> str:
    return f"{upper_first(describe_moved(change, amount))} ({describe_range(change, amount)})"


def make_impact(
    area: PartnershipArea,
    happening: Happening,
    aim: NamedAim,
    *,
    beside: Sequence[Happening],
    expectations: Sequence[Expectation],
) -> ImpactView:
    """Make the page's view. `beside` are all events that name the same indicator."""
    near = [other for other in beside if other != happening and abs(other.first_after - happening.first_after) <= NEAR]
    pairs = [(event, aim) for event in (happening, *near)]
    outcome, *others = make_outcomes(area, pairs, expectations, happenings=beside)
    return ImpactView(area, outcome, tuple(others))


COLUMNS = ("month", "value", "provisional", "side", "comparison")
RATIO_COLUMNS = ("month", "value", "numerator", "denominator", "provisional", "side", "comparison")
BEFORE, AFTER, NOT_USED = "before", "after", "not compared"
WAVES = " +\n    sin(2 * pi * t / 12) + cos(2 * pi * t / 12) + sin(4 * pi * t / 12) + cos(4 * pi * t / 12)"


def make_r_code(view: ImpactView) -> str:
    """Return R code for the change and its error by chance, and how far its range reaches: find_reach. At other dates
    the same calculation gives the swings. Empty if there is no calculation.
    """
    comparison = view.comparison
    if comparison is None:
        return ""
    waves = WAVES if comparison.model.season is Season.TWO_WAVES else ""
    trend = " + t" if comparison.model.trend else ""
    count, offset = ("numerator", " + offset(log(denominator))") if view.ratio else ("value", "")
    return (
        f'd <- read.csv("series.csv", skip = 1)\n'
        f't <- seq_len(nrow(d)); e <- which(d$month == "{view.event}")\n'
        f"use <- t >= e - {comparison.model.before} & t < e + {comparison.span.after}\n"
        f"fit <- glm({count} ~ I(t >= e){offset}{trend}{waves},\n"
        f"    data = d, subset = use, family = quasipoisson)\n"
        f"exp(coef(fit)[2]) - 1  # the change{', in per cent of what it was' if view.ratio else ''}\n"
        f"# The range reaches as far as the larger of two, each way on the log scale:\n"
        f"# qnorm(0.975) times\n"
        f"{describe_error(comparison, view.ratio)}"
        f"# and qt(0.975, 1 + 2 * ({comparison.other_dates} - 1) / {comparison.span.after}) times\n"
        f"# the root mean square of what the same calculation gives at {comparison.other_dates}\n"
        f"# earlier months, each in place of e."
        f"{describe_controls_sum(view.controls, comparison)}"
    )


def describe_error(comparison: BeforeAfter, ratio: Ratio | None) -> str:
    if ratio is None or not RATIO_KINDS[ratio.kind].is_part:
        return "# the error, by family = poisson where the dispersion is below 1;\n"
    return (
        "# the error, by family = poisson where the dispersion is below\n"
        "# left <- 1 - sum(d$numerator[use]) / sum(d$denominator[use]),\n"
        "# and then times sqrt(left), at each month its own;\n"
    )


def describe_controls_sum(controls: Controls, comparison: BeforeAfter) -> str:
    if comparison.difference is None:
        return ""
    if controls.areas:
        return "\n# Compared with other areas: the same calculation for them, which we don’t share."
    return (
        "\n# For the comparison areas: the same with `comparison` in place of `value`.\n"
        "# Subtract one step from the other, here and at the other months."
    )


def make_series_file(view: ImpactView) -> DataFile | None:
    """Return the series with its two sides, so that somebody can repeat the sum. None if nothing is published."""
    series = view.series
    if series is None:
        return None
    marking = USUAL_MARKING[Audience.PARTNERS]
    title = f"{view.aim.title} before and after {view.title}"
    return DataFile(
        stem=make_file_stem(marking, view.area.slug, view.aim.code, view.happening.reference, "series"),
        title=title,
        marking=marking,
        columns=RATIO_COLUMNS if series.ratio else COLUMNS,
        rows=[make_row(view, series, place, month) for place, month in enumerate(series.months)],
        about={"area": view.area.slug, "indicator": view.aim.code, "event": view.happening.reference},
        notes=lambda: [NoteSection("About", [("Figures", title)])],
        made_at=timezone.now(),
    )


def make_row(view: ImpactView, series: PublishedSeries, place: int, month: Month) -> Row:
    """Return a month's row. A ratio's value isn't rounded, and comes before its two counts."""
    value: float | None = series.values[place]
    of: Row = {}
    if series.ratio:
        cases, whole = series.numerators[place], series.denominators[place]
        of = {"numerator": cases, "denominator": whole}
        value = series.ratio.exact(cases, whole) if value is not None and cases is not None and whole else None
    return {
        "month": str(month),
        "value": value,
        **of,
        "provisional": "yes" if month in series.provisional else "",
        "side": find_side(view, month),
        "comparison": find_open_sum(view.controls, place),
    }


def find_side(view: ImpactView, month: Month) -> str:
    comparison = view.comparison
    if comparison is None:
        return NOT_USED
    if view.event + -comparison.model.before <= month < view.event:
        return BEFORE
    return AFTER if view.event <= month < view.event + comparison.span.after else NOT_USED


def find_open_sum(controls: Controls, place: int) -> int | None:
    """Return the sum of the comparison series, if all are open data: other areas' figures are never passed on."""
    if not controls.series or controls.areas:
        return None
    months = [series[place] for series in controls.series]
    return sum(month for month in months if month is not None) if None not in months else None


RECENT = 24  # months that are shown


@dataclass(frozen=True, slots=True)
class BoardImpact:
    """The outcomes, the newest first; and in full, the newest with a claimed change."""

    outcomes: tuple[OutcomeView, ...] = ()
    shown: ImpactView | None = None


def make_board_impact(area: PartnershipArea, board: Board | None, month: Month) -> BoardImpact:
    """Return the outcomes. An event of the whole area counts as a board's own too, for the board's indicators; without
    a board, all of the area's are shown. Ignores everything after the month. A dozen queries, or one if nothing
    happened.
    """
    happenings = [happening for happening in list_happenings(area) if month + -RECENT < happening.first_after <= month]
    codes = list_board_codes(board) if board and happenings else set()
    pairs = [
        (happening, aim)
        for happening in reversed(happenings)
        for aim in happening.aims
        if board is None or is_own(happening, aim, board.code, codes)
    ]
    if not pairs:
        return BoardImpact()
    outcomes = make_outcomes(area, pairs, list_expectations(area), happenings=happenings, until=month)
    claimed = next((outcome for outcome in outcomes if outcome.is_foreseen and outcome.is_claimed), None)
    return BoardImpact(tuple(outcomes), ImpactView(area, claimed) if claimed else None)


def is_own(happening: Happening, aim: NamedAim, board_code: str, codes: Collection[str]) -> bool:
    return happening.board_code == board_code or (not happening.board_code and aim.code in codes)


# --- What a person may read: published figures, the same for everybody in an area ---------------------------


def find_impact(area: PartnershipArea, reference: str, code: str) -> ImpactView:
    """Raises NotHeld, with a sentence."""
    happenings = list_happenings(area)
    happening = find_happening(happenings, reference)
    if happening is None:
        raise NotHeld(f"{area.name} has no action or event “{reference[:20]}”, or it was removed.")
    aim = happening.find_aim(code)
    if aim is None:
        raise NotHeld(f"{happening.label} doesn’t name the indicator “{code[:40]}”.")
    beside = [other for other in happenings if other.find_aim(code)]
    return make_impact(area, happening, aim, beside=beside, expectations=list_expectations(area, code=code))


@dataclass(frozen=True, slots=True)
class OutcomeList:
    """The outcomes of what somebody said beforehand: `told` in full, and `close`, of which none can be told from
    chance. `others` is what nobody said beforehand, which is no test of anything."""

    told: tuple[OutcomeView, ...]
    close: tuple[OutcomeView, ...]
    others: tuple[OutcomeView, ...]


@dataclass(frozen=True, slots=True)
class AreaImpact:
    """All that happened in an area, and what was expected of it."""

    area: PartnershipArea
    happenings: Sequence[Happening]
    expectations: Sequence[Expectation]

    def list_pairs(self) -> list[Pair]:
        """Return everything that has happened up to today with each indicator that it may have moved: first what
        somebody said beforehand, and of both the newest first.
        """
        today = timezone.localdate()
        happened = [happening for happening in reversed(self.happenings) if happening.day <= today]
        pairs = [(happening, aim) for happening in happened for aim in happening.aims]
        return sorted(pairs, key=lambda pair: not is_foreseen(pair[0], pair[1].code, self.expectations))

    def list_outcomes(self, pairs: Sequence[Pair]) -> OutcomeList:
        return split_outcomes(make_outcomes(self.area, pairs, self.expectations, happenings=self.happenings))


def read_impact(area: PartnershipArea) -> AreaImpact:
    return AreaImpact(area, list_happenings(area), list_expectations(area))


def split_outcomes(outcomes: Sequence[OutcomeView]) -> OutcomeList:
    foreseen = [outcome for outcome in outcomes if outcome.is_foreseen]
    return OutcomeList(
        told=tuple(outcome for outcome in foreseen if outcome.outcome is not Outcome.NO_CHANGE),
        close=tuple(outcome for outcome in foreseen if outcome.outcome is Outcome.NO_CHANGE),
        others=tuple(outcome for outcome in outcomes if not outcome.is_foreseen),
    )
