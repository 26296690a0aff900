"""What a person may read about a month, and about an indicator as of a month."""

from collections.abc import Callable, Iterable
from dataclasses import replace
from functools import cached_property
from typing import NamedTuple

from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.http import Http404
from django.urls import reverse
from django.utils import timezone

from actions.permissions import can_challenge
from actions.presenters.plan import make_underway
from actions.presenters.threads import make_query, raise_url
from actions.selectors.events import Happening, ToldHighlight, list_board_highlights, list_happenings
from actions.selectors.highlights import told_in
from actions.selectors.plan import ActionRow, list_doing, rows_of
from boards.models import Board, PartnershipArea
from boards.permissions import Access, AreaRequest, check_can_see_month
from boards.presenters.nav import month_query, month_url
from boards.selectors import list_boards, list_duties
from core.calendar import Month
from core.pages import NotHeld
from core.texts import read_number
from indicators.disclosure import USUAL_MARKING, Audience, Marking
from indicators.permissions import can_judge
from indicators.protection.rules import Rule
from indicators.selectors.disclosure import find_rule, get_marking
from indicators.selectors.pathways import list_titles
from reporting.models.line_fields import Line
from reporting.models.snapshots import Snapshot, SnapshotState
from reporting.months.permissions import can_comment, can_follow_returns
from reporting.months.presenters.month import CommentaryView, Glance, make_commentary, make_glance
from reporting.months.presenters.month import board_view as board_view_of_month
from reporting.months.presenters.month import month_view as month_view_of_month
from reporting.months.presenters.series import (
    ChartAim,
    ChartMark,
    KpiTag,
    SeriesView,
    make_aims,
    make_marks,
    make_tags,
    series_of_lines,
    series_view,
)
from reporting.months.presenters.shapes import BoardView, MonthView
from reporting.months.presenters.stock_and_flow import StockAndFlow, make_stock_and_flow
from reporting.months.presenters.words import describe_early, describe_version, describe_withdrawal
from reporting.months.selectors import (
    Calendar,
    NoSuchVersion,
    check_rolled_up,
    check_set_up,
    codes_standing_out,
    find_commentary,
    find_month,
    find_set_up,
    find_successor,
    find_version,
    is_any_kpi_on,
    latest_snapshot,
    list_beside,
    list_kpi_marks,
    list_kpis_on,
    list_series,
    list_shown,
    list_versions,
    list_withdrawals,
    newest_published,
)
from reporting.months.selectors import newest_snapshot as find_newest
from reporting.months.tasks import roll_up_area


def asked_version(request: AreaRequest) -> str:
    """Return the version that the address names, as in ?version=1; empty for the newest."""
    return str(request.GET.get("version", "")).replace("\x00", "")  # PostgreSQL refuses a NUL


def asked_month(request: AreaRequest) -> Month | None:
    """Return the month that the address names, as in ?month=2026-10. Raises NotHeld if it isn't a month."""
    text = str(request.GET.get("month", "")).replace("\x00", "")[:40]
    try:
        return Month.parse(text) if text else None
    except ValueError as fault:
        raise NotHeld(str(fault)) from None


class ShownMonth:
    """A month, in the version that this reader may see: the one that is named, or the newest if `version` is empty.

    Raises Http404, NoSuchVersion or PermissionDenied, with a sentence.
    """

    def __init__(self, access: Access, month: Month, version: str = "") -> None:
        self.access, self.month = access, month
        try:
            self.calendar = find_month(access.area, month)
            if self.calendar.period.stale_since is not None and settings.CELERY_TASK_ALWAYS_EAGER:
                # Without a worker nothing sweeps, so the person who opens a stale month brings it up to date.
                roll_up_area.delay(access.area.pk)
                self.calendar = find_month(access.area, month)
            self.taken_back = [describe_withdrawal(withdrawal) for withdrawal in list_withdrawals(self.calendar.period)]
            self.check_can_see()  # before any figure of the month is read
            self.snapshot, self.versions = self.find_version(version)
        except NoSuchVersion:
            raise
        except NotHeld as missing:
            raise Http404(str(missing)) from missing

    def check_can_see(self) -> None:
        """Raise PermissionDenied if they may not see it; with a month that was taken back, say so."""
        if self.taken_back and not self.access.can_see_month(self.calendar.period):
            raise PermissionDenied(
                f"{self.taken_back[-1].rstrip('.')}. You can read the month once it has been corrected."
            )
        check_can_see_month(self.access, self.calendar.period)

    def find_version(self, version: str) -> tuple[Snapshot, list[Snapshot]]:
        """Return the version to show, and all that this reader may see, if there are several. Raises NotHeld."""
        period = self.calendar.period
        versions = list_versions(period, include_drafts=self.access.can_see_drafts)
        if version:
            return find_version(versions, version, month=self.month), versions
        snapshot = check_rolled_up(period, versions[0] if versions else None)
        return snapshot, [] if snapshot.version == 1 else versions

    @property
    def successor(self) -> Snapshot | None:
        """Return the published version that replaced this one."""
        return find_successor(self.snapshot, self.versions)


