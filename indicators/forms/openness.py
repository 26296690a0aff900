"""The forms that ask who may see an indicator's figures."""

from collections.abc import Iterable
from typing import Any, ClassVar

from django import forms

from core.texts import LONGEST_REASON
from indicators.catalogues.entries import IndicatorEntry
from indicators.forms.setup import SetupForm, reason_field
from indicators.models import Indicator
from indicators.openness import LONGEST_DELAY, Openness
from indicators.services.openness import NO_REASON, WRONG_DELAY

LATER = "later"
# What an indicator's answer is called in the form.
PREFIX = "of-"


class OpennessForm(SetupForm):
    """Asks who may see one indicator, why, and how its agency agreed if the public would see more than now."""

    free_text: ClassVar[tuple[str, ...]] = ("why", "agreement")
    nouns: ClassVar = {"openness": "answer"}
    openness = forms.TypedChoiceField(
        label="Who may see it", coerce=Openness, choices=Openness.choices(), widget=forms.RadioSelect
    )
    delay = forms.IntegerField(
        label="If month by month: after how many months",
        required=False,
        min_value=0,
        max_value=LONGEST_DELAY,
        help_text=f"0 to {LONGEST_DELAY}. An edition then shows the newest month that is at least this old.",
        widget=forms.NumberInput(attrs={"class": "govuk-input--width-3"}),
        error_messages=dict.fromkeys(("invalid", "min_value", "max_value"), WRONG_DELAY),
    )
    why = reason_field("The people who look after the public pages will see this reason beside the indicator.")
    agreement = forms.CharField(
        label="How the agency agreed",
        required=False,
        max_length=LONGEST_REASON,
        help_text="Only if the public would see more than now: who agreed, when, and where this is written "
        "down. A second person will read your answer.",
    )

    def __init__(self, *args: Any, indicator: Indicator, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        fields: dict[str, Any] = self.fields
        fields["openness"].choices = list_choices(indicator)
        fields["openness"].initial = indicator.openness
        fields["delay"].initial = indicator.openness_delay
        self.fields["agreement"].label = f"How {indicator.owner} agreed"
        self.fields["why"].error_messages["required"] = NO_REASON

    def clean_delay(self) -> int:
        return self.cleaned_data["delay"] or 0


def list_choices(indicator: Indicator) -> list[tuple[str, str]]:
    return [choice for choice in Openness.choices() if choice[0] != Openness.YEAR or indicator.has_yearly_total]


def describe_proposal(entry: IndicatorEntry | None) -> str:
    if entry is None:
        return "The starter set doesn’t have this indicator, so there is no proposal."
    return f"The starter set proposes: {entry.openness_words}. {entry.openness_why}"


class UndecidedForm(SetupForm):
    """Asks about each indicator that nobody has decided about, with what the catalogue proposes."""

    free_text: ClassVar[tuple[str, ...]] = ("why",)
    why = reason_field("Only where you don’t follow the proposal.")

    def __init__(self, *args: Any, undecided: Iterable[tuple[Indicator, IndicatorEntry | None]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.undecided = list(undecided)
        self.fields["why"].required = False
        why = self.fields.pop("why")
        for indicator, entry in self.undecided:
            self.fields[f"{PREFIX}{indicator.code}"] = forms.ChoiceField(
                label=indicator.title,
                help_text=describe_proposal(entry),
                choices=[*list_choices(indicator), (LATER, "Decide later: it stays public")],
                initial=LATER,
                required=False,
                widget=forms.RadioSelect,
                error_messages={"invalid_choice": f"From the list, choose who may see {indicator.title}"},
            )

        self.fields["why"] = why  # the last question

    @property
    def decisions(self) -> dict[str, tuple[Openness, int, str]]:
        """Return what was chosen, by the indicator's code, each with its delay and its reason: the catalogue's, or none
        and the typed one."""
        chosen = {}
        for indicator, entry in self.undecided:
            answer = self.cleaned_data.get(f"{PREFIX}{indicator.code}") or LATER
            if answer != LATER:
                is_proposed = entry is not None and entry.openness == answer
                delay, why = 0, self.cleaned_data["why"]
                if entry is not None and is_proposed:
                    delay, why = entry.openness_delay, entry.openness_why
                chosen[indicator.code] = (Openness(answer), delay, why)
        return chosen

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if not self.errors and not self.decisions:
            self.add_error(None, "Choose who may see at least one of these")
        if not self.errors and any(not why for *_, why in self.decisions.values()):
            self.add_error("why", "Say why you don’t follow the catalogue’s proposal")
        return cleaned
