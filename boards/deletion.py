"""Announce what comes due for deletion, delete what was announced, and erase a person's name: docs/adr/0061.

The job runs each night.

An announcement names the day on which the job deletes, at least 30 days later. It covers what will be too old on that
day. There is one at a time for each area and kind. A hold cancels it, and so does a rule that keeps records for longer.
"""

import re
from collections.abc import Callable, Iterable, Iterator
from datetime import date, datetime, timedelta
from typing import Any

from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.socialaccount.models import SocialAccount
from django.contrib.admin.models import LogEntry
from django.db import transaction
from django.db.models import F, Min, Q, QuerySet
from django.utils import timezone

from boards.retention import ACCOUNTS, Kind, Removed, find_moment, list_kinds, load_kinds
from core import audit
from core.audit_log.sealing import AT_ONCE, ERASED, REMOVED, get_checkpoint, get_head, list_chains, seal
from core.chain import Head, digest_words, make_salt
from core.forms.pages import checked_reason
from core.freeze import EVENTS, READS
from core.identity.sign_in import end_everything
from core.letter_kinds import AccountLetterKind
from core.models import (
    NOTICE_DAYS,
    AuditChain,
    AuditCheckpoint,
    AuditEvent,
    HoldState,
    LegalHold,
    NoticeOutcome,
    OutboxEntry,
    ReadEvent,
    RetentionNotice,
    RetentionRule,
    RuleState,
    User,
)
from core.timetable import for_each

ANNOUNCED = "retention.announced"


class Part:
    """A kind of records of an area, for the job. Its text names it where it fails."""

    def __init__(self, area: str, kind: Kind, today: date) -> None:
        self.area, self.kind, self.today = area, kind, today

    def __str__(self) -> str:
        return f"{self.area or 'no area'}, {self.kind.label}"


def apply_retention(areas: Iterable[str], *, today: date) -> int:
    """Delete what was announced in time, and announce what comes due. Return how many records were deleted.

    If one area or kind fails, the others go on. Raises SomeFailed after them. Safe to run again: a stopped run goes on
    where it was.
    """
    parts = (Part(area, kind, today) for area in ("", *areas) for kind in list_kinds(area))
    return sum(for_each(parts, _apply))


def _apply(part: Part) -> int:
    area, kind, today = part.area, part.kind, part.today
    if find_hold(area, kind.code, today=today):
        cancel_notices(area, kind.code, today=today)
        return 0
    months, deleted = find_months(area, kind), 0
    notice = find_notice(area, kind.code)
    if notice is not None and notice.older_than > find_moment(notice.deletes_on, months):
        cancel_notices(area, kind.code, today=today)  # the area keeps them for longer now
        notice = None
    if notice is not None and notice.deletes_on <= today:
        deleted = sum(_delete(notice, kind, today=today))
        notice = find_notice(area, kind.code)
    if notice is None:
        announce(area, kind, months, today=today)
    return deleted


@transaction.atomic
def announce(area: str, kind: Kind, months: int, *, today: date) -> RetentionNotice | None:
    """Announce what will be too old in 30 days, if there is anything."""
    deletes_on = today + timedelta(days=NOTICE_DAYS)
    older_than = find_moment(deletes_on, months)
    count = kind.count(area, older_than)
    if not count:
        return None
    notice = RetentionNotice.objects.create(
        area=area, kind=kind.code, older_than=older_than, count=count, announced_on=today, deletes_on=deletes_on
    )
    details = {"count": count, "older_than": older_than.isoformat(), "deletes_on": deletes_on.isoformat()}
    audit.record(ANNOUNCED, notice, by=None, area=area, kind=kind.code, months=months, **details)
    return notice


def _delete(notice: RetentionNotice, kind: Kind, *, today: date) -> Iterator[int]:
    """Delete what a notice covers, in batches. Yield how many each deleted."""
    while (count := _delete_some(notice, kind, today=today)) is not None:
        yield count


