"""Draws the lines map as SVG inside the page.

Formatted here rather than in a template: see reporting.templatetags.month. Everything except our own numbers is
escaped.
"""

from html import escape

from django import template
from django.utils.safestring import SafeString

from core.pages import as_markup
from reporting.charts.labels import Run
from reporting.charts.lines_map import Label, LinesMap, MapLine

register = template.Library()

FIGURE = """<figure class="vv-map">
<figcaption class="vv-map__title">{title}</figcaption>
<svg class="vv-map__picture" viewBox="0 0 {width} {height}" role="img" aria-labelledby="map-{key}-t map-{key}-d">
<title id="map-{key}-t">{title}</title><desc id="map-{key}-d">{description}</desc>
<path class="vv-map__land" transform="{transform}" stroke-width="{coast:g}" d="{outline}"/>
{lines}{dots}<circle class="vv-map__town" cx="{town_x:g}" cy="{town_y:g}" r="5.5"/>
{labels}</svg>
<p class="vv-map__aid">{aid}</p></figure>"""
# Draw a casing in the colour of the land, so that crossing lines stay distinct.
LINE = (
    '<path class="vv-map__casing" stroke-width="{casing:g}" d="{curve}"/>'
    '<path class="vv-map__line vv-map__line--{style}" stroke-width="{width:g}" d="{curve}"/>'
)
DOT = '<circle class="vv-map__dot" cx="{:g}" cy="{:g}" r="3.5"/>'
LEADER = '<path class="vv-map__leader" d="{}"/>'
TEXT = '<text class="vv-map__label" text-anchor="{anchor}">{rows}</text>\n'
ROW = '<tspan x="{x:g}" y="{y:g}">{runs}</tspan>'
PLAIN = {"name", "words"}  # as the label's other letters
RUN = '<tspan class="vv-map__{kind}">{text}</tspan>'


@register.simple_tag
def lines_map(view: LinesMap | None, key: str) -> SafeString:
    """Return the map as a figure; empty if there is none. `key` makes its ids unique on the page."""
    return as_markup(figure(view, key) if view else "")


def figure(view: LinesMap, key: str) -> str:
    labels = [view.town_label, *(line.label for line in view.lines)]
    return FIGURE.format(
        key=escape(key),
        title=escape(view.title),
        description=escape(view.description),
        width=view.width,
        height=view.height,
        transform=view.transform,
        coast=view.coast,
        outline=view.outline,
        lines="".join(map(line, view.drawn)),
        dots="".join(DOT.format(*origin.at) for origin in view.drawn),
        town_x=view.town[0],
        town_y=view.town[1],
        labels="".join(LEADER.format(label.leader) for label in labels if label.leader) + "".join(map(text, labels)),
        aid=" ".join(filter(None, (view.aid, f"<strong>{escape(view.beside)}</strong>" if view.beside else ""))),
    )


def line(map_line: MapLine) -> str:
    return LINE.format(style=map_line.style, width=map_line.width, casing=map_line.casing, curve=map_line.curve)


def text(label: Label) -> str:
    rows = (ROW.format(x=label.x, y=y, runs=" ".join(map(run, row))) for y, row in label.rows)
    return TEXT.format(anchor=label.anchor, rows="".join(rows))


def run(piece: Run) -> str:
    plain = escape(piece.text)
    return plain if piece.kind in PLAIN else RUN.format(kind=piece.kind, text=plain)
