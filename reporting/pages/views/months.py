"""The month's page, each board's, and a month as a presentation, as two years and as maps of lines."""

from collections.abc import Mapping
from dataclasses import asdict

from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone
from django.utils.safestring import SafeString
from django.views.decorators.http import require_safe

from actions.models import NoteKind
from actions.presenters.challenges import challenge_view
from actions.presenters.highlights import make_views
from actions.presenters.notes import noting
from actions.presenters.plan import is_overdue
from actions.presenters.threads import Thread, asks
from actions.selectors.challenges import challenges_for, open_challenges, with_entries
from actions.selectors.plan import list_plan
from actions.workflow import Rag
from boards.models import PartnershipArea
from boards.permissions import AreaRequest, open_to
from boards.presenters.nav import board_links, indicators_url, month_url
from boards.rules import STRATEGIC_GROUP
from core.calendar import Month
from core.database import keep
from core.files.tables import KINDS
from core.pages import NotHeld, compress_page, link_to
from indicators.disclosure import Audience
from reporting.models.snapshots import SnapshotState
from reporting.months.permissions import can_follow_returns
from reporting.months.presenters.lines_over_time import lines_views
from reporting.months.presenters.month import find_place, indicator_code
from reporting.months.presenters.series import SeriesView, series_of_lines, series_view
from reporting.months.presenters.words import describe_version
from reporting.months.presenters.year import year_of_lines
from reporting.months.readings import MonthPage, asked_version
from reporting.months.selectors import greatest_by_place, list_series, newest_versions
from reporting.packs.presenters.cover import ask_about_figures, ask_board
from reporting.pages.presenters.indicators import board_thread


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
    content, name, more, of_figures = keep(page.depends_on(), lambda: render_parts(page))
    context: dict[str, object] = {
        "month": month,
        "board": name,
        "content": content,
        "more": more,
        "marking": page.marking,
    }
    # Beside the cached part, because they change without a new version.
    context["thread"] = board_thread(request.access, page.board) if page.board else Thread()
    context["asks"] = list_asks(page, of_figures)
    response = render(request, "reporting/month_view.html", context)
    # A draft has notes that an agency may still change, and a board's page what others asked.
    is_settled = page.snapshot.state == SnapshotState.PUBLISHED and not page.board
    return compress_page(request, response) if is_settled else response


def list_asks(page: MonthPage, of_figures: str) -> list[str]:
    """Return what the cover of a board's pack would ask it; nothing of an older version."""
    board = page.board
    if board is None or not page.is_newest:
        return []
    only = None if board.code == STRATEGIC_GROUP else board
    return ask_board(board, list_plan(page.access.area, only), challenges_for(board), of_figures)


