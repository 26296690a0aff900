"""The forms of the set-up pages.

Each error is a complete sentence, because the error summary shows nothing else. No form limits what people can type or
paste. A form says that a text is too long and doesn't cut it.
"""

from collections.abc import Sequence
from typing import Any, ClassVar

from django import forms
from django.core.exceptions import ValidationError

from boards.invitations import DomainRefused, read_domains
from boards.models import Agency, Board, PartnershipArea, PublicAdvice, PublicStatements, Responsibility, Strand
from boards.roles import FACTOR_ROLES, WHAT_ROLES_DO, Role
from boards.services.advice import USUAL_SIGNS
from boards.services.responsibilities import Rewording, rewordings
from boards.services.reviews import END, KEEP
from core.forms import DAY_HINT, AsTyped, DayField, DecisionForm, GuardedForm, RevisionField, TickFor, get_field

LAST_POSITION = 999
LONGEST_RESPONSIBILITY: int = Responsibility._meta.get_field("text").max_length or 0


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


class PartForm(GuardedForm, forms.ModelForm):  # type: ignore[type-arg]
    """A form for one part of an area's set-up. Its instance already knows its area, or its other parent (`holder`).

    People choose the code only once.
    """

    use_required_attribute = False
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


ATTESTATION = "I know who this person is. I have checked that the address is their own, at work."


def attestation_field() -> forms.BooleanField:
    """The tick of whoever invites. The service asks for it."""
    return forms.BooleanField(label=ATTESTATION, required=False)


