"""Makes text printable: a substitute replaces characters that our fonts lack, and long words may break."""

import io
import re
import sys
import unicodedata
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from struct import unpack_from
from typing import Any

import pikepdf
from pikepdf import Name

FONTS = Path(__file__).parent / "typst" / "fonts"
# Replaces a character that none of our fonts has. Such a character would abort the whole pack.
SUBSTITUTE = "□"
ZERO_WIDTH_SPACE = "\u200b"
WHITESPACE = re.compile(r"\s+")
LONG_WORD = re.compile(r"\S{25,}")
CHARACTER_BY_NUMBER = re.compile(r"&#(?:x([0-9a-fA-F]+)|([0-9]+));")
MARKUP = frozenset("&<>\"'")
LONGEST_STRING = 16_000  # of UTF-16, in PDF/A: 32,767 bytes, with some to spare


def each_text(data: Any) -> Any:
    """Return the same data, with `printable` applied to each text in it."""
    if isinstance(data, str):
        return printable(data)
    if isinstance(data, dict):
        return {key: fit_for(key, value) for key, value in data.items()}
    if isinstance(data, list | tuple):
        return [each_text(value) for value in data]
    return data


def fit_for(key: str, value: Any) -> Any:
    """A picture, its alternative text and a hash are different: they have no words to break."""
    if key == "sha256":
        return value
    if isinstance(value, str) and key == "svg":
        return printable_svg(value)
    if isinstance(value, str) and key == "alt":
        return spoken(value)
    return each_text(value)


def printable(text: str) -> str:
    """Return a text on one line, with a visible substitute for each character that none of our fonts has. Invisible
    characters (joiners, direction marks, variation selectors) are left out. A word too long for a column gets invisible
    places to break at.
    """
    return LONG_WORD.sub(breakable, substituted(on_one_line(text)))


def spoken(text: str) -> str:
    """Do the same for a text that is read aloud, not printed: its words don't break, and it fits a PDF string."""
    plain = substituted(on_one_line(text))
    if len(plain.encode("utf-16-le")) // 2 <= LONGEST_STRING:
        return plain
    # Cutting may leave half of a character, which “ignore” drops.
    return plain.encode("utf-16-le")[: LONGEST_STRING * 2].decode("utf-16-le", "ignore") + "…"


def printable_svg(svg: str) -> str:
    """Return a picture with only printable characters. Nothing else about it changes, not a space and not a tag."""
    if svg.isascii() and svg.isprintable() and "&#" not in svg:
        return svg
    whole = unicodedata.normalize("NFC", CHARACTER_BY_NUMBER.sub(character_by_number, svg))
    return "".join(fit_in_picture(letter) for letter in whole)


def character_by_number(match_: re.Match[str]) -> str:
    """Return the character itself, so that it is checked like any other; markup stays a number."""
    number = int(match_[1], 16) if match_[1] else int(match_[2])
    letter = chr(number) if number <= sys.maxunicode else SUBSTITUTE
    return match_[0] if letter in MARKUP else letter


@cache
def fit_in_picture(letter: str) -> str:
    """Return a single letter of our first font, or its substitute. Typst may not find a second font, or marks on
    letters, for a picture's text, and then there is no pack.
    """
    if letter in "\n\r\t":
        return letter
    category = unicodedata.category(letter)
    if category == "Cf" or "\ufe00" <= letter <= "\ufe0f":
        return ""
    return letter if ord(letter) in coverage()[0] and not category.startswith("M") else SUBSTITUTE


def on_one_line(text: str) -> str:
    return unicodedata.normalize("NFC", WHITESPACE.sub(" ", text)).strip()


def substituted(plain: str) -> str:
    if plain.isascii() and plain.isprintable():
        return plain
    return "".join(fit(cluster) for cluster in split_clusters(plain))


def split_clusters(text: str) -> list[str]:
    """Yield each character together with its accents and other marks."""
    clusters: list[str] = []
    for letter in text:
        category = unicodedata.category(letter)
        if category == "Cf" or "\ufe00" <= letter <= "\ufe0f":
            continue
        if clusters and category.startswith("M"):
            clusters[-1] += letter
        else:
            clusters.append(letter)
    return clusters


def fit(cluster: str) -> str:
    """Return the cluster, if one font has all of it: a mark can't go on a letter of another font."""
    if any(characters.issuperset(map(ord, cluster)) for characters in coverage()):
        return cluster
    base, marks = cluster[0], cluster[1:]
    return (base if marks and fit(base) == base else SUBSTITUTE) + SUBSTITUTE * len(marks)


def breakable(word: re.Match[str]) -> str:
    clusters = split_clusters(word[0])
    return ZERO_WIDTH_SPACE.join("".join(clusters[at : at + 12]) for at in range(0, len(clusters), 12))


@cache
def coverage() -> tuple[frozenset[int], ...]:
    """Read which characters each of our font families has, from the fonts themselves."""
    private = range(0xE000, 0xF900)  # only its font's maker knows what such a character means
    fonts = {path.stem: frozenset(read_characters(path.read_bytes())) for path in FONTS.glob("*.?tf")}
    text = fonts["SourceSans3-Regular"] & fonts["SourceSans3-Semibold"]
    return text.difference(private), fonts["DejaVuSans"].difference(private)


def read_characters(font: bytes) -> Iterator[int]:
    """Read a font's table of characters ("cmap", in its form for all of Unicode: format 12)."""
    (tables_held,) = unpack_from(">H", font, 4)
    entries = range(12, 12 + 16 * tables_held, 16)
    tables = {font[at : at + 4]: unpack_from(">I", font, at + 8)[0] for at in entries}
    cmap = tables[b"cmap"]
    (count,) = unpack_from(">H", font, cmap + 2)
    for index in range(count):
        *encoding, offset = unpack_from(">HHI", font, cmap + 4 + 8 * index)
        if encoding == [3, 10]:
            (groups,) = unpack_from(">I", font, cmap + offset + 12)
            for group in range(groups):
                first, last, _glyph = unpack_from(">III", font, cmap + offset + 16 + 12 * group)
                yield from range(first, last + 1)


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
                (attributes,) = (attribute for attribute in cell.A if Name.Table == attribute.O)
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
    listed = kids if isinstance(kids, pikepdf.Array) else [kids]
    return [kid for kid in listed if isinstance(kid, pikepdf.Dictionary)]
