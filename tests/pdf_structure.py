"""Can a screen reader make sense of a PDF? What is wrong with its tags, in sentences, found without the program that
made it: structure tree and content streams are read with pikepdf, and held against each other."""

import io
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import pikepdf
from pikepdf import Array, Dictionary, Name, Object

PAINTING = {"Tj", "TJ", "'", '"', "f", "F", "f*", "B", "B*", "b", "b*", "S", "s", "sh", "Do", "INLINE IMAGE"}
HEADINGS = {f"/H{level}": level for level in range(1, 7)}
STANDARD = {
    *("/Document", "/Div", "/P", "/Span", "/Strong", "/Em", "/Link", "/Reference", "/Figure", "/Caption"),
    *("/TOC", "/TOCI", "/L", "/LI", "/Lbl", "/LBody", "/Table", "/THead", "/TBody", "/TFoot", "/TR", "/TH", "/TD"),
    *HEADINGS,
}
KIDS = {
    "/Table": {"/Caption", "/THead", "/TBody", "/TFoot", "/TR"},
    "/THead": {"/TR"},
    "/TBody": {"/TR"},
    "/TFoot": {"/TR"},
    "/TR": {"/TH", "/TD"},
    "/L": {"/LI", "/L", "/Caption"},
    "/LI": {"/Lbl", "/LBody"},
    "/TOC": {"/TOCI", "/TOC", "/Caption"},
}
# Parts that stand beside each other may each go on over the page, so what comes next in reading order may begin on an
# earlier page: the cells of a row that breaks, and of a grid (which Typst tags as a Div of Divs).
BESIDE = {"/TR", "/Div"}

type Place = tuple[int, int]  # of an object in its file


@dataclass(frozen=True)
class Leaf:
    """A piece of a page that the structure tree reaches, and the elements that it is in, the outermost first."""

    page: int
    mcid: int
    path: tuple[Object, ...]


def faults_of(pdf: bytes) -> list[str]:
    """What is wrong, a sentence each, none of them twice; empty for a file that is as it should be."""
    with pikepdf.open(io.BytesIO(pdf)) as document:
        root = document.Root
        if Name.StructTreeRoot not in root:
            return ["There is no structure tree"]
        return list(dict.fromkeys(Checked(document).faults()))