@transaction.atomic
def _delete_some(notice: RetentionNotice, kind: Kind, *, today: date) -> int | None:
    """Delete a batch; end the notice and return None if nothing is left.

    Each batch locks the notice. Who places a hold locks it too, so nothing is deleted after that.
    """
    current = RetentionNotice.objects.select_for_update().filter(pk=notice.pk, outcome="").first()
    if current is None or find_hold(current.area, current.kind, today=today):
        return None
    removed = kind.remove(current.area, current.older_than, kind.at_once)
    if removed.details:
        _note(current, removed, **removed.details)
    current.deleted += removed.count
    if removed.count:
        current.save(update_fields=["deleted"])
        return removed.count
    if current.deleted and not kind.is_chained:
        _note(current, Removed(current.deleted))
    current.outcome, current.ended_on = NoticeOutcome.DELETED.value, today
    current.save(update_fields=["outcome", "ended_on"])
    return None


def _note(notice: RetentionNotice, removed: Removed, **details: object) -> None:
    """Record how many were deleted and up to which moment, and never whose they were."""
    said = {"kind": notice.kind, "deleted": removed.count, "older_than": notice.older_than.isoformat()}
    audit.record(REMOVED, notice, by=None, area=notice.area, **said, **details)


@transaction.atomic
def cancel_notices(area: str, kind: str, *, today: date) -> int:
    """Cancel the open notice of a kind, or every open one of the area if `kind` is empty. Return how many."""
    notices = RetentionNotice.objects.select_for_update().filter(area=area, outcome="")
    if kind:
        notices = notices.filter(kind=kind)
    cancelled = list(notices)
    for notice in cancelled:
        notice.outcome, notice.ended_on = NoticeOutcome.CANCELLED.value, today
        notice.save(update_fields=["outcome", "ended_on"])
        audit.record("retention.cancelled", notice, by=None, area=area, kind=notice.kind)
    return len(cancelled)


def find_notice(area: str, kind: str) -> RetentionNotice | None:
    return RetentionNotice.objects.filter(area=area, kind=kind, outcome="").first()


def list_holds(area: str, *, today: date) -> list[LegalHold]:
    """Return the holds in force."""
    return list(_in_force(today).filter(area=area).select_related("placed_by"))


def list_every_hold(*, today: date) -> list[LegalHold]:
    """Return those of every area."""
    return list(_in_force(today).select_related("placed_by"))


def find_hold(area: str, kind: str, *, today: date) -> LegalHold | None:
    """Return a hold that stops deletions of a kind.

    To erase an account changes names in the record of every area. So a hold of any area's record stops that too.
    """
    if kind == ACCOUNTS:
        return next(iter(list_holds_of_names(today=today)), None) or _find_own_hold(area, kind, today=today)
    return _find_own_hold(area, kind, today=today)


def _find_own_hold(area: str, kind: str, *, today: date) -> LegalHold | None:
    return next((hold for hold in list_holds(area, today=today) if hold.kind in ("", kind)), None)


def list_holds_of_names(*, today: date) -> list[LegalHold]:
    """Return the holds of any record or log in which names are. While there is one, no name is erased."""
    holds = _in_force(today).filter(kind__in=("", EVENTS, READS))
    return list(holds.select_related("placed_by"))


def _in_force(today: date) -> QuerySet[LegalHold]:
    holds = LegalHold.objects.filter(state=HoldState.ON.value)
    return holds.filter(Q(ends_on__isnull=True) | Q(ends_on__gte=today))


def find_months(area: str, kind: Kind) -> int:
    """Return for how many months an area keeps a kind: its own rule, or the usual one. Never below the least."""
    agreed = RetentionRule.objects.filter(area=area, kind=kind.code, state=RuleState.AGREED.value)
    months = agreed.order_by("-pk").values_list("months", flat=True).first()
    return max(kind.least, kind.months if months is None else months)


def list_months(area: str) -> dict[tuple[str, bool], int]:
    """Return for how many months each kind is kept in an area, and each kind of no area as usual. One query.

    A key has the kind's code, and whether it is one of areas.
    """
    agreed = RetentionRule.objects.filter(area=area, state=RuleState.AGREED.value).exclude(area="")
    rules = dict(agreed.order_by("pk").values_list("kind", "months"))  # the newest counts
    return {
        (kind.code, kind.is_of_areas): max(kind.least, rules.get(kind.code, kind.months))
        if kind.is_of_areas
        else kind.months
        for kind in load_kinds()
    }


