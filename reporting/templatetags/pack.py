"""How does a pack look as a page? What its template can't do: its contents, its pictures, rows of its tables."""

from collections.abc import Mapping, Sequence
from typing import Any

from django import template
from django.utils.safestring import SafeString

from core.markup import as_markup
from reporting.templatetags.month import ARROW, escape

register = template.Library()

MOST_COLUMNS, MOST_UNITS = 3, 480  # of a table, of a picture: what has more is wider than a phone, and scrolls there
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


@register.simple_tag
def table_rows(table: Data) -> SafeString:
    """The head, body and foot of a table. The first cell of each row is the row's header."""
    numbers = [bool(column["is_number"]) for column in table["columns"]]
    head = "".join(
        head_cell(escape(column["head"]), is_number=is_number)
        for column, is_number in zip(table["columns"], numbers, strict=True)
    )
    rows = [print_row(row, numbers) for row in table["rows"]]
    foot = f"<tfoot>{rows.pop()}</tfoot>" if table["has_total"] and rows else ""
    return as_markup(f"<thead><tr>{head}</tr></thead><tbody>{''.join(rows)}</tbody>{foot}")


def head_cell(words: str, *, is_number: bool) -> str:
    # A header without words would head nothing.
    return f'<th scope="col"{css(is_number)}>{words}</th>' if words else f"<td{css(is_number)}></td>"


def css(is_number: bool) -> str:
    return ' class="vv-number"' if is_number else ""


def print_row(row: Sequence[Data], numbers: Sequence[bool]) -> str:
    cells = [
        f'<th scope="row"{css(is_number)}>{words}</th>' if place == 0 else f"<td{css(is_number)}>{words}</td>"
        for place, (words, is_number) in enumerate(zip(map(print_cell, row), numbers, strict=True))
    ]
    return f"<tr>{''.join(cells)}</tr>"


def print_cell(cell: Data) -> str:
    text = escape(cell["text"])
    if cell["is_strong"] and text:
        text = f"<strong>{text}</strong>"
    words = [f"{glyph(cell['arrow'])} {text}".strip()]
    words += [f'<span class="vv-quiet">{escape(more)}</span>' for more in cell["more"]]
    return "<br>".join(filter(None, words))
