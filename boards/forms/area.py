"""The forms of an area's own settings: returns, meetings, publisher, signs, statements, second factors, and who may use
its figures."""

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any, ClassVar

from django import forms
from django.utils import timezone

from boards.forms.parts import PolishedForm, SeenForm, whole_number_field
from boards.forms.people import attestation_field
from boards.key_secrets import Scope
from boards.models import Agency, Licence, PartnershipArea, PublicAdvice, PublicStatements, Region, Shows
from boards.models.areas import OPEN_LICENCE
from boards.retention import Kind
from boards.rules import FACTOR_ROLES, WHAT_REGION_ROLES_DO, WHAT_ROLES_DO, RegionRole, Role
from boards.services.area import USUAL_SIGNS
from boards.services.keys import MOST_KEYS
from core.forms.fields import DAY_HINT, AsTyped, DayField, DecisionForm, get_field

COMPARISON = "comparison"


class ReturnsForm(PolishedForm, forms.ModelForm):  # type: ignore[type-arg]
    """The due day of an area's returns, and the working days that the coordinator has to check one."""

    due_day = whole_number_field(
        "Day on which returns are due",
        most=28,
        help_text="A day from 1 to 28, in the month after the one that the figures are for.",
    )
    check_days = whole_number_field(
        "Working days to check a return",
        most=20,
        help_text="From 1 to 20. When someone submits a return, we tell them the day by which you will check it.",
    )

    class Meta:
        model = PartnershipArea
        fields = ("due_day", "check_days")


class MeetingsForm(PolishedForm, forms.ModelForm):  # type: ignore[type-arg]
    """The number of meetings after which a strand needs attention."""

    silent_meetings = whole_number_field(
        "Number of meetings in a row",
        most=12,
        help_text="From 1 to 12. A strand needs attention when a board hasn’t discussed it at this many meetings in a "
        "row.",
    )

    class Meta:
        model = PartnershipArea
        fields = ("silent_meetings",)


class PublisherForm(PolishedForm, forms.ModelForm):  # type: ignore[type-arg]
    """Who publishes an area's figures, whom to ask about them, and their licence."""

    short_text: ClassVar[tuple[str, ...]] = ("publisher",)
    nouns: ClassVar[dict[str, str]] = {"contact": "address for questions", "licence": "licence"}
    licence = forms.ChoiceField(
        label="Licence for your public figures",
        choices=Licence,
        widget=forms.RadioSelect,
        help_text=f"Under the Open Government Licence, anyone may reuse your figures if they name you: {OPEN_LICENCE}",
    )

    class Meta:
        model = PartnershipArea
        fields = ("publisher", "contact", "licence")
        labels: ClassVar[dict[str, str]] = {"publisher": "Name of the publisher", "contact": "Address for questions"}
        help_texts: ClassVar[dict[str, str]] = {
            "publisher": "Such as Anytown Community Safety Partnership.",
            "contact": "An email address or the address of a page. Use the office’s, not a person’s.",
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        # An area can be without them only until someone has saved them once.
        for field in self.fields.values():
            field.required = True


class FactorRolesForm(PolishedForm):
    """The roles that need a second factor in an area, beside those that always do."""

    roles = forms.TypedMultipleChoiceField(
        label="Roles that need a second factor",
        coerce=Role,
        choices=[(role.value, role.label) for role in WHAT_ROLES_DO if role not in FACTOR_ROLES],
        widget=forms.CheckboxSelectMultiple,
        required=False,
        help_text="Coordinators, information officers and operators always need one.",
    )


class SignsForm(SeenForm):
    """The advice about the signs that an area publishes. The service validates it."""

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

    def __init__(self, *args: Any, advice: PublicAdvice | None, **kwargs: Any) -> None:
        kwargs["initial"] = {"signs": "\n".join(USUAL_SIGNS)}
        if advice is not None:
            names = ("signs", "how_to_report", "is_public", "revision")
            kwargs["initial"] = {name: getattr(advice, name) for name in names}
        super().__init__(*args, **kwargs)


class StatementsForm(SeenForm):
    """What an area adds to the privacy notice and the accessibility statement. The service validates it."""

    free_text: ClassVar[tuple[str, ...]] = ("privacy", "accessibility")

    privacy = forms.CharField(
        label="Your part of the privacy notice",
        required=False,
        widget=forms.Textarea(attrs={"rows": 8}),
        help_text="Plain text. Say who decides about the data, and which law you rely on. Say how to "
        "reach the data protection officer. Use the office’s address, not a person’s.",
    )
    accessibility = forms.CharField(
        label="Your part of the accessibility statement",
        required=False,
        widget=forms.Textarea(attrs={"rows": 6}),
        help_text="Plain text. Say who to tell if a page doesn’t work, and when you will answer. Say what your own "
        "people have tested.",
    )

    def __init__(self, *args: Any, statements: PublicStatements | None, **kwargs: Any) -> None:
        if statements is not None:
            kwargs["initial"] = {name: getattr(statements, name) for name in ("privacy", "accessibility", "revision")}
        super().__init__(*args, **kwargs)


class ConsentForm(PolishedForm):
    """What an area permits, and the first and last day of it."""

    nouns: ClassVar[dict[str, str]] = {"use": "use that you permit"}
    use = forms.ChoiceField(label="What you permit", widget=forms.RadioSelect)
    starts_on = DayField(noun="first day", label="First day", help_text=DAY_HINT)
    ends_on = DayField(noun="last day", label="Last day", help_text=f"Within three years. {DAY_HINT}")

    def __init__(self, *args: Any, regions: Sequence[Region], **kwargs: Any) -> None:
        """`regions` are those that invited the area. Without any, there is nothing to choose."""
        super().__init__(*args, **kwargs)
        self.regions = {region.slug: region for region in regions}
        if regions:
            comparison = (
                COMPARISON,
                "Comparison by other areas, which see only the combined result of at least three areas",
            )
            offered = [
                (f"{region.slug} {shows.value}", f"{region.name}: {shows.label[:1].lower()}{shows.label[1:]}")
                for region in regions
                for shows in (Shows.PUBLIC, Shows.PARTNERS)
            ]
            get_field(self, "use", forms.ChoiceField).choices = [comparison, *offered]
        else:
            del self.fields["use"]

    def typed(self) -> dict[str, Any]:
        """Return what the service takes."""
        typed = dict(self.cleaned_data)
        slug, _, shows = typed.pop("use", COMPARISON).partition(" ")
        return typed | ({"region": self.regions[slug], "shows": Shows(shows)} if shows else {})


EVERY = "Every kind of record"


class HoldForm(PolishedForm):
    """What nobody may delete, why, and perhaps until when."""

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
        help_text=f"{DAY_HINT}. Without a day, the hold lasts until someone else releases it.",
    )

    def __init__(self, *args: Any, choices: Sequence[tuple[str, str]], choice: str, **kwargs: Any) -> None:
        """`choices` are what can be held; `choice` is the name of their field: "kind" or "area"."""
        super().__init__(*args, **kwargs)
        first = forms.ChoiceField(label="What to hold", choices=list(choices), required=False)
        self.fields = {choice: first, **self.fields}