def find_board(access: Access, boards: Iterable[Board], code: str) -> Board:
    """Return the board with that code, of an area's boards. Raises PermissionDenied or Http404, with a sentence."""
    for board in boards:
        if board.code == code:
            if not access.can_see_board(board.pk):
                raise PermissionDenied(f"This page is for members of the {board.name}.")
            return board
    raise Http404(f"{access.area.name} has no board “{code}”.")


class MonthPage(ShownMonth):
    """What a page of a month is made from: the version that this reader may see, and the boards. `code` is a board's,
    empty for the month's own page."""

    def __init__(
        self,
        access: Access,
        month: Month,
        code: str,
        version: str = "",
    ) -> None:
        super().__init__(access, month, version)
        self.code = code
        boards = list_boards(access.area)
        self.board = find_board(access, boards, code) if code else None
        self.boards = [board for board in boards if access.can_see_board(board.pk)]
        self.duties = list_duties(self.board) if self.board else []
        self.pathways = list_titles(access.area, self.board) if self.board else []
        doing = list_doing(access, codes_standing_out(self.snapshot))
        self.underway = make_underway(access.area.slug, doing, today=timezone.localdate())
        self.highlights = told_in(access.area, month, board=self.board) if self.is_newest else []
        self.commentary = find_commentary(self.calendar.period, self.snapshot.version, self.board)

    # The rendered page is cached under these. Whatever it shows, or hides from some readers, has to be among them.
    def depends_on(self) -> tuple[object, ...]:
        area = self.access.area
        around = (self.calendar.before, self.calendar.period, self.calendar.after)
        return (
            (area.pk, area.name, area.longitude, area.latitude),
            (self.access.can_see_drafts, self.access.can_coordinate, can_challenge(self.access)),
            self.marking,
            [(period.starts_on, period.status, period.stale_since, period.due_on) for period in around if period],
            (self.snapshot.pk, self.snapshot.state, self.snapshot.fingerprint, self.snapshot.timeliness),
            [(version.pk, version.state, version.published_at) for version in self.versions],
            [(board.pk, board.code, board.name, board.short_name, board.retired) for board in self.boards],
            self.board and (self.board.pk, self.board.basis, self.board.formerly, self.duties, self.pathways),
            self.highlights,
            self.underway,
            can_comment(self.access),
            can_follow_returns(self.access),
            self.commentary,
            self.early,
            self.taken_back,
        )

    @property
    def early(self) -> str:
        """Say why it was published early, or a draft closed early; empty if it wasn't."""
        if self.snapshot.state == SnapshotState.PUBLISHED:
            return describe_early("Published", self.snapshot.published_why)
        return describe_early("Closed", self.calendar.period.closed_why)

    @property
    def marking(self) -> Marking:
        return get_marking(self.calendar.period)

    @cached_property
    def view(self) -> MonthView:
        return month_view_of_month(
            self.snapshot,
            list_shown(self.snapshot, for_board=bool(self.code)),
            area=self.access.area,
            period=self.calendar.period,
            audience=Audience.PARTNERS,
            marking=self.marking,
            successor=self.successor,
        )

    @cached_property
    def kpis(self) -> dict[str, list[KpiTag]]:
        """Return the KPIs by their indicator's code. One query."""
        return make_tags(list_kpi_marks(self.snapshot), slug=self.access.area.slug)

    @property
    def own_kpis(self) -> list[KpiTag]:
        """Return the board's KPIs."""
        return [tag for tags in self.kpis.values() for tag in tags if self.code and tag.board_code == self.code]

    @cached_property
    def glance(self) -> Glance:
        """Return what stands out in the month, or in a board's own part of it."""
        url = raise_url(self.access, make_query(month=self.month)) if self.can_ask else ""
        return make_glance(self.own.month if self.own else self.view, self.underway, ask_url=url)

    @property
    def can_ask(self) -> bool:
        return can_challenge(self.access) and self.calendar.period.is_published

    @property
    def said(self) -> CommentaryView | None:
        said, code = self.commentary, self.code
        return make_commentary(said, version=self.snapshot.version, board_code=code) if said else None

    @property
    def commentary_url(self) -> str:
        """Return where the commentary is written; empty if it can't be written, or not by this reader."""
        if self.snapshot.state != SnapshotState.DRAFT or not can_comment(self.access):
            return ""
        name = "reporting:commentary-board" if self.code else "reporting:commentary"
        return reverse(name, args=[part for part in (self.access.area.slug, self.month, self.code) if part])

    @property
    def is_newest(self) -> bool:
        return not self.versions or self.snapshot.pk == self.versions[0].pk

    @property
    def query(self) -> str:
        """Return the ending of addresses of this exact version."""
        return "" if self.is_newest else f"?version={self.snapshot.version}"

    @property
    def indicator_query(self) -> str:
        """Return the ending of an indicator's address that shows it as of this month and version."""
        return month_query(self.month, "" if self.is_newest else self.snapshot.version)

    def other_versions(self) -> list[tuple[str, str]]:
        """Return the other versions of the month's page or the board's, the newest first, with descriptions."""
        url = month_url(self.access, self.month, self.code)
        newest = self.versions[0] if self.versions else self.snapshot
        return [
            (describe_version(other), url if other is newest else f"{url}?version={other.version}")
            for other in self.versions
            if other.pk != self.snapshot.pk
        ]

    @cached_property
    def own(self) -> BoardView | None:
        return board_view_of_month(self.view, self.board, [text for _, text in self.duties]) if self.board else None


