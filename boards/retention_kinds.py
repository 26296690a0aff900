"""The kind of record of accounts that nobody uses: how long we keep them."""

from datetime import datetime

from django.db.models import Q, QuerySet
from django.utils import timezone

from core.deletion import ERASED_ADDRESS, erase_person
from core.models import User
from core.retention import ACCOUNTS, Kind, Removed

WHY = "Without a role and without a sign-in for as long as the retention rule says"


def list_unused(before: datetime | None = None) -> QuerySet[User]:
    """Return the people who have no role, aren't operators, and haven't signed in since a moment."""
    people = User.objects.filter(memberships=None, region_memberships=None).exclude(email__endswith=ERASED_ADDRESS)
    people = people.filter(is_superuser=False).order_by("pk")
    if before is None:
        return people
    never = Q(last_login__isnull=True, joined_on__lt=timezone.localdate(before))
    return people.filter(Q(last_login__lt=before) | never)


def find_oldest(_: str) -> datetime | None:
    return list_unused().exclude(last_login=None).order_by("last_login").values_list("last_login", flat=True).first()


def erase_unused(_: str, before: datetime, limit: int) -> Removed:
    """Erase people as `manage.py erase_person` does."""
    people = list(list_unused(before)[:limit])
    for user in people:
        erase_person(user, why=WHY, by=None)
    return Removed(len(people))


ACCOUNT_KINDS = (
    Kind(
        ACCOUNTS,
        "Accounts of people without a role",
        months=12,
        least=6,
        most=36,
        since="the last sign-in, or the day on which the account was made",
        why="Nobody needs the name of somebody who left, beyond a year in which they may return (UK GDPR, article "
        "5(1)(e)). The account is erased, and what they did stays under a pseudonym.",
        count=lambda _, before: list_unused(before).count(),
        find_oldest=find_oldest,
        remove=erase_unused,
        is_of_areas=False,
        at_once=1,  # it goes through the whole record
    ),
)
