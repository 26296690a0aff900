"""Figures of past months: send a file, check it, import it or confirm it; then publish the months opened for it."""

import codecs
from typing import cast

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import content_disposition_header
from django.views.decorators.csrf import csrf_exempt, csrf_protect
from django.views.decorators.http import require_safe

from boards.models import Agency, PartnershipArea, ReportingPeriod
from boards.permissions import AreaRequest, access_to, open_to
from boards.rules import MonthStatus, Role
from boards.selectors import count_readers, list_boards
from core.calendar import Month, months_between
from core.files.tables import csv_text
from core.forms.pages import (
    CappedUploadHandler,
    describe_refusal,
    form_for,
    is_done,
    is_saved,
    pressed,
    response_status,
    show_form,
    taken_once,
    try_to,
)
from core.models import User
from core.permissions import check_is_operator
from indicators.forms.history import HistoryForm, ImportDecisionForm, TakeHistoryForm, pack, unpack
from indicators.imports.figures import COLUMNS
from indicators.imports.history import LARGEST_SENT, History
from indicators.imports.records import Counting
from indicators.models.history import FigureImport
from indicators.permissions import can_import, check_can_confirm_import
from indicators.presenters.records import describe_counting
from indicators.selectors.returns import name_missing, returns_in
from indicators.selectors.series import list_blank_rows
from indicators.services.column_mappings import Target, make_figures
from indicators.services.figure_imports import (
    MOST_YEARS,
    Preview,
    Taken,
    ask_import,
    confirm_import,
    decline_import,
    look_at_import,
    preview_history,
    withdraw_import,
)
from indicators.views.records import Desk, take_records, with_room
from reporting.months.forms import PastMonthsForm
from reporting.months.presenters.history import (
    MOST_UNUSUAL,
    describe_agreement,
    describe_import,
    describe_months,
    describe_published,
    describe_span,
    describe_taken,
    import_url,
    list_totals,
    list_unusual,
    make_history_view,
    make_past_rows,
    make_rows,
)
from reporting.months.presenters.month import describe_readers
from reporting.months.selectors import count_lacking, list_lacks, list_past_months
from reporting.months.services import (
    hash_corrections,
    list_drafts,
    list_fresh,
    publish_past_months,
    until_when,
    why_past_months,
)
from reporting.months.tasks import bring_up_to_date, hint_roll_up

WHO = "Only the coordinator or an analyst can import figures of past months."
TAKE = "take"
MONTHS_OF_TEMPLATE = 24
MOST_LATELY = 10  # imports that the page lists
TOO_OLD = "The page was open too long, so nothing was imported. Send the file again."


