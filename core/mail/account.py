"""Write to somebody about their own account: a link to a new password, a new browser, or a change.

The page that asks for a link doesn't tell whether there is an account.
"""

from datetime import timedelta
from uuid import uuid4

from allauth.account.forms import default_token_generator
from allauth.account.utils import user_pk_to_url_str
from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.db import connection, transaction
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone

from core.letter_kinds import AccountLetterKind
from core.mail import letters
from core.mail.letters import site_address
from core.models import OutboxEntry, ResetRequest, User

# Each letter goes out by itself within a minute. It doesn't wait for the day's e-mail, and nobody can switch it off.

SUBJECTS = {
    AccountLetterKind.RESET: "Set your password for the V+V Dashboard",
    AccountLetterKind.NOT_SET: "You have no password for the V+V Dashboard yet",
    AccountLetterKind.DEVICE: "You signed in to the V+V Dashboard with a new browser",
    AccountLetterKind.PASSWORD: "Your password for the V+V Dashboard was changed",
    AccountLetterKind.FACTOR: "How you sign in to the V+V Dashboard was changed",
    AccountLetterKind.ADDRESS: "Your email address for the V+V Dashboard was changed",
    AccountLetterKind.OPERATOR: "Someone became an operator of the V+V Dashboard",
    AccountLetterKind.PROVIDER: "How you sign in to the V+V Dashboard was changed",
}


def write_letter(person: User, kind: AccountLetterKind, *, about: str = "", address: str = "") -> OutboxEntry:
    """Write a letter, in the transaction of what it is about. `send_account_letters` sends it.

    `address` is where it goes, if that isn't the person's own. `about` is the browser, the new address or the change.
    """
    # Each letter is an occasion of its own.
    return letters.put_out(kind.value, uuid4().hex, person=person, address=address or person.email, about=about)


def send_account_letters() -> int:
    """Send the letters that wait. Return how many. Raises JobFailed if the mail server doesn't answer."""
    return letters.send_waiting(SUBJECTS, compose)


def compose(letter: OutboxEntry) -> EmailMultiAlternatives:
    """Return the e-mail. A link to a password is made only now: no table and no log ever has it."""
    kind, person = AccountLetterKind(letter.kind), letter.person
    if person is None:
        raise ValueError("An email about an account must be to a person.")
    context = {
        "letter": letter,
        "kind": kind.value,
        "link_url": site_address(password_path(person)) if kind is AccountLetterKind.RESET else "",
        "life": f"{settings.RESET_HOURS} hours" if person.has_usable_password() else f"{settings.INVITATION_DAYS} days",
        "reset_url": site_address(reverse("account_reset_password")),
        "sign_ins_url": site_address(reverse("sign-ins")),
    }
    words = render_to_string("emails/account_letter.txt", context)
    return letters.make_message(SUBJECTS[kind], words, to=[letter.address])


# Strangers can't fill a mailbox. The link in an earlier letter still works, so its owner loses nothing.
MOST_LETTERS, WITHIN = 3, timedelta(hours=1)
MOST_AT_ONCE = 500
KINDS = (AccountLetterKind.RESET.value, AccountLetterKind.NOT_SET.value)


def password_path(user: User) -> str:
    """Return the path where a person sets a password. It works once, and for as long as core.identity.tokens says."""
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
        requests = list(
            ResetRequest.objects.select_for_update(
                skip_locked=connection.features.has_select_for_update_skip_locked
            ).order_by("pk")[:MOST_AT_ONCE]
        )
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
    recent = OutboxEntry.objects.filter(person=person, kind__in=KINDS, written_at__gt=since)
    return recent.count() >= MOST_LETTERS
