"""Noting that a person looked at their home."""

from datetime import datetime, timedelta

from django.utils import timezone

from boards.permissions import Access
from reporting.models import Visit

AT_MOST_EVERY = timedelta(hours=1)  # a home is opened often, and a row needn't be written each time


def note_visit(access: Access, *, now: datetime) -> datetime | None:
    """Remember that they look now. Returns when they last did on an earlier day, None on their first day.

    All day they are told of the same time, so that a second tab, or coming back to the list, takes nothing away. One
    query, and one to write at most once an hour. It is no act, and not audited.
    """
    own = Visit.objects.filter(person=access.user, area=access.area)
    visit = own.first()
    if visit is None:
        # Another tab may be as quick.
        Visit.objects.bulk_create([Visit(person=access.user, area=access.area, looked_at=now)], ignore_conflicts=True)
        return None
    # Whoever comes second, by what was read before the first wrote, changes nothing.
    unchanged = own.filter(looked_at=visit.looked_at)
    if timezone.localdate(visit.looked_at) < timezone.localdate(now):
        unchanged.update(looked_at=now, before_at=visit.looked_at)
        return visit.looked_at
    if now - visit.looked_at >= AT_MOST_EVERY:
        unchanged.update(looked_at=now)
    return visit.before_at
