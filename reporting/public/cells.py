"""The figure or state that a line shows for each month."""

from collections.abc import Collection

from core.calendar import Month
from indicators.trend import YEAR, CellState
from reporting.models.line_fields import Line, LineFields

type Cells = dict[Month, tuple[CellState, int | None]]  # the figure or state of each month


def true_cells(line: Line, month: Month) -> Cells:
    """Return the state and figure of each month that a line shows. Raises KeyError if a month has neither a figure nor
    a reason.
    """
    first = month + -(len(line.history) - 1)
    without = {int(place): CellState(state) for step in line.steps for place, state in step["without"].items()}
    return {
        first + place: (CellState.FIGURE, value) if value is not None else (without[place], None)
        for place, value in enumerate(line.history)
    }


def find_cell(line: LineFields, month: Month, past: Month) -> tuple[CellState, int | None] | None:
    """Return what a line of a month shows for a month before it, or for itself; None if it doesn't go back to it."""
    place = len(line.history) - 1 - (month - past)
    if not 0 <= place < len(line.history):
        return None
    if (value := line.history[place]) is not None:
        return CellState.FIGURE, value
    return next(
        (CellState(step["without"][key]), None) for step in line.steps if (key := str(place)) in step["without"]
    )


def find_origins(line: LineFields, month: Month, cells: Cells) -> dict[Month, Month]:
    """For each month that repeats an earlier figure, return the month that the figure is for. If that month is before
    those shown, the first month shown is used instead.
    """
    first = month + -(len(line.history) - 1)
    held_months = {first + place for step in line.steps for place in step.get("held", ())}
    origins: dict[Month, Month] = {}
    newest: Month | None = None
    for past in sorted(cells):
        if past in held_months and newest is not None:
            origins[past] = newest
        elif cells[past][0] is not CellState.AWAITED:
            newest = past
    return origins


def find_gone(line: LineFields, month: Month, cells: Cells, withdrawn: Collection[Month]) -> set[Month]:
    """Return the months of a line whose figures go when these months are withdrawn: the months themselves, and those
    that repeat a figure of theirs.
    """
    if not withdrawn:
        return set()
    origins, first = find_origins(line, month, cells), min(cells)
    gone = {past for past in cells if past in withdrawn or origins.get(past) in withdrawn}
    # A line that starts with a repeated figure doesn't say which month it is from. It may be a year old.
    if any(0 in step.get("held", ()) for step in line.steps[:1]) and any(
        first + -YEAR <= past < first for past in withdrawn
    ):
        gone |= {first, *(past for past, origin in origins.items() if origin == first)}
    return gone


def shows(line: LineFields, month: Month, withdrawn: Month) -> bool:
    """Return whether a line of a month's edition shows a figure that goes when the other month is withdrawn."""
    cells = true_cells(line, month)
    return any(cells[past][1] is not None for past in find_gone(line, month, cells, {withdrawn}))
