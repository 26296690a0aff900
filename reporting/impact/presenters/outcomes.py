"""What followed each event, in words, for partners. Every figure passes the disclosure gate in `controls`."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from math import inf
from typing import NamedTuple

from django.utils import timezone

from actions.models import Expectation
from actions.presenters.engagement import describe_days, make_said
from actions.selectors.events import Happened, Happening, NamedAim, list_expectations, list_happenings
from boards.models import LEAST_AREAS, PartnershipArea
from core.calendar import Month
from core.pages import link_to
from indicators.impact.claim import LEAST_AFTER, BeforeAfter, Came, Change, judge_expected
from indicators.impact.regression import Season
from indicators.models import ComparisonSeries
from indicators.ratios import RATIO_KINDS, TENTHS, Ratio, rate_range, show_number
from indicators.selectors.open_data import OtherArea, list_comparisons, list_others
from reporting.impact.results import Controls, Outcome, Result, work_out
from reporting.impact.selectors import Cut, Key, Part, PublishedSeries, cut_to_compared, join, list_parts
from reporting.months.presenters.plan_figures import MonthFigures
from reporting.months.presenters.sentences import describe_unit
from reporting.months.presenters.words import number, upper_first


@dataclass(frozen=True, slots=True)
class Level:
    """A month's mean, with its range of chance."""

    name: str
    months: str
    mean: str
    range: str
    sums: str = ""  # for a ratio: what was counted, and out of what


def make_levels(series: PublishedSeries | None, comparison: BeforeAfter | None, event: Month) -> tuple[Level, ...]:
    """Return the levels before and after; none if they can't be compared."""
    if comparison is None or series is None:
        return ()
    return (
        make_level("Before", series, event + -comparison.model.before, event.previous),
        make_level("After", series, event, event + (comparison.span.after - 1)),
    )


def make_level(name: str, series: PublishedSeries, first: Month, last: Month) -> Level:
    """Return the level of these months. For a ratio, divide one sum by the other."""
    places = range(first - series.first, last - series.first + 1)
    cases = sum(series.counts[place] or 0 for place in places)
    of = sum(series.exposures[place] or 0 for place in places) if series.exposures else len(places)
    interval = series.ratio.range(cases, of) if series.ratio else rate_range(cases, of)
    mean, lower, upper = (interval.value, interval.lower, interval.upper) if interval else (0.0, None, None)
    return Level(
        name,
        f"{first.label} to {last.label}",
        show_level(mean, series.ratio),
        " to ".join(show_level(limit or 0.0, series.ratio).partition(" per ")[0] for limit in (lower, upper)),
        describe_sums(series.ratio, cases, of, len(places)),
    )


def describe_sums(ratio: Ratio | None, cases: int, of: int, months: int) -> str:
    """ "78 out of 98"; residents are the same each month, so for a rate "25 in 12 months"."""
    if ratio is None:
        return ""
    return f"{cases:,} out of {of:,}" if RATIO_KINDS[ratio.kind].adds_up else f"{cases:,} in {months} months"


def show_level(level: float, ratio: Ratio | None) -> str:
    """ "20.8"; for a share "61.0%", for a rate "3.2 per 10,000"."""
    if ratio is None:
        return f"{level:,.1f}"
    if RATIO_KINDS[ratio.kind].sign:
        return show_number(level * TENTHS, ratio.kind)
    return f"{level:,.{1 if level >= 1 else 2}f} per {ratio.per:,}"


NOT_BECAUSE = "This doesn’t show that one caused the other."


class Amount(NamedTuple):
    """How to write a change: how many units make 1, the decimals, the unit, its sign at each end of a range, and its
    greatest value.
    """

    scale: float = 100
    decimals: int = 0
    unit: str = " %"
    mark: str = " %"
    most: float = inf

    def rounded(self, fraction: float) -> float:
        return round(abs(fraction) * self.scale, self.decimals)

    def number(self, fraction: float) -> str:
        """ "24", without a sign; a change that rounds to none is less than 1."""
        number = self.rounded(min(fraction, self.most))
        least = f"less than {10**-self.decimals:g}"
        return f"{number:,.{self.decimals}f}" if number or not fraction else least

    def words(self, fraction: float) -> str:
        """ "24 %"; "15.2 percentage points"."""
        return f"{self.number(fraction)}{self.unit}"


