"""What does a line of JSON say about a series before and after an event? Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from indicators.imports.series import (
    LARGEST,
    LONGEST,
    RATIOS,
    Checks,
    SeriesRefused,
    is_number,
    is_whole,
    with_defaults,
)
from indicators.ratios import RATIO_KINDS, RatioKind

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

    values: Numbers
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
        raise SeriesRefused("“event” must be the place of the first month after it, counted from 0.")
    controls = _read_several(row, "controls", size)
    ratio = _read_kind(row)
    exposures, control_exposures = None, None
    if ratio is None:
        if row["denominators"] or row["controls_denominators"]:
            raise SeriesRefused("A count has no denominators: “kind” must be share or rate.")
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
    return [_read_numbers(each, name, size) for each in several]


def _read_numbers(values: object, name: str, size: int) -> Numbers:
    if not isinstance(values, list) or len(values) != size or size > LONGEST:
        raise SeriesRefused(f"“{name}” must have a number or null for each of the {size} months of “values”.")
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
