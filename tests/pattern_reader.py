"""A reader who knows the algorithm: which counts would have given exactly these gaps? Tries them all."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import cache

type Values = tuple[int, ...]
# What is withheld of a total and its parts: the places of parts, and None for the total.
type Pattern = frozenset[int | None]
FURTHER = 40  # how far above the least possible a withheld total is looked for


def split(amount: int, parts: int) -> Iterator[Values]:
    """Yield each way to make an amount of so many counts of at least 1."""
    if parts == 1:
        yield from [(amount,)] if amount else []
        return
    for first in range(1, amount - parts + 2):
        for others in split(amount - first, parts - 1):
            yield first, *others


@dataclass
class Reader:
    """`protect` tells what is withheld of parts and their total. It is asked again and again, so it is remembered. With
    `has_rest`, the last of the values is what the total counts beside its parts: nobody sees it, not even whether it is
    0."""

    protect: Callable[[Values], Pattern]
    has_rest: bool = False
    known: dict[Values, Pattern] = field(default_factory=dict)

    def see(self, values: Values) -> Pattern:
        if values not in self.known:
            self.known[values] = self.protect(values)
        return self.known[values]

    def explain(self, values: Values) -> Iterator[Values]:
        """Yield the counts that show the same: the same figures, the same zeros, and the same gaps."""
        pattern = self.see(values)
        parts = values[:-1] if self.has_rest else values
        hidden = [place for place in range(len(parts)) if place in pattern]
        shown = sum(parts) - sum(parts[place] for place in hidden)
        least = shown + len(hidden)
        for total in range(least, least + FURTHER) if None in pattern else [sum(values)]:
            for rest in range(total - least + 1) if self.has_rest else [0]:
                # The most uneven first: they are the furthest apart.
                for counts in sorted(list_splits(total - shown - rest, len(hidden)), key=max, reverse=True):
                    guess = list(values)
                    for place, count in zip(hidden, counts, strict=True):
                        guess[place] = count
                    if self.has_rest:
                        guess[-1] = rest
                    if self.see(tuple(guess)) == pattern:
                        yield tuple(guess)

    def find_widths(self, values: Values, small: list[int], *, enough: int) -> dict[int, int]:
        """Return how wide the interval of possible counts of each small part is, up to `enough`."""
        least, most = ({place: values[place] for place in small} for _ in range(2))
        for guess in self.explain(values) if small else ():
            for place in small:
                least[place], most[place] = min(least[place], guess[place]), max(most[place], guess[place])
            if all(most[place] - least[place] >= enough for place in small):
                break
        return {place: most[place] - least[place] for place in small}


@cache
def list_splits(amount: int, parts: int) -> list[Values]:
    return list(split(amount, parts)) if parts else ([()] if not amount else [])
