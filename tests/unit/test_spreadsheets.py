"""What an OpenDocument spreadsheet may be before it is read, and what its cells say."""

import datetime
import random
import tracemalloc
from contextlib import suppress
from io import BytesIO

import pytest
from hypothesis import given
from hypothesis import strategies as st
from python_calamine import load_workbook

from indicators.imports import ods
from indicators.imports.tables import open_workbook
from indicators.imports.xlsx import FIGURES, Cell, Sheet, WorkbookRefused
from tests.factories.spreadsheets import (
    CONTENT,
    MANIFEST,
    REST_OF_SHEET,
    cell,
    parts_with,
    row_with,
    spreadsheet,
    style,
    table,
    table_of,
)
from tests.factories.workbooks import changed, packed, parts_of

PLAIN = spreadsheet([["agency", "value"], ["police", 12]])
A_ROW = row_with(cell("police"))


def read(content: bytes) -> list[Sheet]:
    return list(open_workbook(content).sheets)


def rows_of(xml: str) -> list[list[Cell]]:
    """The rows of a sheet that is given as XML."""
    [sheet] = read(packed(parts_with(table(xml))))
    return sheet.rows


def value_of(xml: str) -> Cell:
    return rows_of(row_with(xml, cell("beside")))[0][0]


def refusal(content: bytes) -> str:
    with pytest.raises(WorkbookRefused) as refused:
        read(content)
    return str(refused.value)


def refusal_of(xml: str) -> str:
    return refusal(packed(parts_with(table(xml))))


# --- What its cells say ---------------------------------------------------------------------------


def test_gives_a_sheet_from_its_first_cell_on():
    [sheet] = read(spreadsheet([[], ["", "agency"], ["", "police", 12, 12.5, True]]))
    assert sheet.rows == [["", "", "", "", ""], ["", "agency", "", "", ""], ["", "police", 12.0, 12.5, True]]
    assert sheet.formulas == []


@pytest.mark.parametrize(
    ("xml", "value"),
    [
        (cell(datetime.date(2026, 10, 1)), datetime.date(2026, 10, 1)),
        (
            '<table:table-cell office:value-type="date" office:date-value="2026-10-01T09:30:00"/>',
            datetime.datetime(2026, 10, 1, 9, 30),  # noqa: DTZ001  # a spreadsheet knows no time zone
        ),
        (cell(datetime.timedelta(hours=12, minutes=30)), datetime.timedelta(hours=12, minutes=30)),
        (cell(datetime.timedelta(hours=36)), datetime.timedelta(hours=36)),
        (
            '<table:table-cell office:value-type="time" office:time-value="-P1DT0H0M1.5S"/>',
            -datetime.timedelta(days=1, seconds=1.5),
        ),
        ('<table:table-cell office:value-type="percentage" office:value="0.394"><text:p>39.4%</text:p>', 0.394),
        ('<table:table-cell office:value-type="currency" office:value="12.5"><text:p>£12.50</text:p>', 12.5),
        (cell(value=False), False),
        ('<table:table-cell office:value="7"/>', 7.0),
        ('<table:table-cell office:value-type="string" office:string-value="as is"/>', "as is"),
        (
            '<table:table-cell office:value-type="date" office:date-value="-0044-03-15"><text:p>Ides</text:p>',
            "Ides",
        ),
        ('<table:table-cell office:value-type="void"/>', ""),
    ],
)
def test_a_cell_is_what_the_file_says_that_it_is(xml, value):
    closed = xml if xml.endswith(("/>", "</table:table-cell>")) else f"{xml}</table:table-cell>"
    assert value_of(closed) == value
    assert type(value_of(closed)) is type(value)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("<text:p>one</text:p><text:p>two</text:p>", "one\ntwo"),
        ("<text:p>one<text:line-break/>two<text:tab/>three</text:p>", "one\ntwo\tthree"),
        ("<text:p>a<text:s text:c='3'/>b  c</text:p>", "a   b  c"),
        ("<text:p>a\n     line</text:p>\n   <text:p>more</text:p>\n", "a line\nmore"),
        ("<text:p>a <text:span>bold</text:span> <text:a>link</text:a></text:p>", "a bold link"),
        ("<text:p>a<![CDATA[<b>]]>&amp;</text:p>", "a<b>&"),
        ("<office:annotation><text:p>a comment</text:p></office:annotation><text:p>seen</text:p>", "seen"),
        ("<text:p>seen<text:note><text:note-body><text:p>no</text:p></text:note-body></text:note></text:p>", "seen"),
        ("<draw:frame><draw:text-box><text:p>a picture’s</text:p></draw:text-box></draw:frame>", ""),
    ],
)
def test_the_text_of_a_cell_is_what_stands_in_it(text, words):
    xml = f'<table:table-cell office:value-type="string">{text}</table:table-cell>'
    assert rows_of(row_with(cell("first"), xml)) == [["first", words] if words else ["first"]]


