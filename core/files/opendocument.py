"""Write figures as an OpenDocument spreadsheet, with the same sheets as a workbook (core.files.sheets). Pure.

Text is text and never a formula. Nothing is hidden, and nobody is named. The same figures give the same bytes.
"""

import io
import re
import zipfile
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime
from xml.sax.saxutils import escape, quoteattr

from core.files.sheets import (
    INK,
    LONGEST_CELL,
    RULE,
    TERM_WIDTH,
    USUAL_WIDTH,
    WASH,
    WIDTHS,
    WORDS_WIDTH,
    NoteSection,
    Sheet,
)

MIMETYPE = "application/vnd.oasis.opendocument.spreadsheet"
DECLARED = '<?xml version="1.0" encoding="UTF-8"?>\n'
SAME_TIME = (1980, 1, 1, 0, 0, 0)  # of each part: the archive's own times would give different bytes
# XML has no place for these.
NO_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
# A paragraph has no place for these as they are.
NOT_PLAIN = re.compile(r"[\t\r\n]|^ | $|  ")
CM_A_CHARACTER = 0.21

NAMESPACES = " ".join(
    f'xmlns:{prefix}="urn:oasis:names:tc:opendocument:xmlns:{name}:1.0"'
    for prefix, name in {
        "office": "office",
        "table": "table",
        "text": "text",
        "style": "style",
        "number": "datastyle",
        "fo": "xsl-fo-compatible",
        "svg": "svg-compatible",
        "meta": "meta",
        "config": "config",
        "manifest": "manifest",
    }.items()
)
DC = 'xmlns:dc="http://purl.org/dc/elements/1.1/"'
# LibreOffice looks for the name of its settings in this namespace.
OOO = 'xmlns:ooo="http://openoffice.org/2004/office"'


def as_spreadsheet(
    columns: Sequence[str],
    rows: Iterable[Sequence[str | float | None]],
    *,
    title: str,
    marking: str,
    notes: Sequence[NoteSection],
    made_at: datetime,
    more: Sequence[Sheet] = (),
) -> bytes:
    tables = write_content(columns, list(rows), title=title, marking=marking, notes=notes, more=more)
    above = 1 if marking else 0  # rows above the header
    return pack(tables, title=title, marking=marking, made_at=made_at, sheet="Figures", rows_in_view=above + 1)


def pack(
    content: str,
    *,
    title: str,
    marking: str,
    made_at: datetime | None,
    sheet: str,
    rows_in_view: int,
    columns_in_view: int = 0,
) -> bytes:
    """Return the file with this content. The first rows and columns of the sheet stay in view."""
    parts = {
        "content.xml": content,
        "styles.xml": write_styles(marking),
        "meta.xml": write_meta(title, marking, made_at),
        "settings.xml": write_settings(sheet, rows_in_view, columns_in_view),
        "META-INF/manifest.xml": write_manifest(),
    }
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        # The first, and not compressed: that is how a program knows the file.
        add_part(archive, "mimetype", MIMETYPE, zipfile.ZIP_STORED)
        for name, part in parts.items():
            add_part(archive, name, DECLARED + part, zipfile.ZIP_DEFLATED)
    return packed.getvalue()


def add_part(archive: zipfile.ZipFile, name: str, text: str, compression: int) -> None:
    info = zipfile.ZipInfo(name, SAME_TIME)
    info.compress_type = compression
    archive.writestr(info, text.encode())


# --- Cells ---------------------------------------------------------------------------------------------------------


def write_cell(cell: str | float | None, style: str = "text") -> str:
    """Return a cell; an empty one for None or an empty text."""
    if isinstance(cell, str):
        return write_text(cell, style) if cell else "<table:table-cell/>"
    if cell is None:
        return "<table:table-cell/>"
    style = "count" if isinstance(cell, int) else "figure"
    return (
        f'<table:table-cell table:style-name="{style}" office:value-type="float" office:value="{cell!r}">'
        f"<text:p>{cell}</text:p></table:table-cell>"
    )


def write_text(text: str, style: str, *, more: str = "", note: str = "") -> str:
    """Return a cell with a text, perhaps with `more` attributes, and a note that people see when they point at it."""
    text = NO_XML.sub("", text)[:LONGEST_CELL]
    # The paragraphs are what people see. Where they can't say it exactly, the attribute does.
    exact = f" office:string-value={quote(text)}" if NOT_PLAIN.search(text) else ""
    paragraphs = "".join(f"<text:p>{write_line(line)}</text:p>" for line in re.split(r"\r\n|\r|\n", text))
    opening = f'<table:table-cell table:style-name="{style}" office:value-type="string"{exact}{more}>'
    note = f"<office:annotation><text:p>{escape(NO_XML.sub('', note))}</text:p></office:annotation>" if note else ""
    return f"{opening}{note}{paragraphs}</table:table-cell>"


def quote(text: str) -> str:
    return quoteattr(text, {"\n": "&#10;", "\r": "&#13;", "\t": "&#9;"})


