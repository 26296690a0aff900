"""Asks another person to confirm figures of past months, and confirms, declines or withdraws them.

See docs/adr/0057. Until somebody confirms them they are no figures: no page of a month, no draft and no edition has
them.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from hashlib import sha256

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone

from boards.models import DAYS_TO_DECIDE, PartnershipArea, ReportingPeriod, RequestOutcome
from boards.services.area import lock_area
from boards.services.months import mark_unpublished_stale
from boards.services.requests import check_waiting, decide
from core import audit
from core.calendar import Month
from core.forms.pages import check_seen, checked_reason
from core.models import User
from indicators.imports.figures import Fault
from indicators.imports.history import History, name_months, read_data, write_data
from indicators.imports.open_data import INDICATOR_OF, PoliceMonth
from indicators.models import FigureImport, Indicator, IndicatorAct
from indicators.permissions import check_can_confirm_import, check_can_import, check_can_take_in
from indicators.selectors.catalogues import Reach, list_reaches
from indicators.services.history import note_set_up
from indicators.services.open_data import ImportResult, import_police_areas, import_police_months
from indicators.services.past_figures import (
    Become,
    FigureTaken,
    HistoryRefused,
    HistoryReport,
    SeriesReport,
    import_figures,
)
from indicators.trend import OWED

MOST_YEARS = 20  # that a page goes back: each of their months is opened
CHANGED = "The changes are no longer the ones that this page showed. Check them again, then import them."


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
        figures = [f"{figure.label} {figure.month} {figure.was} {figure.now}" for figure in self.report.figures]
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
    months = list_months(area)
    report = _import(area, history, by=by)
    return Taken(report, sorted(list_months(area) - months), reaches)


def _find_reaches(area: PartnershipArea, history: History, *, is_reaching: bool) -> list[Reach]:
    """Raises ValidationError for figures of too long ago, and where a definition must start earlier but may not."""
    firsts = find_firsts(history)
    earliest = Month.of(timezone.localdate()) + -12 * MOST_YEARS
    if firsts and min(firsts.values()) < earliest:
        raise ValidationError(
            f"There are figures for {min(firsts.values()).label}, but we don’t import any before {earliest.label}. "
            "Check the months, or leave the older figures out."
        )
    reaches = list_reaches(area, firsts)
    if reaches and not is_reaching:
        raise ValidationError(
            {
                "reach": "Tick the box if these definitions apply from the earlier month. If not, leave the older "
                "figures out"
            }
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
    series = {
        indicator.code: SeriesReport(indicator.owner.code, indicator.code, indicator.title) for indicator in indicators
    }
    for result in sorted(results, key=lambda result: result.month):
        for figure in result.figures:
            became = Become.NEW if figure.is_new else Become.REPLACED if figure.is_replaced else Become.HELD
            was = "" if figure.was is None else f"{figure.was:,}"
            title, now = series[figure.code].title, f"{figure.value:,}"
            taken = FigureTaken(title, result.month, was, now, became, figure.value)
            series[figure.code].figures.append(taken)
    return HistoryReport(list(series.values()), 0)


ENDED = f"No one confirmed these figures within {DAYS_TO_DECIDE} days, so the import has ended. Import the file again."


@transaction.atomic
def ask_import(area: PartnershipArea, history: History, *, is_reaching: bool, seen: str, by: User) -> FigureImport:
    """Try an import that a page showed, undo it, and ask another person to confirm it.

    Raises PermissionDenied, ChangedMeanwhile if the page showed something else, or ValidationError with a sentence.
    """
    check_can_import(area, by=by)
    lock_area(area)
    try:
        taken = try_history(area, history, is_reaching=is_reaching, by=by)
    except HistoryRefused as refused:
        raise ValidationError(f"{refused.faults[0].sentence} Nothing was saved.") from None
    check_seen(seen, taken.fingerprint, told=CHANGED)
    request = _ask(area, history, _list_changed(taken.report), is_reaching=is_reaching, by=by)
    if request is None:
        raise ValidationError("All these figures are already here, so there is nothing to save.")
    return request


@transaction.atomic
def ask_import_of_operator(area: PartnershipArea, history: History) -> tuple[HistoryReport, int]:
    """Do the same for a file of figures at the command line. Return what it would do, and how many figures wait. Raises
    ValidationError, or HistoryRefused with every fault."""
    lock_area(area)
    report = try_history(area, history, is_reaching=None, by=None).report
    request = _ask(area, history, _list_changed(report), is_reaching=False, by=None)
    return report, request.figures if request is not None else 0


@transaction.atomic
def ask_police_of_operator(
    counted: Mapping[PartnershipArea, Sequence[PoliceMonth]],
) -> dict[PartnershipArea, list[ImportResult]]:
    """Do the same for police files of several areas, all of them or none. Raises ValidationError."""
    for area in sorted(counted, key=lambda area: area.pk):
        lock_area(area)
    with transaction.atomic():
        results = import_police_areas(counted, by=None)
        transaction.set_rollback(True)
    for area, months in counted.items():
        changed = [
            result.month for result in results[area] for figure in result.figures if figure.is_new or figure.is_replaced
        ]
        _ask(area, History(name_months(months), months=list(months)), changed, is_reaching=False, by=None)
    return results


def _list_changed(report: HistoryReport) -> list[Month]:
    """Return the month of each figure that is new or differs."""
    return [figure.month for figure in report.figures if figure.became is not Become.HELD]


def _ask(
    area: PartnershipArea, history: History, changed: Sequence[Month], *, is_reaching: bool, by: User | None
) -> FigureImport | None:
    """Save what waits. Returns None where nothing would change. The caller has tried it and locked the area."""
    _end_unanswered(area)
    if not changed:
        return None
    request = FigureImport.objects.create(
        area=area,
        asked_at=timezone.now(),
        asked_by=by,
        ends_on=timezone.localdate() + timedelta(days=DAYS_TO_DECIDE),
        name_of_file=history.name[: FigureImport._meta.get_field("name_of_file").max_length],
        figures=len(changed),
        first=min(changed).first_day,
        last=max(changed).first_day,
        is_reaching=is_reaching,
        content=json.dumps(write_data(history), ensure_ascii=False),
    )
    _note("asked", request, by=by)
    return request


def _end_unanswered(area: PartnershipArea) -> None:
    """Delete the figures of imports that nobody decided in time."""
    late = FigureImport.objects.filter(area=area, outcome="", ends_on__lt=timezone.localdate())
    late.update(outcome=RequestOutcome.LAPSED.value, content="")


def _reaches(request: FigureImport) -> bool | None:
    return request.is_reaching if request.asked_by_id is not None else None


def look_at_import(request: FigureImport, *, by: User) -> Preview:
    """Return what confirming it would do, as a preview of a file does: it imports the figures and undoes that. Whoever
    brings figures in may look too. Raises PermissionDenied, or ValidationError."""
    check_can_take_in(request.area, by=by)
    history = read_data(json.loads(request.content))
    try:
        return Preview(history, try_history(request.area, history, is_reaching=_reaches(request), by=by))
    except HistoryRefused as refused:
        return Preview(history, None, refused.faults)


@transaction.atomic
def confirm_import(request: FigureImport, *, seen: str, by: User) -> Taken:
    """Save the figures, signed off by this person. `seen` is the fingerprint of what their page showed.

    Raises PermissionDenied, TransitionRefused if nobody can decide it any more, ChangedMeanwhile if the page showed
    something else, or ValidationError with a sentence. Then nothing has changed.
    """
    request = _lock(request)
    check_can_confirm_import(request, by=by)
    check_waiting(request, ended=ENDED)
    history, is_reaching = read_data(json.loads(request.content)), _reaches(request)
    _decide(request, RequestOutcome.CONFIRMED, by=by)
    try:
        taken = take_history(request.area, history, is_reaching=is_reaching, by=by)
    except HistoryRefused as refused:
        raise ValidationError(f"{refused.faults[0].sentence} Nothing was saved.") from None
    # Import first and compare then: the transaction undoes both if the page showed something else.
    check_seen(seen, taken.fingerprint, told=CHANGED)
    return taken


@transaction.atomic
def decline_import(request: FigureImport, *, why: str, by: User) -> None:
    """Delete the figures that wait, with a reason. Raises PermissionDenied, TransitionRefused, or ValidationError."""
    request = _lock(request)
    check_can_confirm_import(request, by=by)
    why = checked_reason(why, missing="Say why you decline them. The person who imported them will read your reason.")
    check_waiting(request, ended=ENDED)
    _decide(request, RequestOutcome.DECLINED, by=by, why=why)


@transaction.atomic
def withdraw_import(request: FigureImport, *, by: User) -> None:
    """Delete the figures that wait, as somebody who can bring figures in. Raises PermissionDenied or
    TransitionRefused."""
    request = _lock(request)
    check_can_import(request.area, by=by)
    check_waiting(request, ended=ENDED)
    _decide(request, RequestOutcome.WITHDRAWN, by=by)


def _lock(request: FigureImport) -> FigureImport:
    """Return it as it is now. An import locks the area before its months, as everywhere."""
    lock_area(request.area)
    return FigureImport.objects.select_related("area", "asked_by").get(pk=request.pk)


def _decide(request: FigureImport, outcome: RequestOutcome, *, by: User, why: str = "") -> None:
    request.content = ""
    _note(outcome.value, request, by=by, **decide(request, outcome, by=by, why=why, also=["content"]))


def _note(act: str, request: FigureImport, *, by: User | None, **details: str) -> None:
    audit.record(
        f"figure_import.{act}",
        request,
        by=by,
        area=request.area.slug,
        file=request.name_of_file,
        first=str(Month.of(request.first)),
        last=str(Month.of(request.last)),
        figures=request.figures,
        **details,
    )
