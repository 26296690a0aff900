"""The forms of the set-up pages about what is measured."""

from collections.abc import Iterable
from typing import Any, ClassVar

from django import forms
from django.db.models import Q
from django.utils import timezone

from boards.forms import LAST_POSITION, PartForm, polish, position_field
from boards.models import Agency, Board, PartnershipArea, ReportingPeriod
from core.months import Month, months_between
from indicators.models import Category, Collection, Dimension, Indicator, IndicatorBoard, Section
from indicators.trend import Polarity

MONTHS_AHEAD, MONTHS_BACK = 3, 12  # that can be chosen, beside those that the area holds


class SectionForm(PartForm):
    position = position_field()

    class Meta:
        model = Section
        fields = ("title", "code", "position")


class DimensionForm(PartForm):
    class Meta:
        model = Dimension
        fields = ("name", "code")


def degrees_field(label: str, limit: int, help_text: str) -> forms.FloatField:
    within = f"The {label.lower()} must be between -{limit} and {limit} degrees"
    return forms.FloatField(
        label=label,
        required=False,
        min_value=-limit,
        max_value=limit,
        help_text=help_text,
        # A text box: the number pad of some phones has no minus.
        widget=forms.TextInput(attrs={"class": "govuk-input--width-5", "spellcheck": "false"}),
        error_messages={
            "invalid": f"The {label.lower()} must be a number of degrees, such as -1.9",
            "min_value": within,
            "max_value": within,
        },
    )


class CategoryForm(PartForm):
    holder = "dimension"
    position = position_field()
    longitude = degrees_field("Longitude", 180, "For an origin on the map, in degrees; west is negative. Else empty.")
    latitude = degrees_field("Latitude", 90, "In degrees; south is negative. Else empty.")

    class Meta:
        model = Category
        fields = ("name", "code", "position", "longitude", "latitude")

    def clean(self) -> dict[str, Any] | None:
        """The database wants both coordinates or neither; this says which one is missing, at its box."""
        cleaned = super().clean() or {}
        empty = [name for name in ("longitude", "latitude") if cleaned.get(name, "") is None]
        if len(empty) == 1 and not self.errors:
            self.add_error(empty[0], f"Enter the {empty[0]} too, or leave both empty")
        return cleaned


def months_to_choose(area: PartnershipArea) -> list[Month]:
    """The months that a definition may begin with, newest first: those that the area holds, the last
    year, and the next few."""
    current = Month.of(timezone.localdate())
    first = ReportingPeriod.objects.filter(area=area).order_by("starts_on").values_list("starts_on", flat=True).first()
    earliest = current + -MONTHS_BACK
    return list(months_between(min(Month.of(first), earliest) if first else earliest, current + MONTHS_AHEAD))[::-1]


class MonthField(forms.TypedChoiceField):
    """A month out of a list: never a date box."""

    def __init__(self, **options: Any) -> None:
        super().__init__(coerce=Month.parse, empty_value=None, **options)

    def offer(self, area: PartnershipArea) -> None:
        self.choices = [("", "Choose one"), *((str(month), month.label) for month in months_to_choose(area))]


# The indicator's form in four parts: legend → fields.
GROUPS = (
    ("The question", ("title", "code", "question", "unit_one", "unit_many", "applies_from", "definition")),
    ("How to read the answer", ("polarity", "polarity_reason", "why_it_matters")),
    ("Where it comes from", ("owner", "collection", "source")),
    ("Where it stands", ("section", "position", "boards", "part_of", "dimension")),
)
TEXT_AREA = forms.Textarea(attrs={"rows": 3})
DEFINITION_HELP = "What is counted, who or what is left out, and at what moment."


