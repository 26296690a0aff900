"""The forms of the documents of the year. The services limit what is typed."""

from collections.abc import Sequence
from typing import Any, ClassVar

from django import forms
from django.db.models import Q
from django.utils import timezone

from actions.forms.plan import FEW_ROWS, MORE_ROWS, PersonChoice, text_box
from actions.selectors.plan import list_members
from boards.forms.parts import PolishedForm, SeenForm
from boards.models import PartnershipArea
from core.calendar import Month, date_label
from core.forms.fields import DAY_HINT, DayField
from core.models import User
from core.texts import one_line
from indicators.trend import YEAR
from reporting.documents.figures import MOST_MONTHS, Choice, FigureKind, OpenData, OpenNumber, read_numbers
from reporting.documents.presenters.choices import Group
from reporting.documents.services import ChapterDraft
from reporting.models.documents import Document, DocumentChapter
from reporting.workflow import DocumentKind

TEXT_ROWS = 24
APRIL = 4
HOW_TO_WRITE = (
    "Write a heading as “## Heading”, a list with “- ” before each item, and a table with | between its columns."
)


def find_financial_year() -> int:
    today = timezone.localdate()
    return today.year if today.month >= APRIL else today.year - 1


def list_years() -> list[tuple[int, str]]:
    """Return the years from last year to next year."""
    current = find_financial_year()
    return [(year, Document(year=year).years) for year in range(current - 1, current + 2)]


class BeginForm(PolishedForm):
    kind = forms.TypedChoiceField(
        label="Document", coerce=DocumentKind, choices=DocumentKind.choices(), widget=forms.RadioSelect
    )
    # A function: a list would be worked out once, when the process starts.
    year = forms.TypedChoiceField(
        label="Financial year", coerce=int, choices=list_years, initial=find_financial_year, widget=forms.RadioSelect
    )


class WriteForm(SeenForm):
    """The text of a chapter, and from the second year on what changed."""

    free_text = ("text", "changes")
    text = forms.CharField(label="Text", widget=text_box(TEXT_ROWS), help_text=HOW_TO_WRITE)
    changes = forms.CharField(
        label="What changed since last year",
        required=False,
        widget=text_box(MORE_ROWS),
        help_text="If nothing changed, say so.",
    )

    def __init__(self, *args: Any, chapter: DocumentChapter, **kwargs: Any) -> None:
        initial = {"text": chapter.text, "changes": chapter.changes, "revision": chapter.revision}
        super().__init__(*args, initial=initial, **kwargs)
        if chapter.document.previous_id is None:
            del self.fields["changes"]

    @property
    def written(self) -> dict[str, str]:
        return {name: self.cleaned_data.get(name, "") for name in ("text", "changes")}


class ChapterForm(SeenForm):
    """What a chapter is about, and who writes it. `chapter` is the one to change."""

    free_text = ("title", "asks", "owner_title")
    nouns: ClassVar = {"owner": "person"}
    title = forms.CharField(label="Title", widget=forms.TextInput(attrs={"autocomplete": "off"}))
    asks = forms.CharField(
        label="Questions to answer (optional)",
        required=False,
        widget=text_box(MORE_ROWS),
        help_text="The person who writes the chapter sees this above the text.",
    )
    owner_title = forms.CharField(
        label="Role of the person who writes it (optional)",
        required=False,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
        help_text="Such as Public health consultant. It stays the same when people change.",
    )
    owner = PersonChoice(
        User.objects.none(),
        label="Account",
        required=False,
        help_text="The person who writes it now, if they have an account.",
    )

    def __init__(
        self, *args: Any, area: PartnershipArea, chapter: DocumentChapter | None = None, **kwargs: Any
    ) -> None:
        if chapter is not None:
            names = ("title", "asks", "owner_title", "owner", "revision")
            kwargs["initial"] = {name: getattr(chapter, name) for name in names}
        super().__init__(*args, **kwargs)
        if chapter is None:
            del self.fields["revision"]
        fields: dict[str, Any] = self.fields
        # Somebody who has left the area stays among the options. Otherwise saving would remove them.
        people = Q(pk__in=list_members(area).order_by().values("pk")) | Q(pk=chapter.owner_id if chapter else None)
        fields["owner"].queryset = User.objects.filter(people).order_by("name", "email")

    def draft(self) -> ChapterDraft:
        return ChapterDraft(**{name: self.cleaned_data[name] for name in ("title", "asks", "owner", "owner_title")})


