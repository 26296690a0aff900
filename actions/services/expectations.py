"""Save what somebody expects an action or an event to do to a figure. Nobody can change it afterwards."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone

from actions.models import Action, Event, Expectation, Way
from actions.permissions import check_can_tell_events, check_can_update
from actions.services.progress import check_open, locked
from boards.services.choices import why_not_chosen
from core import audit
from core.models import User
from core.months import Month
from core.services.sent_once import is_sent_twice
from core.transitions import TransitionRefused
from indicators.models import Indicator

MOST_PERCENT = {Way.FALL: 100, Way.RISE: 1000}
LONGEST_MONTHS = 120  # from its start


@dataclass(frozen=True, slots=True)
class ExpectationDraft:
    """What somebody expects. None is what they haven't said."""

    indicator: Indicator | None
    way: Way | None
    percent: int | None
    by_month: Month | None


@transaction.atomic
def expect_of_action(action: Action, draft: ExpectationDraft, *, by: User) -> Expectation:
    """Save what somebody expects of an action. Raises PermissionDenied, TransitionRefused (it is archived or complete),
    or ValidationError by field."""
    check_can_update(action, by=by)
    action = locked(action)
    check_open(action)
    said = Expectation(action=action, begins_on=action.starts_on)
    return _add(said, draft, action.reference, held=[action.measure_id], by=by)


@transaction.atomic
def expect_of_event(event: Event, draft: ExpectationDraft, *, by: User) -> Expectation:
    """Save what somebody expects of an event, for an indicator that it names. Raises PermissionDenied,
    TransitionRefused (it was removed), or ValidationError by field."""
    check_can_tell_events(event.area, event.board, by=by)
    event = Event.objects.select_for_update(of=("self",)).select_related("area").get(pk=event.pk)
    if event.removed_at is not None:
        raise TransitionRefused(f"{event.reference} was removed, so you can’t say what you expect of it.")
    held = [aim.indicator_id for aim in event.aims.all()]
    if draft.indicator is not None and draft.indicator.pk not in held:
        raise ValidationError({"indicator": f"{event.reference} doesn’t name {draft.indicator}: add it there first."})
    said = Expectation(event=event, begins_on=event.starts_on)
    return _add(said, draft, event.reference, held=held, by=by)


def _add(
    said: Expectation, draft: ExpectationDraft, reference: str, *, held: Collection[int | None], by: User
) -> Expectation:
    """Save it. `held` are the indicators that the action or event names: they may be retired."""
    about = said.action or said.event
    if about is None:
        raise ValueError("Choose an action or an event.")
    if errors := _find_faults(draft, said.begins_on, area_id=about.area_id, held=held):
        raise ValidationError(errors)
    said.indicator, said.way, said.percent = draft.indicator, draft.way, draft.percent  # type: ignore[assignment]
    said.by_month = draft.by_month.first_day  # type: ignore[union-attr]
    same = {"indicator": said.indicator, "way": said.way, "percent": said.percent, "by_month": said.by_month}
    # Only the newest: the same view again, after another one, is a new row.
    newest = about.expectations.order_by("-made_at", "-id").first()
    if newest is not None and is_sent_twice(newest, **same, made_by=by):
        return newest
    said.made_at, said.made_by = timezone.now(), by
    # From here on a trigger refuses any change, so nobody can make it look said beforehand.
    said.save()
    told = {"about": reference, "indicator": said.indicator.code, "said": said.words}
    audit.record("expectation.added", said, by=by, area=about.area.slug, **told)
    return said


def _find_faults(
    draft: ExpectationDraft, begins_on: date, *, area_id: int, held: Collection[int | None]
) -> dict[str, str]:
    errors = {}
    if draft.indicator is None:
        errors["indicator"] = "Choose the indicator that should change."
    elif why := why_not_chosen(draft.indicator, area_id=area_id, held=held):
        errors["indicator"] = why
    if draft.way is None:
        errors["way"] = "Say whether it should fall or rise."
    if draft.percent is None:
        errors["percent"] = "Enter by roughly how much, in per cent."
    elif draft.way is not None and not 1 <= draft.percent <= MOST_PERCENT[draft.way]:
        errors["percent"] = f"It can {draft.way.value} by 1 to {MOST_PERCENT[draft.way]} per cent."
    if draft.by_month is None:
        errors["by_month"] = "Choose by which month."
    else:
        begins = Month.of(begins_on)
        if draft.by_month < begins:
            errors["by_month"] = f"It starts in {begins.label}: choose that month or a later one."
        elif draft.by_month - begins > LONGEST_MONTHS:
            errors["by_month"] = f"Choose a month within {LONGEST_MONTHS // 12} years of its start."
    return errors
