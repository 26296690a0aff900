"""How much room does a label's text take? Pure.

The font is ours, Source Sans. If it hasn't loaded yet or lacks a letter, the browser draws the reader's own. So widths
are estimates for the widest of those fonts: never less than what is drawn.
"""

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import NamedTuple

SIZE, TOWN_SIZE = 13.0, 15.0  # size of the letters, in units of the picture
LINE, TOWN_LINE = 15.0, 17.0  # from one row to the next
LONGEST_ROW, LONGEST_WORD = 96.0, 124.0  # a longer row is broken, a longer word is cut
MOST_ROWS = 2  # of a name
PIECE = re.compile(r"[^\s-]+-?|-")  # a word, or a part of it up to its hyphen
BOLD = 1.07  # times as wide
GLYPHS = {"up": "↑", "down": "↓", "level": "="}
NO_ARROW = "none"
# In ems: an upper bound over Segoe UI, Roboto, Helvetica, Noto Sans, Liberation Sans and Source Sans.
WIDTHS = (
    dict.fromkeys("ijl.,:;'’|!", 0.3)
    | dict.fromkeys('ftI()[]- /"“”', 0.38)
    | dict.fromkeys("acesvxyzkrJ", 0.56)
    | dict.fromkeys("0123456789bdghnopqu=+_?", 0.62)
    | dict.fromkeys("EFLPSTBXYZK", 0.68)
    | dict.fromkeys("ACDGHNOQRUVw&", 0.78)
    | dict.fromkeys("mMW%–↑↓", 0.95)
    | dict.fromkeys("@…", 1.02)
)
OTHER, WIDE = 0.9, 1.3


class Run(NamedTuple):
    """A piece of a row. `kind` is name (of an origin), place (the town), number, glyph or words."""

    kind: str
    text: str


@dataclass(frozen=True, slots=True)
class Lettering:
    """A label's rows of text, and the room that they take."""

    rows: tuple[tuple[Run, ...], ...]
    width: float
    height: float
    line: float


# A page measures the same names and words many times.
@lru_cache(maxsize=2048)
def measure_width(text: str, size: float = SIZE) -> float:
    """Return the greatest width of a text in any of the fonts."""
    return size * sum(map(width_of_letter, text))


def width_of_letter(letter: str) -> float:
    if letter in WIDTHS:
        return WIDTHS[letter]
    if unicodedata.combining(letter) or unicodedata.category(letter) in ("Cf", "Cc"):
        return 0.0
    # “é” is as wide as “e”.
    plain = unicodedata.normalize("NFD", letter)[0]
    return WIDTHS.get(plain, WIDE if unicodedata.east_asian_width(letter) in "WF" else OTHER)


def origin_lettering(name: str, text: str, movement: str, words: str) -> Lettering:
    """ "Birmingham", and under it "10 ↑ Up 1": more rows if the numbers are long."""
    rows: list[tuple[Run, ...]] = [(Run("name", row),) for row in wrapped(name, SIZE)]
    number = Run("number", text)
    moved = () if movement == NO_ARROW else (Run("glyph", GLYPHS[movement]), Run("words", words))
    way, _, by = words.partition(" ")
    if width_of_row((number, *moved), SIZE) <= LONGEST_ROW or not moved:
        rows.append((number, *moved))
    elif width_of_row(moved, SIZE) <= LONGEST_WORD or not by:
        rows += [(number,), moved]
    else:
        rows += [(number,), (moved[0], Run("words", way)), (Run("words", by),)]
    return lettering(rows, SIZE, LINE)


def town_lettering(name: str) -> Lettering:
    return lettering([(Run("place", row),) for row in wrapped(name, TOWN_SIZE * BOLD)], TOWN_SIZE, TOWN_LINE)


def lettering(rows: Sequence[tuple[Run, ...]], size: float, line: float) -> Lettering:
    return Lettering(tuple(rows), max(width_of_row(row, size) for row in rows), len(rows) * line + 1, line)


def width_of_row(row: Sequence[Run], size: float) -> float:
    letters = sum(measure_width(run.text, size) * (1.0 if run.kind in ("name", "words") else BOLD) for run in row)
    return letters + (len(row) - 1) * measure_width(" ", size)


def wrapped(name: str, size: float) -> list[str]:
    """Return a name on one or two rows, broken at spaces and hyphens. What doesn't fit is cut, with a mark."""
    rows = [""]
    at = 0
    for piece in PIECE.finditer(name):
        longer = (rows[-1] + name[at : piece.end()]).strip()
        if rows[-1] and measure_width(longer, size) > LONGEST_ROW:
            rows.append(piece[0])
        else:
            rows[-1] = longer
        at = piece.end()
    if len(rows) > MOST_ROWS:
        rows = [*rows[: MOST_ROWS - 1], f"{rows[MOST_ROWS - 1]}…"]
    return [cut(row, size) for row in rows]


def cut(row: str, size: float) -> str:
    if measure_width(row, size) <= LONGEST_WORD:
        return row
    shorter = row.rstrip("…")
    while measure_width(f"{shorter}…", size) > LONGEST_WORD:
        shorter = shorter[:-1]
    return f"{shorter}…"
