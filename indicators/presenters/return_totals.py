"""What do the parts of a split indicator add up to, and are they all there?"""

from collections.abc import Iterable
from dataclasses import dataclass

from indicators.entries import Entry
from indicators.figures import NotAFigure, read_figure
from indicators.models import Observation
from indicators.trend import OWED

ALL, SO_FAR, SOME = "in all", "so far", "from those with a figure"


@dataclass(frozen=True, slots=True)
class Total:
    """The sum of the parts with a figure, empty if none has one. `mark` says what it includes: "so far" while a part is
    blank or comes later."""

    text: str
    mark: str


NO_TOTAL = Total("", "")


@dataclass(frozen=True, slots=True)
class Part:
    """A part's figure, or whether one may still arrive."""

    value: int | None
    may_come: bool


def add_up(parts: Iterable[Part]) -> Total:
    """Work out the total, as a script in the form also does."""
    every = list(parts)
    values = [part.value for part in every if part.value is not None]
    if not values:
        return NO_TOTAL
    if any(part.value is None and part.may_come for part in every):
        mark = SO_FAR
    else:
        mark = SOME if len(values) < len(every) else ALL
    return Total(f"{sum(values):,}", mark)


def typed_part(entry: Entry) -> Part:
    """Read a typed part. Text that can’t be read isn't a figure yet."""
    may_come = not entry.reason or entry.reason in OWED
    try:
        return Part(read_figure(entry.value), may_come)
    except NotAFigure:
        return Part(None, may_come)


def held_part(figure: Observation) -> Part:
    return Part(figure.value, figure.state in OWED)
