"""What stands for each month that a line shows?"""

from core.months import Month
from indicators.trend import CellState
from reporting.models.line_fields import LineFields

type Cells = dict[Month, tuple[CellState, int | None]]  # what stands for each month


def true_cells(line: LineFields, month: Month) -> Cells:
    """Each month that a line shows. Raises KeyError for one without a figure of which it isn't known why."""
    first = month + -(len(line.history) - 1)
    without = {int(place): CellState(state) for step in line.steps for place, state in step["without"].items()}
    return {
        first + place: (CellState.FIGURE, value) if value is not None else (without[place], None)
        for place, value in enumerate(line.history)
    }


def find_origins(line: LineFields, month: Month, cells: Cells) -> dict[Month, Month]:
    """Of each month whose figure is held from an earlier one: which month it is of. Where that is before all that the
    line shows, the first that it shows stands for it."""
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
