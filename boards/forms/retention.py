"""The forms about retention: a hold, its release, and how long records are kept."""

from collections.abc import Sequence
from typing import Any, ClassVar

from django import forms

from boards.forms.fields import polish
from core.forms import DAY_HINT, AsTyped, DayField, DecisionForm, GuardedForm
from core.retention import Kind

EVERY = "Every kind of record"


class HoldForm(GuardedForm):
    """What nobody may delete, why, and perhaps until when."""

    use_required_attribute = False
    free_text = ("why",)
    why = forms.CharField(
        label="Why nothing may be deleted",
        required=False,  # the service says what is missing
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
        help_text="For example: a claim, with its number; an inquiry; a request for information.",
    )
    ends_on = DayField(
        label="Last day, if you know it",
        noun="last day",
        required=False,
        help_text=f"{DAY_HINT}. Without a day, the hold lasts until somebody else releases it.",
    )

    def __init__(self, *args: Any, choices: Sequence[tuple[str, str]], choice: str, **kwargs: Any) -> None:
        """`choices` are what can be held; `choice` is the name of their field: "kind" or "area"."""
        super().__init__(*args, **kwargs)
        first = forms.ChoiceField(label="What to hold", choices=list(choices), required=False)
        self.fields = {choice: first, **self.fields}


class ReleaseForm(GuardedForm):
    """Why records may be deleted again."""

    use_required_attribute = False
    free_text = ("why",)
    why = forms.CharField(
        label="Why they may be deleted again",
        required=False,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )


class MonthsForm(GuardedForm):
    """How long records of a kind are kept."""

    use_required_attribute = False
    free_text = ("why",)
    months = forms.IntegerField(label="Months", widget=forms.TextInput(attrs={"class": "govuk-input--width-3"}))
    why = forms.CharField(
        label="Why",
        required=False,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
        help_text="For example: the retention schedule of your agency.",
    )

    def __init__(self, *args: Any, kind: Kind, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        words = f"A whole number from {kind.least} to {kind.most}. The usual number is {kind.months}."
        self.fields["months"].help_text = words
        polish(self)
        self.fields["months"].error_messages["invalid"] = "The months must be a whole number, such as 24"


class RuleDecisionForm(DecisionForm):
    """A decision about a shorter period."""

    decisions: ClassVar[tuple[str, ...]] = ("agree", "decline")
    with_words: ClassVar[tuple[str, ...]] = ("decline",)
    short_text: ClassVar[tuple[str, ...]] = ("why",)
    why = AsTyped()
