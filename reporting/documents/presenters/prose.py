"""Turns a chapter's Markdown into blocks, so that its page and its PDF say the same.

It knows headings, paragraphs, lists, quotations, tables and links. A block has plain text only: of emphasis the words
stay, an address follows the words of its link, and HTML is shown as it was typed.
"""

from collections.abc import Iterator
from dataclasses import asdict
from typing import Any

from markdown_it import MarkdownIt
from markdown_it.tree import SyntaxTreeNode

from reporting.packs.presenters.shapes import Block, Bullets, Cell, Column, Heading, Paragraph, Table

MOST_COLUMNS = 8  # of a table: more don't fit on paper
MARKUP = MarkdownIt("commonmark", {"html": False}).enable("table")


def make_prose(text: str, *, key: str) -> list[Block]:
    """Return the blocks of a text. `key` begins the links to its headings. Tables are numbered."""
    blocks: list[Block] = []
    for node in read(text).children:
        if node.type == "heading":
            blocks.append(Heading(words_of(node), f"{key}-{len(blocks) + 1}"))
        else:
            tables = len([block for block in blocks if isinstance(block, Table)])
            blocks += make_blocks(node, f"Table {tables + 1}")
    return blocks


def make_shown(text: str, *, key: str) -> list[dict[str, Any]]:
    """Return the same as plain data, as a page has the blocks of a pack."""
    return [asdict(block) for block in make_prose(text, key=key)]


def count_columns(text: str) -> int:
    """Return how many columns the widest table has; 0 without one."""
    tables = [node for node in read(text).walk() if node.type == "table"]
    return max((len(rows_of(table)[0]) for table in tables), default=0)


def read(text: str) -> SyntaxTreeNode:
    return SyntaxTreeNode(MARKUP.parse(text))


def make_blocks(node: SyntaxTreeNode, caption: str) -> Iterator[Block]:
    match node.type:
        case "paragraph":
            (inline,) = node.children
            is_strong = [child.type for child in inline.children if child.type != "text" or child.content] == ["strong"]
            yield Paragraph(words_of(node), look="strong" if is_strong else "plain")
        case "heading":  # inside a quotation
            yield Paragraph(words_of(node), look="strong")
        case "bullet_list":
            yield Bullets(tuple(items_of(node)))
        case "ordered_list":
            first = int(node.attrs.get("start", 1))
            for number, item in enumerate(node.children, start=first):
                yield Paragraph(f"{number}. {'; '.join(items_in(item))}")
        case "blockquote":
            for child in node.children:
                yield from make_blocks(child, caption)
        case "table":
            yield from make_table(node, caption)
        case "code_block" | "fence":
            yield Paragraph(node.content)


def make_table(node: SyntaxTreeNode, caption: str) -> Iterator[Block]:
    head, *rows = rows_of(node)
    if not rows:
        yield Paragraph(", ".join(map(words_of, head)))
        return
    columns = tuple(Column(words_of(cell), is_number="right" in str(cell.attrs.get("style", ""))) for cell in head)
    yield Table(caption, columns, tuple(tuple(Cell(words_of(cell)) for cell in row) for row in rows))


def rows_of(table: SyntaxTreeNode) -> list[list[SyntaxTreeNode]]:
    return [list(row.children) for part in table.children for row in part.children]


def items_of(node: SyntaxTreeNode) -> Iterator[str]:
    """Yield the items of a list, and each item of a list inside it after the one that it belongs to."""
    for item in node.children:
        yield from items_in(item)


def items_in(item: SyntaxTreeNode) -> Iterator[str]:
    own = [child for child in item.children if not child.type.endswith("_list")]
    yield " ".join(map(words_of, own))
    for child in item.children:
        if child.type.endswith("_list"):
            yield from items_of(child)


def words_of(node: SyntaxTreeNode) -> str:
    """Return the words of a node, without markup."""
    match node.type:
        case "softbreak" | "hardbreak":
            return " "
        case "link":
            words, address = "".join(map(words_of, node.children)), str(node.attrs["href"])
            return words if words in {address, address.removeprefix("mailto:")} else f"{words} ({address})"
        case _ if node.children:
            between = "" if node.type in INLINE else " "
            return between.join(map(words_of, node.children))
        case _:
            return node.content


INLINE = {"inline", "strong", "em", "image"}
