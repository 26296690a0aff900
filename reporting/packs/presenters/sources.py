"""What a pack is made from. All of it is read here, once: the chapters look nothing up."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import NamedTuple, cast

from actions.models import Action, Challenge, Highlight, Meeting, Milestone, Voice
from actions.presenters.duty import describe_signatures
from actions.selectors.challenges import challenges_for
from actions.selectors.duty import list_authorities
from actions.selectors.engagement import Made, count_sessions
from actions.selectors.group import Absence, find_absences
from actions.selectors.highlights import get_pictures, highlights_in
from actions.selectors.meetings import find_last_meeting, list_decisions
from actions.selectors.plan import list_completed, list_heard, list_plan, list_reached, sessions_in, with_parts
from boards.models import Board, PartnershipArea, ReportingPeriod, Responsibility, Strand
from boards.rules import STRATEGIC_GROUP
from boards.selectors import list_duties, list_strands
from core.calendar import Month
from indicators.disclosure import Audience
from indicators.models import IndicatorDefinition
from indicators.selectors.disclosure import get_marking
from indicators.selectors.pathways import list_pathways
from indicators.year_on_year import YEAR
from reporting.impact.presenters.page import BoardImpact, make_board_impact
from reporting.kpis.presenters import KpiRow, make_rows
from reporting.kpis.selectors import list_kpi_lines
from reporting.models import KpiLine, PackCharts, PackKind, PackScope, PublicEdition, PublicLine, Snapshot
from reporting.models.line_fields import Line, line_key
from reporting.months.presenters.month import CommentaryView, board_view, make_commentary, month_view
from reporting.months.presenters.series import Series, series_of_lines
from reporting.months.presenters.shapes import BoardView, LineView, MonthView
from reporting.months.selectors import find_commentary, find_shown, list_pathway_lines, list_series
from reporting.packs.presenters.revised import Revised, revised_editions, revised_versions
from reporting.packs.selectors import last_told, list_duties_without_indicator
from reporting.pathways.presenters import PathwayView, make_pathways
from reporting.public.editions import lines_for_the_public, newest_edition, published_edition
from reporting.public.presenters.about import About, about, describe_indicator
from reporting.public.selectors import list_withdrawn_months

FEW = 2  # indicators of a pack that is short


@dataclass(frozen=True, slots=True)
class Order:
    """The pack that somebody wants. `version` is None for the month's newest. `meeting` and its day may be empty in a
    draft.
    """

    period: ReportingPeriod
    board: Board
    kind: PackKind = PackKind.MONTH
    audience: Audience = Audience.PARTNERS
    scope: PackScope = PackScope.SIGNALS
    version: int | None = None
    meeting: str = ""
    meeting_on: date | None = None
    charts: PackCharts = PackCharts.JUDGED

    @property
    def only(self) -> Board | None:
        """Return the board whose actions, highlights and KPIs it has; None for the strategic group, which has all."""
        return None if self.board.code == STRATEGIC_GROUP else self.board


@dataclass(frozen=True, slots=True)
class Community:
    """Sessions with the community in twelve months, and what people said in them."""

    first: date
    last: date
    counted: Made
    voices: Sequence[Voice]


@dataclass(frozen=True, slots=True)
class YearOfPlan:
    """What was done in a year, and what was not measured, for partners. `duties` are those without an indicator, and
    `without_kpi` are the strands without a KPI.
    """

    strands: Sequence[Strand]
    without_kpi: Sequence[Strand]
    completed: Sequence[Action]
    reached: Sequence[Milestone]
    community: Community
    community_before: Community
    duties: Sequence[Responsibility]


@dataclass(frozen=True, slots=True)
class Sources:
    """`edition` is the public edition that was read, None for a preview. `since` is the moment since which revisions
    are listed, and `last` the reference of the pack issued then, if any. `is_withdrawn`: a newer edition was
    withdrawn. From `commentary` on, all is for partners only, and empty for the public.
    """

    order: Order
    board: BoardView
    series: tuple[tuple[Series, ...], ...]  # of each indicator, the whole first, in the board's order
    snapshot: Snapshot
    edition: PublicEdition | None
    is_withdrawn: bool
    about: tuple[About, ...]
    highlights: tuple[tuple[Highlight, bytes | None], ...]  # each with its picture, if it has one
    last: str
    since: datetime | None
    revisions: tuple[Revised, ...]
    commentary: CommentaryView | None = None
    actions: tuple[Action, ...] = ()
    challenges: tuple[Challenge, ...] = ()
    last_meeting: Meeting | None = None  # of the board, and held
    decisions: tuple[Action, ...] = ()  # of that meeting
    absences: tuple[Absence, ...] = ()  # from the strategic group: the board's own; all in the group's pack
    duty: str = ""  # in the group's pack: which specified authorities have signed the strategy
    impact: BoardImpact = BoardImpact()  # noqa: RUF009  # frozen
    kpis: tuple[KpiRow, ...] = ()  # of the board; all for the strategic group
    pathways: tuple[PathwayView, ...] = ()  # that the board has indicators of; all for the strategic group
    year: YearOfPlan | None = None  # of a year's pack

    @property
    def month(self) -> Month:
        return self.board.month.month

    @property
    def lines(self) -> tuple[LineView, ...]:
        """Return the wholes, in the board's order."""
        return self.board.month.wholes

    @property
    def is_short(self) -> bool:
        """Return whether it is a pack of so few indicators that one or two pages say it all."""
        order = self.order
        return order.kind is not PackKind.YEAR and order.scope is PackScope.SIGNALS and 0 < len(self.lines) <= FEW

    @property
    def is_public(self) -> bool:
        return self.order.audience is Audience.PUBLIC