class AgencyForm(PartForm):
    short_text: ClassVar[tuple[str, ...]] = ("name",)
    position = position_field()
    domains = forms.CharField(
        label="Domains of its people",
        required=False,
        widget=forms.Textarea(attrs={"rows": 3, "spellcheck": "false"}),
        help_text="One on each line, such as council.example. Nobody with another address can then be invited for this "
        "agency. Roles that people have stay. Leave it empty for any address.",
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


class ReturnsForm(forms.ModelForm):  # type: ignore[type-arg]
    """The due day of an area's returns, and the working days that the coordinator has to check one."""

    use_required_attribute = False
    due_day = whole_number_field(
        "Day on which returns are due",
        most=28,
        help_text="A day from 1 to 28 in the month after the one that is reported.",
    )
    check_days = whole_number_field(
        "Working days to check a return",
        most=20,
        help_text="From 1 to 20. When somebody submits a return, we tell them the day by which you will check it.",
    )

    class Meta:
        model = PartnershipArea
        fields = ("due_day", "check_days")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        polish(self)


class MeetingsForm(forms.ModelForm):  # type: ignore[type-arg]
    """The number of meetings after which a strand needs attention."""

    use_required_attribute = False
    silent_meetings = whole_number_field(
        "Meetings in a row without discussing it",
        most=12,
        help_text="From 1 to 12. A strand needs attention when a board didn’t discuss it at this many meetings in a "
        "row.",
    )

    class Meta:
        model = PartnershipArea
        fields = ("silent_meetings",)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        polish(self)


class FactorRolesForm(forms.Form):
    """The roles that need a second factor in an area, beside those that always do."""

    use_required_attribute = False
    roles = forms.TypedMultipleChoiceField(
        label="Roles that need a second factor",
        coerce=Role,
        choices=[(role.value, role.label) for role in WHAT_ROLES_DO if role not in FACTOR_ROLES],
        widget=forms.CheckboxSelectMultiple,
        required=False,
        help_text="Coordinators, information officers and operators always need one.",
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        polish(self)


class ResetForm(GuardedForm):
    """Why somebody's second factor has to be reset."""

    use_required_attribute = False
    free_text = ("why",)
    why = forms.CharField(
        label="What happened, and how do you know that it is them?",
        required=False,  # the service says what is missing
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
        help_text="For example: a stolen phone; I spoke to them in person. Whoever confirms reads this.",
    )


class SignsForm(GuardedForm):
    """The advice about the signs that an area publishes. The service validates it."""

    use_required_attribute = False
    free_text: ClassVar[tuple[str, ...]] = ("signs", "how_to_report")

    signs = forms.CharField(
        label="Warning signs",
        required=False,
        widget=forms.Textarea(attrs={"rows": 12}),
        help_text="Put each sign on its own line.",
    )
    how_to_report = forms.CharField(
        label="How to report, in your own words",
        required=False,
        widget=forms.Textarea(attrs={"rows": 5}),
        help_text="The page shows this below Childline, 999, 101 and Crimestoppers, which are always there. You "
        "can leave it empty. You can include a helpline’s number.",
    )
    is_public = forms.BooleanField(label="The public can read it, on the public pages", required=False)
    revision = RevisionField()

    def __init__(self, *args: Any, advice: PublicAdvice | None, **kwargs: Any) -> None:
        kwargs["initial"] = {"signs": "\n".join(USUAL_SIGNS)}
        if advice is not None:
            names = ("signs", "how_to_report", "is_public", "revision")
            kwargs["initial"] = {name: getattr(advice, name) for name in names}
        super().__init__(*args, **kwargs)
        polish(self)

    @property
    def seen(self) -> int:
        """Return the revision that the form was opened with."""
        return int(self.cleaned_data["revision"])


class StatementsForm(GuardedForm):
    """What an area adds to the privacy notice and the accessibility statement. The service validates it."""

    use_required_attribute = False
    free_text: ClassVar[tuple[str, ...]] = ("privacy", "accessibility")

    privacy = forms.CharField(
        label="Your part of the privacy notice",
        required=False,
        widget=forms.Textarea(attrs={"rows": 8}),
        help_text="Plain text. Say who decides about the data, and which law you rely on. Say how to "
        "reach its data protection officer. Use an address of the office, not of a person.",
    )
    accessibility = forms.CharField(
        label="Your part of the accessibility statement",
        required=False,
        widget=forms.Textarea(attrs={"rows": 6}),
        help_text="Plain text. Say who to tell if a page doesn’t work, and when you answer. Say what your own people "
        "have tested.",
    )
    revision = RevisionField()

    def __init__(self, *args: Any, held: PublicStatements | None, **kwargs: Any) -> None:
        if held is not None:
            kwargs["initial"] = {name: getattr(held, name) for name in ("privacy", "accessibility", "revision")}
        super().__init__(*args, **kwargs)
        polish(self)

    @property
    def seen(self) -> int:
        """Return the revision that the form was opened with."""
        return int(self.cleaned_data["revision"])


class ConsentForm(forms.Form):
    """The first and last day on which others may compare with an area's published figures."""

    use_required_attribute = False
    starts_on = DayField(noun="first day", label="First day", help_text=DAY_HINT)
    ends_on = DayField(noun="last day", label="Last day", help_text=f"Within three years. {DAY_HINT}")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        polish(self)


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


class PersonForm(forms.Form):
    """A role for a person. The service checks which role needs an agency or a board."""

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
    role = forms.TypedChoiceField(
        label="Role",
        coerce=Role,
        choices=[(role.value, f"{role.label}: {does}") for role, does in WHAT_ROLES_DO.items()],
        widget=forms.RadioSelect,
        help_text="Everybody with a role reads the published months, with every figure.",
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
        polish(self)


class RoleDecisionForm(DecisionForm):
    """A decision about a request for a role."""

    decisions: ClassVar[tuple[str, ...]] = ("confirm", "decline", "withdraw", "shorten")
    with_words: ClassVar[tuple[str, ...]] = ("decline", "shorten")
    short_text: ClassVar[tuple[str, ...]] = ("why",)
    why = AsTyped()


class UnusedRolesForm(forms.Form):
    """Asks about each unused role: is it still needed?"""

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
