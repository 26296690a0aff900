"""A region's table, charts and map. A page has hundreds of cells, so they are formatted here, not in templates.

Everything except our own numbers is escaped.
"""

from collections.abc import Sequence
from functools import lru_cache

from django import template
from django.utils.safestring import SafeString

from boards.permissions import Place
from core.pages import as_markup
from indicators.judgement.judge import Judgement, Tier
from indicators.ratios import show_change, show_number
from indicators.trend import Movement
from reporting.charts.control_chart import mark
from reporting.charts.region_map import RegionMap
from reporting.months.presenters.month import STATES
from reporting.months.presenters.sentences import LOOKS, WATCHED
from reporting.months.presenters.words import cell_text, listed
from reporting.regions.cells import Cell, is_rounded
from reporting.regions.presenters.funnel import FunnelView
from reporting.regions.presenters.indicator import AreaSeries
from reporting.regions.presenters.matrix import Column
from reporting.regions.presenters.rows import NOT_COLLECTED, ODD, ROUNDED, MatrixRow
from reporting.regions.presenters.states import AreaView
from reporting.templatetags import lines_map
from reporting.templatetags.month import ARROW, escape, with_code

register = template.Library()
HIDDEN = '<span class="govuk-visually-hidden">{}</span>'
ARROWS = {movement.value: ARROW.format(movement.value) for movement in Movement if movement is not Movement.NONE}
WAYS = {movement.value: movement.label.lower() for movement in Movement}
# The mark and words of a judgement, by its token.
JUDGED = {
    judgement.value: f"{mark(look)}{HIDDEN.format(f'. {judgement.label}')}"
    for judgement, look in LOOKS.items()
    if judgement is not Judgement.USUAL
}
WATCH = f"{mark(WATCHED)}{HIDDEN.format(f'. {Tier.WATCH.label}')}"
EMPTY = "<td></td>"
ABSENT = f"<td>{NOT_COLLECTED}</td>"


AREA = (
    '<tr role="row"><th scope="row" role="rowheader">{}</th><td role="cell" data-label="Month">'
    '<strong class="vv-status vv-status--{}">{}</strong></td><td role="cell" data-label="Meaning">{}</td></tr>'
)


@register.simple_tag
def area_rows(areas: Sequence[AreaView]) -> SafeString:
    """Return the rows of the table that says what each area shows."""
    return as_markup(
        "".join(
            AREA.format(escape(area.name), area.state.look, escape(area.state.label), escape(area.sentence))
            for area in areas
        )
    )


@register.simple_tag
def area_options(places: Sequence[Place], chosen: str) -> SafeString:
    """Return an option for each area, of which the one with the `chosen` slug is selected."""
    return as_markup(
        "".join(
            f'<option value="{escape(place.slug)}"{" selected" if place.slug == chosen else ""}>'
            f"{escape(place.name)}</option>"
            for place in places
        )
    )


@register.simple_tag
def area_heads(columns: Sequence[Column]) -> SafeString:
    """Return the head of each area's column."""
    notes = [f" <small>{escape(column.note)}</small>" if column.note else "" for column in columns]
    heads = zip(columns, notes, strict=True)
    return as_markup("".join(f'<th scope="col">{escape(column.name)}{note}</th>' for column, note in heads))


@register.simple_tag
def region_row(row: MatrixRow, indicators: str, published: Sequence[bool]) -> SafeString:
    """Return a row of the table. `indicators` is the address of an indicator's page, with {} for its code. `published`
    says for each area whether its month is there at all."""
    cells = [
        (ABSENT if is_there else EMPTY) if cell is None else draw_cell(row, cell)
        for cell, is_there in zip(row.cells, published, strict=True)
    ]
    name, url = escape(row.indicator.lead.name), with_code(indicators, row.indicator.code)
    return as_markup(f'<tr><th scope="row"><a href="{url}">{name}</a></th>{draw_total(row)}{"".join(cells)}</tr>')


