"""The chart of a series over its months, with its usual range; and the mark of each month. Pure.

The picture fills the page's width: places along it are percentages, so that its text keeps its size on a phone. Paths
can't use percentages. They are in a separate picture, UNIT wide a month, which is stretched over it. Heights are pixels
in both.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from itertools import pairwise
from math import ceil, log10

from core.calendar import Month
from indicators.charts import SPARKLINE_MONTHS, Shaded, Show, Sparkline, Window, describe
from indicators.ratios import show_number
from reporting.charts.labels import BETTER, INK, PROBLEM, RULE, WORSE

HEIGHT, BOTTOM = 300, 256  # the whole picture; its baseline, with the months' names under it
TOP = 16  # the highest figure, if nothing is written above it
LINE_OF_WORDS = 20  # above the figures, for each change of definition
UNIT = 10  # a month's width in the stretched picture
MOST_RULES = 5  # horizontal lines above the baseline
SMALL_HEIGHT, SMALL_MARGIN = 48, 5
BAR = 0.7  # of a month's width


@dataclass(frozen=True, slots=True)
class Usual:
    """A month's usual range: its limits, if it has them, and its middle."""

    lower: float | None
    middle: float | None
    upper: float | None


@dataclass(frozen=True, slots=True)
class Start:
    """Where something new starts, as text. If it `breaks` the series, nothing is compared across it."""

    at: int
    words: str
    breaks: bool


@dataclass(frozen=True, slots=True)
class Aimed:
    """Where the series should go: the trajectory's value for each month, None before it starts, and the target."""

    way: Sequence[float | None]
    target: float


@dataclass(frozen=True, slots=True)
class Drawn:
    """What is drawn beside the figures: each month's usual range or None; the look of each month with a signal, by its
    place; where something new starts; where the series should go; and the newest months that stand out together.
    """

    usual: Sequence[Usual | None] = ()
    marks: Mapping[int, str] = field(default_factory=dict)
    starts: Sequence[Start] = ()
    aims: Sequence[Aimed] = ()
    window: Window | None = None

    def since(self, start: int) -> "Drawn":
        """Return what is drawn from a place on, which becomes the first. Nothing comes before that, so nothing is cut
        there."""
        if not start:
            return self
        return Drawn(
            self.usual[start:],
            {place - start: look for place, look in self.marks.items() if place >= start},
            [replace(begun, at=begun.at - start) for begun in self.starts if begun.at > start],
            [replace(aim, way=aim.way[start:]) for aim in self.aims],
            self.window,
        )


@dataclass(frozen=True, slots=True)
class Rule:
    """A horizontal line, with its number."""

    y: str
    label: str


@dataclass(frozen=True, slots=True)
class Tick:
    """A month's name under the baseline. If there is little room, only the main ones are shown."""

    x: str
    month: str
    year: str
    is_main: bool


@dataclass(frozen=True, slots=True)
class Mark:
    x: str
    y: str
    look: str


@dataclass(frozen=True, slots=True)
class Column:
    x: str
    y: str
    width: str
    height: str


@dataclass(frozen=True, slots=True)
class Change:
    """Where something new starts. Its text starts there, or ends there if it would not fit. A new level is drawn more
    lightly, because the series continues.
    """

    x: str
    y: str
    words: str
    ends: bool
    breaks: bool


@dataclass(frozen=True, slots=True)
class ControlChart:
    """`line`, `dots`, `mean`, `limits`, `bands`, `ways`, `targets` and those of `window`, the months that stand out
    together, are paths of the stretched picture, `width` wide; everything else is at percentages.
    """

    width: int
    rules: tuple[Rule, ...]
    ticks: tuple[Tick, ...]
    line: str
    dots: str
    columns: tuple[Column, ...]
    mean: str
    limits: str
    bands: str
    marks: tuple[Mark, ...]
    gaps: tuple[str, ...]
    changes: tuple[Change, ...]
    words: str
    ways: str = ""
    targets: str = ""
    window: Shaded | None = None

    @property
    def looks(self) -> list[str]:
        """Return the looks of its marks, in the order of the key. Raises ValueError for one that isn't a signal's."""
        looks = {mark.look for mark in self.marks}
        if unknown := looks.difference(SIGNALS):
            raise ValueError(f"There is no mark for {', '.join(sorted(unknown))}.")
        return sorted(looks, key=SIGNALS.index)