class ReleaseForm(PolishedForm):
    """Why records may be deleted again."""

    free_text = ("why",)
    why = forms.CharField(
        label="Why the records may be deleted again",
        required=False,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )


class MonthsForm(PolishedForm):
    """How long records of a kind are kept."""

    free_text = ("why",)
    months = forms.IntegerField(label="Months", widget=forms.TextInput(attrs={"class": "govuk-input--width-3"}))
    why = forms.CharField(
        label="Why",
        required=False,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
        help_text="For example: your agency’s retention schedule.",
    )

    def __init__(self, *args: Any, kind: Kind, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        words = f"A whole number from {kind.least} to {kind.most}. The usual number is {kind.months}."
        self.fields["months"].help_text = words
        self.fields["months"].error_messages["invalid"] = "The months must be a whole number, such as 24"


class RuleDecisionForm(DecisionForm):
    """A decision about a shorter period."""

    decisions: ClassVar[tuple[str, ...]] = ("agree", "decline")
    with_words: ClassVar[tuple[str, ...]] = ("decline",)
    short_text: ClassVar[tuple[str, ...]] = ("why",)
    why = AsTyped()


USUAL_LIFE = timedelta(days=180)
ME = "me"


def end_field() -> DayField:
    def usual() -> date:
        return timezone.localdate() + USUAL_LIFE

    return DayField(noun="last day", label="Last day", initial=usual, help_text=f"Within a year. {DAY_HINT}")


class EndForm(PolishedForm):
    """The last day of a key that replaces another."""

    ends_on = end_field()


class KeyForm(PolishedForm):
    """A new key. The service checks who may have one."""

    short_text = ("name",)
    owner = forms.ChoiceField(label="Whose key is it?", widget=forms.RadioSelect)
    name = forms.CharField(
        label="What uses it",
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
        help_text=f"Such as Power BI, or the name of the police’s system. You can have up to {MOST_KEYS} keys.",
    )
    scopes = forms.TypedMultipleChoiceField(
        label="What it opens",
        coerce=Scope,
        choices=Scope.choices(),
        widget=forms.CheckboxSelectMultiple,
        help_text="Choose only what the system needs. The key never opens more than you can open yourself.",
    )
    ends_on = end_field()

    def __init__(self, *args: Any, agencies: Sequence[Agency], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
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


class RegionKeyForm(PolishedForm):
    """A new key of a region. It reads what the region's areas show, and nothing else."""

    short_text = ("name",)
    name = forms.CharField(
        label="What uses it",
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
        help_text=f"Such as Power BI, or the name of a program. You can have up to {MOST_KEYS} keys.",
    )
    ends_on = end_field()


class RegionForm(PolishedForm):
    """A new region."""

    short_text: ClassVar[tuple[str, ...]] = ("name",)
    name = forms.CharField(label="Name", max_length=80, help_text="Such as Essex.")
    slug = forms.CharField(
        label="Name in addresses",
        max_length=40,
        help_text="Lower-case letters, digits and hyphens, such as essex. You can’t change it later.",
    )


class RegionPlaceForm(PolishedForm):
    """An area to invite to a region."""

    area = forms.ModelChoiceField(
        label="Area",
        queryset=PartnershipArea.objects.none(),
        help_text="The region sees nothing until the area’s coordinator and information officer agree.",
    )

    def __init__(self, *args: Any, region: Region, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        others = PartnershipArea.objects.exclude(region_places__region=region)
        get_field(self, "area", forms.ModelChoiceField).queryset = others


class RegionPersonForm(PolishedForm):
    """A role for a person in a region."""

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
