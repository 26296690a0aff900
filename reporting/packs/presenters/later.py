"""Says that something came after a pack, and which of its figures differ there."""

from collections.abc import Sequence
from dataclasses import dataclass

from core.calendar import Month
from indicators.disclosure import Disclosed
from indicators.trend import CellState
from reporting.models.line_fields import Line
from reporting.months.presenters.words import cell_text

MOST_NAMED = 6  # figures in a sentence


@dataclass(frozen=True, slots=True)
class Later:
    """A sentence on what came after a pack was issued; and the month whose list has the changes, if there is one."""

    words: str
    changes_of: Month | None = None


def describe_figure(state: str, value: int | None, ratio: str = "") -> str:
    return cell_text(CellState(state), value, ratio=ratio)


def describe_shown(disclosed: Disclosed[Line]) -> str:
    line = disclosed.line
    return describe_figure(line.state, line.value, line.ratio)


def describe_change(disclosed: Disclosed[Line], was: str) -> str:
    """ "Lines 21 → 22"."""
    return f"{disclosed.line.label} {was} → {describe_shown(disclosed)}"


def describe_changes(figures: Sequence[str]) -> str:
    if not figures:
        return "changes none of its figures."
    more = f"; and {len(figures) - MOST_NAMED} more" if len(figures) > MOST_NAMED else ""
    return f"changes {len(figures)} of its figures: {'; '.join(figures[:MOST_NAMED])}{more}."
