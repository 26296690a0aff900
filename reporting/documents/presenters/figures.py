"""A figure for a chapter: frozen blocks from a published month, and the same as anybody may see it.

What partners see comes from the month's version, and what anybody sees from its public edition alone (ADR 0015): no
public block is made of a partners' line. A figure that the public edition doesn't have is for partners only.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date

from boards.models import PartnershipArea
from core.calendar import Month, date_label
from core.pages import NotHeld
from indicators.disclosure import Audience, disclose
from indicators.selectors.pathways import find_pathway
from indicators.trend import YEAR
from reporting.documents.figures import Choice, FigureKind, OpenData
from reporting.impact.presenters.page import find_impact
from reporting.kpis.presenters import make_rows
from reporting.kpis.selectors import list_kpi_lines
from reporting.models import PublicEdition, PublicLine, Snapshot
from reporting.models.line_fields import Line
from reporting.months.presenters.breakdowns import BreakdownView
from reporting.months.presenters.breakdowns import make_breakdowns as make_groups
from reporting.months.presenters.month import find_place, make_breakdowns, make_map, view_lines
from reporting.months.presenters.series import series_of_lines
from reporting.months.presenters.shapes import Breakdown
from reporting.months.presenters.words import lower_first
from reporting.months.selectors import (
    list_beside,
    list_breakdown_lines,
    list_breakdowns,
    list_pathway_lines,
    list_series,
    newest_snapshot,
)
from reporting.open_editions import PublicMonth
from reporting.packs.presenters.month import MAP, breakdown_tables, draw_map, tell_series
from reporting.packs.presenters.order import spelt_blocks
from reporting.packs.presenters.pathways import make_blocks as tell_pathways
from reporting.packs.presenters.plan import (
    HOW_TO_READ_IMPACT,
    describe_bars,
    describe_rows,
    draw_bar,
    draw_impact,
    tell_kpi,
)
from reporting.packs.presenters.shapes import Abreast, Block, Cell, Column, Paragraph, Table
from reporting.packs.presenters.year import levels_table
from reporting.pathways.presenters import make_pathways
from reporting.public.presenters.month import make_kpi, make_years, published_on, without_withheld
from reporting.public.selectors import find_public, list_public_lines

ONLY_YEARS = "The public sees only the yearly totals of this indicator."


@dataclass(frozen=True, slots=True)
class Taken:
    """A figure as a chapter keeps it. `public` is what anybody may see, with its own source; None for nothing.
    `snapshot` is the version that it is from, and `edition` the key of the public edition.
    """

    title: str
    source: str
    blocks: tuple[Block, ...]
    public: tuple[Block, ...] | None = None
    snapshot: Snapshot | None = None
    edition: int | None = None


def take(area: PartnershipArea, choice: Choice, *, today: date) -> Taken:
    """Make a figure from the newest published version of a month. Raises NotHeld, with a sentence, if the month or what
    was chosen isn't there.
    """
    snapshot = newest_snapshot(area, include_drafts=False, month=choice.month)
    taken = TAKE[choice.kind](Asked(area, choice, snapshot))
    said = f"Published month {choice.month.label}, version {snapshot.version}."
    source = " ".join(filter(None, (said, taken.source, f"Taken on {date_label(today)}.")))
    taken = replace(taken, blocks=tuple(spelt_blocks(taken.blocks, set())))
    public = make_public(area, choice)
    if public is None:
        return replace(taken, source=source, snapshot=snapshot)
    blocks, month = public
    return replace(taken, source=source, snapshot=snapshot, public=blocks, edition=month.key)


def take_open_data(data: OpenData) -> Taken:
    """Make a figure of open data, which anybody may see."""
    table = Table(
        caption=data.title,
        columns=(Column("What", 6), Column("Number", 2, is_number=True), Column("Unit", 3)),
        rows=tuple((Cell(one.label, is_strong=True), Cell(one.number), Cell(one.unit)) for one in data.numbers),
    )
    return Taken(data.title, data.said, (table,), public=(table, Paragraph(data.said, look="quiet")))


# --- For partners ---------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Asked:
    """A choice, with the version of its month."""

    area: PartnershipArea
    choice: Choice
    snapshot: Snapshot

    @property
    def month(self) -> Month:
        return self.choice.month

    @property
    def due_on(self) -> date:
        return self.snapshot.period.due_on

    def list_lines(self) -> list[Line]:
        """Return the chosen indicator's lines. Raises NotHeld."""
        lines = list_series(self.snapshot, self.choice.code)
        if not lines:
            raise NotHeld(f"{self.month.label} has no indicator “{self.choice.code}”.")
        return lines


