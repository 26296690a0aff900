"""Where do numbered marks go under a chart's axis, so that none covers another? Marks too close together become one,
"1–3". Pure.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby

# The least width of a chart in pixels: on a screen with room for each month's name, and on the narrowest.
ROOMY, NARROW = 480, 230
DIGIT, PADDING, APART = 8, 10, 4  # for a label, in pixels: a digit's width, both its edges, the room beside it


@dataclass(frozen=True, slots=True)
class MarkLabel:
    """The marks from `first` to `last`, counted from 1, for the months from one place to another of the chart. Its
    middle is at `x`. All are shares of the chart's width, except `width`, which is in pixels.
    """

    first: int
    last: int
    x: float
    width: int
    starts: float
    ends: float

    @property
    def text(self) -> str:
        return str(self.first) if self.first == self.last else f"{self.first}–{self.last}"


def place_marks(places: Sequence[int], count: int, *, room: int) -> tuple[MarkLabel, ...]:
    """Return labels for marks at these months, in order, on a chart of `count` months that is at least `room` pixels
    wide. Raises ValueError if the months are not in order, or not all on the chart.
    """
    if list(places) != sorted(places) or any(not 0 <= place < count for place in places):
        raise ValueError("Marks stand in the order of their months, each on the chart.")
    labels: list[MarkLabel] = []
    for label in by_month(places, count, room):
        labels.append(label)
        # The joined label is wider, so it may meet the one before it.
        while len(labels) > 1 and meet(labels[-2], labels[-1], room):
            after, before = labels.pop(), labels.pop()
            labels.append(make_label(before.first, after.last, before.starts, after.ends, room))
    return tuple(labels)


def by_month(places: Sequence[int], count: int, room: int) -> Iterator[MarkLabel]:
    """Yield one label for all marks of a month."""
    # `groupby` joins neighbours only. The places are in order.
    for place, group in groupby(enumerate(places, 1), key=lambda item: item[1]):
        numbers = [number for number, _ in group]
        at = (place + 0.5) / count
        yield make_label(numbers[0], numbers[-1], at, at, room)


def make_label(first: int, last: int, starts: float, ends: float, room: int) -> MarkLabel:
    """Place it in the middle of its months, but inside the chart."""
    letters = len(str(first)) if first == last else len(f"{first}–{last}")
    width = letters * DIGIT + PADDING
    half = width / 2 / room
    return MarkLabel(first, last, min(max((starts + ends) / 2, half), 1 - half), width, starts, ends)


def meet(one: MarkLabel, other: MarkLabel, room: int) -> bool:
    return (other.x - one.x) * room < (one.width + other.width) / 2 + APART
