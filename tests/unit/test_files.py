"""What a file of figures is in each format, and that a workbook holds text as text and numbers as numbers."""

import codecs
import csv
import io
import json
import re
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest
import python_calamine
from hypothesis import given
from hypothesis import strategies as st

from core.files.sheets import NoteSection
from core.files.tables import KINDS, DataFile, Row, as_plain_csv
from indicators.imports.figures import COLUMNS, read_figure_file
from indicators.imports.tables import open_workbook
from reporting.months.presenters.notes import MEANINGS
from tests.factories.workbooks import NOTES, cells, parts_of
from tests.factories.workbooks import SHEET as FIGURES

# What a spreadsheet program might run, or take for something else.
BEGINNINGS = ("=1+1", "+1", "-5", "@SUM(A1)", "\t=1", "\r=1", "'=1", "https://x.example", "12", "1e5", "{=1}")
TOLD = (NoteSection("What this is", [("Area", "Testford"), ("=1+1", "@x")]), NoteSection("Nothing", []))


def file_of(*rows: Row, columns: tuple[str, ...] = ("title", "value"), marking: str = "OFFICIAL-SENSITIVE"):
    return DataFile(
        stem="OFFICIAL-SENSITIVE testford",
        title="Testford",
        marking=marking,
        columns=columns,
        rows=rows,
        about={"area": "testford"},
        notes=lambda: TOLD,
        made_at=datetime(2026, 11, 5, 9, 30, tzinfo=UTC),
    )


def test_csv_and_json_say_the_same():
    file = file_of({"title": "Arrests", "value": 12}, {"title": "=1", "value": None})
    assert KINDS["csv"].write(file) == codecs.BOM_UTF8 + as_plain_csv(file)
    assert as_plain_csv(file) == b"OFFICIAL-SENSITIVE\ntitle,value\nArrests,12\n'=1,\n"
    document = json.loads(KINDS["json"].write(file))
    assert document == {
        "area": "testford",
        "figures": [{"title": "Arrests", "value": 12}, {"title": "=1", "value": None}],
    }


def test_a_name_is_safe_anywhere():
    assert file_of().name("csv") == "OFFICIAL-SENSITIVE testford.csv"


def test_a_workbook_has_the_marking_then_the_header_then_the_figures():
    found = cells(KINDS["xlsx"].write(file_of({"title": "Arrests", "value": 12}, {"title": "", "value": None})))
    assert found == {
        "A1": ("s", "OFFICIAL-SENSITIVE"),
        "A2": ("s", "title"),
        "B2": ("s", "value"),
        "A3": ("s", "Arrests"),
        "B3": ("n", "12"),
    }


def test_a_workbook_without_a_marking_begins_with_its_header():
    parts = parts_of(KINDS["xlsx"].write(file_of(marking="")))
    assert cells(KINDS["xlsx"].write(file_of(marking="")))["A1"] == ("s", "title")
    assert b'topLeftCell="A2"' in parts[FIGURES]


def test_its_header_stays_in_sight_and_filters():
    parts = parts_of(KINDS["xlsx"].write(file_of({"title": "Arrests", "value": 12})))
    sheet = parts[FIGURES].decode()
    assert '<pane ySplit="2" topLeftCell="A3" activePane="bottomLeft" state="frozen"/>' in sheet
    assert '<autoFilter ref="A2:B3"/>' in sheet
    assert "OFFICIAL-SENSITIVE" in sheet.partition("<oddHeader>")[2].partition("</oddHeader>")[0]
    assert "OFFICIAL-SENSITIVE" in sheet.partition("<oddFooter>")[2].partition("</oddFooter>")[0]


def test_it_has_two_sheets_and_nothing_hidden():
    parts = parts_of(KINDS["xlsx"].write(file_of({"title": "Arrests", "value": 12})))
    workbook = parts["xl/workbook.xml"].decode()
    assert re.findall(r'<sheet name="(\w+)"', workbook) == ["Figures", "Notes"]
    everything = b"".join(parts.values())
    for what in (b"hidden", b"veryHidden", b"<comment", b"externalLink", b"hyperlink", b"<f>", b"<f "):
        # (A filter has a defined name of its own, which spreadsheet programs don't list.)
        assert what not in everything.replace(b'localSheetId="0" hidden="1"', b"")
    assert not [name for name in parts if re.search(r"comments|vml|media|embeddings|vba|custom", name)]


