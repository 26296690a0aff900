"""Ask another person to confirm figures of past months, and confirm them, decline them, or withdraw them
(docs/adr/0057).

Until somebody confirms them they are no figures: no page of a month, no draft and no edition has them.
"""

import json
from collections.abc import Mapping, Sequence
from datetime import timedelta

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone

from boards.models import DAYS_TO_DECIDE, PartnershipArea, RequestOutcome
from boards.services.requests import check_waiting, decide
from boards.services.setup import lock_area
from core import audit
from core.models import User
from core.months import Month
from core.services.reasons import checked_reason
from core.services.revisions import check_seen
from indicators.imports.history import History, name_months
from indicators.imports.history_data import read_data, write_data
from indicators.imports.police_uk import PoliceMonth
from indicators.models import FigureImport
from indicators.permissions import check_can_confirm_import, check_can_import, check_can_take_in
from indicators.services.back_history import Become, HistoryRefused, HistoryReport
from indicators.services.imports import ImportResult, import_police_areas
from indicators.services.taking_history import CHANGED, Preview, Taken, take_history, try_history

ENDED = f"Nobody confirmed these figures within {DAYS_TO_DECIDE} days, so that has ended. Import the file again."


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
    asked = _ask(area, history, _list_changed(taken.report), is_reaching=is_reaching, by=by)
    if asked is None:
        raise ValidationError("All its figures are already here, so there is nothing to save.")
    return asked


@transaction.atomic
def ask_import_of_operator(area: PartnershipArea, history: History) -> tuple[HistoryReport, int]:
    """Do the same for a file of figures at the command line. Return what it would do, and how many figures wait. Raises
    ValidationError, or HistoryRefused with every fault."""
    lock_area(area)
    report = try_history(area, history, is_reaching=None, by=None).report
    asked = _ask(area, history, _list_changed(report), is_reaching=False, by=None)
    return report, asked.figures if asked is not None else 0


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
            result.month for result in results[area] for each in result.figures if each.is_new or each.is_replaced
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
    asked = FigureImport.objects.create(
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
    _note("asked", asked, by=by)
    return asked


def _end_unanswered(area: PartnershipArea) -> None:
    """Delete the figures of imports that nobody decided in time."""
    late = FigureImport.objects.filter(area=area, outcome="", ends_on__lt=timezone.localdate())
    late.update(outcome=RequestOutcome.LAPSED.value, content="")


def _reaches(asked: FigureImport) -> bool | None:
    return asked.is_reaching if asked.asked_by_id is not None else None


def look_at_import(asked: FigureImport, *, by: User) -> Preview:
    """Return what confirming it would do, as a preview of a file does: it imports the figures and undoes that. Whoever
    brings figures in may look too. Raises PermissionDenied, or ValidationError."""
    check_can_take_in(asked.area, by=by)
    history = read_data(json.loads(asked.content))
    try:
        return Preview(history, try_history(asked.area, history, is_reaching=_reaches(asked), by=by))
    except HistoryRefused as refused:
        return Preview(history, None, refused.faults)


@transaction.atomic
def confirm_import(asked: FigureImport, *, seen: str, by: User) -> Taken:
    """Save the figures, signed off by this person. `seen` is the fingerprint of what their page showed.

    Raises PermissionDenied, TransitionRefused if nobody can decide it any more, ChangedMeanwhile if the page showed
    something else, or ValidationError with a sentence. Then nothing has changed.
    """
    asked = _lock(asked)
    check_can_confirm_import(asked, by=by)
    check_waiting(asked, ended=ENDED)
    history, is_reaching = read_data(json.loads(asked.content)), _reaches(asked)
    _decide(asked, RequestOutcome.CONFIRMED, by=by)
    try:
        taken = take_history(asked.area, history, is_reaching=is_reaching, by=by)
    except HistoryRefused as refused:
        raise ValidationError(f"{refused.faults[0].sentence} Nothing was saved.") from None
    # Import first and compare then: the transaction undoes both if the page showed something else.
    check_seen(seen, taken.fingerprint, told=CHANGED)
    return taken


@transaction.atomic
def decline_import(asked: FigureImport, *, why: str, by: User) -> None:
    """Delete the figures that wait, with a reason. Raises PermissionDenied, TransitionRefused, or ValidationError."""
    asked = _lock(asked)
    check_can_confirm_import(asked, by=by)
    why = checked_reason(why, missing="Say why you decline them. Whoever brought them in reads your reason.")
    check_waiting(asked, ended=ENDED)
    _decide(asked, RequestOutcome.DECLINED, by=by, why=why)


@transaction.atomic
def withdraw_import(asked: FigureImport, *, by: User) -> None:
    """Delete the figures that wait, as somebody who can bring figures in. Raises PermissionDenied or
    TransitionRefused."""
    asked = _lock(asked)
    check_can_import(asked.area, by=by)
    check_waiting(asked, ended=ENDED)
    _decide(asked, RequestOutcome.WITHDRAWN, by=by)


def _lock(asked: FigureImport) -> FigureImport:
    """Return it as it is now. An import locks the area before its months, as everywhere."""
    lock_area(asked.area)
    return FigureImport.objects.select_related("area", "asked_by").get(pk=asked.pk)


def _decide(asked: FigureImport, outcome: RequestOutcome, *, by: User, why: str = "") -> None:
    asked.content = ""
    _note(outcome.value, asked, by=by, **decide(asked, outcome, by=by, why=why, also=["content"]))


def _note(act: str, asked: FigureImport, *, by: User | None, **details: str) -> None:
    audit.record(
        f"figure_import.{act}",
        asked,
        by=by,
        area=asked.area.slug,
        file=asked.name_of_file,
        first=str(Month.of(asked.first)),
        last=str(Month.of(asked.last)),
        figures=asked.figures,
        **details,
    )
