"""Write to somebody about their own account: a link to a new password, a new browser, or a change.

Each letter goes out by itself within a minute. It doesn't wait for the day's e-mail, and nobody can switch it off.
"""

from collections.abc import Callable
from functools import partial

from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone

from core.letter_kinds import AccountLetterKind
from core.models import AccountLetter, User
from core.services import letters

SUBJECTS = {
    AccountLetterKind.RESET: "Set your password for the V+V Dashboard",
    AccountLetterKind.NOT_SET: "You have no password for the V+V Dashboard yet",
    AccountLetterKind.DEVICE: "You signed in to the V+V Dashboard with a new browser",
    AccountLetterKind.PASSWORD: "Your password for the V+V Dashboard was changed",
    AccountLetterKind.FACTOR: "How you sign in to the V+V Dashboard was changed",
    AccountLetterKind.ADDRESS: "Your e-mail address for the V+V Dashboard was changed",
    AccountLetterKind.OPERATOR: "Somebody became an operator of the V+V Dashboard",
    AccountLetterKind.PROVIDER: "How you sign in to the V+V Dashboard was changed",
}


def write_letter(person: User, kind: AccountLetterKind, *, about: str = "", address: str = "") -> AccountLetter:
    """Write a letter, in the transaction of what it is about. `send_account_letters` sends it.

    `address` is where it goes, if that isn't the person's own. `about` is the browser, the new address or the change.
    """
    now = timezone.now()
    return AccountLetter.objects.create(
        person=person,
        kind=kind.value,
        address=address or person.email,
        about=about,
        happened_at=now,
        claimed_at=now,
        message_id=letters.make_message_id(),
        tries=0,  # nobody has tried it yet
    )


def send_account_letters(*, absolute: Callable[[str], str], password_path: Callable[[User], str]) -> int:
    """Send the letters that wait, and try unconfirmed ones again. Return how many.

    Raises JobFailed if the mail server doesn't answer.
    """
    waiting = letters.list_unconfirmed(AccountLetter.objects.select_related("person"))
    ours = (rows for rows in waiting if letters.claim_again(rows))

    def send(rows: list[AccountLetter]) -> None:
        letters.deliver(rows, partial(compose, rows[0], absolute=absolute, password_path=password_path))

    return letters.deliver_each(ours, send)  # type: ignore[arg-type]


def compose(
    letter: AccountLetter, *, absolute: Callable[[str], str], password_path: Callable[[User], str]
) -> EmailMultiAlternatives:
    """Return the e-mail. A link to a password is made only now: no table and no log ever has it."""
    kind = AccountLetterKind(letter.kind)
    context = {
        "letter": letter,
        "kind": kind.value,
        "link_url": absolute(password_path(letter.person)) if kind is AccountLetterKind.RESET else "",
        "life": f"{settings.RESET_HOURS} hours"
        if letter.person.has_usable_password()
        else f"{settings.INVITATION_DAYS} days",
        "reset_url": absolute(reverse("account_reset_password")),
        "sign_ins_url": absolute(reverse("sign-ins")),
    }
    words = render_to_string("emails/account_letter.txt", context)
    return EmailMultiAlternatives(
        SUBJECTS[kind], words, to=[letter.address], headers={"Auto-Submitted": "auto-generated"}
    )
