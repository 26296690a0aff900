"""What a published month would say now: its present figures, under the set-up that it was published with.

A next version is worth publishing only if a figure of the month changed, or something that follows from one: the month
before, a movement, limits, a judgement. A change of title, owner, board or rules makes no version. So the lines are
those of the published version. A line with unchanged figures is copied. Another is worked out again from its figures,
with the title, the polarity and the definitions that it was published with.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db.models import F, Q
from django.utils import timezone

from boards.models import ReportingPeriod
from core.calendar import Month
from indicators.judgement.judge import Counted
from indicators.models import Category, Correction, FigureAct, FigureChange, Indicator
from indicators.trend import CellState, Polarity
from indicators.workflow import CorrectionState
from reporting.models import IndicatorLine, Snapshot
from reporting.models.line_fields import LineRevision, line_key, list_names
from reporting.months.inputs import (
    Inputs,
    Series,
    Starts,
    find_figure,
    find_ratio,
    find_starts,
    hash_series,
    is_live,
    list_counts,
    list_parts,
    read_series,
)
from reporting.months.lines import HISTORY_MONTHS, LINE_FIELDS, make_line, name_levels, what_is_said

RESIDENTS_CAME = "The number of residents is now known."
COPIED = tuple(name for name in LINE_FIELDS if name not in list_names(LineRevision))


@dataclass(frozen=True, slots=True)
class Revision:
    """A line whose figure differs from the published version, and the entered figures that may explain it. `origins`
    are indicators with the first day of the month in which each was entered: for a ratio, its two counts; for a
    repeated figure, also the months that it was and is from. A change of them gives the reason if it was made `since`
    the published version was worked out. If there was none, `otherwise` gives it.
    """

    line: IndicatorLine
    area: int
    origins: frozenset[tuple[int, date]]
    category: int | None
    since: datetime
    otherwise: str = ""

    @classmethod
    def of(
        cls,
        line: IndicatorLine,
        old: IndicatorLine,
        period: ReportingPeriod,
        indicator: Indicator,
        part: Category | None,
        *,
        since: datetime,
    ) -> "Revision":
        days = {period.starts_on}
        if not indicator.ages:  # residents are for a year
            days |= {version.of_when for version in (line, old) if version.of_when}
        counts = list_counts(indicator) or [indicator]
        return cls(
            line,
            period.area_id,
            frozenset((count.pk, day) for count in counts for day in days),
            part.pk if part else None,
            since,
            RESIDENTS_CAME if indicator.ages and old.denominator is None else "",
        )


def published_lines(snapshots: Iterable[Snapshot]) -> dict[int, list[IndicatorLine]]:
    """Return the lines of published versions, by the version's key. One query, or none."""
    keys = [snapshot.pk for snapshot in snapshots]
    lines: dict[int, list[IndicatorLine]] = {key: [] for key in keys}
    if keys:
        for line in IndicatorLine.objects.filter(snapshot__in=keys).order_by("position"):
            lines[line.snapshot_id].append(line)
    return lines


def revised_lines(
    period: ReportingPeriod,
    kept: Sequence[IndicatorLine],
    inputs: Inputs,
    revisions: list[Revision],
    *,
    since: datetime,
) -> list[IndicatorLine] | None:
    """Return the lines of the month's next version; None if it would say the same as the published one, which was
    worked out at `since`. Adds to `revisions` what needs a reason.
    """
    indicators = {indicator.code: indicator for indicator in inputs.indicators[period.area_id]}
    lines, has_changed, changed_lines = [], False, []
    for old in kept:
        line = copy_line(old)
        lines.append(line)
        place = find_place(old, indicators, inputs)
        if place is None:
            continue
        indicator, part = place
        series, starts = series_as_published(period, old, indicator, part, inputs)
        line.inputs = hash_series(series)
        # An unchanged line stays as it was published, even where today's rules would judge it differently.
        if line.inputs == old.inputs:
            continue
        said = what_is_said(
            series,
            starts,
            polarity=Polarity(old.polarity),
            counted=Counted(indicator.counts_as),
            ratio=find_ratio(indicator) if indicator.ratio else None,
        )
        if all(getattr(line, name) == value for name, value in said.items()):
            continue  # a figure that nobody sees now
        has_changed = True
        for name, value in said.items():
            setattr(line, name, value)
        line.counts_as = indicator.counts_as
        name_levels(line, period.month, part, inputs.level_names[indicator.pk])
        if mark(line, old):
            changed_lines.append(Revision.of(line, old, period, indicator, part, since=since))
    for line, indicator, part in added_lines(period, kept, inputs):
        has_changed = True
        line.revised_state = CellState.AWAITED.value
        put_in(lines, line)
        changed_lines.append(Revision.of(line, line, period, indicator, part, since=since))
    if not has_changed:
        return None
    revisions += changed_lines
    for position, line in enumerate(lines):
        line.position = position
    return lines


def copy_line(old: IndicatorLine) -> IndicatorLine:
    """Return the line as it was published, without that version's own revisions."""
    line = IndicatorLine(**{name: getattr(old, name) for name in COPIED})
    # New dictionaries: `mark_history` writes into them, and the old line is still compared.
    line.steps = [{key: value for key, value in step.items() if key != "revised"} for step in old.steps]
    return line


def find_place(
    old: IndicatorLine, indicators: dict[str, Indicator], inputs: Inputs
) -> tuple[Indicator, Category | None] | None:
    """Return what the line counts, if that is still set up."""
    indicator = indicators.get(old.indicator_code)
    if indicator is None or not inputs.definitions[indicator.pk]:
        return None
    if not old.category_code:
        return indicator, None
    categories = inputs.categories[indicator.dimension_id] if indicator.dimension_id else []
    return next(((indicator, part) for part in categories if part.code == old.category_code), None)


