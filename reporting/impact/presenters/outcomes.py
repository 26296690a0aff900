"""What followed each event, for partners? Every figure passes the disclosure gate in `controls`."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from actions.models import Expectation
from actions.presenters.events import describe_days, make_said
from actions.selectors.events import Happened, Happening, NamedAim
from boards.models import PartnershipArea
from core.links import link_to
from core.months import Month
from indicators.impact.expected import judge_expected
from indicators.impact.spans import LEAST_AFTER
from reporting.impact.presenters.controls import Candidates, choose_controls, list_candidates
from reporting.impact.presenters.levels import Level, make_levels
from reporting.impact.presenters.words import describe_came, describe_result, describe_shortly
from reporting.impact.published import PublishedSeries, join
from reporting.impact.results import Controls, Outcome, Result, work_out
from reporting.impact.selectors import Part, list_parts

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
class OutcomeView:
    """The outcome of an event for one of its indicators. `levels` is empty if they can't be compared."""

    happening: Happening
    aim: NamedAim
    outcome: Outcome
    sentence: str
    short: str
    url: str
    said: tuple[Expected, ...]
    provisional: str  # which of the compared months may still change
    levels: tuple[Level, ...] = ()

    @property
    def kind(self) -> str:
        return self.happening.kind.label

    @property
    def days(self) -> str:
        return describe_days(self.happening.day, self.happening.last_day)

    @property
    def is_told(self) -> bool:
        return self.outcome in (Outcome.FELL, Outcome.ROSE, Outcome.NO_CHANGE)


@dataclass(frozen=True, slots=True)
class Compared:
    """An event and an indicator: its series, its comparison and the result. No series if nothing is published."""

    series: PublishedSeries | None
    controls: Controls
    result: Result


def compare_published(parts: Sequence[Part], happening: Happening, candidates: Candidates) -> Compared:
    if not parts:
        return Compared(None, Controls(), Result(Outcome.REFUSED, why=NOT_PUBLISHED))
    series, event = join(parts), happening.first_after
    controls = choose_controls(series, event, candidates)
    return Compared(series, controls, work_out(series, event, controls))


def list_said(
    happening: Happening, code: str, compared: Compared, expectations: Iterable[Expectation]
) -> tuple[Expected, ...]:
    """Return what was expected for one indicator, out of all expectations in the area."""
    own = [said for said in expectations if said.indicator.code == code and is_about(said, happening.label)]
    return tuple(
        Expected(words.words, words.when, words.is_beforehand, *describe_what_came(said, happening, compared))
        for said, words in zip(own, make_said(own), strict=True)
    )


def describe_what_came(said: Expectation, happening: Happening, compared: Compared) -> tuple[str, str]:
    """Return it shortly, and in a sentence."""
    if happening.kind is Happened.FINISHED:
        return "", ""
    result, series = compared.result, compared.series
    # Whatever month was expected, enough months after the event must be published.
    ready = max(Month.of(said.by_month), happening.first_after + (LEAST_AFTER - 1))
    told = result.told
    came = judge_expected(
        said.signed_percent,
        told.told if told else None,
        is_claimed=told is not None and told.is_claimed,
        is_due=result.outcome is Outcome.REFUSED or (series is not None and series.last >= ready),
    )
    return came.label, describe_came(came, result, ready)


def is_about(said: Expectation, label: str) -> bool:
    about = said.action or said.event
    return about is not None and about.reference == label


def describe_provisional(event: Month, compared: Compared) -> str:
    """Say which of the compared months may still change; empty if none."""
    told, series = compared.result.told, compared.series
    if told is None or series is None:
        return ""
    first, end = event + -told.model.before, event + told.span.after
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
        outcome=compared.result.outcome,
        sentence=describe_result(compared.result, compared.controls),
        short=describe_shortly(compared.result),
        url=link_to("reporting:impact-view", area.slug, happening.reference, aim.code),
        said=list_said(happening, aim.code, compared, expectations),
        provisional=describe_provisional(happening.first_after, compared),
        levels=make_levels(compared.series, compared.result.told, happening.first_after),
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