@dataclass(frozen=True, slots=True)
class SmallChart:
    """The same for a card: paths of a picture `width` × SMALL_HEIGHT, which may be stretched. Its marks have their own
    outline: that of the newest month is larger."""

    width: int
    line: str
    bands: str
    end: str
    label: str
    marks: tuple[tuple[Mark, str], ...]
    window: Shaded | None


def control_chart(
    values: Sequence[int | None],
    drawn: Drawn,
    *,
    first: Month,
    in_columns: bool = False,
    unit: int = UNIT,
    ratio: str = "",
) -> ControlChart:
    """Draw a series from its first month on, None for a month without a figure; each month is `unit` wide.

    A line has a gap at such a month and where the series breaks. The scale starts at 0. Columns are for rare events,
    whose zeros show more than a line would. Raises ValueError for no months.
    """
    count = len(values)
    if not count:
        raise ValueError("There is nothing to draw.")
    aimed = [value for aim in drawn.aims for value in (aim.target, *aim.way) if value is not None]
    step, top = rules_to(max(highest(values, drawn), *aimed, 0))
    scale = (BOTTOM - TOP - LINE_OF_WORDS * min(len(drawn.starts), 2)) / top
    heights = [None if value is None else short(BOTTOM - value * scale) for value in values]
    gaps = [place for place, value in enumerate(values) if value is None]
    marked = {place: look for place, look in drawn.marks.items() if heights[place] is not None}
    spans = spans_of_usual(drawn, count)
    return ControlChart(
        width=count * unit,
        rules=tuple(Rule(short(BOTTOM - value * scale), number(value, ratio)) for value in range(0, top + 1, step)),
        ticks=tuple(make_ticks(first, count)),
        line="" if in_columns else line_path(heights, drawn.starts, unit),
        dots="" if in_columns else dots_path(heights, without=marked, unit=unit),
        columns=tuple(make_columns(heights)) if in_columns else (),
        mean="".join(
            stairs([usual_month.middle for usual_month in span], at, scale, unit=unit)
            for at, span in spans
            if span[0].middle is not None
        ),
        limits="".join(
            stairs([usual_month.lower for usual_month in span], at, scale, unit=unit)
            + stairs([usual_month.upper for usual_month in span], at, scale, unit=unit)
            for at, span in spans
        ),
        bands=bands_path(spans, scale, bottom=BOTTOM, unit=unit),
        marks=tuple(Mark(middle(place, count), heights[place] or "", look) for place, look in marked.items()),
        gaps=tuple(middle(place, count) for place in gaps),
        changes=tuple(make_changes(drawn.starts, count)),
        words=describe_chart(values, drawn, marked, ratio),
        ways="".join(
            line_path([None if value is None else short(BOTTOM - value * scale) for value in aim.way], (), unit)
            for aim in drawn.aims
        ),
        targets="".join(target_path(aim, scale, unit) for aim in drawn.aims),
        window=shade(drawn.window, heights, scale, bottom=BOTTOM, unit=unit),
    )


def shade(
    window: Window | None, heights: Sequence[str | None], scale: float, *, bottom: int, unit: int = UNIT
) -> Shaded | None:
    """Draw the newest of these months, as many as the window has, from the baseline to the top of the picture."""
    if window is None:
        return None
    count = len(heights)
    first = max(0, count - window.months)
    start, end, level = first * unit, count * unit, short(bottom - window.usual * scale)
    points = dots_path(heights, without=range(first), unit=unit)
    return Shaded(window.look, f"M{start} 0V{bottom}H{end}V0z", f"M{start} {level}H{end}", points)


def target_path(aim: Aimed, scale: float, unit: int) -> str:
    """Draw the target level over the months of its trajectory."""
    begun = [place for place, value in enumerate(aim.way) if value is not None]
    return f"M{begun[0] * unit} {short(BOTTOM - aim.target * scale)}H{len(aim.way) * unit}" if begun else ""


