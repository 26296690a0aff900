"""Names of lines: look at them, note one, and say who may. Nothing of them is kept in a session."""

from typing import Any, ClassVar

from core.forms import AsTyped, HandDrawnForm, KeyField


class NamesForm(HandDrawnForm):
    """Its question's box has the same id wherever it stands: one form of the page holds what was typed."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.guard.widget.attrs["id"] = "not_personal"


class WhyForm(NamesForm):
    """Why the names of an origin have to be seen; or why somebody sees names no more."""

    short_text: ClassVar[tuple[str, ...]] = ("why",)
    why = AsTyped()


class NoteForm(NamesForm):
    short_text: ClassVar[tuple[str, ...]] = ("name",)
    origin, name = KeyField(), AsTyped()


class GrantForm(NamesForm):
    short_text: ClassVar[tuple[str, ...]] = ("why",)
    user, why = KeyField(), AsTyped()
