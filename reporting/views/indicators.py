"""An indicator over its months, and all of them side by side."""

from collections.abc import Sequence
from functools import cached_property
from typing import Any

from django.conf import settings
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import render
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone
from django.utils.safestring import mark_safe
from django.views.decorators.http import require_safe

from actions.permissions import can_challenge
from actions.selectors.plan import rows_on
from boards.models import Board, PartnershipArea, ReportingPeriod
from boards.permissions import Access, AreaRequest, open_to
from boards.roles import Role
from indicators.disclosure import USUAL_MARKING, Audience
from indicators.models.catalogue import Indicator
from indicators.protection.rules import Rule
from indicators.selectors.disclosure import find_rule
from reporting import presenters, selectors
from reporting.filters import IndicatorFilter
from reporting.models.snapshots import Snapshot
from reporting.tasks import roll_up_area
from reporting.views.kept import Parts, parts_of
from reporting.views.nav import month_url, nav_html, url_of
from reporting.views.things import newest_published
from reporting.views.threads import Thread, thread_of

HISTORY_ROWS = 24  # a page
# These pages and files hold many months, each with a marking of its own: they keep the usual one.
MARKING = USUAL_MARKING[Audience.PARTNERS]


def not_held(request: AreaRequest, missing: selectors.NotHeld) -> HttpResponse:
    """404, with the sentence that says what is missing."""
    return render(request, "reporting/not_held.html", {"sentence": str(missing)}, status=404)


@open_to()
@require_safe
def indicator_list(request: AreaRequest, area: PartnershipArea) -> HttpResponse:
    """The indicators of the newest month as small charts, filtered."""
    try:
        snapshot = newest_snapshot(request.access)
    except selectors.NotHeld as missing:
        return not_held(request, missing)
    boards = selectors.boards_of(area)
    chosen = IndicatorFilter(request.GET, wholes=selectors.whole_lines(snapshot), boards=boards)
    month = snapshot.period.month
    cards = presenters.series_of_lines(list(chosen.qs), month, snapshot.period.due_on, audience=Audience.PARTNERS)
    url = reverse("reporting:indicator-list", args=[area.slug])
    context = {
        "snapshot": snapshot,
        "month": month,
        "filter": chosen,
        "cards": cards,
        "url": url,
        "nav_html": nav_html(request.access, month, seen(request.access, boards), here=url),
        "marking": MARKING,
    }
    return render(request, "reporting/indicator_list.html", context)


@open_to()
@require_safe
def indicator_view(request: AreaRequest, area: PartnershipArea, code: str) -> HttpResponse:
    try:
        page = IndicatorPage(request.access, code)
    except selectors.NotHeld as missing:
        return not_held(request, missing)
    parts = parts_of(page.depends_on(), lambda: render_parts(page))
    context: dict[str, Any] = {
        "title": parts.title,
        "nav_html": parts.nav,
        "content": parts.content,
        "marking": MARKING,
        "thread": asked_about(page),
        "actions": rows_on(area, code),
        "plan_url": url_of("reporting:plan", area.slug),
        "today": timezone.localdate(),
    }
    if request.access.can_see_drafts:
        figures: Any = selectors.Observations(page.set_up.pk)
        rows = Paginator(figures, HISTORY_ROWS).get_page(request.GET.get("page"))
        context["history"] = rows
        context["by_category"] = len(page.lines) > 1
        context["history_rows"] = presenters.history_rows(rows, code, audience=Audience.PARTNERS)
        may_open = request.access.is_any(Role.COORDINATOR, Role.ANALYST, Role.INFORMATION)
        context["figures_url"] = f"{request.access.area.get_absolute_url()}figures/" if may_open else ""
    return render(request, "reporting/indicator_view.html", context)


def asked_about(page: "IndicatorPage") -> Thread:
    """What was asked about any month of it. Another question is about the month shown; where that is a draft, which
    the boards don't see, about the newest month that they do."""
    period: ReportingPeriod | None = page.snapshot.period
    if not page.snapshot.period.is_published:
        period = newest_published(page.access.area) if can_challenge(page.access) else None
    return thread_of(page.access, indicator=Indicator(pk=page.set_up.pk, code=page.code), period=period)


def newest_snapshot(access: Access) -> Snapshot:
    """The newest version of the newest month that this person may see. Raises NotHeld."""
    snapshot = selectors.newest_snapshot(access.area, include_drafts=access.can_see_drafts)
    if snapshot.period.stale_since is not None and settings.CELERY_TASK_ALWAYS_EAGER:
        # Nobody sweeps where there is no worker: whoever opens a stale month brings it up to date.
        roll_up_area.delay(access.area.pk)
        snapshot = selectors.newest_snapshot(access.area, include_drafts=access.can_see_drafts)
    return snapshot


def seen(access: Access, boards: Sequence[Board]) -> list[Board]:
    """The boards whose pages this person may open."""
    return [board for board in boards if access.can_see_board(board.pk)]


class IndicatorPage:
    """What the page of an indicator is made from: the newest month that this reader may see and that
    holds the indicator, and what is set up for it now.

    Raises NotHeld.
    """

    def __init__(self, access: Access, code: str) -> None:
        self.access, self.code = access, code
        self.set_up = selectors.set_up_of(access.area, code)
        self.snapshot = newest_snapshot(access)
        self.lines = selectors.series_of(self.snapshot, code)
        if not self.lines:  # retired, or not asked for yet: the last month that holds it is shown
            drafts = access.can_see_drafts
            self.snapshot = selectors.newest_snapshot(access.area, include_drafts=drafts, holding=code)
            self.lines = selectors.series_of(self.snapshot, code)
        self.boards = selectors.boards_of(access.area)

    def depends_on(self) -> tuple[object, ...]:
        period = self.snapshot.period
        return (
            "indicator",
            self.code,
            (self.access.area.pk, self.access.area.name, self.access.can_coordinate, self.access.can_see_drafts),
            (period.starts_on, period.due_on, period.status, period.stale_since),
            (self.snapshot.pk, self.snapshot.state, self.snapshot.fingerprint),
            [(board.pk, board.code, board.name, board.short_name) for board in self.boards],
            sorted(self.access.seated),
            self.set_up,
            self.rule,
        )

    @cached_property
    def rule(self) -> Rule:
        return find_rule(self.access.area, self.code)

    @cached_property
    def view(self) -> presenters.SeriesView:
        return presenters.series_view(
            self.snapshot, self.lines, area=self.access.area, audience=Audience.PARTNERS, marking=MARKING
        )


def render_parts(page: IndicatorPage) -> Parts:
    access, view, slug = page.access, page.view, page.access.area.slug
    passport = presenters.passport_of(page.set_up, view.line, page.boards, page.rule)
    content = render_to_string(
        "reporting/_indicator_content.html",
        {
            "area": access.area,
            "view": view,
            "line": view.line,
            "passport": passport,
            "month_url": month_url(access, view.month),
            "list_url": reverse("reporting:indicator-list", args=[slug]),
            "files": [
                (kind.label, reverse(f"reporting:indicator-{name}", args=[slug, page.code]))
                for name, kind in presenters.KINDS.items()
            ],
            "exports_url": reverse("reporting:exports", args=[slug]),
            "edit_url": reverse("indicators:indicator-edit", args=[slug, page.code]) if access.can_coordinate else "",
            "is_stale": page.snapshot.period.stale_since is not None,
            "data": presenters.chart_data(view),
        },
    )
    nav = nav_html(access, view.month, seen(access, page.boards), here="")
    return Parts(nav, mark_safe(content), view.line.title)  # noqa: S308  # our own template's output
