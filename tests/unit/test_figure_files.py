"""What a file of figures says, as CSV and as a workbook, and what is wrong with it."""

import datetime
import re
from contextlib import suppress
from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.calendar import Month
from core.files.sheets import FORMULA, guarded, is_formula, unguarded
from indicators.figures import REASONS, Entry, read_figure
from indicators.imports.figures import (
    COLUMNS,
    LONGEST_NOTE,
    MOST_FAULTS,
    FigureFile,
    FigureRow,
    FiguresRefused,
    read_figure_file,
    read_month,
)
from indicators.presenters.return_file import SHEET, ReturnFile, ReturnPart, as_csv, as_workbook
from indicators.selectors.returns import Box
from indicators.services import entries
from indicators.services.entries import make_entry
from tests.factories.spreadsheets import spreadsheet
from tests.factories.workbooks import HEADER, changed, parts_of, workbook

ROW = ("police", "arrests", "", "2026-10", "12", "", "")


def csv_of(*rows: Any, header: str = ",".join(COLUMNS)) -> bytes:
    return "\n".join([header, *(row if isinstance(row, str) else ",".join(row) for row in rows)]).encode()


def read(content: bytes, name: str = "figures.csv") -> FigureFile:
    return read_figure_file(content, name_of_file=name)


def refusal(content: bytes, name: str = "figures.csv") -> str:
    with pytest.raises(FiguresRefused) as refused:
        read(content, name)
    return str(refused.value)


def told(file: FigureFile) -> list[tuple[int, str]]:
    return [(fault.line, fault.column) for fault in file.faults]


# --- The header and the rows ----------------------------------------------------------------------


@pytest.mark.parametrize(
    "content",
    [
        csv_of(ROW),
        csv_of(ROW, header="OFFICIAL-SENSITIVE\n" + ",".join(COLUMNS)),
        b"\xef\xbb\xbf" + csv_of(ROW),
        csv_of(ROW).replace(b"\n", b"\r\n"),
        csv_of(ROW).replace(b",", b";"),
        csv_of(ROW).replace(b",", b"\t"),
        csv_of(ROW).upper(),
        csv_of(ROW, "", ",,,,,,"),
        csv_of("police,arrests,,2026-10,12,,,,", header=",".join(COLUMNS) + ",,"),
        workbook([HEADER, ROW]),
        workbook([HEADER, (*ROW[:4], 12, None, None)]),
        workbook([["OFFICIAL-SENSITIVE"], [], HEADER, (*ROW[:4], 12.0)]),
        workbook([HEADER[::-1], ROW[::-1]]),
        workbook([("Question", *HEADER), ("How many?", *ROW)]),
        spreadsheet([HEADER, ROW]),
        spreadsheet([["OFFICIAL-SENSITIVE"], [], HEADER, (*ROW[:4], 12.0)]),
        spreadsheet([("Question", *HEADER[::-1]), ("How\nmany?", *ROW[::-1])]),
        spreadsheet([HEADER, (*ROW[:3], datetime.date(2026, 10, 1), 12)]),
    ],
)
def test_reads_one_figure(content):
    file = read(content)
    assert file.faults == []
    assert [(r.agency, r.indicator, r.category, r.month, r.value, r.state, r.note) for r in file.rows] == [
        ("police", "arrests", "", "2026-10", "12", "figure", "")
    ]


def test_knows_the_line_of_each_row():
    assert [row.line for row in read(csv_of("# marking", header="M") + b"\n" + csv_of(ROW)).rows] == [4]
    two = csv_of('police,arrests,,2026-10,1,,"two\nlines"', "police,charges,,2026-10,1,,")
    assert [(row.line, row.note) for row in read(two).rows] == [(2, "two\nlines"), (4, "")]


def test_gives_the_place_in_a_workbook_by_its_letter():
    file = read(workbook([["marking"], HEADER, (*ROW[:4], "12a", "", "")]))
    assert [file.place(fault) for fault in file.faults] == ["Row 3, Figure (E3)"]


def test_gives_the_place_in_csv_by_its_column():
    file = read(csv_of((*ROW[:4], "12a", "", "")))
    assert [file.place(fault) for fault in file.faults] == ["Line 2, value"]


