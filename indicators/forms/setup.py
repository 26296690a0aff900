"""The forms of the set-up pages: what is measured, how small numbers are protected, and who may see names."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from copy import copy
from typing import Any, ClassVar, cast

from django import forms
from django.core.exceptions import ValidationError
from django.http import QueryDict
from django.utils import timezone

from boards.forms.parts import LAST_POSITION, PartForm, PolishedForm, polish, position_field
from boards.forms.people import attestation_field
from boards.invitations import PersonRow, TableRefused, read_people, write_table
from boards.models import CODE, PartnershipArea, ReportingPeriod, validate_not_reserved
from boards.rules import LONGEST_AGO
from boards.services.people import Plan, plan_invitations
from core.calendar import Month, months_between
from core.forms.fields import AsTyped, DecisionForm, GuardedForm, HandDrawnForm, KeyField, TickFor
from core.forms.pages import ReceivedFile
from core.texts import LONGEST_REASON
from indicators.catalogues.entries import Catalogue, choose, is_offered
from indicators.disclosure import Audience, Marking
from indicators.imports.open_data import ONS_CODE
from indicators.imports.tables import CellsRefused, read_file, read_pasted
from indicators.models import Category, Dimension, DisclosureRule, IndicatorBoard, Section
from indicators.protection.rules import DEFAULT, KINDS, LIMITS, Round, Rule, RuleKind, number_names
from indicators.services.catalogues import AreaDraft, FirstCoordinator, this_month
from indicators.services.disclosure import NO_MARKING_REASON as WHY_MARKED
from indicators.services.disclosure import NO_REASON, out_of_range

MONTHS_AHEAD, MONTHS_BACK = 3, 12  # that can be chosen, besides the area's own months


class SectionForm(PartForm):
    short_text: ClassVar[tuple[str, ...]] = ("title",)
    position = position_field()

    class Meta:
        model = Section
        fields = ("title", "code", "position")


class DimensionForm(PartForm):
    short_text: ClassVar[tuple[str, ...]] = ("name", "population_source")
    nouns: ClassVar = {"population_year": "year of its population"}

    class Meta:
        model = Dimension
        fields = ("name", "code", "population_source", "population_year")
        labels: ClassVar = {
            "population_source": "Source of its population (optional)",
            "population_year": "Year of its population",
        }
        help_texts: ClassVar = {
            "population_source": "Such as the census, for children aged 10 to 17. Then enter each category’s "
            "population.",
        }


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


def check_place(form: forms.BaseForm) -> None:
    """Show which of two coordinates is missing, at its box."""
    empty = [name for name in ("longitude", "latitude") if form.cleaned_data.get(name, "") is None]
    if len(empty) == 1 and not form.errors:
        form.add_error(empty[0], f"Enter the {empty[0]} too, or leave both empty")


class CategoryForm(PartForm):
    holder = "dimension"
    short_text: ClassVar[tuple[str, ...]] = ("name",)
    position = position_field()
    longitude = degrees_field(
        "Longitude", 180, "For an origin on the map, in degrees. West is negative. Leave it empty for other categories."
    )
    latitude = degrees_field("Latitude", 90, "In degrees. South is negative. Leave it empty for other categories.")

    class Meta:
        model = Category
        fields = ("name", "code", "position", "is_unknown", "population", "longitude", "latitude")
        labels: ClassVar = {
            "is_unknown": "It is for “not known”",
            "population": "Population (optional)",
        }
        help_texts: ClassVar = {
            "population": "How many people in this category live in the area, according to the dimension’s source. "
            "We use it to compare how often each group is recorded.",
        }

    def clean(self) -> dict[str, Any] | None:
        """The database requires both coordinates or neither."""
        cleaned = super().clean()
        check_place(self)
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
DEFINITION_HELP = "What is counted, who or what is left out, and when it is counted."


class SetupForm(GuardedForm):
    """A form of the set-up. Its months are those that an `area` can choose."""

    use_required_attribute = False

    def __init__(self, *args: Any, area: PartnershipArea | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for field in self.fields.values():
            if isinstance(field, MonthField) and area is not None:
                field.offer(area)
        polish(self)


class DefinitionForm(SetupForm):
    """A new definition, from a chosen month."""

    free_text: ClassVar[tuple[str, ...]] = ("text",)
    long_text: ClassVar[tuple[str, ...]] = ("text",)
    nouns: ClassVar = {"applies_from": "month"}
    applies_from = MonthField(label="From which month")
    text = forms.CharField(label="New definition", widget=TEXT_AREA, help_text=DEFINITION_HELP)


class RewordForm(SetupForm):
    """Better words for a definition that means the same."""

    free_text: ClassVar[tuple[str, ...]] = ("text",)
    long_text: ClassVar[tuple[str, ...]] = ("text",)
    text = forms.CharField(label="Definition", widget=TEXT_AREA, help_text=DEFINITION_HELP)


class RetireForm(SetupForm):
    month = MonthField(label="First month without it")


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


def limit_field(name: str, label: str, usual: int, help_text: str) -> forms.IntegerField:
    """A number of a disclosure rule. Only the chosen kind's numbers are checked."""
    least, most = LIMITS[name]
    return forms.IntegerField(
        label=label,
        required=False,
        min_value=least,
        max_value=most,
        initial=usual,
        help_text=help_text,
        widget=forms.NumberInput(attrs={"class": "govuk-input--width-3"}),
        error_messages=dict.fromkeys(("invalid", "min_value", "max_value"), out_of_range(name)),
    )


