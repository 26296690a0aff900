"""The form for a new area: its name, its place, and the parts of a catalogue that it starts with."""

from collections.abc import Iterator
from typing import Any, ClassVar, cast

from django import forms
from django.core.exceptions import ValidationError

from boards.forms.fields import polish
from boards.forms.people import attestation_field
from boards.models import CODE, PartnershipArea, validate_not_reserved
from boards.months import LONGEST_AGO
from core.forms import GuardedForm
from core.months import Month, months_between
from indicators.catalogues.choosing import choose, is_offered
from indicators.catalogues.entries import Catalogue
from indicators.forms.setup import MonthField, degrees_field
from indicators.imports.populations import ONS_CODE
from indicators.services.areas import AreaDraft, FirstCoordinator, this_month


def boxes(**options: Any) -> forms.MultipleChoiceField:
    return forms.MultipleChoiceField(required=False, widget=forms.CheckboxSelectMultiple, **options)


class AreaForm(GuardedForm):
    """Has a box for each board, and for each indicator that can be chosen by itself, by section."""

    use_required_attribute = False
    short_text: ClassVar[tuple[str, ...]] = ("name",)
    name = forms.CharField(label="Name", max_length=80, help_text="As pages show it, such as Southend-on-Sea.")
    slug = forms.CharField(
        label="Name in web addresses",
        max_length=40,
        help_text="Short, with lower-case letters, digits and hyphens, such as southend. You can’t change it later.",
    )
    ons_code = forms.CharField(
        label="ONS code",
        max_length=9,
        required=False,
        help_text="For open data, such as E06000033. Leave it empty if there is none.",
    )
    longitude = degrees_field("Longitude", 180, "Where the area is on the map of lines, in degrees. West is negative.")
    latitude = degrees_field("Latitude", 90, "In degrees. South is negative.")
    first_month = MonthField(
        label="First month",
        help_text="The first month to ask for returns. We open it straight away, with all months up to this one.",
    )
    email = forms.EmailField(
        label="Coordinator’s e-mail address",
        max_length=254,
        widget=forms.EmailInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
        error_messages={"invalid": "Enter an e-mail address in full, such as name@council.example"},
    )
    person = forms.CharField(
        label="Coordinator’s name",
        max_length=150,
        help_text="The coordinator gives everybody else their role, and gets an e-mail that says how to sign in.",
    )
    is_attested = attestation_field()
    boards = boxes(label="Boards")

    def __init__(self, *args: Any, catalogue: Catalogue, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.catalogue = catalogue
        months = list(months_between(this_month() + -LONGEST_AGO, this_month()))[::-1]
        self._choices("first_month").choices = [(str(month), month.label) for month in months]
        self._choices("boards").choices = [(board.code, board.name) for board in catalogue.board]
        self.initial["boards"] = [board.code for board in catalogue.board]
        for section in catalogue.section:
            here = [entry for entry in catalogue.indicator if entry.section == section.code]
            offered = [entry for entry in here if is_offered(entry, catalogue)]
            if not offered:
                continue
            name = f"in-{section.code}"
            self.fields[name] = boxes(label=section.title, choices=[(entry.code, entry.title) for entry in offered])
            self.initial[name] = [entry.code for entry in offered if not entry.optional]
        polish(self)

    def _choices(self, name: str) -> forms.ChoiceField:
        return cast("forms.ChoiceField", self.fields[name])

    @property
    def own(self) -> Iterator[forms.BoundField]:
        return (self[name] for name in self.fields if name != "boards" and not name.startswith("in-"))

    @property
    def ticks(self) -> Iterator[forms.BoundField]:
        return (self[name] for name in self.fields if name == "boards" or name.startswith("in-"))

    def clean_slug(self) -> str:
        slug: str = self.cleaned_data["slug"].strip()
        CODE(slug)
        validate_not_reserved(slug)
        taken = PartnershipArea.objects.filter(slug=slug).first()
        if taken is not None:
            raise ValidationError(f"“{slug}” is already the address of {taken.name}. Choose another.")
        return slug

    def clean_ons_code(self) -> str:
        code: str = self.cleaned_data["ons_code"].strip().upper()
        if code and not ONS_CODE.fullmatch(code):
            raise ValidationError(f"“{code}” isn’t an ONS code, such as E06000033.")
        return code

    def clean(self) -> None:
        for name, other in (("longitude", "latitude"), ("latitude", "longitude")):
            if self.cleaned_data.get(name) is None and self.cleaned_data.get(other) is not None and not self.errors:
                self.add_error(name, f"Enter the {name} too, or leave both empty")
        if not self.errors and not self.wanted:
            first = next(name for name in self.fields if name.startswith("in-"))
            self.add_error(first, "Tick at least one indicator")

    @property
    def wanted(self) -> list[str]:
        return [code for name in self.fields if name.startswith("in-") for code in self.cleaned_data.get(name, [])]

    @property
    def draft(self) -> AreaDraft:
        names = ("slug", "name", "ons_code", "longitude", "latitude")
        return AreaDraft(**{name: self.cleaned_data[name] for name in names})

    @property
    def chosen(self) -> Catalogue:
        return choose(self.catalogue, self.wanted, boards=self.cleaned_data["boards"])

    @property
    def coordinator(self) -> FirstCoordinator:
        typed = self.cleaned_data
        return FirstCoordinator(email=typed["email"], name=typed["person"], is_attested=typed["is_attested"])

    @property
    def first(self) -> Month:
        month: Month = self.cleaned_data["first_month"]
        return month
