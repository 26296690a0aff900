"""An agency's return as a file: download it, send it filled in, and see the changes before they are saved."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import content_disposition_header
from django.views.decorators.http import require_safe

from boards.models import Agency, PartnershipArea, ReportingPeriod
from boards.permissions import AreaRequest, open_to
from boards.rules import Role
from core.calendar import Month
from core.files.opendocument import MIMETYPE
from core.forms.pages import form_for, is_filled_in
from core.models import User
from indicators.figures import REASONS, Entry, write_opened
from indicators.forms.returns import EntriesForm, FileForm
from indicators.imports.figures import LARGEST_FILE, REASONS_LISTED, FigureFile
from indicators.models import Submission
from indicators.permissions import check_can_enter, check_can_read_return
from indicators.presenters.return_file import ReturnFile, ReturnPart, as_csv, as_spreadsheet, as_workbook
from indicators.selectors.disclosure import get_marking
from indicators.selectors.returns import (
    Box,
    Figures,
    ReturnStatus,
    came_in_files,
    get_figures,
    is_from_file,
    list_boxes,
    list_boxes_by_agency,
    list_led,
    shown,
)
from indicators.services.entries import Preview, PreviewRow, Problem, make_preview, most_rows_for, preview_block
from indicators.workflow import EDITABLE


@dataclass(frozen=True, slots=True)
class Place:
    """A return's agency and month, and its present state."""

    agency: Agency
    period: ReportingPeriod
    submission: Submission | None
    boxes: list[Box]
    came_from_file: bool = False  # of a return that was never started, in a month that accepts no more

    @property
    def revision(self) -> int:
        return self.submission.revision if self.submission else 0

    @property
    def takes_entries(self) -> bool:
        if self.submission is None:
            return not self.agency.retired and not self.came_from_file
        return self.submission.state in EDITABLE

    @property
    def names(self) -> list[str]:
        return [box.name for box in self.boxes]

    @property
    def prefix(self) -> str:
        """Return the start of its names on a page of several returns."""
        return f"{self.agency.area.slug}/{self.agency.code}/"

    @property
    def entries(self) -> dict[str, Entry]:
        """Return its draft's entries."""
        return self.submission.entries if self.submission else {}

    @property
    def status(self) -> ReturnStatus:
        return ReturnStatus(self.agency, self.period, self.submission, self.came_from_file)

    def url(self, name: str) -> str:
        return reverse(f"indicators:{name}", args=[self.agency.area.slug, self.period.month, self.agency.code])


@dataclass(frozen=True, slots=True)
class Places:
    """Every return that one person enters for a month, by area name. Also their agencies in areas that haven't opened
    the month."""

    month: Month
    places: list[Place]
    unopened: list[Agency]

    @property
    def open(self) -> list[Place]:
        return [place for place in self.places if place.takes_entries]

    @property
    def by_prefix(self) -> dict[str, Place]:
        return {place.prefix: place for place in self.places}

    def url(self, name: str) -> str:
        return reverse(f"together:{name}", args=[self.month])

    def title(self, agency: Agency) -> str:
        """Return the area's name, with the agency's where one area has two of them here."""
        agencies = [*(place.agency for place in self.places), *self.unopened]
        is_alone = sum(other.area_id == agency.area_id for other in agencies) == 1
        return agency.area.name if is_alone else f"{agency.area.name}, {agency.name}"


def find_places(user: User, month: Month) -> Places:
    """Find the returns that this person's present memberships give access to, and nothing else.

    Six queries for any number of areas. An agency with nothing due for the month and nothing started is left out.
    """
    agencies = list_led(user)
    periods = {
        period.area_id: period
        for period in ReportingPeriod.objects.filter(
            area__in={agency.area_id for agency in agencies}, starts_on=month.first_day
        )
    }
    submissions = {
        submission.agency_id: submission
        for submission in Submission.objects.filter(agency__in=agencies, period__in=periods.values()).select_related(
            "saved_by", "saved_with", "submitted_by", "released_by", "accepted_by", "returned_by"
        )
    }
    from_files = came_in_files(periods.values())
    boxes = list_boxes_by_agency(agencies, month)
    places, unopened = [], []
    for agency in agencies:
        period, submission = periods.get(agency.area_id), submissions.get(agency.pk)
        if submission is None and (agency.retired or not boxes[agency.pk]):
            continue
        if period is None:
            unopened.append(agency)
            continue
        # Otherwise each asks for its area with a query.
        period.area = agency.area
        came_from_file = submission is None and not period.is_open and (agency.pk, period.pk) in from_files
        places.append(Place(agency, period, submission, boxes[agency.pk], came_from_file))
    return Places(month, places, unopened)


