"""Which figure or state does a line show for each month?"""

from core.months import Month
from indicators.trend import CellState
from reporting.models.line_fields import LineFields

type Cells = dict[Month, tuple[CellState, int | None]]  # the figure or state of each month


def true_cells(line: LineFields, month: Month) -> Cells:
    """Return the state and figure of each month that a line shows. Raises KeyError if a month has neither a figure nor
    a reason.
    """
    first = month + -(len(line.history) - 1)
    without = {int(place): CellState(state) for step in line.steps for place, state in step["without"].items()}
    return {
        first + place: (CellState.FIGURE, value) if value is not None else (without[place], None)
        for place, value in enumerate(line.history)
    }


def find_origins(line: LineFields, month: Month, cells: Cells) -> dict[Month, Month]:
    """For each month that repeats an earlier figure, return the month that the figure is for. If that month is before
    those shown, the first month shown is used instead.
    """
    first = month + -(len(line.history) - 1)
    held = {first + place for step in line.steps for place in step.get("held", ())}
    origins: dict[Month, Month] = {}
    newest: Month | None = None
    for past in sorted(cells):
        if past in held and newest is not None:
            origins[past] = newest
        elif cells[past][0] is not CellState.AWAITED:
            newest = past
    return origins
