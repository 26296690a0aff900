"""How did the number move since the month before? Pure.

There is an arrow only between two adjacent months that both have a signed-off figure under one definition. It shows how
the number moved, never whether that is good. It never skips a month without a figure to compare with an older one.
"""

from dataclasses import dataclass
from datetime import date

from core.labels import Labelled
from core.months import Month


class CellState(Labelled):
    """The state of a month's cell. A figure of 0 is a figure. SHOWN says how each state is shown. A state that
    `is_owed` counts as missing: its agency still has to send the figure."""

    FIGURE = "figure", "Figure"
    AWAITED = "awaited", "Awaited"
    NOT_AVAILABLE = "not_available", "Not available"
    NOT_APPLICABLE = "not_applicable", "Not applicable"
    WITHHELD = "withheld", "Not shown"

    shown: "Shown"
    is_owed: bool


@dataclass(frozen=True, slots=True)
class Shown:
    """How a cell's state is shown everywhere.

    `in_files` says what it means in a file of figures. `symbol` is shown instead of a figure, and `means` explains
    it. A missing figure has text instead: `waits` in its own month, with its {owner} and the day it is {due}, and
    `waited` in the month after. `given_as` is its name in a return, if an agency may choose it as the reason for no
    figure. Partners never see one that is `for_public`: they see true figures.
    """

    in_files: str
    symbol: str = ""
    means: str = ""
    waits: str = ""
    waited: str = ""
    given_as: str = ""
    for_public: bool = False


SHOWN = {
    CellState.FIGURE: Shown("there is a figure"),
    CellState.AWAITED: Shown(
        "not received yet",
        waits="Not received yet from {owner} (due {due})",
        waited="not received",
        given_as="Comes later",
    ),
    CellState.NOT_AVAILABLE: Shown(
        "there is no figure, and there will be none", "[x]", "not available", given_as="Not available"
    ),
    CellState.NOT_APPLICABLE: Shown(
        "it doesn’t apply to that month", "[z]", "not applicable", given_as="Does not apply"
    ),
    CellState.WITHHELD: Shown(
        "a small number, or one that would give a small number away",
        "[c]",
        "not shown: a small number, or one that would give a small number away",
        for_public=True,
    ),
}
for _state in CellState:  # a state that isn't in the table raises an error here
    _state.shown, _state.is_owed = SHOWN[_state], bool(SHOWN[_state].waits)
# The symbols shown instead of figures, and the states with a missing figure.
SYMBOLS = {state: state.shown.symbol for state in CellState if state.shown.symbol}
OWED = tuple(state for state in CellState if state.is_owed)


class Polarity(Labelled):
    """Which way is better. It is set on the indicator with a written reason, never inferred."""

    HIGHER = "higher", "Higher is better"
    LOWER = "lower", "Lower is better"
    NEUTRAL = "neutral", "No judgement"


class Movement(Labelled):
    UP = "up", "Up"
    DOWN = "down", "Down"
    LEVEL = "level", "Level"
    NONE = "none", "No arrow"


class NoArrowReason(Labelled):
    """Why there is no arrow. The month's own cell is checked first, then the month before. Each state without a figure
    has a reason for both."""

    AWAITED = "awaited", "This month's figure has not been received"
    NOT_AVAILABLE = "not_available", "This month's figure is not available"
    NOT_APPLICABLE = "not_applicable", "This month's figure doesn't apply"
    WITHHELD = "withheld", "This month's figure is not shown"
    NO_PREVIOUS_MONTH = "no_previous_month", "There is no earlier month to compare with"
    PREVIOUS_AWAITED = "previous_awaited", "The figure for the month before was never received"
    PREVIOUS_NOT_AVAILABLE = "previous_not_available", "The figure of the month before is not available"
    PREVIOUS_NOT_APPLICABLE = "previous_not_applicable", "The figure of the month before doesn't apply"
    PREVIOUS_WITHHELD = "previous_withheld", "The figure of the month before is not shown"
    NEW_DEFINITION = "new_definition", "The definition changed this month"
    NEW_RECORDING = "new_recording", "It is recorded in another way from this month on"
    ROUNDED = "rounded", "Figures are rounded"
    HELD = "held", "It isn't asked for each month"