PER_CENT = Amount()
PER_CENT_OF_SHARE = Amount(unit=" % of what it was")


def find_amount(comparison: BeforeAfter, change: Change, ratio: Ratio | None) -> Amount:
    """Return how to write it. A share moves by percentage points of what there would have been without the change. A
    count or a rate moves by per cent.
    """
    points = RATIO_KINDS[ratio.kind].points if ratio else None
    if ratio is None or points is None:
        return PER_CENT
    without = comparison.after / (1 + change.value)
    # A share can't rise above 100 %.
    return Amount(without * ratio.per, 1, f" {points[0]}", "", most=1 / without - 1)


def describe_range(change: Change, amount: Amount = PER_CENT) -> str:
    """ "between 12 % and 35 %" for a fall or a rise; if it includes both, each end says which it is."""
    if change.lower < 0 < change.upper:
        ends = amount.number(change.lower), amount.number(change.upper)
        return f"anything from a fall of {ends[0]}{amount.mark} to a rise of {ends[1]}{amount.mark}"
    nearest, farthest = sorted((change.lower, change.upper), key=abs)
    ends = amount.number(nearest), amount.number(farthest)
    return f"between {ends[0]}{amount.mark} and {ends[1]}{amount.mark}"


def describe_moved(change: Change, amount: Amount = PER_CENT) -> str:
    """ "fell by 24 %"; "stayed the same"."""
    if not amount.rounded(change.value):
        return "stayed the same"
    return f"{'fell' if change.value < 0 else 'rose'} by {amount.words(change.value)}"


def describe_move(change: Change, amount: Amount = PER_CENT) -> str:
    """ "a fall of 24 % (between 12 % and 35 %)"."""
    words = f"a {'fall' if change.value < 0 else 'rise'} of {amount.words(change.value)}"
    return f"{words if amount.rounded(change.value) else 'no change'} ({describe_range(change, amount)})"


def describe_controls(controls: Controls) -> str:
    """ "seven comparison areas"."""
    return f"{number(controls.number)} comparison area{'' if controls.number == 1 else 's'}"


def describe_theirs(change: Change, ratio: Ratio | None) -> str:
    """Their level isn't shown, so their change is in per cent: "fell by 4 %"; for a share "fell by 4 % of theirs"."""
    moved = describe_moved(change)
    in_points = ratio is not None and RATIO_KINDS[ratio.kind].points
    return f"{moved} of theirs" if in_points and moved.endswith("%") else moved


def describe_result(result: Result, controls: Controls) -> str:
    """Return the sentence, or why there is none."""
    comparison = result.comparison
    if comparison is None:
        return result.why
    beside = ""
    if comparison.controls is not None and comparison.difference is not None:
        beside = f", while {describe_controls(controls)} {describe_theirs(comparison.controls, result.ratio)}"
    amount = find_amount(comparison, comparison.change, result.ratio)
    moved, ends = describe_moved(comparison.change, amount), describe_range(comparison.change, amount)
    if result.outcome is Outcome.NO_CHANGE:
        return f"No clear change: it {moved} ({ends}, allowing for chance){beside}. {describe_as_large(comparison)}"
    sentence = f"{upper_first(moved)} ({ends}, allowing for chance){beside}."
    return f"{sentence} {describe_difference(comparison, result.ratio)}{NOT_BECAUSE}"


def describe_difference(comparison: BeforeAfter, ratio: Ratio | None) -> str:
    """Say what is left of the change after taking out that of the comparison areas; empty without them."""
    if comparison.difference is None:
        return ""
    left = describe_move(comparison.difference, find_amount(comparison, comparison.difference, ratio))
    return f"Without their change, that leaves {left}. "