def draw_cell(row: MatrixRow, cell: Cell) -> str:
    text = write_text(cell.state, cell.value, cell.ratio, cell.is_provisional)
    if cell.area_id in row.indicator.odd:
        text = f"{text} {ODD}"
    elif cell.protected_by and is_rounded(cell):
        text = f"{text} {ROUNDED}"
    if row.shows_rates and cell.value is not None:
        text = beside_rate(row.find_rate(cell), text)
    return (
        f"<td>{text}{draw_moved(cell.movement, cell.change, cell.ratio)}{draw_signal(cell.tier, cell.judgement)}</td>"
    )


@lru_cache(maxsize=4096)
def write_text(state: str, value: int | None, ratio: str, is_provisional: bool) -> str:
    return escape(cell_text(STATES[state], value, ratio=ratio, is_provisional=is_provisional))


def beside_rate(rate: int | None, text: str) -> str:
    return f"<b>{'?' if rate is None else show_number(rate, 'rate')}</b> <small>{text}</small>"


@lru_cache(maxsize=4096)  # a page has hundreds, and most are small numbers
def draw_moved(movement: str, change: int | None, ratio: str) -> str:
    if movement not in ARROWS:
        return ""
    by = f" {show_change(change, ratio, shortly=True)}" if change else ""
    return f"{ARROWS[movement]}{HIDDEN.format(f' {WAYS[movement]}{by}')}"


def draw_signal(tier: str, judgement: str) -> str:
    if not tier:
        return ""
    return WATCH if tier == Tier.WATCH else JUDGED.get(judgement, "")


def draw_total(row: MatrixRow) -> str:
    total, own, ratio = row.total, row.own, row.indicator.lead.ratio
    if total.value is None:
        return ABSENT
    text = show_number(total.value, ratio)
    if row.shows_rates:
        text = beside_rate(total.rate, text)
    if total.without:
        return f"<td>{text} <small>without {escape(listed(total.without, are_proper=True))}</small></td>"
    if own is None:
        return f"<td>{text}</td>"
    moved = draw_moved(own["movement"], own["change"], ratio)
    return f"<td>{text}{moved}{draw_signal(own['tier'], own['judgement'])}</td>"


MULTIPLE = (
    '<li><h3 class="vv-multiples__name">{name} <span class="vv-stands__number">{number}</span>{rate}</h3>'
    '<svg class="vv-multiple" viewBox="0 0 240 84" role="img" aria-label="{label}">'
    '<path class="vv-chart__band" d="{chart.bands}"/><path class="vv-multiple__ground" d="M0 74H240"/>'
    '<path class="vv-chart__line" d="{chart.line}"/><path class="vv-chart__dots" d="{chart.dots}"/>{marks}</svg>'
    '<p class="vv-region__words">{words}</p></li>\n'
)
SIGNAL = '<use class="vv-chart__mark vv-mark--{0.look}" href="#signal-{0.look}" x="{0.x}" y="{0.y}"/>'
GAP = '<use class="vv-mark--gap" href="#signal-gap" x="{}" y="74"/>'


@register.simple_tag
def region_multiples(areas: Sequence[AreaSeries]) -> SafeString:
    """Return the small chart of each area, with its figure and what it says about the area's own past, unless that is
    the same for all: then the page says it once."""
    are_alike = len(areas) > 1 and len({area.line.short_verdict for area in areas}) == 1
    return as_markup("".join(multiple(area, is_said=not are_alike) for area in areas))


def multiple(area: AreaSeries, *, is_said: bool) -> str:
    verdict = area.line.short_verdict if is_said else ""
    return MULTIPLE.format(
        name=escape(area.name),
        number=escape(area.line.short_text),
        rate=f" <small>{area.rate} for each 10,000</small>" if area.rate else "",
        label=escape(area.label),
        chart=area.chart,
        marks="".join([*map(SIGNAL.format, area.chart.signals), *map(GAP.format, area.chart.gaps)]),
        words=f"{escape(verdict)}." if verdict else "",
    )


