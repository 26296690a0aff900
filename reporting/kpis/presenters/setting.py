"""What does a person see who sets a KPI or moves its target?"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from django.urls import reverse

from actions.models import Kpi, KpiTarget
from core.months import Month
from indicators.kpis.aims import mean_figure, show_amount
from indicators.kpis.scale import find_sign, show_in
from indicators.models import Indicator
from indicators.trend import Polarity
from reporting.kpis.selectors import PublishedSeries
from reporting.kpis.targets import Prepared

YEAR, USUAL_BASELINE = 12, 24  # months


@dataclass(frozen=True, slots=True)
class Start:
    """What a form starts with: the months that it offers, and its hints."""

    months: Sequence[Month]
    initial: dict[str, Any]
    lead: str
    per_month: str
    has_figures: bool


@dataclass(frozen=True, slots=True)
class OutlookView:
    """Whether this town could see it. `aim` is a sentence on the target."""

    aim: str
    said: str
    offers: Sequence[str]
    is_enough: bool


def make_start(indicator: Indicator, series: PublishedSeries) -> Start:
    months = [one.month for one in series.months]
    initial: dict[str, Any] = {}
    if months:
        initial = {"baseline_from": str(months[-USUAL_BASELINE:][0]), "baseline_to": str(months[-1])}
    if indicator.polarity != Polarity.NEUTRAL:
        initial["better"] = indicator.polarity
    return make_start_with(initial, indicator, series)


def make_start_of_move(kpi: Kpi, target: KpiTarget, series: PublishedSeries) -> Start:
    """Return a form with the KPI's present target."""
    aim = target.aim
    initial = {
        "baseline_from": str(Month.of(target.baseline_from)),
        "baseline_to": str(Month.of(target.baseline_to)),
        "better": target.better,
        "target": show_amount(target.target).replace(",", ""),
        "due": str(aim.due),
        "begins": str(aim.begins),
        "steps": "\n".join(f"{step.month} {step.value:g}" for step in aim.steps),
        "seen": target.version,
    }
    return make_start_with(initial, kpi.indicator, series)


def make_start_with(initial: dict[str, Any], indicator: Indicator, series: PublishedSeries) -> Start:
    return Start(
        months=[one.month for one in series.months],
        initial=initial,
        lead=describe_year(series),
        per_month=describe_target(indicator, series),
        has_figures=any(one.figure is not None for one in series.months),
    )


def describe_year(series: PublishedSeries) -> str:
    """ "In the 12 months to September 2026 there were 35.8 a month."."""
    newest = series.months[-YEAR:]
    figures = [one.figure for one in newest if one.figure is not None and one.figure.of != 0]
    if not figures:
        return "No published month has a figure for it yet. A baseline needs some."
    value = mean_figure(figures, per=series.scale.per)
    last = newest[-1].month.label
    return f"In the {len(newest)} months to {last} it was {show_in(value, series.scale.aim_unit)}."


def describe_target(indicator: Indicator, series: PublishedSeries) -> str:
    """ "In arrests a month.", "In %.", "The number per 10,000."."""
    scale = series.scale
    if scale.per is None:
        return f"In {indicator.unit_many}{scale.aim_unit}."
    sign = find_sign(scale.unit)
    return f"In {sign}." if sign else f"The number{scale.unit}."


def describe_outlook(prepared: Prepared) -> OutlookView:
    aim, series, outlook = prepared.aim, prepared.series, prepared.outlook

    def describe(value: float) -> str:
        return show_in(value, series.scale.aim_unit)

    first, last = prepared.baseline[0].month, prepared.baseline[-1].month
    sentence = (
        f"From {describe(aim.baseline)} ({first.label} to {last.label}) to {describe(aim.target)} by {aim.due.label}; "
        f"{aim.better.value} is better."
    )
    return OutlookView(sentence, outlook.said, outlook.offers, outlook.is_enough)


@dataclass(frozen=True, slots=True)
class SectionOfChoices:
    title: str
    indicators: Sequence[tuple[str, str]]  # title, address


def list_choices(indicators: Iterable[Indicator], *, slug: str) -> list[SectionOfChoices]:
    sections: dict[str, list[tuple[str, str]]] = {}
    for indicator in indicators:
        url = reverse("reporting:kpi-set", args=[slug, indicator.code])
        sections.setdefault(indicator.section.title, []).append((indicator.title, url))
    return [SectionOfChoices(title, found) for title, found in sections.items()]
