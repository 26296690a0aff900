"""How does the lines map look? As SVG, in the page itself.

Formatted here rather than in a template: see reporting.templatetags.month. Everything that isn't a
number of ours is escaped.
"""

from html import escape

from django import template
from django.utils.safestring import SafeString, mark_safe

from reporting.charts.lettering import Run
from reporting.charts.lines_map import Label, LinesMap, MapLine

register = template.Library()

FIGURE = """<figure class="vv-map">
<figcaption class="vv-map__title">{title}</figcaption>
<svg class="vv-map__picture" viewBox="0 0 {width} {height}" role="img" aria-labelledby="{key}-t {key}-d">
<title id="{key}-t">{title}</title><desc id="{key}-d">{description}</desc>
<path class="vv-map__land" transform="translate({x:g} {y:g}) scale({scale:g})" stroke-width="{coast:g}" d="{outline}"/>
{lines}{dots}<circle class="vv-map__town" cx="{town_x:g}" cy="{town_y:g}" r="5.5"/>
{labels}</svg>
<p class="vv-map__aid">{aid}</p></figure>"""
LINE = '<path class="vv-map__line vv-map__line--{style}" stroke-width="{width:g}" d="{curve}"/>'
DOT = '<circle class="vv-map__dot" cx="{:g}" cy="{:g}" r="3.5"/>'
LEADER = '<path class="vv-map__leader" d="{}"/>'
TEXT = '<text class="vv-map__label" text-anchor="{anchor}" y="{y:g}">{rows}</text>\n'
ROW = '<tspan x="{x:g}" dy="{dy:g}">{runs}</tspan>'
RUN = '<tspan class="vv-map__{kind}">{text}</tspan>'


@register.simple_tag
def lines_map(view: LinesMap | None, key: str = "map") -> SafeString:
    """The map as a figure; nothing where there is none. `key` tells it from others of the page."""
    return mark_safe(figure(view, key) if view else "")  # noqa: S308


def figure(view: LinesMap, key: str) -> str:
    drawn = sorted(view.lines, key=lambda line: -line.width)  # a thin line over a wide one, not under it
    labels = [view.town_label, *(line.label for line in view.lines)]
    return FIGURE.format(
        key=escape(key),
        title=escape(view.title),
        description=escape(view.description),
        width=view.width,
        height=view.height,
        x=view.shift[0],
        y=view.shift[1],
        scale=view.scale,
        coast=view.coast,
        outline=view.outline,
        lines="".join(map(line, drawn)),
        dots="".join(DOT.format(*each.at) for each in drawn if each.curve),
        town_x=view.town[0],
        town_y=view.town[1],
        labels="".join(LEADER.format(label.leader) for label in labels if label.leader)
        + "".join(map(text, labels)),
        aid=" ".join(filter(None, (view.aid, f"<strong>{escape(view.beside)}</strong>" if view.beside else ""))),
    )


def line(each: MapLine) -> str:
    return LINE.format(style=each.style, width=each.width, curve=each.curve) if each.curve else ""


def text(label: Label) -> str:
    first = round(label.box.top - 3.0, 1)
    rows = (ROW.format(x=label.x, dy=label.text.line, runs=" ".join(map(run, row))) for row in label.text.rows)
    return TEXT.format(anchor=label.anchor, y=first, rows="".join(rows))


def run(piece: Run) -> str:
    return escape(piece.text) if piece.kind == "name" else RUN.format(kind=piece.kind, text=escape(piece.text))
