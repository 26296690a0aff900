"""The records that every app makes, and how long they are kept: the record itself, the log of reading, and letters."""

from datetime import datetime

from django.db.models import Min, QuerySet
from django.utils import timezone

from core.audit_log import sealing
from core.freeze import EVENTS, READS
from core.models import AccountLetter, DayLetter, ReadEvent
from core.retention import Kind, Removed

AT_ONCE = 5000  # events of a chain: one statement deletes them


def remove_events(area: str, before: datetime, limit: int) -> Removed:
    start = sealing.get_checkpoint(area).number
    point = sealing.remove_beginning(area, before, at_most=limit)
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


def count_letters(_: str, before: datetime) -> int:
    letters = AccountLetter.objects.filter(happened_at__lt=before).count()
    return letters + DayLetter.objects.filter(day__lt=timezone.localdate(before)).count()


def find_oldest_letter(_: str) -> datetime | None:
    moments = (
        AccountLetter.objects.aggregate(oldest=Min("happened_at"))["oldest"],
        DayLetter.objects.aggregate(oldest=Min("claimed_at"))["oldest"],
    )
    return min((moment for moment in moments if moment), default=None)


def remove_letters(_: str, before: datetime, limit: int) -> Removed:
    removed = remove_rows(AccountLetter.objects.filter(happened_at__lt=before), limit)
    return (
        removed if removed.count else remove_rows(DayLetter.objects.filter(day__lt=timezone.localdate(before)), limit)
    )


CORE_KINDS = (
    Kind(
        EVENTS,
        "The record of what people did",
        months=84,
        least=72,
        most=180,
        since="the day of the act",
        why="People must be able to answer for a decision for as long as a claim about it may be made: six years "
        "(Limitation Act 1980), and one more to be safe.",
        count=sealing.count_before,
        find_oldest=sealing.find_oldest,
        remove=remove_events,
        is_chained=True,
        at_once=AT_ONCE,
    ),
    Kind(
        READS,
        "The log of what people read",
        months=24,
        least=12,
        most=84,
        since="the day of the look",
        why="We look for misuse once a year, so two reviews can find it (UK GDPR, article 5(1)(f)).",
        count=lambda area, before: list_reads(area).filter(happened_at__lt=before).count(),
        find_oldest=lambda area: list_reads(area).values_list("happened_at", flat=True).first(),
        remove=lambda area, before, limit: remove_rows(list_reads(area).filter(happened_at__lt=before), limit),
    ),
    Kind(
        EVENTS,
        "Sign-ins, and the record of what belongs to no area",
        months=24,
        least=12,
        most=84,
        since="the day of the act",
        why="It shows who got in, for two yearly reviews. It also has each device’s address, so it is kept for a "
        "shorter time than the record of an area.",
        count=sealing.count_before,
        find_oldest=sealing.find_oldest,
        remove=remove_events,
        is_of_areas=False,
        is_chained=True,
        at_once=AT_ONCE,
    ),
    Kind(
        READS,
        "The log of what the operator read",
        months=24,
        least=12,
        most=84,
        since="the day of the look",
        why="We look for misuse once a year, so two reviews can find it (UK GDPR, article 5(1)(f)).",
        count=lambda area, before: list_reads(area).filter(happened_at__lt=before).count(),
        find_oldest=lambda area: list_reads(area).values_list("happened_at", flat=True).first(),
        remove=lambda area, before, limit: remove_rows(list_reads(area).filter(happened_at__lt=before), limit),
        is_of_areas=False,
    ),
    Kind(
        "letters",
        "Notes of e-mails about accounts, and of daily e-mails",
        months=12,
        least=6,
        most=24,
        since="the day of the e-mail",
        why="They show that somebody was told, for a year’s review. Nobody needs them later.",
        count=count_letters,
        find_oldest=find_oldest_letter,
        remove=remove_letters,
        is_of_areas=False,
    ),
)
