"""A block pasted into a return: shows what it would change before anything is saved."""

from collections.abc import Mapping

from django.http import HttpRequest, HttpResponse

from indicators.forms.returns import EntriesForm
from indicators.services.return_files import Preview, preview_block
from indicators.views.places import Place
from indicators.views.previews import make_part, show_parts


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
        pasted={
            "pasted": form.block,
            "start": form.cleaned_data["start"],
            "typed": list(form.entries.items()),
        },
        frame=frame,
    )


def describe_pasted(preview: Preview) -> str:
    words = "Nothing has been saved yet." if preview.changed else "There is nothing to save."
    left = len(preview.problems)
    if left:
        have = "row has an error" if left == 1 else "rows have errors"
        words += f" {left} {have} and won’t be used."
    return words
