"""The forms for a file of records: the file, its columns, and what each kind of record counts as.

Between them a page carries signed counts, and no row of the file.
"""

import json
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Any, ClassVar

from django import forms
from django.core import signing
from django.http import QueryDict

from boards.forms.parts import polish
from boards.models import Agency
from core.calendar import Month
from core.forms.fields import GuardedForm
from core.forms.pages import ReceivedFile
from core.texts import one_line
from indicators.imports.figures import read_month
from indicators.imports.records import (
    LARGEST_FILE,
    MOST_ROWS,
    NOT_COUNTED,
    ColumnsMissing,
    Counting,
    Headings,
    RecordFile,
    RecordsRefused,
    Tally,
    count_records,
    keeps_records_out,
    read_headings,
    read_record_file,
)
from indicators.lines import LONGEST_COLUMN, Columns
from indicators.models import ColumnMapping
from indicators.services.column_mappings import Target, list_decided

SALT = "indicators.forms.records"
MAX_AGE = 24 * 60 * 60  # seconds: a page may wait for somebody's answer
NEW = "new"
MOST_VALUES = 20
LONGEST_NAME: int = ColumnMapping._meta.get_field("name").max_length or 0
FILE_HELP = (
    f"A spreadsheet (.xlsx, .ods) or CSV with a row for each record, at most {LARGEST_FILE // 1024**2} MB and "
    f"{MOST_ROWS:,} rows. We count the rows, then delete the file."
)


class SpanField(forms.Field):
    """Reads a typed month; None if it is empty."""

    def to_python(self, value: Any) -> Any:
        text = one_line(str(value or ""))
        try:
            return read_month(text) if text else None
        except ValueError as fault:
            raise forms.ValidationError(str(fault)) from None


class OfRecords(GuardedForm):
    """A form with the file. If the file may have many months, it also asks which months it covers."""

    use_required_attribute = False
    file = forms.Field(
        required=False,
        label="File of records",
        help_text=FILE_HELP,
        widget=forms.FileInput(attrs={"accept": ".csv,.xlsx,.ods"}),
    )
    first = SpanField(
        required=False,
        label="First month that the file covers",
        help_text="Such as October 2024. Leave both empty to use the file’s first and last months. "
        "A month between them without a row counts as 0.",
    )
    last = SpanField(required=False, label="Last month that the file covers")

    def __init__(self, typed: QueryDict | None, files: Any, *, has_span: bool, **options: Any) -> None:
        super().__init__(typed, files, **options)
        if not has_span:
            del self.fields["first"], self.fields["last"]

    def read_file(self) -> RecordFile | None:
        """Return what was sent, or None after adding an error."""
        sent = self.files.get("file") if self.files else None
        if not isinstance(sent, ReceivedFile):
            self.add_error("file", "Choose the file")
        elif sent.is_too_big:
            self.add_error("file", f"The file is larger than {LARGEST_FILE // 1024**2} MB. Send fewer months at a time")
        else:
            self.name_of_file = sent.name or "the file"
            try:
                with keeps_records_out():
                    return read_record_file(sent.read())
            except RecordsRefused as refused:
                self.add_error("file", str(refused))
        return None

    def check_span(self) -> None:
        first, last = self.cleaned_data.get("first"), self.cleaned_data.get("last")
        if first and last and first > last:
            self.add_error("last", f"{last.label} comes before {first.label}")

    def look_at(self, file: RecordFile) -> Headings:
        """Read its headings. Raises RecordsRefused."""
        with keeps_records_out():
            return read_headings(file)

    def count(self, file: RecordFile, name: str, columns: Columns, mapping: ColumnMapping | None) -> Counting:
        """Count its rows. `mapping` is what was decided before. Raises RecordsRefused."""
        with keeps_records_out():
            tally = count_records(file, columns)
        first, last = self.cleaned_data.get("first"), self.cleaned_data.get("last")
        kinds = list_decided(mapping, tally) if mapping is not None else {}
        return Counting(self.name_of_file, name, columns, tally, kinds, first, last, file.hidden)


class RecordsForm(OfRecords):
    """Asks for the file, and whether to count it in a saved way or a new one."""

    field_order = ("mapping", "file", "first", "last")
    mapping = forms.ChoiceField(label="How are the records counted?", widget=forms.RadioSelect)

    def __init__(
        self, typed: QueryDict | None, files: Any, *, mappings: Sequence[ColumnMapping], has_span: bool
    ) -> None:
        first = str(mappings[0].pk) if mappings else NEW
        super().__init__(typed, files, has_span=has_span, initial={"mapping": first})
        self.mappings = {str(mapping.pk): mapping for mapping in mappings}
        self.counting: Counting | None = None
        self.headings: Headings | None = None  # of a file whose columns have to be chosen
        self.why = ""  # … though they were
        ways = [(key, f"As “{mapping}”") for key, mapping in self.mappings.items()]
        choice: Any = self.fields["mapping"]
        choice.choices = [*ways, (NEW, "In another way: choose the columns")]
        polish(self)
        if not mappings:
            choice.widget, choice.required = forms.HiddenInput(), False

    @property
    def chosen(self) -> ColumnMapping | None:
        return self.mappings.get(self.cleaned_data.get("mapping") or NEW)

    def clean(self) -> None:
        self.check_span()
        file = self.read_file()
        if file is None or self.errors:
            return
        mapping = self.chosen
        try:
            if mapping is not None:
                self.counting = self.count(file, mapping.name, mapping.columns, mapping)
            else:
                self.headings = self.look_at(file)
        except ColumnsMissing as missing:
            self.why, self.headings = str(missing), self.look_at(file)
        except RecordsRefused as refused:
            self.add_error("file", str(refused))