def test_reads_text_of_older_programs():
    file = read(csv_of((*ROW[:4], "", "not_available", "Café closed – £5")).decode().encode("cp1252"))
    assert file.rows[0].note == "Café closed – £5"


@pytest.mark.parametrize("state", ["not_available", "Not available", "NOT AVAILABLE", "not available"])
def test_a_state_by_its_token_or_its_words(state):
    [row] = read(csv_of((*ROW[:4], "", state, "Why"))).rows
    assert (row.state, row.value) == ("not_available", "")


def test_every_reason_of_the_form_is_known_by_its_words():
    for reason, label in REASONS.items():
        assert read(csv_of((*ROW[:4], "", label, "Why"))).rows[0].state == reason.value


def test_a_blank_row_says_nothing():
    [row] = read(csv_of((*ROW[:4], "", "", ""))).rows
    assert row.is_blank
    assert row.state == ""


def test_a_note_may_be_as_long_as_in_the_form():
    assert LONGEST_NOTE == entries.LONGEST_NOTE


@pytest.mark.parametrize(
    "text", ["2026-10", "2026-10-01", "01/10/2026", "Oct-26", "oct 2026", "October 2026", " 2026-10 "]
)
def test_a_month_as_spreadsheets_write_it(text):
    assert read_month(text) == Month(2026, 10)


@pytest.mark.parametrize("text", ["", "2026", "10/2026", "02/10/2026", "2026-10-02", "Okt-26", "2026-13", "2026-13-01"])
def test_what_is_no_month(text):
    with pytest.raises(ValueError, match="is not a month"):
        read_month(text)


def test_a_month_that_a_spreadsheet_turned_into_a_day():
    day = datetime.datetime(2026, 10, 1)  # noqa: DTZ001  # a workbook knows no time zone
    file = read(workbook([HEADER, (*ROW[:3], day, 12)]))
    assert file.faults == []
    assert file.rows[0].month == "2026-10"


# --- What is wrong in a row -----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("value", "sentence"),
    [
        ("12a", "You entered"),
        ("12.5", "decimal point"),
        ("-1", "0 or more"),
        ("１２", "You entered"),
        ("1000000000000", "at most"),
        ("1,2", "You entered"),
        ("TRUE", "You entered"),
    ],
)
def test_a_value_that_is_no_count(value, sentence):
    cells = [HEADER, (*ROW[:4], value, "", "")]
    for content in (csv_of((*ROW[:4], f'"{value}"', "", "")), workbook(cells), spreadsheet(cells)):
        file = read(content)
        assert told(file) == [(2, "value")]
        assert sentence in file.faults[0].sentence
        assert file.rows[0].value == value


@pytest.mark.parametrize(("value", "sentence"), [(12.5, "decimal point"), (-1, "0 or more"), (10**12, "at most")])
def test_a_number_that_is_no_count(value, sentence):
    for kind in (workbook, spreadsheet):
        file = read(kind([HEADER, (*ROW[:4], value)]))
        assert told(file) == [(2, "value")]
        assert sentence in file.faults[0].sentence


@pytest.mark.parametrize("value", ["1,200", " 1200 ", "1 200", 1200, 1200.0])
def test_thousands(value):
    [row] = read(workbook([HEADER, (*ROW[:4], value)])).rows
    assert read_figure(row.value) == 1200


@pytest.mark.parametrize("formula", ["=1+1", "+1", "@SUM(A1)", '=HYPERLINK("x")'])
@pytest.mark.parametrize("place", range(len(COLUMNS)))
def test_a_formula_in_csv(formula, place):
    cells = list(ROW)
    cells[place] = '"' + formula.replace('"', '""') + '"'
    file = read(csv_of(cells))
    assert told(file) == [(2, COLUMNS[place])]
    assert "formula" in file.faults[0].sentence


def test_a_formula_in_a_workbook():
    file = read(workbook([HEADER, ROW, ROW[:4]], formulas={"E3": "=E2*2", "J9": "=1+1"}))
    assert (3, "value") in told(file)
    assert "Row 9 (J9)" in [file.place(fault) for fault in file.faults]
    assert all("formula" in fault.sentence for fault in file.faults if fault.column in ("value", "J"))


def test_a_formula_in_an_open_document():
    file = read(spreadsheet([HEADER, ROW, (*ROW[:4], 24)], formulas={"E3": "of:=[.E2]*2"}))
    assert (3, "value") in told(file)
    assert file.place(file.faults[0]) == "Row 3, Figure (E3)"


