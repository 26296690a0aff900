"""Counts a file of records: asks for its columns and what each kind of record counts as, then shows the figures.

The page that asked shows the result: a return's, or that of past months. The file is sent once to be counted, and once
before that if its columns have to be chosen. It isn't stored in between.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils import timezone
from django.views.decorators.csrf import csrf_exempt, csrf_protect

from boards.models import Agency, PartnershipArea
from boards.permissions import AreaRequest, open_to
from boards.rules import Role
from core.calendar import Month
from core.forms.pages import (
    CappedUploadHandler,
    form_for,
    is_done,
    is_filled_in,
    is_saved,
    pressed,
    show_form,
)
from indicators.forms.records import ColumnsForm, KindsForm, RecordsForm, unpack
from indicators.imports.records import LARGEST_FILE, Counting
from indicators.models import ColumnMapping
from indicators.permissions import check_can_enter
from indicators.presenters.records import describe_columns, describe_counting
from indicators.services.column_mappings import (
    Target,
    check_can_map,
    list_targets,
    make_figures,
    remove_mapping,
    save_mapping,
)
from indicators.views.files import Place, find_place, show_preview

TOO_OLD = "The page was open too long, so nothing was counted. Send the file again."
WHO = "Only the agency’s lead can count records. For past months, a coordinator or an analyst can count them."


@dataclass(frozen=True, slots=True)
class Desk:
    """Where a file of records is counted: its agency, the page's address and words, and what happens to the result."""

    request: AreaRequest
    agency: Agency
    url: str
    title: str
    back: tuple[str, str]  # words and address
    has_span: bool  # whether it may be of several months
    finish: Callable[[Counting, list[Target]], HttpResponse]
    refuse: Callable[[Counting], str] = lambda counting: ""  # why a file that was counted can't be used

    @property
    def mappings(self) -> list[ColumnMapping]:
        return list(ColumnMapping.objects.filter(agency=self.agency).select_related("saved_by"))

    def context(self, **more: Any) -> dict[str, Any]:
        return {
            "area": self.agency.area,
            "agency": self.agency,
            "title": self.title,
            "url": self.url,
            "back": self.back,
            **more,
        }


def with_room(request: HttpRequest) -> None:
    """Allow the size of a file of records. Do this before the check of the form's token, which reads the file."""
    request.upload_handlers = [CappedUploadHandler(request, room=LARGEST_FILE)]


def take_records(desk: Desk) -> HttpResponse:
    match pressed(desk.request):
        case "kinds":
            return decide_kinds(desk)
        case "columns":
            return choose_columns(desk)
    return choose_file(desk)


def choose_file(desk: Desk) -> HttpResponse:
    request, mappings = desk.request, desk.mappings
    form = form_for(
        request,
        lambda typed: RecordsForm(typed, request.FILES or None, mappings=mappings, has_span=desk.has_span),
    )
    if is_filled_in(request, form):
        if form.counting is not None:
            return go_on(desk, form.counting)
        columns = ColumnsForm(
            None, None, mappings=mappings, has_span=desk.has_span, headings=form.headings, was=form.chosen
        )
        return show_columns(desk, columns, why=form.why)
    kept = [(mapping, describe_columns(mapping.columns)) for mapping in mappings]
    return show_form(request, "indicators/records.html", form, desk.context(kept=kept))


def choose_columns(desk: Desk) -> HttpResponse:
    request = desk.request
    form = form_for(
        request,
        lambda typed: ColumnsForm(typed, request.FILES or None, mappings=desk.mappings, has_span=desk.has_span),
    )
    if is_filled_in(request, form):
        return show_kinds(desk, form.counting, None)
    return show_columns(desk, form)


def show_columns(desk: Desk, form: ColumnsForm, *, why: str = "") -> HttpResponse:
    return show_form(desk.request, "indicators/records_columns.html", form, desk.context(why=why, changed=form.changed))


