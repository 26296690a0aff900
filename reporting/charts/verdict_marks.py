"""Which mark does a month have? It is the same on a page, in a pack and in a picture. Pure.

Its shape means the same as its colour. It is filled, and drawn around the pen's place, in a square of SIZE.
"""

from collections.abc import Sequence
from itertools import pairwise

from indicators.charts.sparkline import Sparkline
from reporting.charts.colours import BETTER, INK, PROBLEM, RULE, WORSE

SIZE = 20
type Corners = Sequence[tuple[float, float]]
# By look: a triangle, a diamond, a square; a cross for no figure, a bar for a withheld one.
CORNERS: dict[str, Corners] = {
    "better": ((0, -8), (7.5, 5), (-7.5, 5)),
    "worse": ((0, -8), (8, 0), (0, 8), (-8, 0)),
    "unjudged": ((-6, -6), (6, -6), (6, 6), (-6, 6)),
    "gap": (
        *((-5, -3.6), (-3.6, -5), (0, -1.4), (3.6, -5), (5, -3.6), (1.4, 0)),
        *((5, 3.6), (3.6, 5), (0, 1.4), (-3.6, 5), (-5, 3.6), (-1.4, 0)),
    ),
    "withheld": ((-8, -3), (8, -3), (8, 3), (-8, 3)),
}


def outline(look: str, scale: float = 1) -> str:
    """Return the path of a look that has corners, relative to the pen's place."""
    corners = [(round(x * scale, 1), round(y * scale, 1)) for x, y in CORNERS[look]]
    steps = [
        f"{round(to_x - from_x, 1):g} {round(to_y - from_y, 1):g}"
        for (from_x, from_y), (to_x, to_y) in pairwise(corners)
    ]
    (x, y), *_ = corners
    # A minus sign separates numbers by itself.
    return f"m{x:g} {y:g}l{' '.join(steps)}z".replace(" -", "-")


# In the order of the key. A watch is a ring, and a usual month a dot.
SHAPES = {
    **{look: outline(look) for look in ("better", "worse", "unjudged")},
    "watch": "m-5.5 0a5.5 5.5 0 1 0 11 0a5.5 5.5 0 1 0-11 0zm3 0a2.5 2.5 0 1 1 5 0a2.5 2.5 0 1 1-5 0z",
    "usual": "m-2.5 0a2.5 2.5 0 1 0 5 0a2.5 2.5 0 1 0-5 0z",
    "gap": outline("gap"),
    "withheld": outline("withheld"),
}
COLOURS = {
    "better": BETTER,
    "worse": WORSE,
    "unjudged": INK,
    "watch": INK,
    "usual": RULE,
    "gap": PROBLEM,
    "withheld": RULE,
}
MEANINGS = {
    "better": "Stands out: better",
    "worse": "Stands out: worse",
    "unjudged": "Stands out: higher or lower",
    "watch": "Watch",
    "usual": "Usual, or not judged",
    "gap": "No figure",
    "withheld": "Not shown",
}
# The size around a point of a small chart: for an earlier month, and for the newest.
EARLIER, NEWEST = ({look: outline(look, scale) for look in ("better", "worse", "unjudged")} for scale in (0.375, 0.65))
SIGNALS = ("better", "worse", "unjudged", "watch")

MARK = (
    f'<svg class="vv-mark vv-mark--{{look}}" viewBox="{-SIZE // 2} {-SIZE // 2} {SIZE} {SIZE}" aria-hidden="true">'
    '<path d="{shape}"/></svg>'
)


def small_marks(drawn: Sparkline) -> dict[str, str]:
    """Return one path around the months of each look that a small chart marks. Raises KeyError for a look without a
    mark.
    """
    paths: dict[str, str] = {}
    for x, y, look in drawn.marks:
        shape = (NEWEST if (x, y) == drawn.end else EARLIER)[look]
        paths[look] = f"{paths.get(look, '')}M{x} {y}{shape}"
    return paths


def mark(look: str) -> str:
    """Return the mark beside text, only for the eye: the text says the same. Raises KeyError for a look without a
    mark.
    """
    return MARK.format(look=look, shape=SHAPES[look])
