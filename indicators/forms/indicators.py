"""The form of an indicator: the question, how to read the answer, its source and where it appears."""

from typing import Any, ClassVar

from django import forms
from django.core.exceptions import ValidationError
from django.db.models import Q
from django.utils import timezone

from boards.forms.parts import PartForm, position_field
from boards.models import Agency, Board
from core.calendar import Month
from core.forms.fields import RowsField
from indicators.forms.setup import DEFINITION_HELP, TEXT_AREA, MonthField
from indicators.judgement.judge import Counted
from indicators.lines import ALL_AGES, AgesRefused, list_ways, tidy_ages
from indicators.models import Collection, Dimension, Indicator, Section
from indicators.ratios import PERSONS, RATIO_KINDS, Asked, ShownOn
from indicators.trend import Polarity

RATIO = Collection.RATIO.value
# The parts of the form: legend → fields.
GROUPS = (
    (
        "The question",
        ("title", "short_title", "code", "question", "unit_one", "unit_many", "applies_from", "definition"),
    ),
    (
        "How to read the answer",
        ("polarity", "polarity_reason", "counts_as", "counts_residents", "residents_why", "why_it_matters"),
    ),
    ("Where it comes from", ("owner", "owner_why", "collection", "asked", "source")),
    ("For a share, a rate or an average", ("ratio", "numerator", "denominator", "ages", "per")),
    (
        "Where it appears",
        ("section", "position", "boards", "shown_on", "flow_word", "part_of", "breaks_down", "dimension"),
    ),
)
OF_COUNTS = ("counts_residents", "residents_why")
RESIDENTS = (
    ("", "Not decided: regions show counts only"),
    ("True", "Yes: regions also show rates for each 10,000 residents"),
    ("False", "No: regions show counts only, with your reason"),
)
OF_QUESTION = ("dimension", "asked")  # which figures belong to
# A breakdown follows its whole.
OF_WHOLE = (
    *OF_QUESTION,
    *OF_COUNTS,
    *("owner", "owner_why", "collection", "counts_as", "boards", "shown_on", "part_of"),
)
OF_RATIOS = ("ratio", "numerator", "denominator", "ages", "per")


