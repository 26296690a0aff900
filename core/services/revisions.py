"""Two people at one form: the second is told, and nothing is overwritten that they didn't see."""

from collections.abc import Mapping, Sequence

from django.db.models import Model


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
    labels = {field: str(getattr(row._meta.get_field(field), "verbose_name", field)) for field in changes}
    now = "; ".join(f"{labels[field]}: {words[0] or 'none'}" for field, words in changes.items())
    return f"{name} was changed after you opened this form. Where yours differs, it has now: {now}."
