"""Erase a person's name and address from the account and the record, where a law wants that.

What they did stays, under a pseudonym. The chain still verifies: an event in it names each event whose words changed,
with the digest of its new words (core.chain).
"""

import re
from collections.abc import Callable, Iterable
from typing import Any

from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.socialaccount.models import SocialAccount
from django.contrib.admin.models import LogEntry
from django.db import transaction
from django.db.models import F

from core import audit
from core.chain import make_salt
from core.models import AccountLetter, AuditEvent, ReadEvent, User
from core.sealing import AT_ONCE, ERASED, list_chains, rewrite, seal
from core.services.reasons import checked_reason
from core.services.sign_ins import end_everything

ERASED_ADDRESS = "@erased.invalid"
ADDRESS = "ip"  # the detail of an event that has the address of a device


def find_pseudonym(user: User) -> str:
    return f"Person {user.pk}"


def erase_person(user: User, *, why: str, also: Iterable[str] = (), by: User | None) -> int:
    """Erase a person, who can't sign in afterwards. Return how many events changed.

    `also` are former names, which we can't know. Nobody can undo this. Texts that people wrote, such as the minutes of
    a meeting, stay as they are. Raises ValidationError for a missing reason.
    """
    why = checked_reason(why, missing="Say why the name is erased.")
    for area in list_chains():
        seal(area)  # only an event in a chain can change its words
    with transaction.atomic():
        user = User.objects.select_for_update().get(pk=user.pk)
        in_place = make_eraser(user, also)
        _erase_account(user, by=by)
        _erase_admin(in_place)
        found = [_erase_events(area, user, in_place) for area in list_chains()]
        changed = sum(_note(area, user, events, why=in_place(why), by=by) for area, events in found)
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
                return [in_place(each) for each in value]
            case dict():
                return {in_place(name): in_place(each) for name, each in value.items()}
        return value

    return in_place


def _erase_account(user: User, *, by: User | None) -> None:
    EmailAddress.objects.filter(user=user).delete()
    # These have addresses, names of devices, or what somebody typed. Letters that wait would still be sent.
    AccountLetter.objects.filter(person=user).delete()
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
    details = {name: each for name, each in event.details.items() if not (is_about_them and name == ADDRESS)}
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


def _note(area: str, user: User, events: dict[str, str], *, why: str, by: User | None) -> int:
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