class IndicatorForm(PartForm):
    """An indicator, with its boards. A new one has its first definition too."""

    nouns: ClassVar = {
        "unit_one": "word for one of what is counted",
        "unit_many": "word for several of what is counted",
        "polarity": "way that is good",
        "polarity_reason": "reason",
        "owner": "agency",
        "collection": "way its figures come in",
        "part_of": "indicator that it is part of",
        "boards": "boards",
        "applies_from": "first month",
    }
    position = position_field()
    boards = forms.ModelMultipleChoiceField(
        label="Boards that it is for",
        queryset=Board.objects.none(),
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )
    applies_from = MonthField(label="First month that it is counted for")
    definition = forms.CharField(label="Definition", widget=TEXT_AREA, help_text=DEFINITION_HELP)

    class Meta:
        model = Indicator
        fields = (
            "title",
            "code",
            "question",
            "unit_one",
            "unit_many",
            "polarity",
            "polarity_reason",
            "why_it_matters",
            "source",
            "owner",
            "collection",
            "section",
            "position",
            "dimension",
            "part_of",
        )
        labels: ClassVar = {
            "unit_one": "What is counted: one of it",
            "unit_many": "What is counted: several of it",
            "polarity": "Which way is good",
            "polarity_reason": "Why",
            "owner": "Agency that supplies it",
            "collection": "How its figures come in",
            "part_of": "Part of another indicator",
        }
        help_texts: ClassVar = {
            "unit_one": "Such as arrest.",
            "unit_many": "Such as arrests.",
            "part_of": "Its figure is then counted within that one’s, and can’t be more.",
            "dimension": "One box for each category. This is fixed as soon as there are figures.",
        }
        widgets: ClassVar = {
            "polarity": forms.RadioSelect(choices=Polarity.choices()),
            "polarity_reason": TEXT_AREA,
            "why_it_matters": TEXT_AREA,
            "collection": forms.RadioSelect(choices=Collection.choices()),
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        indicator: Indicator = self.instance
        fields: dict[str, Any] = self.fields
        is_new = indicator._state.adding
        # What is retired can't be chosen any more, but an indicator keeps what it has.
        chosen = [] if is_new else [place.board_id for place in indicator.board_places.all()]
        of_area = Q(area=indicator.area)
        fields["owner"].queryset = Agency.objects.filter(of_area, Q(retired=False) | Q(pk=indicator.owner_id))
        fields["section"].queryset = Section.objects.filter(of_area, Q(retired=False) | Q(pk=indicator.section_id))
        fields["boards"].queryset = Board.objects.filter(of_area, Q(retired=False) | Q(pk__in=chosen))
        fields["dimension"].queryset = Dimension.objects.filter(of_area)
        fields["part_of"].queryset = Indicator.objects.filter(of_area).exclude(pk=indicator.pk)
        fields["polarity_reason"].error_messages["required"] = (
            "Say why it is good to be higher or lower, or why neither can be said"
        )
        if is_new:
            fields["code"].help_text = fields["code"].help_text.replace("youth-justice", "drug-arrests")
            fields["applies_from"].offer(indicator.area)
            self.initial["applies_from"] = str(Month.of(timezone.localdate()))
        else:
            self.initial["boards"] = chosen
            del fields["applies_from"], fields["definition"]
            if indicator.observations.exists():
                del fields["dimension"]

    @property
    def groups(self) -> list[tuple[str, list[forms.BoundField]]]:
        return [(legend, [self[name] for name in names if name in self.fields]) for legend, names in GROUPS]


class DefinitionForm(forms.Form):
    """A new definition, from a month on."""

    use_required_attribute = False
    nouns: ClassVar = {"applies_from": "month"}
    applies_from = MonthField(label="From which month")
    text = forms.CharField(label="New definition", widget=TEXT_AREA, help_text=DEFINITION_HELP)

    def __init__(self, *args: Any, area: PartnershipArea, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["applies_from"].offer(area)  # type: ignore[attr-defined]
        polish(self)


class RewordForm(forms.Form):
    """Better words for a definition that stays what it is."""

    use_required_attribute = False
    text = forms.CharField(label="Definition", widget=TEXT_AREA, help_text=DEFINITION_HELP)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        polish(self)


class RetireForm(forms.Form):
    use_required_attribute = False
    month = MonthField(label="First month without it")

    def __init__(self, *args: Any, area: PartnershipArea, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["month"].offer(area)  # type: ignore[attr-defined]
        polish(self)


class BoardOrderForm(forms.Form):
    """Where each indicator stands on a board's page."""

    use_required_attribute = False

    def __init__(self, *args: Any, places: Iterable[IndicatorBoard], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.places = {f"place-{place.pk}": place.pk for place in places}
        for place in places:
            title = place.indicator.title
            field = position_field(title)
            field.help_text = ""
            field.initial = place.position
            field.error_messages |= {
                "required": f"Enter a number for {title}",
                "invalid": f"The number for {title} must be whole, such as 3",
                "min_value": f"The number for {title} must be 0 or more",
                "max_value": f"The number for {title} must be {LAST_POSITION} or less",
            }
            self.fields[f"place-{place.pk}"] = field

    @property
    def positions(self) -> dict[int, int]:
        return {pk: self.cleaned_data[name] for name, pk in self.places.items()}
