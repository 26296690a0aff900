"""Do several areas count the same thing under one code? Pure.

A code from the catalogue makes indicators comparable. An area may still count differently: another definition, unit or
rhythm. What most areas do is the region's way, and the others aren't added to it.
"""

import re
from collections import Counter
from collections.abc import Collection, Iterable
from functools import lru_cache
from typing import NamedTuple

BLANKS = re.compile(r"\s+")
PLAIN = str.maketrans({"’": "'", "‘": "'", "“": '"', "”": '"', "–": "-"})


class Way(NamedTuple):
    """How an area counts: the definition in force, with whatever else makes figures comparable."""

    area: int
    code: str
    text: str
    unit: str
    counts_as: str
    asked: str
    ratio: str = ""
    per: int = 1


@lru_cache(maxsize=2048)
def simplify(text: str) -> str:
    """Return a text without what doesn't change its meaning: case, blanks, the kind of quotes, a last full stop."""
    return BLANKS.sub(" ", text.translate(PLAIN)).strip().rstrip(".").casefold()


def find_odd(ways: Iterable[Way], *, catalogue: Collection[str] = ()) -> dict[str, frozenset[int]]:
    """Return the areas that count differently from most, by the indicator's code. Codes that all areas count alike are
    left out. Where as many count in one way as in another, a definition of the `catalogue` wins, then the first by the
    alphabet.
    """
    by_code: dict[str, dict[int, tuple[object, ...]]] = {}
    for area, code, text, unit, *rest in ways:
        by_code.setdefault(code, {})[area] = (simplify(text), simplify(unit), *rest)
    known = {simplify(text) for text in catalogue}
    odd = {}
    for code, held in by_code.items():
        if len(set(held.values())) > 1:
            counted = Counter(held.values())
            usual = min(counted, key=lambda way: (-counted[way], way[0] not in known, repr(way)))
            odd[code] = frozenset(area for area, way in held.items() if way != usual)
    return odd