def test_its_properties_name_nobody():
    core = parts_of(KINDS["xlsx"].write(file_of()))["docProps/core.xml"].decode()
    assert re.findall(r"<(?:dc:creator|cp:lastModifiedBy)>(.*?)<", core) == ["V+V Dashboard"] * 2
    assert set(re.findall(r"T\d\d:\d\d:\d\dZ", core)) == {"T09:30:00Z"}
    assert "<cp:category>OFFICIAL-SENSITIVE</cp:category>" in core


def test_the_same_figures_are_the_same_bytes():
    row: Row = {"title": "Arrests", "value": 12}
    assert KINDS["xlsx"].write(file_of(row)) == KINDS["xlsx"].write(file_of(row))


def test_its_notes_are_text_in_sections():
    found = cells(KINDS["xlsx"].write(file_of()), NOTES)
    assert [text for _, text in found.values()] == [
        "OFFICIAL-SENSITIVE",
        "Testford",
        "What this is",
        "Area",
        "Testford",
        "=1+1",
        "@x",
    ]
    assert {kind for kind, _ in found.values()} == {"s"}


@pytest.mark.parametrize("text", BEGINNINGS)
def test_text_is_never_a_formula_a_link_or_a_number(text: str):
    file = file_of({"title": text, "value": -5})
    content = KINDS["xlsx"].write(file)
    assert (cells(content)["A3"][0], cells(content)["B3"]) == ("s", ("n", "-5"))
    assert b"<f" not in parts_of(content)[FIGURES]
    (row,) = csv.DictReader(io.StringIO(KINDS["csv"].write(file).decode().partition("\n")[2], newline=""))
    assert not row["title"].startswith(("=", "+", "-", "@", "\t", "\r"))
    assert row["value"] == "-5"


def test_a_fraction_keeps_its_digits():
    found = cells(KINDS["xlsx"].write(file_of({"title": "Lower", "value": 9.333333333333334})))
    assert float(found["B3"][1]) == 9.333333333333334


def test_a_text_that_is_too_long_for_a_cell_is_cut():
    found = cells(KINDS["xlsx"].write(file_of({"title": "x" * 40_000, "value": None})))
    assert len(found["A3"][1]) == 32_000


def test_every_column_is_explained():
    assert all(meaning.endswith(".") for meaning in MEANINGS.values())


# --- OpenDocument ----------------------------------------------------------------------------------


def ods(*rows: Row, **options: Any) -> bytes:
    return KINDS["ods"].write(file_of(*rows, **options))


def test_an_opendocument_has_the_sheets_of_a_workbook():
    book = open_workbook(ods({"title": "Arrests", "value": 12}, {"title": "", "value": None}))
    figures, told = book.sheets
    assert (figures.name, told.name) == ("Figures", "Notes")
    assert figures.rows == [["OFFICIAL-SENSITIVE", ""], ["title", "value"], ["Arrests", 12.0]]
    assert (figures.formulas, list(book.hidden)) == ([], [])
    assert told.rows[1:3] == [["Testford", ""], ["", ""]]
    assert told.rows[-1] == ["=1+1", "@x"]
    assert next(iter(open_workbook(ods(marking="")).sheets)).rows == [["title", "value"]]


def test_another_reader_finds_the_same(tmp_path: Path):
    file = tmp_path / "figures.ods"
    file.write_bytes(ods({"title": "Lén 🦆", "value": -5}, {"title": "=1+1", "value": 9.25}))
    book = python_calamine.CalamineWorkbook.from_path(str(file))
    assert book.sheet_names == ["Figures", "Notes"]
    assert book.get_sheet_by_name("Figures").to_python() == [
        ["OFFICIAL-SENSITIVE", ""],
        ["title", "value"],
        ["Lén 🦆", -5.0],
        ["=1+1", 9.25],
    ]