def write_line(line: str) -> str:
    """Return a line of a paragraph. XML would join its spaces and drop those at its ends."""
    return "".join(map(write_part, re.split(r"(\t|^ +| +$| {2,})", line)))


def write_part(part: str) -> str:
    if part == "\t":
        return "<text:tab/>"
    # Spaces between two parts are more than one, so a single one within words stays as it is.
    return f'<text:s text:c="{len(part)}"/>' if part and not part.strip(" ") else escape(part)


def write_row(cells: Iterable[str]) -> str:
    return f"<table:table-row>{''.join(cells)}</table:table-row>"


# --- Sheets --------------------------------------------------------------------------------------------------------


def write_content(
    columns: Sequence[str],
    rows: Sequence[Sequence[str | float | None]],
    *,
    title: str,
    marking: str,
    notes: Sequence[NoteSection],
    more: Sequence[Sheet] = (),
) -> str:
    widths = [WIDTHS.get(name, USUAL_WIDTH) for name in columns]
    figures = "".join(write_figures(columns, rows, marking))
    last = f"{name_column(len(columns) - 1)}{len(rows) + (2 if marking else 1)}"
    first = f"A{2 if marking else 1}"
    every = {WIDTHS.get(name, USUAL_WIDTH) for sheet in more for name in sheet.columns}
    sheets = "".join(
        write_table(
            sheet.name,
            [WIDTHS.get(name, USUAL_WIDTH) for name in sheet.columns],
            "".join(write_figures(sheet.columns, sheet.rows, marking)),
            like="figures",
        )
        for sheet in more
    )
    return (
        f'<office:document-content {NAMESPACES} office:version="1.3">'
        f"<office:automatic-styles>{write_widths({*widths, *every, TERM_WIDTH, WORDS_WIDTH})}{CELL_STYLES}"
        "</office:automatic-styles><office:body><office:spreadsheet>"
        f"{write_table('Figures', widths, figures)}{sheets}"
        f"{write_table('Notes', [TERM_WIDTH, WORDS_WIDTH], ''.join(write_notes(title, marking, notes)))}"
        '<table:database-ranges><table:database-range table:name="figures" table:display-filter-buttons="true" '
        f'table:target-range-address="Figures.{first}:Figures.{last}"/></table:database-ranges>'
        "</office:spreadsheet></office:body></office:document-content>"
    )


def write_table(name: str, widths: Sequence[int], rows: str, *, like: str = "") -> str:
    """Return a sheet. Its pages look as those of its own name, or `like` another's."""
    columns = "".join(f'<table:table-column table:style-name="w{width}"/>' for width in widths)
    return f'<table:table table:name="{name}" table:style-name="{like or name.lower()}">{columns}{rows}</table:table>'


def write_figures(columns: Sequence[str], rows: Sequence[Sequence[str | float | None]], marking: str) -> Iterator[str]:
    if marking:
        yield write_row([write_text(marking, "marking")])
    heads = (write_text(name, "head") for name in columns)
    yield f"<table:table-header-rows>{write_row(heads)}</table:table-header-rows>"
    styles = ["note" if name == "note" else "text" for name in columns]
    for cells in rows:
        yield write_row(map(write_cell, cells, styles))


def write_notes(title: str, marking: str, notes: Sequence[NoteSection]) -> Iterator[str]:
    if marking:
        yield write_row([write_text(marking, "marking")])
    yield write_row([write_text(title, "title")])
    for section in notes:
        if not section.entries:
            continue
        yield write_row(["<table:table-cell/>"])
        yield write_row([write_text(section.heading, "heading")])
        for term, words in section.entries:
            yield write_row([write_text(term, "note"), write_text(words, "note")])


def name_column(place: int) -> str:
    """Return "A", "Z" or "AA"."""
    name = ""
    while place >= 0:
        name = chr(ord("A") + place % 26) + name
        place = place // 26 - 1
    return name


# --- Looks ---------------------------------------------------------------------------------------------------------


def write_widths(widths: Iterable[int]) -> str:
    return "".join(
        f'<style:style style:name="w{width}" style:family="table-column">'
        f'<style:table-column-properties style:column-width="{width * CM_A_CHARACTER:.2f}cm"/></style:style>'
        for width in sorted(widths)
    )


def cell_style(name: str, *, text: str = "", cell: str = "", data: str = "") -> str:
    data = f' style:data-style-name="{data}"' if data else ""
    return (
        f'<style:style style:name="{name}" style:family="table-cell" style:parent-style-name="Default"{data}>'
        f'<style:table-cell-properties style:vertical-align="top"{cell}/><style:text-properties{text}/></style:style>'
    )


