"""All returns that one person enters for a month as one file: download it, send it filled in, see it by area, and save
it with one button."""

from collections.abc import Sequence
from typing import cast

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_safe

from core.form_pages import form_for, is_filled_in
from core.models import User
from core.months import Month
from indicators.forms.returns import FileForm
from indicators.imports.figures import LARGEST_FILE, REASONS_LISTED, FigureFile
from indicators.presenters.return_file import ReturnFile
from indicators.selectors.markings import get_strictest
from indicators.selectors.returns import get_figures_by_agency
from indicators.services.return_files import Problem, list_left_out, make_preview, most_rows_for, split_file
from indicators.views.files import KINDS, make_file_part, send_file
from indicators.views.places import Place, Places, find_places
from indicators.views.previews import PreviewPart, make_part, show_parts
from indicators.views.together import frame, lead_elsewhere


def returns_file(request: HttpRequest, month: Month) -> HttpResponse:
    """Download the returns as one file, or send it. A sent file is only shown: it isn't saved or stored."""
    places = find_places(cast("User", request.user), month)
    elsewhere = lead_elsewhere(request, places)
    if elsewhere is not None:
        return elsewhere
    boxes = [box for place in places.open for box in place.boxes]
    form = form_for(request, lambda typed: FileForm(typed, request.FILES or None, most_rows=most_rows_for(boxes)))
    if is_filled_in(request, form):
        return show_preview(request, places, form.name, form.read)
    refusal = " ".join(map(str, form.errors.get("file", [])))
    context = frame(places) | {
        "refusal": refusal,
        "has_errors": bool(refusal),
        "can_send": bool(boxes),
        "titles": [places.title(place.agency) for place in places.open],
        "largest": LARGEST_FILE // 1024**2,
        "reasons": REASONS_LISTED,
    }
    return render(request, "indicators/returns_file.html", context)


@require_safe
def returns_template(request: HttpRequest, month: Month, kind: str) -> HttpResponse:
    """Send the returns to fill in, with their forms' entries."""
    if kind not in KINDS:
        raise Http404("You can download the returns as xlsx, ods or csv.")
    places = find_places(cast("User", request.user), month)
    if not places.open:
        return redirect(places.url("edit"))
    last = get_figures_by_agency([place.agency for place in places.open], month.previous)
    parts = [make_file_part(place, last[place.agency.pk]) for place in places.open]
    return send_file(ReturnFile(month, parts, get_strictest(place.period for place in places.open)), kind)


def show_preview(request: HttpRequest, places: Places, name: str, file: FigureFile) -> HttpResponse:
    """Show what the file would change, area by area. A fault in one area doesn't stop the others."""
    split, others = split_file(file, [whose(place) for place in places.places])
    parts, problems = [], list[Problem]()
    for place in places.places:
        part, wrong = preview_part(places, place, split[whose(place)])
        problems += wrong
        if part is not None:
            parts.append(part)
    rows, left_out = list_left_out(others)
    if rows:
        parts.append(
            PreviewPart("Not for your returns", rows, words="These rows matched nothing, so they are left out.")
        )
    if file.is_hopeless:
        parts = [part.held_back() for part in parts]
    return show_parts(
        request,
        parts,
        [*left_out, *problems],
        month=places.month,
        whose=name_returns(sum(bool(part.entries) for part in parts)),
        what_follows=describe_parts(parts),
        by_letter=bool(file.columns),
        form_url=places.url("edit"),
        file_url=places.url("file"),
        name=name,
        frame=frame(places),
    )


def name_returns(number: int) -> str:
    return "1 return" if number == 1 else f"{number} returns"


def whose(place: Place) -> tuple[str, str]:
    return place.agency.area.slug, place.agency.code


def preview_part(places: Places, place: Place, file: FigureFile) -> tuple[PreviewPart | None, list[Problem]]:
    """Return what the file changes in one return, and its faults; None where the file has no row for it."""
    title = places.title(place.agency)
    if not file.rows:
        return None, []
    if not place.takes_entries:
        words = f"The return for {title} no longer accepts figures, so its rows are left out."
        return PreviewPart(title, [], prefix=place.prefix, words=words), []
    preview = make_preview(place.agency, places.month, place.boxes, place.entries, file)
    words = "" if preview.changed else "Nothing changes here."
    if preview.problems:
        words = "Nothing here can be saved until its rows are right. Correct them, then upload the file again."
    part = make_part(place, preview, place.entries, prefix=place.prefix, title=title, words=words)
    return part, [Problem(each.line, f"{title}, {each.place}", each.sentence) for each in preview.problems]


def describe_parts(parts: Sequence[PreviewPart]) -> str:
    can, cannot = [part for part in parts if part.can_be_saved], [part for part in parts if part.is_held]
    if not can:
        held = (
            "nothing can be until the file is right. Correct it, then upload it again."
            if cannot
            else "there is nothing to save."
        )
        return f"Nothing has been saved, and {held}"
    words = "Nothing has been saved yet."
    if cannot:
        words += f" You can save the rest now, without {'; '.join(part.title for part in cannot)}."
    return words
