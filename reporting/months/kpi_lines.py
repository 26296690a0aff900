"""Works out how each KPI is doing in a month: takes the month's lines and returns the lines of its KPIs.

A KPI's figures come from the line of its indicator, in one place (`measure`). So a KPI can't contradict its month, and
the KPIs of a corrected version follow from that version's lines.
"""

import hashlib
import json
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from operator import attrgetter

from actions.models import Kpi, KpiTarget
from boards.models import ReportingPeriod
from core.calendar import Month
from indicators.kpis.aims import YEAR, Aim, Figure, Scale, Standing, describe_standing, find_scale, judge_kpi, take_span
from indicators.kpis.spread import Basis, find_chance_of_target, find_range, find_spreads
from indicators.models import Indicator
from reporting.models import IndicatorLine, KpiLine
from reporting.models.line_fields import Line

FIELDS = tuple(f.attname for f in KpiLine._meta.concrete_fields if f.attname not in ("id", "snapshot_id"))


@dataclass(frozen=True, slots=True)
class Measured:
    """A line's months, the newest last: the figures to add up, and how to show them."""

    figures: Sequence[Figure | None]
    scale: Scale


def measure(line: Line, target: KpiTarget | None = None) -> Measured:
    """Read the figures of a KPI from a line, as its target counts them. A figure repeated from an earlier month was
    counted once."""
    held_places = list_held(line)
    counts = (
        zip(line.numerators, line.denominators, strict=True)
        if line.ratio
        else ((figure, None) for figure in line.history)
    )
    figures = [
        None if value is None or place in held_places or cases is None else Figure(cases, of)
        for place, (value, (cases, of)) in enumerate(zip(line.history, counts, strict=True))
    ]
    return Measured(figures, read_scale(line, target))


def read_scale(shown: Line | Indicator, target: KpiTarget | None = None) -> Scale:
    """Return how a KPI with this target shows an indicator; a new one without a target."""
    rate_months = YEAR if target is None else target.rate_months
    return find_scale(shown.ratio, shown.per, shown.counts_as, rate_months=rate_months)


def list_held(line: Line) -> set[int]:
    """Return the places of months that repeat an earlier figure."""
    return {place for step in line.steps for place in step.get("held", ())}


def judge_span(measured: Measured, aim: Aim, basis: Basis, *, month: Month) -> Standing:
    """Return how a KPI is doing in a line's month."""
    since = max(0, month - aim.begins + 1)
    # Months before the KPI started don't count. A history that starts later has no figures for the months before.
    figures = measured.figures[-since:] if since else []
    unknown: list[Figure | None] = [None] * (since - len(figures))
    span = take_span([*unknown, *figures], aim, per=measured.scale.per, is_stock=measured.scale.is_stock)
    lower, upper = find_range(span, measured.scale, basis)
    scale = measured.scale
    is_asked = span.is_due and span.value is not None and not (scale.is_stock or scale.is_told)
    by_chance = find_chance_of_target(span, scale, basis, aim.better) if is_asked else None
    return judge_kpi(span, better=aim.better, lower=lower, upper=upper, by_chance=by_chance, is_told=scale.is_told)


def find_basis(target: KpiTarget, scale: Scale) -> Basis:
    """Return what the range of a KPI with this target rests on. A target set before 0.3.0 kept no spreads, so they come
    from its baseline alone."""
    figures = [None if one["value"] is None else Figure(one["value"], one["of"]) for one in target.baseline_figures]
    weight = sum(1 if figure.of is None else figure.of for figure in figures if figure)
    spreads = target.spreads or find_spreads(figures, months=len(figures), is_part=scale.is_part)
    return Basis(weight, spreads)


# --- Of a month that isn't published --------------------------------------------------------------


def gather_targets(areas: Iterable[int]) -> dict[int, list[KpiTarget]]:
    """Return every target of each area, also of retired KPIs, in order of KPI and version. One query."""
    by_area: dict[int, list[KpiTarget]] = defaultdict(list)
    targets = KpiTarget.objects.filter(kpi__area__in=list(areas))
    named = targets.select_related("kpi__indicator", "kpi__owner", "kpi__board", "kpi__strand")
    for target in named.order_by("kpi__number", "version"):
        by_area[target.kpi.area_id].append(target)
    return by_area


