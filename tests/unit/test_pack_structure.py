"""Every pack can be read aloud; and a file that can't is found out, whichever way it is broken."""

import io
from collections.abc import Callable
from functools import cache
from typing import Any

import pikepdf
import pytest
from pikepdf import Array, Dictionary, Name, Object, String

from reporting.packs.pdf.printable import list_children
from reporting.packs.pdf.typesetting import Unprintable, build_pack
from reporting.packs.presenters.shapes import Abreast, Bullets, Chapter, Heading
from tests.pack_documents import (
    PACKS,
    agenda_chapter,
    breakdown_table,
    built,
    pack_of,
    plain_table,
    texts_pack,
)
from tests.pack_pictures import chart, map_of_lines
from tests.pdf_structure import below, faults_of, fonts_of, items_below, name


@pytest.mark.parametrize("called", [called for called in PACKS if called != "boundless"])
def test_every_pack_can_be_read_aloud(called: str):
    assert faults_of(built(called)) == []


def test_bad_input_can_be_read_aloud():
    for said in ("#emph[x] <b>$x$</b>", "漢字 \U0001fae8 \x07", "שלום مرحبا", "x" * 1_000):
        assert faults_of(build_pack(texts_pack(lambda place: said))) == []  # noqa: B023


def test_a_pack_that_says_nothing_can_be_read_aloud():
    needed = {"alt": "A chart", "title": "A pack"}
    assert faults_of(build_pack(texts_pack(lambda place: needed.get(place, " ")))) == []


@pytest.mark.parametrize("missing", ["alt", "title"])
def test_a_pack_without_what_it_needs_is_refused(missing: str):
    with pytest.raises(Unprintable, match=r"missing (alt text|document title)"):
        build_pack(texts_pack(lambda place: "" if place == missing else "Some"))


def test_parts_beside_each_other_that_break_are_read_one_after_the_other():
    tall = Abreast((plain_table("Left", 90),), (Bullets(tuple("x" * 300 for _ in range(60))),), share=50)
    assert faults_of(build_pack(pack_of(Chapter("a", "All", (tall,))))) == []


# --- Files that are broken on purpose -------------------------------------------------------------


@cache
def good() -> bytes:
    """Something of everything, on four pages."""
    blocks = (
        Heading("A heading", "one"),
        breakdown_table(),
        Heading("A page", "two", starts_page=True),
        chart("A chart"),
        Abreast((breakdown_table("Another table"),), (map_of_lines(),)),
    )
    return build_pack(pack_of(agenda_chapter(), Chapter("wide", "Figures", blocks, is_wide=True)))


type Broken = pikepdf.Pdf


def elements(document: Broken, kind: str) -> list[Object]:
    found = [each for each in below(document.Root.StructTreeRoot) if name(each) == kind]
    assert found
    return found


def without_title(document: Broken) -> None:
    with document.open_metadata() as metadata:
        del metadata["dc:title"]


def without_the_mark(document: Broken) -> None:
    with document.open_metadata() as metadata:
        del metadata["pdfuaid:part"]


def heading_of(level: str, becomes: str) -> Callable[[Broken], None]:
    def change(document: Broken) -> None:
        elements(document, level)[0].S = Name(becomes)

    return change


def figure_saying(words: str) -> Callable[[Broken], None]:
    def change(document: Broken) -> None:
        elements(document, "/Figure")[0].Alt = String(words)

    return change


def first_cell(document: Broken, of: str) -> Object:
    return next(each for row in elements(document, "/TR") for each in list_children(row)[:1] if scope_of(each) == of)


def scope_of(cell: Object) -> str:
    return next((str(each.Scope) for each in cell.A if Name.Scope in each), "")


def row_without_header(document: Broken) -> None:
    first_cell(document, "/Row").S = Name.TD


def row_header_without_scope(document: Broken) -> None:
    (attributes,) = (each for each in first_cell(document, "/Row").A if Name.Scope in each)
    del attributes.Scope


def column_header_as_a_cell(document: Broken) -> None:
    cell = first_cell(document, "/Column")
    cell.S = Name.TD
    for each in cell.A:
        if Name.Headers in each:
            del each[Name.Headers]


def header_row_in_the_body(document: Broken) -> None:
    """The rows of a header among the others, each with a header of its own."""
    table = elements(document, "/Table")[1]
    head = next(each for each in list_children(table) if name(each) == "/THead")
    head.S = Name.TBody
    for cell in list_children(list_children(head)[0])[:1]:
        for each in cell.A:
            if Name.Scope in each:
                each.Scope = Name.Row


def list_of_headers(document: Broken) -> None:
    cell = elements(document, "/TD")[0]
    cell.A.append(Dictionary(O=Name.Table, Headers=Array([String("U1x0y0")])))


def shorter_row(document: Broken) -> None:
    """A cell less, which said nothing."""
    pack = elements(document, "/Table")[1]
    row = [each for each in below(pack) if name(each) == "/TR"][-1]
    wide = list_children(row)[-1]
    wide.A.append(Dictionary(O=Name.Table, ColSpan=2))


def wrong_kid(document: Broken) -> None:
    elements(document, "/LI")[0].S = Name.P


