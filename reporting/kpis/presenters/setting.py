"""What does somebody see who sets a KPI or moves its target?"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from django.urls import reverse

from actions.models import Kpi, KpiTarget
from core.months import Month
from indicators.kpis.aims import mean_figure
from indicators.models import Indicator
from indicators.trend import Polarity
from reporting.kpis.presenters.standings import describe_number
from reporting.kpis.selectors import PublishedSeries
from reporting.kpis.targets import Prepared

YEAR, USUAL_BASELINE = 12, 24  # months


@dataclass(frozen=True, slots=True)
class Start:
    """What a form begins with: the months that it offers, and what it says of them."""

    months: Sequence[Month]
    initial: dict[str, Any]
    lead: str
    per_month: str


@dataclass(frozen=True, slots=True)
class OutlookView:
    """Whether this town could see it. `aim` is what is to be set, in a sentence."""

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
    return Start(months, initial, describe_year(series), describe_target(indicator, series))


def make_start_of_move(kpi: Kpi, target: KpiTarget, series: PublishedSeries) -> Start:
    """With the target that it has."""
    aim = target.aim
    initial = {
        "baseline_from": str(Month.of(target.baseline_from)),
        "baseline_to": str(Month.of(target.baseline_to)),
        "better": target.better,
        "target": describe_number(target.target).replace(",", ""),
        "due": str(aim.due),
        "begins": str(aim.begins),
        "steps": "\n".join(f"{step.month} {step.value:g}" for step in aim.steps),
        "seen": target.version,
    }
    months = [one.month for one in series.months]
    return Start(months, initial, describe_year(series), describe_target(kpi.indicator, series))


def describe_year(series: PublishedSeries) -> str:
    """ "In the 12 months to September 2026 there were 35.8 a month."."""
    newest = series.months[-YEAR:]
    figures = [one.figure for one in newest if one.figure is not None and one.figure.of != 0]
    if not figures:
        return "No published month has a figure of it yet: a baseline needs some."
    value = mean_figure(figures, per=series.per)
    words = f"{describe_number(value)} a month" if series.per is None else describe_number(value, series.unit)
    last = newest[-1].month.label
    return f"In the {len(newest)} months to {last} it was {words}."


def describe_target(indicator: Indicator, series: PublishedSeries) -> str:
    if series.per is None:
        return f"In {indicator.unit_many} a month."
    return f"As it is shown, in{series.unit}."


def describe_outlook(prepared: Prepared) -> OutlookView:
    aim, series, outlook = prepared.aim, prepared.series, prepared.outlook

    def describe(value: float) -> str:
        return f"{describe_number(value)} a month" if series.per is None else describe_number(value, series.unit)

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
