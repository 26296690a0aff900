"""Compares a target with what was published, before anybody sets it: whether this town's figures could show it."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import isfinite
from typing import Any

from django.core.exceptions import ValidationError
from django.utils import timezone

from core.calendar import Month, months_between
from indicators.impact.claim import LEAST_DATES
from indicators.judgement.judge import Counted
from indicators.kpis.aims import Aim, Fault, Figure, Scale, Step, find_faults, mean_figure
from indicators.kpis.could_see import CannotSay, Series, could_see, describe_moves
from indicators.kpis.spread import Basis, find_spreads, has_other_dates
from indicators.models import Indicator
from indicators.ratios import RATIO_KINDS, RatioKind
from indicators.trend import CellState, Polarity
from reporting.kpis.selectors import PublishedMonth, PublishedSeries, list_fellows, list_near, list_published
from reporting.months.kpi_lines import measure, read_scale
from reporting.months.presenters.words import lower_first, upper_first
from reporting.months.selectors import list_newest_wholes

LEAST_MONTHS = 3  # of a baseline
OF_AN_AVERAGE = (
    "We can tell how much an average varies only from its own monthly figures. Choose at least {} months for the "
    "baseline."
)
MOST_NAMED = 3  # most months named in a sentence
FARTHEST = 20 * 12  # months ahead


@dataclass(frozen=True, slots=True, kw_only=True)
class TargetDraft:
    """The baseline and target that somebody wants. Without `begins`, it counts from the month after the baseline."""

    baseline_from: Month
    baseline_to: Month
    better: Polarity
    target: float
    due: Month
    begins: Month | None = None
    steps: tuple[Step, ...] = ()


@dataclass(frozen=True, slots=True)
class Outlook:
    """The text before it is set: a sentence on the chances, and what would show more clearly."""

    said: str
    offers: tuple[str, ...] = ()
    is_enough: bool = False

    @property
    def sentences(self) -> list[str]:
        return [self.said, *self.offers]


@dataclass(frozen=True, slots=True)
class History:
    """The published figures before a KPI begins that are counted as its baseline is, and what they say of its range.
    `rests_from` is the first month that the range rests on beside the baseline; None if it rests on that alone."""

    first: Month
    figures: Sequence[Figure | None]
    basis: Basis
    rests_from: Month | None


@dataclass(frozen=True, slots=True)
class Prepared:
    """A valid target, with the figures of its baseline and their result."""

    aim: Aim
    baseline: tuple[PublishedMonth, ...]
    series: PublishedSeries
    history: "History"
    outlook: Outlook

    @property
    def change(self) -> float:
        """Return the change as a fraction of the baseline, which isn't 0."""
        return (self.aim.target - self.aim.baseline) / self.aim.baseline

    @property
    def kept_figures(self) -> list[dict[str, object]]:
        """Return the baseline's figures as a target stores them, without repeated figures."""
        return [
            {
                "month": str(one.month),
                "version": one.version,
                "value": one.figure and one.figure.cases,
                "of": one.figure and one.figure.of,
            }
            for one in self.baseline
            if not one.is_held
        ]


def prepare_target(indicator: Indicator, draft: TargetDraft, *, smallest: int, strand_id: int) -> Prepared:
    """Compare a target with what was published, and say whether this town could see it. Raises ValidationError, by
    field.
    """
    series = list_published(indicator)
    baseline = check_baseline(draft, series, title=indicator.title)
    if series.scale.is_average and sum(not one.is_held for one in baseline) < LEAST_DATES:
        raise _wrong("baseline_to", OF_AN_AVERAGE.format(LEAST_DATES))
    figures = [one.figure for one in baseline if one.figure is not None]
    aim = Aim(
        better=draft.better,
        baseline=mean_figure(figures, per=series.scale.per),
        target=draft.target,
        begins=draft.begins or draft.baseline_to.next,
        due=draft.due,
        steps=draft.steps,
    )
    faults = [*_list_faults(aim, draft, ratio=indicator.ratio), *_list_faults_of_change(aim, smallest)]
    if faults:
        # Of two faults in one field, the first is shown.
        raise ValidationError({fault.part: fault.sentence for fault in reversed(faults)})
    history = gather_history(series, baseline, aim.begins)
    outlook = foresee(indicator, aim, baseline, history, series.scale, strand_id=strand_id)
    return Prepared(aim, tuple(baseline), series, history, outlook)


