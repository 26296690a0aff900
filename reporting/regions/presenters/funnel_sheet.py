"""What does a file say of an indicator's funnel? Each area with its limits, the average and the factor."""

from collections.abc import Iterator

from core.workbook import Sheet
from indicators.funnels import Curve, find_at, list_curves
from indicators.ranges import FAR, USUAL
from reporting.regions.presenters.funnel import FunnelView, NoFunnel

COLUMNS = (
    *("area", "months", "events", "out_of", "rate", "compared", "lower_far", "lower_usual", "upper_usual", "upper_far"),
    *("average", "variance_factor"),
)
MEANINGS = (
    ("months", "The months that are counted together."),
    ("events", "The count of these months."),
    ("out_of", "The residents, or what a ratio is out of."),
    ("rate", "The events for what they are out of, before rounding: for each 10,000 residents, or as the ratio is."),
    (
        "compared",
        "“higher” or “lower” than the region is outside the 95% limits, “far-higher” or “far-lower” outside the 99.8% "
        "limits; “within” is neither. It comes from the area’s own range, so near a limit the two may differ.",
    ),
    ("lower_usual", "The lower 95% limit for an area of this size, as drawn. The others: upper_usual, and the 99.8% "
     "limits lower_far and upper_far. Empty where the curve isn’t drawn."),
    ("average", "The rate of all these areas together."),
    (
        "variance_factor",
        "How many times the squared differences between areas are what chance alone makes them, at least 1. It widens "
        "the limits by about its square root.",
    ),
)  # fmt: skip
NAMES = {
    "lower_far": (FAR, False),
    "lower_usual": (USUAL, False),
    "upper_usual": (USUAL, True),
    "upper_far": (FAR, True),
}


def make_funnel_sheets(view: FunnelView | NoFunnel) -> tuple[Sheet, ...]:
    """Return the sheet of a funnel; none without one."""
    return (Sheet("Funnel", COLUMNS, tuple(list_rows(view))),) if isinstance(view, FunnelView) else ()


def list_rows(view: FunnelView) -> Iterator[tuple[str | float | None, ...]]:
    made = view.made
    curves = list_curves(made, view.parts)
    for row, part, place in zip(view.rows, view.parts, made.places, strict=True):
        limits = [find_limit(curves, part.exposure, *which) for which in NAMES.values()]
        yield (
            *(row.name, view.span, part.events, part.exposure, part.value * view.per, place.value),
            *(None if limit is None else limit * view.per for limit in limits),
            *(made.average * view.per, made.factor),
        )


def find_limit(curves: list[Curve], exposure: float, confidence: float, is_upper: bool) -> float | None:
    for curve in curves:
        if curve.confidence == confidence and curve.is_upper is is_upper:
            return find_at(curve, exposure)
    return None