@pytest.mark.parametrize("kind", [workbook, spreadsheet])
def test_a_text_that_begins_as_a_formula_is_text_in_a_workbook(kind):
    file = read(kind([HEADER, (*ROW[:6], "=1+1 was typed here")]))
    assert file.faults == []
    assert file.rows[0].note == "=1+1 was typed here"


@pytest.mark.parametrize(
    ("cells", "column"),
    [
        (("", "arrests", "", "2026-10", "1", "", ""), "agency"),
        (("police", "", "", "2026-10", "1", "", ""), "indicator"),
        (("police", "arrests", "", "", "1", "", ""), "month"),
        (("police", "arrests", "", "2026-13", "1", "", ""), "month"),
        (("police", "arrests", "", "2026-10", "1", "gone", ""), "state"),
        (("police", "arrests", "", "2026-10", "", "withheld", ""), "state"),
        (("police", "arrests", "", "2026-10", "", "figure", ""), "value"),
        (("police", "arrests", "", "2026-10", "3", "not_available", "Why"), "value"),
        (("police", "arrests", "", "2026-10", "3", "", "x" * 501), "note"),
    ],
)
def test_what_a_row_lacks(cells, column):
    for content in (csv_of(cells), workbook([HEADER, cells])):
        assert told(read(content)) == [(2, column)]


def test_a_reason_that_is_unknown_is_answered_with_those_of_the_form():
    [fault] = read(csv_of((*ROW[:4], "", "n/a", ""))).faults
    assert fault.sentence == (
        "“n/a” isn’t a reason we know. Enter “Comes later”, “Not available” or “Does not apply”, or leave it empty."
    )


def test_a_figure_twice():
    file = read(csv_of(ROW, (*ROW[:4], "13", "", "")))
    assert told(file) == [(3, "indicator")]
    assert "line 2" in file.faults[0].sentence


@pytest.mark.parametrize(
    "cells", ["police,arrests,2026-10", "police,charges,,2026-10,1,200,,note", "a,b,c,d,1,,n,more"]
)
def test_unequal_columns(cells):
    file = read(csv_of(ROW, cells))
    assert told(file) == [(3, "")]
    assert "columns, but the header has 7" in file.faults[0].sentence


def test_a_quotation_mark_that_is_not_closed():
    file = read(csv_of(ROW, 'police,charges,,2026-10,1,,"never closed', ROW))
    assert told(file) == [(3, "")]
    assert "quotation mark" in file.faults[0].sentence


def test_every_fault_at_once():
    file = read(csv_of((*ROW[:4], "12a", "", ""), ("police", "charges", "", "soon", "-1", "", "x" * 600)))
    assert told(file) == [(2, "value"), (3, "month"), (3, "value"), (3, "note")]


def test_an_emoji_and_a_very_long_note():
    file = read(csv_of((*ROW[:6], "👮 all well"), ("police", "charges", "", "2026-10", "1", "", "n" * 100_000)))
    assert file.rows[0].note == "👮 all well"
    assert told(file) == [(3, "note")]


def test_a_note_of_a_megabyte():
    note = "n" * 1_000_000
    file = read(csv_of(("police", "charges", "", "2026-10", "1", "", note)))
    assert told(file) == [(2, "")]
    assert "longer than 131,072 characters" in file.faults[0].sentence
    huge = workbook([HEADER, (*ROW[:6], "short")])
    file = read(changed(huge, "xl/sharedStrings.xml", b"short", note.encode()))
    assert told(file) == [(2, "note")]
    assert "it has 1,000,000" in file.faults[0].sentence


# --- What is no file of figures -------------------------------------------------------------------


FLAT = b"""<?xml version="1.0" encoding="UTF-8"?>

<office:document xmlns:office="urn:oasis:names:tc:opendocument:xmlns:office:1.0"
 office:mimetype="application/vnd.oasis.opendocument.spreadsheet"/>"""


