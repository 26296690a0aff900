"""E-mails that the product sends by itself: as plain text and HTML that say the same, with a link for one person.

There is one way to send one. A table that tells of something is a `core.models.Claim`. Its rows are claimed (`claim`,
and `claim_again` where it isn't known that one was sent), handed over and confirmed (`deliver`). A job does so for all
that are due (`deliver_each`). So each letter goes out at least once, and each time by the same name.
"""

import logging
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from smtplib import SMTPRecipientsRefused
from typing import Any
from urllib.parse import urlsplit
from uuid import uuid4

from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.db import models, transaction
from django.db.models import F
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone

from core.jobs import JobFailed
from core.models import Claim, User
from core.services import links
from core.timetable import MOST_TRIES, is_tried_again

logger = logging.getLogger(__name__)
MOST_IN_A_ROW = 3
LONGEST_FAULT: int = Claim._meta.get_field("fault").max_length or 0


@dataclass(frozen=True, slots=True)
class Letter:
    """The words of an e-mail: no figure leaves by e-mail. `opening` says what it is about; `link_words`, what the
    link in it does; `reason`, why this person gets it."""

    marking: str
    subject: str
    opening: str
    sentences: list[str]
    link_words: str
    reason: str


@dataclass(frozen=True, slots=True)
class Part:
    """What a letter tells of one thing, and the path of ours where it is dealt with."""

    letter: Letter
    path: str


def one_line(words: str) -> str:
    """Fit for the subject of an e-mail, which has no line breaks."""
    return " ".join(words.split())


def compose(letter: Letter, *, to: User, path: str, absolute: Callable[[str], str]) -> EmailMultiAlternatives:
    """The e-mail to a person, with a signed link to a path of ours. Its subject begins with the marking, where there
    is one; `absolute` turns a path into an address."""
    context = {
        "letter": letter,
        "person": to,
        "link_url": absolute(links.sign(path, to)),
        "days": links.DAYS,
        "switch_url": absolute(reverse("reminders")),
    }
    message = EmailMultiAlternatives(
        f"{letter.marking}: {letter.subject}" if letter.marking else letter.subject,
        render_to_string("emails/letter.txt", context),
        to=[to.email],
        headers={"Auto-Submitted": "auto-generated"},  # RFC 3834: no out-of-office answer, please
    )
    message.attach_alternative(render_to_string("emails/letter.html", context), "text/html")
    return message


def compose_day(parts: Sequence[Part], *, to: User, absolute: Callable[[str], str]) -> EmailMultiAlternatives:
    """One e-mail of all that a person is told on a day: its subject is the first one's, with how many more there are.
    It is marked as the strictest of them."""
    first = parts[0]
    if len(parts) == 1:
        return compose(first.letter, to=to, path=first.path, absolute=absolute)
    more = len(parts) - 1
    marking = max((part.letter.marking for part in parts), key=len)  # a stricter one says more
    subject = f"{first.letter.subject}, and {more} more thing{'s' if more > 1 else ''}"
    context = {
        "marking": marking,
        "subject": subject,
        "number": len(parts),
        "parts": [(part.letter, absolute(links.sign(part.path, to))) for part in parts],
        "person": to,
        "days": links.DAYS,
        "switch_url": absolute(reverse("reminders")),
    }
    message = EmailMultiAlternatives(
        f"{marking}: {subject}" if marking else subject,
        render_to_string("emails/day.txt", context),
        to=[to.email],
        headers={"Auto-Submitted": "auto-generated"},
    )
    message.attach_alternative(render_to_string("emails/day.html", context), "text/html")
    return message


# --- At least once -------------------------------------------------------------------------------------------------


def make_message_id() -> str:
    """The name of an e-mail, for all tries of it."""
    return f"<{uuid4().hex}@{urlsplit(settings.SITE_URL).hostname or 'localhost'}>"


