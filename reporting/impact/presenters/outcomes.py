"""What followed each event, in words, for partners. Every figure passes the disclosure gate in `controls`."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from math import inf, log1p
from typing import NamedTuple

from django.utils import timezone

from actions.models import Expectation
from actions.presenters.engagement import describe_days, make_said
from actions.selectors.events import (
    Happened,
    Happening,
    NamedAim,
    list_expectations,
    list_happenings,
    was_said_beforehand,
)
from boards.models import LEAST_AREAS, PartnershipArea
from core.calendar import Month
from core.pages import link_to
from indicators.impact.claim import LEAST_AFTER, MOST_AFTER, BeforeAfter, Came, Change, judge_expected
from indicators.impact.regression import YEAR, Season
from indicators.models import ComparisonSeries
from indicators.ratios import RATIO_KINDS, TENTHS, Ratio, rate_range, show_number
from indicators.selectors.open_data import OtherArea, list_comparisons, list_others
from reporting.impact.results import Controls, Outcome, Result, work_out
from reporting.impact.selectors import Cut, Key, Part, PublishedSeries, cut_to_compared, join, list_parts
from reporting.months.presenters.plan_figures import MonthFigures
from reporting.months.presenters.sentences import (
    NO_MORE_THAN_CHANCE,
    describe_unit,
    leave_out_no_more,
    verdict,
)
from reporting.months.presenters.two_years import compare_line
from reporting.months.presenters.words import lower_first, number, upper_first


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
    """ "20.8"; for a share "61.0%", for a rate "3.2 per 10,000 a month"."""
    if ratio is None:
        return f"{level:,.1f}"
    if RATIO_KINDS[ratio.kind].sign:
        return show_number(level * TENTHS, ratio.kind)
    return f"{level:,.{1 if level >= 1 else 2}f} per {ratio.per:,} a month"


class Amount(NamedTuple):
    """How to write a change: how many units make 1, the decimals, the unit, its sign at each end of a range, and its
    greatest value.
    """

    scale: float = 100
    decimals: int = 0
    unit: str = "%"
    mark: str = "%"
    most: float = inf

    def rounded(self, fraction: float) -> float:
        return round(abs(fraction) * self.scale, self.decimals)

    def number(self, fraction: float) -> str:
        """ "24", without a sign; a change that rounds to none is less than 1."""
        number = self.rounded(min(fraction, self.most))
        least = f"less than {10**-self.decimals:g}"
        return f"{number:,.{self.decimals}f}" if number or not fraction else least

    def words(self, fraction: float) -> str:
        """ "24%"; "15.2 percentage points"."""
        return f"{self.number(fraction)}{self.unit}"


PER_CENT = Amount()
PER_CENT_OF_SHARE = Amount(unit="% of what it was")


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
    """ "between 12% and 35%" for a fall or a rise; if it includes both, each end says which it is."""
    if change.lower < 0 < change.upper:
        ends = amount.number(change.lower), amount.number(change.upper)
        return f"anything from a fall of {ends[0]}{amount.mark} to a rise of {ends[1]}{amount.mark}"
    nearest, farthest = sorted((change.lower, change.upper), key=abs)
    ends = amount.number(nearest), amount.number(farthest)
    return f"between {ends[0]}{amount.mark} and {ends[1]}{amount.mark}"


def describe_moved(change: Change, amount: Amount = PER_CENT) -> str:
    """ "fell by 24%"; "stayed the same"."""
    if not amount.rounded(change.value):
        return "stayed the same"
    return f"{'fell' if change.value < 0 else 'rose'} by {amount.words(change.value)}"


def describe_move(change: Change, amount: Amount = PER_CENT) -> str:
    """ "a fall of 24% (between 12% and 35%)"."""
    words = f"a {'fall' if change.value < 0 else 'rise'} of {amount.words(change.value)}"
    return f"{words if amount.rounded(change.value) else 'no change'} ({describe_range(change, amount)})"


def describe_controls(controls: Controls) -> str:
    """ "seven comparison areas"."""
    return f"{number(controls.number)} comparison area{'' if controls.number == 1 else 's'}"


def describe_result(result: Result, controls: Controls, *, is_year_more: bool | None = None) -> str:
    """Return the one sentence that tells it wherever it is told: "Rose by 58% compared with the 12 months before
    (between 23% and 103%, allowing for chance)."; or why there is none. All else is on its page. `is_year_more`: what
    the verdict says of the same months."""
    comparison = result.comparison
    if comparison is None:
        return result.why
    than = f"compared with the {comparison.model.before} months before"
    if comparison.difference is not None:
        than += f", against {describe_controls(controls)}"
    amount = find_amount(comparison, comparison.told, result.ratio)
    ends = describe_range(comparison.told, amount)
    if result.outcome is not Outcome.NO_CHANGE:
        return f"{upper_first(describe_moved(comparison.told, amount))} {than} ({ends}, allowing for chance)."
    if is_year_more is False:
        return f"{result.outcome.label}: {NO_MORE_THAN_CHANCE}."
    if is_year_more:
        return f"{result.outcome.label}, compared with its own ups and downs at {comparison.other_dates} other months."
    if comparison.told.leaves_out_none:
        return f"{result.outcome.label}, {than}: {lower_first(describe_as_large(comparison))}"
    unit = "" if amount.mark else amount.unit
    return f"{result.outcome.label}, {than}: {ends}{unit}."


def describe_elsewhere(told_at: Happening, result: Result) -> str:
    """Say where the change is told, of an event whose months it is in too."""
    way, since = name_way(result), told_at.first_after.label
    return f"Not judged here: the {way} from {since} is in the same months: see {told_at.label}."


def name_way(result: Result) -> str:
    return "fall" if result.outcome is Outcome.FELL else "rise"


def describe_as_large(comparison: BeforeAfter) -> str:
    """ "3 of 60 other months had a change that large."."""
    number = comparison.as_large or "None"
    what = "difference" if comparison.difference is not None else "change"
    return f"{number} of {comparison.other_dates} other months had a {what} that large."


def describe_came(came: Came, result: Result, ready: Month, told_at: Happening | None) -> str:
    """Compare the result with what somebody expected: "As expected: a fall of 24% (between 12% and
    35%)". `ready` is the month that must be published first."""
    if came is Came.TOO_EARLY:
        return f"{came.label}: look again once {ready.label} is published"
    if told_at is not None:
        return f"{came.label}: the {name_way(result)} is reported under {told_at.label}"
    comparison = result.comparison
    if comparison is None:
        return came.label
    in_points = result.ratio is not None and RATIO_KINDS[result.ratio.kind].points
    amount = PER_CENT_OF_SHARE if in_points else PER_CENT
    less = "" if comparison.difference is None else " against comparison areas"
    if came is Came.NOT_TOLD and amount.rounded(comparison.told.value):
        moved, ends = describe_moved(comparison.told, amount), describe_range(comparison.told, amount)
        return f"{came.label}: it {moved}{less}, which could be chance ({ends})"
    return f"{came.label}: {describe_move(comparison.told, amount)}{less}"


