"""The examples of the method page: made-up lines, one for each thing that pages can say. The tests have each one's
exact sentence, and the page shows what the same code makes.
"""

from dataclasses import dataclass
from datetime import date
from typing import Any

from core.calendar import Month
from indicators.disclosure import Audience, disclose
from indicators.judgement.judge import Judgement, Method, Signal, Tier
from indicators.trend import CellState, Movement, NoArrowReason, Polarity
from reporting.models.line_fields import Line, Row, list_columns
from reporting.months.presenters.month import line_view
from reporting.months.presenters.shapes import LineView

OCTOBER = Month(2026, 10)
DUE = date(2026, 11, 10)


@dataclass(frozen=True, slots=True)
class Example:
    """What it shows, and its line."""

    shows: str
    line: LineView


def make_line(unit: str, units: str, value: int | None, change: int | None = None, **fields: Any) -> Line:
    """Return a line for October 2026 with an arrow of that size, within a usual range of 4 to 16."""
    movement = Movement.NONE
    if change is not None:
        movement = Movement.LEVEL if change == 0 else Movement.UP if change > 0 else Movement.DOWN
    # A field that an example doesn't name has its usual value.
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
        "method": Method.JUDGED.value,
        "figures": 36,
        "usual": 9.9,
        "lower": 4,
        "upper": 16,
        "signal": Signal.NONE.value,
        "judgement": Judgement.USUAL.value,
        "level": 9.9,
        "level_since": date(2023, 11, 1),
    }
    return Row(usual | fields)


NOT_JUDGED: dict[str, Any] = {
    **dict.fromkeys(("usual", "lower", "upper", "level", "level_since")),
    "signal": "",
    "judgement": "",
}
NEVER_CAME: dict[str, Any] = {
    "no_arrow_reason": NoArrowReason.PREVIOUS_AWAITED.value,
    "previous_state": CellState.AWAITED.value,
}


def signal(signal: Signal, tier: Tier, judgement: Judgement, window: int = 1, **fields: Any) -> dict[str, Any]:
    return {
        "signal": signal.value,
        "tier": tier.value,
        "judgement": judgement.value,
        "window_months": window,
        **fields,
    }


def lines() -> dict[str, Line]:
    """Return the lines, by what each shows."""
    lower = {"polarity": Polarity.LOWER.value, "polarity_reason": "Each is a home taken over."}
    since_may = {"level": 13.3, "level_since": date(2024, 5, 1), "level_before": 20.8}
    return {
        "Chance: the figure rose, but this means nothing by itself": make_line("arrest", "arrests", 12, 3),
        "A month that stands out, where fewer is good": make_line(
            "cuckooed house",
            "cuckooed houses",
            41,
            5,
            usual=20.7,
            lower=9,
            upper=36,
            **signal(Signal.HIGH, Tier.STANDS_OUT, Judgement.WORSE),
            **lower,
        ),
        "Six months that stand out": make_line(
            "cuckooed house",
            "cuckooed houses",
            13,
            -3,
            usual=20.0,
            lower=8,
            upper=35,
            **signal(Signal.LOW, Tier.STANDS_OUT, Judgement.BETTER, 6, window_sum=81, window_due=124.6),
            **lower,
        ),
        "A year that became the new level": make_line(
            "cuckooed house", "cuckooed houses", 13, -3, usual=13.3, lower=5, upper=26, **since_may, **lower
        ),
        "A month that returns to the earlier level": make_line(
            "cuckooed house",
            "cuckooed houses",
            27,
            9,
            usual=13.3,
            lower=5,
            upper=26,
            is_back=True,
            **signal(Signal.HIGH, Tier.STANDS_OUT, Judgement.WORSE),
            **since_may,
            **lower,
        ),
        "Something to watch": make_line(
            "child", "children", 17, 4, **signal(Signal.HIGH, Tier.WATCH, Judgement.USUAL), **lower
        ),
        "A figure that is neither good nor bad": make_line(
            "referral",
            "referrals",
            5,
            -2,
            **signal(Signal.LOW, Tier.STANDS_OUT, Judgement.LOW, 12, window_sum=71, window_due=118.6),
        ),
        "No arrow, and a rare count": make_line(
            "wounding", "woundings", 2, owner_name="NHS", usual=0.8, lower=0, upper=4, **NEVER_CAME
        ),
        "Too few months so far": make_line(
            "charge", "charges", 1, 0, method=Method.TOO_EARLY.value, **NOT_JUDGED | {"figures": 5}
        ),
        "A figure that may still change": make_line("arrest", "arrests", 12, 3, is_provisional=True),
        "No figure yet": make_line(
            "interview",
            "interviews",
            None,
            state=CellState.AWAITED.value,
            no_arrow_reason=NoArrowReason.AWAITED.value,
            signal="",
            judgement="",
        ),
    }


def examples() -> list[Example]:
    return [
        Example(shows, line_view(line, OCTOBER, DUE))
        for shows, line in zip(lines(), disclose(lines().values(), audience=Audience.PARTNERS), strict=True)
    ]
