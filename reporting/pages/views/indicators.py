"""An indicator over its months, and all indicators side by side."""

from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone
from django.utils.safestring import SafeString
from django.views.decorators.http import require_safe

from actions.permissions import can_challenge
from actions.presenters.threads import Thread, make_thread
from boards.models import PartnershipArea, ReportingPeriod
from boards.permissions import AreaRequest, open_to
from boards.presenters.nav import Here, indicators_url, month_query, month_url, nav_html
from boards.rules import Role
from boards.selectors import list_boards, newest_published
from core.calendar import Month
from core.database import keep
from core.files.tables import KINDS
from core.forms.pages import form_for, is_saved, show_form, taken_once
from core.pages import NotHeld, link_to
from indicators.disclosure import Audience
from indicators.forms.setup import LevelNameForm
from indicators.models.catalogue import Indicator
from indicators.permissions import can_judge
from indicators.selectors.pathways import list_titles
from indicators.services.setup import name_level
from reporting.market.selectors import find_owner
from reporting.months.presenters.sentences import level_sentences
from reporting.months.presenters.series import WHY_IT_DIFFERS, chart_data, series_of_lines
from reporting.months.readings import MARKING, IndicatorPage, asked_month, asked_version, shown_snapshot
from reporting.months.selectors import list_observed, whole_lines
from reporting.pages.filters import IndicatorFilter
from reporting.pages.presenters.indicators import history_rows, make_passport

HISTORY_ROWS = 24  # a page
NHS = "nhs"  # how an address asks for the other chart


@open_to()
@require_safe
def indicator_list(request: AreaRequest, area: PartnershipArea) -> HttpResponse:
    """Show a month's indicators as small charts, filtered: the newest published month, or ?month=2026-10."""
    asked_for = asked_month(request)
    if asked_for is None and not request.months.listed:
        return render(request, "reporting/indicator_list_none.html", {"marking": MARKING})
    snapshot, draft = shown_snapshot(request.access, asked_for)
    boards = list_boards(area)
    month = snapshot.period.month
    kept = {"month": str(asked_for)} if asked_for else {}
    chosen = IndicatorFilter(request.GET, wholes=whole_lines(snapshot), boards=boards, kept=kept)
    cards = series_of_lines(list(chosen.qs), month, snapshot.period.due_on, audience=Audience.PARTNERS)
    context = {
        "snapshot": snapshot,
        "month": month,
        "filter": chosen,
        "cards": cards,
        "url": reverse("reporting:indicator-list", args=[area.slug]),
        "indicators_url": indicators_url(area.slug, month_query(asked_for) if asked_for else ""),
        "nav_html": nav_of_month(request, month),
        "pathways": list_titles(area),
        "market": find_owner(area) is not None,
        "draft": draft,
        "newest": request.months.newest if month != request.months.newest else None,
        "query": month_query(asked_for) if asked_for else "",
        "marking": MARKING,
    }
    return render(request, "reporting/indicator_list.html", context)


@open_to()
@require_safe
def indicator_view(request: AreaRequest, area: PartnershipArea, code: str) -> HttpResponse:
    """Show an indicator as of the newest published month that has it, or ?month=2026-10, with ?version=1."""
    asked_for, version = asked_month(request), asked_version(request)
    page = IndicatorPage(request.access, code, month=asked_for, version=version, is_nhs=request.GET.get("chart") == NHS)
    newest = request.months.newest
    title, content = keep((page.depends_on(), newest), lambda: render_parts(page, newest))
    month = page.snapshot.period.month
    context: dict[str, Any] = {
        "title": title,
        "content": content,
        # The menu depends on the reader, so it is outside the cached part.
        "nav_html": nav_of_month(request, month),
        "back": month_back(page) if asked_for else None,
        "pages": f"{page.query}&page=" if asked_for else "?page=",
        "marking": MARKING,
        "thread": asked_about(page),
        "actions": page.beside.actions,
        "plan_url": link_to("actions:plan", area.slug),
        "today": timezone.localdate(),
    }
    if request.access.can_see_drafts:
        rows = Paginator(list_observed(page.set_up.pk), HISTORY_ROWS).get_page(request.GET.get("page"))
        context["history"] = rows
        context["by_category"] = len(page.lines) > 1
        context["history_rows"] = history_rows(rows, code, audience=Audience.PARTNERS)
        may_open = request.access.is_any(Role.COORDINATOR, Role.ANALYST, Role.INFORMATION)
        context["figures_url"] = f"{request.access.area.get_absolute_url()}figures/" if may_open else ""
    return render(request, "reporting/indicator_view.html", context)


