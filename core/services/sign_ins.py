"""Where is somebody signed in? Ends their sign-ins: one, all others, or everything at once."""

from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone

from core import audit
from core.models import KnownDevice, Session, User
from core.services import kept_forms


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
    found = [
        SignIn(_name(row), row.device or "Unknown browser", row.began_at, row.seen_at, row.session_key == this)
        for row in rows.order_by("-seen_at")
    ]
    return sorted(found, key=lambda each: not each.is_this)


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
    kept_forms.forget_all(person)
    KnownDevice.objects.filter(person=person).delete()


def _name(row: Session) -> str:
    return sha256(f"sign-in {row.session_key}".encode()).hexdigest()[:32]
