"""Send somebody a link to set a password. The page that asks for one doesn't tell whether there is an account."""

from datetime import timedelta

from allauth.account.forms import default_token_generator
from allauth.account.utils import user_pk_to_url_str
from django.conf import settings
from django.db import transaction
from django.urls import reverse
from django.utils import timezone

from core.letter_kinds import AccountLetterKind
from core.models import AccountLetter, ResetRequest, User
from core.services.account_letters import write_letter

# Strangers can't fill a mailbox. The link in an earlier letter still works, so its owner loses nothing.
MOST_LETTERS, WITHIN = 3, timedelta(hours=1)
MOST_AT_ONCE = 500
KINDS = (AccountLetterKind.RESET.value, AccountLetterKind.NOT_SET.value)


def password_path(user: User) -> str:
    """Return the path where a person sets a password. It works once, and for as long as core.tokens says."""
    # With this key anybody can set the password. It may go into that person's e-mail, and never into a log.
    key = default_token_generator.make_token(user)
    return reverse("account_reset_password_from_key", kwargs={"uidb36": user_pk_to_url_str(user), "key": key})


def ask_reset(email: str) -> None:
    """Save that somebody wants a link for this address. It is the same work for a known and an unknown one."""
    ResetRequest.objects.create(email=email, asked_at=timezone.now())


def answer_resets() -> int:
    """Write a letter for each known address that somebody typed, and forget them all. Return how many.

    A job does this, so no answer's time tells whether there is an account. Two workers never answer one request twice.
    """
    written = 0
    with transaction.atomic():
        requests = list(ResetRequest.objects.select_for_update(skip_locked=_can_skip()).order_by("pk")[:MOST_AT_ONCE])
        for email in {request.email.lower() for request in requests}:
            person = User.objects.select_for_update().filter(email__iexact=email, is_active=True).first()
            if person is not None and not _has_enough(person):
                write_letter(person, AccountLetterKind.RESET if may_ask(person) else AccountLetterKind.NOT_SET)
                written += 1
        ResetRequest.objects.filter(pk__in=[request.pk for request in requests]).delete()
    return written


def may_ask(person: User) -> bool:
    """Return whether the page sends this person a link. After an invitation has expired, whoever invites decides."""
    last_day = person.joined_on + timedelta(days=settings.INVITATION_DAYS)
    return person.has_usable_password() or timezone.localdate() <= last_day


def _has_enough(person: User) -> bool:
    """Return whether the mailbox already has letters of the last hour. After a sign-in their links no longer work."""
    since = max(timezone.now() - WITHIN, person.last_login or timezone.now() - WITHIN)
    recent = AccountLetter.objects.filter(person=person, kind__in=KINDS, happened_at__gt=since)
    return recent.count() >= MOST_LETTERS


def _can_skip() -> bool:
    return bool(transaction.get_connection().features.has_select_for_update_skip_locked)