def describe_model(comparison: BeforeAfter, ratio: Ratio | None = None) -> str:
    """Describe the model for an analyst."""
    explained = {
        Season.NONE: "a level before and a level after",
        Season.TWO_WAVES: "a level, two waves of the year and a step at the event",
    }[comparison.model.season]
    trend = ", and a straight trend" if comparison.model.trend else ""
    per = ", divided by its denominator," if ratio else ""
    return (
        f"Model: the log of the expected figure{per} is {explained}{trend} (quasi-Poisson). The range allows "
        f"for the series’ own ups and downs at {comparison.other_dates} other months. It is wider if there are "
        "few such months."
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
            "it has only counts, and this indicator is worked out from two counts"
            if is_ratio
            else "a figure is missing in some of these months"
        )
        yield f"Not compared with {', '.join(open_names)}: {why}."
    if incomplete:
        yield (
            f"Left out: {count_areas(incomplete)} with permission, because a month is missing or is counted "
            "differently."
        )
    if too_few:
        yield (
            f"Left out: {count_areas(too_few)} with permission, because we need at least {LEAST_AREAS}. Otherwise "
            "someone could see a single area’s figures."
        )
    if without_consent:
        yield f"Left out: {count_areas(without_consent)}, because no permission to compare is in force."


def count_areas(number: int) -> str:
    return f"{number} area{'' if number == 1 else 's'} in this installation"


NOT_PUBLISHED = "No published month has a figure for it yet."