class ColumnsForm(OfRecords):
    """Asks what a file's columns mean. It carries their headings, because the file isn't stored and is sent again."""

    free_text: ClassVar[tuple[str, ...]] = ()
    short_text: ClassVar[tuple[str, ...]] = ("name", "only_values")
    nouns: ClassVar = {"name": "name", "month": "column of the date"}
    headings = forms.CharField(required=False, widget=forms.HiddenInput)
    was = forms.CharField(required=False, widget=forms.HiddenInput)  # the key of the mapping that is changed
    name = forms.CharField(
        label="Name for this way of counting",
        max_length=LONGEST_NAME,
        help_text="Such as “Missing episodes”. We offer you this way of counting again next month.",
    )
    month = forms.ChoiceField(label="Which column has the date, or the month?")
    kind = forms.ChoiceField(
        label="Which column has the kind of record?",
        help_text="Such as Offence, or Origin. Choose none if every row is the same kind of record.",
        required=False,
    )
    summed = forms.ChoiceField(
        label="What is counted?",
        help_text="Each row counts as one, unless a column has numbers to add up.",
        required=False,
    )
    only = forms.ChoiceField(
        label="Do only some of the rows count?",
        help_text="Choose this if, for example, only the rows with your town under “Town” count.",
        required=False,
    )
    only_values = forms.CharField(
        label="Values of that column in the rows that count",
        required=False,
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text="One on each line. Capital letters don’t matter.",
    )
    field_order = ("headings", "was", "name", "month", "kind", "summed", "only", "only_values", "file", "first", "last")

    def __init__(
        self,
        typed: QueryDict | None,
        files: Any,
        *,
        mappings: Sequence[ColumnMapping],
        has_span: bool,
        headings: Headings | None = None,
        was: ColumnMapping | None = None,
    ) -> None:
        super().__init__(typed, files, has_span=has_span, initial=self._initial(headings, was))
        self.mappings = {str(mapping.pk): mapping for mapping in mappings}
        self.given = was
        names = headings.names if headings else self._names(str(typed.get("headings", "")) if typed else "")
        for field, nothing in (
            ("month", "Choose one"),
            ("kind", "None: every row is the same kind"),
            ("summed", "Each row counts as one"),
            ("only", "No: every row counts"),
        ):
            choice: Any = self.fields[field]
            choice.choices = [("", nothing), *((name, name) for name in names)]
        self.counting: Counting
        texts = {name: list(getattr(self.fields[name], "choices", ())) for name in ("kind", "summed", "only")}
        polish(self)
        for name, choices in texts.items():  # `polish` calls nothing "None"
            setattr(self.fields[name], "choices", choices)  # noqa: B010  # of a field that has them

    @staticmethod
    def _initial(headings: Headings | None, was: ColumnMapping | None) -> dict[str, Any]:
        if headings is None:
            return {}
        initial: dict[str, Any] = {"headings": json.dumps(headings.names), "month": headings.month}
        if was is not None:
            columns = was.columns
            initial |= {
                "was": str(was.pk),
                "name": was.name,
                "kind": columns.kind,
                "summed": columns.summed,
                "only": columns.only,
                "only_values": "\n".join(columns.only_values),
            }
            if columns.month in headings.names:
                initial["month"] = columns.month
        return initial

    @staticmethod
    def _names(text: str) -> list[str]:
        try:
            names = json.loads(text)
        except ValueError:
            return []
        # It came through the browser, so it may be anything.
        is_list = isinstance(names, list) and len(names) <= 500
        return [name[:LONGEST_COLUMN] for name in names if isinstance(name, str)] if is_list else []

    @property
    def changed(self) -> ColumnMapping | None:
        return self.mappings.get(self.data.get("was", "")) if self.is_bound else self.given

    def clean(self) -> None:
        self.check_span()
        typed = self.cleaned_data
        values = [one_line(line) for line in typed.get("only_values", "").splitlines() if line.strip()]
        if typed.get("only") and not values:
            self.add_error("only_values", f"Enter the values of “{typed['only']}” in the rows that count")
        if values and not typed.get("only"):
            self.add_error("only", "Choose the column that has these values")
        if len(values) > MOST_VALUES:
            self.add_error("only_values", f"Enter at most {MOST_VALUES} values")
        name = one_line(typed.get("name", ""))
        taken = [mapping for mapping in self.mappings.values() if mapping.name == name and mapping != self.changed]
        if taken:
            self.add_error(
                "name", f"There is already a way of counting called “{name}”. Choose it, or enter another name"
            )
        file = self.read_file()
        if file is None or self.errors:
            return
        columns = Columns(typed["month"], typed["kind"], typed["summed"], typed["only"], tuple(values))
        try:
            self.counting = self.count(file, name, columns, self.changed)
        except RecordsRefused as refused:
            self.add_error("file", str(refused))


