"""The form that adds a webhook."""

from typing import ClassVar

from django import forms

from core.forms import GuardedForm
from core.outside import LONGEST_ADDRESS
from reporting.models.hooks import CHOSEN, Hook

LONGEST_NAME: int = Hook._meta.get_field("name").max_length or 0


class HookForm(GuardedForm):
    short_text: ClassVar[tuple[str, ...]] = ("name",)
    use_required_attribute = False

    name = forms.CharField(
        label="Name of the system",
        max_length=LONGEST_NAME,
        error_messages={"required": "Enter the system’s name."},
    )
    url = forms.CharField(
        label="Address that we call",
        help_text="It starts with https:// and is on the public internet. The receiver’s documentation names it.",
        max_length=LONGEST_ADDRESS,
        widget=forms.TextInput(attrs={"inputmode": "url", "autocomplete": "off", "spellcheck": "false"}),
        error_messages={"required": "Enter the address that we call."},
    )
    kinds = forms.MultipleChoiceField(
        label="What we tell it",
        help_text="We send the area, the month and the address of its page. We never send a figure.",
        choices=[(kind.value, kind.label) for kind in CHOSEN],
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": "Choose at least one."},
    )
