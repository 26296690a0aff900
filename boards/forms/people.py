"""The forms about people and their roles."""

from collections.abc import Sequence
from typing import Any, ClassVar

from django import forms
from django.core.exceptions import ValidationError

from boards.forms.parts import PolishedForm
from boards.models import Agency, Board, PartnershipArea
from boards.rules import WHAT_ROLES_DO, Role
from boards.services.requests import END, KEEP
from core.forms.fields import AsTyped, DecisionForm, get_field

ATTESTATION = "I know who this person is. I have checked that this is their own work address."


def attestation_field() -> forms.BooleanField:
    """The tick of whoever invites. The service asks for it."""
    return forms.BooleanField(label=ATTESTATION, required=False)


class PersonForm(PolishedForm):
    """A role for a person. The service checks which role needs an agency or a board."""

    email = forms.EmailField(
        label="Email address",
        widget=forms.EmailInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
        max_length=254,
        error_messages={"invalid": "Enter an email address in full, such as name@council.example"},
    )
    name = forms.CharField(
        label="Name",
        max_length=150,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
        help_text="The name that colleagues use. If this person has signed in before, their name doesn’t change.",
    )
    role = forms.TypedChoiceField(
        label="Role",
        coerce=Role,
        choices=[(role.value, f"{role.label}: {does}") for role, does in WHAT_ROLES_DO.items()],
        widget=forms.RadioSelect,
        help_text="Everyone with a role can read the published months, with every figure.",
    )
    agency = forms.ModelChoiceField(
        label="Agency",
        queryset=Agency.objects.none(),
        required=False,
        help_text="Only for an agency lead, approver or second contact.",
    )
    board = forms.ModelChoiceField(
        label="Board",
        queryset=Board.objects.none(),
        required=False,
        help_text="Only for a board member or chair.",
    )
    is_attested = attestation_field()

    def __init__(self, *args: Any, area: PartnershipArea, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choices: dict[str, Any] = {"agency": Agency, "board": Board}
        for name, model in choices.items():
            get_field(self, name, forms.ModelChoiceField).queryset = model.objects.in_use().filter(area=area)


class RoleDecisionForm(DecisionForm):
    """A decision about a request for a role."""

    decisions: ClassVar[tuple[str, ...]] = ("confirm", "decline", "withdraw", "shorten")
    with_words: ClassVar[tuple[str, ...]] = ("decline", "shorten")
    short_text: ClassVar[tuple[str, ...]] = ("why",)
    why = AsTyped()


class UnusedRolesForm(forms.Form):
    """Asks about each unused role whether it is still needed."""

    use_required_attribute = False

    def __init__(self, *args: Any, unused: Sequence[tuple[int, str]], **kwargs: Any) -> None:
        """`unused` has each membership's number, with the text that describes it."""
        super().__init__(*args, **kwargs)
        self.numbers = [number for number, _ in unused]
        for number, words in unused:
            self.fields[f"role-{number}"] = forms.ChoiceField(
                label=words,
                choices=[(KEEP, "Still needed"), (END, "End it")],
                widget=forms.RadioSelect,
                error_messages={"required": f"Choose for {words}", "invalid_choice": f"Choose for {words}"},
            )

    def clean(self) -> None:
        if any(name.startswith("role-") and name not in self.fields for name in self.data):
            raise ValidationError("The list has changed since you opened this page. Decide about each role again.")

    @property
    def decisions(self) -> dict[int, str]:
        return {number: self.cleaned_data[f"role-{number}"] for number in self.numbers}

    @property
    def ending(self) -> list[str]:
        """Return the roles that end, in words."""
        names = {f"role-{number}" for number, choice in self.decisions.items() if choice == END}
        return [str(field.label) for name, field in self.fields.items() if name in names]


class ResetForm(PolishedForm):
    """Why somebody's second factor has to be reset."""

    free_text = ("why",)
    why = forms.CharField(
        label="What happened, and how do you know that this person asked?",
        required=False,  # the service says what is missing
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
        help_text="For example: their phone was stolen; I spoke to them in person. The person who confirms it "
        "will read this.",
    )
