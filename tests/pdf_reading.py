"""Where on its pages does a PDF show what it says? Read with another program than the one that made it."""

import re
import subprocess
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from html import unescape


@dataclass(frozen=True, slots=True)
class Word:
    """A word and its box, in points from the top left of its page."""

    page: int
    left: float
    top: float
    right: float
    bottom: float
    text: str


def lines_of(pdf: bytes) -> list[list[str]]:
    """The lines of each page as they are laid out."""
    ran = subprocess.run(["pdftotext", "-layout", "-", "-"], input=pdf, capture_output=True, check=True)
    pages = ran.stdout.decode().split("\f")[:-1]
    return [[each.strip() for each in page.splitlines() if each.strip()] for page in pages]


def words_of(pdf: bytes) -> list[Word]:
    words = []
    for number, (_width, _height, page) in enumerate(boxes_of(pdf), start=1):
        found = re.findall(r'<word xMin="(.+?)" yMin="(.+?)" xMax="(.+?)" yMax="(.+?)">(.*?)</word>', page)
        words += [Word(number, float(a), float(b), float(c), float(d), unescape(text)) for a, b, c, d, text in found]
    return words


def sizes_of(pdf: bytes) -> list[tuple[float, float]]:
    """The width and height of each page, in points."""
    return [(width, height) for width, height, _page in boxes_of(pdf)]


@lru_cache(maxsize=4)  # a test asks for sizes and words in turn
def boxes_of(pdf: bytes) -> tuple[tuple[float, float, str], ...]:
    ran = subprocess.run(["pdftotext", "-bbox", "-", "-"], input=pdf, capture_output=True, check=True)
    pages = re.findall(r'<page width="(.+?)" height="(.+?)">(.*?)</page>', ran.stdout.decode(), re.DOTALL)
    return tuple((float(width), float(height), page) for width, height, page in pages)


def overlaps(words: Iterable[Word]) -> list[tuple[Word, Word]]:
    """Words of one page of which one lies over another."""
    found = []
    near: list[Word] = []
    for word in sorted(words, key=lambda word: word.top):
        near = [other for other in near if other.bottom > word.top]
        for other in near:
            across = min(word.right, other.right) - max(word.left, other.left)
            down = min(word.bottom, other.bottom) - max(word.top, other.top)
            lower = min(word.bottom - word.top, other.bottom - other.top)
            if across >= 1 and down >= lower / 2:
                found.append((other, word))
        near.append(word)
    return found


ROOM = {
    False: (25, 22),
    True: (15.5, 15),
}  # millimetres above and below; True: on its side


def used_of(pdf: bytes) -> list[float]:
    """How much of each page's room is used: down to the lowest ink that isn't the page's foot."""
    drawn = subprocess.run(["pdftoppm", "-r", "36", "-gray", "-"], input=pdf, capture_output=True, check=True).stdout
    used = []
    while drawn:
        header, width, height = re.match(rb"P5\s+(\d+)\s+(\d+)\s+255\s", drawn).group(0, 1, 2)
        across, down = int(width), int(height)
        page, drawn = drawn[len(header) : len(header) + across * down], drawn[len(header) + across * down :]
        above, below = (round(length * 36 / 25.4) for length in ROOM[across > down])
        inked = [row for row in range(above, down - below) if min(page[row * across : (row + 1) * across]) < 160]
        used.append((max(inked, default=above) - above) / (down - below - above))
    return used
