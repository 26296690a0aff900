"""E-mails that the product sends by itself: as plain text and HTML that say the same, with a link for one person."""

import logging
from collections.abc import Callable
from dataclasses import dataclass

from django.core.mail import EmailMultiAlternatives
from django.template.loader import render_to_string
from django.urls import reverse

from core.models import User
from core.services import links

logger = logging.getLogger(__name__)


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


def send(make: Callable[[], EmailMultiAlternatives], *, name: str) -> str:
    """Make an e-mail and send it. Returns why it could not be, or nothing where it was.

    `name` says in the log which it was. Raises nothing that has to do with the mail: one that fails must not stop the
    others.
    """
    try:
        make().send()
    except Exception as fault:
        logger.exception("%s could not be sent.", name)
        return describe_fault(fault)
    return ""


def describe_fault(fault: Exception) -> str:
    """Why an e-mail could not be sent, as the mail server or the network has it."""
    return getattr(fault, "strerror", None) or str(fault) or type(fault).__name__