def render_parts(page: MonthPage) -> tuple[SafeString, str, SafeString, str]:
    """Render what the next reader can reuse: the page, a board's name, what is below each reader's own part, and what
    the board is asked about its figures."""
    board_page, slug, url = page.own, page.access.area.slug, month_url(page.access, page.month)
    view = board_page.month if board_page else page.view
    pack = (
        reverse("reporting:board-pack", args=[page.access.area.slug, page.month, page.code]) + page.query
        if board_page
        else ""
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
        "own": board_page,
        "duties": asks(page.access, page.duties),
        "pathways": [(title, link_to("reporting:pathway-view", slug, code)) for title, code in page.pathways],
        "commentary": page.said,
        "commentary_url": page.commentary_url,
        "highlights": make_views(page.highlights),
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
    of_figures = ask_about_figures(view) if board_page else ""
    return content, board_page.name if board_page else "", more, of_figures


@open_to()
@require_safe
def month_present(request: AreaRequest, area: PartnershipArea, month: Month) -> HttpResponse:
    """Show the newest version that the reader may see, or ?version=1. ?board= has the code of a board whose own page
    it is, and ?chart= that of an indicator. ?show=plan has what comes after the figures."""
    # PostgreSQL refuses a NUL.
    code, board = (request.GET.get(name, "").replace("\x00", "") for name in ("chart", "board"))
    page = MonthPage(request.access, month, board, asked_version(request))
    own, of_board = page.own, f"?board={page.code}" if page.own else ""
    view = own.month if own else page.view
    context: dict[str, object] = {
        "month": month,
        "own": own,
        "view": view,
        "marking": page.marking,
        "leave_url": month_url(request.access, month, page.code) + page.query,
        "present_url": request.path,
        "query": f"{of_board}&{page.query[1:]}" if of_board and page.query else of_board or page.query,
        "glance": page.glance,
        **{f"{name}_url": url for name, url in find_neighbours(page).items()},
    }
    if code:
        context |= {"chart": read_chart(page, code), "code": asdict(indicator_code(area.slug, month, code))}
        return render(
            request, "reporting/month_present_chart.html", context | {"noting": find_noting(page, indicator=code)}
        )
    if request.GET.get("show") == "plan":
        return render(request, "reporting/month_present_plan.html", context | read_plan(page))
    breakdowns = [table for section in view.sections for table in section.breakdowns]
    return render(request, "reporting/month_present.html", context | {"breakdowns": breakdowns})


def find_neighbours(page: MonthPage) -> dict[str, str]:
    """Return the addresses of the months before and after, if this reader may read them."""
    around = {"previous": page.calendar.before, "next": page.calendar.after}
    of_board = f"?board={page.code}" if page.own else ""
    return {
        name: reverse("reporting:month-present", args=[page.access.area.slug, period.month]) + of_board
        for name, period in around.items()
        if period and page.access.can_see_month(period)
    }


def find_noting(page: MonthPage, **thing: str | int) -> Mapping[str, str]:
    """Return where this reader writes down a decision and a challenge about what the screen shows; empty if they
    can't, or if not everybody can read the month."""
    if page.snapshot.state != SnapshotState.PUBLISHED:
        return {}
    version = page.snapshot.version if page.query else None
    return noting(page.access, month=page.month, board=page.code if page.own else "", version=version, **thing)


def read_plan(page: MonthPage) -> dict[str, object]:
    """Return the red, amber and overdue actions of the plan, or of a board's part, and the open challenges that this
    reader may read; and where to write down what is decided about each action, and otherwise."""
    access, today = page.access, timezone.localdate()
    actions = [
        action
        for action in list_plan(access.area, page.board)
        if action.completed_at is None and (action.rag in (Rag.RED, Rag.AMBER) or is_overdue(action, today))
    ]
    actions.sort(key=lambda action: (action.rag != Rag.RED, action.due_on))
    return {
        "actions": [(action, find_noting(page, action=action.number)) for action in actions],
        "noting": {name: url for name, url in find_noting(page).items() if name == NoteKind.DECISION},
        "challenges": [challenge_view(challenge, today=today) for challenge in with_entries(open_challenges(access))],
        "today": today,
    }


def read_chart(page: MonthPage, code: str) -> SeriesView:
    """Raises NotHeld."""
    lines = list_series(page.snapshot, code)
    if not lines:
        raise NotHeld(f"{page.month.label} has no indicator “{code}”.")
    area, marking = page.access.area, page.marking
    return series_view(page.snapshot, lines, area=area, audience=Audience.PARTNERS, marking=marking)


@open_to()
@require_safe
def month_year(request: AreaRequest, area: PartnershipArea, month: Month) -> HttpResponse:
    """Show the newest version that the reader may see, or ?version=1."""
    page = MonthPage(request.access, month, "", asked_version(request))
    snapshot, due_on = page.snapshot, page.calendar.period.due_on
    shown = {
        "state": snapshot.state,
        "superseded": snapshot.version if page.successor else "",
        "indicator_query": page.indicator_query,
    }

    # Everybody who may see this version gets it from the cache, so it must hold nothing personal.
    def make() -> SafeString:
        year = year_of_lines(list_series(snapshot), month, due_on, audience=Audience.PARTNERS)
        context = {**shown, "area": area, "month": month, "year": year}
        return render_to_string("reporting/_year_content.html", context)

    which = (month.first_day, due_on, snapshot.pk, snapshot.fingerprint, *shown.values())
    context = {
        "month": month,
        "content": keep(("year", area.pk, area.slug, area.name, *which), make),
        "month_url": f"{month_url(request.access, month)}{page.query}",
        "marking": page.marking,
    }
    response = render(request, "reporting/month_year.html", context)
    return compress_page(request, response) if snapshot.state == SnapshotState.PUBLISHED else response


@open_to()
@require_safe
def month_lines(request: AreaRequest, area: PartnershipArea, month: Month) -> HttpResponse:
    """Show the newest version that the reader may see, or ?version=1. ?month=2026-09 redirects to that month."""
    # The form's select can't make an address, so it sends a query.
    if "month" in request.GET:
        return HttpResponseRedirect(lines_url(area, read_month(request)))
    page = MonthPage(request.access, month, "", asked_version(request))
    versions = newest_versions(area, include_drafts=request.access.can_see_drafts)
    months = [version.period.month for version in versions]
    most = greatest_by_place([version.pk for version in versions])
    lines = [line for code in most for line in list_series(page.snapshot, code)]
    lines.sort(key=lambda line: line.position)
    series = series_of_lines(lines, month, page.calendar.period.due_on, audience=Audience.PARTNERS)
    around = [month for month in (month.previous, month.next) if month in months]
    context = {
        "month": month,
        "views": lines_views(series, month, place=find_place(area), most=most),
        "snapshot": page.snapshot,
        "version": describe_version(page.snapshot),
        "is_superseded": page.successor is not None,
        "around": [(one.label, lines_url(area, one)) for one in around],
        "months": months[::-1],
        "month_url": f"{month_url(request.access, month)}{page.query}",
        "indicators_url": indicators_url(area.slug, page.indicator_query),
        "marking": page.marking,
    }
    return render(request, "reporting/month_lines.html", context)


def read_month(request: AreaRequest) -> Month:
    """Return the month that the select names. Raises NotHeld if it isn't a month."""
    try:
        return Month.parse(str(request.GET["month"]))
    except ValueError as wrong:
        raise NotHeld(str(wrong)) from wrong


def lines_url(area: PartnershipArea, month: Month) -> str:
    return reverse("reporting:month-lines", args=[area.slug, month])