def strange_element(document: Broken) -> None:
    elements(document, "/H3")[0].S = Name.Title


def lost_parent(document: Broken) -> None:
    elements(document, "/H2")[0].P = elements(document, "/Figure")[0]


def contents_as_a_list(document: Broken) -> None:
    for kind in ("/TOCI", "/TOC"):
        for element in elements(document, kind):
            element.S = Name.Div


def entry_without_link(document: Broken) -> None:
    """The link's words stay, but it leads nowhere, and neither does its place on the page."""
    link = elements(document, "/Link")[0]
    link.S = Name.Span


def rewritten(number: int, change: Callable[[list[Any]], list[Any]]) -> Callable[[Broken], None]:
    """With other instructions on a page."""

    def apply(document: Broken) -> None:
        page = document.pages[number - 1]
        instructions = change(list(pikepdf.parse_content_stream(page)))
        page.Contents = document.make_stream(pikepdf.unparse_content_stream(instructions))

    return apply


def is_mark(instruction: Any, kind: str) -> bool:
    return str(instruction.operator) in ("BDC", "BMC") and str(instruction.operands[0]) == kind


def unmarked(instructions: list[Any]) -> list[Any]:
    """The first artifact is no longer said to be one."""
    start = next(place for place, each in enumerate(instructions) if is_mark(each, "/Artifact"))
    end = next(place for place in range(start, len(instructions)) if str(instructions[place].operator) == "EMC")
    return [*instructions[:start], *instructions[start + 1 : end], *instructions[end + 1 :]]


def without_first_piece(instructions: list[Any]) -> list[Any]:
    start = next(place for place, each in enumerate(instructions) if is_mark(each, "/Span"))
    end = next(place for place in range(start, len(instructions)) if str(instructions[place].operator) == "EMC")
    return [*instructions[:start], *instructions[end + 1 :]]


def with_a_piece_more(instructions: list[Any]) -> list[Any]:
    mark = pikepdf.ContentStreamInstruction([Name.Span, Dictionary(MCID=999)], pikepdf.Operator("BDC"))
    return [*instructions, mark, pikepdf.ContentStreamInstruction([], pikepdf.Operator("EMC"))]


def with_a_mark_in_another(instructions: list[Any]) -> list[Any]:
    start = next(place for place, each in enumerate(instructions) if is_mark(each, "/Span"))
    mark = pikepdf.ContentStreamInstruction([Name.Artifact], pikepdf.Operator("BMC"))
    end = pikepdf.ContentStreamInstruction([], pikepdf.Operator("EMC"))
    return [*instructions[: start + 1], mark, end, *instructions[start + 1 :]]


def with_an_end_less(instructions: list[Any]) -> list[Any]:
    last = max(place for place, each in enumerate(instructions) if str(each.operator) == "EMC")
    return instructions[:last] + instructions[last + 1 :]


def last_piece_again(instructions: list[Any]) -> list[Any]:
    start = max(place for place, each in enumerate(instructions) if is_mark(each, "/Span"))
    end = next(place for place in range(start, len(instructions)) if str(instructions[place].operator) == "EMC")
    return [*instructions, *instructions[start : end + 1]]


def out_of_the_tree(document: Broken) -> None:
    """The heading of the chapter on page 3 loses what it says."""
    element = elements(document, "/H2")[2]
    element.K = Array()


def two_swapped(document: Broken) -> None:
    """Two headings of one page are read the other way round."""
    parent = elements(document, "/H2")[1].P
    kids = list(parent.K)
    on_page_3 = [place for place, kid in enumerate(kids) if kid.get(Name.Pg) == document.pages[2].obj]
    first, second = on_page_3[:2]
    kids[first], kids[second] = kids[second], kids[first]
    parent.K = Array(kids)


def last_first(document: Broken) -> None:
    """The last that the pack says is read after the cover's area."""
    parent = elements(document, "/H1")[0].P
    kids = list(parent.K)
    parent.K = Array([kids[0], kids[-1], *kids[1:-1]])


def read_twice(document: Broken) -> None:
    heading = elements(document, "/H2")[1]
    heading.K = Array([heading.K[0], heading.K[0]]) if isinstance(heading.K, Array) else Array([heading.K, heading.K])


def other_parents(document: Broken) -> None:
    nums = document.Root.StructTreeRoot.ParentTree.Nums
    listed = next(each for each in nums if isinstance(each, Array) and len(each) > 3)
    listed[0], listed[1] = listed[1], listed[0]


def links_of(document: Broken) -> list[Object]:
    return [link for page in document.pages for link in page.obj.get(Name.Annots, [])]


def link_without_words(document: Broken) -> None:
    del links_of(document)[0][Name.Contents]


def link_out_of_the_tree(document: Broken) -> None:
    link = elements(document, "/Link")[0]
    link.K = Array([kid for kid in link.K if not (isinstance(kid, Dictionary) and kid.get(Name.Type) == Name.OBJR)])


def link_with_another_parent(document: Broken) -> None:
    first, second = links_of(document)[:2]
    first.StructParent, second.StructParent = second.StructParent, first.StructParent