class Expected(NamedTuple):
    """What somebody expected, when they recorded it, by how many per cent it should change (−20 is a fall), and the
    result, as a label and as a sentence. Both are empty for an action's end, because its start shows them.
    """

    words: str
    when: str
    is_beforehand: bool
    percent: int
    came_shortly: str = ""
    came: str = ""


@dataclass(frozen=True, slots=True)
class Compared:
    """An event and an indicator: its series, its comparison and the result, and the verdict on the series in its newest
    month. No series if nothing is published."""

    series: PublishedSeries | None
    controls: Controls
    result: Result
    unit: str = ""
    verdict: str = ""
    is_year_more: bool | None = None  # if the verdict's two years are the months compared: whether they differ


@dataclass(frozen=True, slots=True)
class OutcomeView:
    """The outcome of an event for one of its indicators. `levels` is empty if they can't be compared."""

    happening: Happening
    aim: NamedAim
    compared: Compared
    sentence: str
    verdict: str  # on the series, as on every other page; empty where nothing is compared
    url: str
    said: tuple[Expected, ...]
    provisional: str  # which of the compared months may still change
    levels: tuple[Level, ...] = ()
    told_at: Happening | None = None  # the event at which the same change is told

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
    def is_foreseen(self) -> bool:
        """Return whether somebody said beforehand what to expect of it."""
        return any(said.is_beforehand for said in self.said)

    @property
    def is_claimed(self) -> bool:
        """Return whether a change is told here."""
        return self.outcome.is_claimed and self.told_at is None


def compare_published(parts: Sequence[Part], happening: Happening, candidates: Candidates) -> Compared:
    if not parts:
        return Compared(None, Controls(), Result(Outcome.REFUSED, why=NOT_PUBLISHED))
    series, event = join(parts), happening.first_after
    controls = choose_controls(series, event, candidates)
    newest = parts[0]
    result, said = work_out(series, event, controls), verdict(newest.line, newest.month)
    is_year_more = judge_same_months(newest, event, result, controls)
    # A verdict and an outcome about the same months say the same.
    if is_year_more is False and result.outcome.is_claimed:
        result = replace(result, outcome=Outcome.NO_CHANGE)
    return Compared(series, controls, result, describe_unit(newest.line), said, is_year_more)


def judge_same_months(newest: Part, event: Month, result: Result, controls: Controls) -> bool | None:
    """Return what the verdict says of the very months that are compared; None if it compares others."""
    comparison = result.comparison
    if comparison is None or controls.number or event != newest.month + -(YEAR - 1):
        return None
    is_same = comparison.span.after == comparison.model.before == YEAR
    return compare_line(newest.line).is_more_than_chance if is_same else None


def list_said(
    happening: Happening,
    code: str,
    compared: Compared,
    expectations: Iterable[Expectation],
    told_at: Happening | None,
) -> tuple[Expected, ...]:
    """Return what was expected for one indicator, out of all expectations in the area."""
    relevant = [said for said in expectations if said.indicator.code == code and is_about(said, happening.label)]
    return tuple(
        Expected(
            words.words,
            words.when,
            words.is_beforehand,
            said.signed_percent,
            *describe_what_came(said, happening, compared, told_at),
        )
        for said, words in zip(relevant, make_said(relevant), strict=True)
    )


def describe_what_came(
    said: Expectation, happening: Happening, compared: Compared, told_at: Happening | None
) -> tuple[str, str]:
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
    if told_at is not None and came is not Came.TOO_EARLY:
        came = Came.NOT_TOLD
    return came.label, describe_came(came, result, ready, told_at)


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


class Claim(NamedTuple):
    """An event and an indicator, compared. It `is_foreseen` if somebody said beforehand what to expect."""

    happening: Happening
    aim: NamedAim
    compared: Compared
    is_foreseen: bool

    @property
    def clearness(self) -> float:
        """Return how many halves of its range the change is from none, on the log scale."""
        assert self.compared.result.comparison is not None  # noqa: S101  # only what is claimed is asked
        change = self.compared.result.comparison.told
        return abs(log1p(change.value)) / (log1p(change.upper) - log1p(change.value))

    def is_same_change(self, other: "Claim") -> bool:
        """Return whether both claim a change of one series, in one direction and in some of the same months."""
        one, another = self.compared.result, other.compared.result
        if one.comparison is None or another.comparison is None or self.aim.code != other.aim.code:
            return False
        apart = other.happening.first_after - self.happening.first_after
        is_overlapping = -another.comparison.span.after < apart < one.comparison.span.after
        return one.outcome.is_claimed and one.outcome is another.outcome and is_overlapping


