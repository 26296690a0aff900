"""Whose second factor waits to be reset by this person?"""

from datetime import date, datetime, timedelta

from django.db.models import QuerySet
from django.urls import reverse
from django.utils import timezone

from boards.models import PartnershipArea
from boards.models.factors import RESET_DAYS, FactorReset
from boards.permissions import Access, list_holders
from boards.roles import FACTOR_RESETTERS, PUBLISHERS
from boards.selectors import list_open_resets
from boards.ties import list_open_to
from core.models import User
from core.months import date_label
from core.permissions import is_operator
from core.todo import Task


def _list_waiting(area: PartnershipArea, since: datetime, reader: User) -> QuerySet[FactorReset]:
    waiting = list_open_resets(area).filter(asked_at__gt=since)
    return waiting.exclude(asked_by=reader).exclude(person=reader)


def reset_tasks(access: Access) -> list[Task]:
    """Return the requests that somebody else made, and about somebody else. One query for officers, and two more
    if some wait."""
    if not access.is_any(*FACTOR_RESETTERS):
        return []
    since = timezone.now() - timedelta(days=RESET_DAYS)
    found = list(_list_waiting(access.area, since, access.user))
    if found and not is_operator(access.user):
        officers = list_holders(access.area, *PUBLISHERS)
        found = list_open_to(found, access.user, officers, asker=lambda reset: reset.asked_by)
    return [reset_task(access.area, reset, timezone.localdate(reset.asked_at)) for reset in found]


def reset_task(area: PartnershipArea, reset: FactorReset, asked_on: date) -> Task:
    return Task(
        name=f"Reset the second factor of {reset.person}",
        url=reverse("boards:reset-decide", args=[area.slug, reset.pk]),
        hint=f"{reset.asked_by} asked on {date_label(asked_on)}, because a device was lost.",
        status="submitted",
        status_label="To confirm",
        due_on=asked_on + timedelta(days=RESET_DAYS),
    )
