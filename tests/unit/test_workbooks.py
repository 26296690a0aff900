"""What an Excel workbook may be before it is opened."""

import random
import struct
import tracemalloc
import zipfile
from contextlib import suppress
from dataclasses import replace
from io import BytesIO

import pytest

from indicators.imports import xlsx
from indicators.imports.tables import open_workbook
from indicators.imports.xlsx import FIGURES, Sheet, WorkbookRefused, letters, parse
from tests.factories.workbooks import SHEET, TYPES, changed, packed, parts_of, workbook

PLAIN = workbook([["agency", "value"], ["police", 12]])


def read(content: bytes) -> list[Sheet]:
    return list(open_workbook(content).sheets)


def refusal(content: bytes) -> str:
    with pytest.raises(WorkbookRefused) as refused:
        read(content)
    return str(refused.value)


def test_gives_a_sheet_from_its_first_cell_on():
    [sheet] = read(workbook([[], ["", "agency"], ["", "police", 12, 12.5, True]]))
    assert sheet.rows == [["", "", "", "", ""], ["", "agency", "", "", ""], ["", "police", 12.0, 12.5, True]]
    assert sheet.formulas == []


def test_names_the_cells_that_are_formulas():
    [sheet] = read(workbook([["a"]], formulas={"B3": "=1+1", "A2": "=A1"}))
    assert sheet.formulas == [(2, 1), (3, 2)]


def test_finds_a_formula_that_other_cells_share():
    shared = b'<c r="C1"><f t="shared" ref="C1:C2" si="0">1+1</f><v>2</v></c></row>'
    [sheet] = read(changed(PLAIN, SHEET, b"</row>", shared))
    assert (1, 3) in sheet.formulas


@pytest.mark.parametrize(("column", "name"), [(1, "A"), (26, "Z"), (27, "AA"), (702, "ZZ"), (703, "AAA")])
def test_columns_have_letters(column, name):
    assert letters(column) == name


def test_shows_no_hidden_sheet():
    hidden = changed(PLAIN, "xl/workbook.xml", b'name="Sheet1"', b'name="Sheet1" state="hidden"')
    assert read(hidden) == []
    assert open_workbook(hidden).hidden == ["Sheet1"]


# --- What isn't a workbook ------------------------------------------------------------------------


# Named, since a workbook says when it was made, and so may be a byte longer for another worker.
@pytest.mark.parametrize("cut", [10, 200, len(PLAIN) // 2, len(PLAIN) - 10], ids=["10", "200", "half", "end"])
def test_refuses_one_that_is_cut_short(cut):
    assert "damaged" in refusal(PLAIN[:cut])


def test_refuses_another_zip():
    assert "isn’t a workbook" in refusal(packed({"hello.txt": b"hello"}))


def test_refuses_a_word_document():
    document = TYPES_OF % b"application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"
    assert "isn’t an Excel workbook" in refusal(packed({TYPES: document, "word/document.xml": b"<w/>"}))


TYPES_OF = b'<Types><Override PartName="/xl/workbook.xml" ContentType="%s"/></Types>'


def test_refuses_what_may_be_two_workbooks():
    """… of which one program may open the one, and another the other."""
    both = packed(parts_of(PLAIN) | {"mimetype": b"application/vnd.oasis.opendocument.spreadsheet"})
    assert "damaged" in refusal(both)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (b"spreadsheetml.sheet.main+xml", b"spreadsheetml.template.macroEnabled.main+xml"),
        (b"openxmlformats-officedocument.spreadsheetml.sheet.main+xml", b"ms-excel.sheet.macroEnabled.main+xml"),
        (
            b"</Types>",
            b'<Override PartName="/xl/x.bin" ContentType="application/vnd.ms-office.vbaProject"/></Types>',
        ),
        (b"</Types>", b'<Default Extension="bin" ContentType="application/vnd.ms-office.activeX"/></Types>'),
    ],
)
def test_refuses_what_may_run(old, new):
    assert "macros" in refusal(changed(PLAIN, TYPES, old, new))


def test_refuses_macros_that_no_content_type_names():
    assert "macros" in refusal(packed(parts_of(PLAIN) | {"xl/vbaProject.bin": b"\xd0\xcf\x11\xe0"}))