def test_a_comment_at_a_number_or_at_nothing_changes_nothing():
    comment = "<office:annotation><text:p>ask</text:p></office:annotation>"
    number = f'<table:table-cell office:value-type="float" office:value="12">{comment}<text:p>12</text:p>'
    assert rows_of(row_with(f"{number}</table:table-cell>", f"<table:table-cell>{comment}</table:table-cell>")) == [
        [12]
    ]


def test_what_lies_under_a_merged_cell_is_left_out():
    under = '<table:covered-table-cell office:value-type="float" office:value="9" table:number-columns-repeated="2"/>'
    assert rows_of(row_with(cell("merged"), under, cell("after"))) == [["merged", "", "", "after"]]


@pytest.mark.parametrize("around", ["table-rows", "table-header-rows", "table-row-group"])
def test_rows_count_in_a_group_too(around):
    grouped = f"<table:{around}>{A_ROW}</table:{around}>"
    assert rows_of(grouped + row_with(cell(1))) == [["police"], [1]]


def test_rows_and_cells_on_lines_of_their_own():
    """As libraries write them for people to read."""
    lines = f"\n  <table:table-row>\n    {cell('police')}\n    {cell(12)}\n  </table:table-row>\n"
    assert rows_of(lines + A_ROW) == [["police", 12], ["police", ""]]


def test_shapes_and_old_versions_and_linked_tables_are_no_part_of_a_sheet():
    inner = table_of([["no"]], name="inner")
    shapes = f"<table:shapes><draw:frame>{inner}</draw:frame></table:shapes>"
    beside = (
        f"<table:tracked-changes>{inner}</table:tracked-changes><table:dde-links>{inner}</table:dde-links>"
        f"{table(shapes + A_ROW)}"
    )
    [sheet] = read(packed(parts_with(beside)))
    assert (sheet.name, sheet.rows) == ("Sheet1", [["police"]])


def test_names_the_cells_that_are_formulas():
    [sheet] = read(spreadsheet([["a", 2], [3, ""]], formulas={"B1": "of:=1+1", "B2": 'of:=""'}))
    assert sheet.rows == [["a", 2.0], [3.0, ""]]
    assert sheet.formulas == [(1, 2), (2, 2)]


def test_finds_a_formula_wherever_it_is_repeated():
    [sheet] = read(packed(parts_with(table(row_with(cell(1), cell(2, formula="of:=1", repeated=2), repeated=2)))))
    assert sheet.formulas == [(1, 2), (1, 3), (2, 2), (2, 3)]


def test_finds_what_one_formula_works_out_for_many_cells():
    matrix = (
        '<table:table-cell table:formula="of:=[.B1:.B2]" table:number-matrix-rows-spanned="2" '
        'table:number-matrix-columns-spanned="1" office:value-type="float" office:value="1"/>'
    )
    [sheet] = read(packed(parts_with(table(row_with(matrix, cell(1)) + row_with(cell(2), cell(2))))))
    assert sheet.formulas == [(1, 1), (2, 1)]