def small_chart(values: Sequence[int | None], drawn: Drawn, *, show: Show = show_number) -> SmallChart:
    """Draw the last SPARKLINE_MONTHS of a series, with the usual range as a band behind it."""
    cut = max(0, len(values) - SPARKLINE_MONTHS)
    shown, drawn = values[cut:], drawn.since(cut)
    count = len(shown)
    bottom = SMALL_HEIGHT - SMALL_MARGIN
    scale = (bottom - SMALL_MARGIN) / highest(shown, drawn)
    heights = [None if value is None else short(bottom - value * scale) for value in shown]
    marked = {place: look for place, look in drawn.marks.items() if look in NEWEST and place < count and heights[place]}
    return SmallChart(
        width=count * UNIT,
        line=line_path(heights, drawn.starts),
        bands=bands_path(spans_of_usual(drawn, count), scale, bottom=bottom),
        end=dots_path(heights, without=[*range(count - 1), *marked]),
        label=describe(shown, show),
        marks=tuple(
            (Mark(middle(place, count), heights[place] or "", look), (NEWEST if place == count - 1 else EARLIER)[look])
            for place, look in marked.items()
        ),
        window=shade(drawn.window, heights, scale, bottom=bottom),
    )


def highest(values: Sequence[int | None], drawn: Drawn) -> float:
    figures = [value for value in values if value is not None]
    usual = [usual_month.upper or 0 for usual_month in drawn.usual if usual_month is not None]
    # At least 1: pictures are divided by it, and `rules_to` takes its logarithm.
    return max([*figures, *usual, drawn.window.usual if drawn.window else 0, 1])


def spans_of_usual(drawn: Drawn, count: int) -> list[tuple[int, list[Usual]]]:
    """Return the runs of months with a usual range, each with the place of its first; none crosses a break."""
    breaks = {start.at for start in drawn.starts if start.breaks}
    spans: list[tuple[int, list[Usual]]] = []
    goes_on = False
    for place, usual in enumerate(drawn.usual[:count]):
        if usual is None:
            goes_on = False
            continue
        if not goes_on or place in breaks:
            spans.append((place, []))
        spans[-1][1].append(usual)
        goes_on = True
    return spans


def stairs(
    heights: Sequence[float | None], at: int, scale: float, *, unit: int, bottom: float = BOTTOM, back: bool = False
) -> str:
    """Draw a line that is level over each month, from the first. `back` continues from the pen in the other direction.
    A limit of 0 is the baseline, and isn't drawn.
    """
    if not back and not any(height is not None and height > 0 for height in heights):
        return ""
    path, pen = "", ""
    places = range(len(heights) - 1, -1, -1) if back else range(len(heights))
    for place in places:
        # A limit may be below 0, where there is no picture.
        height = short(bottom - max(heights[place] or 0, 0) * scale)
        start, end = (at + place + 1, at + place) if back else (at + place, at + place + 1)
        if height != pen:
            path += f"V{height}" if path or back else f"M{start * unit} {height}"
            pen = height
            path += f"H{end * unit}"
        else:
            path = path[: path.rindex("H")] + f"H{end * unit}"
    return path


def rules_to(highest: float) -> tuple[int, int]:
    """Return the distance of the horizontal lines, and the highest: whole and round numbers."""
    # Below 10 the division gives 0, but lines are at whole numbers.
    size = 10 ** int(log10(highest)) // 10 or 1
    while True:
        for step in (size, 2 * size, 5 * size):
            if step * MOST_RULES >= highest:
                return step, step * ceil(highest / step)
        size *= 10


def number(value: int, ratio: str = "") -> str:
    """Write a number at the side of the picture, which has room for six characters."""
    if ratio:
        return show_number(value, ratio).replace(".0", "")
    for size, letter in ((10**9, "bn"), (10**6, "m"), (10**3, "k")):
        if value >= 100_000 and value >= size:
            return f"{value / size:g}{letter}"
    return f"{value:,}"


def make_ticks(first: Month, count: int) -> Iterator[Tick]:
    """Name every third month, counted from the newest at the end."""
    for place in range((count - 1) % 3, count, 3):
        month = first + place
        yield Tick(middle(place, count), month.name[:3], str(month.year), (count - 1 - place) % 6 == 0)


def make_changes(starts: Sequence[Start], count: int) -> Iterator[Change]:
    """Put the texts on two lines in turn, so that neighbours don't overlap."""
    for index, start in enumerate(sorted(starts, key=lambda start: start.at)):
        y = TOP + LINE_OF_WORDS * (index % 2)
        yield Change(percent(start.at / count), str(y), start.words, start.at * 2 > count, start.breaks)


