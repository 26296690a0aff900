"""Where somebody is signed in, and with which browsers: list and end their sign-ins, and note each."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from secrets import token_urlsafe

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.utils import timezone

from core import audit
from core.forms import kept
from core.letter_kinds import AccountLetterKind
from core.mail.account import write_letter
from core.models import KnownDevice, Session, User
from core.visitors import describe_browser


@dataclass(frozen=True, slots=True)
class SignIn:
    """A browser in which somebody is signed in. `name` stands for its session on a page, and lets nobody in."""

    name: str
    device: str
    began_at: datetime | None
    seen_at: datetime | None
    is_this: bool


def list_sign_ins(person: User, *, this: str | None) -> list[SignIn]:
    """Return a person's sign-ins, this one first. `this` is the key of the session that asks. One query."""
    rows = Session.objects.filter(person=person, expire_date__gt=timezone.now()).defer("session_data")
    sign_ins = [
        SignIn(_name(row), row.device or "Unknown browser", row.began_at, row.seen_at, row.session_key == this)
        for row in rows.order_by("-seen_at")
    ]
    return sorted(sign_ins, key=lambda sign_in: not sign_in.is_this)


@transaction.atomic
def end_sign_in(name: str, *, by: User) -> None:
    """End one of a person's own sign-ins. Raises ValidationError if there is no such sign-in any more."""
    row = next((row for row in Session.objects.filter(person=by) if _name(row) == name), None)
    if row is None:
        raise ValidationError("That sign-in has already ended.")
    row.delete()
    audit.record("user.sign_in_ended", by, by=by, number=1)


@transaction.atomic
def end_others(person: User, *, this: str | None, by: User | None) -> int:
    """End every sign-in of a person except this one. Return how many."""
    number = Session.objects.filter(person=person).exclude(pk=this or "").delete()[0]
    if number:
        audit.record("user.sign_in_ended", person, by=by, number=number)
    return number


@transaction.atomic
def end_everything(person: User, *, by: User | None) -> None:
    """Sign a person out everywhere, and delete the forms that we saved for them."""
    end_others(person, this=None, by=by)
    kept.forget_all(person)
    KnownDevice.objects.filter(person=person).delete()


def _name(row: Session) -> str:
    return sha256(f"sign-in {row.session_key}".encode()).hexdigest()[:32]


def note_failed_sign_in(person: User | None, *, ip: str, **why: str) -> None:
    """Record a sign-in that failed or that we refused. What was typed stays out: people type passwords into it, and an
    address that a provider names isn't proven."""
    audit.record("user.sign_in_failed", person or User(), by=None, ip=ip, is_known=person is not None, **why)


# The browsers that somebody has signed in with: wrong passwords from a known one count by themselves.
#
# A known browser has a cookie with a key, and the table has the key's hash. Strangers who try passwords for somebody's
# address lock out only browsers that we don't know. The cookie lets nobody in.

MOST_DEVICES = 20  # for one person: private windows make one each time
COOKIE_AGE = 400 * 24 * 60 * 60  # seconds; browsers allow no more


def find_key(request: HttpRequest) -> str:
    """Return the key in this browser's cookie; empty if it has none."""
    key = request.COOKIES.get(settings.DEVICE_COOKIE_NAME, "")
    return key if re.fullmatch(r"[\w-]{43}", key, re.ASCII) else ""


def find_device(request: HttpRequest, *, email: str) -> KnownDevice | None:
    """Return this browser, if the person with this address has signed in with it."""
    key = find_key(request)
    if not key:
        return None
    return KnownDevice.objects.filter(key=_hash(key), person__email__iexact=email).first()


def name_browser(request: HttpRequest) -> str:
    return describe_browser(request.META.get("HTTP_USER_AGENT", ""))


@transaction.atomic
def remember_device(request: HttpRequest, response: HttpResponse, *, person: User, is_first: bool) -> bool:
    """Remember the browser with which somebody has just signed in, and write to them if it is new.

    `is_first` is true for their first sign-in ever, after which no letter is due. Returns whether one was written.
    """
    key, now, device = find_key(request) or token_urlsafe(32), timezone.now(), name_browser(request)
    row, is_new = KnownDevice.objects.get_or_create(
        person=person, key=_hash(key), defaults={"device": device, "first_at": now, "seen_at": now}
    )
    if is_new:
        oldest = person.devices.order_by("-seen_at").values_list("pk", flat=True)[MOST_DEVICES:]
        KnownDevice.objects.filter(pk__in=list(oldest)).delete()
    else:
        row.device, row.seen_at = device, now
        row.save(update_fields=["device", "seen_at"])
    response.set_cookie(
        settings.DEVICE_COOKIE_NAME,
        key,
        max_age=COOKIE_AGE,
        secure=settings.SESSION_COOKIE_SECURE,
        httponly=True,
        samesite="Lax",
    )
    if is_new and not is_first:
        write_letter(person, AccountLetterKind.DEVICE, about=device)
    return is_new and not is_first


def forget_others(request: HttpRequest, *, person: User) -> None:
    """Let a person's other browsers count as new again, so that they get a letter about the next sign-in with one."""
    KnownDevice.objects.filter(person=person).exclude(key=_hash(find_key(request))).delete()


def _hash(key: str) -> str:
    return sha256(key.encode()).hexdigest()


@transaction.atomic
def set_reminded(*, is_reminded: bool, unwanted: Sequence[str] | None = None, by: User) -> User:
    """Switch a person's e-mails on or off: all of them, and the kinds that are `unwanted` (core.letter_kinds). None
    leaves the kinds unchanged."""
    # What is stored is what they don't want. So a new kind of e-mail reaches everybody until they switch it off.
    kinds = by.unwanted if unwanted is None else sorted(unwanted)
    if (by.is_reminded, by.unwanted) != (is_reminded, kinds):
        by.is_reminded, by.unwanted = is_reminded, kinds
        by.save(update_fields=["is_reminded", "unwanted"])
        audit.record("user.reminders_switched", by, by=by, is_reminded=is_reminded, unwanted=kinds)
    return by


@transaction.atomic
def note_operator(person: User) -> None:
    """Write to every operator that this person has become one. Alone they could confirm roles in every area."""
    for operator in User.objects.filter(is_active=True, is_superuser=True):
        write_letter(operator, AccountLetterKind.OPERATOR, about=f"{person.name} ({person.email})")


@transaction.atomic
def note_address(person: User, *, before: str, by: User) -> None:
    """Write to the old and the new address that somebody's address was changed, and sign them out everywhere."""
    for address in (before, person.email):
        write_letter(person, AccountLetterKind.ADDRESS, about=f"{before} to {person.email}", address=address)
    end_everything(person, by=by)