class KindsForm(forms.Form):
    """Asks what each kind of record counts as."""

    use_required_attribute = False
    content = forms.CharField(required=False, widget=forms.HiddenInput)

    def __init__(
        self, typed: QueryDict | None, *, counting: Counting, targets: Sequence[Target], agency: Agency
    ) -> None:
        super().__init__(typed, initial={"content": pack(agency, counting)})
        self.before, self.kinds = counting, list(counting.tally.kinds)
        names = {NOT_COUNTED, *(target.name for target in targets)}
        choices = [(NOT_COUNTED, "Not counted"), *((target.name, target.label) for target in targets)]
        guesses = guess_kinds(self.kinds, targets)
        for number, (kind, rows) in enumerate(counting.tally.kinds.items()):
            decided = counting.find_target(kind)
            chosen = decided if decided in names else guesses.get(kind, NOT_COUNTED)
            guessed = "; suggested by its name" if chosen and chosen != decided else ""
            field = forms.ChoiceField(
                choices=choices,
                required=False,
                label=self.label(kind),
                help_text=f"{rows:,} row{'' if rows == 1 else 's'}{guessed}",
                initial=chosen,
                error_messages={"invalid_choice": "From the list, choose what this kind counts as"},
            )
            self.fields[f"kind-{number}"] = field

    def label(self, kind: str) -> str:
        if not self.before.columns.kind:
            return "Each row counts as"
        return kind or "(empty)"

    def clean(self) -> None:
        if not self.errors and not any(self.cleaned_data[f"kind-{number}"] for number in range(len(self.kinds))):
            self.add_error("kind-0", "Choose what at least one kind counts as: otherwise nothing would be counted")

    @property
    def counting(self) -> Counting:
        """Return the counting with these decisions. Earlier decisions stay for kinds that aren't in this file."""
        decided = {kind: self.cleaned_data[f"kind-{number}"] for number, kind in enumerate(self.kinds)}
        before = self.before
        kept = {kind: name for kind, name in before.kinds.items() if kind not in decided}
        return replace(before, kinds=kept | decided)


def guess_kinds(kinds: Iterable[str], targets: Sequence[Target]) -> dict[str, str]:
    """Guess the target of a kind whose name is that of a category or an indicator."""
    names: dict[str, str] = {}
    for target in targets:
        of_target = (target.category.name, target.category.code) if target.category else (target.indicator.title,)
        for text in (*of_target, target.name, target.label):
            names.setdefault(text.casefold(), target.name)
    return {kind: names[kind.casefold()] for kind in kinds if kind.casefold() in names}


# --- What a page carries: counts, signed, and no file -------------------------------------------------


def pack(agency: Agency, counting: Counting) -> str:
    tally, columns = counting.tally, counting.columns
    return signing.dumps(
        {
            "agency": agency.pk,
            "file": counting.name_of_file,
            "name": counting.name,
            "columns": [columns.month, columns.kind, columns.summed, columns.only, list(columns.only_values)],
            "rows": _pack_counts(tally.rows),
            "sums": None if tally.sums is None else _pack_counts(tally.sums),
            "left": [tally.outside, tally.undated, tally.undated_lines, tally.is_doubtful],
            "kinds": dict(counting.kinds),
            "hidden": list(counting.hidden),
            "span": [str(month) if month else "" for month in (counting.first, counting.last)],
        },
        salt=SALT,
        compress=True,
    )


def unpack(agency: Agency, content: str) -> Counting | None:
    """Return what the page carried; None if it is for another agency, isn't ours, or is too old."""
    try:
        carried = signing.loads(content, salt=SALT, max_age=MAX_AGE)
    except signing.BadSignature:
        return None
    if carried["agency"] != agency.pk:
        return None
    month, kind, summed, only, values = carried["columns"]
    sums = None if carried["sums"] is None else _unpack_counts(carried["sums"])
    first, last = (Month.parse(text) if text else None for text in carried["span"])
    return Counting(
        carried["file"],
        carried["name"],
        Columns(month, kind, summed, only, tuple(values)),
        Tally(_unpack_counts(carried["rows"]), sums, *carried["left"]),
        carried["kinds"],
        first,
        last,
        carried["hidden"],
    )


def _pack_counts(counts: Counter[tuple[Month, str]]) -> list[tuple[str, str, int]]:
    return [(str(month), kind, count) for (month, kind), count in counts.items()]


def _unpack_counts(packed: list[tuple[str, str, int]]) -> Counter[tuple[Month, str]]:
    return Counter({(Month.parse(month), kind): count for month, kind, count in packed})
