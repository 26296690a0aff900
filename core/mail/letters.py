"""The e-mails that the product sends automatically: as plain text and HTML with the same content, with a link for one
person.

There is one way to send one. Each reason for an e-mail is a `core.models.OutboxEntry`. We claim it by saving it (or by
`claim_again` if it isn't confirmed), then hand over and confirm it (`deliver`). A job does this for all that are due
(`deliver_each`). So each e-mail is sent at least once, every time under the same name.
"""

import logging
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import partial
from smtplib import SMTPRecipientsRefused
from typing import Any
from urllib.parse import urlsplit
from uuid import uuid4

from django.conf import settings
from django.core import signing
from django.core.mail import EmailMultiAlternatives
from django.db import models, transaction
from django.db.models import F
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme

from core.models import OutboxEntry, User
from core.timetable import MOST_TRIES, JobFailed, is_tried_again

# A signed link doesn't give access. It says which page, and for whom. People still have to sign in, as the person we
# sent it to.

SALT = "core.pages"
DAY = 24 * 60 * 60  # seconds
DAYS = 60  # days for which a link works


@dataclass(frozen=True, slots=True)
class SignedLink:
    path: str
    user_id: int


def site_address(path: str) -> str:
    """Return a path as a full address, for text outside a request: there is no `Host` to use."""
    return f"{settings.SITE_URL}{path}"


def sign(path: str, user: User) -> str:
    """Return the path of a link that leads this person to another path of ours."""
    return reverse("signed-link", args=[signing.dumps({"path": path, "user": user.pk}, salt=SALT)])


def read(token: str) -> SignedLink:
    """Return where a link leads, and for whom.

    Raises django.core.signing.BadSignature for one that isn't ours, is too old or leads to another site.
    """
    signed = signing.loads(token, salt=SALT, max_age=DAYS * DAY)
    link = SignedLink(signed["path"], signed["user"])
    # We signed it, but check it all the same: “//other.example” is a path that leads to another site.
    if not link.path.startswith("/") or not url_has_allowed_host_and_scheme(link.path, allowed_hosts=None):
        raise signing.BadSignature("The link leads to another site.")
    return link


logger = logging.getLogger(__name__)
MOST_IN_A_ROW = 3
LONGEST_FAULT: int = OutboxEntry._meta.get_field("fault").max_length or 0


@dataclass(frozen=True, slots=True)
class Letter:
    """The text of an e-mail. It never contains a figure. `opening` says what it is about; `link_words` is the text of
    its link; `reason` says why this person gets it."""

    marking: str
    subject: str
    opening: str
    sentences: list[str]
    link_words: str
    reason: str


@dataclass(frozen=True, slots=True)
class Part:
    """The part of an e-mail about one thing, and the path of its page."""

    letter: Letter
    path: str


def compose(parts: Sequence[Part], *, to: User) -> EmailMultiAlternatives:
    """Return one e-mail to a person about each of these parts, with signed links to their pages.

    Its subject is the first part's, with how many more there are. It starts with the strictest marking of them, if any
    has one.
    """
    linked = [(part.letter, site_address(sign(part.path, to))) for part in parts]
    (first, link_url), more = linked[0], len(parts) - 1
    marking = max((part.letter.marking for part in parts), key=len)  # a stricter marking is longer
    subject = f"{first.subject}, and {more} more thing{'s' if more > 1 else ''}" if more else first.subject
    context = {
        "marking": marking,
        "subject": subject,
        "number": len(parts),
        "parts": linked,
        "letter": first,  # the only one, in the shorter e-mail
        "link_url": link_url,
        "person": to,
        "days": DAYS,
        "switch_url": site_address(reverse("reminders")),
    }
    template = "emails/day" if more else "emails/letter"
    words = render_to_string(f"{template}.txt", context)
    message = make_message(f"{marking}: {subject}" if marking else subject, words, to=[to.email])
    message.attach_alternative(render_to_string(f"{template}.html", context), "text/html")
    return message


def make_message(subject: str, words: str, *, to: Sequence[str]) -> EmailMultiAlternatives:
    """Return an e-mail that nobody's out-of-office answers (RFC 3834). Its name has the site's host, not this
    machine's."""
    headers = {"Auto-Submitted": "auto-generated", "Message-ID": make_message_id()}
    return EmailMultiAlternatives(subject, words, to=to, headers=headers)


# --- At least once -------------------------------------------------------------------------------------------------


def make_message_id() -> str:
    """Return a name for an e-mail, the same for all tries."""
    return f"<{uuid4().hex}@{urlsplit(settings.SITE_URL).hostname or 'localhost'}>"


