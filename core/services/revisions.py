"""What if two people edit one thing? The second one gets a message. Nothing is overwritten or decided that they didn't
see.

A page says what it showed: a revision, a number of entries, a fingerprint. Once a service has locked the row, it
compares that with the current state.
"""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from django.db.models import Model

from core.months import date_label
from core.transitions import Refused

NOT_SAVED_YET = "We haven’t saved your changes yet. They are below. We save what is in the boxes when you press"


class ChangedMeanwhile(Refused):
    """Somebody changed it after a page was opened.

    With a `revision`, the form takes it over, so that the next save is accepted. Without one, they have to look at it
    again first.
    """

    def __init__(self, sentence: str, *, revision: int | None = None) -> None:
        super().__init__(sentence)
        self.revision = revision


def check_revision(row: Any, seen: int, *, told: str, button: str = "the button again") -> None:
    """Raise ChangedMeanwhile if `row` has another revision than `seen`, the one that the form was opened with.

    `told` says what the row has now. The form keeps what somebody typed, and the next save is accepted.
    """
    if row.revision != seen:
        raise ChangedMeanwhile(f"{told} {NOT_SAVED_YET} {button}.", revision=row.revision)


def check_seen(seen: object, now: object, *, told: str) -> None:
    """Raise ChangedMeanwhile if the page showed something else. For decisions that depend on what people saw."""
    if seen != now:
        raise ChangedMeanwhile(told)


def now_has(row: Model, changes: Mapping[str, Sequence[str]], *, name: object) -> str:
    """Say that it was changed, and its values where the form differs. `changes` are, by field, its text and the
    form's."""
    fields = {field: row._meta.get_field(field) for field in changes}
    labels = {field: str(getattr(held, "verbose_name", field)) for field, held in fields.items()}
    return now_told(
        {labels[field]: _describe_value(row, field, words[0]) for field, words in changes.items()}, name=name
    )


def now_told(now: Mapping[str, str], *, name: object) -> str:
    """Say the same about values that aren't fields. `now` are their texts, by name."""
    told = "; ".join(f"{label}: {words or 'none'}" for label, words in now.items())
    return f"{name} was changed after you opened this form. The saved text, where yours differs, is now: {told}."


def _describe_value(row: Model, name: str, words: str) -> str:
    """Format a value as pages do: a day, a choice, yes or no."""
    held, field = getattr(row, name), row._meta.get_field(name)
    if isinstance(held, date):
        return date_label(held)
    if isinstance(held, bool):
        return "yes" if held else "no"
    return str(dict(getattr(field, "flatchoices", ())).get(held, words))
