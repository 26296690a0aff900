"""The forms of the set-up pages about what is measured."""

from collections.abc import Callable, Iterable, Sequence
from typing import Any, ClassVar

from django import forms
from django.utils import timezone

from boards.forms.fields import LAST_POSITION, polish, position_field
from boards.forms.parts import PartForm
from boards.models import PartnershipArea, ReportingPeriod
from core.forms import AsTyped, DecisionForm, GuardedForm, TickFor, get_field
from core.months import Month, months_between
from core.reasons import LONGEST_REASON
from indicators.disclosure import Audience, Marking
from indicators.models import Category, Dimension, DisclosureRule, IndicatorBoard, Section
from indicators.protection.rules import DEFAULT, KINDS, LIMITS, Round, Rule, RuleKind, number_names
from indicators.services.disclosure import NO_REASON, out_of_range
from indicators.services.markings import NO_REASON as WHY_MARKED

MONTHS_AHEAD, MONTHS_BACK = 3, 12  # that can be chosen, besides the area's own months


class SectionForm(PartForm):
    short_text: ClassVar[tuple[str, ...]] = ("title",)
    position = position_field()

    class Meta:
        model = Section
        fields = ("title", "code", "position")


class DimensionForm(PartForm):
    short_text: ClassVar[tuple[str, ...]] = ("name",)

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
    short_text: ClassVar[tuple[str, ...]] = ("name",)
    position = position_field()
    longitude = degrees_field(
        "Longitude", 180, "For an origin on the map, in degrees. West is negative. Otherwise leave it empty."
    )
    latitude = degrees_field("Latitude", 90, "In degrees. South is negative. Otherwise leave it empty.")

    class Meta:
        model = Category
        fields = ("name", "code", "position", "longitude", "latitude")

    def clean(self) -> dict[str, Any] | None:
        """The database requires both coordinates or neither. Show which one is missing, at its box."""
        cleaned = super().clean() or {}
        empty = [name for name in ("longitude", "latitude") if cleaned.get(name, "") is None]
        if len(empty) == 1 and not self.errors:
            self.add_error(empty[0], f"Enter the {empty[0]} too, or leave both empty")
        return cleaned


def months_to_choose(area: PartnershipArea) -> list[Month]:
    """List the months that a definition may start in, newest first: the area's own, the last year, and the next few."""
    current = Month.of(timezone.localdate())
    first = ReportingPeriod.objects.filter(area=area).order_by("starts_on").values_list("starts_on", flat=True).first()
    earliest = current + -MONTHS_BACK
    return list(months_between(min(Month.of(first), earliest) if first else earliest, current + MONTHS_AHEAD))[::-1]


class MonthField(forms.TypedChoiceField):
    """A month chosen from a list, never from a date box."""

    def __init__(self, **options: Any) -> None:
        super().__init__(coerce=Month.parse, empty_value=None, **options)

    def offer(self, area: PartnershipArea) -> None:
        self.choices = [("", "Choose one"), *((str(month), month.label) for month in months_to_choose(area))]


TEXT_AREA = forms.Textarea(attrs={"rows": 3})
DEFINITION_HELP = "What is counted, who or what is left out, and at what moment."


