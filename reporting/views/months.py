"""The month's page, each board's, and a board's pack."""

from dataclasses import dataclass
from functools import cached_property
from hashlib import sha256
from typing import Any

from django.conf import settings
from django.core.cache import caches
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.http import content_disposition_header
from django.utils.safestring import SafeString, mark_safe
from django.views.decorators.http import require_safe

from boards.models import Board, PartnershipArea
from boards.permissions import Access, AreaRequest, check_can_see_month, open_to
from core.months import Month
from indicators.disclosure import Audience
from reporting import packs, presenters, selectors


@open_to()
@require_safe
def month_view(request: AreaRequest, area: PartnershipArea, month: Month) -> HttpResponse:
    """ "This is Anytown": the month on a page."""
    return show(request, month, "")


@open_to()
@require_safe
def board_view(request: AreaRequest, area: PartnershipArea, month: Month, board: str) -> HttpResponse:
    """A board's own page of the month."""
    return show(request, month, board)


@open_to()
@require_safe
def board_pack(request: AreaRequest, area: PartnershipArea, month: Month, board: str) -> HttpResponse:
    """The board's pack of the month, as a PDF."""
    own = MonthPage(request.access, month).board_view(board)
    return HttpResponse(
        packs.build_pack(own, pack_number=packs.number_of(own)),
        content_type="application/pdf",
        headers={"Content-Disposition": content_disposition_header(True, packs.file_name(own))},
    )


@dataclass(frozen=True, slots=True)
class Parts:
    """The parts of a rendered page that are kept: everything but the frame, which names the reader."""

    nav: SafeString
    content: SafeString
    title: str  # the board's name; empty on the month's own page


def show(request: AreaRequest, month: Month, board: str) -> HttpResponse:
    """The page, from what was kept of it where nothing that it depends on has changed."""
    access = request.access
    key = page_key(access, month, board)
    cache = caches["pages"]
    parts: Parts | None = cache.get(key)
    if parts is None:
        parts = render_parts(MonthPage(access, month), board)
        cache.set(key, parts)
    context = {"month": month, "board": parts.title, "nav_html": parts.nav, "content": parts.content}
    return render(request, "reporting/month_view.html", context)


def page_key(access: Access, month: Month, board: str) -> str:
    """Names everything that the page depends on: the code, the month's and the boards' rows as they
    are now, and what the reader's roles let them see. So nothing ever has to be invalidated, and a
    page is kept only under the roles for which it was rendered."""
    depends_on = (
        settings.CODE_VERSION,
        str(month),
        board,
        access.area.name,
        access.can_see_drafts,
        access.can_coordinate,
        sorted(access.seated),
        selectors.month_stamp(access.area, month),
    )
    return sha256(repr(depends_on).encode()).hexdigest()


@dataclass(frozen=True)
class MonthPage:
    """What the pages of a month are made from, fetched as it is asked for."""

    access: Access
    month: Month

    @cached_property
    def calendar(self) -> selectors.Calendar:
        """Raises Http404 or PermissionDenied, with a sentence."""
        try:
            calendar = selectors.find_month(self.access.area, self.month)
        except selectors.NotHeld as missing:
            raise Http404(str(missing)) from missing
        check_can_see_month(self.access, calendar.period)
        return calendar

    @cached_property
    def boards(self) -> list[Board]:
        """The boards whose pages this reader may open."""
        return [board for board in self.all_boards if self.access.can_see_board(board.pk)]

    @cached_property
    def all_boards(self) -> list[Board]:
        return selectors.boards_of(self.access.area)

    @cached_property
    def view(self) -> presenters.MonthView:
        """Raises Http404 or PermissionDenied, with a sentence."""
        period = self.calendar.period
        try:
            snapshot = selectors.latest_snapshot(period, include_drafts=self.access.can_see_drafts)
        except selectors.NotHeld as missing:
            raise Http404(str(missing)) from missing
        return presenters.month_view(
            snapshot,
            selectors.lines_of(snapshot),
            area=self.access.area,
            period=period,
            audience=Audience.PARTNERS,
            marking=settings.MARKING,
        )

    def board_view(self, code: str) -> presenters.BoardView:
        """Raises Http404 or PermissionDenied, with a sentence."""
        board = next((board for board in self.all_boards if board.code == code), None)
        if board is None:
            raise Http404(f"{self.access.area.name} has no board “{code}”.")
        if board not in self.boards:
            raise PermissionDenied(f"This page is for the members of the {board.name}.")
        return presenters.board_view(self.view, board, list(board.responsibilities.values_list("text", flat=True)))

    def url(self, month: Month, board: str) -> str:
        slug = self.access.area.slug
        if board:
            return reverse("reporting:board-view", args=[slug, month, board])
        return reverse("reporting:month-view", args=[slug, month])

    def nav(self, board: str) -> list[dict[str, Any]]:
        """Home, the month, the boards that this reader may open; the coordinator's own pages."""
        slug = self.access.area.slug
        places = [
            ("Home", reverse("reporting:area-home", args=[slug])),
            (self.month.label, self.url(self.month, "")),
            *((other.short_name, self.url(self.month, other.code)) for other in self.boards),
        ]
        if self.access.can_coordinate:
            places.append(("Returns", reverse("reporting:return-grid", args=[slug, self.month])))
            places.append(("Set-up", reverse("indicators:setup", args=[slug])))
        here = self.url(self.month, board)
        return [{"label": label, "url": url, "current": url == here} for label, url in places]

    def neighbours(self, board: str) -> list[tuple[str, str]]:
        """The months before and after, where this reader may read them."""
        around = (self.calendar.before, self.calendar.after)
        return [
            (period.month.label, self.url(period.month, board))
            for period in around
            if period and self.access.can_see_month(period)
        ]


def render_parts(page: MonthPage, board: str) -> Parts:
    """Raises Http404 or PermissionDenied, with a sentence."""
    own = page.board_view(board) if board else None
    view = own.month if own else page.view
    slug = page.access.area.slug
    content = render_to_string(
        "reporting/_month_content.html",
        {
            "area": page.access.area,
            "month": page.month,
            "period": page.calendar.period,
            "is_stale": page.calendar.period.stale_since is not None,
            "view": view,
            "own": own,
            "neighbours": page.neighbours(board),
            "pack_url": reverse("reporting:board-pack", args=[slug, page.month, board]) if board else "",
        },
    )
    nav = render_to_string("components/nav.html", {"nav": page.nav(board)})
    return Parts(mark_safe(nav), mark_safe(content), own.name if own else "")  # noqa: S308  # our own templates' output