class Checked:
    """A document, with what its structure tree says of its pages."""

    def __init__(self, document: pikepdf.Pdf) -> None:
        self.document = document
        self.tree = document.Root.StructTreeRoot
        self.numbers: dict[Any, int] = {page.objgen: number for number, page in enumerate(document.pages, start=1)}
        self.elements: list[tuple[Object, tuple[Object, ...]]] = []
        self.leaves: list[Leaf] = []
        self.linked: dict[Place, Object] = {}  # the element of each annotation
        self.found: list[str] = []
        self.walk(self.tree, ())

    def walk(self, element: Object, above: tuple[Object, ...]) -> None:
        path = (*above, element)
        for kid in kids_of(element):
            if isinstance(kid, int):
                self.leaf(element.get(Name.Pg), kid, path)
            elif kid.get(Name.Type) == Name.MCR:
                self.leaf(kid.get(Name.Pg, element.get(Name.Pg)), kid.MCID, path)
            elif kid.get(Name.Type) == Name.OBJR:
                self.linked[kid.Obj.objgen] = element
            else:
                if kid.get(Name.P) is None or kid.P.objgen != element.objgen:
                    self.found.append(f"{name(kid)}: its parent is another than the element that it is in")
                self.elements.append((kid, path))
                self.walk(kid, path)

    def leaf(self, page: Object | None, mcid: Any, path: tuple[Object, ...]) -> None:
        number = 0 if page is None else self.numbers.get(page.objgen, 0)
        self.leaves.append(Leaf(number, int(mcid), path))

    def faults(self) -> Iterator[str]:
        yield from self.found
        yield from self.of_the_document()
        yield from self.of_headings()
        yield from self.of_elements()
        yield from self.of_contents()
        yield from self.of_pages()
        yield from self.of_reading_order()
        yield from self.of_links()
        yield from self.of_fonts()

    def all(self, *kinds: str) -> list[Object]:
        return [element for element, _ in self.elements if name(element) in kinds]

    # --- The document -----------------------------------------------------------------------------

    def of_the_document(self) -> Iterator[str]:
        root = self.document.Root
        if not str(root.get(Name.Lang, "")):
            yield "The document names no language"
        if not root.get(Name.MarkInfo, Dictionary()).get("/Marked"):
            yield "The document doesn't say that it is tagged"
        if not root.get(Name.ViewerPreferences, Dictionary()).get("/DisplayDocTitle"):
            yield "The window shows the name of the file, not the document's title"
        with self.document.open_metadata() as metadata:
            if not str(metadata.get("dc:title", "")).strip():
                yield "The document has no title"
            if metadata.get("pdfuaid:part") != "1":
                yield "The document doesn't say that it is PDF/UA-1"

    def of_headings(self) -> Iterator[str]:
        levels = [HEADINGS[name(heading)] for heading in self.all(*HEADINGS)]
        if levels.count(1) != 1:
            yield f"There are {levels.count(1)} headings of level 1"
        if levels and levels[0] != 1:
            yield f"The first heading is of level {levels[0]}"
        for before, after in pairwise(levels):
            if after > before + 1:
                yield f"A heading of level {after} comes after one of level {before}"
        bookmarks = self.document.Root.get(Name.Outlines)
        count = 0 if bookmarks is None else len(list(items_below(bookmarks)))
        if count != len(levels):
            yield f"There are {len(levels)} headings and {count} bookmarks"

    def of_contents(self) -> Iterator[str]:
        if self.all("/H2") and len(self.document.pages) > 2 and not self.all("/TOCI"):
            yield "There is no table of contents"
        for entry in self.all("/TOCI"):
            if not any(name(each) == "/Link" for each in below(entry)):
                yield "An entry of the contents leads nowhere"

    # --- Elements ---------------------------------------------------------------------------------

    def of_elements(self) -> Iterator[str]:
        for element, path in self.elements:
            kind = name(element)
            if kind not in STANDARD:
                yield f"{kind} isn't a standard element"
            if (allowed := KIDS.get(name(path[-1]))) and kind not in allowed:
                yield f"{kind} stands in {name(path[-1])}"
            if kind == "/Figure" and not str(element.get(Name.Alt, "")).strip():
                yield "A figure has no words in its place"
            if kind == "/Table":
                yield from of_table(element)

    # --- Pages ------------------------------------------------------------------------------------

    def of_pages(self) -> Iterator[str]:
        parents = dict(numbered(self.tree.get(Name.ParentTree, Dictionary())))
        for number, page in enumerate(self.document.pages, start=1):
            here = {leaf.mcid: leaf for leaf in self.leaves if leaf.page == number}
            painted, faults = marked_content(page)
            yield from (f"Page {number}: {fault}" for fault in faults)
            marked = set(painted)
            if len(marked) < len(painted):
                yield f"Page {number}: two pieces have the same number"
            if marked - set(here):
                yield f"Page {number}: a piece is marked, but the structure tree doesn't reach it"
            if set(here) - marked:
                yield f"Page {number}: the structure tree reaches a piece that isn't there"
            listed = parents.get(int(page.obj.get(Name.StructParents, -1)), Array())
            for mcid, leaf in here.items():
                if mcid >= len(listed) or listed[mcid] is None or listed[mcid].objgen != leaf.path[-1].objgen:
                    yield f"Page {number}: the parent tree leads to another element than the one of a piece"
        for leaf in self.leaves:
            if not leaf.page:
                yield "The structure tree reaches a page that isn't in the document"

    def of_reading_order(self) -> Iterator[str]:
        for before, after in pairwise(self.leaves):
            if 0 < after.page < before.page and name(shared(before, after)) not in BESIDE:
                yield f"Page {after.page} is read after page {before.page}"
        for number, page in enumerate(self.document.pages, start=1):
            painted, _ = marked_content(page)
            places = {mcid: place for place, mcid in enumerate(painted)}
            read = [places[leaf.mcid] for leaf in self.leaves if leaf.page == number and leaf.mcid in places]
            if read != sorted(read):
                yield f"Page {number}: pieces are read in another order than they stand in"
            if len(read) != len(set(read)):
                yield f"Page {number}: a piece is read twice"

    def of_links(self) -> Iterator[str]:
        parents = dict(numbered(self.tree.get(Name.ParentTree, Dictionary())))
        for number, page in enumerate(self.document.pages, start=1):
            annotations = list(page.obj.get(Name.Annots, []))
            if annotations and page.obj.get(Name.Tabs) != Name.S:
                yield f"Page {number}: the tab key doesn't follow the structure"
            for annotation in annotations:
                element = self.linked.get(annotation.objgen)
                parent = parents.get(int(annotation.get(Name.StructParent, -1)))
                if element is None:
                    yield f"Page {number}: the structure tree doesn't reach a link"
                elif name(element) != "/Link":
                    yield f"Page {number}: a link stands in {name(element)}"
                elif parent is None or parent.objgen != element.objgen:
                    yield f"Page {number}: the parent tree leads to another element than the one of a link"
                if not str(annotation.get(Name.Contents, "")).strip():
                    yield f"Page {number}: a link has no words"

    def of_fonts(self) -> Iterator[str]:
        for font in fonts_of(self.document):
            called = str(font.get(Name.BaseFont, "a font"))
            within = font.DescendantFonts[0] if Name.DescendantFonts in font else font
            description = within.get(Name.FontDescriptor, Dictionary())
            if not any(f"/FontFile{kind}" in description for kind in ("", 2, 3)):
                yield f"{called} isn't embedded"
            if Name.ToUnicode not in font:
                yield f"{called} doesn't say which characters its shapes are"