# In a sentence after "No arrow: ". {before} is the month before, by name.
NO_ARROW = {
    NoArrowReason.AWAITED: "we have no figure from {owner} for this month yet",
    NoArrowReason.NOT_AVAILABLE: "this month’s figure is not available",
    NoArrowReason.NOT_APPLICABLE: "this month’s figure doesn’t apply",
    NoArrowReason.WITHHELD: "this month’s figure is not shown",
    NoArrowReason.NO_PREVIOUS_MONTH: "there are no figures for {before}",
    NoArrowReason.PREVIOUS_AWAITED: "we have no figure from {owner} for {before}",
    NoArrowReason.PREVIOUS_NOT_AVAILABLE: "the figure for {before} is not available",
    NoArrowReason.PREVIOUS_NOT_APPLICABLE: "the figure for {before} doesn’t apply",
    NoArrowReason.PREVIOUS_WITHHELD: "the figure for {before} is not shown",
    NoArrowReason.NEW_DEFINITION: "the definition changed this month",
    NoArrowReason.NEW_RECORDING: "it is recorded differently from this month",
    NoArrowReason.ROUNDED: "figures are rounded",
    NoArrowReason.HELD: "it isn’t asked for each month",
}


@dataclass(frozen=True, slots=True)
class Cell:
    """One month of one line: its state, its value (a count; None unless the state is FIGURE), and the day from which it
    is counted in this way.

    That is the start of its definition or, if `is_recorded_anew`, of a change of recording. It is held if it is the
    figure of an earlier month. Raises ValueError where value and state disagree.
    """

    month: Month
    state: CellState
    value: int | None
    definition_from: date
    is_recorded_anew: bool = False
    is_held: bool = False

    def __post_init__(self) -> None:
        if (self.value is None) == (self.state == CellState.FIGURE):
            raise ValueError("A cell has a value if and only if it is a figure.")


@dataclass(frozen=True, slots=True)
class Trend:
    """A movement with its size (`change`: this month minus the month before), or the reason why
    there is none."""

    movement: Movement
    change: int | None
    no_arrow_reason: NoArrowReason | None


def no_arrow(reason: NoArrowReason) -> Trend:
    return Trend(Movement.NONE, None, reason)


MONTH, YEAR = 1, 12  # months apart


def trend(current: Cell, before: Cell | None, *, apart: int = MONTH) -> Trend:
    """Compare a month with the one before it; or, with `apart=YEAR`, with the same one a year before.

    `before` is None where the area doesn't hold that month. Raises ValueError where it is any
    other month: to reach further back would skip a month.
    """
    if before is not None and current.month - before.month != apart:
        wanted = "the month before" if apart == MONTH else f"{apart} months before"
        raise ValueError(f"{before.month} is not {wanted} {current.month}.")
    if current.value is None:
        # Each state without a figure has a reason of the same name.
        return no_arrow(NoArrowReason(current.state.value))
    if current.is_held:
        return no_arrow(NoArrowReason.HELD)
    if before is None:
        return no_arrow(NoArrowReason.NO_PREVIOUS_MONTH)
    if before.value is None:
        return no_arrow(NoArrowReason("previous_" + before.state.value))
    if before.definition_from != current.definition_from:
        return no_arrow(NoArrowReason.NEW_RECORDING if current.is_recorded_anew else NoArrowReason.NEW_DEFINITION)
    change = current.value - before.value
    if change == 0:
        return Trend(Movement.LEVEL, 0, None)
    return Trend(Movement.UP if change > 0 else Movement.DOWN, change, None)