def compute_kpi_lines(
    period: ReportingPeriod, lines: Iterable[IndicatorLine], targets: Iterable[KpiTarget]
) -> Iterator[KpiLine]:
    """Return the KPIs of a month with such lines, each by the newest target that applies to the month. `targets` are
    the area's.
    """
    wholes = {line.indicator_code: line for line in lines if not line.category_code}
    # Targets are in order of version, so the newest one that applies wins.
    newest_targets = {
        target.kpi: target
        for target in targets
        if not target.kpi.is_retired and target.applies_from <= period.starts_on
    }
    for kpi, target in newest_targets.items():
        line = wholes.get(kpi.indicator.code)
        if line is not None:
            yield make_kpi_line(kpi, target, line, month=period.month)


def make_kpi_line(kpi: Kpi, target: KpiTarget, line: IndicatorLine, *, month: Month) -> KpiLine:
    measured = measure(line, target)
    kpi_line = KpiLine(
        number=kpi.number,
        title=kpi.title,
        kind=kpi.kind,
        indicator_code=line.indicator_code,
        indicator_title=line.title,
        owner=str(kpi.owner) if kpi.owner else "",
        board_code=kpi.board.code,
        board_name=kpi.board.short_name,
        strand_code=kpi.strand.code,
        strand_name=kpi.strand.name,
        target_version=target.version,
        better=target.better,
        baseline_from=target.baseline_from,
        baseline_to=target.baseline_to,
        baseline=target.baseline,
        begins=target.begins,
        target=target.target,
        target_month=target.due,
    )
    say_standing(kpi_line, measured, target, month=month)
    return kpi_line


def say_standing(line: KpiLine, measured: Measured, target: KpiTarget, *, month: Month) -> None:
    """Write how it is doing onto its line."""
    line.per, line.unit, line.aim_unit = measured.scale.per, measured.scale.unit, measured.scale.aim_unit
    standing = judge_span(measured, target.aim, find_basis(target, measured.scale), month=month)
    span = standing.span
    line.months, line.figures, line.value = span.months, span.figures, span.value
    line.lower, line.upper = standing.lower, standing.upper
    line.due_baseline, line.due_trajectory, line.due_target = span.baseline, span.trajectory, span.target
    line.state, line.said = standing.state.value, describe_standing(standing, unit=measured.scale.unit)


# --- Of the next version of one that is -----------------------------------------------------------


NEWER_RULE = "The range and unit follow a newer rule than in the version before."


def revised_kpi_lines(
    period: ReportingPeriod,
    kept: Sequence[KpiLine],
    before: Iterable[IndicatorLine],
    lines: Iterable[IndicatorLine],
    targets: Iterable[KpiTarget],
) -> Iterator[KpiLine]:
    """Work out the published KPIs again from the lines of the next version, by the targets that they had. `before` are
    the published lines, and `targets` the area's. A KPI whose figures stay keeps what it said. One that today's rule
    would have shown otherwise says so.
    """
    had = {(target.kpi.number, target.version): target for target in targets}
    old_wholes, wholes = (
        {line.indicator_code: line for line in version if not line.category_code} for version in (before, lines)
    )
    for old in kept:
        line = KpiLine(**{name: getattr(old, name) for name in FIELDS})
        target = had[old.number, old.target_version]
        was, now = (measure(of_version[old.indicator_code], target) for of_version in (old_wholes, wholes))
        if now.figures != was.figures:
            say_standing(line, now, target, month=period.month)
            standing = judge_span(was, target.aim, find_basis(target, was.scale), month=period.month)
            if (standing.lower, standing.upper, was.scale.unit) != (old.lower, old.upper, old.unit):
                line.said = f"{line.said} {NEWER_RULE}"
        yield line


def gather_published(snapshots: Iterable[int]) -> dict[int, list[KpiLine]]:
    """Return the KPIs of published versions, by the version's key. One query, or none."""
    by_snapshot: dict[int, list[KpiLine]] = defaultdict(list)
    keys = list(snapshots)
    if keys:
        for line in KpiLine.objects.filter(snapshot__in=keys).order_by("number"):
            by_snapshot[line.snapshot_id].append(line)
    return by_snapshot


def hash_kpi_lines(lines: Iterable[KpiLine]) -> str:
    """Return a hash of all that they say; empty if there are none."""
    content = [attrgetter(*FIELDS)(line) for line in lines]
    return hashlib.sha256(json.dumps(content, default=str).encode()).hexdigest() if content else ""
