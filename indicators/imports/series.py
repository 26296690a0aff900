"""Reads a series to analyse, judge or compare from a line of JSON. Pure."""

import json
import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, NoReturn

from indicators.judgement.judge import Counted
from indicators.ratios import RATIO_KINDS, RatioKind
from indicators.trend import LEAST_BASELINE, Polarity, Value

LARGEST = 10**15  # a larger number isn't a count, and sums of its squares lose their last digits
LONGEST = 10_000  # points
# The defaults of what may be left out: for a series to analyse, and for one to judge.
POINTS: dict[str, Any] = {
    "id": None,
    "improvement": Polarity.NEUTRAL.value,
    "target": None,
    "step_changes": [],
    "baseline_points": None,
    "screen_outliers": True,
}
COUNTS: dict[str, Any] = {
    "id": None,
    "kind": Counted.FLOW.value,
    "denominators": None,
    "counted": None,
    "improvement": Polarity.NEUTRAL.value,
    "starts": [],
}


RATIOS = {kind.value: kind for kind in RatioKind if RATIO_KINDS[kind].shows_chance}


class SeriesRefused(ValueError):
    """Raised for a line that can't be analysed. Its text is a sentence for the user."""


@dataclass(frozen=True, slots=True)
class Points:
    """The arguments of indicators.trend.analyse."""

    values: list[Value]
    polarity: Polarity
    target: float | None
    step_changes: list[int]
    baseline_points: int | None
    screen_outliers: bool


@dataclass(frozen=True, slots=True)
class Counts:
    """The arguments of indicators.judgement.judge, or of a ratio's judge_ratio, and which way is good."""

    values: list[int | None]
    denominators: list[int | None] | None
    ratio: RatioKind | None
    counted: Counted
    polarity: Polarity
    starts: list[int]


def read_object(line: bytes) -> dict[str, Any]:
    """Raises SeriesRefused, with a sentence."""
    try:
        # json reads NaN and Infinity unless somebody refuses them.
        row = json.loads(line, parse_constant=refuse_constant)
    except SeriesRefused:
        raise
    except UnicodeDecodeError:
        raise SeriesRefused("The line is not UTF-8.") from None
    except (ValueError, RecursionError):
        raise SeriesRefused("The line is not valid JSON.") from None
    if not isinstance(row, dict):
        raise SeriesRefused('The line is not an object, such as {"values": [1, 2, 3]}.')
    return row


def read_points(row: dict[str, Any]) -> Points:
    """Raises SeriesRefused, with a sentence."""
    row = with_defaults(row, POINTS)
    values = row["values"]
    for place, value in enumerate(values):
        if value is not None and not is_number(value):
            raise SeriesRefused(f"Value {place + 1} must be null or a number between -10^15 and 10^15.")
    check = Checks(row, len(values))
    return Points(
        values=values,
        polarity=check.polarity(),
        target=check.target(),
        step_changes=check.places("step_changes"),
        baseline_points=check.baseline_points(),
        screen_outliers=check.screen_outliers(),
    )


def read_counts(row: dict[str, Any]) -> Counts:
    """Raises SeriesRefused, with a sentence."""
    row = with_defaults(row, COUNTS)
    values = row["values"]
    check_counts(values, "Value")
    check = Checks(row, len(values))
    polarity, starts = check.polarity(), check.places("starts")
    # JSON may hold a list here, which no dictionary can look up.
    ratio = RATIOS.get(row["kind"]) if isinstance(row["kind"], str) else None
    if ratio is None:
        if row["denominators"] is not None or row["counted"] is not None:
            raise SeriesRefused(
                "A count has no “denominators” or “counted”. To use them, “kind” must be share or rate."
            )
        return Counts(values, None, None, check.counted("kind", "flow, stock, share or rate"), polarity, starts)
    denominators = check.denominators(values, ratio)
    if row["counted"] is None:
        return Counts(values, denominators, ratio, Counted.FLOW, polarity, starts)
    return Counts(values, denominators, ratio, check.counted("counted", "flow or stock"), polarity, starts)


def check_counts(values: list[object], what: str) -> None:
    for place, value in enumerate(values, 1):
        if value is not None and not (is_whole(value) and 0 <= value <= LARGEST):  # type: ignore[operator]
            raise SeriesRefused(f"{what} {place} must be null or a whole number from 0 to 10^15.")


def with_defaults(row: dict[str, Any], defaults: dict[str, Any]) -> dict[str, Any]:
    for name in row:
        if name != "values" and name not in defaults:
            raise SeriesRefused(f"A series can’t have “{name[:40]}”.")
    if "values" not in row:
        raise SeriesRefused("“values” is missing.")
    if not isinstance(row["values"], list) or len(row["values"]) > LONGEST:
        raise SeriesRefused(f"“values” must be a list of at most {LONGEST:,} numbers and nulls.")
    return defaults | row


def refuse_constant(name: str) -> NoReturn:
    raise SeriesRefused(f"{name} is not a number that can be analysed.")


def is_number(value: object) -> bool:
    return (
        isinstance(value, int | float)
        and not isinstance(value, bool)
        and -LARGEST <= value <= LARGEST
        and math.isfinite(value)
    )


def is_whole(value: object) -> bool:
    # True and False are ints in Python.
    return isinstance(value, int) and not isinstance(value, bool)