BOLD = ' fo:font-weight="bold"'
CELL_STYLES = "".join(
    (
        *(
            f'<style:style style:name="{name}" style:family="table" style:master-page-name="{name}">'
            '<style:table-properties table:display="true"/></style:style>'
            for name in ("figures", "notes")
        ),
        '<number:number-style style:name="n0"><number:number number:min-integer-digits="1" '
        'number:decimal-places="0" number:grouping="true"/></number:number-style>'
        '<number:number-style style:name="n2"><number:number number:min-integer-digits="1" '
        'number:decimal-places="2" number:min-decimal-places="2" number:grouping="true"/></number:number-style>',
        cell_style("marking", text=BOLD),
        cell_style("title", text=f'{BOLD} fo:font-size="15pt"'),
        cell_style("heading", text=f'{BOLD} fo:font-size="12pt"'),
        cell_style(
            "head",
            text=BOLD,
            cell=f' fo:background-color="{WASH}" fo:border-bottom="0.5pt solid {RULE}" fo:wrap-option="wrap"',
        ),
        cell_style("text"),
        cell_style("note", cell=' fo:wrap-option="wrap"'),
        cell_style("count", data="n0"),
        cell_style("figure", data="n2"),
    )
)


def write_styles(marking: str) -> str:
    """Return the font, and the pages: A4, with the marking above and below."""
    marked = escape(NO_XML.sub("", marking))
    layouts, masters = "", ""
    for name, wide, high, way in (("figures", "29.7", "21", "landscape"), ("notes", "21", "29.7", "portrait")):
        layouts += (
            f'<style:page-layout style:name="{name}-page"><style:page-layout-properties fo:page-width="{wide}cm" '
            f'fo:page-height="{high}cm" style:print-orientation="{way}" style:scale-to-X="1" style:scale-to-Y="0"/>'
            "</style:page-layout>"
        )
        masters += (
            f'<style:master-page style:name="{name}" style:page-layout-name="{name}-page">'
            f"<style:header><text:p>{marked}</text:p></style:header>"
            f"<style:footer><text:p>{marked} Page <text:page-number>1</text:page-number> of "
            "<text:page-count>1</text:page-count></text:p></style:footer></style:master-page>"
        )
    return (
        f'<office:document-styles {NAMESPACES} office:version="1.3"><office:styles>'
        '<style:style style:name="Default" style:family="table-cell"><style:text-properties '
        f'style:font-name="Arial" fo:font-family="Arial" fo:font-size="11pt" fo:color="{INK}" '
        'fo:language="en" fo:country="GB"/></style:style>'
        f"</office:styles><office:automatic-styles>{layouts}</office:automatic-styles>"
        f"<office:master-styles>{masters}</office:master-styles></office:document-styles>"
    )


def write_meta(title: str, marking: str, made_at: datetime | None) -> str:
    created = made_at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S") if made_at else ""
    days = f"<meta:creation-date>{created}</meta:creation-date><dc:date>{created}</dc:date>" if created else ""
    title, marking = (escape(NO_XML.sub("", text)) for text in (title, marking))
    return (
        f'<office:document-meta {NAMESPACES} {DC} office:version="1.3"><office:meta>'
        "<meta:generator>V+V Dashboard</meta:generator>"
        f"<dc:title>{title}</dc:title><dc:subject>{marking}</dc:subject><meta:keyword>{marking}</meta:keyword>"
        "<meta:initial-creator>V+V Dashboard</meta:initial-creator><dc:creator>V+V Dashboard</dc:creator>"
        f"{days}</office:meta></office:document-meta>"
    )


def write_settings(sheet: str, rows: int, columns: int) -> str:
    """Return the settings that keep the first rows and columns of a sheet in view."""

    def item(name: str, kind: str, value: object) -> str:
        return f'<config:config-item config:name="{name}" config:type="{kind}">{value}</config:config-item>'

    split = "".join(
        (
            item("HorizontalSplitMode", "short", 2 if columns else 0),
            item("VerticalSplitMode", "short", 2),
            item("HorizontalSplitPosition", "int", columns),
            item("VerticalSplitPosition", "int", rows),
            item("ActiveSplitRange", "short", 3 if columns else 2),
            item("PositionLeft", "int", 0),
            item("PositionRight", "int", columns),
            item("PositionTop", "int", 0),
            item("PositionBottom", "int", rows),
        )
    )
    return (
        f'<office:document-settings {NAMESPACES} {OOO} office:version="1.3"><office:settings>'
        '<config:config-item-set config:name="ooo:view-settings"><config:config-item-map-indexed config:name="Views">'
        f"<config:config-item-map-entry>{item('ViewId', 'string', 'view1')}"
        '<config:config-item-map-named config:name="Tables"><config:config-item-map-entry '
        f'config:name="{sheet}">'
        f"{split}</config:config-item-map-entry></config:config-item-map-named>"
        f"{item('ActiveTable', 'string', sheet)}"
        "</config:config-item-map-entry></config:config-item-map-indexed></config:config-item-set>"
        "</office:settings></office:document-settings>"
    )


def write_manifest() -> str:
    entries = "".join(
        f'<manifest:file-entry manifest:full-path="{name}" manifest:media-type="text/xml"/>'
        for name in ("content.xml", "styles.xml", "meta.xml", "settings.xml")
    )
    return (
        f'<manifest:manifest {NAMESPACES} manifest:version="1.3">'
        f'<manifest:file-entry manifest:full-path="/" manifest:version="1.3" manifest:media-type="{MIMETYPE}"/>'
        f"{entries}</manifest:manifest>"
    )
