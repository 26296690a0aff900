"""Which KPIs does a version of a month have, on which indicators?"""

from typing import NamedTuple

from django.db.models import QuerySet

from actions.models import KpiTarget
from core.months import Month
from reporting.models import KpiLine, Snapshot


class KpiMark(NamedTuple):
    """An indicator's KPI, and its state in the month."""

    number: int
    indicator_code: str
    title: str
    board_code: str
    state: str
    said: str
    target: float
    target_month: Month


def list_kpi_marks(snapshot: Snapshot) -> list[KpiMark]:
    """Return every KPI of the version, by number. One query."""
    rows = _lines_of(snapshot).values_list(*KpiMark._fields)
    return [KpiMark._make([*row, Month.of(day)]) for *row, day in rows]


def list_kpis_on(snapshot: Snapshot, code: str) -> list[tuple[KpiLine, KpiTarget]]:
    """Return an indicator's KPIs, as list_version_kpis does."""
    return _with_targets(snapshot, _lines_of(snapshot).filter(indicator_code=code))


def list_version_kpis(snapshot: Snapshot) -> list[tuple[KpiLine, KpiTarget]]:
    """Return the KPIs of a version, each with the target that it names there. One query; two if there are any."""
    return _with_targets(snapshot, _lines_of(snapshot))


def is_any_kpi_on(snapshot: Snapshot, code: str) -> bool:
    """Return whether an indicator has a KPI in a version. One query."""
    return _lines_of(snapshot).filter(indicator_code=code).exists()


def _lines_of(snapshot: Snapshot) -> QuerySet[KpiLine]:
    return KpiLine.objects.filter(snapshot=snapshot).order_by("number")


def _with_targets(snapshot: Snapshot, lines: QuerySet[KpiLine]) -> list[tuple[KpiLine, KpiTarget]]:
    if not lines:
        return []
    numbers = [line.number for line in lines]
    targets = KpiTarget.objects.filter(kpi__area=snapshot.period.area_id, kpi__number__in=numbers).select_related("kpi")
    held = {(target.kpi.number, target.version): target for target in targets}
    return [(line, held[line.number, line.target_version]) for line in lines]