def without_tab_order(document: Broken) -> None:
    del document.pages[0].obj[Name.Tabs]


def font_not_embedded(document: Broken) -> None:
    font = next(each for each in fonts_of(document) if Name.DescendantFonts in each)
    description = font.DescendantFonts[0].FontDescriptor
    for key in list(description.keys()):
        if str(key).startswith("/FontFile"):
            del description[key]
    font.BaseFont = Name.Some


def font_without_characters(document: Broken) -> None:
    font = next(each for each in fonts_of(document) if Name.ToUnicode in each)
    del font[Name.ToUnicode]
    font.BaseFont = Name.Some


def page_left_out(document: Broken) -> None:
    del document.pages[3:]


def without(key: Name, of: str = "") -> Callable[[Broken], None]:
    def change(document: Broken) -> None:
        del (document.Root[of] if of else document.Root)[key]

    return change


def bookmark_lost(document: Broken) -> None:
    *_, last = items_below(document.Root.Outlines)
    last.Parent.Last = last.Prev
    del last.Prev[Name.Next]


BREAKS: list[tuple[Callable[[Broken], None], list[str]]] = [
    (without(Name.Lang), ["The document names no language"]),
    (without(Name.Marked, "/MarkInfo"), ["The document doesn't say that it is tagged"]),
    (without(Name.StructTreeRoot), ["There is no structure tree"]),
    (
        without(Name.DisplayDocTitle, "/ViewerPreferences"),
        ["The window shows the name of the file, not the document's title"],
    ),
    (without_title, ["The document has no title"]),
    (without_the_mark, ["The document doesn't say that it is PDF/UA-1"]),
    (heading_of("/H1", "/H2"), ["There are 0 headings of level 1", "The first heading is of level 2"]),
    (heading_of("/H2", "/H1"), ["There are 2 headings of level 1"]),
    (heading_of("/H3", "/H4"), ["A heading of level 4 comes after one of level 2"]),
    (heading_of("/H3", "/P"), ["There are 8 headings and 9 bookmarks"]),
    (bookmark_lost, ["There are 9 headings and 8 bookmarks"]),
    (figure_saying(""), ["A figure has no words in its place"]),
    (figure_saying("  "), ["A figure has no words in its place"]),
    (row_without_header, ["A row doesn't begin with its header"]),
    (row_header_without_scope, ["A row doesn't begin with its header"]),
    (column_header_as_a_cell, ["A cell above a column isn't its header"]),
    (header_row_in_the_body, ["A table has no row of headers"]),
    (list_of_headers, ["A list of headers hides the header of a row"]),
    (shorter_row, ["The rows of a table aren't of the same length"]),
    (wrong_kid, ["/P stands in /L"]),
    (strange_element, ["/Title isn't a standard element", "There are 8 headings and 9 bookmarks"]),
    (lost_parent, ["/H2: its parent is another than the element that it is in"]),
    (contents_as_a_list, ["There is no table of contents"]),
    (entry_without_link, ["An entry of the contents leads nowhere", "Page 1: a link stands in /Span"]),
    (rewritten(3, unmarked), ["Page 3: something is painted that is neither tagged nor an artifact"]),
    (rewritten(3, without_first_piece), ["Page 3: the structure tree reaches a piece that isn't there"]),
    (rewritten(3, with_a_piece_more), ["Page 3: a piece is marked, but the structure tree doesn't reach it"]),
    (rewritten(3, with_a_mark_in_another), ["Page 3: something is marked twice"]),
    (rewritten(3, with_an_end_less), ["Page 3: a mark never ends"]),
    (
        rewritten(3, last_piece_again),
        ["Page 3: two pieces have the same number"],
    ),
    (out_of_the_tree, ["Page 2: a piece is marked, but the structure tree doesn't reach it"]),
    (two_swapped, ["Page 3: pieces are read in another order than they stand in"]),
    (last_first, ["Page 1 is read after page 4", "Page 4: pieces are read in another order than they stand in"]),
    (read_twice, ["Page 1: a piece is read twice"]),
    (other_parents, ["Page 1: the parent tree leads to another element than the one of a piece"]),
    (link_without_words, ["Page 1: a link has no words"]),
    (link_out_of_the_tree, ["Page 1: the structure tree doesn't reach a link"]),
    (link_with_another_parent, ["Page 1: the parent tree leads to another element than the one of a link"]),
    (without_tab_order, ["Page 1: the tab key doesn't follow the structure"]),
    (font_not_embedded, ["/Some isn't embedded"]),
    (font_without_characters, ["/Some doesn't say which characters its shapes are"]),
    (page_left_out, ["The structure tree reaches a page that isn't in the document"]),
]


def test_the_good_pack_is_good():
    assert faults_of(good()) == []


@pytest.mark.parametrize(("change", "faults"), BREAKS)
def test_a_broken_pack_is_found_out(change: Callable[[Broken], None], faults: list[str]):
    with pikepdf.open(io.BytesIO(good())) as document:
        change(document)
        broken = io.BytesIO()
        document.save(broken)
    found = faults_of(broken.getvalue())
    assert sorted(found) == sorted(faults)
