"""OpenDocument spreadsheets as programs write them, and as nobody should."""

import datetime
from collections.abc import Iterable, Mapping
from xml.sax.saxutils import escape, quoteattr

from xlsxwriter.utility import xl_cell_to_rowcol

from tests.factories.workbooks import packed

CONTENT, MANIFEST = "content.xml", "META-INF/manifest.xml"
SPREADSHEET = b"application/vnd.oasis.opendocument.spreadsheet"
NAMESPACES = " ".join(
    f'xmlns:{prefix}="urn:oasis:names:tc:opendocument:xmlns:{name}:1.0"'
    for prefix, name in {
        "office": "office",
        "table": "table",
        "text": "text",
        "style": "style",
        "draw": "drawing",
        "script": "script",
        "manifest": "manifest",
    }.items()
)
# As LibreOffice ends a sheet, and widens it.
REST_OF_ROW = '<table:table-cell table:number-columns-repeated="16377"/>'
REST_OF_SHEET = (
    '<table:table-row table:number-rows-repeated="1048553">'
    '<table:table-cell table:number-columns-repeated="16384"/></table:table-row>'
)


def spreadsheet(rows: Iterable[Iterable[object]], *, formulas: Mapping[str, str] | None = None) -> bytes:
    """A spreadsheet of one sheet, Sheet1; formulas at "E2"."""
    return packed(parts_with(table_of(rows, formulas=formulas)))


def parts_with(tables: str, *, styles: str = "", entries: str = "", before: str = "") -> dict[str, bytes]:
    """The parts of a spreadsheet with these tables, as XML."""
    content = (
        f"<office:document-content {NAMESPACES}><office:scripts/>{before}"
        f"<office:automatic-styles>{style('ta1')}{style('ta2', display='false')}{styles}</office:automatic-styles>"
        f"<office:body><office:spreadsheet><table:calculation-settings/>{tables}"
        "<table:named-expressions/></office:spreadsheet></office:body></office:document-content>"
    )
    manifest = (
        f"<manifest:manifest {NAMESPACES}>"
        f'<manifest:file-entry manifest:full-path="/" manifest:media-type="{SPREADSHEET.decode()}"/>'
        '<manifest:file-entry manifest:full-path="content.xml" manifest:media-type="text/xml"/>'
        f"{entries}</manifest:manifest>"
    )
    declared = '<?xml version="1.0" encoding="UTF-8"?>\n'
    return {
        "mimetype": SPREADSHEET,
        CONTENT: (declared + content).encode(),
        MANIFEST: (declared + manifest).encode(),
    }


def style(name: str, *, display: str = "true") -> str:
    return (
        f'<style:style style:name="{name}" style:family="table">'
        f'<style:table-properties table:display="{display}"/></style:style>'
    )


def table(xml: str, *, name: str = "Sheet1", style: str = "ta1") -> str:
    """A sheet, its rows as XML."""
    return (
        f'<table:table table:name={quoteattr(name)} table:style-name="{style}">'
        f'<table:table-column table:number-columns-repeated="16384"/>{xml}</table:table>'
    )


def table_of(
    rows: Iterable[Iterable[object]],
    *,
    formulas: Mapping[str, str] | None = None,
    name: str = "Sheet1",
    style: str = "ta1",
) -> str:
    of = {xl_cell_to_rowcol(place): formula for place, formula in (formulas or {}).items()}
    xml = [
        row_with(*(cell(each, formula=of.get((line, column), "")) for column, each in enumerate(cells)), REST_OF_ROW)
        for line, cells in enumerate(rows)
    ]
    return table("".join([*xml, REST_OF_SHEET]), name=name, style=style)


def row_with(*cells: str, repeated: int = 1) -> str:
    times = f' table:number-rows-repeated="{repeated}"' if repeated > 1 else ""
    return f"<table:table-row{times}>{''.join(cells)}</table:table-row>"


def cell(value: object, *, formula: str = "", repeated: int = 1) -> str:
    attributes, text = typed(value)
    if formula:
        attributes += f" table:formula={quoteattr(formula)}"
    if repeated > 1:
        attributes += f' table:number-columns-repeated="{repeated}"'
    return f"<table:table-cell{attributes}>{text}</table:table-cell>"


def typed(value: object) -> tuple[str, str]:
    """What a cell says of its value, and what stands in it."""
    match value:
        case None | "":
            return "", ""
        case bool():
            return _attributes("boolean", "boolean-value", str(value).lower()), _paragraphs(str(value).upper())
        case int() | float():
            return _attributes("float", "value", str(value)), _paragraphs(str(value))
        case datetime.date():
            return _attributes("date", "date-value", value.isoformat()), _paragraphs(f"{value:%d/%m/%y}")
        case datetime.timedelta():
            seconds = int(value.total_seconds())
            clock = f"PT{seconds // 3600:02}H{seconds // 60 % 60:02}M{seconds % 60:02}S"
            return _attributes("time", "time-value", clock), _paragraphs(str(value))
    return ' office:value-type="string"', _paragraphs(str(value))


def _attributes(kind: str, name: str, value: str) -> str:
    return f' office:value-type="{kind}" office:{name}="{value}"'


def _paragraphs(text: str) -> str:
    return "".join(f"<text:p>{escape(each)}</text:p>" for each in text.split("\n"))
