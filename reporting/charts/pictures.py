"""Charts on paper: a whole SVG picture for packs, which needs no style sheet. Pure.

Colour alone never carries meaning: a signal's mark has its own shape. Everything except our own numbers is escaped.
"""

from dataclasses import dataclass
from html import escape

import qrcode

from indicators import charts as small
from indicators.charts import Shaded, Sparkline
from reporting.charts.bars import Bullet
from reporting.charts.control_chart import BOTTOM, COLOURS, SHAPES, ControlChart, small_marks
from reporting.charts.labels import ACCENT, BAND, HAIRLINE, INK, LAND, QUIET, RULE, WASHES, Run
from reporting.charts.lines_map import Label, LinesMap

LETTERS = 'font-family="Source Sans 3, DejaVu Sans, sans-serif"'
CHART_WIDTH = 720  # about
SIDE, EDGE, FOOT = 40, 12, 40  # left, right and below the drawing, for text
DASHES = {
    "figure": "",
    "zero": ' stroke-dasharray="6 4"',
    "unknown": ' stroke-dasharray="0.1 4" stroke-linecap="round"',
}
STRONG = {"place", "number", "glyph"}  # of a label's words


def month_width(months: int, width: int = CHART_WIDTH) -> int:
    """Return a month's width in a picture of that width; even, so that its middle is a whole number."""
    return max(2, width // months // 2 * 2)


# --- A control chart ------------------------------------------------------------------------------


def chart_picture(chart: ControlChart) -> tuple[str, int, int]:
    """Return the picture of a chart whose months are `month_width` wide, with its width and height."""
    width, height = chart.width + SIDE + EDGE, BOTTOM + FOOT

    def at(percent: str) -> str:
        return f"{float(percent.removesuffix('%')) * chart.width / 100:.1f}"

    rules = "".join(
        f'<path d="M0 {rule.y}H{chart.width}" stroke="{HAIRLINE}"/>'
        f'<text x="-8" y="{float(rule.y) + 4:g}" text-anchor="end">{rule.label}</text>'
        for rule in chart.rules
    )
    columns = "".join(
        f'<rect x="{at(column.x)}" y="{column.y}" width="{at(column.width)}" height="{column.height}" fill="{INK}"/>'
        for column in chart.columns
    )
    changes = "".join(
        f'<path d="M{at(change.x)} 0V{BOTTOM}" stroke="{INK if change.breaks else QUIET}" '
        f'stroke-dasharray="{"5 4" if change.breaks else "1 4"}"/>'
        f'<text x="{float(at(change.x)) + (-6 if change.ends else 6):g}" y="{change.y}"'
        f"{' text-anchor="end"' if change.ends else ''}>{escape(change.words)}</text>"
        for change in chart.changes
    )
    marks = "".join(
        f'<path transform="translate({at(mark.x)} {mark.y})" d="{SHAPES[mark.look]}" fill="{COLOURS[mark.look]}" '
        'stroke="#ffffff" stroke-width="1.5"/>'
        for mark in chart.marks
    )
    gaps = "".join(
        f'<path transform="translate({at(x)} {BOTTOM})" d="{SHAPES["gap"]}" fill="{COLOURS["gap"]}"/>'
        for x in chart.gaps
    )
    ticks = "".join(
        f'<text x="{at(tick.x)}" y="{BOTTOM + 18}" text-anchor="middle">{tick.month}</text>'
        f'<text x="{at(tick.x)}" y="{BOTTOM + 34}" text-anchor="middle">{tick.year}</text>'
        for tick in chart.ticks
    )
    drawn = (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="{-SIDE} 0 {width} {height}">'
        f'<g {LETTERS} font-size="13" fill="{QUIET}">{rules}'
        + draw_path(chart.bands, f'fill="{BAND}"')
        + draw_window(chart.window, 1.5)
        + draw_path(chart.limits, f'fill="none" stroke="{RULE}" stroke-dasharray="2 3"')
        + draw_path(chart.mean, f'fill="none" stroke="{RULE}"')
        + draw_path(chart.line, f'fill="none" stroke="{INK}" stroke-width="2" stroke-linejoin="round"')
        + draw_path(chart.dots, f'fill="none" stroke="{INK}" stroke-width="6" stroke-linecap="round"')
        + f"{columns}{changes}{marks}{gaps}{ticks}</g></svg>"
    )
    return drawn, width, height


def draw_path(drawn: str, look: str) -> str:
    """Return a path; empty if it draws nothing."""
    return f'<path d="{drawn}" {look}/>' if drawn else ""


def draw_window(window: Shaded | None, stroke: float) -> str:
    """Draw the months that stand out together; empty if there are none. Its frame is seen in black and white."""
    if window is None:
        return ""
    line = f'fill="none" stroke="{INK}" stroke-width='
    return (
        draw_path(window.area, f'fill="{WASHES[window.look]}" stroke="{RULE}" stroke-width="0.5"')
        + draw_path(window.level, f'{line}"{stroke:g}" stroke-dasharray="4 3"')
        + draw_path(window.points, f'{line}"{stroke * 2:g}" stroke-linecap="round"')
    )


# --- The bar of a KPI -----------------------------------------------------------------------------

BAR_WIDTH, BAR_HEIGHT = 300, 56


def bullet_picture(bar: Bullet) -> tuple[str, int, int]:
    """Draw the bar as on its page: figures with their range, a dashed baseline, a solid target, and a triangle above
    for the trajectory.
    """

    def at(percent: str) -> float:
        return float(percent.removesuffix("%")) * BAR_WIDTH / 100

    anchors = ["start", *["middle"] * (len(bar.scale) - 2), "end"]
    scale = "".join(
        f'<text x="{at(place):.1f}" y="53" text-anchor="{anchor}">{escape(words)}</text>'
        for (place, words), anchor in zip(bar.scale, anchors, strict=True)
    )
    now = at(bar.trajectory)
    drawn = (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="{-EDGE} 0 {BAR_WIDTH + 2 * EDGE} {BAR_HEIGHT}">'
        f'<rect y="8" width="{BAR_WIDTH}" height="28" fill="none" stroke="{HAIRLINE}"/>'
        f'<rect x="{at(bar.lower):.1f}" y="8" width="{at(bar.across):.1f}" height="28" fill="{BAND}" stroke="{RULE}"/>'
        f'<rect y="17" width="{at(bar.bar):.1f}" height="10" fill="{INK}"/>'
        f'<path d="M{at(bar.baseline):.1f} 2V40" stroke="{QUIET}" stroke-width="2" stroke-dasharray="3 3"/>'
        f'<path d="M{at(bar.target):.1f} 4V40" stroke="{ACCENT}" stroke-width="4"/>'
        f'<path d="M{now - 6:.1f} 0H{now + 6:.1f}L{now:.1f} 9z" fill="#ffffff" stroke="{INK}" stroke-width="2"/>'
        f'<g {LETTERS} font-size="13" fill="{QUIET}">{scale}</g></svg>'
    )
    return drawn, BAR_WIDTH + 2 * EDGE, BAR_HEIGHT


# --- A sparkline ----------------------------------------------------------------------------------


def sparkline_picture(drawn: Sparkline) -> tuple[str, int, int]:
    end = f'<circle cx="{drawn.dot[0]}" cy="{drawn.dot[1]}" r="2" fill="{ACCENT}"/>' if drawn.dot else ""
    marks = [f'<path d="{path}" fill="{COLOURS[look]}"/>' for look, path in small_marks(drawn).items()]
    picture = (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {small.WIDTH} {small.HEIGHT}">'
        + draw_path(drawn.band, f'fill="{BAND}"')
        + draw_window(drawn.window, 0.7)
        + draw_path(drawn.path, f'fill="none" stroke="{QUIET}" stroke-width="1.2"')
        + f"{end}{''.join(marks)}</svg>"
    )
    return picture, small.WIDTH, small.HEIGHT


# --- A mark by itself -----------------------------------------------------------------------------


def mark_picture(look: str) -> str:
    """Return the mark of a month, 20 by 20."""
    drawn = f'<path d="{SHAPES[look]}" fill="{COLOURS[look]}"/>'
    return f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="-10 -10 20 20">{drawn}</svg>'


# --- Codes ----------------------------------------------------------------------------------------

QUIET_ZONE = 4  # dots without ink around a QR code, which cameras need


@dataclass(frozen=True, slots=True)
class Code:
    """An address as people type it, and its QR code: `size` dots wide and high."""

    address: str
    svg: str
    size: int
    alt: str


def draw_code(url: str) -> Code:
    code = qrcode.QRCode(border=QUIET_ZONE)
    code.add_data(url)
    rows = code.get_matrix()
    dots = "".join(f"M{x} {y}h1v1h-1z" for y, row in enumerate(rows) for x, is_dark in enumerate(row) if is_dark)
    size, address = len(rows), url.partition("://")[2]
    svg = (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {size} {size}">'
        f'<rect width="{size}" height="{size}" fill="#fff"/><path d="{dots}" fill="#000"/></svg>'
    )
    return Code(address, svg, size, alt=f"QR code of {address}")


# --- Where lines come from ------------------------------------------------------------------------


def map_picture(drawn: LinesMap) -> tuple[str, int, int]:
    lines = "".join(
        draw_stroke(line.curve, LAND, f"{line.casing:g}")
        + draw_stroke(line.curve, ACCENT, f"{line.width:g}", DASHES[line.style])
        for line in drawn.drawn
    )
    dots = "".join(draw_dot(line.at, 3.5) for line in drawn.drawn)
    leaders = "".join(draw_stroke(label.leader, QUIET, "0.75") for label in drawn.labels if label.leader)
    picture = (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {drawn.width} {drawn.height}">'
        f'<path transform="{drawn.transform}" d="{drawn.outline}" fill="{LAND}" stroke="{RULE}" '
        f'stroke-linejoin="round" stroke-width="{drawn.coast:g}"/>{lines}{dots}{draw_dot(drawn.town, 5.5)}{leaders}'
        f"{''.join(map(draw_label, drawn.labels))}</svg>"
    )
    return picture, drawn.width, drawn.height


def draw_stroke(path: str, colour: str, width: str, more: str = "") -> str:
    return f'<path fill="none" stroke="{colour}" stroke-width="{width}" d="{path}"{more}/>'


def draw_dot(at: tuple[float, float], radius: float) -> str:
    return f'<circle cx="{at[0]:g}" cy="{at[1]:g}" r="{radius:g}" fill="{INK}" stroke="#ffffff" stroke-width="1.5"/>'


def draw_label(label: Label) -> str:
    rows = "".join(f'<tspan x="{label.x:g}" y="{y:g}">{" ".join(map(_run, row))}</tspan>' for y, row in label.rows)
    return (
        f'<text text-anchor="{label.anchor}" {LETTERS} font-size="13" fill="{INK}" stroke="#ffffff" '
        f'stroke-width="3" stroke-linejoin="round" paint-order="stroke">{rows}</text>'
    )


def _run(run: Run) -> str:
    size = ' font-size="15"' if run.kind == "place" else ""
    strong = ' font-weight="600"' if run.kind in STRONG else ""
    return f"<tspan{strong}{size}>{escape(run.text)}</tspan>" if strong else escape(run.text)