@open_to(Role.COORDINATOR, Role.ANALYST, because=WHO)
@csrf_exempt  # the upload's limit must be set before the form is read; `take_files` checks the token
def history(request: AreaRequest, area: PartnershipArea) -> HttpResponse:
    """Choose files, see what they would change, and bring them in. Only the page has their content; nothing is saved
    before. Then another person confirms them (reporting.months.views.history).
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
    imports, looked = list[FigureImport](), list[Preview]()

    def save() -> None:
        typed = form.cleaned_data
        imports.append(ask_import(area, shown, is_reaching=typed["reach"], seen=typed["seen"], by=request.user))

    if is_saved(request, form, save):
        messages.success(request, describe_import(imports[0]))
        return redirect(import_url(imports[0], is_operator=False))
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
        "rows": make_rows(list(brought[:MOST_LATELY]), today=today),
        "waiting": f"{describe_months(len(waiting))} waiting" if waiting else "",
        "span": describe_span([period.month for period in waiting]) if waiting else "",
        "columns": ",".join(COLUMNS),
        "agencies": Agency.objects.in_use().filter(area=area),
    }


@open_to(Role.COORDINATOR)
@taken_once
def history_publish(request: AreaRequest, area: PartnershipArea) -> HttpResponse:
    """Show the past months, what each lacks, what stands out, who has to agree, and a button to publish them."""
    # Before the drafts are read, since an import may have just made them stale.
    bring_up_to_date(area)
    periods = list_past_months(area)
    if not periods:
        return show_form(request, "reporting/history_publish.html", None, {"area": area, "after": find_after(area)})
    months, lacks = [period.month for period in periods], list_lacks(periods)
    missing = {key: name_missing(statuses) for key, statuses in returns_in(periods).items()}
    asked = why_past_months(periods, missing, has_lacks=bool(lacks))
    drafts = list(list_drafts(ReportingPeriod.objects.filter(pk__in=[period.pk for period in periods])))
    counts = count_lacking(drafts)
    filled = [draft.period.month for draft in drafts if draft.pk in counts and has_figures(*counts[draft.pk])]
    form = form_for(
        request,
        lambda typed: PastMonthsForm(
            typed,
            months=months,
            newest=max(filled, default=None),
            asks_why=f"Why you are publishing these months {asked}" if asked else "",
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
        "has_figures": bool(filled),
        "lacks": lacks,
        "after": find_after(area, *periods),
        "rows": list(make_past_rows(periods, drafts, missing, counts)),
        "agreement": describe_agreement(area, request.user, today=timezone.localdate()),
        "readers": describe_readers(count_readers(area), boards),
        "minutes": int(settings.PUBLICATION_GRACE.total_seconds() // 60),
    }
    return show_form(request, "reporting/history_publish.html", form, context, status=response_status(form))


def has_figures(lacking: int, asked: int) -> bool:
    return lacking < asked


def find_after(area: PartnershipArea, *past: ReportingPeriod) -> ReportingPeriod | None:
    """Return the month that comes after those to publish together, if it isn't published. One query."""
    unpublished = ReportingPeriod.objects.filter(area=area).exclude(status=MonthStatus.PUBLISHED.value)
    return unpublished.exclude(pk__in=[period.pk for period in past]).order_by("starts_on").first()


# Figures that somebody brought in for past months: see what they hold, then confirm them, decline or withdraw them.
#
# People of the area decide on a page of the area. The operator has a page of their own, because they act in no area.

WHO_CONFIRMS = (
    "Only coordinators, analysts and information officers can see figures that are waiting for a second person."
)


@open_to(Role.COORDINATOR, Role.ANALYST, Role.INFORMATION, because=WHO_CONFIRMS)
def history_import(request: AreaRequest, area: PartnershipArea, brought: int) -> HttpResponse:
    figure_import = find_import(brought, area=area)
    if can_import(request.access):
        back = ("Figures of past months", reverse("reporting:history", args=[area.slug]))
    else:
        back = ("Home", reverse("reporting:area-home", args=[area.slug]))
    return _show(request, figure_import, back=back)


@require_safe
def operator_import_list(request: HttpRequest) -> HttpResponse:
    """List what waits in all areas, for the operator."""
    check_is_operator(request.user)
    today = timezone.localdate()
    waiting = FigureImport.objects.waiting(today).select_related("area", "asked_by", "decided_by")
    rows = make_rows(list(waiting), today=today, is_operator=True)
    return render(request, "reporting/history_import_list.html", {"rows": rows})


def operator_import(request: HttpRequest, brought: int) -> HttpResponse:
    check_is_operator(request.user)
    return _show(
        request, find_import(brought), back=("Past figures to confirm", reverse("reporting:operator-import-list"))
    )


def find_import(pk: int, **where: object) -> FigureImport:
    """Return the import. Raises Http404, also for another area's."""
    return get_object_or_404(FigureImport.objects.select_related("area", "asked_by", "decided_by"), pk=pk, **where)


def _show(request: HttpRequest, figure_import: FigureImport, *, back: tuple[str, str]) -> HttpResponse:
    by, act = cast("User", request.user), pressed(request, "decision")
    form = form_for(request, lambda typed: ImportDecisionForm(typed, auto_id=f"{act or 'decide'}-%s"))
    taken: list[Taken] = []
    if is_saved(request, form, lambda: _decide(figure_import, form, taken, by=by)):
        messages.success(request, _describe_decision(form.cleaned_data["decision"], taken))
        if taken:
            hint_roll_up(figure_import.area)
        return redirect(request.path)
    today = timezone.localdate()
    is_waiting = figure_import.is_waiting(today)
    refusal = try_to(lambda: check_can_confirm_import(figure_import, by=by)) if is_waiting else None
    context = {
        "figure_import": figure_import,
        "row": make_rows([figure_import], today=today)[0],
        "may_decide": is_waiting and refusal is None,
        "may_withdraw": is_waiting and can_import(access_to(figure_import.area, by=by)),
        "why_not": describe_refusal(refusal) if refusal else "",
        "back_label": back[0],
        "back": back[1],
    }
    if is_waiting:
        context |= _look(figure_import, by=by)
    return show_form(request, "reporting/history_import.html", form, context, status=response_status(form))