class DefinitionForm(GuardedForm):
    """A new definition, from a chosen month."""

    use_required_attribute = False
    free_text: ClassVar[tuple[str, ...]] = ("text",)
    long_text: ClassVar[tuple[str, ...]] = ("text",)
    nouns: ClassVar = {"applies_from": "month"}
    applies_from = MonthField(label="From which month")
    text = forms.CharField(label="New definition", widget=TEXT_AREA, help_text=DEFINITION_HELP)

    def __init__(self, *args: Any, area: PartnershipArea, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        get_field(self, "applies_from", MonthField).offer(area)
        polish(self)


class RewordForm(GuardedForm):
    """Better words for a definition that means the same."""

    use_required_attribute = False
    free_text: ClassVar[tuple[str, ...]] = ("text",)
    long_text: ClassVar[tuple[str, ...]] = ("text",)
    text = forms.CharField(label="Definition", widget=TEXT_AREA, help_text=DEFINITION_HELP)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        polish(self)


class RetireForm(forms.Form):
    use_required_attribute = False
    month = MonthField(label="First month without it")

    def __init__(self, *args: Any, area: PartnershipArea, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        get_field(self, "month", MonthField).offer(area)
        polish(self)


class BoardOrderForm(forms.Form):
    """The order of indicators on a board's page."""

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


def limit_field(name: str, label: str, usual: int) -> forms.IntegerField:
    """A number of a disclosure rule. Only the chosen kind's numbers are checked."""
    least, most = LIMITS[name]
    return forms.IntegerField(
        label=label,
        required=False,
        min_value=least,
        max_value=most,
        initial=usual,
        widget=forms.NumberInput(attrs={"class": "govuk-input--width-3"}),
        error_messages=dict.fromkeys(("invalid", "min_value", "max_value"), out_of_range(name)),
    )


def reason_field(help_text: str) -> forms.CharField:
    return forms.CharField(label="Reason", widget=TEXT_AREA, help_text=help_text, max_length=LONGEST_REASON)


class RuleForm(GuardedForm):
    """A disclosure rule: what is withheld from the public, and why."""

    use_required_attribute = False
    free_text: ClassVar[tuple[str, ...]] = ("why",)
    nouns: ClassVar = {"kind": "rule"}
    kind = forms.ChoiceField(label="What the public sees", choices=RuleKind.choices(), widget=forms.RadioSelect)
    below = limit_field("below", "Withhold small numbers: withhold figures below", DEFAULT.below)
    suppress_to = limit_field(
        "suppress_to", "Withhold small numbers and round the others: withhold figures up to", Round().suppress_to
    )
    base = limit_field("base", "Withhold small numbers and round the others: round to the nearest", Round().base)
    why = reason_field("Such as the paragraph of the agreement that asks for it.")

    def __init__(self, *args: Any, held: DisclosureRule | None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if held is not None:
            numbers = {name: getattr(held, name) for name in LIMITS}
            given = {name: number for name, number in numbers.items() if number is not None}
            self.initial = {**self.initial, **given, "kind": held.kind, "why": held.why}
        polish(self)
        self.fields["why"].error_messages["required"] = NO_REASON
        self.fields["below"].help_text = "Zeros are shown. Choose from 2 to 20; 5 is usual."
        self.fields["suppress_to"].help_text = "Zeros are shown. Choose from 3 to 20; 7 is usual in the NHS."
        self.fields["base"].help_text = "Choose from 3 to 20; 5 is usual in the NHS."

    def clean(self) -> dict[str, Any]:
        """Leave out the numbers of kinds that weren't chosen, whatever was typed there."""
        cleaned = super().clean() or {}
        wanted = number_names(cleaned["kind"]) if cleaned.get("kind") else ()
        for name in LIMITS:
            if name not in wanted:
                self.errors.pop(name, None)
                cleaned[name] = None
            elif cleaned.get(name, "") is None:
                self.add_error(name, out_of_range(name))
        return cleaned

    @property
    def rule(self) -> Rule:
        """Return the typed rule, once the form is valid."""
        kind = self.cleaned_data["kind"]
        return KINDS[kind](*(self.cleaned_data[name] for name in number_names(kind)))


class RemoveRuleForm(GuardedForm):
    """Asks why a disclosure rule is removed. It is on the same page as the other form."""

    use_required_attribute = False
    free_text: ClassVar[tuple[str, ...]] = ("why",)
    prefix = "remove"
    why = reason_field("It stays in the record of who did what.")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        polish(self)
        self.fields["why"].error_messages["required"] = NO_REASON


NO_MARKING = "none"  # for Marking.NONE, which is empty: a form would read that as no choice


class MarkingForm(GuardedForm):
    """Asks for a month's new marking, its audience, and the reason. Before it marks a month against the public, it says
    what `goes` and asks, with the box `take_down`.
    """

    use_required_attribute = False
    free_text: ClassVar[tuple[str, ...]] = ("why",)
    nouns: ClassVar = {"audience": "audience"}
    audience = forms.TypedChoiceField(
        label="For whom", coerce=Audience, choices=Audience.choices(), widget=forms.RadioSelect
    )
    marking = forms.TypedChoiceField(
        label="Marking",
        coerce=lambda code: Marking("" if code == NO_MARKING else code),
        choices=[(marking.value or NO_MARKING, marking.label) for marking in reversed(Marking)],
        widget=forms.RadioSelect,
    )
    why = reason_field("The coordinator and the analyst can read it, with your name.")
    take_down = forms.BooleanField(
        label="Take these down. This can’t be undone by changing the marking back", required=False, widget=TickFor
    )

    def __init__(self, *args: Any, goes: Callable[[], Sequence[str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.goes = goes
        # It becomes a field only when the form has to ask.
        self.take_down_box = self.fields.pop("take_down")
        polish(self)
        self.fields["why"].error_messages["required"] = WHY_MARKED

    def full_clean(self) -> None:
        # Django may clean a form again, so start without the box.
        self.fields.pop("take_down", None)
        super().full_clean()
        if not self.is_bound:
            return
        chosen = self.cleaned_data.get("audience"), self.cleaned_data.get("marking")
        if chosen == (Audience.PUBLIC, Marking.SENSITIVE) and (goes := self.goes()):
            self.take_down_box.widget.ask_about(goes)
            self.fields["take_down"] = self.take_down_box
            if not self["take_down"].data:
                self.add_error("take_down", f"This takes down: {'; '.join(goes)}. If that is right, tick the box.")

    def typed(self) -> dict[str, Any]:
        """Return what the service takes."""
        return {name: self.cleaned_data[name] for name in ("audience", "marking", "why")}


class RuleDecisionForm(DecisionForm):
    """A decision about a rule that protects less."""

    decisions: ClassVar[tuple[str, ...]] = ("agree", "decline", "withdraw")
    with_words: ClassVar[tuple[str, ...]] = ("decline",)
    short_text: ClassVar[tuple[str, ...]] = ("why",)
    why = AsTyped()
