"""The month's page, and each board's."""

from functools import cached_property

from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.safestring import mark_safe
from django.views.decorators.http import require_safe

from actions.permissions import can_challenge
from actions.presenters.highlights import views_of
from actions.selectors.highlights import told_in
from boards.models import Board, PartnershipArea
from boards.permissions import Access, AreaRequest, check_can_see_month, open_to
from core.months import Month
from indicators.disclosure import Audience, Marking
from indicators.selectors.markings import marking_of
from reporting import presenters, selectors
from reporting.models.snapshots import Snapshot
from reporting.tasks import roll_up_area
from reporting.views.indicators import not_held
from reporting.views.kept import Parts, parts_of
from reporting.views.nav import month_url, nav_html, url_of
from reporting.views.threads import asks, board_thread


@open_to()
@require_safe
def month_view(request: AreaRequest, area: PartnershipArea, month: Month) -> HttpResponse:
    """ "This is Anytown": the month on a page; the newest version that the reader may see, or ?version=1."""
    return show(request, month, "")


@open_to()
@require_safe
def board_view(request: AreaRequest, area: PartnershipArea, month: Month, board: str) -> HttpResponse:
    """A board's own page of the month."""
    return show(request, month, board)


def show(request: AreaRequest, month: Month, board: str) -> HttpResponse:
    """The page, from what was kept of it where nothing that it depends on has changed."""
    try:
        page = MonthPage(request.access, month, board, asked_version(request))
    except selectors.NoSuchVersion as missing:
        return not_held(request, missing)
    parts = parts_of(page.depends_on(), lambda: render_parts(page))
    context: dict[str, object] = {
        "month": month,
        "board": parts.title,
        "nav_html": parts.nav,
        "content": parts.content,
        "marking": page.marking,
        "has_highlights": bool(page.told),
    }
    if page.board:
        context["thread"] = board_thread(request.access, page.board)
    return render(request, "reporting/month_view.html", context)


def asked_version(request: AreaRequest) -> str:
    """The version that the address asks for: ?version=1. Empty for the newest."""
    return str(request.GET.get("version", "")).replace("\x00", "")


class MonthPage:
    """What a page of a month is made from: the month, the version that this reader may see, and the
    boards. `code` is a board's, empty for the month's own page; `version` is empty for the newest.

    Raises Http404, NoSuchVersion or PermissionDenied, with a sentence.
    """

    def __init__(self, access: Access, month: Month, code: str, version: str = "") -> None:
        self.access, self.month, self.code = access, month, code
        try:
            self.calendar = selectors.find_month(access.area, month)
            if self.calendar.period.stale_since is not None and settings.CELERY_TASK_ALWAYS_EAGER:
                # Nobody sweeps where there is no worker: whoever opens a stale month brings it up to date.
                roll_up_area.delay(access.area.pk)
                self.calendar = selectors.find_month(access.area, month)
            check_can_see_month(access, self.calendar.period)
            self.snapshot, self.versions = self.find_version(version)
        except selectors.NoSuchVersion:
            raise
        except selectors.NotHeld as missing:
            raise Http404(str(missing)) from missing
        boards = selectors.boards_of(access.area)
        self.boards = [board for board in boards if access.can_see_board(board.pk)]
        self.board = self.find_board(boards) if code else None
        self.duties = list(self.board.responsibilities.values_list("pk", "text")) if self.board else []
        shows_highlights = self.calendar.told and self.is_newest
        self.told = told_in(access.area, month, board=self.board) if shows_highlights else []

    def find_version(self, version: str) -> tuple[Snapshot, list[Snapshot]]:
        """The version to show; and every one that this reader may see, where there is more than one or
        the address asks for one. Raises NotHeld."""
        period, drafts = self.calendar.period, self.access.can_see_drafts
        if version:
            versions = selectors.versions_of(period, include_drafts=drafts)
            return selectors.find_version(versions, version, month=self.month), versions
        snapshot = selectors.latest_snapshot(period, include_drafts=drafts)
        first = snapshot.version == 1
        return snapshot, [] if first else selectors.versions_of(period, include_drafts=drafts)

    def find_board(self, boards: list[Board]) -> Board:
        for board in boards:
            if board.code == self.code:
                if board not in self.boards:
                    raise PermissionDenied(f"This page is for the members of the {board.name}.")
                return board
        raise Http404(f"{self.access.area.name} has no board “{self.code}”.")

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
            self.board and (self.board.pk, self.board.basis, self.board.formerly, self.duties),
            self.told,
        )

    @property
    def marking(self) -> Marking:
        return marking_of(self.calendar.period)

    @cached_property
    def view(self) -> presenters.MonthView:
        return presenters.month_view(
            self.snapshot,
            selectors.lines_of(self.snapshot),
            area=self.access.area,
            period=self.calendar.period,
            audience=Audience.PARTNERS,
            marking=self.marking,
            successor=selectors.successor_of(self.snapshot, self.versions),
        )

    @property
    def is_newest(self) -> bool:
        return not self.versions or self.snapshot.pk == self.versions[0].pk

    @property
    def query(self) -> str:
        """What the addresses of this very version end with."""
        return "" if self.is_newest else f"?version={self.snapshot.version}"

    def other_versions(self) -> list[tuple[str, str]]:
        """The other versions of the month's page or the board's, the newest first, with what each is."""
        url = month_url(self.access, self.month, self.code)
        newest = self.versions[0] if self.versions else self.snapshot
        return [
            (presenters.version_words(other), url if other is newest else f"{url}?version={other.version}")
            for other in self.versions
            if other.pk != self.snapshot.pk
        ]

    @cached_property
    def own(self) -> presenters.BoardView | None:
        return presenters.board_view(self.view, self.board, [text for _, text in self.duties]) if self.board else None

    def neighbours(self) -> list[tuple[str, str]]:
        """The months before and after, where this reader may read them."""
        around = (self.calendar.before, self.calendar.after)
        return [
            (period.month.label, month_url(self.access, period.month, self.code))
            for period in around
            if period and self.access.can_see_month(period)
        ]


def render_parts(page: MonthPage) -> Parts:
    own = page.own
    pack = (
        reverse("reporting:board-pack", args=[page.access.area.slug, page.month, page.code]) + page.query if own else ""
    )
    content = render_to_string(
        "reporting/_month_content.html",
        {
            "area": page.access.area,
            "month": page.month,
            "period": page.calendar.period,
            "is_stale": page.calendar.period.stale_since is not None and page.is_newest,
            "versions": page.other_versions(),
            "changes_url": reverse("reporting:month-changes", args=[page.access.area.slug, page.month])
            if page.versions[1:]
            else "",
            "view": own.month if own else page.view,
            "own": own,
            "duties": asks(page.access, page.duties),
            "highlights": views_of(page.told),
            "neighbours": page.neighbours(),
            "pack_url": pack,
            "plan_url": f"{reverse('reporting:plan', args=[page.access.area.slug])}?board={page.code}",
            "packs_url": f"{reverse('reporting:pack-list', args=[page.access.area.slug])}?board={page.code}",
            "indicators_url": reverse("reporting:indicator-list", args=[page.access.area.slug]),
            "files_url": f"{month_url(page.access, page.month)}figures.",
            "query": page.query,
            "exports_url": url_of("reporting:exports", page.access.area.slug),
        },
    )
    nav = nav_html(page.access, page.month, page.boards, here=month_url(page.access, page.month, page.code))
    return Parts(nav, mark_safe(content), own.name if own else "")  # noqa: S308  # our own template's output
