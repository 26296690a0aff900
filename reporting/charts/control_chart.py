"""What does a series look like over its months, with what is usual for it? Pure.

The picture is as wide as the page lets it be: places along it are percentages, so that its words
keep their size on a phone. Paths can't be told in percentages; they are in a picture of their own,
UNIT wide a month, which is stretched over the other. Heights are pixels in both.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from math import ceil, log10

from core.months import Month
from indicators.charts.sparkline import SPARKLINE_MONTHS, describe

HEIGHT, BOTTOM = 300, 256  # of the whole picture; of its baseline, with the months' names under it
TOP = 16  # of the highest figure, where nothing is written above it
LINE_OF_WORDS = 20  # above the figures, for each change of definition
UNIT = 10  # a month's width in the stretched picture
MOST_RULES = 5  # horizontal lines above the baseline
SMALL_HEIGHT, SMALL_MARGIN = 48, 5
BAR = 0.7  # of a month's width


@dataclass(frozen=True, slots=True)
class Step:
    """The part of a series under one definition: its first place, the mean and limits where it has
    them, and the look of each month that shows a signal, by its place."""

    at: int
    mean: float | None = None
    lower: float | None = None
    upper: float | None = None
    marks: Mapping[int, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Rule:
    """A horizontal line, with its number."""

    y: str
    label: str


@dataclass(frozen=True, slots=True)
class Tick:
    """A month's name under the baseline. Where there is little room, only the main ones are shown."""

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
    """Where a new definition begins, with its month. Its words begin there, or end there where they
    would not fit."""

    x: str
    y: str
    month: str
    ends: bool


@dataclass(frozen=True, slots=True)
class ControlChart:
    """`line`, `dots`, `mean`, `limits` and `bands` are paths of the stretched picture, `width` wide;
    what else there is stands at percentages."""

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


@dataclass(frozen=True, slots=True)
class SmallChart:
    """The same for a card: paths of a picture `width` × SMALL_HEIGHT, which may be stretched."""

    width: int
    line: str
    dots: str
    bands: str
    end: str
    label: str


def control_chart(
    values: Sequence[int | None], steps: Sequence[Step], *, first: Month, in_columns: bool = False, unit: int = UNIT
) -> ControlChart:
    """Draw a series from its first month on, None for a month without a figure; each month is `unit` wide.

    A line is lifted over such a month and where a new step begins; the scale begins at 0. Columns
    are for rare events, whose noughts say more than a line would. Raises ValueError for no months.
    """
    count = len(values)
    if not count:
        raise ValueError("There is nothing to draw.")
    spans = list(find_spans(steps, count))
    step, top = rules_to(max([*(v for v in values if v is not None), *(s.upper or 0 for s in steps), 1]))
    begins = [span for span in spans if span[1]]
    scale = (BOTTOM - TOP - LINE_OF_WORDS * min(len(begins), 2)) / top
    heights = [None if value is None else short(BOTTOM - value * scale) for value in values]
    gaps = [place for place, value in enumerate(values) if value is None]
    marked = {place: look for each in steps for place, look in each.marks.items() if heights[place] is not None}
    return ControlChart(
        width=count * unit,
        rules=tuple(Rule(short(BOTTOM - value * scale), number(value)) for value in range(0, top + 1, step)),
        ticks=tuple(make_ticks(first, count)),
        line="" if in_columns else line_path(heights, spans, unit),
        dots="" if in_columns else dots_path(heights, without=marked, unit=unit),
        columns=tuple(make_columns(heights)) if in_columns else (),
        mean="".join(
            f"M{start * unit} {short(BOTTOM - each.mean * scale)}H{end * unit}"
            for each, start, end in spans
            if each.mean is not None
        ),
        limits="".join(
            f"M{start * unit} {short(BOTTOM - limit * scale)}H{end * unit}"
            for each, start, end in spans
            for limit in (each.lower, each.upper)
            if limit is not None and limit > 0
        ),
        bands=bands_path(spans, scale, bottom=BOTTOM, unit=unit),
        marks=tuple(Mark(middle(place, count), heights[place] or "", look) for place, look in marked.items()),
        gaps=tuple(middle(place, count) for place in gaps),
        changes=tuple(make_changes([start for _, start, _ in begins], first, count)),
        words=describe_chart(values, spans, marked, first),
    )