def take_indicator(asked: Asked) -> Taken:
    choice, lines = asked.choice, asked.list_lines()
    beside = list_beside(asked.snapshot, choice.code)
    blocks = tell_lines(lines, beside, choice, asked.due_on, Audience.PARTNERS)
    title = f"{lines[0].title}, {name_span(choice.first, choice.month)}"
    return Taken(title, f"Supplied by {lines[0].owner_name}.", blocks)


def tell_lines(
    lines: Iterable[Line], beside: Iterable[Line], choice: Choice, due_on: date, audience: Audience
) -> tuple[Block, ...]:
    """Tell an indicator over the chosen months."""
    whole, *parts = series_of_lines(lines, choice.month, due_on, audience=audience, beside=beside)
    return tuple(tell_series(whole, parts, drawn=choice.months, listed=choice.months))


def take_map(asked: Asked) -> Taken:
    lines = asked.list_lines()
    breakdown = make_breakdown(asked.area, lines, asked.month, asked.due_on, Audience.PARTNERS)
    if breakdown is None or breakdown.map is None:
        raise NotHeld(f"{lines[0].title} has no places in {asked.month.label}, so there is no map.")
    title = f"{lines[0].title}: {lower_first(breakdown.dimension)}, {asked.month.label}"
    return Taken(title, f"Supplied by {lines[0].owner_name}.", tuple(tell_map(breakdown, asked.month)))


def make_breakdown(
    area: PartnershipArea, lines: Iterable[Line], month: Month, due_on: date, audience: Audience
) -> Breakdown | None:
    """Return an indicator's categories side by side, with their map; None without any."""
    views = list(view_lines(disclose(lines, audience=audience), month, due_on).values())
    breakdown = next(make_breakdowns(views), None)
    return breakdown and replace(breakdown, map=make_map(breakdown, find_place(area)))


def tell_map(breakdown: Breakdown, month: Month) -> Iterator[Block]:
    tables = tuple(breakdown_tables(breakdown, since=f"Since {month.previous.name}"))
    picture = draw_map(breakdown)
    if picture is None:
        yield from tables
    else:
        yield Abreast(tables, (picture,), share=MAP, is_whole=True)


def take_kpi(asked: Asked) -> Taken:
    lines = [line for line in list_kpi_lines(asked.snapshot) if str(line.number) == asked.choice.code]
    if not lines:
        raise NotHeld(f"{asked.month.label} has no KPI K{asked.choice.code}.")
    (row,) = make_rows(lines, slug=asked.area.slug, audience=Audience.PARTNERS)
    blocks = (*tell_kpi(row), *describe_rows([row]))
    return Taken(f"{row.reference} {row.line.title}, {asked.month.label}", "", blocks)


def take_impact(asked: Asked) -> Taken:
    view = find_impact(asked.area, asked.choice.event, asked.choice.code)
    blocks: list[Block] = [Paragraph(HOW_TO_READ_IMPACT, look="quiet")]
    blocks += [levels_table([view.outcome])] if view.levels else [Paragraph(view.outcome.sentence)]
    blocks += draw_impact(view)
    return Taken(
        f"{view.aim.title} before and after {view.title}", "All published months up to that one.", tuple(blocks)
    )


def take_pathway(asked: Asked) -> Taken:
    pathway = find_pathway(asked.area, asked.choice.code)
    if pathway is None:
        raise NotHeld(f"{asked.area.name} has no pathway “{asked.choice.code}”, or it is retired.")
    lines = list_pathway_lines(asked.snapshot, [pathway])
    views = make_pathways([pathway], lines, month=asked.month, slug=asked.area.slug)
    title = f"{pathway.title}, {name_span(asked.month + -(YEAR - 1), asked.month)}"
    return Taken(title, "", tuple(tell_pathways(views)))


def take_breakdown(asked: Asked) -> Taken:
    (whole, *_), breakdowns = asked.list_lines(), list_breakdowns(asked.area, asked.choice.code)
    lines = list_breakdown_lines(asked.snapshot, breakdowns)
    views = make_groups(breakdowns, lines, asked.month, audience=Audience.PARTNERS)
    if not views:
        raise NotHeld(f"{whole.title} has no breakdown with figures in {asked.month.label}.")
    blocks = tuple(block for view in views for block in tell_groups(view))
    return Taken(f"Whom it hits: {whole.title}, {asked.month.label}", f"Supplied by {whole.owner_name}.", blocks)