@dataclass(frozen=True, slots=True)
class Checks:
    """Reads or refuses each part of a line besides its values."""

    row: dict[str, Any]
    size: int

    def polarity(self) -> Polarity:
        try:
            return Polarity(self.row["improvement"])
        except ValueError:
            raise SeriesRefused("“improvement” must be higher, lower or neutral.") from None

    def target(self) -> float | None:
        target: float | None = self.row["target"]
        if target is not None and not is_number(target):
            raise SeriesRefused("“target” must be null or a number between -10^15 and 10^15.")
        return target

    def counted(self, name: str, choices: str) -> Counted:
        try:
            return Counted(self.row[name])
        except ValueError:
            raise SeriesRefused(f"“{name}” must be {choices}.") from None

    def denominators(self, values: list[int | None], ratio: RatioKind) -> list[int | None]:
        denominators: list[int | None] = self.row["denominators"]
        if not isinstance(denominators, list) or len(denominators) != self.size:
            raise SeriesRefused(f"“denominators” must have a number or null for each of the {self.size} values.")
        check_counts([*denominators], "Denominator")
        if RATIO_KINDS[ratio].is_part:
            for place, (value, whole) in enumerate(zip(values, denominators, strict=True), 1):
                if value is not None and whole is not None and value > whole:
                    raise SeriesRefused(f"Denominator {place} is below its numerator, so this can’t be a share.")
        return denominators

    def places(self, name: str) -> list[int]:
        places: list[int] = self.row[name]
        if not isinstance(places, list) or not all(is_whole(place) and 0 <= place < self.size for place in places):
            raise SeriesRefused(f"“{name}” must be a list of places in the series, counted from 0.")
        return places

    def baseline_points(self) -> int | None:
        points: int | None = self.row["baseline_points"]
        if points is not None and not (is_whole(points) and points >= LEAST_BASELINE):
            raise SeriesRefused(f"“baseline_points” must be null or a whole number of at least {LEAST_BASELINE}.")
        return points

    def screen_outliers(self) -> bool:
        screen = self.row["screen_outliers"]
        if not isinstance(screen, bool):
            raise SeriesRefused("“screen_outliers” must be true or false.")
        return screen


COUNT = "count"
MOST_CONTROLS = 100
LEAST_DENOMINATOR = 1e-9
DEFAULTS: dict[str, Any] = {
    "id": None,
    "event": None,
    "controls": [],
    "kind": COUNT,
    "denominators": None,
    "controls_denominators": None,
    "starts": [],
}

type Numbers = list[float | None]


@dataclass(frozen=True, slots=True)
class Question:
    """The arguments of indicators.impact.claim.compare."""

    counts: Numbers
    event: int
    controls: list[Numbers]
    exposures: Numbers | None
    control_exposures: list[Numbers] | None
    is_share: bool
    starts: list[int]


def read_question(row: dict[str, Any]) -> Question:
    """Raises SeriesRefused, with a sentence."""
    row = with_defaults(row, DEFAULTS)
    values: Numbers = row["values"]
    _check(values, "Value")
    size = len(values)
    if not is_whole(row["event"]):
        raise SeriesRefused("“event” must be the place of the first month after the event, counted from 0.")
    controls = _read_several(row, "controls", size)
    ratio = _read_kind(row)
    exposures, control_exposures = None, None
    if ratio is None:
        if row["denominators"] or row["controls_denominators"]:
            raise SeriesRefused("A count has no denominators. To use them, “kind” must be share or rate.")
    else:
        exposures = _read_numbers(row["denominators"], "denominators", size)
        _check_pair(values, exposures, ratio, "")
        if row["controls_denominators"] is not None:
            control_exposures = _read_several(row, "controls_denominators", size)
            if len(control_exposures) != len(controls):
                raise SeriesRefused("“controls_denominators” must have a list for each of “controls”.")
            for number, (control, exposure) in enumerate(zip(controls, control_exposures, strict=True), 1):
                _check_pair(control, exposure, ratio, f" of control {number}")
    starts = Checks(row, size).places("starts")
    is_share = ratio is not None and RATIO_KINDS[ratio].is_part
    return Question(values, row["event"], controls, exposures, control_exposures or None, is_share, starts)


def _read_kind(row: dict[str, Any]) -> RatioKind | None:
    """Return None for a count."""
    if row["kind"] == COUNT:
        return None
    for kind in RATIOS.values():
        if row["kind"] == kind:
            return kind
    raise SeriesRefused("“kind” must be count, share or rate.")


def _read_several(row: dict[str, Any], name: str, size: int) -> list[Numbers]:
    several = row[name]
    if several is None:
        return []
    if not isinstance(several, list) or len(several) > MOST_CONTROLS:
        raise SeriesRefused(f"“{name}” must be a list of at most {MOST_CONTROLS} lists.")
    return [_read_numbers(numbers, name, size) for numbers in several]


def _read_numbers(values: object, name: str, size: int) -> Numbers:
    if not isinstance(values, list) or len(values) != size or size > LONGEST:
        raise SeriesRefused(f"“{name}” must have a number or null for each of the {size} months in “values”.")
    _check(values, "Number", f" in “{name}”")
    return values


def _check(values: Sequence[object], what: str, where: str = "") -> None:
    for place, value in enumerate(values, 1):
        if value is not None and not (is_number(value) and value >= 0):  # type: ignore[operator]
            raise SeriesRefused(f"{what} {place}{where} must be null or a number from 0 to 10^{len(str(LARGEST)) - 1}.")


def _check_pair(counts: Numbers, exposures: Numbers, ratio: RatioKind, whose: str) -> None:
    for place, (count, exposure) in enumerate(zip(counts, exposures, strict=True), 1):
        if exposure is not None and exposure < LEAST_DENOMINATOR:
            raise SeriesRefused(f"Denominator {place}{whose} is 0 or almost 0, so we can’t divide by it.")
        if RATIO_KINDS[ratio].is_part and count is not None and exposure is not None and count > exposure:
            raise SeriesRefused(f"Denominator {place}{whose} is below its numerator, so this can’t be a share.")
