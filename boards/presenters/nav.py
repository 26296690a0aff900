"""Where else to go from a page: the same everywhere, whatever the month."""

from collections.abc import Sequence
from functools import lru_cache

from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.safestring import SafeString

from boards.models import Board, ReportingPeriod
from boards.permissions import Access
from boards.workflow import MonthStatus
from core.months import Month


def month_url(access: Access, month: Month, board: str = "") -> str:
    """A board's page of a month; the month's own without one."""
    if board:
        return cached_reverse("reporting:board-view", access.area.slug, month, board)
    return cached_reverse("reporting:month-view", access.area.slug, month)


@lru_cache(maxsize=4096)
def cached_reverse(name: str, *parts: str | Month) -> str:
    """As `reverse`, for the addresses that stand on every page: each is worked out once."""
    return reverse(name, args=parts)


def nav_html(access: Access, month: Month, boards: Sequence[Board], *, here: str) -> SafeString:
    """Home, the month, its indicators, the boards that this reader may open; the coordinator's own
    pages. `here` is the address of the page that it is for."""
    slug = access.area.slug
    places = [
        ("Home", cached_reverse("reporting:area-home", slug)),
        (month.label, month_url(access, month)),
        ("Indicators", cached_reverse("reporting:indicator-list", slug)),
        ("Plan", cached_reverse("actions:plan", slug)),
        *((board.short_name, month_url(access, month, board.code)) for board in boards if not board.retired),
    ]
    if access.can_coordinate:
        places.append(("Returns", cached_reverse("reporting:return-grid", slug, month)))
        places.append(("Set-up", cached_reverse("indicators:setup", slug)))
    nav = [{"label": label, "url": url, "current": url == here} for label, url in places]
    return render_to_string("components/nav.html", {"nav": nav})


def area_nav(access: Access, boards: Sequence[Board], *, here: str) -> str:
    """The same on a page of no month: it leads to the newest that this reader may see. Empty before there is one.
    One query."""
    periods = ReportingPeriod.objects.filter(area=access.area).order_by("-starts_on").values_list("status", "starts_on")
    days = list(periods)
    published = [day for status, day in days if status == MonthStatus.PUBLISHED]
    readable = published or ([day for _, day in days] if access.can_see_drafts else [])
    seen = [board for board in boards if access.can_see_board(board.pk)]
    return nav_html(access, Month.of(readable[0]), seen, here=here) if readable else ""


def seen(access: Access, boards: Sequence[Board]) -> list[Board]:
    """The boards whose pages this person may open."""
    return [board for board in boards if access.can_see_board(board.pk)]
