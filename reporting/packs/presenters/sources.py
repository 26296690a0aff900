"""What a pack is made from: the month as its board may see it, its series, and what was revised since the last one."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import TypedDict, cast

from actions.models import Action, Challenge, Meeting
from actions.selectors.challenges import challenges_for
from actions.selectors.meetings import find_last_meeting, list_decisions
from actions.selectors.plan import list_plan, with_parts
from boards.models import Board, PartnershipArea, ReportingPeriod
from boards.rules import STRATEGIC_GROUP
from core.calendar import Month
from indicators.disclosure import Audience
from indicators.models import IndicatorDefinition
from indicators.selectors.disclosure import get_marking
from reporting.impact.presenters.page import BoardImpact, make_board_impact
from reporting.kpis.presenters import KpiRow, make_rows
from reporting.kpis.selectors import list_kpi_lines
from reporting.models import PackCharts, PackKind, PackScope, PublicEdition, PublicLine, Snapshot
from reporting.models.line_fields import Line, line_key
from reporting.months.presenters.month import CommentaryView, board_view, make_commentary, month_view
from reporting.months.presenters.series import Series, series_of_lines
from reporting.months.presenters.shapes import BoardView, LineView
from reporting.months.selectors import (
    find_commentary,
    find_successor,
    find_version,
    latest_snapshot,
    list_series,
    list_versions,
)
from reporting.packs.presenters.revised import Revised, revised_editions, revised_versions
from reporting.packs.selectors import last_told
from reporting.public.editions import lines_for_the_public, newest_edition, published_edition
from reporting.public.presenters.about import About, about
from reporting.public.selectors import list_withdrawn_months


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


@dataclass(frozen=True, slots=True)
class Sources:
    """`edition` is the public edition that was read, None for a preview. `since` is the moment since which revisions
    are listed, and `last` the reference of the pack issued then, if any. `is_withdrawn`: a newer edition was
    withdrawn.
    """

    order: Order
    area: PartnershipArea
    board: BoardView
    series: tuple[tuple[Series, ...], ...]  # of each indicator, the whole first, in the board's order
    yearly: tuple[Series, ...]  # of each whole indicator that a year's pack adds up
    snapshot: Snapshot
    edition: PublicEdition | None
    is_withdrawn: bool
    commentary: CommentaryView | None  # for partners only, as are the actions and the challenges
    actions: tuple[Action, ...]
    challenges: tuple[Challenge, ...]
    last_meeting: Meeting | None  # of the board, and held
    decisions: tuple[Action, ...]  # of that meeting
    impact: BoardImpact
    kpis: tuple[KpiRow, ...]  # of the board; all for the strategic group
    about: tuple[About, ...]
    last: str
    since: datetime | None
    revisions: tuple[Revised, ...]

    @property
    def month(self) -> Month:
        return self.board.month.month

    @property
    def lines(self) -> tuple[LineView, ...]:
        """Return the wholes, in the board's order."""
        return self.board.month.wholes

    @property
    def is_public(self) -> bool:
        return self.order.audience is Audience.PUBLIC


def gather_sources(order: Order, *, include_drafts: bool) -> Sources:
    """Gather them. Raises NotHeld if there is nothing to show, AudienceRefused if the public may not see it."""
    period, board, audience = order.period, order.board, order.audience
    area = period.area
    edition, successor = None, None
    if audience is Audience.PUBLIC:
        edition = published_edition(period)
        snapshot = edition.snapshot if edition else latest_snapshot(period, include_drafts=include_drafts)
        snapshot.period = period
        public = lines_for_the_public(snapshot)
        lines: list[Line] = [*public]
    else:
        snapshot, successor = partners_version(order, include_drafts=include_drafts)
        snapshot.period = period
        lines = list_series(snapshot)
        if order.kind is PackKind.APPENDIX:
            lines = kept_from_the_public(lines, period, snapshot)
    view = month_view(
        snapshot,
        lines,
        area=area,
        period=period,
        audience=audience,
        marking=get_marking(period, audience=audience),
        successor=successor,
        is_public=edition is not None,
    )
    # Figures that only KPIs are about are in the KPIs' chapter.
    its_board = board_view(
        replace(view, every=view.lines), board, list(board.responsibilities.values_list("text", flat=True))
    )
    year_view = (
        board_view(view, board, ()) if order.kind is PackKind.YEAR and audience is Audience.PARTNERS else its_board
    )
    since, last = last_told(
        order.board, order.kind, audience=audience, up_to=period.month, before=period.month.previous
    )
    return Sources(
        order=order,
        area=area,
        board=its_board,
        series=tuple(series_of_board(lines, its_board, due_on=period.due_on)),
        yearly=tuple(list_yearly(lines, year_view, order)),
        snapshot=snapshot,
        edition=edition,
        is_withdrawn=edition is not None and newest_edition(period) != edition,
        **(of_partners(snapshot, board) if audience is Audience.PARTNERS else of_nobody()),
        about=tuple(about_public(its_board, lines) if audience is Audience.PUBLIC else about_partners(area, its_board)),
        last=last,
        since=since,
        revisions=tuple(revised(order, its_board, since)),
    )


class OfPartners(TypedDict):
    """The sources that a public pack doesn't use."""

    commentary: CommentaryView | None
    actions: tuple[Action, ...]
    challenges: tuple[Challenge, ...]
    last_meeting: Meeting | None
    decisions: tuple[Action, ...]
    impact: BoardImpact
    kpis: tuple[KpiRow, ...]


