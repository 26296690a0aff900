"""The forms for line names: look at them, add one, and say who may see them. No name is stored in a session."""

from typing import Any, ClassVar

from core.forms import AsTyped, HandDrawnForm, KeyField


class NamesForm(HandDrawnForm):
    """Its question's box has one id wherever it appears: only one form on the page holds typed text."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.guard.widget.attrs["id"] = "not_personal"


class WhyForm(NamesForm):
    """Asks why somebody needs to see an origin's names, or why their access ends."""

    short_text: ClassVar[tuple[str, ...]] = ("why",)
    why = AsTyped()


class NoteForm(NamesForm):
    short_text: ClassVar[tuple[str, ...]] = ("name",)
    origin, name = KeyField(), AsTyped()


class GrantForm(NamesForm):
    short_text: ClassVar[tuple[str, ...]] = ("why",)
    user, why = KeyField(), AsTyped()
