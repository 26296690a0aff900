"""What does Typst leave untagged? The headers of rows, which a short pass over its file adds."""

import io
from collections.abc import Iterator
from typing import Any

import pikepdf
from pikepdf import Name


def with_row_headers(pdf: bytes) -> bytes:
    """Tag the first cell of each row as the row's header.

    Typst tags the header of a table, but not of a row. Without that, a screen reader can't say which indicator a figure
    belongs to. Typst also lists the headers of each cell. That list would hide the row's header, so it is removed, and
    readers find both headers by their scope.
    """
    with pikepdf.open(io.BytesIO(pdf)) as document:
        for row in rows_below(document.Root.StructTreeRoot):
            for place, cell in enumerate(list_children(row)):
                if cell.S != Name.TD:
                    continue
                (attributes,) = (each for each in cell.A if Name.Table == each.O)
                del attributes[Name.Headers]
                if place == 0:
                    cell.S, attributes.Scope = Name.TH, Name.Row
        for page in document.pages:
            for link in page.obj.get(Name.Annots, []):
                link.Contents = str(link.Contents).strip()  # its text starts with a space, because it has no number
        tagged = io.BytesIO()
        # The same pack must always give the same bytes.
        document.save(tagged, deterministic_id=True)
    return tagged.getvalue()


def rows_below(element: pikepdf.Object) -> Iterator[pikepdf.Object]:
    """Yield each table row below an element of the structure tree."""
    for kid in list_children(element):
        if kid.get(Name.S) == Name.TR:
            yield kid
        else:
            yield from rows_below(kid)


def list_children(element: pikepdf.Object) -> list[pikepdf.Object]:
    """Yield the elements directly below one. Content of the page itself is a number, not an element."""
    kids: Any = element.get(Name.K)
    each = kids if isinstance(kids, pikepdf.Array) else [kids]
    return [kid for kid in each if isinstance(kid, pikepdf.Dictionary)]