def _look(figure_import: FigureImport, *, by: User) -> dict[str, object]:
    """Return what confirming it would do now."""
    looked: list[Preview] = []
    refusal = try_to(lambda: looked.append(look_at_import(figure_import, by=by)))
    if refusal is not None:
        return {"view": {"faults": [describe_refusal(refusal)]}}
    preview = looked[0]
    context: dict[str, object] = {"view": make_history_view(preview, "These figures don’t count yet.")}
    if preview.taken is not None:
        names = dict(Agency.objects.filter(area=figure_import.area).values_list("code", "name"))
        years, totals = list_totals(preview.taken, names)
        unusual = list_unusual(preview.taken)
        context |= {
            "seen": preview.taken.fingerprint,
            "years": years,
            "totals": totals,
            "agencies": sorted({total.agency for total in totals}),
            "unusual": unusual[:MOST_UNUSUAL],
            "more_unusual": max(0, len(unusual) - MOST_UNUSUAL),
        }
    return context


def _decide(figure_import: FigureImport, form: ImportDecisionForm, taken: list[Taken], *, by: User) -> None:
    match form.cleaned_data["decision"]:
        case "confirm":
            taken.append(confirm_import(figure_import, seen=form.cleaned_data["seen"], by=by))
        case "decline":
            decline_import(figure_import, why=form.cleaned_data["why"], by=by)
        case _:
            withdraw_import(figure_import, by=by)


def _describe_decision(decision: str, taken: list[Taken]) -> str:
    if taken:
        return describe_taken(taken[0])
    return f"You {'declined' if decision == 'decline' else 'withdrew'} these figures. They have been deleted."


@open_to(Role.COORDINATOR, Role.ANALYST, because=WHO)
@csrf_exempt  # the upload's limit must be set before the form is read; `take_records_of_past` checks the token
def history_records(request: AreaRequest, area: PartnershipArea, agency: str) -> HttpResponse:
    """Count a file of an agency's records, and show which past figures it gives."""
    with_room(request)
    response: HttpResponse = take_records_of_past(request, area, get_object_or_404(Agency, area=area, code=agency))
    return response


@csrf_protect
def take_records_of_past(request: AreaRequest, area: PartnershipArea, agency: Agency) -> HttpResponse:
    agency.area = area
    this_month = Month.of(timezone.localdate())

    def refuse(counting: Counting) -> str:
        first, last = find_span(counting, this_month)
        if first > last:
            return "None of the rows to count is for a month that has ended. Nothing was changed."
        if last - first > 12 * MOST_YEARS:
            return (
                f"The file would cover {first.label} to {last.label}. It can cover at most {MOST_YEARS} years. Look "
                "for a wrong date, or say which months the file covers. Nothing was changed."
            )
        return ""

    def finish(counting: Counting, targets: list[Target]) -> HttpResponse:
        months = list(months_between(*find_span(counting, this_month)))
        history = History(
            counting.name_of_file,
            make_figures(agency, counting, targets, months),
            told=list(describe_counting(counting, months, today=this_month)),
        )
        looked = list[Preview]()
        if is_done(request, lambda: looked.append(preview_history(area, history, by=request.user))):
            return show_preview(request, area, looked[0], None)
        return redirect(url)

    url = reverse("reporting:history-records", args=[area.slug, agency.code])
    back = ("Figures of past months", reverse("reporting:history", args=[area.slug]))
    title = f"Count past months for {agency.name} from a file of records"
    return take_records(Desk(request, agency, url, title, back, True, finish, refuse))


def find_span(counting: Counting, this_month: Month) -> tuple[Month, Month]:
    """Return the first and last month that the file covers, as somebody entered them or as the file has them. An
    unfinished month lacks some records, so it counts only if somebody entered it.
    """
    months = counting.tally.months
    return counting.first or months[0], counting.last or min(months[-1], this_month.previous)
