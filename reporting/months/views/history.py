"""Figures of past months: send a file, check it and import it; then publish the months opened for it."""

import codecs

from django.conf import settings
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.http import content_disposition_header
from django.views.decorators.csrf import csrf_exempt, csrf_protect
from django.views.decorators.http import require_http_methods, require_safe

from boards.models import Agency, PartnershipArea, ReportingPeriod
from boards.permissions import AreaRequest, open_to
from boards.roles import Role
from boards.selectors import count_readers, list_boards
from core.files import csv_text
from core.form_pages import ANY_FORM, form_for, is_done, is_saved, pressed, response_status, show_form
from core.months import Month, months_between
from core.services.sent_once import taken_once
from core.uploads import CappedUploadHandler
from indicators.forms.history import HistoryForm, TakeHistoryForm, pack, unpack
from indicators.imports.figures import COLUMNS
from indicators.imports.history import LARGEST_SENT, History
from indicators.models.imports import FigureImport
from indicators.selectors.history_template import list_blank_rows
from indicators.services.figure_imports import ask_import
from indicators.services.taking_history import Preview, preview_history
from reporting.months.forms import PastMonthsForm
from reporting.months.presenters.history import (
    describe_months,
    describe_published,
    describe_span,
    make_history_view,
)
from reporting.months.presenters.history_imports import describe_asked, import_url, make_row
from reporting.months.presenters.steps import describe_readers
from reporting.months.selectors.past_months import list_lacks, list_past_months
from reporting.months.services import hash_corrections, list_drafts, publish_past_months
from reporting.months.taking_back import list_fresh, until_when
from reporting.months.tasks import bring_up_to_date, hint_roll_up

WHO = "Only the coordinator or an analyst can import figures of past months."
TAKE = "take"
MONTHS_OF_TEMPLATE = 24
MOST_LATELY = 10  # imports that the page lists
TOO_OLD = "The page was open too long, so nothing was imported. Send the file again."


@open_to(Role.COORDINATOR, Role.ANALYST, because=WHO)
@csrf_exempt  # the upload's limit must be set before the form is read; `take_files` checks the token
@require_http_methods(ANY_FORM)
def history(request: AreaRequest, area: PartnershipArea) -> HttpResponse:
    """Choose files, see what they would change, and bring them in. Only the page has their content; nothing is saved
    before. Then another person confirms them (reporting.months.views.history_imports).
    """
    request.upload_handlers = [CappedUploadHandler(request, room=LARGEST_SENT)]
    response: HttpResponse = take_files(request, area)
    return response


@csrf_protect
@taken_once
def take_files(request: AreaRequest, area: PartnershipArea) -> HttpResponse:
    if pressed(request) == TAKE:
        # The content came through the browser, so `unpack` checks its signature.
        shown = unpack(area, pressed(request, "content"))
        if shown is not None:
            return take(request, area, shown)
        messages.error(request, TOO_OLD)
        return redirect("reporting:history", area.slug)
    form = form_for(request, lambda typed: HistoryForm(typed, request.FILES or None, area=area))
    looked: list[Preview] = []
    if is_saved(request, form, lambda: looked.append(preview_history(area, form.history, by=request.user))):
        return show_preview(request, area, looked[0], None)
    return show_form(request, "reporting/history.html", form, make_context(request, area))


@open_to(Role.COORDINATOR, Role.ANALYST, because=WHO)
@require_safe
def history_template(request: AreaRequest, area: PartnershipArea) -> HttpResponse:
    """A file to fill in: every figure of the two years before the area's first month with returns, under its codes."""
    days = ReportingPeriod.objects.filter(area=area, for_history=False).values_list("starts_on", flat=True)
    first = Month.of(min(days, default=timezone.localdate()))
    rows = list_blank_rows(area, list(months_between(first + -MONTHS_OF_TEMPLATE, first.previous)))
    disposition = content_disposition_header(True, f"{area.slug}-past-figures.csv")
    return HttpResponse(
        codecs.BOM_UTF8 + csv_text(COLUMNS, rows, marking="").encode(),
        content_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": disposition or ""},
    )


