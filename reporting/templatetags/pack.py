"""How does a pack look as a page? What its template can't do: its contents, its pictures, the parts of its tables."""

from collections.abc import Mapping
from typing import Any

from django import template
from django.utils.safestring import SafeString

from core.markup import as_markup
from reporting.templatetags.month import ARROW

register = template.Library()

MOST_COLUMNS, MOST_UNITS = 3, 490  # of a table, of a picture: what has more is wider than a phone, and scrolls there
# By a cell's arrow, as reporting.packs.presenters.shapes has it.
GLYPHS = {arrow: ARROW.format(arrow) for arrow in ("up", "down", "level")} | {"": ""}

type Data = Mapping[str, Any]  # a part of a pack, as JSON has it


@register.filter
def contents(pack: Data) -> list[tuple[str, str, list[tuple[str, str]]]]:
    """The chapters by key and title, each with what has a page of its own."""
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
    """The picture's SVG as it is. It was drawn by reporting.charts, which escapes each word in it, and is kept with the
    pack, which nobody can change."""
    return as_markup(str(picture["svg"]))


@register.filter
def address(photos: Mapping[str, str], sha256: str) -> str:
    """Where a photo is found: the page that shows the pack says so."""
    return photos[sha256]


@register.filter
def glyph(movement: str) -> SafeString:
    """The arrow, for the eye only: the words beside it say the same."""
    return as_markup(GLYPHS[movement])


@register.filter
def parts(table: Data) -> dict[str, list[list[tuple[Data, bool, Data | None]]]]:
    """The rows of a table's body and of its foot: of each row every cell, whether numbers stand in its column, and the
    mark that it has. Packs issued before November 2026 have no marks."""
    numbers = [bool(column["is_number"]) for column in table["columns"]]
    marks = {mark["look"]: mark for mark in table.get("marks", ())}
    rows = [
        [(cell, is_number, marks.get(cell.get("mark", ""))) for cell, is_number in zip(row, numbers, strict=True)]
        for row in table["rows"]
    ]
    foot = rows[-1:] if table["has_total"] else []
    return {"body": rows[: len(rows) - len(foot)], "foot": foot}