@pytest.mark.parametrize("named", ["ta2", "of all"])
def test_shows_no_hidden_sheet(named):
    tables = table_of([["seen"]], name="New") + table_of([["secret"]], name="Old", style=named)
    parts = parts_with(tables) | {"styles.xml": parts_with("", styles=style("of all", display="false"))[CONTENT]}
    workbook = open_workbook(packed(parts))
    assert [sheet.name for sheet in workbook.sheets] == ["New"]
    assert workbook.hidden == ["Old"]


TYPED = st.one_of(
    st.just(""),
    st.integers(-(10**9), 10**9),
    st.floats(allow_nan=False, allow_infinity=False, width=32),
    st.booleans(),
    st.dates(),
    st.text(
        st.characters(min_codepoint=33, exclude_categories=("Cs", "Cc", "Zl", "Zp"), exclude_characters="\ufffe\uffff")
    ),
)


@given(st.lists(st.lists(TYPED, max_size=6), min_size=1, max_size=6))
def test_says_what_another_reader_says(rows):
    """… of what an ordinary file holds."""
    content = spreadsheet(rows)
    theirs = load_workbook(BytesIO(content)).get_sheet_by_name("Sheet1").to_python(skip_empty_area=False)
    [sheet] = read(content)
    assert sheet.rows == theirs


# --- What is repeated -----------------------------------------------------------------------------


def test_a_sheet_ends_in_a_million_empty_rows_as_programs_write_it():
    tracemalloc.start()
    assert rows_of(A_ROW + REST_OF_SHEET) == [["police"]]
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 1_000_000


def test_writes_out_what_is_repeated_within_the_limits():
    gap = row_with("<table:table-cell/>", repeated=3)
    xml = gap + row_with('<table:table-cell table:number-columns-repeated="2"/>', cell(5, repeated=2), repeated=2)
    assert rows_of(xml) == [["", "", "", ""]] * 3 + [["", "", 5.0, 5.0]] * 2


@pytest.mark.parametrize(
    ("xml", "place"),
    [
        (row_with(cell(1), repeated=1_048_576), "A1048576"),
        (row_with(cell(1, repeated=16_384)), "XFD1"),
        (row_with(cell(1, repeated=9_999_999), repeated=9_999_999), "9999999"),
        (row_with("<table:table-cell/>", repeated=20_000) + A_ROW, "A20001"),
        (row_with('<table:table-cell table:number-columns-repeated="26"/>', cell("far")), "AA1"),
        (row_with(cell("", formula="of:=1"), repeated=30_000), "A30000"),
    ],
)
def test_refuses_a_filled_cell_that_reaches_far(xml, place):
    tracemalloc.start()
    said = refusal_of(xml)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert place in said
    assert "but figures end at column Z and row 20,000" in said
    assert peak < 1_000_000


@pytest.mark.parametrize("number", ["0x10", "-1", "12345678", "1e3", "", "٣"])
@pytest.mark.parametrize("what", ["rows", "columns"])
def test_refuses_a_repeat_that_is_no_number(number, what):
    attribute = f'table:number-{what}-repeated="{number}"'
    xml = f"<table:table-row {attribute}>{cell(1)}</table:table-row>" if what == "rows" else ""
    assert "damaged" in refusal_of(xml or row_with(f'<table:table-cell {attribute} office:value="1"/>'))


def test_refuses_a_long_text_that_is_repeated():
    assert "too much text" in refusal_of(row_with(cell("x" * 1_000, repeated=26), repeated=10_000))


