"""A block that was pasted into a return: what it would change, before any of it is saved."""

from django.http import HttpResponse
from django.shortcuts import render

from boards.permissions import AreaRequest
from indicators.entries import REASONS, Entry, write_opened
from indicators.forms.returns import EntriesForm
from indicators.services.return_files import preview_block
from indicators.views.places import Place


def show_pasted(request: AreaRequest, place: Place, form: EntriesForm) -> HttpResponse:
    """What the block would change in the draft, which holds by now what was typed. The button carries what the form
    would hold."""
    preview = preview_block(place.boxes, form.entries, form.rows)
    context = {
        "area": place.agency.area,
        "agency": place.agency,
        "period": place.period,
        "month": place.period.month,
        "revision": place.revision,
        "is_pasted": True,
        "preview": preview,
        "lines": {row.line for row in preview.shown},
        "by_letter": True,
        "has_errors": bool(preview.problems),
        "reasons": {reason.value: label for reason, label in REASONS.items()},
        "entries": [(box.name, preview.entries.get(box.name, Entry())) for box in place.boxes],
        "opened": write_opened(form.entries),
    }
    return render(request, "indicators/return_file_preview.html", context)