@open_to()
@require_safe
def indicator_short(request: AreaRequest, area: PartnershipArea, code: str, month: Month) -> HttpResponse:
    """Lead from the address on paper or on a big screen to the indicator in that month."""
    return redirect(f"{reverse('reporting:indicator-view', args=[area.slug, code])}?month={month}")


def asked_about(page: "IndicatorPage") -> Thread:
    """Return what was asked about it in any month. A new question is about the month shown, or about the newest month
    that boards see, if that is a draft.
    """
    period: ReportingPeriod | None = page.snapshot.period
    if not page.snapshot.period.is_published:
        period = newest_published(page.access.area) if can_challenge(page.access) else None
    # Without a query: a thread needs only the key and the code.
    return make_thread(page.access, indicator=Indicator(pk=page.set_up.pk, code=page.code), period=period)


def nav_of_month(request: AreaRequest, month: Month) -> SafeString:
    """Return the menu of a page whose address has no month."""
    name = request.resolver_match.view_name if request.resolver_match else ""
    return nav_html(request.access, request.months, Here(request.path, name, month))


def month_back(page: IndicatorPage) -> tuple[str, str]:
    """Return the month and version that the indicator was opened from."""
    month = page.snapshot.period.month
    version = f"?version={page.snapshot.version}" if page.is_version else ""
    return month.label, month_url(page.access, month) + version


def render_parts(page: IndicatorPage, newest: Month | None) -> tuple[str, SafeString]:
    """Render what the next reader can reuse: everything but the frame, which names the reader."""
    access, view, slug = page.access, page.marked_view, page.access.area.slug
    passport = make_passport(page.set_up, view.line, page.boards, page.beside.rule)
    content = render_to_string(
        "reporting/_indicator_content.html",
        {
            "area": access.area,
            "view": view,
            "line": view.line,
            "passport": passport,
            "whom_url": reverse("reporting:breakdowns", args=[slug, page.set_up.broken_down])
            if page.set_up.broken_down
            else "",
            "month_url": month_back(page)[1],
            "query": page.query,
            "more": f"{page.query}&" if page.query else "?",
            "period": page.snapshot.period,
            "is_version": page.is_version,
            "is_superseded": page.is_superseded,
            "draft": page.draft,
            "newest": newest if page.query and view.month != newest else None,
            "list_url": reverse("reporting:indicator-list", args=[slug]),
            "files": [
                (kind.label, reverse(f"reporting:indicator-{name}", args=[slug, page.code]))
                for name, kind in KINDS.items()
            ],
            "exports_url": reverse("reporting:exports", args=[slug]),
            "edit_url": reverse("indicators:indicator-edit", args=[slug, page.code]) if access.can_coordinate else "",
            "is_stale": page.snapshot.period.stale_since is not None,
            "data": chart_data(view),
            "stock": page.stock_and_flow,
            "indicators_url": indicators_url(slug, page.query),
            "why_it_differs": WHY_IT_DIFFERS,
            "lines_url": reverse("reporting:month-lines", args=[slug, view.month])
            if any(part.line.longitude is not None for part in view.parts)
            else "",
            "recording_url": reverse("indicators:recording-list", args=[slug, page.code]) if can_judge(access) else "",
            "level_url": reverse("reporting:level-name", args=[slug, page.code])
            if can_judge(access) and view.line.level_before is not None
            else "",
        },
    )
    return view.line.name, content


@open_to(Role.COORDINATOR, Role.ANALYST, because="Only a coordinator or an analyst can name a level.")
@taken_once
def level_name(request: AreaRequest, area: PartnershipArea, code: str) -> HttpResponse:
    """Raises NotHeld if the indicator is still at its first level."""
    page = IndicatorPage(request.access, code)
    line = page.view.line
    if line.level_since is None or line.level_before is None:
        raise NotHeld(f"{line.title} is still at its first level, so there is nothing to name.")
    since = Month.of(line.level_since)
    indicator = Indicator.objects.get(area=area, code=code)
    form = form_for(request, LevelNameForm)
    if is_saved(request, form, lambda: name_level(indicator, None, since=since, **form.cleaned_data, by=request.user)):
        messages.success(request, f"The level since {since.label} now has a name. Future months will show it.")
        return redirect("reporting:indicator-view", area.slug, code)
    context = {
        "line": line,
        "said": level_sentences(line),
        "back": reverse("reporting:indicator-view", args=[area.slug, code]),
        "names": indicator.level_names.filter(since=line.level_since).select_related("given_by").order_by("-given_at"),
    }
    return show_form(request, "reporting/level_name.html", form, context)