def is_first_in_a_row(notice: RetentionNotice) -> bool:
    """Return whether the last announcement of this kind didn't end with a deletion: people learn of it again."""
    before = RetentionNotice.objects.filter(area=notice.area, kind=notice.kind, pk__lt=notice.pk).order_by("-pk")
    return bool(before.values_list("outcome", flat=True).first() != NoticeOutcome.DELETED.value)


# A person's name and address are erased from the account and the record where a law wants that.
#
# What they did stays, under a pseudonym. The chain still verifies: an event in it names each event whose words changed,
# with the digest of its new words (core.chain).

ERASED_ADDRESS = "@erased.invalid"
ADDRESS = "ip"  # the detail of an event that has the address of a device


def find_pseudonym(user: User) -> str:
    return f"Person {user.pk}"


def erase_person(user: User, *, why: str, also: Iterable[str] = (), by: User | None) -> int:
    """Erase a person, who can't sign in afterwards. Return how many events changed.

    `also` are former names, which we can't know. Nobody can undo this. Texts that people wrote, such as the minutes of
    a meeting, stay as they are. Raises ValidationError for a missing reason.
    """
    why = checked_reason(why, missing="Say why you are erasing the name.")
    for area in list_chains():
        seal(area)  # only an event in a chain can change its words
    with transaction.atomic():
        user = User.objects.select_for_update().get(pk=user.pk)
        in_place = make_eraser(user, also)
        _erase_account(user, by=by)
        _erase_admin(in_place)
        erased = [_erase_events(area, user, in_place) for area in list_chains()]
        changed = sum(_note_erased(area, user, events, why=in_place(why), by=by) for area, events in erased)
        return changed + _erase_reads(user, in_place)


def make_eraser(user: User, also: Iterable[str]) -> Callable[[Any], Any]:
    """Return what replaces each of the person's names and addresses by the pseudonym, in a text and in details."""
    earlier = {
        actor
        for model in (AuditEvent, ReadEvent)
        for actor in model._default_manager.filter(actor_id=user.pk).order_by().values_list("actor", flat=True)
    }
    pseudonym = find_pseudonym(user)
    names = {one.strip() for one in (user.email, user.name, *earlier, *also)} - {"", pseudonym}
    # The longest first, or “Ann” would leave half of “Ann Lee” behind. Whole words: “Ann” isn't in “Annual”.
    either = "|".join(re.escape(name) for name in sorted(names, key=len, reverse=True))
    pattern = re.compile(rf"(?<!\w)(?:{either})(?!\w)", re.IGNORECASE)

    def in_place(value: Any) -> Any:
        match value:
            case str():
                return pattern.sub(pseudonym, value)
            case list():
                return [in_place(item) for item in value]
            case dict():
                return {in_place(name): in_place(item) for name, item in value.items()}
        return value

    return in_place


def _erase_account(user: User, *, by: User | None) -> None:
    EmailAddress.objects.filter(user=user).delete()
    # These have addresses, names of devices, or what somebody typed. Letters that wait would still be sent.
    OutboxEntry.objects.filter(person=user, kind__in=[kind.value for kind in AccountLetterKind]).delete()
    Authenticator.objects.filter(user=user).delete()
    SocialAccount.objects.filter(user=user).delete()
    user.name, user.email = find_pseudonym(user), f"person-{user.pk}{ERASED_ADDRESS}"
    user.is_active = user.is_staff = user.is_superuser = False
    user.set_unusable_password()
    user.save()
    end_everything(user, by=by)


def _erase_admin(in_place: Callable[[Any], Any]) -> None:
    """Erase the person from the admin's own list of what operators did, which has the names of things."""
    for entry in LogEntry.objects.iterator(chunk_size=AT_ONCE):
        words = {"object_repr": in_place(entry.object_repr), "change_message": in_place(entry.change_message)}
        if words != {name: getattr(entry, name) for name in words}:
            LogEntry.objects.filter(pk=entry.pk).update(**words)


