"""Which files can’t hold a table, by their first bytes and whatever their names say? Pure."""

# The first bytes of each kind of file.
KINDS = {
    b"%PDF": "a PDF",
    b"\xd0\xcf\x11\xe0": "an old Excel file (.xls), or one with a password",
    b"\x89PNG": "a picture",
    b"\xff\xd8\xff": "a picture",
    b"GIF8": "a picture",
    b"\x1f\x8b": "a compressed file",
    b"{\\rtf": "a text document",
    b"<!DOCTYPE": "a web page",
    b"<html": "a web page",
    b"<?xml": "XML",
    b"\xff\xfe": "text in UTF-16",
    b"\xfe\xff": "text in UTF-16",
}
FLAT = (b"<office:document ", b"application/vnd.oasis.opendocument.")
BEGINNING = 16_000  # bytes: flat files name many namespaces before they say what they are


def refuse_kind(content: bytes) -> str:
    """Return a sentence for a file that can't hold a table; empty where it may hold one."""
    if content.startswith(b"<?xml") and all(mark in content[:BEGINNING] for mark in FLAT):
        return "This is a flat OpenDocument file (.fods). Save it as a spreadsheet (.ods)."
    for beginning, kind in KINDS.items():
        if content.startswith(beginning):
            return f"This file is {kind}, whatever its name says. Send a workbook (.xlsx or .ods) or CSV."
    return ""
