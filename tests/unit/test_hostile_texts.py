"""What somebody types or sends costs as much time as it is long: four times as much text, four times the time.

A pattern that tries again from each character, and a loop within a loop, take sixteen times as long instead. A few
bytes that stand for many characters may take as long as those. Everything that reads what people type or send is here,
and a new reader belongs here too.
"""

import gc
import json
from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import date
from functools import partial
from statistics import median
from time import thread_time
from xml.sax.saxutils import escape

import pytest
from django import forms
from django.core.exceptions import ValidationError
from hypothesis import given, settings
from hypothesis import strategies as st

from actions.presenters.highlights import first_sentences
from boards.invitations import TableRefused, read_domains, read_people
from boards.models.areas import CODE
from boards.presenters.record import describe
from core.calendar import Month, read_day
from core.files.opendocument import NO_XML, write_text
from core.forms.fields import DayField, GuardedForm
from core.texts import find_signs, one_line, tidy_text
from core.visitors import clean
from indicators.catalogues.files import CatalogueRefused, read_catalogue
from indicators.figures import read_figure, read_opened
from indicators.imports.figures import (
    COLUMNS,
    Fault,
    FigureFile,
    FigureRow,
    FiguresRefused,
    Target,
    looks_like_figure,
    read_figure_file,
    read_lines,
    read_month,
)
from indicators.imports.history import Sent, read_history
from indicators.imports.open_data import HEADER, FileRefused, Place, read_population_file
from indicators.imports.open_data import POPULATION_COLUMNS as POPULATIONS
from indicators.imports.pasted import Form, read_block
from indicators.imports.records import (
    KindsReader,
    RecordsRefused,
    count_records,
    find_month_in,
    read_headings,
    read_record_file,
)
from indicators.imports.tables import CellsRefused, read_pasted
from indicators.lines import Columns, list_ways, read_band, simplify, tidy_ages
from indicators.services.entries import list_left_out
from operations.policy_reports import read_report
from reporting.market.pasted import read_table
from reporting.market.services import read_value
from reporting.models import MarketKind
from reporting.packs.pdf.printable import each_text, printable, spoken
from reporting.pages.selectors import Sought
from reporting.public.abbreviations import spell_out
from tests.factories.spreadsheets import parts_with, row_with, spreadsheet, table, table_of
from tests.factories.workbooks import TEXTS, changed, packed, workbook
from tests.tiers import vary_at_release

TODAY = date(2026, 11, 5)
LENGTHS = (2_400, 10_000)  # characters; and then four times as many, which a text may have and may not
SOON = 0.01  # seconds of CPU: below, the clock and the machine matter more than the text
AT_MOST = 2.0  # seconds, for the longer text
TIMES = 8  # four would be exact
REFUSALS = (
    ValueError,
    ValidationError,
    TableRefused,
    CatalogueRefused,
    FileRefused,
    FiguresRefused,
    RecordsRefused,
    CellsRefused,
)


@pytest.fixture(autouse=True)
def nothing_collected() -> Iterator[None]:
    """Otherwise a collection of garbage counts as the time of whatever runs then."""
    gc.collect()
    gc.disable()
    yield
    gc.enable()


def measure(read: Callable[[], object]) -> float:
    """Return the seconds of this thread's CPU, whatever else the machine does."""
    began = thread_time()
    with suppress(*REFUSALS):
        read()
    return thread_time() - began


def check_time(short: Callable[[], object], long: Callable[[], object]) -> None:
    """Fail if the second, four times as long, takes much more than four times as long as the first."""
    first = measure(short)
    assert first <= AT_MOST  # before the second, which might take minutes
    second = measure(long)
    if second > TIMES * max(first, SOON):
        first, second = (median(measure(read) for _ in range(3)) for read in (short, long))
    assert second <= min(TIMES * max(first, SOON), AT_MOST)


# --- Texts ------------------------------------------------------------------------------------------