def describe_as_large(comparison: BeforeAfter) -> str:
    """ "3 of 60 other months had a change that large."."""
    number = comparison.as_large or "None"
    what = "difference" if comparison.difference is not None else "change"
    return f"{number} of {comparison.other_dates} other months had a {what} that large."


def describe_shortly(result: Result) -> str:
    """For a list: "Fell by 24 % (between 12 % and 35 %)"."""
    comparison = result.comparison
    if comparison is None or result.outcome is Outcome.NO_CHANGE:
        return result.outcome.label
    amount = find_amount(comparison, comparison.told, result.ratio)
    less = "" if comparison.difference is None else " against comparison areas"
    return f"{upper_first(describe_moved(comparison.told, amount))}{less} ({describe_range(comparison.told, amount)})"


def describe_came(came: Came, result: Result, ready: Month) -> str:
    """Compare the result with what somebody expected: "As expected: a fall of 24 % (between 12 % and
    35 %)". `ready` is the month that must be published first."""
    if came is Came.TOO_EARLY:
        return f"{came.label}: look again once {ready.label} is published"
    comparison = result.comparison
    if comparison is None:
        return came.label
    in_points = result.ratio is not None and RATIO_KINDS[result.ratio.kind].points
    move = describe_move(comparison.told, PER_CENT_OF_SHARE if in_points else PER_CENT)
    less = "" if comparison.difference is None else " against comparison areas"
    return f"{came.label}: {move}{less}{' may be chance' if came is Came.NOT_TOLD else ''}"


def describe_model(comparison: BeforeAfter, ratio: Ratio | None = None) -> str:
    """Describe the model for an analyst."""
    explained = {
        Season.NONE: "a level before and a level after",
        Season.TWO_WAVES: "a level, two waves of the year and a step at the event",
    }[comparison.model.season]
    trend = ", and a straight trend" if comparison.model.trend else ""
    what = "expected to have, for each one that it is out of," if ratio else "expected to have"
    return (
        f"The log of what a month is {what} is {explained}{trend}. Chance is quasi-Poisson’s. The range is as wide as "
        f"the series’ own ups and downs at {comparison.other_dates} other months make it."
    )


# --- Comparisons ----------------------------------------------------------------------------------

# Only this module reads figures of another area: of at least three that consent. Only their sum leaves, so that nobody
# can read an area's figures from the result.


@dataclass(frozen=True, slots=True)
class Candidates:
    """All that an indicator may be compared with: open data by name, areas of this installation without names; and how
    many more areas count it but gave no consent.
    """

    open_data: tuple[tuple[str, PublishedSeries], ...] = ()
    sources: tuple[str, ...] = ()
    areas: tuple[PublishedSeries, ...] = ()
    without_consent: int = 0


NOTHING = Candidates()


def list_candidates(area: PartnershipArea, codes: Iterable[str]) -> dict[str, Candidates]:
    """Return the candidates by the indicator's code. Two queries, and those of list_parts if other areas consent."""
    wanted = sorted(set(codes))
    if not wanted:
        return {}
    comparisons = list_comparisons(area, wanted)
    others = list_others(area, wanted, today=timezone.localdate())
    consenting = {other.area_id for other in others if other.has_consent}
    parts = list_parts(consenting, wanted) if consenting else {}
    return {
        code: make_candidates(
            [series for series in comparisons if series.indicator.code == code],
            [other for other in others if other.code == code],
            parts,
        )
        for code in wanted
    }