# These pages and files have many months, each with its own marking, so they use the usual one.
MARKING = USUAL_MARKING[Audience.PARTNERS]


def newest_snapshot(access: Access) -> Snapshot:
    """Return the newest version of the newest month that this person may see. Raises NotHeld."""
    return up_to_date(access, lambda: (find_newest(access.area, include_drafts=access.can_see_drafts), None))[0]


type Shown = tuple[Snapshot, Month | None]  # the version shown; the month of a newer draft that this person may read


def shown_snapshot(access: Access, month: Month | None = None, version: str = "") -> Shown:
    """Return the version of the month that the address names, as this person may see it. By default, it is the newest
    published month, or a draft if nothing is published. Raises NotHeld or PermissionDenied, with a sentence.
    """
    drafts = access.can_see_drafts
    if month is None:
        return up_to_date(access, lambda: newest_published(access.area, include_drafts=drafts))
    number = (read_number(version) or -1) if version else None  # -1 is none
    try:
        return up_to_date(
            access, lambda: (find_newest(access.area, include_drafts=drafts, month=month, version=number), None)
        )
    except NotHeld:
        period = find_month(access.area, month).period
        check_can_see_month(access, period)
        if version:
            find_version(list_versions(period, include_drafts=drafts), version, month=month)
        # These raise the exact reason. If they don’t, the first error is raised again.
        latest_snapshot(period, include_drafts=drafts)  # which says that there is none
        raise


def up_to_date(access: Access, find: Callable[[], Shown]) -> Shown:
    shown = find()
    if shown[0].period.stale_since is not None and settings.CELERY_TASK_ALWAYS_EAGER:
        # Without a worker nothing sweeps, so the person who opens a stale month brings it up to date.
        roll_up_area.delay(access.area.pk)
        shown = find()
    return shown


def find_period(area: PartnershipArea, month: Month) -> Calendar:
    try:
        return find_month(area, month)
    except NotHeld as missing:
        raise Http404(str(missing)) from missing


class Beside(NamedTuple):
    """What else an indicator's page shows, and what decides about it."""

    rule: Rule
    highlights: list[ToldHighlight]  # in the months of its chart
    happenings: list[Happening]
    actions: list[ActionRow]  # that aim to change it
    has_kpis: bool