def _words_without(
    event: AuditEvent | ReadEvent, user: User, in_place: Callable[[Any], Any]
) -> tuple[str, str, dict[str, Any]] | None:
    """Return an event's words without the person, or None if they aren't in it."""
    is_theirs = event.actor_id == user.pk
    is_about_them = is_theirs or (event.target_type, event.target_id) == (User._meta.label_lower, str(user.pk))
    details = {name: detail for name, detail in event.details.items() if not (is_about_them and name == ADDRESS)}
    actor = find_pseudonym(user) if is_theirs else in_place(event.actor)
    words = (actor, in_place(event.target), in_place(details))
    return words if words != (event.actor, event.target, event.details) else None


def _erase_events(area: str, user: User, in_place: Callable[[Any], Any]) -> tuple[str, dict[str, str]]:
    """Erase the person from an area's events. Return the new digests, by the number of the event."""
    changed = {}
    # Every event: a name may be in any of them. The texts of JSON can't be searched in the same way on both databases.
    for event in AuditEvent.objects.filter(area=area, number__isnull=False).iterator(chunk_size=AT_ONCE):
        if words := _words_without(event, user, in_place):
            actor, target, details = words
            changed[str(event.number)] = rewrite(event, actor=actor, target=target, details=details, salt=make_salt())
    return area, changed


def _note_erased(area: str, user: User, events: dict[str, str], *, why: str, by: User | None) -> int:
    if events:
        audit.record(ERASED, user, by=by, area=area, why=why, events=events)
    return len(events)


def _erase_reads(user: User, in_place: Callable[[Any], Any]) -> int:
    changed = 0
    for event in ReadEvent.objects.iterator(chunk_size=AT_ONCE):
        if words := _words_without(event, user, in_place):
            actor, target, details = words
            ReadEvent.objects.filter(pk=event.pk).update(
                actor=actor, target=target, details=details, erasures=F("erasures") + 1
            )
            changed += 1
    return changed


def rewrite(event: AuditEvent, *, actor: str, target: str, details: dict[str, object], salt: str) -> str:
    """Save other words for an event, with a new salt. Return their digest, for the event that says so."""
    AuditEvent.objects.filter(pk=event.pk).update(
        actor=actor, target=target, details=details, salt=salt, erasures=F("erasures") + 1
    )
    return digest_words(salt, actor=actor, target=target, details=details)


# Of the record, only the beginning of a chain is removed, behind a checkpoint: docs/adr/0061.


def find_oldest_event(area: str) -> datetime | None:
    """Return when the first event of an area's chain happened."""
    chained = AuditEvent.objects.filter(area=area, number__isnull=False).order_by("number")
    return chained.values_list("happened_at", flat=True).first()


def count_events(area: str, moment: datetime) -> int:
    """Return how many events at the beginning of an area's chain all happened before a moment."""
    return max(0, _find_end(area, moment) - get_checkpoint(area).number)


def _find_end(area: str, moment: datetime) -> int:
    """Return the number of the last event before which nothing happened at the moment or later.

    The numbers nearly follow the clock. Only the beginning of a chain can go: behind it, every event stays.
    """
    chained = AuditEvent.objects.filter(area=area, number__isnull=False)
    first_to_stay = chained.filter(happened_at__gte=moment).aggregate(first=Min("number"))["first"]
    return first_to_stay - 1 if first_to_stay else get_head(area).number


@transaction.atomic
def remove_beginning(area: str, moment: datetime, *, at_most: int = AT_ONCE) -> Head | None:
    """Remove the first events of a chain, all from before a moment, behind a checkpoint. Return the checkpoint, or None
    if there is nothing to remove.

    The caller records it in the same transaction, as REMOVED with `up_to` and `link`. The database refuses it unless it
    was announced in time and nothing holds it (core.freeze).
    """
    chain = AuditChain.objects.select_for_update().filter(area=area).first()
    if chain is None:
        return None
    start = get_checkpoint(area)
    end = min(_find_end(area, moment), start.number + at_most)
    if end <= start.number:
        return None
    link = AuditEvent.objects.values_list("link", flat=True).get(area=area, number=end)
    # First the checkpoint: without it, the database refuses the deletion.
    AuditCheckpoint.objects.create(
        area=area, number=end, link=link, removed=end - start.number, older_than=moment, removed_at=timezone.now()
    )
    AuditEvent.objects.filter(area=area, number__lte=end).delete()
    return Head(end, link)
