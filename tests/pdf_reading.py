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