def series_as_published(
    period: ReportingPeriod, old: IndicatorLine, indicator: Indicator, part: Category | None, inputs: Inputs
) -> tuple[Series, Starts]:
    """Return the line's present figures, under the definitions and ways of recording that it was published with. A line
    knows those of the months that it shows, the first in force when they start. Earlier ones count no month shown. A
    definition added before the first, without a figure, doesn't move the start of the series.
    """
    stored_starts = {date.fromisoformat(step["from"]): step.get("why", "") for step in old.steps}
    first = next(iter(stored_starts))
    starts = {day: why for day, why in find_starts(indicator, inputs).items() if day < first} | stored_starts
    series = read_series(period, indicator, part, inputs, list(starts))
    if len(old.history) < HISTORY_MONTHS:
        begun = Month.of(first)
        for month in [month for month in series if month < begun]:
            if series[month].state is not CellState.AWAITED:
                break
            del series[month]
    return series, starts


def mark(line: IndicatorLine, old: IndicatorLine) -> bool:
    """Note what the line had in the published version, if its figure differs now."""
    line.is_previous_revised = (line.previous_state, line.previous_value) != (old.previous_state, old.previous_value)
    mark_history(line, old)
    if (line.state, line.value) == (old.state, old.value):
        return False
    line.revised_state, line.revised_value = old.state, old.value
    return True


def mark_history(line: IndicatorLine, old: IndicatorLine) -> None:
    """Note on each step which of its months differ from the published version. Both end with this month."""
    ends = len(line.history)
    both = range(1, min(ends, len(old.history)) + 1)
    places = [ends - back for back in both if line.history[-back] != old.history[-back]]
    starts = [step["at"] for step in line.steps]
    for step, start, end in zip(line.steps, starts, [*starts[1:], ends], strict=True):
        if within := sorted(place for place in places if start <= place < end):
            step["revised"] = within


def added_lines(
    period: ReportingPeriod, kept: Sequence[IndicatorLine], inputs: Inputs
) -> Iterable[tuple[IndicatorLine, Indicator, Category | None]]:
    """Return lines that got a figure for the month since, and weren't in the published version at all."""
    keys = {line_key(line) for line in kept}
    month = period.month
    for indicator in inputs.indicators[period.area_id]:
        if not is_live(indicator, inputs.definitions[indicator.pk], month):
            continue
        reported = inputs.figures[indicator.pk][month]
        for part in list_parts(indicator, month, inputs):
            is_known = (indicator.code, part.code if part else "") in keys
            if not is_known and find_figure(indicator, part, reported).state is not CellState.AWAITED:
                yield make_line(period, indicator, part, inputs), indicator, part


def put_in(lines: list[IndicatorLine], line: IndicatorLine) -> None:
    """Find a new line's position: after the last line of its indicator, or of its section, or at the end."""
    for same in ("indicator_code", "section_code"):
        places = [at for at, other in enumerate(lines) if getattr(other, same) == getattr(line, same)]
        if places:
            lines.insert(places[-1] + 1, line)
            return
    lines.append(line)


# --- Why ------------------------------------------------------------------------------------------


def explain(revisions: Sequence[Revision]) -> None:
    """Note why each figure was changed, at whose request, and when; the newest of several changes. Two queries, or
    none.
    """
    if not revisions:
        return
    origins = frozenset().union(*(revision.origins for revision in revisions))
    where = Q(
        period__area__in={revision.area for revision in revisions},
        period__starts_on__in={day for _, day in origins},
        indicator__in={indicator for indicator, _ in origins},
    )
    changed = ~Q(state_before=F("state_after")) | ~Q(value_before=F("value_after"))
    # In SQL, NULL differs from nothing, so name both directions.
    changed |= Q(value_before__isnull=True, value_after__isnull=False)
    changed |= Q(value_before__isnull=False, value_after__isnull=True)
    changes = FigureChange.objects.filter(where & changed, made_at__gte=min(revision.since for revision in revisions))
    newest: dict[tuple[int, date], dict[int | None, FigureChange]] = defaultdict(dict)
    for change in changes.select_related("made_by", "period").order_by("made_at", "id"):
        of_figure = newest[change.indicator_id, change.period.starts_on]
        of_figure[change.category_id] = of_figure[None] = change  # a category's change is the whole's too
    accepted = Correction.objects.filter(where, state=CorrectionState.ACCEPTED.value).select_related("asked_by")
    asked_by: dict[Any, str] = {
        (one.period_id, one.indicator_id, one.category_id, one.decided_at): str(one.asked_by) for one in accepted
    }
    for revision in revisions:
        changes_of_origins = [newest[origin].get(revision.category) for origin in revision.origins if origin in newest]
        later_changes = [
            change for change in changes_of_origins if change is not None and change.made_at >= revision.since
        ]
        why = max(later_changes, key=lambda change: (change.made_at, change.pk), default=None)
        if why is None:
            revision.line.revised_why = revision.otherwise
            continue
        # The correction and its change were saved with one moment (indicators.services.corrections).
        asker = asked_by.get((why.period_id, why.indicator_id, why.category_id, why.made_at))
        revision.line.revised_why = describe_reason(why)
        revision.line.revised_by = asker or (str(why.made_by) if why.made_by else "")
        revision.line.revised_on = timezone.localdate(why.made_at)


def describe_reason(change: FigureChange) -> str:
    """Return the reason given; for a file, its name."""
    act = FigureAct(change.act)
    if act is FigureAct.CORRECTED and change.why:
        return change.why
    return f"{act.label}: {change.why}" if change.why else act.label
