"""Two people at one thing: the second is told, and nothing is overwritten, or decided, that they didn't see.

A page says what it showed: a revision, how many entries there were, a fingerprint. A service compares that with what
there is once it has locked the row.
"""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from django.db.models import Model

from core.months import date_label
from core.transitions import Refused

NOT_SAVED_YET = "We haven’t saved your changes yet. They are below. We save what is in the boxes when you press"


class ChangedMeanwhile(Refused):
    """Somebody changed it after a page was opened. Where `revision` is given, the form carries it from then on, so that
    the next Save is taken; where none is, they have to look at it again first."""

    def __init__(self, sentence: str, *, revision: int | None = None) -> None:
        super().__init__(sentence)
        self.revision = revision


def check_revision(row: Any, seen: int, *, told: str, button: str = "the button again") -> None:
    """`seen` is the revision that the form was opened with. Raises ChangedMeanwhile where `row` has another by now:
    `told` says what it has, what was typed stays in the form, and the next Save is taken."""
    if row.revision != seen:
        raise ChangedMeanwhile(f"{told} {NOT_SAVED_YET} {button}.", revision=row.revision)


def check_seen(seen: object, now: object, *, told: str) -> None:
    """For what is decided by looking at it. Raises ChangedMeanwhile where the page showed something else."""
    if seen != now:
        raise ChangedMeanwhile(told)


def now_has(row: Model, changes: Mapping[str, Sequence[str]], *, name: object) -> str:
    """That it was changed, and what it has now where the form differs: `changes` are, by field, the words that it has
    and those of the form."""
    fields = {field: row._meta.get_field(field) for field in changes}
    labels = {field: str(getattr(held, "verbose_name", field)) for field, held in fields.items()}
    return now_told(
        {labels[field]: _describe_value(row, field, words[0]) for field, words in changes.items()}, name=name
    )


def now_told(now: Mapping[str, str], *, name: object) -> str:
    """The same of what isn't told field by field: `now` are the words that it has, by what they are called."""
    told = "; ".join(f"{label}: {words or 'none'}" for label, words in now.items())
    return f"{name} was changed after you opened this form. The saved text, where yours differs, is now: {told}."


def _describe_value(row: Model, name: str, words: str) -> str:
    """As a page has them: a day, a choice, yes or no."""
    held, field = getattr(row, name), row._meta.get_field(name)
    if isinstance(held, date):
        return date_label(held)
    if isinstance(held, bool):
        return "yes" if held else "no"
    return str(dict(getattr(field, "flatchoices", ())).get(held, words))