# What patterns look for: blanks, digits, parts of codes, addresses and dates, quotation marks, marks of a file.
FRAGMENTS = (
    *(" ", "\t", "\n", "\r\n", "\u00a0", "\u200b", "0", "1", "12", "1234567890", "a", "A", "é", "💥", "x" * 40),
    *("-", "–", "--", ".", "…", ",", ";", ":", "/", "_", "'", "’", '"', '""', "“", "”", "(", ")", "[", "{", "=", "+"),
    *("<", "</", "<p>", "&", "&#", "&#1;", "@", "a@", "a@b.", "a.b@", "jo@a.example ", "vvd_", "https://", "*"),
    *("SS1", "SS1 2AB ", "B1", "E1 1", "AB123456C ", "A12345678901", "AB", "12 34 56"),
    *("07700 900123 ", "+44", "0044", "+1 ", "00 1", "(0", "943 476 5919 ", "9434765919"),
    *("born ", "dob 1/1/1990 ", "d.o.b", "1 Jan 1990 ", "1 jan", "31/10/2026 ", "31.12.", "2026-10-", "1st ", " of "),
    *("October 2026 ", "Oct", "T", "T1", "T1:", " 10:30", "10:30:00.", "pm", "Z", "to", "KPI. ", "NHS", "arrests"),
    *("1,", "1 ", "1.", "1-", "1/", "1e", "E9", "-1", "a.", "[[", "]]", "a=", "#", ";q=0", "gzip"),
)
ANY = st.sampled_from(FRAGMENTS)
UNITS = st.one_of(ANY, st.builds(str.__add__, ANY, ANY), st.builds(str.__add__, ANY, st.builds(str.__add__, ANY, ANY)))


class StoryForm(GuardedForm):
    free_text = long_text = ("story",)
    story = forms.CharField()


def figures_with(column: str, text: str) -> bytes:
    row = dict(zip(COLUMNS, ("police", "arrests", "", "2026-10", "1", "", ""), strict=True)) | {column: quoted(text)}
    return f"{','.join(COLUMNS)}\n{','.join(row.values())}\n".encode()


def quoted(text: str) -> str:
    return f'"{text.replace(chr(34), chr(34) * 2)}"'


def read_figures(content: bytes) -> FigureFile:
    return read_figure_file(content, name_of_file="figures")


def read_records(content: bytes) -> None:
    file = read_record_file(content)
    read_headings(file)
    count_records(file, Columns("Date", "Kind"))


def in_xml(text: str) -> str:
    return escape(NO_XML.sub("", text), {'"': "&quot;"})


def ods_with(typed: str) -> bytes:
    """A spreadsheet of figures with a note, as XML."""
    note = f"<table:table-cell{typed}</table:table-cell>"
    return packed(parts_with(table_of([COLUMNS]).replace("</table:table>", f"{row_with(note)}</table:table>")))


def find_all(text: str) -> tuple[object, ...]:
    sought = Sought(text)
    return sought.month, sought.besides, sought.number("A")


