"""The forms of an agency's return: type it, send it as a file, hand it in, and decide on it."""

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

from django import forms
from django.http import QueryDict
from django.utils import timezone

from core.calendar import Month, date_label
from core.forms.fields import (
    UNREADABLE,
    AsTyped,
    DecisionForm,
    HandDrawnForm,
    Question,
    RevisionField,
    as_typed,
)
from core.forms.pages import ReceivedFile
from indicators.figures import PARTS, Entry, is_untouched, read_opened
from indicators.imports.figures import LARGEST_FILE, FigureFile, FiguresRefused, NoHeader, read_figure_file
from indicators.imports.pasted import Form, PastedRow, PasteRefused, read_block
from indicators.selectors.figures import FigurePlace
from indicators.services.corrections import errors_in

NO_RETURN = -1  # the revision of a form that has none
ANOTHER_FILE = "This isn’t the workbook or CSV for this return. Download the right file in step 1, and fill that in."


class EntriesForm(forms.Form):
    """A return as it is typed, with three boxes for each row. A draft stores whatever they hold. So its only error is a
    pasted block that can't be read as figures of `pasted_into`. A form that is only shown again reads no block and has
    None there.

    On a page with several areas' returns, the names of each start with its `prefix`. The pasted block and the pressed
    button belong to the page."""

    OF_THE_PAGE: ClassVar = frozenset({"pasted", "start", "then"})

    revision = RevisionField(missing=NO_RETURN)
    opened, pasted, start, then = AsTyped(), AsTyped(), AsTyped(), AsTyped()

    def __init__(
        self, typed: QueryDict | None, *, names: Sequence[str], pasted_into: Form | None, prefix: str = ""
    ) -> None:
        super().__init__(typed, prefix=prefix)
        self.names, self.pasted_into = names, pasted_into
        self.entries: dict[str, Entry] = {}
        self.rows: list[PastedRow] = []  # of what was pasted

    def add_prefix(self, field_name: str) -> str:
        return field_name if field_name in self.OF_THE_PAGE else f"{self.prefix or ''}{field_name}"

    def clean(self) -> None:
        typed = self.cleaned_data
        self.entries = {
            # Without a field of its own for each: a return may have hundreds of boxes.
            name: Entry(*(as_typed(self.data, self.add_prefix(f"{name}:{part}")) for part in PARTS))
            for name in self.names
        }
        if typed["then"] != "paste" or self.pasted_into is None:
            return
        try:
            self.rows = read_block(
                typed["pasted"], self.pasted_into, start=typed["start"].removeprefix(self.prefix or "")
            )
        except PasteRefused as refused:
            self.add_error(None, forms.ValidationError(str(refused), code=UNREADABLE))

    @property
    def seen(self) -> int:
        """Return the revision that the form was opened with."""
        return int(self.cleaned_data["revision"])

    @property
    def opened_with(self) -> dict[str, Entry]:
        """Return the entries that the form was opened with."""
        return read_opened(self.cleaned_data["opened"])

    @property
    def is_changed(self) -> bool:
        """Return whether the form was sent and its entries differ from those it was opened with."""
        is_read = self.is_bound and self.errors is not None  # the errors are known once it is read
        return is_read and not is_untouched(self.opened_with, self.entries)

    @property
    def block(self) -> str:
        """Return the pasted block, if nobody has looked at its preview."""
        is_asked = self.cleaned_data["then"] == "paste" or self.pasted_into is None
        return self.cleaned_data["pasted"] if is_asked else ""

    @property
    def refusal(self) -> str:
        return " ".join(map(str, self.non_field_errors()))


class FileForm(forms.Form):
    """Asks for the filled-in file."""

    file = forms.Field(required=False, widget=forms.FileInput)

    def __init__(self, typed: QueryDict | None, files: Any, *, most_rows: int) -> None:
        super().__init__(typed, files)
        self.most_rows = most_rows
        self.read: FigureFile

    def clean_file(self) -> None:
        sent = self.files.get("file")
        if not isinstance(sent, ReceivedFile):
            raise forms.ValidationError("Choose the file you filled in.")
        if sent.is_too_big:
            raise forms.ValidationError(f"The file is larger than {LARGEST_FILE // 1024**2} MB.")
        try:
            self.read = read_figure_file(sent.read(), name_of_file=self.name, most_rows=self.most_rows)
        except NoHeader as refused:
            raise forms.ValidationError(f"{ANOTHER_FILE} {refused}") from refused
        except FiguresRefused as refused:
            raise forms.ValidationError(str(refused)) from refused

    @property
    def name(self) -> str:
        return str(getattr(self.files["file"], "name", "")) or "the file"