def of_partners(snapshot: Snapshot, board: Board) -> OfPartners:
    """Return what only partners may read. Twenty-one queries at most."""
    meeting, period = find_last_meeting(board), snapshot.period
    return OfPartners(
        commentary=get_commentary(snapshot, board),
        actions=tuple(list_plan(period.area, whose(board))),
        challenges=tuple(challenges_for(board)),
        last_meeting=meeting,
        decisions=tuple(with_parts(list_decisions(meeting))) if meeting else (),
        impact=make_board_impact(period.area, whose(board), period.month),
        kpis=tuple(kpis_for(snapshot, whose(board))),
    )


def of_nobody() -> OfPartners:
    return OfPartners(
        commentary=None, actions=(), challenges=(), last_meeting=None, decisions=(), impact=BoardImpact(), kpis=()
    )


def whose(board: Board) -> Board | None:
    """Return whose actions and highlights a pack has: the board's own, or all for the strategic group."""
    return None if board.code == STRATEGIC_GROUP else board


def kpis_for(snapshot: Snapshot, board: Board | None) -> list[KpiRow]:
    """Return the version's KPIs for a board, or for all. One query."""
    lines = [line for line in list_kpi_lines(snapshot) if board is None or line.board_code == board.code]
    return make_rows(lines, slug=snapshot.period.area.slug, audience=Audience.PARTNERS)


def get_commentary(snapshot: Snapshot, board: Board) -> CommentaryView | None:
    """Return the commentary for the board. One query."""
    commentary = find_commentary(snapshot.period, snapshot.version, board)
    return make_commentary(commentary, version=snapshot.version, board_code=board.code) if commentary else None


def revised(order: Order, board: BoardView, since: datetime | None) -> Iterable[Revised]:
    if order.audience is Audience.PUBLIC:
        return revised_editions(order.period, order.board.code, since)
    codes = {line.code for line in board.month.wholes} if order.kind is PackKind.APPENDIX else None
    return revised_versions(order.period, order.board.code, codes, since)


def partners_version(order: Order, *, include_drafts: bool) -> tuple[Snapshot, Snapshot | None]:
    """Return the version that was asked for, and the one that replaced it. Raises NotHeld."""
    versions = list_versions(order.period, include_drafts=include_drafts)
    if order.version is None and versions:
        return versions[0], None
    if order.version is None:
        return latest_snapshot(order.period, include_drafts=include_drafts), None  # says why there is none
    snapshot = find_version(versions, str(order.version), month=order.period.month)
    return snapshot, find_successor(snapshot, versions)


def kept_from_the_public(lines: Sequence[Line], period: ReportingPeriod, snapshot: Snapshot) -> list[Line]:
    """Return the lines of indicators that the public doesn't see in every month, or not exactly. Raises AudienceRefused
    if a preview for the public can't be made.
    """
    edition = published_edition(period)
    if edition is None and period.month in list_withdrawn_months(period.area):
        return list(lines)  # the public sees nothing of it
    public = lines_for_the_public(edition.snapshot if edition else snapshot)
    shown = {line_key(line): line for line in public}

    def is_kept(line: Line) -> bool:
        seen = shown.get(line_key(line))
        return (
            seen is None
            or (seen.state, seen.value) != (line.state, line.value)
            # The public may see fewer months than partners do.
            or seen.history != line.history[-len(seen.history) :]
        )

    codes = {line.indicator_code for line in lines if is_kept(line)}
    return [line for line in lines if line.indicator_code in codes]


def series_of_board(lines: Iterable[Line], board: BoardView, *, due_on: date) -> Iterable[tuple[Series, ...]]:
    order = {line.code: place for place, line in enumerate(board.month.wholes)}
    its_lines = [line for line in lines if line.indicator_code in order]
    by_code: dict[str, list[Series]] = {code: [] for code in order}
    for one in series_of_lines(its_lines, board.month.month, due_on, audience=board.month.audience):
        by_code[one.line.code].append(one)
    return [tuple(series) for series in by_code.values()]


def list_yearly(lines: Iterable[Line], view: BoardView, order: Order) -> Iterable[Series]:
    """Include what only a board's own page shows, such as many shares and rates."""
    if order.kind is PackKind.YEAR:
        yield from (series for series, *_ in series_of_board(lines, view, due_on=order.period.due_on))


# --- What is counted ------------------------------------------------------------------------------


def about_public(board: BoardView, lines: Iterable[Line]) -> Iterable[About]:
    return about(board.month.wholes, [cast("PublicLine", line) for line in lines])


def about_partners(area: PartnershipArea, board: BoardView) -> Iterable[About]:
    """Yield what each indicator counts, by the definition in force in the month. One query."""
    first_day = board.month.month.first_day
    texts: dict[str, IndicatorDefinition] = {}
    in_force = IndicatorDefinition.objects.filter(indicator__area=area, applies_from__lte=first_day)
    # The newest one that applies comes last, and wins.
    for definition in in_force.select_related("indicator").order_by("applies_from"):
        texts[definition.indicator.code] = definition
    for line in board.month.wholes:
        its_definition = texts.get(line.code)
        yield About(
            code=line.code,
            title=line.title,
            definition=its_definition.text if its_definition else "",
            why_it_matters=its_definition.indicator.why_it_matters if its_definition else "",
            source=its_definition.indicator.source if its_definition else "",
            owner=line.owner,
            polarity=line.polarity.label,
            polarity_reason=line.polarity_reason,
        )
