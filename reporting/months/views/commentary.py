"""The page on which the commentary of a month is written."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from boards.models import PartnershipArea
from boards.permissions import AreaRequest, open_to
from boards.presenters.nav import month_url
from boards.roles import Role
from core.form_pages import ANY_FORM, form_for, is_filled_in, is_saved, pressed, show_form
from core.months import Month
from reporting.models.commentaries import Commentary
from reporting.models.snapshots import SnapshotState
from reporting.months.forms import CommentaryForm
from reporting.months.presenters.commentary import describe_length, make_commentary, split_paragraphs
from reporting.months.readings import MonthPage
from reporting.months.selectors.commentaries import find_own_commentary
from reporting.months.services import why_no_commentary, write_commentary

WHO = "Only an analyst or a coordinator can write the commentary."
PREVIEW = "preview"


@open_to(Role.ANALYST, Role.COORDINATOR, because=WHO)
@require_http_methods(ANY_FORM)
def commentary_write(request: AreaRequest, area: PartnershipArea, month: Month, board: str = "") -> HttpResponse:
    """Edit the commentary for all boards or for one: a draft until the month is published."""
    page = MonthPage(request.access, month, board)
    period, version = page.calendar.period, page.snapshot.version
    is_draft = page.snapshot.state == SnapshotState.DRAFT
    held = find_own_commentary(period, version, page.board)
    # A new version's form starts with the commentary of the one before.
    before = page.commentary if page.commentary and page.commentary.board_id == (page.board and page.board.pk) else None
    text = held.text if held else before.text if before else ""
    form = form_for(request, lambda typed: CommentaryForm(typed, held=held, text=text))
    shown = text
    saved: list[Commentary | None] = []
    if pressed(request) == PREVIEW:
        shown = form.cleaned_data["text"] if is_filled_in(request, form) else str(form["text"].value() or "")
    elif is_saved(
        request,
        form,
        lambda: saved.append(
            write_commentary(period, page.board, form.cleaned_data["text"], revision=form.seen, by=request.user)
        ),
    ):
        said = f"The commentary of {month.label} is saved. It will be published with the month."
        messages.success(request, said if saved[0] else f"{month.label} has no commentary.")
        return redirect(month_url(request.access, month, board))
    elif form.is_bound:
        shown = str(form["text"].value() or "")
    stands = page.commentary
    context = {
        "month": month,
        "board": page.board,
        "boards": [
            (one.name, reverse("reporting:commentary-board", args=[area.slug, month, one.code]))
            for one in page.boards
            if not one.retired and one != page.board
        ],
        "all_url": reverse("reporting:commentary", args=[area.slug, month]) if page.board else "",
        "back_url": month_url(request.access, month, board),
        "why_not": "" if is_draft else why_no_commentary(period),
        "version": version,
        "is_new_version": version > 1,
        "commentary": make_commentary(stands, version=version, board_code=board) if stands else None,
        "length": describe_length(shown),
        "preview": split_paragraphs(shown) if pressed(request) == PREVIEW else (),
        "marking": page.marking,
    }
    return show_form(request, "reporting/commentary.html", form if is_draft else None, context)