def find_place(request: AreaRequest, area: PartnershipArea, month: Month, code: str) -> Place:
    """Find the return's place. Raises Http404 or PermissionDenied, with a sentence."""
    agency = Agency.objects.filter(area=area, code=code).first()
    if agency is None:
        raise Http404("This area has no such agency.")
    agency.area = area
    check_can_read_return(request.access, agency)
    period = ReportingPeriod.objects.filter(area=area, starts_on=month.first_day).first()
    if period is None:
        raise Http404(f"{area.name} has not opened {month.label}.")
    period.area = area
    # Whoever else handled it is on few of its pages.
    submissions = Submission.objects.select_related("saved_by", "submitted_by")
    submission = submissions.filter(agency=agency, period=period).first()
    came_from_file = submission is None and not period.is_open and is_from_file(agency, period)
    return Place(agency, period, submission, list_boxes(agency, month), came_from_file)


@dataclass(frozen=True, slots=True)
class PreviewPart:
    """The changes in one return, with the entries that its form would hold. The button carries these, so nothing is
    stored in between. A part without a `place` has rows that belong to no return here. `words` describe its state."""

    title: str
    rows: Sequence[PreviewRow]
    prefix: str = ""
    revision: int = 0
    opened: str = ""
    entries: list[tuple[str, Entry]] = field(default_factory=list)
    changed: int = 0
    can_be_saved: bool = False
    words: str = ""

    @property
    def is_held(self) -> bool:
        """Return whether a return has a fault, so nothing of it can be saved."""
        return bool(self.entries) and not self.can_be_saved and any(row.problems for row in self.rows)

    def held_back(self) -> "PreviewPart":
        """Return the same part for a file with too many faults, so nothing of it is saved."""
        return replace(self, can_be_saved=False)

    @property
    def shown(self) -> list[PreviewRow]:
        """Return the rows worth showing."""
        return [row for row in self.rows if row.is_changed or row.problems]


def make_part(
    place: Place, preview: Preview, typed: Mapping[str, Entry], *, prefix: str = "", title: str = "", words: str = ""
) -> PreviewPart:
    return PreviewPart(
        title=title,
        rows=preview.rows,
        prefix=prefix,
        revision=place.revision,
        opened=write_opened(typed),
        entries=[(box.name, preview.entries.get(box.name, Entry())) for box in place.boxes],
        changed=len(preview.changed),
        can_be_saved=preview.can_be_saved,
        words=words,
    )


def show_parts(
    request: HttpRequest,
    parts: Sequence[PreviewPart],
    problems: Sequence[Problem],
    *,
    month: Month,
    whose: str,
    what_follows: str,
    by_letter: bool,
    form_url: str,
    file_url: str = "",
    name: str = "",
    told: Sequence[str] = (),
    is_counted: bool = False,
    frame: Mapping[str, object],
) -> HttpResponse:
    """Show the preview. `whose` figures: "Police". `what_follows` says what is saved and what isn't. `name` is the
    file's, and None for a pasted block. `told` has sentences about counted records. `frame` is the context of the
    page's frame, and of a block what the page needs to paste it again."""
    context = {
        **frame,
        "subject": f"{month.label} figures from {whose}",
        "subject_of_count": f"{month.label} from {whose}",
        "month": month,
        "parts": parts,
        "problems": problems,
        "lines": {row.line for part in parts for row in part.shown},
        "has_errors": bool(problems),
        "changed": sum(part.changed for part in parts),
        "asked": sum(len(part.entries) for part in parts),
        "can_be_saved": any(part.can_be_saved for part in parts),
        "what_follows": what_follows,
        "is_pasted": not file_url,
        "by_letter": by_letter,
        "reasons": {reason.value: label for reason, label in REASONS.items()},
        "form_url": form_url,
        "file_url": file_url,
        "name": name,
        "told": told,
        "is_counted": is_counted,
    }
    return render(request, "indicators/return_file_preview.html", context)


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


def show_pasted(
    request: HttpRequest,
    place: Place,
    form: EntriesForm,
    *,
    form_url: str,
    frame: Mapping[str, object],
    prefix: str = "",
) -> HttpResponse:
    """Show what the block would change in the draft, which already has everything typed. `form_url` accepts the
    result."""
    preview = preview_block(place.boxes, form.entries, form.rows)
    return show_parts(
        request,
        [make_part(place, preview, form.entries, prefix=prefix)],
        preview.problems,
        month=place.period.month,
        whose=f"{place.agency.name}, {place.agency.area.name}" if prefix else place.agency.name,
        what_follows=describe_pasted(preview),
        by_letter=True,
        form_url=form_url,
        frame={
            **frame,
            "pasted": form.block,
            "start": form.cleaned_data["start"],
            "typed": list(form.entries.items()),
        },
    )


def describe_pasted(preview: Preview) -> str:
    words = "Nothing has been saved yet." if preview.changed else "There is nothing to save."
    left = len(preview.problems)
    if left:
        have = "row has an error" if left == 1 else "rows have errors"
        words += f" {left} {have} and won’t be used."
    return words
