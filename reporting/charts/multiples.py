"""The picture of one of several series on a shared scale. It keeps its shape. Pure."""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass

from indicators.charts import Shaded
from reporting.charts.control_chart import (
    UNIT,
    Drawn,
    Start,
    bands_path,
    dots_path,
    highest,
    line_path,
    rules_to,
    shade,
    short,
    spans_of_usual,
)

MONTHS = 24
WIDTH, HEIGHT = MONTHS * UNIT, 84
TOP, BOTTOM = 10, 74  # the highest figure of all the series; the baseline


@dataclass(frozen=True, slots=True)
class Signal:
    """The mark of a month with a signal: its place, and the class of its shape."""

    x: int
    y: str
    look: str


@dataclass(frozen=True, slots=True)
class Multiple:
    """Paths of a picture WIDTH × HEIGHT. The newest month is at the right, and a shorter series starts later.
    `dots` are the figures without a line to another, and the newest."""

    line: str
    dots: str
    bands: str
    signals: tuple[Signal, ...]
    gaps: tuple[int, ...]
    window: Shaded | None = None


def common_top(series: Sequence[tuple[Sequence[int | None], Drawn]]) -> int:
    """Return a round number that no figure and no usual range of the last MONTHS exceeds, in any series."""
    newest = ((values[-MONTHS:], drawn.since(max(0, len(values) - MONTHS))) for values, drawn in series)
    return rules_to(max((highest(values, drawn) for values, drawn in newest), default=1))[1]


def multiple(
    values: Sequence[int | None], drawn: Drawn, *, top: int, missing: Collection[int] = (), months: int = MONTHS
) -> Multiple:
    """Draw the last `months` of a series, on a scale from 0 to `top`. The line has a gap at a month without a figure. A
    month at a place in `missing` also gets a mark.
    """
    unit = WIDTH // months
    cut, pad = max(0, len(values) - months), max(0, months - len(values))
    scale = (BOTTOM - TOP) / top
    shown = [None] * pad + list(values[cut:])
    usual = [None] * pad + list(drawn.usual[cut:])
    starts = [Start(start.at - cut + pad, start.words, start.breaks) for start in drawn.starts if start.at > cut]
    heights = [None if value is None else short(BOTTOM - value * scale) for value in shown]
    looks = {place - cut + pad: look for place, look in drawn.marks.items() if place >= cut}
    signals = [
        Signal(_middle(place, unit), heights[place] or "", look) for place, look in looks.items() if heights[place]
    ]
    alone = set(find_alone(heights, {start.at for start in starts if start.breaks})) | {months - 1}
    return Multiple(
        line=line_path(heights, starts, unit),
        dots=dots_path(
            [height if place in alone else None for place, height in enumerate(heights)], without=looks, unit=unit
        ),
        bands=bands_path(spans_of_usual(Drawn(usual, {}, starts), months), scale, bottom=BOTTOM, unit=unit),
        signals=tuple(signals),
        gaps=tuple(_middle(place - cut + pad, unit) for place in sorted(missing) if place >= cut),
        window=shade(drawn.window, heights, scale, bottom=BOTTOM, unit=unit),
    )


def find_alone(heights: Sequence[str | None], breaks: set[int]) -> Iterator[int]:
    """Yield the months whose figure has no neighbour to join."""
    for place, height in enumerate(heights):
        joins_before = place > 0 and place not in breaks and heights[place - 1] is not None
        joins_after = place + 1 < len(heights) and place + 1 not in breaks and heights[place + 1] is not None
        if height is not None and not joins_before and not joins_after:
            yield place


def _middle(place: int, unit: int) -> int:
    return place * unit + unit // 2
