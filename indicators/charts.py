"""Small charts of series. Pure."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from indicators.ratios import show_number

WIDTH, HEIGHT = 100, 28
MARGIN, SIDE = 3, 4  # above and below; left and right, so that each month's place is a whole number
SPARKLINE_MONTHS = 24
STEP = (WIDTH - 2 * SIDE) / (SPARKLINE_MONTHS - 1)  # from month to month


def short(number: float) -> str:
    """Format a number for an SVG path, with one decimal place unless that is zero."""
    return f"{number:.1f}".removesuffix(".0")


# Every place in the picture, worked out once, since a page has hundreds: the months across, and tenths
# of a unit down.
PLACES = [short(SIDE + month * STEP) for month in range(SPARKLINE_MONTHS)]
DEPTHS = [short(tenths / 10) for tenths in range(10 * HEIGHT + 1)]
# Between the months, the first and the last at the picture's own edges.
EDGES = [0, *(round(SIDE + (month - 0.5) * STEP) for month in range(1, SPARKLINE_MONTHS)), WIDTH]


type Place = tuple[str, str]  # across and down
type Show = Callable[[int], str]  # how a value is read
type Usual = tuple[float, float] | None  # the usual range of a month; None if it isn't known


@dataclass(frozen=True, slots=True)
class Window:
    """The newest months that stand out together, their look, and what is usual for one of them."""

    months: int
    look: str
    usual: float


@dataclass(frozen=True, slots=True)
class Shaded:
    """Paths of a window: its `area`, the `level` of what is usual for one of its months, and the `points` of its
    figures, if nothing else draws them."""

    look: str
    area: str
    level: str
    points: str = ""


class SparkEnd(NamedTuple):
    """A figure at an end of a small chart, as text, and how many months before the newest it is."""

    ago: int
    figure: str


@dataclass(frozen=True, slots=True)
class Sparkline:
    """A line over the last months, in a picture of WIDTH × HEIGHT units. `path` is one SVG path with a gap where a
    month has no figure, and `end` is the last month's place (None without a figure). `band` is the path of the usual
    range. `marks` are the places of the months that stand out, each with its look. `window` are the months that stand
    out together. `first` is the first figure that is drawn, and `last` the last one, if the newest month has none."""

    path: str
    end: Place | None
    label: str
    band: str = ""
    marks: tuple[tuple[str, str, str], ...] = ()
    window: Shaded | None = None
    first: SparkEnd | None = None
    last: SparkEnd | None = None

    @property
    def dot(self) -> Place | None:
        """Return the last month's place, unless it stands out: then it has a mark."""
        return None if any(mark[:2] == self.end for mark in self.marks) else self.end


NO_SPARKLINE = Sparkline(path="", end=None, label="")


def sparkline(
    values: Sequence[int | None],
    *,
    breaks_before: int = 0,
    usual: Sequence[Usual] = (),
    looks: Mapping[int, str] | None = None,
    window: Window | None = None,
    show: Show = show_number,
) -> Sparkline:
    """Draw the last SPARKLINE_MONTHS values, oldest first, None for a month without a figure.

    `breaks_before` counts the newest values that are under the current definition: the line isn't drawn across its
    start. `usual` has the usual range of each value. `looks` has the mark of each value that stands out, by its place.
    `window` has the months that stand out together. The scale runs from 0 to the largest value or the top of what is
    usual, so that a steady series looks steady. A month alone between gaps is a short dash, so that it is seen.
    """
    shown, bands = values[-SPARKLINE_MONTHS:], usual[-SPARKLINE_MONTHS:]
    hidden, skipped = len(values) - len(shown), SPARKLINE_MONTHS - len(shown)
    across = PLACES[skipped:]
    figures = [value for value in shown if value is not None]
    tops = figures + [band[1] for band in bands if band] + ([window.usual] if window else [])
    ends = [SparkEnd(len(shown) - 1 - at, show(value)) for at, value in enumerate(shown) if value is not None]
    # A series of zeros has no height to divide by.
    scale = 10 * (HEIGHT - 2 * MARGIN) / (max(tops, default=0) or 1)
    ground = 10 * (HEIGHT - MARGIN)
    # Values are 0 or more and never above the scale, so each has a place in DEPTHS.
    down = [None if value is None else DEPTHS[round(ground - value * scale)] for value in shown]
    return Sparkline(
        path=draw_line(across, down, len(shown) - breaks_before if breaks_before else -1),
        end=(across[-1], down[-1]) if down and down[-1] is not None else None,
        label=describe(shown, show),
        band=draw_band(bands, skipped, scale / 10),
        marks=tuple(
            (across[place - hidden], at, look)
            for place, look in (looks or {}).items()
            if place >= hidden and (at := down[place - hidden]) is not None
        ),
        window=shade(window, across, down, DEPTHS[round(ground - window.usual * scale)]) if window else None,
        first=ends[0] if ends else None,
        last=ends[-1] if ends and ends[-1].ago else None,
    )


def draw_line(across: Sequence[str], down: Sequence[str | None], broken_at: int) -> str:
    """Return a line through the places of the months, with a gap where one is None, and before `broken_at`. A level
    stretch gives only the distance across."""
    pieces: list[str] = []
    before: str | None = None
    is_alone = False
    for index, y in enumerate(down):
        if y is not None:
            if before is None or index == broken_at:
                pieces.append(f"h1M{across[index]} {y}" if is_alone else f"M{across[index]} {y}")
                is_alone = True
            else:
                pieces.append(f"H{across[index]}" if y == before else f"L{across[index]} {y}")
                is_alone = False
        before = y
    return "".join(pieces) + ("h1" if is_alone else "")


def shade(window: Window, across: Sequence[str], down: Sequence[str | None], level: str) -> Shaded:
    """Draw a window as high as the picture. A stroke without length is a dot, by its round end."""
    edge, months = EDGES[-1 - window.months], slice(-window.months, None)
    points = "".join(f"M{x} {y}h0" for x, y in zip(across[months], down[months], strict=True) if y is not None)
    return Shaded(window.look, f"M{edge} 0V{HEIGHT}H{WIDTH}V0z", f"M{edge} {level}H{WIDTH}", points)


def draw_band(usual: Sequence[Usual], skipped: int, scale: float) -> str:
    """Return the usual range as a box for each run of months that share it, in whole units. A box reaches half a month
    to either side."""
    pieces: list[str] = []
    first, shared = 0, None
    for index, band in enumerate([*usual, None]):
        if band == shared:
            continue
        if shared:
            bottom, top = round(HEIGHT - MARGIN - shared[0] * scale), round(HEIGHT - MARGIN - shared[1] * scale)
            pieces.append(f"M{EDGES[skipped + first]} {bottom}V{top}H{EDGES[skipped + index]}V{bottom}z")
        first, shared = index, band
    return "".join(pieces)


def describe(values: Sequence[int | None], show: Show = show_number) -> str:
    """Describe the picture for somebody who can't see it."""
    figures = [value for value in values if value is not None]
    if not figures:
        return "No figures in these months."
    missing = len(values) - len(figures)
    words = f"Last {len(values)} months: lowest {show(min(figures))}, highest {show(max(figures))}"
    if len(values) == 1:
        words = f"One month: {show(figures[0])}"
    if missing:
        words += f"; {missing} without a figure"
    return words + "."