def go_on(desk: Desk, counting: Counting) -> HttpResponse:
    """Go on to the result; or first to any kind of record that nobody has decided on."""
    targets = list_targets(desk.agency)
    if not counting.is_decided(target.name for target in targets):
        return show_kinds(desk, counting, None)
    if refusal := desk.refuse(counting):
        messages.error(desk.request, refusal)
        return redirect(desk.url)
    return desk.finish(counting, targets)


def show_kinds(desk: Desk, counting: Counting, form: KindsForm | None) -> HttpResponse:
    targets = list_targets(desk.agency)
    shown = form or KindsForm(None, counting=counting, targets=targets, agency=desk.agency)
    new = [kind or "(nothing)" for kind in counting.tally.kinds if counting.find_target(kind) is None]
    context = desk.context(counting=counting, new=new if counting.kinds else [], has_targets=bool(targets))
    return show_form(desk.request, "indicators/records_kinds.html", shown, context)


def decide_kinds(desk: Desk) -> HttpResponse:
    request, agency = desk.request, desk.agency
    # The content came through the browser, so `unpack` checks its signature.
    counting = unpack(agency, pressed(request, "content"))
    if counting is None:
        messages.error(request, TOO_OLD)
        return redirect(desk.url)
    targets = list_targets(agency)
    form = form_for(request, lambda typed: KindsForm(typed, counting=counting, targets=targets, agency=agency))
    if is_saved(request, form, lambda: save_mapping(agency, form.counting, by=request.user)):
        return go_on(desk, form.counting)
    return show_kinds(desk, counting, form)


# --- The records of a return --------------------------------------------------------------------------


@open_to(Role.AGENCY_LEAD)
@csrf_exempt  # until the file's size limit is set: `take_records_of_return` is protected
def return_records(request: AreaRequest, area: PartnershipArea, month: Month, agency: str) -> HttpResponse:
    """Count a file of records, and show what that changes in the return."""
    place = find_place(request, area, month, agency)
    check_can_enter(place.agency, by=request.user)
    if not place.takes_entries:
        return redirect(place.url("return-edit"))
    # After the permissions: nobody else may send so much.
    with_room(request)
    response: HttpResponse = take_records_of_return(request, place)
    return response


@csrf_protect
def take_records_of_return(request: AreaRequest, place: Place) -> HttpResponse:
    month = place.period.month
    url = place.url("return-records")

    def refuse(counting: Counting) -> str:
        months = counting.tally.months
        if month in months:
            return ""
        has = f"{months[0].label} to {months[-1].label}" if len(months) > 1 else months[0].label
        return f"The file has no row to count for {month.label}: its rows are for {has}. Nothing was changed."

    def finish(counting: Counting, targets: list[Target]) -> HttpResponse:
        # The agency may count things that this month's return doesn't ask for.
        names = set(place.names)
        file = make_figures(place.agency, counting, [target for target in targets if target.name in names], [month])
        sentences = list(describe_counting(counting, [month], today=Month.of(timezone.localdate())))
        return show_preview(request, place, counting.name_of_file, file, place.entries, again=url, told=sentences)

    back = (f"{month.label} figures", place.url("return-edit"))
    title = f"Count {month.label} for {place.agency.name} from a file of records"
    return take_records(Desk(request, place.agency, url, title, back, False, finish, refuse))


# --- A way of counting that is of no use any more -----------------------------------------------------


@open_to(Role.AGENCY_LEAD, Role.COORDINATOR, Role.ANALYST, because=WHO)
def mapping_remove(request: AreaRequest, area: PartnershipArea, mapping: int) -> HttpResponse:
    """It can't be undone, so a page in between says what will be removed."""
    column_mapping = get_object_or_404(ColumnMapping.objects.select_related("agency"), agency__area=area, pk=mapping)
    column_mapping.agency.area = area
    check_can_map(column_mapping.agency, by=request.user)
    if request.method == "POST":
        done = f"“{column_mapping}” has been removed. No figures changed."
        is_done(request, lambda: remove_mapping(column_mapping, by=request.user), done=done)
        return redirect(area)
    return show_form(request, "indicators/mapping_remove.html", None, {"area": area, "mapping": column_mapping})