class Shown(NamedTuple):
    """The version or the edition of the month that a pack shows."""

    snapshot: Snapshot
    lines: Sequence[Line]
    successor: Snapshot | None = None  # the version that replaced it
    edition: PublicEdition | None = None


def read_sources(order: Order, *, include_drafts: bool) -> Sources:
    """Read all that the pack's chapters show. Raises NotHeld if there is nothing to show, AudienceRefused if the public
    may not see it.
    """
    period, board, audience = order.period, order.board, order.audience
    is_public, month = audience is Audience.PUBLIC, period.month
    shown = (read_edition if is_public else read_version)(order, include_drafts=include_drafts)
    view = month_view(
        shown.snapshot,
        shown.lines,
        area=period.area,
        period=period,
        audience=audience,
        marking=get_marking(period, audience=audience),
        successor=shown.successor,
        is_public=shown.edition is not None,
    )
    duties = [text for _, text in list_duties(board)]
    its_board = board_view(view, board, duties)  # the same figures as on the board's page
    series = list_board_series(shown.lines, its_board.month)
    since, last = last_told(board, order.kind, audience=audience, up_to=month, before=month.previous)
    sources = Sources(
        order=order,
        board=its_board,
        series=tuple(series),
        snapshot=shown.snapshot,
        edition=shown.edition,
        is_withdrawn=shown.edition is not None and newest_edition(period) != shown.edition,
        about=tuple(about_public(its_board, shown.lines) if is_public else about_partners(its_board, period)),
        highlights=tuple(list_told(order)),
        last=last,
        since=since,
        revisions=tuple(list_revised(order, its_board, since)),
    )
    return sources if is_public else add_partners_own(sources)


def read_edition(order: Order, *, include_drafts: bool) -> Shown:
    """Return the public edition, or what it would show."""
    edition = published_edition(order.period)
    snapshot = edition.snapshot if edition else find_shown(order.period, None, include_drafts=include_drafts).snapshot
    snapshot.period = order.period
    return Shown(snapshot, lines_for_the_public(snapshot, edition), edition=edition)


def read_version(order: Order, *, include_drafts: bool) -> Shown:
    """Return the version that was asked for. An appendix has only what the public doesn't see."""
    shown = find_shown(order.period, order.version, include_drafts=include_drafts)
    lines = list_series(shown.snapshot)
    if order.kind is PackKind.APPENDIX:
        lines = kept_from_the_public(lines, shown.snapshot)
    return Shown(shown.snapshot, lines, shown.successor)


def kept_from_the_public(lines: list[Line], snapshot: Snapshot) -> list[Line]:
    """Return the lines of indicators that the public doesn't see in every month, or not exactly. Raises AudienceRefused
    if a preview for the public can't be made.
    """
    period = snapshot.period
    edition = published_edition(period)
    if edition is None and period.month in list_withdrawn_months(period.area):
        return lines  # the public sees nothing of it
    public = {line_key(line): line for line in lines_for_the_public(snapshot, edition)}

    def is_kept(line: Line) -> bool:
        seen = public.get(line_key(line))
        return (
            seen is None
            or (seen.state, seen.value) != (line.state, line.value)
            # The public may see fewer months than partners do.
            or seen.history != line.history[-len(seen.history) :]
        )

    codes = {line.indicator_code for line in lines if is_kept(line)}
    return [line for line in lines if line.indicator_code in codes]


def list_board_series(lines: Sequence[Line], month: MonthView) -> list[tuple[Series, ...]]:
    """Return the series of each of a board's indicators, in the board's order, the whole first."""
    by_code: dict[str, list[Series]] = {line.code: [] for line in month.wholes}
    its_lines = [line for line in lines if line.indicator_code in by_code]
    for one in series_of_lines(its_lines, month.month, month.due_on, audience=month.audience, beside=lines):
        by_code[one.line.code].append(one)
    return [tuple(series) for series in by_code.values()]