def small_chart(values: Sequence[int | None], steps: Sequence[Step]) -> SmallChart:
    """Draw the last SPARKLINE_MONTHS of a series, with what is usual as a band behind it."""
    cut = max(0, len(values) - SPARKLINE_MONTHS)
    shown = values[cut:]
    spans = [(step, max(0, start - cut), end - cut) for step, start, end in find_spans(steps, len(values)) if end > cut]
    top = max([*(v for v in shown if v is not None), *(step.upper or 0 for step, _, _ in spans), 1])
    bottom = SMALL_HEIGHT - SMALL_MARGIN
    scale = (bottom - SMALL_MARGIN) / top
    heights = [None if value is None else short(bottom - value * scale) for value in shown]
    marked = {place - cut for step, _, _ in spans for place in step.marks if place >= cut}
    newest = [None] * (len(heights) - 1) + heights[-1:]
    return SmallChart(
        width=len(shown) * UNIT,
        line=line_path(heights, spans),
        dots=dots_path([height if place in marked else None for place, height in enumerate(heights)], without=()),
        bands=bands_path(spans, scale, bottom=bottom),
        end=dots_path(newest, without=()),
        label=describe(shown),
    )


def find_spans(steps: Sequence[Step], count: int) -> Iterator[tuple[Step, int, int]]:
    """Each step with its first place and the one after its last."""
    for step, after in zip(steps, [*(step.at for step in steps[1:]), count], strict=True):
        if after > step.at:
            yield step, step.at, after


def rules_to(highest: float) -> tuple[int, int]:
    """How far apart the horizontal lines are, and the highest of them: whole and round numbers."""
    size = 10 ** int(log10(highest)) // 10 or 1
    while True:
        for step in (size, 2 * size, 5 * size):
            if step * MOST_RULES >= highest:
                return step, step * ceil(highest / step)
        size *= 10


def number(value: int) -> str:
    """A number at the side of the picture, where there is room for six characters."""
    for size, letter in ((10**9, "bn"), (10**6, "m"), (10**3, "k")):
        if value >= 100_000 and value >= size:
            return f"{value / size:g}{letter}"
    return f"{value:,}"


def make_ticks(first: Month, count: int) -> Iterator[Tick]:
    """A name for every third month, counted from the newest, which stands at the end."""
    for place in range((count - 1) % 3, count, 3):
        month = first + place
        yield Tick(middle(place, count), month.name[:3], str(month.year), (count - 1 - place) % 6 == 0)


def make_changes(starts: Sequence[int], first: Month, count: int) -> Iterator[Change]:
    """On two lines in turn, so that neighbours don't run into each other."""
    for index, start in enumerate(starts):
        y = TOP + LINE_OF_WORDS * (index % 2)
        yield Change(percent(start / count), str(y), (first + start).short_label, ends=start * 2 > count)


def line_path(heights: Sequence[str | None], spans: Sequence[tuple[Step, int, int]], unit: int = UNIT) -> str:
    pieces = []
    for _, start, end in spans:
        pen_is_down = False
        for place in range(start, end):
            height = heights[place]
            if height is not None:
                pieces.append(f"{'L' if pen_is_down else 'M'}{place * unit + unit // 2} {height}")
            pen_is_down = height is not None
    return "".join(pieces)


def dots_path(heights: Sequence[str | None], *, without: Mapping[int, str] | Sequence[int], unit: int = UNIT) -> str:
    """Strokes of no length, which round ends make into dots however the picture is stretched."""
    return "".join(
        f"M{place * unit + unit // 2} {height}h0"
        for place, height in enumerate(heights)
        if height is not None and place not in without
    )


def make_columns(heights: Sequence[str | None]) -> Iterator[Column]:
    """A true nought is a column too, though a flat one."""
    count = len(heights)
    width = percent(BAR / count)
    for place, height in enumerate(heights):
        if height is not None:
            y = min(float(height), BOTTOM - 2)
            yield Column(percent((place + (1 - BAR) / 2) / count), short(y), width, short(BOTTOM - y))


def bands_path(spans: Sequence[tuple[Step, int, int]], scale: float, *, bottom: int, unit: int = UNIT) -> str:
    return "".join(
        f"M{start * unit} {short(bottom - step.upper * scale)}H{end * unit}"
        f"V{short(bottom - max(step.lower, 0) * scale)}H{start * unit}Z"
        for step, start, end in spans
        if step.lower is not None and step.upper is not None and step.upper > 0
    )


def describe_chart(
    values: Sequence[int | None], spans: Sequence[tuple[Step, int, int]], marked: Mapping[int, str], first: Month
) -> str:
    """The picture for somebody who can't see it; the table has each figure."""
    words = [describe(values)]
    if marked:
        words.append(f"{len(marked)} {'month shows' if len(marked) == 1 else 'months show'} a signal.")
    words += [f"A new definition applies from {(first + start).label}." for _, start, _ in spans if start]
    return " ".join(words)


def middle(place: int, count: int) -> str:
    return percent((place + 0.5) / count)


def percent(share: float) -> str:
    return f"{share * 100:.2f}%"


def short(value: float) -> str:
    return f"{value:.1f}".removesuffix(".0")
