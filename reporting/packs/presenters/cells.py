"""How does a cell show a line of the month, with its arrow?"""

from indicators.trend import CellState, Movement
from reporting.months.presenters.shapes import LineView
from reporting.packs.presenters.shapes import Arrow, Cell

ARROWS: dict[Movement, Arrow] = {
    Movement.UP: "up",
    Movement.DOWN: "down",
    Movement.LEVEL: "level",
    Movement.NONE: "",
}


def says_withheld(line: LineView) -> bool:
    """Return whether the note replaces the words. A public pack doesn't say why a withheld figure has no arrow."""
    return line.is_public and line.state is CellState.WITHHELD


def moved_cell(line: LineView) -> Cell:
    return Cell(line.note if says_withheld(line) else line.words, arrow=find_arrow(line.movement))


def find_arrow(movement: Movement | None) -> Arrow:
    """Return the arrow for a movement; empty if there is none or it isn’t known."""
    return ARROWS[movement] if movement is not None else ""
