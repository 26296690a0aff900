"""The forms for a newer catalogue: choose it, then choose its changes."""

from typing import Any, ClassVar

from django import forms
from django.http import QueryDict

from boards.models import PartnershipArea
from core.forms.fields import AsTyped, list_signs
from core.forms.pages import ReceivedFile
from indicators.catalogues.entries import Act, Catalogue, Difference, fingerprint, list_offered, list_texts
from indicators.catalogues.files import CatalogueRefused, read_catalogue, read_starter, write_catalogue
from indicators.forms.setup import MonthField, SetupForm
from indicators.services.catalogues import this_month

SAME, OTHER = "same", "other"
MOST_FAULTS = 20  # that a page lists


class CatalogueForm(SetupForm):
    """The starter set, or a file."""

    nouns: ClassVar = {"source": "catalogue"}
    source = forms.ChoiceField(
        label="Which catalogue",
        choices=[("starter", "The starter set that comes with the product"), ("file", "A file")],
        initial="starter",
        widget=forms.RadioSelect,
    )
    file = forms.Field(
        required=False,
        label="The file",
        help_text="A catalogue in TOML, downloaded from an area’s set-up, at most 1 MB. We don’t store it.",
        widget=forms.FileInput,
    )

    def __init__(self, typed: QueryDict | None, files: Any) -> None:
        super().__init__(typed, files)
        self.catalogue = read_starter()

    def clean(self) -> None:
        if self.cleaned_data.get("source") != "file" and not self.files.get("file"):
            return
        sent = self.files.get("file")
        if not isinstance(sent, ReceivedFile):
            self.add_error("file", "Choose the file")
            return
        try:
            self.catalogue = read_catalogue(sent.read())
        except CatalogueRefused as refused:
            self.add_error("file", list(refused.faults[:MOST_FAULTS]))


class TakeForm(SetupForm):
    """Has a box for each new or different entry. Optional entries aren't ticked. The question about personal details is
    about the texts of the catalogue, which the page carries."""

    nouns: ClassVar = {"month": "month"}
    catalogue, seen = AsTyped(), AsTyped()
    meaning = forms.ChoiceField(
        label="Definitions that change",
        required=False,
        choices=[
            (SAME, "They mean the same in different words"),
            (OTHER, "They count something else, so a new series starts, without an arrow in its first month"),
        ],
        widget=forms.RadioSelect,
    )
    month = MonthField(label="From which month", help_text="New indicators and new definitions apply from this month.")
    taken = forms.MultipleChoiceField(required=False, widget=forms.CheckboxSelectMultiple)

    def __init__(
        self, typed: QueryDict | None, *, area: PartnershipArea, newer: Catalogue, differences: list[Difference]
    ) -> None:
        super().__init__(typed, area=area)
        self.newer, self.differences = newer, differences
        self.offered = list_offered(differences, newer)
        optional = {
            (kind, entry.code) for kind in ("indicator", "pathway") for entry in getattr(newer, kind) if entry.optional
        }
        self.fields["taken"].choices = [(name_box(difference), difference.title) for difference in self.offered]  # type: ignore[attr-defined]
        self.initial = {
            "catalogue": write_catalogue(newer),
            "seen": fingerprint(differences),
            "month": str(this_month()),
            "taken": [
                name_box(difference)
                for difference in self.offered
                if not (difference.act is Act.ADDED and difference.key in optional)
            ],
        }
        if not any(difference.is_redefined for difference in differences):
            del self.fields["meaning"]

    def clean_taken(self) -> list[tuple[str, str]]:
        if not self.cleaned_data["taken"]:
            raise forms.ValidationError("Tick at least one change")
        return [difference.key for difference in self.offered if name_box(difference) in self.cleaned_data["taken"]]

    @property
    def personal_signs(self) -> tuple[str, ...]:
        return list_signs(list_texts(self.newer))

    @property
    def is_same(self) -> bool | None:
        return {SAME: True, OTHER: False}.get(self.cleaned_data.get("meaning", ""))

    @property
    def rows(self) -> list[tuple[Difference, str, bool]]:
        """Yield each difference with the value of its box, and whether the box is ticked."""
        ticked = self["taken"].value() or []
        return [(difference, name_box(difference), name_box(difference) in ticked) for difference in self.offered]


def name_box(difference: Difference) -> str:
    return f"{difference.kind} {difference.code}".strip()
