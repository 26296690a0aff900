"""Which abbreviations does a pack spell out? Each one where a page first uses it. Only the paper shows where a page
ends. So each is spelt out again at everything that may start a page: a chapter, a heading, a table, six large tiles,
and a row of a table that may cross a page's end.
"""

from collections.abc import Iterator, Mapping
from dataclasses import fields, is_dataclass, replace
from typing import Any

from core.abbreviations import spell_out
from reporting.packs.presenters.shapes import Abreast, Block, Chapter, Heading, Table, Tiles

# Parts that nobody reads as text of the page, or that are read aloud alone.
NO_WORDS = {"key", "kind", "look", "arrow", "mark", "svg", "sha256", "content", "alt"}
LONGEST_TABLE, MOST_WORDS = 8, 1500  # rows and letters of a table that stays on one page, as a rule
SIX = 6  # large tiles on a page


def spelt_out(chapter: Chapter) -> Chapter:
    seen: set[str] = set()
    title = spell_out(chapter.title, seen)
    blocks = tuple(spelt_blocks(chapter.blocks, seen))
    return replace(chapter, title=title, blocks=blocks, line=spell_out(chapter.line, seen))


def spelt_blocks(blocks: tuple[Block, ...], seen: set[str]) -> Iterator[Block]:
    for block in blocks:
        match block:
            case Heading():
                seen.clear()
                yield spelt(block, seen)
            case Table():
                yield spelt_table(block)
            case Tiles(are_large=True):
                yield replace(block, tiles=tuple(spelt_tiles(block)))
            case Abreast():
                left, right = (tuple(spelt_blocks(side, seen)) for side in (block.left, block.right))
                yield replace(block, left=left, right=right)
            case _:
                yield spelt(block, seen)


def spelt_table(table: Table) -> Table:
    seen: set[str] = set()
    caption, columns = spelt(table.caption, seen), spelt(table.columns, seen)
    letters = sum(len(cell.text) + sum(map(len, cell.more)) for row in table.rows for cell in row)
    may_break = len(table.rows) > LONGEST_TABLE or letters > MOST_WORDS
    rows = tuple(spelt(row, set() if may_break else seen) for row in table.rows)
    return replace(table, caption=caption, columns=columns, rows=rows, marks=spelt(table.marks, set()))


def spelt_tiles(block: Tiles) -> Iterator[Any]:
    seen: set[str] = set()
    for place, tile in enumerate(block.tiles):
        if place % SIX == 0:
            seen.clear()
        yield spelt(tile, seen)


def spelt[Part](part: Part, seen: set[str]) -> Part:
    """Spell out all text of a part of a pack, in reading order."""
    found: Part = _spelt(part, seen)
    return found


def _spelt(part: Any, seen: set[str]) -> Any:
    if isinstance(part, str):
        return spell_out(part, seen)
    if isinstance(part, tuple):
        return tuple(_spelt(each, seen) for each in part)
    if is_dataclass(part) and not isinstance(part, type):
        changed: Mapping[str, Any] = {
            field.name: _spelt(getattr(part, field.name), seen) for field in fields(part) if field.name not in NO_WORDS
        }
        return replace(part, **changed)
    return part
