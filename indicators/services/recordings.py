"""Records that an indicator is recorded differently from a month on, and names levels.

A change of recording starts a new series. So one person asks for it and another confirms it, and then it can't be
undone. A name changes no reading. Both make unpublished months stale. A published month stays as it was.
"""

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone

from boards.permissions import access_to
from boards.services.months import mark_unpublished_stale
from boards.services.setup import lock_area
from core import audit
from core.models import User
from core.months import Month
from core.services.askers import name_asker
from core.texts import tidy_text
from indicators.models import Category, Indicator, IndicatorAct, LevelName, RecordingChange
from indicators.permissions import can_judge, check_can_confirm_recording, check_can_judge
from indicators.services.history import note_set_up
from indicators.workflow import RECORDING, RecordingState


@transaction.atomic
def ask_recording_change(indicator: Indicator, *, month: Month, why: str, by: User) -> RecordingChange:
    """Ask for a change of recording, from a month on.

    It changes nothing before another person confirms it. Raises PermissionDenied; or ValidationError without a
    reason, or for a month in which the series starts anyway.
    """
    area = indicator.area
    check_can_judge(area, by=by)
    lock_area(area)
    why = tidy_text(why)
    if not why:
        raise ValidationError({"why": "Say what is recorded differently"})
    starts = sorted(indicator.definitions.values_list("applies_from", flat=True))
    if not starts or month.first_day <= starts[0]:
        raise ValidationError({"month": f"{indicator} isn’t counted before {month.label}: its series starts there"})
    if month.first_day in starts:
        raise ValidationError({"month": f"A new definition starts in {month.label}, so the series starts there anyway"})
    # Somebody may ask again after a refusal, so declined ones don't count.
    held = indicator.recording_changes.exclude(state=RecordingState.DECLINED.value)
    if held.filter(applies_from=month.first_day).exists():
        raise ValidationError({"month": f"A change of recording from {month.label} is already asked for or confirmed"})
    change = RecordingChange.objects.create(
        indicator=indicator, applies_from=month.first_day, why=why, asked_at=timezone.now(), asked_by=by
    )
    audit.record("recording_change.asked", change, by=by, area=area.slug, month=str(month), why=why)
    return change


@transaction.atomic
def confirm_recording_change(change: RecordingChange, *, by: User) -> RecordingChange:
    """Start a new series permanently. Raises PermissionDenied, also for the person who asked; or TransitionRefused."""
    check_can_confirm_recording(change, by=by)
    change = _decide(change, RecordingState.CONFIRMED, by=by)
    month = Month.of(change.applies_from)
    note_set_up(IndicatorAct.RECORDED_ANEW, change.indicator, month=month, by=by)
    mark_unpublished_stale(change.indicator.area)
    return change


@transaction.atomic
def decline_recording_change(change: RecordingChange, *, by: User) -> RecordingChange:
    """Leave everything as it is. Anybody who judges can, and the person who asked withdraws it in this way. Raises
    PermissionDenied, or TransitionRefused."""
    if not can_judge(access_to(change.indicator.area, by=by)):
        check_can_confirm_recording(change, by=by)
    return _decide(change, RecordingState.DECLINED, by=by)


def _decide(change: RecordingChange, state: RecordingState, *, by: User) -> RecordingChange:
    area = change.indicator.area
    lock_area(area)
    # Read it again under the lock: somebody else may have decided.
    change = RecordingChange.objects.select_related("indicator__area").get(pk=change.pk)
    RECORDING.check(before=RecordingState(change.state), after=state, thing="This change of recording")
    change.state, change.decided_at, change.decided_by = state.value, timezone.now(), by
    change.save()
    month = Month.of(change.applies_from)
    details = {"month": str(month), "why": change.why} | name_asker(change.asked_by, change.asked_at)
    audit.record(f"recording_change.{state.value}", change, by=by, area=area.slug, **details)
    return change


@transaction.atomic
def name_level(
    indicator: Indicator, category: Category | None, *, since: Month, name: str, reason: str, by: User
) -> LevelName:
    """Name a level, and say why it started. Raises PermissionDenied, or ValidationError."""
    area = indicator.area
    check_can_judge(area, by=by)
    lock_area(area)
    name, reason = tidy_text(name), tidy_text(reason)
    faults = {
        field: sentence
        for field, text, sentence in (("name", name, "Enter the name"), ("reason", reason, "Say why it started"))
        if not text
    }
    if faults:
        raise ValidationError(faults)
    given = LevelName.objects.create(
        indicator=indicator,
        category=category,
        since=since.first_day,
        name=name,
        reason=reason,
        given_at=timezone.now(),
        given_by=by,
    )
    note_set_up(IndicatorAct.LEVEL_NAMED, indicator, month=since, by=by)
    audit.record("level.named", given, by=by, area=area.slug, since=str(since), name=name, reason=reason)
    mark_unpublished_stale(area)
    return given
