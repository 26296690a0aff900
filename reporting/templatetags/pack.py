"""A pack as a page: the parts that its template can't do, which are its contents, pictures and tables."""

from collections.abc import Mapping
from typing import Any

from django import template
from django.utils.safestring import SafeString

from core.pages import as_markup

register = template.Library()

MOST_COLUMNS, MOST_UNITS = 3, 490  # for a table, for a picture: anything wider scrolls on a phone
GLYPHS = {"up": "up", "down": "down", "level": "level", "": ""}  # by a cell's arrow: its name in components/arrows.html

type Data = Mapping[str, Any]  # a part of a pack, as JSON


@register.filter
def contents(pack: Data) -> list[tuple[str, str, list[tuple[str, str]]]]:
    """Return the chapters by key and title, each with the headings that start a page."""
    return [
        (
            chapter["key"],
            chapter["title"],
            [
                (block["key"], block["text"])
                for block in chapter["blocks"]
                if block["kind"] == "heading" and block["starts_page"]
            ],
        )
        for chapter in pack["chapters"]
    ]


@register.filter
def is_wide(block: Data) -> bool:
    if block["kind"] == "table":
        return len(block["columns"]) > MOST_COLUMNS
    return int(block["width"]) > MOST_UNITS


@register.filter
def drawing(picture: Data) -> SafeString:
    """Return the picture's SVG unchanged. It is safe: reporting.charts drew it and escaped each text, and nobody can
    change a stored pack.
    """
    return as_markup(str(picture["svg"]))


@register.filter
def address(photos: Mapping[str, str], sha256: str) -> str:
    """Return a photo's address, which the page that shows the pack gives."""
    return photos[sha256]


@register.filter
def glyph(movement: str) -> str:
    """Return the name of an arrow. Raises KeyError for a movement that has none."""
    return GLYPHS[movement]


@register.filter
def parts(table: Data) -> dict[str, list[list[tuple[Data, bool, Data | None]]]]:
    """Return the rows of a table's body and foot: each cell, whether its column has numbers, and its mark. Packs issued
    before November 2026 have no marks.
    """
    numbers = [bool(column["is_number"]) for column in table["columns"]]
    marks = {mark["look"]: mark for mark in table.get("marks", ())}
    rows = [
        [(cell, is_number, marks.get(cell.get("mark", ""))) for cell, is_number in zip(row, numbers, strict=True)]
        for row in table["rows"]
    ]
    foot = rows[-1:] if table["has_total"] else []
    return {"body": rows[: len(rows) - len(foot)], "foot": foot}