WORKBOOK = workbook([COLUMNS, ("police", "arrests", "hostile", "hostile", "hostile", "hostile", "hostile")])
VALUES = {"string": "string-value", "float": "value", "date": "date-value", "time": "time-value"}
PASTED_INTO = Form([Target("arrests", ("arrests", "Arrests"))], Month(2026, 10), ("testford",), ("police",))
# Each thing that reads what people type.
READERS: dict[str, Callable[[str], object]] = {
    "personal details": find_signs,
    "a form's guard": lambda text: StoryForm({"story": text}).is_valid(),
    "a day": lambda text: read_day(text, today=TODAY),
    "a day in a box": DayField().clean,
    "a month": read_month,
    "the month of a date": find_month_in,
    "a figure": read_figure,
    "a cell that may be a figure": looks_like_figure,
    "an age band": read_band,
    "ages": lambda text: list_ways(tidy_ages(text)),
    "a code": CODE,
    "a text": tidy_text,
    "a line": one_line,
    "a definition": simplify.__wrapped__,
    "abbreviations": lambda text: spell_out(text, set()),
    "first sentences": first_sentences,
    "words of the record": describe,
    "words to search for": find_all,
    "an address of a visitor": clean,
    "a report of a browser": lambda text: read_report(json.dumps({"csp-report": {"blocked-uri": text}}).encode()),
    "domains": read_domains,
    "a table of people": lambda text: read_people(read_pasted(text)),
    "a table of the drug market": lambda text: read_table(text, {}),
    "a number of the drug market": lambda text: read_value(MarketKind.TESTED, text),
    "a place of the police": lambda text: Place.of(text.splitlines()),
    "a kind of record": lambda text: KindsReader("Kind")(text, 2),
    "a column of records": KindsReader,
    "a block's cells": lambda text: list(read_lines(text)),
    "a block": lambda text: read_block(text, PASTED_INTO),
    "a block with names": lambda text: read_block(f"arrests\t{text}", PASTED_INTO),
    "entries of a form": read_opened,
    "a text in a pack": printable,
    "a text read aloud": spoken,
    "the texts of a page of a pack": lambda text: list(each_text({"a": [text]})),
    "a cell of a download": lambda text: write_text(text, "text"),
}
# Each file that people send: how a text gets into it, and what reads it.
FILES: dict[str, tuple[Callable[[str], bytes], Callable[[bytes], object]]] = {
    "CSV": (str.encode, read_figures),
    **{f"CSV, {name}": (partial(figures_with, name), read_figures) for name in COLUMNS},
    "CSV of records": (str.encode, read_records),
    "CSV of records, date": (lambda text: f"Date,Kind\n{quoted(text)},x\n".encode(), read_records),
    "CSV of populations": (
        lambda text: (
            f"{','.join(POPULATIONS)}\nE06000033,{','.join([quoted(text), '2021', *[quoted(text)] * 2])}\n".encode()
        ),
        lambda content: read_population_file(content, name_of_file="populations.csv"),
    ),
    "a file of the police": (
        lambda text: f"{','.join(HEADER)}\n,2026-09,,,,,,E01000001,{quoted(text)},Drugs,,\n".encode(),
        lambda content: read_history([Sent("a-street.csv", content)], place=Place.of(["Testford"]), today=TODAY),
    ),
    "a spreadsheet, text": (
        lambda text: ods_with(f' office:value-type="string"><text:p>{in_xml(text)}</text:p>'),
        read_figures,
    ),
    **{
        f"a spreadsheet, {kind}": (
            lambda text, kind=kind, name=name: ods_with(f' office:value-type="{kind}" office:{name}="{in_xml(text)}">'),
            read_figures,
        )
        for kind, name in VALUES.items()
    },
    "a spreadsheet of records": (
        lambda text: spreadsheet([("Date", "Kind"), (NO_XML.sub("", text), "x")]),
        read_records,
    ),
    "a workbook": (
        lambda text: changed(WORKBOOK, TEXTS, b"hostile", in_xml(text).encode()),
        read_figures,
    ),
    "a catalogue": (str.encode, read_catalogue),
    "a catalogue's text": (lambda text: f'[catalogue]\nname = """{text}"""'.encode(), read_catalogue),
}


# What once took too long: a beginning, what is repeated, and an end.
HOSTILE = [
    ("", " ", "x"),  # a note in a spreadsheet, a date in a file of records
    ("-", " ", "x"),  # a figure
    ("1", " ", "x"),  # ages
    ("", "1", "x"),  # a number in a spreadsheet
    ("", "SS1 2AB ", ""),  # many signs
    ("", "dob 1/1/1990 ", ""),
    ("", "a.", "a=1"),  # a key of a catalogue
    ("a=", "1", ""),
]