def put_out(kind: str, occasion: str, **fields: Any) -> OutboxEntry:
    """Put an e-mail of its own into the outbox, in the transaction of what it is about. `send_waiting` sends it."""
    now, name = timezone.now(), make_message_id()
    # Nobody has tried it yet.
    values = {"written_at": now, "claimed_at": now, "message_id": name, "tries": 0} | fields
    return OutboxEntry.objects.create(kind=kind, occasion=occasion, **values)


def list_to_try(waiting: models.QuerySet[OutboxEntry]) -> list[OutboxEntry]:
    """Return those entries of these that are to be tried now, the oldest first. One query."""
    now = timezone.now()
    return [
        entry
        for entry in waiting.order_by("claimed_at", "pk")
        if is_tried_again(tries=entry.tries, tried_at=entry.claimed_at, now=now)
    ]


def claim_again(entries: Sequence[OutboxEntry]) -> bool:
    """Claim an unconfirmed e-mail for another try. Return whether it is ours: another worker may have claimed it."""
    first, now = entries[0], timezone.now()
    # Durable: inside a caller's transaction, another worker couldn't see the claim yet.
    with transaction.atomic(durable=True):
        # `tries` is the guard: a worker that was first has raised it, and this then updates no row.
        guard = OutboxEntry.objects.filter(pk=first.pk, sent_at=None, tries=first.tries)
        if not guard.update(claimed_at=now, tries=F("tries") + 1):
            return False
        change(entries, claimed_at=now, tries=first.tries + 1)
    return True


def start_again(entries: Sequence[OutboxEntry]) -> None:
    """Claim failed entries, which the caller has locked, for an e-mail of their own with a new name."""
    change(entries, claimed_at=timezone.now(), fault="", tries=1, message_id=make_message_id())


def change(entries: Sequence[OutboxEntry], **values: Any) -> None:
    """Change these entries, in the database and here."""
    OutboxEntry.objects.filter(pk__in=[entry.pk for entry in entries]).update(**values)
    for entry in entries:
        for name, value in values.items():
            setattr(entry, name, value)


def deliver(entries: Sequence[OutboxEntry], make: Callable[[], EmailMultiAlternatives]) -> str:
    """Send the one e-mail about these claimed entries, and save when; or, if that fails, why. Return why.

    Raises nothing to do with mail: one that fails must not stop the others.
    """
    fault = ""
    try:
        message = make()
        message.extra_headers["Message-ID"] = entries[0].message_id
        message.send()
    except Exception as broken:
        logger.exception("The email for entries %s could not be sent.", [entry.pk for entry in entries])
        fault = describe_fault(broken)[:LONGEST_FAULT]
        change(entries, fault=fault, **({"tries": MOST_TRIES} if is_refused(broken) else {}))
    else:
        change(entries, fault="", sent_at=timezone.now())
    return fault


def deliver_each(mails: Iterable[tuple[Sequence[OutboxEntry], Callable[[], EmailMultiAlternatives]]]) -> int:
    """Send claimed e-mails one after the other: the entries of each, and what writes it. Return how many, including
    failed ones, which we try again.

    Raises JobFailed if several in a row fail: the mail server is down. The others stay unclaimed until the next wake,
    so they don't all wait for a server that doesn't answer.
    """
    tried = in_a_row = 0
    for entries, make in mails:
        fault = deliver(entries, make)
        tried += 1
        in_a_row = in_a_row + 1 if fault else 0
        if in_a_row == MOST_IN_A_ROW:
            raise JobFailed(f"{in_a_row} emails in a row could not be sent. The others wait: {fault}")
    return tried


def send_waiting(kinds: Iterable[str], compose: Callable[[OutboxEntry], EmailMultiAlternatives]) -> int:
    """Send the e-mails of these kinds that wait, and try unconfirmed ones again. Return how many.

    Raises JobFailed if the mail server doesn't answer.
    """
    waiting = OutboxEntry.objects.waiting().filter(kind__in=kinds).select_related("person")
    return deliver_each(([entry], partial(compose, entry)) for entry in list_to_try(waiting) if claim_again([entry]))


def is_refused(fault: Exception) -> bool:
    """Return whether the mail server says that the address doesn't exist: codes that start with 5, in RFC 5321. It will
    say so again."""
    return isinstance(fault, SMTPRecipientsRefused) and all(500 <= code < 600 for code, _ in fault.recipients.values())


def describe_fault(fault: Exception) -> str:
    """Describe why an e-mail could not be sent, in the words of the mail server or the network."""
    return getattr(fault, "strerror", None) or str(fault) or type(fault).__name__
