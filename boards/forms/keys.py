"""The forms about keys for machines."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from django import forms
from django.utils import timezone

from boards.forms.fields import polish
from boards.key_secrets import Scope
from boards.models import Agency
from boards.services.keys import MOST_KEYS
from core.forms import DAY_HINT, DayField, GuardedForm, get_field
from core.months import date_label

USUAL_LIFE = timedelta(days=180)
ME = "me"


def end_field() -> DayField:
    ends_on = date_label(timezone.localdate() + USUAL_LIFE)
    return DayField(noun="last day", label="Last day", initial=ends_on, help_text=f"Within a year. {DAY_HINT}")


class EndForm(forms.Form):
    """The last day of a key that replaces another."""

    use_required_attribute = False

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["ends_on"] = end_field()
        polish(self)


class KeyForm(GuardedForm):
    """A new key. The service checks who may have one."""

    use_required_attribute = False
    short_text = ("name",)
    owner = forms.ChoiceField(label="Whose key is it?", widget=forms.RadioSelect)
    name = forms.CharField(
        label="What uses it",
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
        help_text=f"Such as Power BI, or the name of the police’s system. You can have {MOST_KEYS} keys.",
    )
    scopes = forms.TypedMultipleChoiceField(
        label="What it opens",
        coerce=Scope,
        choices=Scope.choices(),
        widget=forms.CheckboxSelectMultiple,
        help_text="Choose only what the system needs. It never opens more than you can open yourself.",
    )

    def __init__(self, *args: Any, agencies: Sequence[Agency], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["ends_on"] = end_field()
        polish(self)
        self.agencies = {agency.code: agency for agency in agencies}
        owner = get_field(self, "owner", forms.ChoiceField)
        owner.choices = [(ME, "Mine"), *((code, f"{agency.name}’s") for code, agency in self.agencies.items())]
        owner.initial = ME
        if not self.agencies:
            scopes = get_field(self, "scopes", forms.TypedMultipleChoiceField)
            scopes.choices = [choice for choice in Scope.choices() if choice[0] != Scope.RETURN.value]
        self.fields["owner"].error_messages["required"] = "Choose whose key it is"
        self.fields["scopes"].error_messages["required"] = "Choose what the key opens"

    @property
    def values(self) -> dict[str, Any]:
        """Return what the service asks for."""
        typed = self.cleaned_data
        return {
            "agency": self.agencies.get(typed["owner"]),
            "name": typed["name"],
            "scopes": typed["scopes"],
            "ends_on": typed["ends_on"],
        }