FUNNEL_ROW = (
    '<tr><td>{0.number}</td><th scope="row">{name} '
    '<span class="vv-funnel__below vv-funnel__words--{0.look}">{0.words}</span></th>'
    '<td class="vv-number">{0.events}</td>'
    '<td class="vv-number">{0.exposure}</td><td class="vv-number">{0.value}</td>'
    '<td class="vv-funnel__verdict vv-funnel__words--{0.look}">{0.words}</td></tr>'
)


@register.simple_tag
def funnel_rows(view: FunnelView) -> SafeString:
    return as_markup("".join([FUNNEL_ROW.format(row, name=escape(row.name)) for row in view.rows]))


FUNNEL = """<svg class="vv-funnel" viewBox="0 0 640 352" role="img" aria-label="{label}">
{rules}{sizes}<text class="vv-funnel__text" x="328" y="345" text-anchor="middle">{size_name}</text>
<path class="vv-funnel__average" d="M64 {average}H592"/>{lines}{dots}</svg>"""
RULE = (
    '<path class="vv-funnel__rule" d="M64 {0}H592"/>'
    '<text class="vv-funnel__text" x="58" y="{0}" dy=".35em" text-anchor="end">{1}</text>'
)
SIZE = (
    '<path class="vv-funnel__rule" d="M{0} 296v5"/>'
    '<text class="vv-funnel__text" x="{0}" y="320" text-anchor="middle">{1}</text>'
)
LINE = '<path class="vv-funnel__line vv-funnel__line--{0}" d="{1}"/>'
DOT = (
    '<circle class="vv-funnel__dot vv-funnel__dot--{0.look}" cx="{0.x}" cy="{0.y}" r="5"/>'
    '<text class="vv-funnel__number" x="{0.at[0]}" y="{0.at[1]}" dy=".35em" text-anchor="{0.anchor}">{0.number}</text>'
)


@register.simple_tag
def funnel(view: FunnelView, title: str) -> SafeString:
    """Return the picture of a funnel. The table beside it has all that it shows."""
    chart = view.chart
    return as_markup(
        FUNNEL.format(
            label=escape(f"{title}, {view.span}. {view.title}. The table has each area."),
            rules="".join(RULE.format(tick.at, tick.label) for tick in chart.values),
            sizes="".join(SIZE.format(tick.at, tick.label) for tick in chart.sizes),
            size_name=escape(chart.size_name),
            average=chart.average,
            lines="".join(LINE.format(look, path) for look, path in chart.lines),
            dots="".join(DOT.format(dot) for dot in chart.dots),
        )
    )


MAP = """<figure class="vv-map">
<figcaption class="vv-map__title">{title}</figcaption>
<svg class="vv-map__picture" viewBox="0 0 {width} {height}" role="img" aria-labelledby="map-{key}-t map-{key}-d">
<title id="map-{key}-t">{title}</title><desc id="map-{key}-d">{description}</desc>
<path class="vv-map__land" transform="{transform}" stroke-width="{coast:g}" d="{outline}"/>
{flows}{towns}{sources}{labels}</svg>
<p class="vv-map__aid">{aid}</p></figure>"""
FLOW = '<path class="vv-map__line vv-map__line--figure vv-region__flow" stroke-width="{0.width:g}" d="{0.curve}"/>'
TOWN = '<circle class="vv-map__town" cx="{:g}" cy="{:g}" r="3"/>'


@register.simple_tag
def region_map(view: RegionMap | None, key: str) -> SafeString:
    """Return the map of a region's lines; empty if there is none. `key` makes its ids unique on the page."""
    if view is None:
        return as_markup("")
    leaders = "".join(lines_map.LEADER.format(label.leader) for label in view.labels if label.leader)
    return as_markup(
        MAP.format(
            key=escape(key),
            title=escape(view.title),
            description=escape(view.description),
            width=view.width,
            height=view.height,
            transform=view.transform,
            coast=view.coast,
            outline=view.outline,
            flows="".join(map(FLOW.format, view.flows)),
            towns="".join(TOWN.format(*point) for point in view.towns),
            sources="".join(lines_map.DOT.format(*point) for point in view.sources),
            labels=leaders + "".join(map(lines_map.text, view.labels)),
            aid=escape(view.aid),
        )
    )
