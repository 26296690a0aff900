"""The forms for files of past months: send them, import them, and confirm an import."""

from collections.abc import Mapping
from typing import Any, ClassVar

from django import forms
from django.core import signing
from django.http import QueryDict
from django.utils import timezone

from boards.forms.parts import polish
from boards.models import PartnershipArea
from core.forms.fields import AsTyped, DecisionForm, Question
from core.forms.pages import ReceivedFile
from indicators.imports.figures import FiguresRefused
from indicators.imports.history import LARGEST_SENT, History, Sent, read_data, read_history, write_data
from indicators.imports.open_data import Place

SALT = "indicators.forms.history"
MAX_AGE = 24 * 60 * 60  # seconds: a page may wait for somebody's answer


class SeveralFiles(forms.FileInput):
    allow_multiple_selected = True


class HistoryForm(forms.Form):
    """The files, and the place that counts as the area in police files."""

    use_required_attribute = False
    nouns: ClassVar = {"place": "place"}
    files_sent = forms.Field(
        required=False,
        label="Files",
        help_text="One file of figures (.xlsx, .ods or CSV, at most 2 MB). Or one or more files of street-level "
        f"crime, or the ZIP from data.police.uk, at most {LARGEST_SENT // 1024**2} MB together. We don’t store them.",
        widget=SeveralFiles(attrs={"multiple": True, "accept": ".csv,.xlsx,.ods,.zip"}),
    )
    place = forms.CharField(
        required=False,
        label="Place in police files",
        max_length=2000,
        help_text="Enter one place on each line, as the police write it before a small area’s number, such as Derby in "
        "“Derby 001A”. You can enter LSOA codes instead.",
        widget=forms.Textarea(attrs={"rows": 2}),
    )

    def __init__(self, typed: QueryDict | None, files: Any, *, area: PartnershipArea) -> None:
        super().__init__(typed, files, initial={"place": area.name})
        self.area = area
        self.history: History
        polish(self)

    def clean(self) -> None:
        sent = (
            [file for file in self.files.getlist("files_sent") if isinstance(file, ReceivedFile)] if self.files else []
        )
        if not sent:
            self.add_error("files_sent", "Choose one or more files")
            return
        if any(file.is_too_big for file in sent):
            self.add_error(
                "files_sent", f"The files are larger than {LARGEST_SENT // 1024**2} MB. Send fewer at a time"
            )
            return
        place = Place.of((self.cleaned_data.get("place") or self.area.name).splitlines())
        try:
            self.history = read_history(
                [Sent(file.name or "the file", file.read()) for file in sent], place=place, today=timezone.localdate()
            )
        except FiguresRefused as refused:
            self.add_error("files_sent", str(refused))


class TakeHistoryForm(Question):
    """Imports what the page showed. The page carries the files' content, so nothing is stored in between. The question
    is about their notes."""

    content, seen = AsTyped(), AsTyped()
    reach = forms.BooleanField(required=False)

    def __init__(self, typed: Mapping[str, Any], *, history: History) -> None:
        rows = history.figures.rows if history.figures is not None else ()
        super().__init__(typed, texts=[row.note for row in rows if row.note])


# --- What a page carries: counts, signed, and no file -------------------------------------------------


def pack(area: PartnershipArea, history: History) -> str:
    return signing.dumps({"area": area.slug} | write_data(history), salt=SALT, compress=True)


def unpack(area: PartnershipArea, content: str) -> History | None:
    """Return what the page carried; None if it is for another area, isn't ours, or is too old."""
    try:
        said = signing.loads(content, salt=SALT, max_age=MAX_AGE)
    except signing.BadSignature:
        return None
    return read_data(said) if said["area"] == area.slug else None


# --- What another person confirms ---------------------------------------------------------------------


class ImportDecisionForm(DecisionForm):
    """A decision about figures that somebody brought in. `seen` is the fingerprint of what the page showed."""

    decisions: ClassVar[tuple[str, ...]] = ("confirm", "decline", "withdraw")
    with_words: ClassVar[tuple[str, ...]] = ("decline",)
    short_text: ClassVar[tuple[str, ...]] = ("why",)
    why, seen = AsTyped(), AsTyped()
