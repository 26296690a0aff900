"""What came of each event, for partners? Every figure passes the disclosure gate in
`controls`."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from actions.models import Expectation
from actions.presenters.events import Said, describe_days, make_said
from actions.selectors.events import Happening, NamedAim
from boards.models import PartnershipArea
from boards.presenters.nav import cached_reverse
from core.months import Month
from reporting.impact.presenters.controls import Candidates, choose_controls, join_disclosed, list_candidates
from reporting.impact.presenters.words import describe_result, describe_shortly
from reporting.impact.results import Controls, Outcome, PublishedSeries, Result, work_out
from reporting.impact.selectors import Part, list_parts

NOT_PUBLISHED = "No month that holds a figure of it is published yet."


@dataclass(frozen=True, slots=True)
class OutcomeView:
    """What came of an event for one of its indicators."""

    happening: Happening
    aim: NamedAim
    outcome: Outcome
    sentence: str
    short: str
    url: str
    said: tuple[Said, ...]

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
    """An event and an indicator: its series, what it was compared with, and what can be told. No series where nothing
    is published."""

    series: PublishedSeries | None
    controls: Controls
    result: Result


def compare_published(parts: Sequence[Part], happening: Happening, candidates: Candidates) -> Compared:
    if not parts:
        return Compared(None, Controls(), Result(Outcome.REFUSED, why=NOT_PUBLISHED))
    series, event = join_disclosed(parts), happening.first_after
    controls = choose_controls(series, event, candidates)
    return Compared(series, controls, work_out(series, event, controls))


def list_said(happening: Happening, code: str, expectations: Iterable[Expectation]) -> tuple[Said, ...]:
    """What was expected of it for one indicator, out of all that was said in the area."""
    return make_said(
        said for said in expectations if said.indicator.code == code and is_about(said, happening.number_words)
    )


def is_about(said: Expectation, number_words: str) -> bool:
    about = said.action or said.event
    return about is not None and about.reference == number_words


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
        url=cached_reverse("reporting:impact-view", area.slug, happening.reference, aim.code),
        said=list_said(happening, aim.code, expectations),
    )


def make_outcomes(
    area: PartnershipArea,
    pairs: Sequence[tuple[Happening, NamedAim]],
    expectations: Sequence[Expectation],
    *,
    until: Month | None = None,
) -> list[OutcomeView]:
    """What came of each event for each indicator, as it could be told when the month `until` was the newest. As many
    queries for a hundred as for one."""
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