def check_reader(reader: str, length: int, before: str, unit: str, after: str) -> None:
    def make(length: int) -> Callable[[], object]:
        text = f"{before}{unit * (length // len(unit))}{after}"
        if reader in READERS:
            return lambda: READERS[reader](text)
        write, read = FILES[reader]
        content = write(text)
        return lambda: read(content)

    check_time(make(length), make(4 * length))


@pytest.mark.parametrize("length", vary_at_release(LENGTHS))
@pytest.mark.parametrize("reader", [*READERS, *FILES])
def test_a_text_takes_as_much_time_as_it_is_long(reader, length):
    for before, unit, after in HOSTILE:
        check_reader(reader, length, before, unit, after)


@pytest.mark.release  # test_a_text_takes_as_much_time_as_it_is_long, with texts that nobody thought of
@pytest.mark.parametrize("reader", [*READERS, *FILES])
@settings(max_examples=40)
@given(before=st.one_of(st.just(""), ANY), unit=UNITS, after=st.one_of(st.just(""), ANY))
def test_any_text_takes_as_much_time_as_it_is_long(reader, before, unit, after):
    for length in LENGTHS:
        check_reader(reader, length, before, unit, after)


# --- Files of many rows ------------------------------------------------------------------------------------------


def areas_of_one_figure(rows: int) -> Callable[[], object]:
    lines = (f"police,arrests,,2026-10,1,,,area{number}\n" for number in range(rows))
    content = f"{','.join(COLUMNS)},area\n{''.join(lines)}".encode()
    return lambda: read_figures(content)


def headers_of_a_block(rows: int) -> Callable[[], object]:
    block = "\n".join(["a\t" * 99] * (rows // 2) + ["arrests\t1\t" + "b\t" * 90] * (rows // 2))
    return lambda: read_block(block, PASTED_INTO)


def distinct_domains(count: int) -> Callable[[], object]:
    text = "\n".join(f"a{number}.example" for number in range(count))
    return lambda: read_domains(text)


def blanks_in_figures(cells: int) -> Callable[[], object]:
    """Cells that are numbers, each with as many blanks as a sheet may have characters."""
    number = '<table:table-cell office:value="1"><text:p><text:s text:c="8000000"/></text:p></table:table-cell>'
    content = packed(parts_with(table(row_with(*[number] * 20) * (cells // 20))))
    return lambda: read_figures(content)


def blanks_of_a_note(blanks: int) -> Callable[[], object]:
    content = ods_with(f' office:value-type="string"><text:p>a<text:s text:c="{blanks}"/>b</text:p>')
    return lambda: read_figures(content)


def names_of_places(rows: int) -> Callable[[], object]:
    wanted = "a" * 200
    lines = (f",2026-09,,,,,,E01000001,{wanted}b{number} 001A,Drugs,,\n" for number in range(rows))
    content = f"{','.join(HEADER)}\n{''.join(lines)}".encode()
    return lambda: read_history([Sent("a-street.csv", content)], place=Place.of([wanted]), today=TODAY)


def rows_for_nobody(rows: int) -> Callable[[], object]:
    lines = range(2, rows + 2)
    file = FigureFile(
        [FigureRow(line, "x", "arrests", "", "2026-10", "1", "", "") for line in lines],
        [Fault(line, "area", "No.") for line in lines],
    )
    return lambda: list_left_out(file)


@pytest.mark.parametrize(
    ("make", "size"),
    [
        (areas_of_one_figure, 2_000),
        (headers_of_a_block, 250),
        (distinct_domains, 5_000),
        (blanks_in_figures, 8_000),
        (blanks_of_a_note, 5_000),
        (names_of_places, 10_000),
        (rows_for_nobody, 1_000),
    ],
)
def test_a_file_takes_as_much_time_as_it_is_long(make, size):
    check_time(make(size), make(4 * size))
