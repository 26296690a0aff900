"""What came of each event, for partners? Every figure passes the disclosure gate here."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from actions.models import Expectation
from actions.presenters.events import Said, describe_days, make_said
from actions.selectors.events import Happening, NamedAim
from boards.models import PartnershipArea
from boards.presenters.nav import cached_reverse
from indicators.disclosure import Audience, disclose
from reporting.impact.presenters.controls import NO_CONTROLS, list_controls
from reporting.impact.presenters.words import describe_result, describe_shortly
from reporting.impact.results import Controls, Outcome, PublishedSeries, Result, join, work_out
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


def make_series(parts: Sequence[Part]) -> PublishedSeries:
    """Raises AudienceRefused."""
    disclose([part.line for part in parts], audience=Audience.PARTNERS)
    return join(parts)


def make_result(parts: Sequence[Part], happening: Happening, controls: Controls) -> Result:
    if not parts:
        return Result(Outcome.REFUSED, why=NOT_PUBLISHED)
    return work_out(make_series(parts), happening.first_after, controls)


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
    parts: Sequence[Part],
    controls: Controls,
    expectations: Iterable[Expectation],
) -> OutcomeView:
    result = make_result(parts, happening, controls)
    return OutcomeView(
        happening=happening,
        aim=aim,
        outcome=result.outcome,
        sentence=describe_result(result, controls),
        short=describe_shortly(result),
        url=cached_reverse("reporting:impact-view", area.slug, happening.reference, aim.code),
        said=list_said(happening, aim.code, expectations),
    )


def make_outcomes(
    area: PartnershipArea, pairs: Sequence[tuple[Happening, NamedAim]], expectations: Sequence[Expectation]
) -> list[OutcomeView]:
    """What came of each event for each indicator. As many queries for a hundred as for one."""
    codes = {aim.code for _, aim in pairs}
    parts = list_parts([area.pk], codes) if codes else {}
    controls = list_controls(area, parts)
    return [
        make_outcome(
            area, happening, aim, parts.get((area.pk, aim.code), []), controls.get(aim.code, NO_CONTROLS), expectations
        )
        for happening, aim in pairs
    ]