class HandInForm(Question):
    """Hands in what was checked for a month. `notes` are from the drafts. A month that isn't over needs a tick: its
    figures still grow, and whoever sends them may have meant the month before."""

    is_early = forms.BooleanField()

    def __init__(self, typed: Mapping[str, Any], *, month: Month, notes: Sequence[str]) -> None:
        super().__init__(typed, texts=notes)
        if timezone.localdate() > month.last_day:
            del self.fields["is_early"]
            return
        ends = date_label(month.last_day)
        self.fields["is_early"].label = f"{month.label} isn’t over until {ends}. Send its figures as they are now"
        self.fields["is_early"].error_messages["required"] = (
            f"{month.label} isn’t over until {ends}. Confirm that you mean this month, or send the figures later."
        )


class SubmitForm(HandInForm):
    revision = RevisionField(missing=NO_RETURN)


class SubmitSeveralForm(HandInForm):
    """Hands in the checked returns of several. `prefixes` are theirs."""

    def __init__(
        self, typed: Mapping[str, Any], *, month: Month, prefixes: Sequence[str], notes: Sequence[str]
    ) -> None:
        super().__init__(typed, month=month, notes=notes)
        self.prefixes = prefixes
        for prefix in prefixes:
            self.fields[f"{prefix}revision"] = RevisionField(missing=NO_RETURN)

    @property
    def seen(self) -> dict[str, int]:
        """Return the revision of each return that was sent, by prefix."""
        revisions = {prefix: int(self.cleaned_data[f"{prefix}revision"]) for prefix in self.prefixes}
        return {prefix: revision for prefix, revision in revisions.items() if revision != NO_RETURN}


class DecideReturnForm(DecisionForm):
    """The decision of the coordinator, or of an agency's approver, on a return."""

    decisions: ClassVar[tuple[str, ...]] = ("accept", "release", "return")
    with_words: ClassVar[tuple[str, ...]] = ("return",)
    short_text: ClassVar[tuple[str, ...]] = ("comment",)
    comment = AsTyped()
    revision = RevisionField(missing=NO_RETURN)

    @property
    def provisional(self) -> list[str]:
        """Return the boxes whose figures may still change."""
        return self.data.getlist("provisional") if isinstance(self.data, QueryDict) else []


class CorrectionForm(HandDrawnForm):
    """What a figure should be, and why."""

    short_text: ClassVar[tuple[str, ...]] = ("note", "why")
    value, reason, note, why = AsTyped(), AsTyped(), AsTyped(), AsTyped()

    def __init__(self, *args: Any, figure: FigurePlace, **kwargs: Any) -> None:
        super().__init__(*args, **{"auto_id": "%s", **kwargs})
        self.figure = figure

    def full_clean(self) -> None:
        """If the question isn't answered, every other fault is shown with it."""
        super().full_clean()
        if self.is_bound and "not_personal" in self.errors:
            for control, sentence in errors_in(self.figure, self.entry, self.cleaned_data["why"]).items():
                self.add_error(control, sentence)

    @property
    def entry(self) -> Entry:
        return Entry(*(self.cleaned_data[name] for name in ("value", "reason", "note")))


class DecideCorrectionForm(DecisionForm):
    decisions: ClassVar[tuple[str, ...]] = ("accept", "decline", "withdraw")
    with_words: ClassVar[tuple[str, ...]] = ("decline",)
    short_text: ClassVar[tuple[str, ...]] = ("comment",)
    comment = AsTyped()


class MarkForm(DecisionForm):
    decisions: ClassVar[tuple[str, ...]] = ("mark", "confirm")
    with_words: ClassVar[tuple[str, ...]] = decisions
    short_text: ClassVar[tuple[str, ...]] = ("why",)
    why = AsTyped()
