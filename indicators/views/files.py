"""An agency's return as a file: download it, send it filled in, and see the changes before they are saved."""

from collections.abc import Sequence

from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.http import content_disposition_header
from django.views.decorators.http import require_safe

from boards.models import PartnershipArea
from boards.permissions import AreaRequest, open_to
from boards.roles import Role
from core.form_pages import form_for, is_filled_in
from core.months import Month
from core.opendocument import MIMETYPE
from indicators.entries import Entry
from indicators.forms.returns import FileForm
from indicators.imports.figures import LARGEST_FILE, REASONS_LISTED, FigureFile
from indicators.permissions import check_can_enter
from indicators.presenters.return_file import ReturnFile, ReturnPart, as_csv, as_workbook
from indicators.presenters.return_spreadsheet import as_spreadsheet
from indicators.selectors.markings import get_marking
from indicators.selectors.returns import Figures, get_figures, shown
from indicators.services.return_files import Preview, make_preview, most_rows_for
from indicators.views.places import Place, find_place
from indicators.views.previews import make_part, show_parts

KINDS = {
    "xlsx": (as_workbook, "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
    "ods": (as_spreadsheet, MIMETYPE),
    "csv": (as_csv, "text/csv; charset=utf-8"),
}


@open_to(Role.AGENCY_LEAD)
def return_file(request: AreaRequest, area: PartnershipArea, month: Month, agency: str) -> HttpResponse:
    """Download the return as a file, or send it. A sent file is only shown: it isn't saved or stored."""
    place = find_place(request, area, month, agency)
    # `open_to` lets in the leads of every agency.
    check_can_enter(place.agency, by=request.user)
    if not place.takes_entries and request.method != "POST":
        return redirect(place.url("return-edit"))
    if not place.takes_entries:
        refusal = f"The return for {month.label} no longer accepts figures, so nothing was saved from the file."
        return show_page(request, place, refusal=refusal, status=409)
    most = most_rows_for(place.boxes)
    form = form_for(request, lambda typed: FileForm(typed, request.FILES or None, most_rows=most))
    if is_filled_in(request, form):
        return show_preview(request, place, form.name, form.read, place.entries, again=place.url("return-file"))
    return show_page(request, place, refusal=" ".join(map(str, form.errors.get("file", []))))


@open_to(Role.AGENCY_LEAD)
@require_safe
def return_template(request: AreaRequest, area: PartnershipArea, month: Month, agency: str, kind: str) -> HttpResponse:
    """Send the return to fill in, with the form's entries."""
    place = find_place(request, area, month, agency)
    check_can_enter(place.agency, by=request.user)
    if kind not in KINDS:
        raise Http404("You can download the return as xlsx, ods or csv.")
    if not place.takes_entries:
        return redirect(place.url("return-edit"))
    last = get_figures(place.agency, month.previous)
    return send_file(ReturnFile(month, [make_file_part(place, last)], get_marking(place.period)), kind)


def make_file_part(place: Place, last: Figures) -> ReturnPart:
    return ReturnPart(
        agency=place.agency,
        due_on=place.period.due_on,
        boxes=place.boxes,
        typed=place.entries,
        last={name: shown(figure) for name, figure in last.items()},
    )


def send_file(file: ReturnFile, kind: str) -> HttpResponse:
    write, content_type = KINDS[kind]
    disposition = content_disposition_header(True, file.name(kind))
    return HttpResponse(write(file), content_type=content_type, headers={"Content-Disposition": disposition})


def show_page(request: AreaRequest, place: Place, *, refusal: str = "", status: int = 200) -> HttpResponse:
    context = make_context(place) | {"refusal": refusal, "has_errors": bool(refusal)}
    return render(request, "indicators/return_file.html", context, status=status)


def show_preview(
    request: AreaRequest,
    place: Place,
    name: str,
    file: FigureFile,
    typed: dict[str, Entry],
    *,
    again: str,
    told: Sequence[str] = (),
) -> HttpResponse:
    """Show what the file would change, any other sentences about it (`told`), and where to send another one
    (`again`)."""
    preview = make_preview(place.agency, place.period.month, place.boxes, typed, file)
    return show_parts(
        request,
        [make_part(place, preview, typed)],
        preview.problems,
        whose=place.agency.name,
        what_follows=describe_file(preview),
        by_letter=bool(file.columns),
        form_url=place.url("return-edit"),
        file_url=again,
        name=name,
        told=told,
        is_counted=file.is_counted,
        month=place.period.month,
        frame=make_context(place),
    )


def describe_file(preview: Preview) -> str:
    if preview.problems:
        return "Nothing has been saved. Correct the file, then upload it again."
    return "Nothing has been saved yet." if preview.changed else "There is nothing to save."


def make_context(place: Place) -> dict[str, object]:
    return {
        "area": place.agency.area,
        "agency": place.agency,
        "period": place.period,
        "month": place.period.month,
        "revision": place.revision,
        "can_send": place.takes_entries and bool(place.boxes),
        "largest": LARGEST_FILE // 1024**2,
        "reasons": REASONS_LISTED,
    }