def line_path(heights: Sequence[str | None], starts: Sequence[Start], unit: int = UNIT) -> str:
    breaks = {start.at for start in starts if start.breaks}
    pieces, pen_is_down = [], False
    for place, height in enumerate(heights):
        if height is not None:
            goes_on = pen_is_down and place not in breaks
            pieces.append(f"{'L' if goes_on else 'M'}{place * unit + unit // 2} {height}")
        pen_is_down = height is not None
    return "".join(pieces)


def dots_path(heights: Sequence[str | None], *, without: Mapping[int, str] | Sequence[int], unit: int = UNIT) -> str:
    """Draw strokes without length. Their round ends make dots, however the picture is stretched."""
    return "".join(
        f"M{place * unit + unit // 2} {height}h0"
        for place, height in enumerate(heights)
        if height is not None and place not in without
    )


def make_columns(heights: Sequence[str | None]) -> Iterator[Column]:
    """Yield a column for each figure. A true zero has a flat one."""
    count = len(heights)
    width = percent(BAR / count)
    for place, height in enumerate(heights):
        if height is not None:
            y = min(float(height), BOTTOM - 2)
            yield Column(percent((place + (1 - BAR) / 2) / count), short(y), width, short(BOTTOM - y))


def bands_path(spans: Sequence[tuple[int, list[Usual]]], scale: float, *, bottom: int, unit: int = UNIT) -> str:
    return "".join(
        stairs([usual_month.upper for usual_month in span], at, scale, unit=unit, bottom=bottom)
        + stairs([usual_month.lower for usual_month in span], at, scale, unit=unit, bottom=bottom, back=True)
        + "Z"
        for at, span in spans
        if any(usual_month.upper for usual_month in span) and all(usual_month.lower is not None for usual_month in span)
    )


def describe_chart(values: Sequence[int | None], drawn: Drawn, marked: Mapping[int, str], ratio: str = "") -> str:
    """Describe the picture for somebody who can't see it; the table has each figure."""
    words = [describe(values, partial(show_number, ratio=ratio))]
    if marked:
        words.append(f"{len(marked)} {'month shows' if len(marked) == 1 else 'months show'} a signal.")
    words += [f"{start.words}." for start in sorted(drawn.starts, key=lambda start: start.at)]
    return " ".join(words)


def middle(place: int, count: int) -> str:
    return percent((place + 0.5) / count)


def percent(share: float) -> str:
    return f"{share * 100:.2f}%"


def short(value: float) -> str:
    return f"{value:.1f}".removesuffix(".0")


# --- The mark of a month --------------------------------------------------------------------------

# It is the same on a page, in a pack and in a picture. Its shape means the same as its colour. It is filled, and drawn
# around the pen's place, in a square of SIZE.

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
    "inapplicable": "m-6-1h12v2h-12z",
    "withheld": outline("withheld"),
}
COLOURS = {
    "better": BETTER,
    "worse": WORSE,
    "unjudged": INK,
    "watch": INK,
    "usual": RULE,
    "gap": PROBLEM,
    "inapplicable": RULE,
    "withheld": RULE,
}
MEANINGS = {
    "better": "Stands out: better",
    "worse": "Stands out: worse",
    "unjudged": "Stands out: higher or lower",
    "watch": "Watch",
    "usual": "Usual, or not judged",
    "gap": "No figure",
    "inapplicable": "Not applicable",
    "withheld": "Not shown",
}
# The size around a point of a small chart: for an earlier month, and for the newest.
EARLIER, NEWEST = ({look: outline(look, scale) for look in ("better", "worse", "unjudged")} for scale in (0.375, 0.65))
SIGNALS = ("better", "worse", "unjudged", "watch")


def small_marks(drawn: Sparkline) -> dict[str, str]:
    """Return one path around the months of each look that a small chart marks. Raises KeyError for a look without a
    mark.
    """
    paths: dict[str, str] = {}
    for x, y, look in drawn.marks:
        shape = (NEWEST if (x, y) == drawn.end else EARLIER)[look]
        paths[look] = f"{paths.get(look, '')}M{x} {y}{shape}"
    return paths
