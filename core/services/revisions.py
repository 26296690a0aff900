"""Two people at one form: the second is told, and nothing is overwritten that they didn't see."""

from collections.abc import Mapping, Sequence
from datetime import date

from django.db.models import Model

from core.months import date_label


class ChangedMeanwhile(Exception):
    """Somebody changed it after a form was opened. Its text is a sentence for the user, whose form keeps what they
    typed; `revision` is the one that it has by now."""

    def __init__(self, told: str, *, revision: int) -> None:
        super().__init__(
            f"{told} Nothing of yours has been saved yet: it is below. "
            "What stands in the boxes is saved when you press the button again."
        )
        self.revision = revision


def now_has(row: Model, changes: Mapping[str, Sequence[str]], *, name: object) -> str:
    """That it was changed, and what it has now where the form differs: `changes` are, by field, the words that it has
    and those of the form."""
    fields = {field: row._meta.get_field(field) for field in changes}
    labels = {field: str(getattr(held, "verbose_name", field)) for field, held in fields.items()}
    return now_told({labels[field]: _words(row, field, words[0]) for field, words in changes.items()}, name=name)


def now_told(now: Mapping[str, str], *, name: object) -> str:
    """The same of what isn't told field by field: `now` are the words that it has, by what they are called."""
    told = "; ".join(f"{label}: {words or 'none'}" for label, words in now.items())
    return f"{name} was changed after you opened this form. Where yours differs, it has now: {told}."


def _words(row: Model, name: str, words: str) -> str:
    """As a page has them: a day, a choice, yes or no."""
    held, field = getattr(row, name), row._meta.get_field(name)
    if isinstance(held, date):
        return date_label(held)
    if isinstance(held, bool):
        return "yes" if held else "no"
    return str(dict(getattr(field, "flatchoices", ())).get(held, words))
