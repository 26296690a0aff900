"""The authorities under the Serious Violence Duty, and what each did. The service validates both."""

from collections.abc import Sequence
from typing import Any, ClassVar

from django import forms
from django.utils import timezone

from actions.forms.plan import FEW_ROWS, text_box
from actions.models import Authority
from actions.models.duty import SPECIFIED, ActKind, AuthorityKind, Paper, name_year
from actions.services.duty import ActDraft, AuthorityDraft
from boards.forms.parts import PolishedForm, SeenForm
from boards.models import Agency, PartnershipArea
from core.forms.fields import DAY_HINT, DayField, get_field

YEARS_BACK, YEARS_AHEAD, APRIL = 5, 2, 4


def list_kinds() -> list[tuple[str, list[tuple[str, str]]]]:
    groups = {
        "Specified authorities": SPECIFIED,
        "Relevant authorities": tuple(kind for kind in AuthorityKind if kind not in SPECIFIED),
    }
    return [(title, [(kind.value, kind.label) for kind in kinds]) for title, kinds in groups.items()]


def current_year() -> int:
    """Return the first calendar year of the financial year that today is in."""
    today = timezone.localdate()
    return today.year if today.month >= APRIL else today.year - 1


def list_years() -> list[tuple[int, str]]:
    first = current_year() - YEARS_BACK
    return [(year, name_year(year)) for year in range(first, current_year() + YEARS_AHEAD + 1)]


class StartForm(PolishedForm):
    """Which of the proposed authorities to begin with."""

    kinds = forms.TypedMultipleChoiceField(
        label="Begin with these specified authorities",
        coerce=AuthorityKind,
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text="You can change each of them later, and add others.",
    )

    def __init__(self, *args: Any, proposed: Sequence[AuthorityDraft], **kwargs: Any) -> None:
        super().__init__(*args, initial={"kinds": [draft.kind.value for draft in proposed]}, **kwargs)
        if not proposed:
            del self.fields["kinds"]
            return
        choices = [(draft.kind.value, describe_proposed(draft)) for draft in proposed]
        get_field(self, "kinds", forms.TypedMultipleChoiceField).choices = choices


def describe_proposed(draft: AuthorityDraft) -> str:
    return draft.kind.label if draft.name == draft.kind.label else f"{draft.kind.label}: {draft.name}"


class AuthorityForm(SeenForm):
    """An authority. `authority` is the one to change."""

    free_text = ("name", "contact")
    nouns: ClassVar = {"name": "name"}
    kind = forms.TypedChoiceField(label="Kind", coerce=AuthorityKind, choices=list_kinds)
    name = forms.CharField(label="Name in the area", widget=forms.TextInput(attrs={"autocomplete": "off"}))
    agency = forms.ModelChoiceField(
        Agency.objects.none(),
        label="Agency (optional)",
        required=False,
        help_text="The area’s agency for this authority, if there is one.",
    )
    contact = forms.CharField(
        label="Role of the contact (optional)",
        required=False,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
        help_text="A role, such as Area manager for prevention, and not a person’s name.",
    )
    retired = forms.BooleanField(
        label="No longer on the list",
        required=False,
        help_text="The page and the packs stop showing it. We keep the record of what it did, and you can bring it "
        "back.",
    )

    def __init__(self, *args: Any, area: PartnershipArea, authority: Authority | None = None, **kwargs: Any) -> None:
        if authority is not None:
            names = ("kind", "name", "agency", "contact", "retired", "revision")
            kwargs["initial"] = {name: getattr(authority, name) for name in names}
        super().__init__(*args, **kwargs)
        if authority is None:
            del self.fields["revision"], self.fields["retired"]
        agencies = Agency.objects.in_use(or_held=[authority.agency_id if authority else None]).filter(area=area)
        get_field(self, "agency", forms.ModelChoiceField).queryset = agencies

    def draft(self) -> AuthorityDraft:
        names = ("kind", "name", "agency", "contact", "retired")
        return AuthorityDraft(**{name: self.cleaned_data[name] for name in names if name in self.cleaned_data})


class ActForm(PolishedForm):
    """What an authority did, or what was done with it."""

    free_text = ("note",)
    nouns: ClassVar = {"kind": "what happened", "done_on": "day", "paper": "paper"}
    kind = forms.TypedChoiceField(
        label="What happened", coerce=ActKind, choices=ActKind.choices(), widget=forms.RadioSelect
    )
    paper = forms.TypedChoiceField(label="About", coerce=Paper, choices=Paper.choices(), widget=forms.RadioSelect)
    year = forms.TypedChoiceField(label="Of the year", coerce=int, choices=list_years, initial=current_year)
    done_on = DayField(noun="day", label="On", is_past=True, help_text=DAY_HINT)
    note = forms.CharField(
        label="Note (optional)",
        required=False,
        widget=text_box(FEW_ROWS),
        help_text="For example, where the signed paper is kept. Don’t write about cases.",
    )

    def draft(self) -> ActDraft:
        return ActDraft(**self.typed())
