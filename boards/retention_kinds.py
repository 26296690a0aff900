"""The records that every app makes, and accounts that nobody uses: how long we keep them."""

from dataclasses import replace
from datetime import datetime

from django.db.models import Q, QuerySet
from django.utils import timezone

from boards.deletion import ERASED_ADDRESS, count_events, erase_person, find_oldest_event, remove_beginning
from boards.retention import ACCOUNTS, Kind, Removed
from core.audit_log.sealing import get_checkpoint
from core.freeze import EVENTS, READS
from core.letter_kinds import LetterKind
from core.models import OutboxEntry, ReadEvent, User

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
        why="Someone who left may return within a year. After that, no one needs their name (UK GDPR, article "
        "5(1)(e)). The account is erased, and what they did stays under a pseudonym.",
        count=lambda _, before: list_unused(before).count(),
        find_oldest=find_oldest,
        remove=erase_unused,
        is_of_areas=False,
        at_once=1,  # it goes through the whole record
    ),
)


AT_ONCE = 5000  # events of a chain: one statement deletes them


def remove_events(area: str, before: datetime, limit: int) -> Removed:
    start = get_checkpoint(area).number
    point = remove_beginning(area, before, at_most=limit)
    if point is None:
        return Removed(0)
    return Removed(point.number - start, {"up_to": point.number, "link": point.link})


def list_reads(area: str) -> QuerySet[ReadEvent]:
    return ReadEvent.objects.filter(area=area).order_by("happened_at")


def remove_rows[Row](rows: QuerySet[Row], limit: int) -> Removed:  # type: ignore[type-var]
    """Delete the first rows of a query, by their keys."""
    keys = list(rows.values_list("pk", flat=True)[:limit])
    rows.model._default_manager.filter(pk__in=keys).delete()  # type: ignore[attr-defined]
    return Removed(len(keys))


def list_letters() -> QuerySet[OutboxEntry]:
    """Return the notes that nobody needs later, the oldest first. The others stay: without the note that somebody was
    told of an occasion, they would be told again while it lasts."""
    return OutboxEntry.objects.exclude(kind__in=[kind.value for kind in LetterKind]).order_by("written_at")


READ_LOG = Kind(
    READS,
    "The log of reading",
    months=24,
    least=12,
    most=84,
    since="the day on which someone looked",
    why="We look for misuse once a year. Keeping the log for two years gives two chances to find it (UK GDPR, "
    "article 5(1)(f)).",
    count=lambda area, before: list_reads(area).filter(happened_at__lt=before).count(),
    find_oldest=lambda area: list_reads(area).values_list("happened_at", flat=True).first(),
    remove=lambda area, before, limit: remove_rows(list_reads(area).filter(happened_at__lt=before), limit),
)
CORE_KINDS = (
    Kind(
        EVENTS,
        "The audit log",
        months=84,
        least=72,
        most=180,
        since="the day on which the event happened",
        why="People must be able to answer for a decision for as long as a claim about it may be made: six years "
        "(Limitation Act 1980), and one more year to be safe.",
        count=count_events,
        find_oldest=find_oldest_event,
        remove=remove_events,
        is_chained=True,
        at_once=AT_ONCE,
    ),
    READ_LOG,
    Kind(
        EVENTS,
        "Sign-ins, and the audit log of things that belong to no area",
        months=24,
        least=12,
        most=84,
        since="the day on which the event happened",
        why="It shows who signed in, for two yearly reviews. It also has each device’s address, so it is kept for a "
        "shorter time than an area’s audit log.",
        count=count_events,
        find_oldest=find_oldest_event,
        remove=remove_events,
        is_of_areas=False,
        is_chained=True,
        at_once=AT_ONCE,
    ),
    replace(READ_LOG, label="The operator’s log of reading", is_of_areas=False),
    Kind(
        "letters",
        "Records of emails about accounts, and of daily emails",
        months=12,
        least=6,
        most=24,
        since="the day on which the email was written",
        why="At the yearly review, these records show that someone was told. No one needs them later.",
        count=lambda _, before: list_letters().filter(written_at__lt=before).count(),
        find_oldest=lambda _: list_letters().values_list("written_at", flat=True).first(),
        remove=lambda _, before, limit: remove_rows(list_letters().filter(written_at__lt=before), limit),
        is_of_areas=False,
    ),
)
