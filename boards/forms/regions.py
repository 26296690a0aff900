"""The forms of a region's set-up: its name, its areas and its people."""

from typing import Any, ClassVar

from django import forms

from boards.forms.fields import polish
from boards.forms.people import attestation_field
from boards.models import PartnershipArea, Region
from boards.roles import WHAT_REGION_ROLES_DO, RegionRole
from core.forms import GuardedForm, get_field


class RegionForm(GuardedForm):
    """A new region."""

    use_required_attribute = False
    short_text: ClassVar[tuple[str, ...]] = ("name",)
    name = forms.CharField(label="Name", max_length=80, help_text="Such as Essex.")
    slug = forms.CharField(
        label="Name in addresses",
        max_length=40,
        help_text="Lower-case letters, digits and hyphens, such as essex. You can’t change it later.",
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        polish(self)


class RegionPlaceForm(forms.Form):
    """An area to invite to a region."""

    use_required_attribute = False
    area = forms.ModelChoiceField(
        label="Area",
        queryset=PartnershipArea.objects.none(),
        help_text="It shows the region nothing before its coordinator and information officer agree.",
    )

    def __init__(self, *args: Any, region: Region, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        others = PartnershipArea.objects.exclude(region_places__region=region)
        get_field(self, "area", forms.ModelChoiceField).queryset = others
        polish(self)


class RegionPersonForm(forms.Form):
    """A role for a person in a region."""

    use_required_attribute = False
    email = forms.EmailField(
        label="E-mail address",
        widget=forms.EmailInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
        max_length=254,
        error_messages={"invalid": "Enter an e-mail address in full, such as name@council.example"},
    )
    name = forms.CharField(
        label="Name",
        max_length=150,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
        help_text="The name that colleagues use. If this person has signed in before, their name doesn’t change.",
    )
    role = forms.TypedChoiceField(label="Role", coerce=RegionRole, widget=forms.RadioSelect)
    is_attested = attestation_field()

    def __init__(self, *args: Any, is_operator: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        roles = WHAT_REGION_ROLES_DO if is_operator else [RegionRole.ANALYST]
        choices = [(role.value, f"{role.label}: {WHAT_REGION_ROLES_DO[role]}") for role in roles]
        role = get_field(self, "role", forms.TypedChoiceField)
        role.choices = choices
        self.only = ""
        if len(choices) == 1:  # there is nothing to choose
            ((role.initial, self.only),) = choices
            role.widget = forms.HiddenInput()
        polish(self)