class CommentForm(PolishedForm):
    free_text = ("text",)
    nouns: ClassVar = {"text": "comment"}
    text = forms.CharField(label="Your comment", widget=text_box(FEW_ROWS))


class SettleForm(PolishedForm):
    free_text = ("answer",)
    nouns: ClassVar = {"answer": "answer"}
    answer = forms.CharField(
        label="How it was settled", widget=text_box(FEW_ROWS), help_text="It stays below the comment, with your name."
    )


class FigureForm(PolishedForm):
    """A figure of a published month. `choices` are what there is to take, in groups, and `months` are the published
    ones, the newest first."""

    nouns: ClassVar = {"what": "figure", "first": "first month", "month": "last month"}
    what = forms.ChoiceField(label="Figure")
    first = forms.ChoiceField(
        label="From",
        help_text="We use this only for an indicator. Any other figure is for the last month, or for as many months as "
        "it takes to work it out.",
    )
    month = forms.ChoiceField(label="To")

    def __init__(self, *args: Any, choices: Sequence[Group], months: Sequence[Month], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        fields: dict[str, Any] = self.fields
        fields["what"].choices = [("", "Choose one"), *choices]
        named = [(str(month), month.label) for month in months]
        for name, initial in (("first", months[:YEAR][-1]), ("month", months[0])):
            fields[name].choices, fields[name].initial = named, str(initial)

    def clean(self) -> dict[str, Any]:
        typed = super().clean() or {}
        if "first" in typed and "month" in typed:
            months = Month.parse(typed["month"]) - Month.parse(typed["first"]) + 1
            if months < 1:
                self.add_error("first", "The first month is after the last one: choose an earlier month")
            elif months > MOST_MONTHS:
                self.add_error("first", f"A figure can cover at most {MOST_MONTHS} months: choose a later month")
        return typed

    @property
    def choice(self) -> Choice:
        kind, code, event = self.cleaned_data["what"].split(":")
        month, first = (Month.parse(self.cleaned_data[name]) for name in ("month", "first"))
        return Choice(FigureKind(kind), code, month, month - first + 1, event)


class NumbersForm(PolishedForm):
    """Numbers of open data, as somebody typed them."""

    free_text = ("title", "numbers", "source", "licence")
    nouns: ClassVar = {"numbers": "numbers", "day": "day"}
    title = forms.CharField(label="Title", widget=forms.TextInput(attrs={"autocomplete": "off"}))
    numbers = forms.CharField(
        label="Numbers",
        widget=text_box(MORE_ROWS),
        help_text="One on each line: what it is, the number, and its unit, such as “Residents aged 10 to 17; 18,420; "
        "people”. Enter only published numbers: no names and no cases.",
    )
    source = forms.CharField(
        label="Source", help_text="Who published it, where, and for which year, such as Census 2021, ONS, table TS007."
    )
    licence = forms.CharField(label="Licence", initial="Open Government Licence v3.0")
    day = DayField(noun="day", label="Looked at on", is_past=True, help_text=DAY_HINT)

    def clean_numbers(self) -> tuple[OpenNumber, ...]:
        numbers, faults = read_numbers(self.cleaned_data["numbers"])
        if faults:
            raise forms.ValidationError(faults)
        return numbers

    @property
    def open_data(self) -> OpenData:
        typed = {name: one_line(self.cleaned_data[name]) for name in ("title", "source", "licence")}
        return OpenData(**typed, numbers=self.cleaned_data["numbers"], day=date_label(self.cleaned_data["day"]))
