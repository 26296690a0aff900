"""The examples of the method page: made-up lines, one for each thing that can be said. The tests
hold each one's sentence, word for word, and the page shows what the same code makes of it."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from core.months import Month
from indicators.signals import Method
from indicators.spc import Judgement, Signal
from indicators.trend import CellState, Movement, NoArrowReason, Polarity
from reporting.models.line_fields import Line, Row, list_columns
from reporting.months.presenters.month import line_view
from reporting.months.presenters.shapes import LineView

OCTOBER = Month(2026, 10)
DUE = date(2026, 11, 10)


@dataclass(frozen=True, slots=True)
class Example:
    """What it shows, and the line."""

    shows: str
    line: LineView


def make_line(unit: str, units: str, value: int | None, change: int | None = None, **fields: Any) -> Line:
    """A line of October 2026 with an arrow of that size, within a usual range of 4 to 16."""
    movement = Movement.NONE
    if change is not None:
        movement = Movement.LEVEL if change == 0 else Movement.UP if change > 0 else Movement.DOWN
    usual: dict[str, Any] = {name: column.get_default() for name, column in list_columns(Line).items()}
    usual |= {
        "title": units.capitalize(),
        "unit_one": unit,
        "unit_many": units,
        "owner_name": "Police",
        "polarity": Polarity.NEUTRAL.value,
        "polarity_reason": f"More {units} can mean better recognition.",
        "definition_from": date(2023, 11, 1),
        "state": CellState.FIGURE.value,
        "value": value,
        "is_provisional": False,
        "previous_state": "" if change is None else CellState.FIGURE.value,
        "previous_value": None if change is None or value is None else value - change,
        "movement": movement.value,
        "change": change,
        "method": Method.CHART.value,
        "figures": 36,
        "mean": 9.9,
        "lower": 3.2,
        "upper": 16.6,
        "signal": Signal.NONE.value,
        "judgement": Judgement.COMMON_CAUSE.value,
        "running": 0,
    }
    return Row(usual | fields)


NOT_JUDGED: dict[str, Any] = {"signal": "", "judgement": "", "mean": None, "lower": None, "upper": None}
NEVER_CAME: dict[str, Any] = {
    "no_arrow_reason": NoArrowReason.PREVIOUS_AWAITED.value,
    "previous_state": CellState.AWAITED.value,
}


def lines() -> dict[str, Line]:
    """What each shows → the line."""
    lower = {"polarity": Polarity.LOWER.value, "polarity_reason": "Each is a home taken over."}
    return {
        "Noise: the figure rose, and it means nothing by itself": make_line("arrest", "arrests", 12, 3),
        "A signal, where fewer is good": make_line(
            "cuckooed house",
            "cuckooed houses",
            34,
            5,
            signal=Signal.ABOVE_LIMIT.value,
            judgement=Judgement.CONCERN.value,
            running=2,
            mean=18.0,
            lower=10.2,
            upper=25.8,
            **lower,
        ),
        "A signal that nobody can call good or bad": make_line(
            "referral",
            "referrals",
            5,
            -2,
            signal=Signal.RUN_BELOW.value,
            judgement=Judgement.LOW.value,
            running=8,
        ),
        "No arrow, and events too rare for a usual range": make_line(
            "wounding", "woundings", 2, owner_name="NHS", method=Method.RARE.value, **NOT_JUDGED, **NEVER_CAME
        ),
        "Rare events with an arrow": make_line(
            "wounding",
            "woundings",
            0,
            -1,
            method=Method.RARE.value,
            **NOT_JUDGED | {"in_a_year": 9, "months_since": 1},
        ),
        "Too few months so far": make_line(
            "charge", "charges", 1, 0, method=Method.TOO_EARLY.value, figures=5, **NOT_JUDGED
        ),
        "A trend": make_line(
            "child",
            "children",
            14,
            1,
            signal=Signal.RISING.value,
            judgement=Judgement.CONCERN.value,
            running=7,
            **lower,
        ),
        "A figure that may still change": make_line("arrest", "arrests", 12, 3, is_provisional=True),
        "No figure yet": make_line(
            "interview",
            "interviews",
            None,
            state=CellState.AWAITED.value,
            no_arrow_reason=NoArrowReason.AWAITED.value,
            **NOT_JUDGED,
        ),
    }


def examples() -> list[Example]:
    return [Example(shows, line_view(line, OCTOBER, DUE)) for shows, line in lines().items()]