def gather_history(series: PublishedSeries, baseline: Sequence[PublishedMonth], begins: Month) -> History:
    """Return what the range of a KPI rests on. A repeated figure was counted once."""
    by_month, scale = series.by_month, series.scale
    first = next(one.month for one in series.months if one.counted_since == baseline[0].counted_since)
    figures = [_own_figure(by_month.get(month)) for month in months_between(first, begins.previous)]
    weight = sum(1 if figure.of is None else figure.of for one in baseline if (figure := _own_figure(one)))
    skipped = begins - baseline[-1].month - 1
    spreads = find_spreads(figures, months=len(baseline), skipped=skipped, is_part=scale.is_part)
    has_dates = has_other_dates(figures, months=len(baseline), skipped=skipped)
    return History(first, figures, Basis(weight, spreads), first if has_dates else None)


def _own_figure(published: PublishedMonth | None) -> Figure | None:
    return published.figure if published is not None and not published.is_held else None


# --- What may be wrong ----------------------------------------------------------------------------


def check_baseline(draft: TargetDraft, series: PublishedSeries, *, title: str) -> list[PublishedMonth]:
    """Return the months of the baseline: published, each with a figure, all counted in the same way. Raises
    ValidationError.
    """
    months = list(months_between(draft.baseline_from, draft.baseline_to))
    if not months:
        raise _wrong("baseline_to", "The baseline’s last month can’t be before its first month.")
    if len(months) < LEAST_MONTHS:
        raise _wrong("baseline_to", f"Choose at least {LEAST_MONTHS} months for the baseline.")
    by_month = series.by_month
    missing = [month for month in months if month not in by_month]
    if missing:
        raise _wrong(
            "baseline_from",
            f"A baseline can have published months only. For {title}, {_name(missing)} {_are(missing)}n’t published.",
        )
    baseline = [by_month[month] for month in months]
    awaited = [one.month for one in baseline if one.state is CellState.AWAITED]
    if awaited:
        sentence = f"Every month of a baseline needs its figure. The figure for {_name(awaited)} is awaited."
        raise _wrong("baseline_from", sentence)
    empty = [one.month for one in baseline if not one.is_held and (one.figure is None or one.figure.of == 0)]
    if empty:
        raise _wrong(
            "baseline_from", f"Each month of a baseline needs a figure, and {_name(empty)} {_has(empty)} none."
        )
    with_own_figure = sum(not one.is_held for one in baseline)
    if with_own_figure < LEAST_MONTHS:
        words = f"only {with_own_figure} of these months had their own figure, and a baseline needs {LEAST_MONTHS}"
        raise _wrong("baseline_to", f"Choose a longer baseline: {words}.")
    anew = [one for one in series.months if one.month > months[0] and one.counted_since != baseline[0].counted_since]
    if anew:
        since = Month.of(anew[-1].counted_since).label
        sentence = f"{title} has been counted differently since {since}. Choose a baseline that starts then or later."
        raise _wrong("baseline_from", sentence)
    return baseline


