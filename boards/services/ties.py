"""Note that somebody invited a person, gave them a role, or had their second factor reset."""

from django.utils import timezone

from boards.models import Tie, TieKind
from core.models import User


def note_tie(person: User, kind: TieKind, *, by: User | None) -> None:
    """Note who did it, in the transaction of the act itself. `by` is None at the command line. Nobody is tied to
    themselves."""
    if by is not None and by.pk != person.pk:
        Tie.objects.get_or_create(made_by=by, person=person, kind=kind.value, defaults={"made_at": timezone.now()})
