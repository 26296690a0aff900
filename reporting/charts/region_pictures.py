"""How do a region's charts look on paper: all areas on one scale, a funnel, the map of lines? See
reporting.charts.pictures. Pure.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

from reporting.charts import funnel, multiples
from reporting.charts.colours import ACCENT, BAND, HAIRLINE, INK, LAND, QUIET, RULE
from reporting.charts.funnel import Dot, FunnelChart
from reporting.charts.multiples import Multiple
from reporting.charts.pictures import LETTERS, draw_dot, draw_label, draw_path, draw_stroke
from reporting.charts.region_map import RegionMap
from reporting.charts.verdict_marks import COLOURS, SHAPES

ABREAST = 7  # small charts beside each other
COLUMN, ROW, HEAD = multiples.WIDTH + 24, multiples.HEIGHT + 46, 32
LETTER = 13.0  # about the width of one, in a head
MOST_LETTERS = int(multiples.WIDTH / LETTER)
DOTS = {"within": "#ffffff", "out": ACCENT, "far": INK}
LINES = {"usual": ' stroke-dasharray="5 4"', "far": ""}


@dataclass(frozen=True, slots=True)
class Panel:
    """An area's small chart, with its name and figure above."""

    name: str
    number: str
    chart: Multiple


def multiples_picture(panels: Sequence[Panel]) -> tuple[str, int, int]:
    """Draw the areas' charts, ABREAST in a row. They share a scale, so heights compare. Returns the picture, with its
    width and height."""
    columns, rows = min(len(panels), ABREAST), -(-len(panels) // ABREAST)
    width, height = columns * COLUMN, rows * ROW
    drawn = "".join(
        f'<g transform="translate({place % ABREAST * COLUMN} {place // ABREAST * ROW})">{_panel(panel)}</g>'
        for place, panel in enumerate(panels)
    )
    # A marker has room left and right of the first and the last month.
    head = f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="-8 0 {width} {height}">'
    return f'{head}<g {LETTERS} font-size="25" fill="{INK}">{drawn}</g></svg>', width, height


def _panel(panel: Panel) -> str:
    chart, room = panel.chart, MOST_LETTERS - len(panel.number) - 1
    name = panel.name if len(panel.name) <= room else f"{panel.name[: max(1, room - 1)].rstrip()}…"
    marks = "".join(
        f'<path transform="translate({each.x} {each.y})" d="{SHAPES[each.look]}" fill="{COLOURS[each.look]}" '
        'stroke="#ffffff" stroke-width="1.5"/>'
        for each in chart.signals
    )
    gaps = "".join(
        f'<path transform="translate({x} {multiples.BOTTOM})" d="{SHAPES["gap"]}" fill="{COLOURS["gap"]}"/>'
        for x in chart.gaps
    )
    return (
        f'<text y="24">{escape(name)}</text>'
        f'<text x="{multiples.WIDTH}" y="24" text-anchor="end" font-weight="600">{escape(panel.number)}</text>'
        f'<g transform="translate(0 {HEAD})">'
        + draw_path(chart.bands, f'fill="{BAND}"')
        + f'<path d="M0 {multiples.BOTTOM}H{multiples.WIDTH}" stroke="{RULE}"/>'
        + draw_path(chart.line, f'fill="none" stroke="{INK}" stroke-width="2.5" stroke-linejoin="round"')
        + draw_path(chart.dots, f'fill="none" stroke="{INK}" stroke-width="7" stroke-linecap="round"')
        + f"{marks}{gaps}</g>"
    )


def funnel_picture(chart: FunnelChart) -> tuple[str, int, int]:
    """Draw a funnel as on its page. Its letters are larger, because two funnels share a row."""
    rules = "".join(
        f'<path d="M{funnel.LEFT} {tick.at}H{funnel.RIGHT}" stroke="{HAIRLINE}"/>'
        f'<text x="{funnel.LEFT - 6}" y="{tick.at + 6}" text-anchor="end">{tick.label}</text>'
        for tick in chart.values
    )
    sizes = "".join(
        f'<path d="M{tick.at} {funnel.BOTTOM}v5" stroke="{RULE}"/>'
        f'<text x="{tick.at}" y="{funnel.BOTTOM + 24}" text-anchor="middle">{tick.label}</text>'
        for tick in chart.sizes
    )
    lines = "".join(
        draw_path(path, f'fill="none" stroke="{ACCENT}" stroke-width="1.5"{LINES[look]}') for look, path in chart.lines
    )
    drawn = (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {funnel.WIDTH} {funnel.HEIGHT}">'
        f'<g {LETTERS} font-size="19" fill="{QUIET}">{rules}{sizes}'
        f'<text x="{(funnel.LEFT + funnel.RIGHT) / 2:g}" y="{funnel.BOTTOM + 48}" text-anchor="middle">'
        f"{escape(chart.size_name)}</text></g>"
        f'<path d="M{funnel.LEFT} {chart.average}H{funnel.RIGHT}" fill="none" stroke="{INK}" stroke-width="1.5"/>'
        f'{lines}<g {LETTERS} font-size="18" fill="{INK}">{"".join(map(_funnel_dot, chart.dots))}</g></svg>'
    )
    return drawn, funnel.WIDTH, funnel.HEIGHT


def _funnel_dot(dot: Dot) -> str:
    edge = ACCENT if dot.look == "out" else INK
    return (
        f'<circle cx="{dot.x}" cy="{dot.y}" r="{funnel.DOT:g}" fill="{DOTS[dot.look]}" stroke="{edge}" '
        f'stroke-width="2"/><text x="{dot.at[0]}" y="{dot.at[1] + 6:g}" text-anchor="{dot.anchor}">{dot.number}</text>'
    )


def region_map_picture(drawn: RegionMap) -> tuple[str, int, int]:
    flows = "".join(draw_stroke(flow.curve, ACCENT, f"{flow.width:g}", ' opacity="0.75"') for flow in drawn.flows)
    dots = "".join(draw_dot(at, 3) for at in drawn.sources) + "".join(draw_dot(at, 4.5) for at in drawn.towns)
    leaders = "".join(draw_stroke(label.leader, QUIET, "0.75") for label in drawn.labels if label.leader)
    picture = (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {drawn.width} {drawn.height}">'
        f'<path transform="{drawn.transform}" d="{drawn.outline}" fill="{LAND}" stroke="{RULE}" '
        f'stroke-linejoin="round" stroke-width="{drawn.coast:g}"/>{flows}{dots}{leaders}'
        f"{''.join(map(draw_label, drawn.labels))}</svg>"
    )
    return picture, drawn.width, drawn.height
