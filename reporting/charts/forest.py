"""The forest plot: how much each thing changed, with its range, beside no change and what somebody expected. Pure.

All rows have one scale, in per cent of what there would have been. Places along it are percentages of the picture.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from math import ceil, floor
from typing import NamedTuple

from reporting.charts.control_chart import percent

STEP, MOST = 50, 200  # per cent: from number to number, and the greatest rise that is drawn
LEAST = -100  # all of it gone


class Measured(NamedTuple):
    """A change as a fraction, with its range. It `is_claimed` if it is more than chance."""

    value: float
    lower: float
    upper: float
    is_claimed: bool


class Asked(NamedTuple):
    """A row to draw: what was measured, if anything was, and the changes that were expected, in per cent."""

    measured: Measured | None
    expected: Sequence[int]


@dataclass(frozen=True, slots=True)
class ForestRow:
    """Places along the scale: of the change (empty if none was measured), of the ends of its range, and of what was
    expected. A range that `goes_on` reaches beyond the picture.
    """

    point: str
    lower: str
    upper: str
    is_claimed: bool
    goes_on: bool
    expected: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Forest:
    """`none` is the place of no change. `scale` has its numbers, with their places."""

    none: str
    scale: tuple[tuple[str, str], ...]
    rows: tuple[ForestRow, ...]


def forest(asked: Sequence[Asked]) -> Forest:
    """Draw the rows in their order."""
    ends = [100 * end for row in asked if row.measured for end in (row.measured.lower, row.measured.upper)]
    ends += [one for row in asked for one in row.expected]
    # At least a half and half as many again, so that a small change looks small.
    lowest = max(LEAST, STEP * floor(min([-STEP, *ends]) / STEP))
    highest = min(MOST, STEP * ceil(max([STEP, *ends]) / STEP))

    def place(change: float) -> str:
        return percent((min(max(change, lowest), highest) - lowest) / (highest - lowest))

    return Forest(
        none=place(0),
        scale=tuple((place(change), name_change(change)) for change in range(lowest, highest + 1, STEP)),
        rows=tuple(draw_row(row, place, highest) for row in asked),
    )


def draw_row(row: Asked, place: Callable[[float], str], highest: int) -> ForestRow:
    expected = tuple(place(change) for change in row.expected)
    if row.measured is None:
        return ForestRow("", "", "", False, False, expected)
    point, lower, upper = (place(100 * change) for change in row.measured[:3])
    return ForestRow(point, lower, upper, row.measured.is_claimed, 100 * row.measured.upper > highest, expected)


def name_change(change: int) -> str:
    """ "−50%", "No change", "+100%"."""
    return f"{'+' if change > 0 else '−'}{abs(change)}%" if change else "No change"
