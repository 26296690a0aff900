"""The forms of the parts of an area: agencies, boards and strands."""

from typing import Any, ClassVar

from django import forms
from django.core.exceptions import ValidationError

from boards.invitations import DomainRefused, read_domains
from boards.models import Agency, Board, Responsibility, Strand
from boards.services.area import Rewording, rewordings
from core.forms.fields import GuardedForm, RevisionField, TickFor

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
            # A choice may be 0, which is something.
            field.choices = [(value, nothing if value in ("", None) else label) for value, label in field.choices]


class PolishedForm(GuardedForm):
    """A form with these messages, which checks its free text for personal details."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        polish(self)

    def typed(self) -> dict[str, Any]:
        """Return the values for the service, without the box that confirms that nothing identifies anyone."""
        return {name: value for name, value in self.cleaned_data.items() if name != "not_personal"}


class SeenForm(PolishedForm):
    """A form for something that two people may have open at the same time."""

    revision = RevisionField()

    @property
    def seen(self) -> int:
        """Return the revision that the form was opened with."""
        return int(self.cleaned_data["revision"])


def position_field(label: str = "Order") -> forms.IntegerField:
    words = lower_first(label)
    return forms.IntegerField(
        label=label,
        min_value=0,
        max_value=LAST_POSITION,
        widget=forms.NumberInput(attrs={"class": "govuk-input--width-3"}),
        help_text="A whole number. The lowest number comes first.",
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


LONGEST_RESPONSIBILITY: int = Responsibility._meta.get_field("text").max_length or 0


class PartForm(GuardedForm, forms.ModelForm):  # type: ignore[type-arg]
    """A form for one part of an area's set-up. Its instance already knows its area, or its other parent (`holder`).

    People choose the code only once.
    """

    holder = "area"

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not self.instance._state.adding:
            self.fields.pop("code", None)
        elif "code" in self.fields:
            self.fields["code"].help_text = (
                "Short, in lower-case letters, digits and hyphens, such as youth-justice. "
                "Addresses and files use it, so you can’t change it later."
            )
        if self.instance._state.adding and "position" in self.fields:
            self.initial["position"] = min(self.siblings().count() + 1, LAST_POSITION)
        polish(self)

    def siblings(self) -> Any:
        """Return the other parts of the same area or parent."""
        others = self._meta.model._default_manager.filter(**{self.holder: getattr(self.instance, self.holder)})
        return others.exclude(pk=self.instance.pk)

    def clean_code(self) -> str:
        code: str = self.cleaned_data["code"]
        # A ModelForm skips the constraint, because `area` isn't one of its fields. The service checks it under a lock.
        if self.siblings().filter(code=code).exists():
            raise ValidationError(f"“{code}” is already in use: choose another code")
        return code


class AgencyForm(PartForm):
    short_text: ClassVar[tuple[str, ...]] = ("name",)
    position = position_field()
    domains = forms.CharField(
        label="Domains of its people",
        required=False,
        widget=forms.Textarea(attrs={"rows": 3, "spellcheck": "false"}),
        help_text="One on each line, such as council.example. No one with an address at another domain can then be "
        "invited for this agency. People keep the roles that they have. To allow any address, leave this empty.",
    )

    class Meta:
        model = Agency
        fields = ("name", "code", "kind", "position", "needs_release", "domains")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.initial["domains"] = "\n".join(self.instance.domains)

    def clean_domains(self) -> list[str]:
        try:
            return read_domains(self.cleaned_data["domains"])
        except DomainRefused as refused:
            raise ValidationError(str(refused)) from refused


class StrandForm(PartForm):
    free_text: ClassVar[tuple[str, ...]] = ("summary",)
    short_text: ClassVar[tuple[str, ...]] = ("name",)
    position = position_field()

    class Meta:
        model = Strand
        fields = ("name", "code", "summary", "position")


class BoardForm(PartForm):
    """A board with its responsibilities.

    If a challenge or an offer is about a line and its words change, the form asks whether it means the same. It then
    has the box `same_duty`.
    """

    free_text: ClassVar[tuple[str, ...]] = ("responsibilities",)
    long_text: ClassVar[tuple[str, ...]] = ("responsibilities",)
    short_text: ClassVar[tuple[str, ...]] = ("name", "short_name", "formerly", "basis")
    position = position_field()
    responsibilities = forms.CharField(
        label="What it is responsible for",
        required=False,
        widget=forms.Textarea(attrs={"rows": 6}),
        help_text="Its activities in the plan, one on each line. The board’s page shows them in this order.",
    )
    same_duty = forms.BooleanField(required=False, widget=TickFor)

    class Meta:
        model = Board
        fields = ("name", "code", "short_name", "formerly", "basis", "position", "packs_are_public")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.same_duty_box = self.fields.pop("same_duty")
        self.rewordings: list[Rewording] = []
        if not self.instance._state.adding:
            texts = self.instance.responsibilities.values_list("text", flat=True)
            self.initial["responsibilities"] = "\n".join(texts)

    def full_clean(self) -> None:
        self.fields.pop("same_duty", None)
        super().full_clean()
        typed = self.cleaned_data.get("responsibilities") if self.is_bound else None
        # Only to ask: somebody may raise a challenge before the save. The service works it out again, under a lock.
        self.rewordings = rewordings(self.instance, typed) if typed is not None else []
        if self.rewordings:
            self.ask_whether_it_is_the_same()

    def ask_whether_it_is_the_same(self) -> None:
        box = self.same_duty_box
        box.label = (
            "It means the same in different words"
            if len(self.rewordings) == 1
            else "They mean the same in different words"
        )
        box.widget.ask_about(map(str, self.rewordings))
        self.fields["same_duty"] = box
        if not self["same_duty"].data:
            self.add_error("same_duty", [rewording.question for rewording in self.rewordings])

    def clean_responsibilities(self) -> list[str]:
        texts = [" ".join(line.split()) for line in self.cleaned_data["responsibilities"].splitlines()]
        for number, text in enumerate(texts, start=1):
            if len(text) > LONGEST_RESPONSIBILITY:
                raise ValidationError(f"Line {number} is too long: shorten it to {LONGEST_RESPONSIBILITY} characters")
        return [text for text in texts if text]