@pytest.mark.parametrize("exact", [False, True])
def test_refuses_a_long_text_by_its_cell(exact):
    def row(length: int) -> str:
        text = "x" * length
        note = f' office:string-value="{text}"/>' if exact else f"><text:p>{text}</text:p></table:table-cell>"
        beside = cell("beside", repeated=3)
        return row_with(cell("above"), repeated=4) + row_with(
            beside, f'<table:table-cell office:value-type="string"{note}'
        )

    assert rows_of(row(10_000))[4][3] == "x" * 10_000
    assert refusal_of(row(10_001)) == (
        "D5 of the sheet “Sheet1” has too much text: more than 10,000 characters. Shorten it."
    )


@pytest.mark.parametrize("blanks", ["9999999", "4000000"])
def test_refuses_blanks_without_end(blanks):
    many = f'<text:s text:c="{blanks}"/>' * 3
    xml = f'<table:table-cell office:value-type="string"><text:p>{many}</text:p></table:table-cell>'
    assert "too much text" in refusal_of(row_with(xml))


def test_refuses_formulas_that_fill_the_same_cells_over_and_over():
    one = (
        '<table:table-cell table:formula="of:=1" table:number-matrix-rows-spanned="19000" '
        'table:number-matrix-columns-spanned="20"/>'
    )
    assert "too many cells" in refusal_of(row_with(one, one))


def test_refuses_full_sheets_one_after_another():
    full = row_with(cell(1, repeated=26), repeated=20_000)
    [sheet] = read(packed(parts_with(table(full))))
    assert len(sheet.rows) == FIGURES.rows
    two = table(full, name="One") + table(A_ROW, name="Two")
    assert "too many cells" in refusal(packed(parts_with(two)))


@pytest.mark.parametrize("count", [0, 11])
def test_refuses_no_sheets_and_very_many(count):
    tables = "".join(table(A_ROW, name=f"S{number}") for number in range(count))
    assert f"has {count} sheets" in refusal(packed(parts_with(tables)))


def test_refuses_millions_of_cells_unread(monkeypatch):
    monkeypatch.setattr(ods._Walk, "start", lambda *_: pytest.fail("It was read."))
    content = packed(parts_with(table("<table:table-row/>" * 800_000 + "<a/>" * 400_000)))
    assert len(content) < 100_000
    assert "too many cells" in refusal(content)


def test_refuses_a_zip_bomb():
    bomb = packed(parts_of(PLAIN) | {"Pictures/a.png": b"\0" * (FIGURES.unzipped + 1)})
    assert "larger than 16 MB" in refusal(bomb)


# --- What isn't a spreadsheet, or may run ---------------------------------------------------------


@pytest.mark.parametrize("kind", ["text", "presentation", "spreadsheet-template", "graphics"])
def test_refuses_another_open_document(kind):
    other = packed(parts_of(PLAIN) | {"mimetype": f"application/vnd.oasis.opendocument.{kind}".encode()})
    assert (
        refusal(other) == "This is another kind of OpenDocument file. Save it as a spreadsheet (.ods), and send that."
    )


def test_refuses_a_book():
    epub = packed({"mimetype": b"application/epub+zip", "content.xml": b"<o/>"})
    assert "isn’t an OpenDocument spreadsheet" in refusal(epub)


@pytest.mark.parametrize("missing", [CONTENT, MANIFEST])
def test_refuses_one_that_lacks_a_part(missing):
    parts = parts_of(PLAIN)
    del parts[missing]
    assert "damaged" in refusal(packed(parts))


SECRET = "<manifest:encryption-data/></manifest:file-entry>"


@pytest.mark.parametrize(
    "parts",
    [
        {CONTENT: b"\x00\x81<!DOCTYPE not markup any more"},
        {"encrypted-package": b"\x00\x81"},
    ],
)
def test_refuses_a_password(parts):
    locked = parts_with("", entries=f'<manifest:file-entry manifest:full-path="{next(iter(parts))}">{SECRET}')
    if CONTENT not in parts:
        del locked[CONTENT]
    assert refusal(packed(locked | parts)) == "This file has a password. Save it without one."