class IndicatorPage:
    """What the page of an indicator is made from: the month and version that the address names, or the newest published
    month with the indicator; and its present set-up. Raises NotHeld or PermissionDenied, with a sentence.
    """

    def __init__(
        self, access: Access, code: str, *, month: Month | None = None, version: str = "", is_nhs: bool = False
    ) -> None:
        self.access, self.code, self.is_nhs = access, code, is_nhs
        self.set_up = check_set_up(access.area, code, find_set_up(access.area, code))
        self.boards = list_boards(access.area)
        self.snapshot, self.draft = shown_snapshot(access, month, version)
        self.is_version = bool(month and version)
        # By its number, not as the address has it (0001): vvdash.middleware relies on that.
        self.query = month_query(month, self.snapshot.version if version else "") if month else ""
        self.lines = list_series(self.snapshot, code)
        if not self.lines and month:
            raise NotHeld(f"{self.set_up.title} wasn’t collected in {month.label}, so it has no figure for that month.")
        if not self.lines:  # retired, or not collected yet: the last month that has it is shown
            self.snapshot, self.draft = newest_published(
                access.area, include_drafts=access.can_see_drafts, holding=code
            )
            self.lines = list_series(self.snapshot, code)
        if self.draft and self.set_up.retired_from and self.set_up.retired_from <= self.draft.first_day:
            self.draft = None

    def depends_on(self) -> tuple[object, ...]:
        period = self.snapshot.period
        return (
            "indicator",
            self.code,
            self.is_nhs,
            (self.query, self.is_superseded, self.draft),
            can_judge(self.access),
            (self.access.area.pk, self.access.area.name, self.access.can_coordinate, self.access.can_see_drafts),
            (period.starts_on, period.due_on, period.status, period.stale_since),
            (self.snapshot.pk, self.snapshot.state, self.snapshot.fingerprint),
            [(board.pk, board.code, board.name, board.short_name) for board in self.boards],
            sorted(self.access.seated),
            self.set_up,
            self.beside.rule,
            self.marks,
            self.aims,
        )

    @cached_property
    def is_superseded(self) -> bool:
        """Return whether a newer version was published than the one named. One query if one was named."""
        if not self.is_version or self.snapshot.state != SnapshotState.PUBLISHED:
            return False
        newest = find_newest(self.access.area, include_drafts=False, month=self.snapshot.period.month)
        return newest.pk != self.snapshot.pk

    @property
    def first_month(self) -> Month:
        """Return the first month of its chart."""
        return self.snapshot.period.month + -(len(self.lines[0].history) - 1)

    @cached_property
    def beside(self) -> Beside:
        """Return what is asked beside its figures. Seven queries."""
        area, boards, last = self.access.area, list(self.lines[0].boards), self.snapshot.period.month.last_day
        return Beside(
            find_rule(area, self.code),
            list_board_highlights(area, boards, first=self.first_month.first_day, last=last),
            list_happenings(area, self.code),
            rows_of(measure__area=area, measure__code=self.code),
            is_any_kpi_on(self.snapshot, self.code),
        )

    @cached_property
    def marks(self) -> tuple[ChartMark, ...]:
        """Return what was done about it, and what changed in it, in the months of its chart."""
        whole, month = self.lines[0], self.snapshot.period.month
        return make_marks(
            whole,
            self.first_month,
            month,
            slug=self.access.area.slug,
            highlights=self.beside.highlights,
            happenings=self.beside.happenings,
            today=timezone.localdate(),
            with_levels=not self.is_nhs,
        )

    @cached_property
    def aims(self) -> tuple[ChartAim, ...]:
        """Return its KPIs. Two queries if there are any."""
        kpis = list_kpis_on(self.snapshot, self.code) if self.beside.has_kpis else []
        return tuple(make_aims(kpis, self.first_month, self.snapshot.period.month, slug=self.access.area.slug))

    @cached_property
    def lines_beside(self) -> list[Line]:
        """Return what comes to it and what goes, if it is a stock, and its parts. One query."""
        return list_beside(self.snapshot, self.code)

    @cached_property
    def view(self) -> SeriesView:
        return series_view(
            self.snapshot,
            self.lines,
            area=self.access.area,
            audience=Audience.PARTNERS,
            marking=MARKING,
            is_nhs=self.is_nhs,
            beside=self.lines_beside,
        )

    @property
    def stock_and_flow(self) -> StockAndFlow | None:
        """Return how it became what it is, month by month."""
        period = self.snapshot.period
        flows = [line for line in self.lines_beside if line.flow_of]
        beside = series_of_lines(flows, period.month, period.due_on, audience=Audience.PARTNERS)
        return make_stock_and_flow(self.view.whole, beside)

    @property
    def marked_view(self) -> SeriesView:
        """Return the same with its marks and KPIs, which only the page shows."""
        return replace(self.view, marks=self.marks, aims=self.aims)
