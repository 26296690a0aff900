"""Write the commentary of a month; close, publish and take one back. What doesn't hold is the service's to say."""

from typing import Any, ClassVar

from django import forms

from boards.forms import polish
from core.forms import GuardedForm, RevisionField
from core.reasons import LONGEST_REASON
from reporting.models.commentaries import MOST_WORDS, Commentary


class CommentaryForm(GuardedForm):
    """`held` is what is there already; `text` what the form begins with."""

    use_required_attribute = False
    free_text: ClassVar[tuple[str, ...]] = ("text",)

    text = forms.CharField(
        label="Commentary",
        required=False,
        widget=forms.Textarea(attrs={"rows": 14}),
        help_text=f"What the month’s figures say, and what they don’t, in at most {MOST_WORDS} words. An empty line "
        "begins a new paragraph.",
    )
    take_back = forms.BooleanField(
        label="Take this commentary back",
        required=False,
        help_text="Then nothing is said, or, of a board, what is said for all boards.",
    )
    revision = RevisionField()

    def __init__(self, *args: Any, held: Commentary | None, text: str, **kwargs: Any) -> None:
        kwargs["initial"] = {"text": text, "revision": held.revision if held else 0}
        super().__init__(*args, **kwargs)
        if held is None:
            del self.fields["take_back"]
        polish(self)

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        if "take_back" in self.fields and not cleaned.get("text") and not cleaned.get("take_back"):
            self.add_error("text", "Write the commentary, or tick that you take it back")
        if cleaned.get("take_back"):
            cleaned["text"] = ""
        return cleaned

    @property
    def seen(self) -> int:
        """The revision that the form was opened with."""
        return int(self.cleaned_data["revision"])


class StepForm(GuardedForm):
    """The page before a month is closed, published or taken back. `asks_why` is the label of the box for the reason;
    without one there is no box. `seen` is what the page shows."""

    use_required_attribute = False
    free_text: ClassVar[tuple[str, ...]] = ("why",)

    why = forms.CharField(
        required=False,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text=f"Partners read it on the month’s page. Up to {LONGEST_REASON} characters.",
    )
    seen = forms.CharField(required=False, widget=forms.HiddenInput, max_length=1000)

    def __init__(self, *args: Any, asks_why: str, seen: str, why: str = "", **kwargs: Any) -> None:
        kwargs["initial"] = {"why": why, "seen": seen}
        super().__init__(*args, **kwargs)
        self.fields["why"].label = asks_why
        if not asks_why:
            del self.fields["why"]
        polish(self)

    @property
    def reason(self) -> str:
        return str(self.cleaned_data.get("why", ""))

    @property
    def what_was_seen(self) -> str:
        return str(self.cleaned_data["seen"])