@pytest.mark.parametrize(
    "path", ["Basic/Standard/Module1.xml", "Scripts/python/a.py", "basic/script-lc.xml", "Dialogs/D.xml"]
)
def test_refuses_macros_in_folders(path):
    assert "macros" in refusal(packed(parts_of(PLAIN) | {path: b'<!DOCTYPE x PUBLIC "-//y"><x/>'}))


@pytest.mark.parametrize(
    "element",
    [
        "<office:script>Sub X</office:script>",
        '<office:event-listeners><script:event-listener script:event-name="dom:load"/></office:event-listeners>',
        "<draw:object-ole/>",
        "<draw:plugin/>",
        "<draw:applet/>",
    ],
)
def test_refuses_what_may_run_wherever_it_is(element):
    in_a_cell = table(row_with(f"<table:table-cell>{element}</table:table-cell>"))
    in_a_hidden_sheet = table_of([["seen"]]) + table(
        row_with(f"<table:table-cell>{element}</table:table-cell>"), style="ta2"
    )
    for parts in (parts_with(in_a_cell), parts_with(in_a_hidden_sheet), parts_with(table(A_ROW), before=element)):
        assert "macros" in refusal(packed(parts))


@pytest.mark.parametrize(
    ("path", "kind", "refused"),
    [
        ("Object 1/", "application/vnd.oasis.opendocument.chart", False),
        ("Configurations2/", "application/vnd.sun.xml.ui.configuration", False),
        ("Pictures/", "", False),
        ("Object 1/", "application/vnd.oasis.opendocument.text", True),
        ("Object 1", "application/vnd.sun.star.oleobject", True),
    ],
)
def test_takes_charts_and_refuses_other_documents_in_it(path, kind, refused):
    entry = f'<manifest:file-entry manifest:full-path="{path}" manifest:media-type="{kind}"/>'
    content = packed(parts_with(table(A_ROW), entries=entry))
    if refused:
        assert "embedded objects" in refusal(content)
    else:
        assert read(content)[0].rows == [["police"]]


@pytest.mark.parametrize("part", [CONTENT, MANIFEST, "manifest.rdf", "styles.xml"])
@pytest.mark.parametrize(
    "before", [b'<!DOCTYPE x [<!ENTITY a "aaaa">]>', b'<!DOCTYPE x SYSTEM "file:///etc/passwd">', b"<!ENTITY a 'b'>"]
)
def test_refuses_entities(part, before):
    parts = {"manifest.rdf": b"<rdf/>", "styles.xml": b"<styles/>"} | parts_of(PLAIN)
    assert "no spreadsheet program writes" in refusal(packed(parts | {part: before + parts[part]}))


def test_refuses_a_part_in_another_encoding():
    parts = parts_of(PLAIN)
    hidden = parts[CONTENT].decode().replace("UTF-8", "UTF-16").encode("utf-16")
    assert "no spreadsheet program writes" in refusal(packed(parts | {CONTENT: hidden}))


@pytest.mark.parametrize("number", ["", "twelve", "1e999", "nan", "inf", "1_000", "0x1"])
def test_refuses_a_number_that_is_none(number):
    assert "damaged" in refusal_of(row_with(f'<table:table-cell office:value-type="float" office:value="{number}"/>'))


def test_refuses_content_that_is_cut_short():
    assert "damaged" in refusal(changed(PLAIN, CONTENT, b"</office:body>", b""))


def test_damage_anywhere_ends_in_a_sentence():
    chance = random.Random(4)
    for _ in range(1000):
        parts = parts_of(PLAIN)
        part = bytearray(parts[name := chance.choice(list(parts))])
        for _ in range(chance.randrange(1, 4)):
            part[chance.randrange(len(part))] = chance.choice(b"<>/\"'&;=0A \xff")
        with suppress(WorkbookRefused):
            assert all(isinstance(sheet, Sheet) for sheet in read(packed(parts | {name: bytes(part)})))
