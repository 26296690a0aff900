"""Which browsers has somebody signed in with? Wrong passwords from a known one count by themselves.

A known browser has a cookie with a key, and the table has the key's hash. Strangers who try passwords for somebody's
address lock out only browsers that we don't know. The cookie lets nobody in.
"""

import re
from hashlib import sha256
from secrets import token_urlsafe

from django.conf import settings
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.utils import timezone

from core.browsers import describe_browser
from core.letter_kinds import AccountLetterKind
from core.models import KnownDevice, User
from core.services.account_letters import write_letter

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