def make_candidates(
    comparisons: Sequence[ComparisonSeries], others: Sequence[OtherArea], parts: Mapping[Key, Sequence[Part]]
) -> Candidates:
    of_areas = [parts.get((other.area_id, other.code), ()) for other in others if other.has_consent]
    return Candidates(
        open_data=tuple(
            (series.name, PublishedSeries(Month.of(series.first), tuple(series.values), {})) for series in comparisons
        ),
        sources=tuple(dict.fromkeys(f"{series.source}. {series.licence}" for series in comparisons)),
        areas=tuple(join(of_area) for of_area in of_areas if of_area),
        without_consent=sum(not other.has_consent for other in others),
    )


def choose_controls(series: PublishedSeries, event: Month, candidates: Candidates) -> Controls:
    """Return series with a figure in every compared month, counted in the same way throughout."""
    open_data = [(name, cut_to_compared(other, series, event)) for name, other in candidates.open_data]
    areas = [cut for other in candidates.areas if (cut := cut_to_compared(other, series, event)) is not None]
    used = [(name, cut) for name, cut in open_data if cut is not None]
    # With fewer, somebody could read an area's figures from the sum.
    enough = areas if len(areas) >= LEAST_AREAS else []
    compared: list[Cut] = [*(cut for _, cut in used), *enough]
    return Controls(
        series=tuple(cut.counts for cut in compared),
        exposures=tuple(cut.exposures for cut in compared if cut.exposures is not None),
        open_names=tuple(name for name, _ in used),
        areas=len(enough),
        sources=candidates.sources if used else (),
        left_out=tuple(
            describe_left_out(
                [name for name, cut in open_data if cut is None],
                is_ratio=series.ratio is not None,
                incomplete=len(candidates.areas) - len(areas),
                too_few=0 if enough else len(areas),
                without_consent=candidates.without_consent,
            )
        ),
    )


def describe_left_out(
    open_names: Sequence[str], *, is_ratio: bool, incomplete: int, too_few: int, without_consent: int
) -> Iterable[str]:
    """Yield a sentence for each reason. They name no area of this installation."""
    if open_names:
        why = (
            "it has only counts, and this is worked out from two"
            if is_ratio
            else "a figure is missing in some of these months"
        )
        yield f"Not compared with {', '.join(open_names)}: {why}."
    if incomplete:
        yield f"{count_areas(incomplete)} with permission left out: a month is missing, or it is counted differently."
    if too_few:
        yield (
            f"{count_areas(too_few)} with permission left out: {LEAST_AREAS} are needed, so that nobody can see a "
            "single one."
        )
    if without_consent:
        yield f"{count_areas(without_consent)} left out: no permission to compare is in force."


def count_areas(number: int) -> str:
    return f"{number} area{'' if number == 1 else 's'} of this installation"


NOT_PUBLISHED = "No published month has a figure for it yet."


class Expected(NamedTuple):
    """What somebody expected, when they recorded it, and the result, as a label and as a sentence. Both are empty for
    an action's end, because its start shows them.
    """

    words: str
    when: str
    is_beforehand: bool
    came_shortly: str = ""
    came: str = ""


@dataclass(frozen=True, slots=True)
class Compared:
    """An event and an indicator: its series, its comparison and the result. No series if nothing is published."""

    series: PublishedSeries | None
    controls: Controls
    result: Result
    unit: str = ""


@dataclass(frozen=True, slots=True)
class OutcomeView:
    """The outcome of an event for one of its indicators. `levels` is empty if they can't be compared."""

    happening: Happening
    aim: NamedAim
    compared: Compared
    sentence: str
    short: str
    url: str
    said: tuple[Expected, ...]
    provisional: str  # which of the compared months may still change
    levels: tuple[Level, ...] = ()

    @property
    def outcome(self) -> Outcome:
        return self.compared.result.outcome

    @property
    def kind(self) -> str:
        return self.happening.kind.label

    @property
    def days(self) -> str:
        return describe_days(self.happening.day, self.happening.last_day)

    @property
    def is_told(self) -> bool:
        return self.outcome in (Outcome.FELL, Outcome.ROSE, Outcome.NO_CHANGE)


