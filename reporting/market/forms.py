"""The forms of an assessment of the drug market. The services validate them."""

from typing import Any, ClassVar

from django import forms

from actions.forms.engagement import CountField
from actions.forms.plan import text_box
from boards.forms.parts import PolishedForm, SeenForm, whole_number_field
from boards.models import Agency, PartnershipArea
from core.forms.fields import get_field
from core.texts import LONGEST_TEXT
from indicators.unseen import MOST, Cell, SeenList
from reporting.market.services import FigureDraft
from reporting.models.market import (
    LAST_YEAR,
    LONGEST_WORDS,
    OVERLAPS,
    UNITS,
    MarketAssessment,
    MarketFigure,
    MarketKind,
    MarketList,
)
from reporting.months.presenters.words import upper_first

ONE_LINE = forms.TextInput(attrs={"autocomplete": "off"})
NTH = ("First", "Second", "Third")


class OwnerForm(PolishedForm):
    agency = forms.ModelChoiceField(
        Agency.objects.none(),
        label="Assessed by",
        required=False,
        help_text="Usually public health. The agency’s leads enter and agree the figures.",
    )

    def __init__(self, *args: Any, area: PartnershipArea, owner: Agency | None, **kwargs: Any) -> None:
        super().__init__(*args, initial={"agency": owner}, **kwargs)
        agencies = Agency.objects.in_use(or_held=[owner.pk if owner else None]).filter(area=area)
        choice = get_field(self, "agency", forms.ModelChoiceField)
        choice.queryset, choice.empty_label = agencies, "No one: the area has no drug market page"


class BeginForm(PolishedForm):
    year = whole_number_field(
        "Year", most=LAST_YEAR, help_text="The year in which the strategic group reads the assessment, such as 2026."
    )


class FigureForm(SeenForm):
    """A figure. Its number may be empty, which removes it."""

    short_text: ClassVar[tuple[str, ...]] = ("source", "of_year")
    value = forms.CharField(
        required=False,
        widget=forms.TextInput(attrs={"class": "govuk-input--width-5", "inputmode": "decimal", "autocomplete": "off"}),
        help_text="Leave this empty if no one knows the number.",
    )
    source = forms.CharField(
        label="Source", required=False, widget=ONE_LINE, help_text="A report and its table, or the team that counted."
    )
    of_year = forms.CharField(
        label="Year of the figure",
        required=False,
        widget=ONE_LINE,
        help_text="Such as 2025/26. It may be an earlier year.",
    )

    def __init__(self, *args: Any, kind: MarketKind, figure: MarketFigure | None, **kwargs: Any) -> None:
        initial: dict[str, Any] = {"revision": 0}
        if figure is not None:
            names = ("source", "of_year", "revision")
            value = figure.value.normalize()
            initial = {name: getattr(figure, name) for name in names} | {"value": f"{value:f}"}
        super().__init__(*args, initial=initial, **kwargs)
        self.fields["value"].label = f"Number, {UNITS[kind]}" if kind in UNITS else "Number"

    def draft(self) -> FigureDraft:
        return FigureDraft(*(self.cleaned_data[name] for name in ("value", "source", "of_year")))


class PasteForm(SeenForm):
    short_text: ClassVar[tuple[str, ...]] = ("pasted",)
    nouns: ClassVar = {"pasted": "table"}
    pasted = forms.CharField(
        label="Table",
        max_length=LONGEST_TEXT,
        widget=text_box(12),
        help_text="Four columns: name of the figure, number, source, year. Copy them from a spreadsheet, or paste CSV.",
    )


class ListsForm(SeenForm):
    """Two or three lists of people, and how many are in several of them."""

    short_text: ClassVar[tuple[str, ...]] = tuple(
        f"{name}_{place}" for place in range(MOST) for name in ("name", "period", "ages", "residents")
    )

    def __init__(self, *args: Any, assessment: MarketAssessment, lists: list[MarketList], **kwargs: Any) -> None:
        initial: dict[str, Any] = {"revision": assessment.revision}
        for row in lists:
            initial |= {f"{name}_{row.place}": getattr(row, name) for name in SeenList.__slots__}
        initial |= {name: getattr(assessment, name) for name in OVERLAPS.values()}
        super().__init__(*args, initial=initial, **kwargs)
        for place, nth in enumerate(NTH):
            self.fields |= make_list_fields(place, nth)
        for cell, name in OVERLAPS.items():
            self.fields[name] = CountField(
                label=upper_first(name_field(name)),
                noun="overlap",
                required=False,
                help_text="Include people who are in the third list too." if cell == (0, 1) else "",
            )
        self.order_fields([name for name in self.fields if name != "revision"])

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        self.lists: list[SeenList] = []
        self.overlaps: dict[Cell, int] = {}
        for place in range(MOST):
            self.read_list(place, cleaned)
        for cell, name in OVERLAPS.items():
            value = cleaned.get(name)
            needed = max(cell) < len(self.lists)
            if needed and value in (None, "") and name not in self.errors:
                self.add_error(name, "Enter how many people are in these lists together, or 0.")
            elif not needed and value not in (None, ""):
                self.add_error(name, "There is no such list above: enter the list, or leave this empty.")
            elif needed and isinstance(value, int):
                self.overlaps[cell] = value
        return cleaned

    def read_list(self, place: int, cleaned: dict[str, Any]) -> None:
        """Read a list, which has all of its boxes filled in or none."""
        typed = {name: cleaned.get(f"{name}_{place}") for name in SeenList.__slots__}
        if all(value in (None, "") for value in typed.values()):
            return
        for name, value in typed.items():
            if value in (None, "") and f"{name}_{place}" not in self.errors:
                self.add_error(f"{name}_{place}", f"The {NTH[place].lower()} list needs this too.")
        if len(self.lists) < place:
            self.add_error(f"name_{place}", f"Enter the {NTH[place - 1].lower()} list before this one.")
        self.lists.append(SeenList(**typed))  # type: ignore[arg-type]


def name_field(name: str) -> str:
    """ "in the first and the second list"."""
    return str(getattr(MarketAssessment._meta.get_field(name), "verbose_name", name))


def make_list_fields(place: int, nth: str) -> dict[str, forms.Field]:
    def words(name: str, label: str, such_as: str) -> forms.CharField:
        help_text = f"Such as {such_as}." if place == 0 else ""
        return forms.CharField(
            label=f"{nth} list: {label}", max_length=LONGEST_WORDS, required=False, help_text=help_text, widget=ONE_LINE
        )

    return {
        f"name_{place}": words("name", "who is in it", "In treatment, Arrested, or Overdose attended"),
        f"people_{place}": CountField(label=f"{nth} list: people", noun="number of people", required=False),
        f"period_{place}": words("period", "period", "April 2025 to March 2026"),
        f"ages_{place}": words("ages", "ages", "15 to 64"),
        f"residents_{place}": words("residents", "residents of", "Anytown"),
    }