@pytest.mark.parametrize(
    ("content", "name", "sentence"),
    [
        (b"", "a.csv", "empty"),
        (b" \n\n ", "a.csv", "empty"),
        (b"%PDF-1.7 rest", "a.csv", "a PDF"),
        (b"%PDF-1.7 rest", "a.xlsx", "a PDF"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "a.xls", "old Excel"),
        (b"\x89PNG\r\n", "a.csv", "picture"),
        (b"PK\x03\x04 and no more", "a.xlsx", "damaged"),
        (b"just words", "a.xlsx", "although its name says that it is"),
        (b"just words", "a.ods", "although its name says that it is"),
        (FLAT, "a.fods", "This is a flat OpenDocument file (.fods). Save it as a spreadsheet (.ods)."),
        (FLAT, "a.xml", "flat OpenDocument"),
        (b"<?xml version='1.0'?><figures/>", "a.csv", "This file is XML, whatever its name says."),
        (b"PK\x03\x04 and no more", "a.ods", "damaged"),
        (spreadsheet([]), "a.ods", "no header"),
        (b"just words", "a.csv", "no header"),
        (b"a,b\x00c", "a.csv", "isn’t text"),
        (b"caf\x81\x8d", "a.csv", "isn’t text"),
        ("agency".encode("utf-16"), "a.csv", "UTF-16"),
        (csv_of(ROW, header="agency,indicator,category,month,value"), "a.csv", "is missing state and note"),
        (csv_of(ROW, header="agency,indicator,category,month,value,value,state,note"), "a.csv", "has value twice"),
        (csv_of(), "a.csv", "no row below it"),
        (b"\n".join([b"x"] * 12 + [csv_of(ROW)]), "a.csv", "no header in the first 12"),
        (
            workbook([["agency", "indicator", "month"], ["police", "arrests", "2026-10"]]),
            "a.xlsx",
            "is missing category",
        ),
        (workbook([]), "a.xlsx", "no header"),
        (b"x" * (2 * 1024 * 1024 + 1), "a.csv", "larger than 2 MB"),
    ],
)
def test_refuses(content, name, sentence):
    assert sentence in refusal(content, name)


def test_refuses_very_many_rows():
    rows = [f"police,arrests,,{year}-{month:02},1,," for year in range(1000, 2700) for month in range(1, 13)]
    assert "more than 20,000 rows" in refusal(csv_of(*rows))


def test_reads_no_more_rows_than_it_may():
    rows = [f"police,arrests,,2026-{month:02},1,," for month in range(1, 11)]
    assert len(read_figure_file(csv_of(*rows), name_of_file="a.csv", most_rows=10).rows) == 10
    with pytest.raises(FiguresRefused, match="more than 9 rows of figures"):
        read_figure_file(csv_of(*rows), name_of_file="a.csv", most_rows=9)


@pytest.mark.parametrize(
    "row", ["police,arrests,,soon,1,,", "police,arrests,,=1,,,", "police,arrests", "=1,=1,=1,=1,=1,=1,=1"]
)
@pytest.mark.parametrize("kind", ["csv", "xlsx"])
def test_stops_where_very_much_is_wrong(row, kind):
    content = csv_of(*[row] * 5000)
    if kind == "xlsx":
        content = workbook([HEADER, *[row.split(",")] * 5000])
    faults = read(content, f"a.{kind}").faults
    assert MOST_FAULTS < len(faults) < MOST_FAULTS + 20
    assert re.search(r"300 faults, so we stopped reading at line \d+\.$", faults[0].sentence)
    assert [fault.line for fault in faults] == sorted(fault.line for fault in faults)


def test_stops_where_a_workbook_has_very_many_formulas():
    places = {f"E{row}": "=1+1" for row in range(2, 1000)}
    faults = read(workbook([HEADER, *[ROW] * 1000], formulas=places), "a.xlsx").faults
    assert len(faults) == MOST_FAULTS + 1
    assert "stopped reading at line 2" in faults[0].sentence


@given(st.binary(max_size=300))
def test_any_bytes_end_in_rows_or_a_sentence(content):
    for whole in (content, csv_of(ROW) + b"\n" + content):
        with suppress(FiguresRefused):
            assert read(whole).rows or read(whole).faults


# --- Written and read back ------------------------------------------------------------------------

TEXT = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x00\ufffe\uffff"), max_size=60)
LIKELY = st.sampled_from(
    ["", "0", "12", " 12 ", "1,200", "007", "12a", "-1", "=1+1", "'=1", "''+x", "@x", "\ttab", "a\r\nb"]
)
ENTRIES = st.lists(
    st.builds(Entry, TEXT | LIKELY, st.sampled_from(["", *(reason.value for reason in REASONS)]), TEXT | LIKELY),
    min_size=1,
    max_size=5,
)


