"""Note that a person looked at their home; set aside a first step that an area doesn't want."""

from datetime import datetime, timedelta

from django.db import transaction
from django.utils import timezone

from boards.models import PartnershipArea
from boards.permissions import Access, check_can_coordinate
from core import audit
from core.database import by_the_way
from core.labels import Refused
from core.models import User
from reporting.models import StepSetAside, Visit
from reporting.models.visits import NEEDED, FirstStep

AT_MOST_EVERY = timedelta(hours=1)  # people open their home often, and a row needn't be written each time


def find_visit(access: Access) -> Visit | None:
    """Return what we noted of their last visits; None before the first."""
    return Visit.objects.filter(person=access.user, area=access.area).first()


def note_visit(access: Access, visit: Visit | None, *, now: datetime) -> datetime | None:
    """Note that they look now. Return when they last looked on an earlier day, None on their first day. The result is
    the same all day, so a second tab or a return to the list loses nothing. One query to write, at most once an hour.
    It isn't audited, because it changes nothing.
    """
    if visit is None:
        with by_the_way("that someone looked"):
            # Another tab may write at the same time.
            first = Visit(person=access.user, area=access.area, looked_at=now)
            Visit.objects.bulk_create([first], ignore_conflicts=True)
        return None
    if timezone.localdate(visit.looked_at) < timezone.localdate(now):
        _note(visit, looked_at=now, before_at=visit.looked_at)
        return visit.looked_at
    if now - visit.looked_at >= AT_MOST_EVERY:
        _note(visit, looked_at=now)
    return visit.before_at


def _note(visit: Visit, **values: datetime) -> None:
    with by_the_way("that someone looked"):
        # The second of two, which read before the first wrote, changes nothing.
        Visit.objects.filter(pk=visit.pk, looked_at=visit.looked_at).update(**values)


@transaction.atomic
def set_step_aside(area: PartnershipArea, step: FirstStep, *, by: User) -> None:
    """Set aside a step that a new area doesn't want. Raises PermissionDenied, or Refused for a step that it needs."""
    check_can_coordinate(area, by=by)
    if step in NEEDED:
        raise Refused(f"“{step.label}” can’t be set aside. Without this step there is nothing to show.")
    said = {"set_aside_at": timezone.now(), "set_aside_by": by}
    row, is_new = StepSetAside.objects.get_or_create(area=area, step=step.value, defaults=said)
    if is_new:
        audit.record("first_step.set_aside", row, by=by, area=area.slug, step=step.value)


@transaction.atomic
def take_step_up(area: PartnershipArea, step: FirstStep, *, by: User) -> None:
    """Bring back a step that was set aside. Raises PermissionDenied."""
    check_can_coordinate(area, by=by)
    for row in StepSetAside.objects.filter(area=area, step=step.value):
        audit.record("first_step.taken_up", row, by=by, area=area.slug, step=step.value)
        row.delete()
