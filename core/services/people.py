"""A person's own settings."""

from collections.abc import Sequence

from django.db import transaction

from core import audit
from core.letter_kinds import AccountLetterKind
from core.models import User
from core.services.account_letters import write_letter
from core.services.sign_ins import end_everything


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
    for each in User.objects.filter(is_active=True, is_superuser=True):
        write_letter(each, AccountLetterKind.OPERATOR, about=f"{person.name} ({person.email})")


@transaction.atomic
def note_address(person: User, *, before: str, by: User) -> None:
    """Write to the old and the new address that somebody's address was changed, and sign them out everywhere."""
    for address in (before, person.email):
        write_letter(person, AccountLetterKind.ADDRESS, about=f"{before} to {person.email}", address=address)
    end_everything(person, by=by)
