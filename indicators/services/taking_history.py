"""Imports a file's figures for past months: first as a preview, then all of them or none."""

from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import sha256

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone

from boards.models import PartnershipArea, ReportingPeriod
from boards.services.months import mark_unpublished_stale
from boards.services.setup import lock_area
from core import audit
from core.models import User
from core.months import Month
from indicators.imports.figures import Fault
from indicators.imports.history import History
from indicators.imports.police_uk import INDICATOR_OF
from indicators.models import Indicator, IndicatorAct
from indicators.permissions import check_can_import, check_can_take_in
from indicators.selectors.reaches import Reach, list_reaches
from indicators.services.back_history import (
    Become,
    FigureTaken,
    HistoryRefused,
    HistoryReport,
    SeriesReport,
    import_figures,
)
from indicators.services.history import note_set_up
from indicators.services.imports import import_police_months
from indicators.trend import OWED

MOST_YEARS = 20  # that a page goes back: each of their months is opened
CHANGED = "The changes are no longer what this page showed. Check them again, then import them."


@dataclass(frozen=True, slots=True)
class Taken:
    """What was imported: each figure, the months that were opened for them, and the first definitions that now apply
    earlier."""

    report: HistoryReport
    opened: list[Month]
    reaches: list[Reach]

    @property
    def fingerprint(self) -> str:
        """Return a digest that shows whether the import would still do what somebody saw."""
        figures = [f"{each.label} {each.month} {each.was} {each.now}" for each in self.report.figures]
        reaches = [f"{reach.indicator.code} {reach.since} {reach.first}" for reach in self.reaches]
        return sha256("\n".join([*figures, *map(str, self.opened), *reaches]).encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class Preview:
    """What would be imported, or the file's faults, row by row."""

    history: History
    taken: Taken | None
    faults: Sequence[Fault] = ()


def preview_history(area: PartnershipArea, history: History, *, by: User) -> Preview:
    """Import the file, look at the result, and undo it. So the preview shows exactly what will happen. Raises
    PermissionDenied, and ValidationError as take_history does."""
    check_can_import(area, by=by)
    if history.figures is not None and history.figures.faults:
        return Preview(history, None, history.figures.faults)
    try:
        return Preview(history, try_history(area, history, is_reaching=True, by=by))
    except HistoryRefused as refused:
        return Preview(history, None, refused.faults)


def try_history(area: PartnershipArea, history: History, *, is_reaching: bool | None, by: User | None) -> Taken:
    """Import the file, undo it, and return what it did. Raises as take_history does."""
    with transaction.atomic():
        # This undoes the audit rows too. Nothing below may act outside the database (a file, an e-mail).
        taken = take_history(area, history, is_reaching=is_reaching, by=by)
        transaction.set_rollback(True)
    return taken


@transaction.atomic
def take_history(area: PartnershipArea, history: History, *, is_reaching: bool | None, by: User | None) -> Taken:
    """Save all figures, signed off, or none. indicators.services.figure_imports checks that two people want it.

    With `is_reaching`, first definitions apply from as early as the figures. With None, as at the command line, no
    definition changes and no month is too early. `by` confirms the figures.

    Raises PermissionDenied; HistoryRefused with every fault; or ValidationError with a sentence, where the area isn't
    set up for these figures, they go back too far, or a definition has to be taken back and may not be.
    """
    reaches = [] if is_reaching is None else _find_reaches(area, history, is_reaching=is_reaching)
    # Definitions come first, since the import refuses figures before them.
    # So the area is locked before its months, as everywhere.
    if by is not None:
        for reach in reaches:
            reach_back(reach, by=by)
    held = list_months(area)
    report = _import(area, history, by=by)
    return Taken(report, sorted(list_months(area) - held), reaches)


def _find_reaches(area: PartnershipArea, history: History, *, is_reaching: bool) -> list[Reach]:
    """Raises ValidationError for figures of too long ago, and where a definition must start earlier but may not."""
    firsts = find_firsts(history)
    earliest = Month.of(timezone.localdate()) + -12 * MOST_YEARS
    if firsts and min(firsts.values()) < earliest:
        raise ValidationError(
            f"It has figures for {min(firsts.values()).label}, but we import none before {earliest.label}. "
            "Check the months, or leave the older ones out."
        )
    reaches = list_reaches(area, firsts)
    if reaches and not is_reaching:
        raise ValidationError(
            {"reach": "Tick that these definitions apply from the earlier month, or leave the older figures out"}
        )
    return reaches


def find_firsts(history: History) -> dict[str, Month]:
    """Return the first month with a figure, by the indicator's code."""
    if history.figures is None:
        return dict.fromkeys(INDICATOR_OF.values(), min(month.month for month in history.months))
    firsts: dict[str, Month] = {}
    for row in history.figures.rows:
        if not row.is_blank and row.state not in OWED:
            month = Month.parse(row.month)
            firsts[row.indicator] = min(month, firsts.get(row.indicator, month))
    return firsts


@transaction.atomic
def reach_back(reach: Reach, *, by: User) -> None:
    """Make an indicator's first definition apply from an earlier month. It was counted in the same way then."""
    area, definition = reach.indicator.area, reach.definition
    check_can_take_in(area, by=by)
    lock_area(area)
    definition.applies_from = reach.first.first_day
    definition.save(update_fields=["applies_from"])
    note_set_up(IndicatorAct.REACHED_BACK, reach.indicator, month=reach.first, by=by)
    audit.record(
        "indicator.reached_back",
        reach.indicator,
        by=by,
        area=area.slug,
        applies_from=str(reach.first),
        was=str(reach.since),
    )
    mark_unpublished_stale(area)


def list_months(area: PartnershipArea) -> set[Month]:
    days = ReportingPeriod.objects.filter(area=area).values_list("starts_on", flat=True)
    return {Month.of(day) for day in days}


def _import(area: PartnershipArea, history: History, *, by: User | None) -> HistoryReport:
    if history.figures is not None:
        return import_figures(area, history.figures.rows, name_of_file=history.name, by=by)
    results = import_police_months(area, history.months, by=by)
    indicators = Indicator.objects.filter(area=area, code__in=INDICATOR_OF.values()).select_related("owner")
    series = {each.code: SeriesReport(each.owner.code, each.code, each.title) for each in indicators}
    for result in sorted(results, key=lambda result: result.month):
        for figure in result.figures:
            became = Become.NEW if figure.is_new else Become.REPLACED if figure.is_replaced else Become.HELD
            was = "" if figure.was is None else f"{figure.was:,}"
            title, now = series[figure.code].title, f"{figure.value:,}"
            taken = FigureTaken(title, result.month, was, now, became, figure.value)
            series[figure.code].figures.append(taken)
    return HistoryReport(list(series.values()), 0)
