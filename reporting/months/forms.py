"""Open a month; write its commentary; close, publish or take back a month. The services check the rules."""

from collections.abc import Sequence
from typing import Any, ClassVar

from django import forms

from boards.forms.parts import polish
from boards.rules import list_opened_with
from core.calendar import Month
from core.forms.fields import GuardedForm, RevisionField, TickFor, get_field
from core.texts import LONGEST_REASON
from indicators.forms.setup import MonthField
from reporting.models.snapshots import MOST_WORDS, Commentary


class CommentaryForm(GuardedForm):
    """`commentary` is the one that exists already. `text` is what the form starts with."""

    use_required_attribute = False
    free_text: ClassVar[tuple[str, ...]] = ("text",)

    text = forms.CharField(
        label="Commentary",
        required=False,
        widget=forms.Textarea(attrs={"rows": 14}),
        help_text=(
            f"Say what the month’s figures show, and what they don’t, in at most {MOST_WORDS} words. Leave an empty "
            "line to start a new paragraph."
        ),
    )
    take_back = forms.BooleanField(
        label="Remove this commentary",
        required=False,
        help_text="Without its own commentary, a board’s page shows the one for all boards.",
    )
    revision = RevisionField()

    def __init__(self, *args: Any, commentary: Commentary | None, text: str, **kwargs: Any) -> None:
        kwargs["initial"] = {"text": text, "revision": commentary.revision if commentary else 0}
        super().__init__(*args, **kwargs)
        if commentary is None:
            del self.fields["take_back"]
        polish(self)

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        if "take_back" in self.fields and not cleaned.get("text") and not cleaned.get("take_back"):
            self.add_error("text", "Write the commentary, or tick the box to remove it")
        if cleaned.get("take_back"):
            cleaned["text"] = ""
        return cleaned

    @property
    def seen(self) -> int:
        """Return the revision that the form was opened with."""
        return int(self.cleaned_data["revision"])


class OpenForm(forms.Form):
    """Which month to open. If that opens others too, the form asks, with the box `together`."""

    use_required_attribute = False
    month = MonthField(label="Month", help_text="Returns are due for this month and every month after it.")
    together = forms.BooleanField(required=False, widget=TickFor)

    def __init__(self, *args: Any, months: list[Month], openable: list[Month], current: Month, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.months, self.current = months, current
        # It becomes a field only when the form has to ask.
        self.together_box = self.fields.pop("together")
        get_field(self, "month", MonthField).choices = [(str(month), month.label) for month in openable]
        after = max(months).next if months else current
        self.initial["month"] = str(after if after in openable else openable[0])
        polish(self)

    def full_clean(self) -> None:
        # Django may clean a form again, so start without the box.
        self.fields.pop("together", None)
        super().full_clean()
        if self.is_bound and len(self.opened) > 1:
            self.ask_whether_all()

    def ask_whether_all(self) -> None:
        box, first, last = self.together_box, self.opened[0], self.opened[-1]
        box.label = f"Open all {len(self.opened)}, {first.label} to {last.label}"
        box.widget.ask_about(map(str, self.opened))
        self.fields["together"] = box
        if not self["together"].data:
            self.add_error(
                "together",
                f"That opens {len(self.opened)} months, {first.label} to {last.label}. Is it now "
                f"{self.current.label}? If so, tick the box. If not, tell the operator that the clock is wrong.",
            )

    @property
    def opened(self) -> list[Month]:
        """Return what would be opened."""
        month = self.cleaned_data.get("month") if self.is_bound else None
        return list_opened_with(month, self.months, current=self.current) if month else []


class StepForm(GuardedForm):
    """The page before a month is closed, published or taken back. `asks_why` is the label of the box for the reason;
    without a label there is no box. `seen` identifies what the page shows.
    """

    use_required_attribute = False
    free_text: ClassVar[tuple[str, ...]] = ("why",)

    why = forms.CharField(
        required=False,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text=f"Partners can read this on the month’s page. Up to {LONGEST_REASON} characters.",
    )
    seen = forms.CharField(required=False, widget=forms.HiddenInput, max_length=10_000)

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


class PastMonthsForm(StepForm):
    """Several months together, up to the chosen one. The form starts with the newest that has figures."""

    last = MonthField(label="Last month to publish", help_text="All months before it are included.")
    nouns: ClassVar = {"last": "month"}

    def __init__(self, *args: Any, months: Sequence[Month], newest: Month | None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        get_field(self, "last", MonthField).choices = [(str(month), month.label) for month in reversed(months)]
        self.initial["last"] = str(newest or months[-1])
        self.order_fields(["last"])
