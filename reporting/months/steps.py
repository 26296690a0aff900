"""What does a line store for a part of its series that is counted and recorded in one way? See LineFigures.steps."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from indicators.judgement.judge import Entry
from indicators.signals import Method
from indicators.trend import CellState


@dataclass(frozen=True, slots=True)
class Of:
    """The two counts behind a ratio. If the second is from an earlier month or year of residents, `when` is its first
    day.
    """

    numerator: int | None
    denominator: int | None
    when: date | None = None


@dataclass(frozen=True, slots=True)
class Figure:
    """A signed-off figure of one category or of the whole; or a ratio in tenths, with the counts `of` it. A count that
    isn't collected each month is `held`: repeated from an earlier one.
    """

    state: CellState
    value: int | None
    note: str
    is_provisional: bool = False
    held: date | None = None
    of: Of | None = None


AWAITED = Figure(CellState.AWAITED, None, "")


def rounded(value: float | None) -> float | None:
    """Return a number as a line stores it, in hundredths: more than any sentence shows."""
    return None if value is None else round(value, 2)


def make_step(
    entries: Sequence[Entry],
    *,
    at: int,
    shift: int,
    since: date,
    why: str,
    shown: Sequence[Figure],
    method: Method = Method.JUDGED,
) -> dict[str, Any]:
    """Return a part of a series as LineFigures.steps has it. `at` is the place in the history of the first month
    `shown`. Adding `shift` turns a place in the judged series into one in the history.
    """
    step: dict[str, Any] = {
        "at": at,
        "from": since.isoformat(),
        "why": why,
        "method": method.value,
        "usual": [rounded(entry.usual) for entry in entries],
        "lower": [entry.lower for entry in entries],
        "upper": [entry.upper for entry in entries],
        "levels": levels_begun(entries, at=at, shift=shift),
        "provisional": [place for place, figure in enumerate(shown, at) if figure.is_provisional],
        "held": [place for place, figure in enumerate(shown, at) if figure.held],
    }
    signals = {
        str(place): [entry.signal.value, entry.tier.value, entry.window, entry.sum, rounded(entry.due)]
        for place, entry in enumerate(entries, at)
        if entry.signal is not None and entry.tier is not None
    }
    without = {str(place): figure.state.value for place, figure in enumerate(shown, at) if figure.value is None}
    # Readers look into "signals" and "without" without asking whether they are there.
    return {name: value for name, value in step.items() if value} | {"at": at, "signals": signals, "without": without}


def levels_begun(entries: Sequence[Entry], *, at: int, shift: int) -> list[dict[str, Any]]:
    """Return the levels that start within the months shown, each as its newest month has it."""
    begun = {
        place: {"at": place, "level": rounded(entry.level), "before": rounded(entry.before)}
        for entry in entries
        if entry.before is not None and entry.since is not None and (place := entry.since + shift) > at
    }
    return list(begun.values())
