"""What do the forms of set-up have in common? Their fields, and how they look."""

from django import forms

LAST_POSITION = 999


def lower_first(words: str) -> str:
    """Return the label for use inside a sentence: "Name" → "name", but "ONS code" stays."""
    return words if words[1:2].isupper() else words[:1].lower() + words[1:]


def polish(form: forms.BaseForm) -> None:
    """Give every field of a form messages that say what to do, and remove what blocks a paste.

    A form whose label doesn't fit into a sentence has a noun for it in `nouns`.
    """
    for name, field in form.fields.items():
        words = getattr(form, "nouns", {}).get(name) or lower_first(str(field.label or name))
        chosen = isinstance(field, forms.ChoiceField | forms.ModelChoiceField)
        field.error_messages |= {
            "required": f"{'Choose' if chosen else 'Enter'} the {words}",
            "invalid_choice": f"Choose the {words} from the list",
            "invalid_pk_value": f"Choose the {words} from the list",
            "max_length": f"The {words} is too long: shorten it to %(limit_value)d characters",
        }
        # Django adds it. A browser would then cut what people paste, without a word.
        field.widget.attrs.pop("maxlength", None)
        nothing = "Choose one" if field.required else "None"
        if isinstance(field, forms.ModelMultipleChoiceField):
            continue
        if isinstance(field, forms.ModelChoiceField):
            field.empty_label = nothing
        # Choices from a function aren't a list. They must stay a function, which is asked for each form.
        elif isinstance(field, forms.ChoiceField) and isinstance(field.choices, list):
            field.choices = [(value, label if value else nothing) for value, label in field.choices]


def position_field(label: str = "Order") -> forms.IntegerField:
    words = lower_first(label)
    return forms.IntegerField(
        label=label,
        min_value=0,
        max_value=LAST_POSITION,
        widget=forms.NumberInput(attrs={"class": "govuk-input--width-3"}),
        help_text="A whole number. The lowest is first.",
        error_messages={
            "invalid": f"The {words} must be a whole number, such as 3",
            "min_value": f"The {words} must be 0 or more",
            "max_value": f"The {words} must be {LAST_POSITION} or less",
        },
    )


def whole_number_field(label: str, *, most: int, help_text: str) -> forms.IntegerField:
    """A whole number from 1. It accepts only digits, with spaces around them."""
    words = lower_first(label)
    return forms.IntegerField(
        label=label,
        min_value=1,
        max_value=most,
        widget=forms.NumberInput(attrs={"class": "govuk-input--width-3"}),
        help_text=help_text,
        error_messages={
            "invalid": f"The {words} must be a whole number, such as 5",
            "min_value": f"The {words} must be 1 or more",
            "max_value": f"The {words} must be {most} or less",
        },
    )