# --- Tables ---------------------------------------------------------------------------------------


def of_table(table: Object) -> Iterator[str]:
    """A header row of columns' headers, unless the table is no more than a label and a text in each row; and a header
    at the beginning of each other row."""
    rows = [(row, name(part)) for part in elements_of(table) for row in [part, *below(part)] if name(row) == "/TR"]
    widths = set()
    for row, part in rows:
        cells = elements_of(row)
        widths.add(sum(int(attribute(cell, "/ColSpan") or 1) for cell in cells))
        if part == "/THead":
            if any(name(cell) != "/TH" or attribute(cell, "/Scope") != "/Column" for cell in cells):
                yield "A cell above a column isn't its header"
        elif not cells or name(cells[0]) != "/TH" or attribute(cells[0], "/Scope") != "/Row":
            yield "A row doesn't begin with its header"
        if any(attribute(cell, "/Headers") is not None for cell in cells if name(cell) == "/TD"):
            yield "A list of headers hides the header of a row"
    if len(widths) > 1:
        yield "The rows of a table aren't of the same length"
    if not rows:
        yield "A table has no rows"
    elif not any(part == "/THead" for _, part in rows) and widths != {2}:
        yield "A table has no row of headers"


def attribute(element: Object, called: str) -> Any:
    """An attribute of an element, whichever of its dictionaries it is in."""
    held: Any = element.get(Name.A, [])
    for each in held if isinstance(held, Array) else [held]:
        if isinstance(each, Dictionary) and called in each:
            value = each[called]
            return str(value) if isinstance(value, Name) else value
    return None


# --- The structure tree ---------------------------------------------------------------------------


def name(element: Object) -> str:
    return str(element.get(Name.S, ""))


def kids_of(element: Object) -> list[Any]:
    """Elements, references to pieces of pages and to annotations, and numbers of pieces."""
    kids: Any = element.get(Name.K, [])
    return list(kids) if isinstance(kids, Array) else [kids]


def elements_of(element: Object) -> list[Object]:
    return [kid for kid in kids_of(element) if isinstance(kid, Dictionary) and Name.S in kid]


def below(element: Object) -> Iterator[Object]:
    for kid in elements_of(element):
        yield kid
        yield from below(kid)


def shared(one: Leaf, other: Leaf) -> Object:
    """The innermost element that both are in."""
    *_, last = (mine for mine, theirs in zip(one.path, other.path, strict=False) if mine.objgen == theirs.objgen)
    return last


def numbered(tree: Object) -> Iterator[tuple[int, Any]]:
    """A number tree, as pairs of numbers and values."""
    for kid in tree.get(Name.Kids, []):
        yield from numbered(kid)
    flat = list(tree.get(Name.Nums, []))
    yield from zip(map(int, flat[::2]), flat[1::2], strict=True)


def items_below(bookmark: Object) -> Iterator[Object]:
    item = bookmark.get(Name.First)
    while item is not None:
        yield item
        yield from items_below(item)
        item = item.get(Name.Next)


# --- Content streams ------------------------------------------------------------------------------


def marked_content(page: pikepdf.Page) -> tuple[list[int], list[str]]:
    """The numbers of a page's marked pieces in order, and what is wrong with what it paints."""
    pieces: list[int] = []
    faults: list[str] = []
    marks: list[str] = []  # those that are open: "artifact", "piece", or "" for any other
    for instruction in pikepdf.parse_content_stream(page):
        operator = str(instruction.operator)
        if operator in {"BDC", "BMC"}:
            kind = kind_of_mark(instruction.operands)
            if kind == "piece":
                pieces.append(int(instruction.operands[1].MCID))
            if kind and any(marks):
                faults.append("something is marked twice")
            marks.append(kind)
        elif operator == "EMC":
            marks.pop()
        elif operator in PAINTING and not any(marks):
            faults.append("something is painted that is neither tagged nor an artifact")
        if operator == "Do" and has_marks(page, instruction.operands[0]):
            faults.append("a form has marks of its own")
    if marks:
        faults.append("a mark never ends")
    return pieces, faults


def kind_of_mark(operands: Any) -> str:
    if operands[0] == Name.Artifact:
        return "artifact"
    properties = operands[1] if len(operands) > 1 else None
    return "piece" if isinstance(properties, Dictionary) and Name.MCID in properties else ""


def has_marks(page: pikepdf.Page, called: Any) -> bool:
    form = page.resources.XObject[str(called)]
    return form.get(Name.Subtype) == Name.Form and Name.StructParents in form


def fonts_of(document: pikepdf.Pdf) -> Iterator[Object]:
    for each in document.objects:
        if isinstance(each, Dictionary) and each.get(Name.Type) == Name.Font and Name.CIDSystemInfo not in each:
            yield each