def claim[Row: Claim](
    model: type[Row], *, message_id: str = "", also: dict[str, Any] | None = None, **occasion: Any
) -> Row | None:
    """Claim that somebody is told of something on one occasion, which the table holds once; None where it was claimed
    before. `also` is what else its row says. What shares a `message_id` is told in one e-mail.

    Called in a transaction that is committed before the mail is sent, or another worker could not see the claim.
    """
    said = {"claimed_at": timezone.now(), "message_id": message_id or make_message_id(), **(also or {})}
    row, is_ours = model._default_manager.get_or_create(**occasion, defaults=said)
    return row if is_ours else None


def list_unconfirmed[Row: Claim](claims: models.QuerySet[Row]) -> list[list[Row]]:
    """Those of these that are tried again now, by e-mail: claimed, and not known to be sent. One query."""
    now = timezone.now()
    letters: dict[str, list[Row]] = {}
    waiting = claims.filter(sent_at=None, tries__lt=MOST_TRIES).exclude(message_id="")  # of before there were any
    for row in waiting.order_by("claimed_at", "pk"):
        if is_tried_again(tries=row.tries, tried_at=row.claimed_at, now=now):
            letters.setdefault(row.message_id, []).append(row)
    return list(letters.values())


def claim_again(rows: Sequence[Claim]) -> bool:
    """Claim an e-mail that isn't confirmed, for another try. Whether it is ours: another worker may have taken it."""
    first, now = rows[0], timezone.now()
    # Durable: in a transaction of a caller's, another worker could not see the claim yet.
    with transaction.atomic(durable=True):
        found = type(first)._default_manager.filter(pk__in=[row.pk for row in rows], sent_at=None, tries=first.tries)
        is_ours = bool(found.update(claimed_at=now, tries=F("tries") + 1))
    for row in rows:
        row.claimed_at, row.tries = now, first.tries + 1
    return is_ours


def deliver(rows: Sequence[Claim], make: Callable[[], EmailMultiAlternatives]) -> str:
    """Send the one e-mail that tells of these claimed rows, and note when; or, if that fails, why. Returns why.

    Raises nothing that has to do with the mail: one that fails must not stop the others.
    """
    first = rows[0]
    fault, is_final = "", False
    try:
        message = make()
        message.extra_headers["Message-ID"] = first.message_id = first.message_id or make_message_id()
        message.send()
    except Exception as broken:
        logger.exception("%s %s could not be sent.", first._meta.verbose_name, [row.pk for row in rows])
        fault, is_final = describe_fault(broken)[:LONGEST_FAULT], is_refused(broken)
    for row in rows:
        row.message_id, row.fault = first.message_id, fault
        row.sent_at = None if fault else timezone.now()
        row.tries = MOST_TRIES if is_final else row.tries
        row.save(update_fields=["message_id", "sent_at", "fault", "tries"])
    return fault


def deliver_each[Row: Claim](letters: Iterable[Sequence[Row]], send: Callable[[Sequence[Row]], object]) -> int:
    """Send what is claimed, one e-mail after the other. How many that were, those that could not be sent too: they are
    tried again. `send` sends what these rows tell of.

    Raises JobFailed where several in a row could not be sent: the mail server is away. Others aren't claimed then, and
    wait for the next wake, instead of each for a server that doesn't answer.
    """
    tried = in_a_row = 0
    for rows in letters:
        send(rows)
        tried += 1
        in_a_row = in_a_row + 1 if rows[0].fault else 0
        if in_a_row == MOST_IN_A_ROW:
            raise JobFailed(f"{in_a_row} e-mails in a row could not be sent. The others wait: {rows[0].fault}")
    return tried


def is_refused(fault: Exception) -> bool:
    """Whether the mail server says that there is no such address: codes that begin with 5, of RFC 5321. It will say so
    again."""
    return isinstance(fault, SMTPRecipientsRefused) and all(500 <= code < 600 for code, _ in fault.recipients.values())


def describe_fault(fault: Exception) -> str:
    """Why an e-mail could not be sent, as the mail server or the network has it."""
    return getattr(fault, "strerror", None) or str(fault) or type(fault).__name__