def row(**columns: Any) -> Any:
    """In a row's place, from no database."""
    return SimpleNamespace(**columns)


def boxes_for(number: int) -> list[Box]:
    return [
        Box(
            f"figure-{index}.part" if index % 2 else f"figure-{index}",
            row(code=f"figure-{index}", question="How many? =1+1", title="Figure"),
            row(code="part", name="Part") if index % 2 else None,
            "What is counted",
            (),
        )
        for index in range(number)
    ]


def return_file(typed: list[Entry]) -> ReturnFile:
    boxes = boxes_for(len(typed))
    part = ReturnPart(
        agency=row(code="police", name="Police", area=row(slug="testford", name="Testford")),
        due_on=datetime.date(2026, 11, 10),
        boxes=boxes,
        typed={box.name: entry for box, entry in zip(boxes, typed, strict=True)},
        last={},
    )
    return ReturnFile(Month(2026, 10), [part], "OFFICIAL-SENSITIVE")


@given(ENTRIES)
def test_what_is_written_as_csv_is_read_back(typed):
    assert read_back(as_csv(return_file(typed)), "return.csv") == typed


@given(ENTRIES)
def test_what_is_written_as_a_workbook_is_read_back(typed):
    assert read_back(as_workbook(return_file(typed)), "return.xlsx") == typed


def read_back(content: bytes, name: str) -> list[Entry]:
    file = read(content, name)
    assert {(row.agency, row.month, row.area) for row in file.rows} == {("police", "2026-10", "testford")}
    assert not [fault for fault in file.faults if "formula" in fault.sentence]
    return [make_entry(row) for row in file.rows]


@given(TEXT | LIKELY)
def test_no_cell_of_csv_runs_and_each_is_read_back(text):
    assert unguarded(guarded(text)) == text
    assert not is_formula(guarded(text))
    assert not guarded(text).startswith(FORMULA)


def test_a_row_is_named_as_its_box():
    row = FigureRow(2, "police", "lines", "london", "2026-10", "1", "figure", "")
    assert row.name == "lines.london"


# --- The workbook itself --------------------------------------------------------------------------


def test_the_workbook_is_locked_but_for_what_is_to_be_filled_in():
    parts = parts_of(as_workbook(return_file([Entry("12", "", ""), Entry()])))
    sheet = parts["xl/worksheets/sheet1.xml"].decode()
    styles = parts["xl/styles.xml"].decode()
    assert "<sheetProtection " in sheet
    assert "password" not in sheet
    unlocked = {
        str(number)
        for number, style in enumerate(re.findall(r"<xf [^>]*xfId[^>]*?(?:/>|>.*?</xf>)", styles.split("cellXfs")[1]))
        if 'locked="0"' in style
    }
    cells = re.findall(r'<c r="([A-Z]+)(\d+)" s="(\d+)"', sheet)
    rows = {row for _, row, _ in cells if int(row) > 8}
    assert len(rows) == 2
    open_columns = {column for column, row, style in cells if style in unlocked}
    assert open_columns == {"ABCDEFGHIJ"[SHEET.index(name)] for name in ("value", "state", "note")}


def test_the_workbook_says_what_is_counted_and_which_states_there_are():
    parts = parts_of(as_workbook(return_file([Entry()])))
    sheet = parts["xl/worksheets/sheet1.xml"].decode()
    assert "What is counted" in parts["xl/comments1.xml"].decode()
    assert "Comes later,Not available,Does not apply" in sheet
    assert "OFFICIAL-SENSITIVE" in parts["xl/sharedStrings.xml"].decode()
    assert "OFFICIAL-SENSITIVE" in parts["docProps/core.xml"].decode()
    assert "<f>" not in sheet


def test_a_file_has_the_marking_first_in_its_name():
    assert return_file([]).name("xlsx") == "OFFICIAL-SENSITIVE testford 2026-10 police.xlsx"


def test_csv_has_the_marking_first():
    lines = as_csv(return_file([Entry("1", "", "")])).decode("utf-8-sig").splitlines()
    assert lines[:2] == ["OFFICIAL-SENSITIVE", ",".join((*COLUMNS, "area", "question"))]