def tell_groups(view: BreakdownView) -> Iterator[Block]:
    if view.about:
        yield Paragraph(f"{view.title}. {view.about}")
    if not view.rows:
        yield Paragraph(f"{view.title}. {view.period}.")
        return
    yield Table(
        caption=f"{view.title}. {view.period}",
        columns=(
            Column(view.title, 4),
            Column("Recorded", 2, is_number=True),
            Column("Share", 2, is_number=True),
            Column("Population", 3, is_number=True),
            Column("Compared with the others", 8),
        ),
        rows=tuple(
            (
                Cell(row.name, is_strong=True),
                Cell(row.count),
                Cell(row.share),
                Cell(row.population),
                Cell(row.words, is_strong=row.stands_out),
            )
            for row in view.rows
        ),
    )
    population = f" Population: {view.source}." if view.source else ""
    yield Paragraph(f"In all: {view.total}.{population}", look="quiet")


TAKE: dict[FigureKind, Callable[[Asked], Taken]] = {
    FigureKind.INDICATOR: take_indicator,
    FigureKind.MAP: take_map,
    FigureKind.KPI: take_kpi,
    FigureKind.IMPACT: take_impact,
    FigureKind.PATHWAY: take_pathway,
    FigureKind.BREAKDOWN: take_breakdown,
}


# --- For anybody ----------------------------------------------------------------------------------


def make_public(area: PartnershipArea, choice: Choice) -> tuple[tuple[Block, ...], PublicMonth] | None:
    """Return the figure as the month's public edition has it, with that edition; None if anybody may see nothing."""
    tell = PUBLIC.get(choice.kind)
    if tell is None:
        return None
    try:
        month = find_public(area.slug, choice.month)
    except NotHeld:
        return None
    lines = list_public_lines(PublicEdition(pk=month.key))
    blocks = tell(choice, month, lines)
    if not blocks:
        return None
    said = f"Public figures of {month.month.label}, edition {month.number}, published on {published_on(month)}."
    return tuple(spelt_blocks((*blocks, Paragraph(said, look="quiet")), set())), month


def show_indicator(choice: Choice, month: PublicMonth, lines: Sequence[PublicLine]) -> tuple[Block, ...]:
    own = [line for line in lines if line.indicator_code == choice.code]
    if any(value is not None for line in own for value in line.history[-choice.months :]):
        flows = [line for line in lines if line.flow_of == choice.code]
        return tell_lines(own, flows, choice, month.due_on, Audience.PUBLIC)
    years = make_years([total for total in month.years if total["code"] == choice.code])
    return tuple(
        Paragraph(f"{years.span}: {lower_first(years.totals[0].words)}. {ONLY_YEARS}") for years in [years] if years
    )


def show_map(choice: Choice, month: PublicMonth, lines: Sequence[PublicLine]) -> tuple[Block, ...]:
    own = [line for line in lines if line.indicator_code == choice.code]
    breakdown = make_breakdown(month.area, own, month.month, month.due_on, Audience.PUBLIC)
    shown = without_withheld(breakdown) if breakdown else None
    return tuple(tell_map(shown, month.month)) if shown else ()


def show_kpi(choice: Choice, month: PublicMonth, lines: Sequence[PublicLine]) -> tuple[Block, ...]:
    kept = next((kept for kept in month.kpis if str(kept["number"]) == choice.code), None)
    if kept is None:
        return ()
    kpi = make_kpi(kept)
    said: tuple[Block, ...] = (Paragraph(kpi.said), Paragraph(kpi.aim, look="quiet"))
    if kpi.bullet is None:
        return said
    picture = draw_bar(kpi.bullet, kpi.numbers, title=kpi.title, over=kpi.over, reach=kpi.reach)
    how = describe_bars([(kept["months"], kpi.reach)])
    return Abreast(said, (picture,), share=45, is_whole=True), Paragraph(how, look="quiet")


PUBLIC: dict[FigureKind, Callable[[Choice, PublicMonth, Sequence[PublicLine]], tuple[Block, ...]]] = {
    FigureKind.INDICATOR: show_indicator,
    FigureKind.MAP: show_map,
    FigureKind.KPI: show_kpi,
}


def name_span(first: Month, last: Month) -> str:
    """ "November 2025 to October 2026"."""
    return last.label if first == last else f"{first.label} to {last.label}"