def _list_faults(aim: Aim, draft: TargetDraft, *, ratio: str) -> list[Fault]:
    faults = find_faults(aim, now=Month.of(timezone.localdate()))
    if ratio and RATIO_KINDS[ratio].is_part and aim.target > 100:
        faults.append(Fault("target", f"{upper_first(RatioKind(ratio).named)} can’t be above 100%. Enter 100 or less."))
    if aim.begins <= draft.baseline_to:
        sentence = f"Choose a first month after the baseline, which ends in {draft.baseline_to.label}."
        faults.append(Fault("begins", sentence))
    if aim.due - aim.begins > FARTHEST:
        faults.append(Fault("due", f"Choose a month within {FARTHEST // 12} years of the first month that counts."))
    return faults


def _list_faults_of_change(aim: Aim, smallest: int) -> list[Fault]:
    if not aim.baseline or not isfinite(aim.target):
        return []
    percent = abs(aim.target - aim.baseline) / aim.baseline * 100
    # A quotient's last bits must not refuse exactly the smallest change.
    if percent >= smallest - 1e-9:
        return []
    sentence = (
        f"The target is a change of {percent:.0f}%, and the smallest change worth noticing is {smallest}%. Choose a "
        "target further away, or a smaller change."
    )
    return [Fault("target", sentence)]


def _wrong(field: str, sentence: str) -> ValidationError:
    return ValidationError({field: sentence})


def _name(months: Sequence[Month]) -> str:
    """ "May 2026, June 2026 and 4 more"."""
    named, more = [month.label for month in months[:MOST_NAMED]], len(months) - MOST_NAMED
    last = f"{more} more" if more > 0 else named.pop()
    return f"{', '.join(named)} and {last}" if named else last


def _are(months: Sequence[Month]) -> str:
    return "is" if len(months) == 1 else "are"


def _has(months: Sequence[Month]) -> str:
    return "has" if len(months) == 1 else "have"


# --- Whether this town could see it ---------------------------------------------------------------


def foresee(
    indicator: Indicator,
    aim: Aim,
    baseline: Sequence[PublishedMonth],
    history: History,
    scale: Scale,
    *,
    strand_id: int,
) -> Outlook:
    """Return the chances by the rules of indicators.kpis.could_see, from what was published."""
    if not aim.baseline:
        return Outlook("The baseline is 0, so we can’t give the change in per cent.")
    change = (aim.target - aim.baseline) / aim.baseline
    series = Series(history.figures, scale)
    if scale.is_stock:
        return Outlook(describe_moves(series, change), is_enough=True)
    if any(one.is_held for one in baseline):
        return Outlook("This indicator isn’t collected each month, and we don’t know how much so few figures can show.")
    first = baseline[0].month - history.first
    try:
        chances = could_see(
            series,
            change=change,
            baseline=range(first, first + len(baseline)),
            spreads=history.basis.spreads,
            **list_alternatives(indicator, strand_id),
        )
    except CannotSay as why:
        return Outlook(str(why))
    return Outlook(chances.sentence, tuple(offer.sentence for offer in chances.offers), chances.is_enough)


def list_alternatives(indicator: Indicator, strand_id: int) -> dict[str, Any]:
    """Say where the same change may show more clearly: in other indicators of the section or the strand, the shares
    whose cases it counts, its whole, and the sum of the parts beside it.
    """
    fellows, near = list_fellows(indicator), list_near(indicator, strand_id)
    lines = list_newest_wholes(indicator.area, [one.code for one in {*fellows, *near}])
    # Most of a stock was there the month before. A rate shows only what its cases show. An average isn't looked for.
    seen = {
        code: Series(measure(line).figures, read_scale(line))
        for code, line in lines.items()
        if not Counted(line.counts_as).is_on_a_day and (not line.ratio or RATIO_KINDS[line.ratio].is_part)
    }
    together = [seen[one.code] for one in fellows if one.code in seen]
    names = " and ".join(one.title if place == 0 else lower_first(one.title) for place, one in enumerate(fellows))
    return {
        "others": {one.title: seen[one.code] for one in near if one.code in seen},
        # Only with every part: the sum of some would be something else.
        "sums": {f"{names} together": together} if len(together) == len(fellows) > 1 else {},
    }
