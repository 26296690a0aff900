"""What does the page of an event and an indicator show?"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from actions.models import Expectation
from actions.selectors.events import Happening, NamedAim
from boards.models import PartnershipArea
from core.months import Month
from indicators.impact.claim import BeforeAfter, Change
from indicators.impact.spans import MOST_AFTER
from indicators.ratios import Ratio
from reporting.charts.control_chart import UNIT, ControlChart, Drawn, Start, Usual, control_chart
from reporting.impact.presenters.controls import list_candidates
from reporting.impact.presenters.levels import Level
from reporting.impact.presenters.outcomes import OutcomeView, compare_published, make_outcome
from reporting.impact.presenters.words import (
    PER_CENT,
    Amount,
    describe_as_large,
    describe_controls,
    describe_model,
    describe_moved,
    describe_range,
    find_amount,
)
from reporting.impact.published import NEW_DEFINITION, PublishedSeries
from reporting.impact.results import Controls
from reporting.impact.selectors import list_parts
from reporting.months.presenters.sentences import describe_unit
from reporting.months.presenters.words import upper_first

NEAR = 12  # months within which another event may have moved it


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
        return f"{self.happening.label} {self.happening.title}"

    @property
    def levels(self) -> tuple[Level, ...]:
        return self.outcome.levels

    @property
    def changes(self) -> tuple[tuple[str, str], ...]:
        """Describe each change: its name, and its size with its range."""
        told = self.told
        if told is None:
            return ()
        amount = find_amount(told, told.change, self.ratio)
        rows = [("Here", describe_change(told.change, amount))]
        if amount != PER_CENT:
            rows.append(("Here, in per cent of what it was", describe_change(told.change)))
        if told.controls is not None and told.difference is not None:
            of = ", in per cent of what it was" if amount != PER_CENT else ""
            rows.append((f"In {describe_controls(self.controls)} together{of}", describe_change(told.controls)))
            left = find_amount(told, told.difference, self.ratio)
            rows.append(("Difference", describe_change(told.difference, left)))
        return tuple(rows)

    @property
    def ratio(self) -> Ratio | None:
        return self.series.ratio if self.series else None

    @property
    def is_cut_short(self) -> bool:
        """Return whether there are later published months, but too few months before to compare them with
        (docs/impact.md, R2).
        """
        if self.told is None or self.series is None:
            return False
        after = self.event + self.told.span.after
        is_comparable = after <= self.series.last and after not in self.series.starts
        return self.told.span.after < MOST_AFTER and is_comparable and self.series.known[after - self.series.first]

    @property
    def as_large(self) -> str:
        return describe_as_large(self.told) if self.told else ""

    @property
    def model(self) -> str:
        return describe_model(self.told, self.ratio) if self.told else ""

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
        if told := self.told:
            before, after = (
                series.ratio.in_tenths(level) if series.ratio else level for level in (told.before, told.after)
            )
            # Each slice gets as many values as it has, so no place moves.
            usual[place - told.model.before : place] = [Usual(None, before, None)] * told.model.before
            usual[place : place + told.span.after] = [Usual(None, after, None)] * told.span.after
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
    until: Month | None = None,
) -> ImpactView:
    """Make the page's view. `beside` are the other events that name the same indicator; `until` as in make_outcomes."""
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
        unit=describe_unit(parts[0].line) if parts else "",
    )