@pytest.mark.parametrize("part", [SHEET, "xl/sharedStrings.xml", "xl/workbook.xml", TYPES])
@pytest.mark.parametrize(
    "before",
    [
        b'<!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;&a;">]>',
        b'<!DOCTYPE x SYSTEM "file:///etc/passwd">',
    ],
)
def test_refuses_entities(part, before):
    parts = parts_of(PLAIN)
    declaration, rest = parts[part].split(b"?>", 1)
    assert "no spreadsheet program writes" in refusal(packed(parts | {part: declaration + b"?>" + before + rest}))


def moved(part: str, to: str) -> dict[str, bytes]:
    """Return a workbook's parts with one under another name, which the others then use too."""
    old, new = part.rpartition("/")[2].encode(), to.rpartition("/")[2].encode()
    return {to if name == part else name: content.replace(old, new) for name, content in parts_of(PLAIN).items()}


@pytest.mark.parametrize("to", ["xl/worksheets/sheet1.bin", "xl/worksheets/sheet1", "xl/worksheets/sheet1.XMLX"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32"])
def test_refuses_entities_in_a_part_of_any_name(to, encoding):
    parts = moved(SHEET, to)
    body = parts[to].decode().split("?>", 1)[1]
    hidden = f'\r\n<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "aaaa">]>{body}'.encode(encoding)
    assert "no spreadsheet program writes" in refusal(packed(parts | {to: hidden}))


def test_the_parser_itself_refuses_a_doctype():
    with pytest.raises(WorkbookRefused, match="no spreadsheet program writes"):
        parse(b'<!DOCTYPE x [<!ENTITY a "aaaa">]><x>&a;</x>', start=lambda *_: None)


def test_a_picture_is_no_markup():
    picture = b"\x89PNG\r\n\x1a\n\x00<!DOCTYPE"
    assert read(packed(parts_of(PLAIN) | {"xl/media/image1.png": picture})) == read(PLAIN)


def test_refuses_a_part_in_another_encoding():
    """… in which a DOCTYPE would not be seen."""
    parts = parts_of(PLAIN)
    hidden = parts[SHEET].decode().replace("UTF-8", "UTF-16").encode("utf-16")
    assert "no spreadsheet program writes" in refusal(packed(parts | {SHEET: hidden}))


def test_refuses_a_password():
    locked = bytearray(PLAIN)
    for signature, flags in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        place = locked.index(signature) + flags
        locked[place] |= 1
    assert "password" in refusal(bytes(locked))


# --- What is too much -----------------------------------------------------------------------------


def test_refuses_a_zip_bomb_by_what_it_declares():
    bomb = packed(parts_of(PLAIN) | {"xl/media/zero.bin": b"\0" * (FIGURES.unzipped + 1)})
    assert len(bomb) < 100_000
    assert "larger than 16 MB" in refusal(bomb)


def test_believes_a_zip_that_declares_too_much_before_it_unpacks_anything():
    parts = packed(parts_of(PLAIN) | {"xl/media/zero.bin": b"\0" * 54_321})
    boasting = parts.replace(struct.pack("<I", 54_321), struct.pack("<I", FIGURES.unzipped))
    assert "larger than 16 MB" in refusal(boasting)


def test_refuses_a_zip_bomb_that_declares_little():
    """Its parts say 10 bytes each, in both places, and are 20 MB."""
    bomb = packed(parts_of(PLAIN) | {"xl/media/zero.bin": b"\0" * 20_000_000})
    lying = bomb.replace(struct.pack("<I", 20_000_000), struct.pack("<I", 10))
    assert zipfile.ZipFile(BytesIO(lying)).getinfo("xl/media/zero.bin").file_size == 10
    tracemalloc.start()
    said = refusal(lying)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert "damaged" in said or "larger than" in said
    assert peak < FIGURES.unzipped * 3


def test_unpacks_all_parts_together_up_to_the_limit():
    size = sum(map(len, parts_of(PLAIN).values()))
    assert open_workbook(PLAIN, replace(FIGURES, unzipped=size))
    with pytest.raises(WorkbookRefused, match="larger than"):
        open_workbook(PLAIN, replace(FIGURES, unzipped=size - 1))


def test_refuses_a_great_many_parts():
    many = packed(parts_of(PLAIN) | {f"xl/media/{number}.png": b"" for number in range(200)})
    assert "parts, but the limit is 100" in refusal(many)


@pytest.mark.parametrize("place", ["XFD1048576", "AA1", "A20001"])
def test_refuses_a_cell_far_away(place):
    """A reader would make room for every cell up to it."""
    far = b'<row r="%s"><c r="%s"><v>1</v></c></row></sheetData>' % (
        b"".join(bytes([digit]) for digit in place.encode() if chr(digit).isdecimal()),
        place.encode(),
    )
    assert place in refusal(changed(PLAIN, SHEET, b"</sheetData>", far))


def test_a_far_cell_that_is_only_coloured_does_no_harm():
    far = b'<row r="1048576"><c r="XFD1048576" s="0"/></row></sheetData>'
    tracemalloc.start()
    [sheet] = read(changed(PLAIN, SHEET, b"</sheetData>", far))
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert len(sheet.rows) == 2
    assert peak < 50_000_000


@pytest.mark.parametrize("reference", [b"A0x", b"1A", b"ABCD1", b"A12345678", b"a1"])
def test_refuses_a_cell_that_is_nowhere(reference):
    assert "damaged" in refusal(changed(PLAIN, SHEET, b'r="A2"', b'r="%s"' % reference))


def test_refuses_one_text_that_very_many_cells_share():
    """A few kilobytes that would be gigabytes as cells."""
    text = b"<si><t>" + b"x" * 1_000_000 + b"</t></si></sst>"
    parts = parts_of(changed(PLAIN, "xl/sharedStrings.xml", b"</sst>", text))
    index = parts["xl/sharedStrings.xml"].count(b"<si>") - 1
    cells = b"".join(b'<row r="%d"><c r="A%d" t="s"><v>%d</v></c></row>' % (n, n, index) for n in range(3, 3000))
    parts[SHEET] = parts[SHEET].replace(b"</sheetData>", cells + b"</sheetData>")
    bomb = packed(parts)
    assert len(bomb) < 100_000
    assert "too much text" in refusal(bomb)


@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_refuses_two_parts_of_one_name():
    """… of which one reader may take the first, and another the second."""
    content = BytesIO(PLAIN)
    with zipfile.ZipFile(content, "a") as archive:
        archive.writestr(SHEET.upper(), parts_of(PLAIN)[SHEET])
    assert "damaged" in refusal(content.getvalue())


def test_damage_anywhere_ends_in_a_sentence():
    """A few thousand bytes changed at random, in the zip and in its parts."""
    chance = random.Random(4)
    for _ in range(300):
        broken = bytearray(PLAIN)
        for _ in range(chance.randrange(1, 6)):
            broken[chance.randrange(len(broken))] = chance.randrange(256)
        _read_or_refuse(bytes(broken))
    for _ in range(700):
        parts = parts_of(PLAIN)
        part = bytearray(parts[name := chance.choice(list(parts))])
        for _ in range(chance.randrange(1, 4)):
            part[chance.randrange(len(part))] = chance.choice(b"<>/\"'&;=0A \xff")
        _read_or_refuse(packed(parts | {name: bytes(part)}))


def _read_or_refuse(content: bytes) -> None:
    with suppress(WorkbookRefused):
        assert all(isinstance(sheet, Sheet) for sheet in read(content))


@pytest.mark.parametrize("tag", [b"<c/>", b"<row/>", b'<c r="A1"></c>'])
def test_millions_of_empty_cells_are_refused_unread(tag, monkeypatch):
    monkeypatch.setattr(xlsx, "parse", lambda *_, **__: pytest.fail("It was read."))
    many = tag * (15 * 1024 * 1024 // len(tag))
    content = changed(PLAIN, SHEET, b"<sheetData>", b"<sheetData><row>" + many + b"</row>")
    assert len(content) < 100_000
    assert "too many cells" in refusal(content)


def test_a_full_sheet_is_within_what_may_be():
    cells = b"<row>" + b"<c><v>1</v></c>" * FIGURES.columns + b"</row>"
    content = changed(PLAIN, SHEET, b"<sheetData>", b"<sheetData>" + cells * (FIGURES.rows - 10))
    [sheet] = read(content)
    assert len(sheet.rows) >= FIGURES.rows - 10