def make_outcome(
    area: PartnershipArea, claim: Claim, expectations: Iterable[Expectation], told_at: Happening | None
) -> OutcomeView:
    happening, aim, compared = claim.happening, claim.aim, claim.compared
    result = compared.result
    return OutcomeView(
        happening=happening,
        aim=aim,
        compared=compared,
        sentence=describe_elsewhere(told_at, result) if told_at else describe_claim(claim),
        verdict=find_verdict(compared),
        url=link_to("reporting:impact-view", area.slug, happening.reference, aim.code),
        said=list_said(happening, aim.code, compared, expectations, told_at),
        provisional=describe_provisional(happening.first_after, compared),
        levels=make_levels(compared.series, result.comparison, happening.first_after),
        told_at=told_at,
    )


def find_verdict(compared: Compared) -> str:
    """Return the verdict on the series as it stands beside the outcome; empty if nothing is compared."""
    if compared.result.comparison is None:
        return ""
    return leave_out_no_more(compared.verdict) if compared.result.outcome.is_claimed else compared.verdict


def describe_claim(claim: Claim) -> str:
    compared = claim.compared
    return describe_result(compared.result, compared.controls, is_year_more=compared.is_year_more)


def find_teller(claim: Claim, claims: Iterable[Claim]) -> Happening | None:
    """Return the event at which the same change is told; None if it is told here, or none is claimed. A change is told
    once: at the event of which it was expected beforehand, and of those at the one where it is clearest.
    """
    same = [other for other in claims if claim.is_same_change(other)]
    teller = max(same, key=lambda one: (one.is_foreseen, one.clearness), default=claim)
    return None if teller.happening == claim.happening else teller.happening


type Pair = tuple[Happening, NamedAim]


def make_outcomes(
    area: PartnershipArea,
    pairs: Sequence[Pair],
    expectations: Sequence[Expectation],
    *,
    happenings: Sequence[Happening],
    until: Month | None = None,
) -> list[OutcomeView]:
    """Return the outcome of each event for each indicator, as known when the month `until` was the newest. `happenings`
    are all of the area: one of them may be where a change is told. A hundred need as many queries as one.
    """
    codes = {aim.code for _, aim in pairs}
    parts = list_parts([area.pk], codes, until=until) if codes else {}
    candidates = list_candidates(area, codes)
    claims = {
        (happening.reference, aim.code): Claim(
            happening,
            aim,
            compare_published(parts.get((area.pk, aim.code), []), happening, candidates[aim.code]),
            is_foreseen(happening, aim.code, expectations),
        )
        for happening, aim in [*pairs, *list_rivals(pairs, happenings)]
    }
    return [
        make_outcome(area, claim, expectations, find_teller(claim, claims.values()))
        for claim in (claims[happening.reference, aim.code] for happening, aim in pairs)
    ]


def is_foreseen(happening: Happening, code: str, expectations: Iterable[Expectation]) -> bool:
    about = [said for said in expectations if said.indicator.code == code and is_about(said, happening.label)]
    return any(map(was_said_beforehand, about))


def list_rivals(pairs: Sequence[Pair], happenings: Sequence[Happening]) -> Iterable[Pair]:
    """Yield the other events that may move the same indicators and whose months after overlap with those of a pair."""
    for happening in happenings:
        for aim in happening.aims:
            near = [other for other, its in pairs if its.code == aim.code]
            if any(abs(other.first_after - happening.first_after) < MOST_AFTER for other in near):
                yield happening, aim


class FiguresWithOutcomes(MonthFigures):
    """Implements actions.month_figures.Figures: monthly figures, and before and after."""

    def list_outcomes(self, area: PartnershipArea, number: int) -> list[OutcomeView]:
        every = list_happenings(area)
        happenings = [happening for happening in every if happening.is_action and happening.number == number]
        pairs = [(happening, aim) for happening in happenings for aim in happening.aims]
        return make_outcomes(area, pairs, list_expectations(area), happenings=every)