def test_an_opendocument_runs_and_hides_nothing_and_names_nobody():
    parts = parts_of(ods({"title": "=1+1", "value": 1}))
    assert next(iter(parts)) == "mimetype"
    everything = b"".join(parts.values())
    for what in (b"formula", b"script", b"event-listener", b"xlink", b"draw:", b"annotation", b'display="false"'):
        assert what not in everything
    meta = parts["meta.xml"].decode()
    assert re.findall(r"creator>([^<]+)<", meta) == ["V+V Dashboard"] * 2
    assert "<dc:subject>OFFICIAL-SENSITIVE</dc:subject>" in meta
    assert set(re.findall(r"T\d\d:\d\d:\d\d", meta)) == {"T09:30:00"}
    assert parts["styles.xml"].count(b"OFFICIAL-SENSITIVE") == 4  # above and below, on two kinds of pages


def test_the_header_of_an_opendocument_stays_in_view_and_filters():
    parts = parts_of(ods({"title": "Arrests", "value": 12}))
    settings = parts["settings.xml"].decode()
    assert 'xmlns:ooo="http://openoffice.org/2004/office"' in settings  # without it LibreOffice ignores them
    assert '<config:config-item config:name="VerticalSplitPosition" config:type="int">2<' in settings
    assert b'table:target-range-address="Figures.A2:Figures.B3"' in parts["content.xml"]


def test_the_same_figures_are_the_same_bytes_of_an_opendocument():
    row: Row = {"title": "Arrests", "value": 12}
    assert ods(row) == ods(row)


@pytest.mark.parametrize("text", BEGINNINGS)
def test_text_of_an_opendocument_is_never_a_formula(text: str):
    sheet = next(iter(open_workbook(ods({"title": text, "value": -5})).sheets))
    assert sheet.formulas == []
    assert sheet.rows[-1] == [text, -5.0]


@given(st.text(max_size=30))
def test_whatever_a_text_has_it_is_well_formed(text: str):
    for part, content in parts_of(ods({"title": text, "value": None}, marking=text)).items():
        if part != "mimetype":
            ElementTree.fromstring(content)


# --- What an import takes back --------------------------------------------------------------------

# All that a note may hold; a workbook has no place for the last two of the first plane.
notes = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x00\ufffe\uffff"), max_size=60)
NASTY = (
    "Counted twice, once by “them”",
    'He said "no", and\nwrote\r\nit down\rtwice',
    "=1+1",
    "'=1+1",
    "''quoted''",
    "'tis",
    "-5",
    "+44 and more",
    "@home",
    "\tindented",
    "🦆 و مرحبا  עברית",
    "_x0041_ stays",
    "a; b; c",
)


def read_back(note: str, kind: str) -> str:
    row: Row = {
        **dict.fromkeys(COLUMNS, ""),
        "agency": "police",
        "indicator": "arrests",
        "month": "2026-10",
        "value": 12,
        "state": "figure",
        "note": note,
    }
    content = KINDS[kind].write(file_of(row, columns=COLUMNS))
    file = read_figure_file(content, name_of_file=f"history.{kind}")
    assert file.faults == []
    (found,) = file.rows
    assert (found.agency, found.indicator, found.month, found.value) == ("police", "arrests", "2026-10", "12")
    return found.note


@pytest.mark.parametrize("kind", ["csv", "xlsx", "ods"])
@pytest.mark.parametrize("note", NASTY)
def test_a_note_is_read_back_as_it_was(note: str, kind: str):
    assert read_back(note, kind) == note


@given(note=st.text(st.characters(exclude_categories=["Cs", "Cc"], exclude_characters="\ufffe\uffff")))
def test_any_note_of_a_spreadsheet_is_read_back_as_it_was(note: str):
    """XML, and so an OpenDocument, has no place for control characters."""
    assert read_back(note, "ods") == note


@given(note=st.text(st.sampled_from("a \t\n\r'=é🦆<&\""), max_size=20))
def test_any_blanks_of_a_spreadsheet_are_read_back(note: str):
    assert read_back(note, "ods") == note


@pytest.mark.parametrize("kind", ["csv", "xlsx"])
@given(note=notes)
def test_any_note_is_read_back_as_it_was(kind: str, note: str):
    assert read_back(note, kind) == note