def list_told(order: Order) -> Iterable[tuple[Highlight, bytes | None]]:
    """Return the highlights of the month, or of the year for a year's pack; an appendix has none. The public sees what
    is marked public.
    """
    if order.kind is PackKind.APPENDIX:
        return []
    month = order.period.month
    first = month + -(YEAR - 1) if order.kind is PackKind.YEAR else month
    highlights = highlights_in(
        order.period.area,
        first.first_day,
        month.last_day,
        board=order.only,
        public_only=order.audience is Audience.PUBLIC,
    )
    pictures = get_pictures(highlights)
    return [(highlight, pictures.get(highlight.pk)) for highlight in highlights]


def list_revised(order: Order, board: BoardView, since: datetime | None) -> Iterable[Revised]:
    if order.audience is Audience.PUBLIC:
        return revised_editions(order.period, order.board.code, since)
    codes = {line.code for line in board.month.wholes} if order.kind is PackKind.APPENDIX else None
    return revised_versions(order.period, order.board.code, codes, since)


def add_partners_own(sources: Sources) -> Sources:
    """Return the same with what only partners may read."""
    order, snapshot = sources.order, sources.snapshot
    period, board, only = order.period, order.board, order.only
    meeting, words = find_last_meeting(board), find_commentary(period, snapshot.version, board)
    kpi_lines = list_kpi_lines(snapshot)
    own_kpis = [line for line in kpi_lines if only is None or line.board_code == only.code]
    return replace(
        sources,
        commentary=make_commentary(words, version=snapshot.version, board_code=board.code) if words else None,
        actions=tuple(list_plan(period.area, only)),
        challenges=tuple(challenges_for(board)),
        last_meeting=meeting,
        decisions=tuple(with_parts(list_decisions(meeting))) if meeting else (),
        absences=tuple(absence for absence in find_absences(period.area) if only in (None, absence.board)),
        duty=describe_signatures(list_authorities(period.area)) if only is None else "",
        impact=make_board_impact(period.area, only, period.month),
        kpis=tuple(make_rows(own_kpis, slug=period.area.slug, audience=Audience.PARTNERS)),
        pathways=tuple(read_pathways(order, snapshot)),
        year=read_year(order, snapshot, kpi_lines) if order.kind is PackKind.YEAR else None,
    )


def read_pathways(order: Order, snapshot: Snapshot) -> Iterable[PathwayView]:
    """Read the pathways of a month's or a year's pack. Three queries; one if there is none."""
    period = order.period
    pathways = [] if order.kind is PackKind.APPENDIX else list_pathways(period.area, order.only)
    lines = list_pathway_lines(snapshot, pathways) if pathways else []
    return make_pathways(pathways, lines, month=period.month, slug=period.area.slug)


def read_year(order: Order, snapshot: Snapshot, kpi_lines: Iterable[KpiLine]) -> YearOfPlan:
    """Read what was done in the year that ends with the month. Nine queries."""
    area, month = order.period.area, order.period.month
    days = (month + -(YEAR - 1)).first_day, month.last_day
    strands, measured = list_strands(area), {line.strand_code for line in kpi_lines}
    return YearOfPlan(
        strands=strands,
        without_kpi=[strand for strand in strands if strand.code not in measured],
        completed=list_completed(area, *days, board=order.only),
        reached=list_reached(area, *days, board=order.only),
        community=read_community(area, month),
        community_before=read_community(area, month + -YEAR),
        duties=list_duties_without_indicator(area, snapshot, board=order.only),
    )


def read_community(area: PartnershipArea, last: Month) -> Community:
    """Return the whole area's sessions in the year to a month: a session doesn't belong to a board. Two queries."""
    days = (last + -(YEAR - 1)).first_day, last.last_day
    months = list(count_sessions(sessions_in(area, *days)).values())
    # `Made` is a tuple of counts, so months add up place by place.
    counted = Made(*map(sum, zip(*months, strict=True))) if months else Made()
    return Community(*days, counted, list_heard(area, *days))


# --- What is counted ------------------------------------------------------------------------------


def about_public(board: BoardView, lines: Iterable[Line]) -> Iterable[About]:
    return about(board.month.wholes, [cast("PublicLine", line) for line in lines])


def about_partners(board: BoardView, period: ReportingPeriod) -> Iterable[About]:
    """Yield what each indicator counts, by the definition in force in the month. One query."""
    texts: dict[str, IndicatorDefinition] = {}
    in_force = IndicatorDefinition.objects.filter(indicator__area=period.area, applies_from__lte=period.starts_on)
    # The newest one that applies comes last, and wins.
    for definition in in_force.select_related("indicator").order_by("applies_from"):
        texts[definition.indicator.code] = definition
    for line in board.month.wholes:
        its_definition = texts.get(line.code)
        yield describe_indicator(
            line,
            definition=its_definition.text if its_definition else "",
            why_it_matters=its_definition.indicator.why_it_matters if its_definition else "",
            source=its_definition.indicator.source if its_definition else "",
        )