def reason_field(help_text: str) -> forms.CharField:
    return forms.CharField(label="Reason", widget=TEXT_AREA, help_text=help_text, max_length=LONGEST_REASON)


class RuleForm(SetupForm):
    """A disclosure rule: what is withheld from the public, and why."""

    free_text: ClassVar[tuple[str, ...]] = ("why",)
    nouns: ClassVar = {"kind": "rule"}
    kind = forms.ChoiceField(label="What the public sees", choices=RuleKind.choices(), widget=forms.RadioSelect)
    below = limit_field(
        "below",
        "Withhold small numbers: withhold figures below",
        DEFAULT.below,
        "Zeros are shown. Choose from 2 to 20; 5 is usual.",
    )
    suppress_to = limit_field(
        "suppress_to",
        "Withhold small numbers and round the others: withhold figures up to",
        Round().suppress_to,
        "Zeros are shown. Choose from 3 to 20; 7 is usual in the NHS.",
    )
    base = limit_field(
        "base",
        "Withhold small numbers and round the others: round to the nearest",
        Round().base,
        "Choose from 3 to 20; 5 is usual in the NHS.",
    )
    why = reason_field("Such as the paragraph in the agreement that requires it.")

    def __init__(self, *args: Any, held: DisclosureRule | None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if held is not None:
            numbers = {name: getattr(held, name) for name in LIMITS}
            limits = {name: number for name, number in numbers.items() if number is not None}
            self.initial = {**self.initial, **limits, "kind": held.kind, "why": held.why}
        self.fields["why"].error_messages["required"] = NO_REASON

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


class RemoveRuleForm(SetupForm):
    """Asks why a disclosure rule is removed. It is on the same page as the other form."""

    free_text: ClassVar[tuple[str, ...]] = ("why",)
    prefix = "remove"
    why = reason_field("The reason stays in the audit log.")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["why"].error_messages["required"] = NO_REASON


NO_MARKING = "none"  # for Marking.NONE, which is empty: a form would read that as no choice


class MarkingForm(SetupForm):
    """Asks for a month's new marking, its audience, and the reason. Before it marks a month against the public, it says
    what `goes` and asks, with the box `take_down`.
    """

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
    why = reason_field("The coordinator and the analyst can read the reason, with your name.")
    take_down = forms.BooleanField(
        label="Take these down. You can’t undo this by changing the marking back", required=False, widget=TickFor
    )

    def __init__(self, *args: Any, goes: Callable[[], Sequence[str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.goes = goes
        # It becomes a field only when the form has to ask.
        self.take_down_box = self.fields.pop("take_down")
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


def boxes(**options: Any) -> forms.MultipleChoiceField:
    return forms.MultipleChoiceField(required=False, widget=forms.CheckboxSelectMultiple, **options)


class PlaceForm(PolishedForm, forms.ModelForm):  # type: ignore[type-arg]
    """Where an area is on the map of lines: both coordinates or neither."""

    longitude = degrees_field("Longitude", 180, "In degrees, such as -1.9. West is negative.")
    latitude = degrees_field("Latitude", 90, "In degrees, such as 52.48. South is negative.")

    class Meta:
        model = PartnershipArea
        fields = ("longitude", "latitude")

    def clean(self) -> dict[str, Any] | None:
        cleaned = super().clean()
        check_place(self)
        return cleaned


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
        help_text="Such as E06000033. We use it to find the area in open data. Leave it empty if the area has none.",
    )
    longitude = degrees_field("Longitude", 180, "Where the area is on the map of lines, in degrees. West is negative.")
    latitude = degrees_field("Latitude", 90, "In degrees. South is negative.")
    first_month = MonthField(
        label="First month",
        help_text="Agencies send returns from this month on. We open it straight away, with every later month up to "
        "now.",
    )
    email = forms.EmailField(
        label="Coordinator’s email address",
        max_length=254,
        widget=forms.EmailInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
        error_messages={"invalid": "Enter an email address in full, such as name@council.example"},
    )
    person = forms.CharField(
        label="Coordinator’s name",
        max_length=150,
        help_text="The coordinator gives everyone else their role, and gets an email that says how to sign in.",
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
        check_place(self)
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


LARGEST_FILE = 2 * 1024 * 1024  # bytes


class PeopleForm(forms.Form):
    """The box then shows what was sent, also from a file, so that it can be corrected there."""

    use_required_attribute = False
    table, seen = AsTyped(), AsTyped()
    is_attested = forms.BooleanField(
        required=False,
        label="I know who each of these people is. I have checked that each address is that person’s own, at work.",
    )
    file = forms.Field(
        required=False,
        label="Or a file",
        help_text="CSV or a workbook (.xlsx or .ods), at most 2 MB. If you choose a file, we ignore the pasted table. "
        "We don’t store the file.",
        widget=forms.FileInput(attrs={"accept": ".csv,.xlsx,.ods"}),
    )

    def __init__(self, typed: QueryDict | None, files: Any, *, area: PartnershipArea) -> None:
        super().__init__(typed, files)
        self.area = area
        self.plan: Plan | None = None
        self.notes: list[str] = []
        self.people: list[PersonRow] = []
        self.fields["table"].label = "Paste the table"
        self.fields[
            "table"
        ].help_text = (
            "One line for each role of each person. Copy the table from a spreadsheet, with or without a heading."
        )
        self.fields["table"].widget.attrs |= {"rows": 8, "spellcheck": "false"}
        self.fields["seen"].widget = forms.HiddenInput()
        polish(self)

    def clean(self) -> None:
        sent = self.files.get("file") if self.files else None
        name = "file" if isinstance(sent, ReceivedFile) else "table"
        try:
            if isinstance(sent, ReceivedFile):
                self.people = read_people(self.read_cells(sent))
                self.show_in_box(write_table(self.people))
                # Read again from the box's own text, so that faults name the lines that it shows.
                self.people = read_people(read_pasted(write_table(self.people)))
            else:
                self.people = read_people(read_pasted(self.cleaned_data["table"]))
        except (TableRefused, CellsRefused) as refused:
            self.add_error(name, str(refused))
            return
        self.plan = plan_invitations(self.area, self.people)
        if self.plan.faults:
            self.add_error("table", "Correct the lines named above, then check again")

    def read_cells(self, sent: ReceivedFile) -> Any:
        if sent.is_too_big:
            raise CellsRefused(f"The file is larger than {LARGEST_FILE // 1024**2} MB.")
        rows, self.notes = read_file(sent.read())
        return rows

    def show_in_box(self, text: str) -> None:
        # A request's own data can't be changed.
        data: Any = copy(self.data)
        data["table"] = text
        self.data = data

    @property
    def text(self) -> str:
        """Return what the invite button carries."""
        return str(self["table"].value() or "")


class NamesForm(HandDrawnForm):
    """Its question's box has one id wherever it appears: only one form on the page holds typed text."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.guard.widget.attrs["id"] = "not_personal"


class WhyForm(NamesForm):
    """Asks why somebody needs to see an origin's names, or why their access ends."""

    short_text: ClassVar[tuple[str, ...]] = ("why",)
    why = AsTyped()


class NoteForm(NamesForm):
    short_text: ClassVar[tuple[str, ...]] = ("name",)
    origin, name = KeyField(), AsTyped()


class GrantForm(NamesForm):
    short_text: ClassVar[tuple[str, ...]] = ("why",)
    user, why = KeyField(), AsTyped()


class RecordingForm(SetupForm):
    """Asks what is recorded differently, and from which month."""

    short_text: ClassVar[tuple[str, ...]] = ("why",)
    month = MonthField(label="From which month")
    why = forms.CharField(
        label="What is recorded differently",
        max_length=300,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text="Such as: the new custody system counts each arrest; the old one counted each person.",
    )


class LevelNameForm(SetupForm):
    """Asks for a level's name, and why it started."""

    short_text: ClassVar[tuple[str, ...]] = ("name", "reason")
    name = forms.CharField(label="Name of the level", max_length=80, help_text="Such as: return-home visits.")
    reason = forms.CharField(label="Why it started", max_length=300, widget=forms.Textarea(attrs={"rows": 2}))
