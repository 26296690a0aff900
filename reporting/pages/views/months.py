"""The month's page, and each board's."""

from django.http import HttpResponse
from django.shortcuts import render
from django.template.loader import render_to_string
from django.urls import reverse
from django.views.decorators.http import require_safe

from actions.presenters.highlights import make_views
from actions.presenters.threads import Thread, asks
from boards.models import PartnershipArea
from boards.permissions import AreaRequest, open_to
from boards.presenters.nav import board_links, indicators_url, month_url
from core.compression import compress_page
from core.files import KINDS
from core.kept import keep
from core.links import link_to
from core.months import Month
from reporting.models.snapshots import SnapshotState
from reporting.months.permissions import can_follow_returns
from reporting.months.readings import MonthPage, asked_version
from reporting.pages.cached import Parts
from reporting.pages.presenters.board_thread import board_thread


@open_to()
@require_safe
def month_view(request: AreaRequest, area: PartnershipArea, month: Month) -> HttpResponse:
    """Show "This is Anytown", the month on a page: the newest version that the reader may see, or ?version=1."""
    return show(request, month, "")


@open_to()
@require_safe
def board_view(request: AreaRequest, area: PartnershipArea, month: Month, board: str) -> HttpResponse:
    """Show a board's own page of the month."""
    return show(request, month, board)


def show(request: AreaRequest, month: Month, board: str) -> HttpResponse:
    """Return the page, from the cache if nothing that it depends on has changed."""
    page = MonthPage(request.access, month, board, asked_version(request))
    # Whatever differs between readers must be in `depends_on`.
    parts = keep(page.depends_on(), lambda: render_parts(page))
    context: dict[str, object] = {
        "month": month,
        "board": parts.title,
        "content": parts.content,
        "more": parts.more,
        "marking": page.marking,
    }
    # Beside the cached part, because it changes without a new version.
    context["thread"] = board_thread(request.access, page.board) if page.board else Thread()
    response = render(request, "reporting/month_view.html", context)
    # A draft has notes that an agency may still change, and a board's page what others asked.
    is_settled = page.snapshot.state == SnapshotState.PUBLISHED and not page.board
    return compress_page(request, response) if is_settled else response


def render_parts(page: MonthPage) -> Parts:
    own, slug, url = page.own, page.access.area.slug, month_url(page.access, page.month)
    view = own.month if own else page.view
    pack = (
        reverse("reporting:board-pack", args=[page.access.area.slug, page.month, page.code]) + page.query if own else ""
    )
    context = {
        "area": page.access.area,
        "month": page.month,
        "period": page.calendar.period,
        "is_stale": page.calendar.period.stale_since is not None and page.is_newest,
        "early": page.early,
        "taken_back": page.taken_back,
        "versions": page.other_versions(),
        "changes_url": reverse("reporting:month-changes", args=[page.access.area.slug, page.month])
        if page.versions[1:]
        else "",
        "places_url": reverse("reporting:return-grid", args=[slug, page.month])
        if can_follow_returns(page.access)
        else "",
        "view": view,
        "glance": page.glance,
        "kpis": page.kpis,
        "own_kpis": page.own_kpis,
        "kpis_url": f"{link_to('reporting:kpi-list', slug)}?board={page.code}",
        "breakdowns": [table for section in view.sections for table in section.breakdowns],
        "own": own,
        "duties": asks(page.access, page.duties),
        "commentary": page.said,
        "commentary_url": page.commentary_url,
        "highlights": make_views(page.told),
        "boards": board_links(page.access, page.month, page.boards, here=page.code),
        "pack_url": pack,
        "plan_url": f"{link_to('actions:plan', slug)}?board={page.code}",
        "packs_url": f"{link_to('reporting:pack-list', slug)}?board={page.code}",
        "indicators_url": indicators_url(slug, page.indicator_query),
        "highlights_url": link_to("actions:highlight-list", slug),
        "month_url": url,
        "files": [(kind.label, f"{url}figures.{name}") for name, kind in KINDS.items()],
        "query": page.query,
        "exports_url": link_to("reporting:exports", slug),
    }
    content = render_to_string("reporting/_month_content.html", context)
    more = render_to_string("reporting/_month_more.html", context)
    return Parts(content, own.name if own else "", more)