class IndicatorForm(PartForm):
    """An indicator with its boards. The form for a new one also asks for its first definition."""

    free_text: ClassVar[tuple[str, ...]] = (
        "question",
        "definition",
        "polarity_reason",
        "why_it_matters",
        "source",
        "residents_why",
        "owner_why",
    )
    short_text: ClassVar[tuple[str, ...]] = ("title", "short_title", "unit_one", "unit_many", "flow_word", "ages")
    long_text: ClassVar[tuple[str, ...]] = ("definition", "why_it_matters")
    nouns: ClassVar = {
        "short_title": "title on a tile",
        "unit_one": "singular of what is counted",
        "unit_many": "plural of what is counted",
        "flow_word": "word on a tile",
        "polarity": "way that is better",
        "polarity_reason": "reason",
        "counts_as": "kind of count",
        "counts_residents": "answer about residents",
        "residents_why": "reason",
        "owner": "agency",
        "owner_why": "reason",
        "collection": "way its figures arrive",
        "part_of": "indicator that it is part of",
        "breaks_down": "indicator that it breaks down",
        "asked": "months that it is asked for",
        "shown_on": "pages that show it",
        "ratio": "kind of ratio",
        "numerator": "cases",
        "denominator": "count that the cases are out of",
        "per": "number of residents that the rate is for",
        "boards": "boards",
        "applies_from": "first month",
    }
    position = position_field()
    boards = RowsField(
        label="Boards that it is for",
        queryset=Board.objects.none(),
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )
    per = forms.TypedChoiceField(
        label="A rate is for each",
        coerce=int,
        required=False,
        choices=[("", "Choose one"), *((str(persons), f"{persons:,}") for persons in PERSONS)],
        help_text="Only for a rate. A share is in per cent.",
    )
    ages = forms.CharField(
        label="Or out of residents of these ages",
        required=False,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
        help_text="Only for a rate: all, 10-24 or 65+. The page “Populations” in Set-up has the numbers of residents.",
    )
    counts_residents = forms.TypedChoiceField(
        label="Are its cases the area’s own residents?",
        coerce=lambda chosen: chosen == "True",
        empty_value=None,
        required=False,
        choices=RESIDENTS,
        widget=forms.RadioSelect,
        help_text="A rate misleads if most cases are visitors, such as people searched at an airport.",
    )
    owner_why = forms.CharField(
        label="Why another agency supplies it",
        required=False,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
        help_text="Only if you choose another agency whose rule protects less. A second person will read "
        "the reason, and agree or decline.",
    )
    applies_from = MonthField(label="First month it is counted for")
    definition = forms.CharField(label="Definition", widget=TEXT_AREA, help_text=DEFINITION_HELP)

    class Meta:
        model = Indicator
        fields = (
            "title",
            "short_title",
            "code",
            "question",
            "unit_one",
            "unit_many",
            "flow_word",
            "polarity",
            "polarity_reason",
            "counts_as",
            "counts_residents",
            "residents_why",
            "why_it_matters",
            "source",
            "owner",
            "collection",
            "asked",
            "ratio",
            "numerator",
            "denominator",
            "ages",
            "section",
            "position",
            "shown_on",
            "dimension",
            "part_of",
            "breaks_down",
        )
        labels: ClassVar = {
            "short_title": "Title on a tile (optional)",
            "unit_one": "What is counted, in the singular",
            "unit_many": "What is counted, in the plural",
            "flow_word": "Word beside the count that it changes (optional)",
            "polarity": "Which way is better",
            "polarity_reason": "Why",
            "counts_as": "What a month’s figure counts",
            "residents_why": "Why its cases aren’t residents",
            "owner": "Agency that supplies it",
            "collection": "How its figures arrive",
            "asked": "How often it is asked for",
            "ratio": "Kind of ratio",
            "numerator": "Cases",
            "denominator": "Out of",
            "shown_on": "Where it is shown",
            "part_of": "Part of another indicator",
            "breaks_down": "Breakdown of another indicator",
        }
        help_texts: ClassVar = {
            "unit_one": "Such as arrest. For a share or rate, such as “of housing workers” or “per 10,000 residents a "
            "month”.",
            "unit_many": "Such as arrests. For a share or rate, enter the same words again.",
            "polarity": "Recorded numbers also rise when people look harder. If that can happen here, choose no "
            "judgement, unless you can say why one way is better.",
            "part_of": "This indicator’s figure is then part of the other indicator’s, and can’t be larger.",
            "breaks_down": "This indicator’s categories then add up to the other’s figure, in the same return. Pages "
            "show the breakdown only with the other indicator. You can’t change this once it is saved.",
            "dimension": "The return has one box for each category. You can’t change this once there are figures.",
            "collection": "A share, a rate or an average is worked out from two counts, which are indicators "
            "themselves. Add those first.",
            "asked": "In months that it isn’t asked for, pages show the newest figure and say which month it is for.",
            "ratio": "A share in per cent, such as staff trained out of those in post. A rate, such as admissions for "
            "each 10,000 residents. An average, such as days per case. You can’t change this once it is saved.",
            "numerator": "Such as the staff who are trained, or the days.",
            "denominator": "Such as the staff in post, or the cases. For a share, the cases are part of these.",
            "shown_on": "With about 20 indicators, the month’s page fits on one screen. KPIs can go on boards’ pages.",
        }
        widgets: ClassVar = {
            "polarity": forms.RadioSelect(choices=Polarity.choices()),
            "polarity_reason": TEXT_AREA,
            "counts_as": forms.RadioSelect(choices=Counted.choices()),
            "why_it_matters": TEXT_AREA,
            "residents_why": TEXT_AREA,
            "collection": forms.RadioSelect(choices=Collection.choices()),
            "asked": forms.RadioSelect(choices=Asked.choices()),
            "shown_on": forms.RadioSelect(choices=ShownOn.choices()),
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        indicator: Indicator = self.instance
        fields: dict[str, Any] = self.fields
        is_new = indicator._state.adding
        # Retired entries can't be chosen, but an indicator keeps those it already has.
        chosen = [] if is_new else [place.board_id for place in indicator.board_places.all()]
        of_area = Q(area=indicator.area)
        fields["owner"].queryset = Agency.objects.in_use(or_held=[indicator.owner_id]).filter(of_area)
        fields["section"].queryset = Section.objects.in_use(or_held=[indicator.section_id]).filter(of_area)
        fields["boards"].queryset = Board.objects.in_use(or_held=chosen).filter(of_area)
        fields["dimension"].queryset = Dimension.objects.filter(of_area)
        counts = (
            Indicator.objects.filter(of_area, ratio="", breaks_down=None).exclude(pk=indicator.pk).order_by("title")
        )
        fields["part_of"].queryset = fields["breaks_down"].queryset = counts
        fields["polarity_reason"].error_messages["required"] = (
            "Say why higher or lower is better, or why you can’t say which"
        )
        if is_new:
            del fields["owner_why"]
            fields["code"].help_text = fields["code"].help_text.replace("youth-justice", "drug-arrests")
            fields["applies_from"].offer(indicator.area)
            for name in ("numerator", "denominator"):
                fields[name].queryset = counts
            self.initial["applies_from"] = str(Month.of(timezone.localdate()))
        else:
            self.initial["boards"] = chosen
            fixed: tuple[str, ...] = OF_QUESTION if indicator.observations.exists() else ()
            if indicator.breaks_down is not None:
                fixed = OF_WHOLE
            elif indicator.ratio:
                fixed = (*OF_QUESTION, "collection", "part_of", *OF_COUNTS)
            else:
                fields["collection"].choices = [choice for choice in Collection.choices() if choice[0] != RATIO]
            for name in ("applies_from", "definition", "breaks_down", *OF_RATIOS, *fixed):
                del fields[name]

    def clean_ages(self) -> str:
        ages = tidy_ages(self.cleaned_data["ages"])
        try:
            if ages:
                list_ways(ages)
        except AgesRefused as refused:
            self.instance.ages = ALL_AGES  # in its place: nobody is asked again for what was given
            raise ValidationError(str(refused)) from None
        return ages

    def clean(self) -> dict[str, Any] | None:
        """Set `per` to what was chosen, or to the only one that the kind has. Show a breakdown with its whole."""
        cleaned = super().clean() or {}
        if cleaned.get("breaks_down"):
            cleaned["shown_on"] = ShownOn.RATIOS.value
        if "per" in self.fields:
            ratio = cleaned.get("ratio")
            pers = RATIO_KINDS[ratio].pers if ratio else (1,)
            if len(pers) > 1 and not cleaned.get("per"):
                self.add_error("per", "Choose how many residents the rate is for")
            self.instance.per = pers[0] if len(pers) == 1 else cleaned.get("per") or 1
        return cleaned

    @property
    def groups(self) -> list[tuple[str, list[forms.BoundField]]]:
        groups = [(legend, [self[name] for name in names if name in self.fields]) for legend, names in GROUPS]
        return [(legend, fields) for legend, fields in groups if fields]