def compare_published(parts: Sequence[Part], happening: Happening, candidates: Candidates) -> Compared:
    if not parts:
        return Compared(None, Controls(), Result(Outcome.REFUSED, why=NOT_PUBLISHED))
    series, event = join(parts), happening.first_after
    controls = choose_controls(series, event, candidates)
    return Compared(series, controls, work_out(series, event, controls), describe_unit(parts[0].line))


def list_said(
    happening: Happening, code: str, compared: Compared, expectations: Iterable[Expectation]
) -> tuple[Expected, ...]:
    """Return what was expected for one indicator, out of all expectations in the area."""
    relevant = [said for said in expectations if said.indicator.code == code and is_about(said, happening.label)]
    return tuple(
        Expected(words.words, words.when, words.is_beforehand, *describe_what_came(said, happening, compared))
        for said, words in zip(relevant, make_said(relevant), strict=True)
    )


def describe_what_came(said: Expectation, happening: Happening, compared: Compared) -> tuple[str, str]:
    """Return it shortly, and in a sentence."""
    if happening.kind is Happened.FINISHED:
        return "", ""
    result, series = compared.result, compared.series
    # Whatever month was expected, enough months after the event must be published.
    ready = max(Month.of(said.by_month), happening.first_after + (LEAST_AFTER - 1))
    comparison = result.comparison
    came = judge_expected(
        said.signed_percent,
        comparison.told if comparison else None,
        is_claimed=comparison is not None and comparison.is_claimed,
        is_due=result.outcome is Outcome.REFUSED or (series is not None and series.last >= ready),
    )
    return came.label, describe_came(came, result, ready)


def is_about(said: Expectation, label: str) -> bool:
    about = said.action or said.event
    return about is not None and about.reference == label


def describe_provisional(event: Month, compared: Compared) -> str:
    """Say which of the compared months may still change; empty if none."""
    comparison, series = compared.result.comparison, compared.series
    if comparison is None or series is None:
        return ""
    first, end = event + -comparison.model.before, event + comparison.span.after
    months = [month.label for month in series.provisional if first <= month < end]
    return f"Provisional, so it may still change: {', '.join(months)}." if months else ""


def make_outcome(
    area: PartnershipArea,
    happening: Happening,
    aim: NamedAim,
    compared: Compared,
    expectations: Iterable[Expectation],
) -> OutcomeView:
    return OutcomeView(
        happening=happening,
        aim=aim,
        compared=compared,
        sentence=describe_result(compared.result, compared.controls),
        short=describe_shortly(compared.result),
        url=link_to("reporting:impact-view", area.slug, happening.reference, aim.code),
        said=list_said(happening, aim.code, compared, expectations),
        provisional=describe_provisional(happening.first_after, compared),
        levels=make_levels(compared.series, compared.result.comparison, happening.first_after),
    )


def make_outcomes(
    area: PartnershipArea,
    pairs: Sequence[tuple[Happening, NamedAim]],
    expectations: Sequence[Expectation],
    *,
    until: Month | None = None,
) -> list[OutcomeView]:
    """Return the outcome of each event for each indicator, as known when the month `until` was the newest. A hundred
    need as many queries as one.
    """
    codes = {aim.code for _, aim in pairs}
    parts = list_parts([area.pk], codes, until=until) if codes else {}
    candidates = list_candidates(area, codes)
    return [
        make_outcome(
            area,
            happening,
            aim,
            compare_published(parts.get((area.pk, aim.code), []), happening, candidates[aim.code]),
            expectations,
        )
        for happening, aim in pairs
    ]


class FiguresWithOutcomes(MonthFigures):
    """Implements actions.month_figures.Figures: monthly figures, and before and after."""

    def list_outcomes(self, area: PartnershipArea, number: int) -> list[OutcomeView]:
        happenings = [
            happening for happening in list_happenings(area) if happening.is_action and happening.number == number
        ]
        pairs = [(happening, aim) for happening in happenings for aim in happening.aims]
        return make_outcomes(area, pairs, list_expectations(area, action=number))