def take(request: AreaRequest, area: PartnershipArea, shown: History) -> HttpResponse:
    form = form_for(request, lambda typed: TakeHistoryForm(typed or {}, history=shown))
    asked, looked = list[FigureImport](), list[Preview]()

    def save() -> None:
        typed = form.cleaned_data
        asked.append(ask_import(area, shown, is_reaching=typed["reach"], seen=typed["seen"], by=request.user))

    if is_saved(request, form, save):
        messages.success(request, describe_asked(asked[0]))
        return redirect(import_url(asked[0], is_operator=False))
    # Look again: something may have changed since the page was shown.
    if is_done(request, lambda: looked.append(preview_history(area, shown, by=request.user))):
        return show_preview(request, area, looked[0], form)
    return redirect("reporting:history", area.slug)


def show_preview(
    request: AreaRequest, area: PartnershipArea, preview: Preview, form: TakeHistoryForm | None
) -> HttpResponse:
    context = {
        "area": area,
        "view": make_history_view(preview),
        "content": pack(area, preview.history),
        "seen": preview.taken.fingerprint if preview.taken else "",
        "has_errors": bool(preview.faults),
    }
    return show_form(request, "reporting/history_preview.html", form, context, status=response_status(form))


def make_context(request: AreaRequest, area: PartnershipArea) -> dict[str, object]:
    waiting = list_past_months(area)
    brought = FigureImport.objects.filter(area=area).select_related("area", "asked_by", "decided_by").defer("content")
    today = timezone.localdate()
    return {
        "rows": [make_row(each, today=today) for each in brought[:MOST_LATELY]],
        "waiting": f"{describe_months(len(waiting))} waiting" if waiting else "",
        "span": describe_span([period.month for period in waiting]) if waiting else "",
        "columns": ",".join(COLUMNS),
        "agencies": Agency.objects.in_use().filter(area=area),
    }


@open_to(Role.COORDINATOR)
@require_http_methods(ANY_FORM)
@taken_once
def history_publish(request: AreaRequest, area: PartnershipArea) -> HttpResponse:
    """Show the months opened for earlier figures, what publishing them together means, and a button."""
    # Before the drafts are read, since an import may have just made them stale.
    bring_up_to_date(area)
    periods = list_past_months(area)
    if not periods:
        return show_form(request, "reporting/history_publish.html", None, {"area": area})
    months, lacks = [period.month for period in periods], list_lacks(periods)
    drafts = list(list_drafts(ReportingPeriod.objects.filter(pk__in=[period.pk for period in periods])))
    form = form_for(
        request,
        lambda typed: PastMonthsForm(
            typed,
            months=months,
            asks_why="Why you are publishing them with figures missing" if lacks else "",
            seen=hash_corrections(drafts),
        ),
    )

    def publish() -> None:
        # Never an empty `seen`, for which the service checks nothing.
        publish_past_months(
            area, last=form.cleaned_data["last"], why=form.reason, seen=form.what_was_seen or "none", by=request.user
        )

    if is_saved(request, form, publish):
        messages.success(request, describe_published(form.cleaned_data["last"], months, until_when(list_fresh(area))))
        hint_roll_up(area)
        return redirect("reporting:month-view", area.slug, form.cleaned_data["last"])
    boards = [board.short_name for board in list_boards(area)]
    ready = sum(period.stale_since is None for period in periods)
    context = {
        "area": area,
        "months": months,
        "span": describe_span(months),
        "ready": ready,
        "is_ready": ready == len(periods),
        "lacks": lacks,
        "readers": describe_readers(count_readers(area), boards),
        "minutes": int(settings.PUBLICATION_GRACE.total_seconds() // 60),
    }
    return show_form(request, "reporting/history_publish.html", form, context, status=response_status(form))
