"""Highlights: everybody in the area reads them, the coordinator adds them."""

from collections.abc import Callable

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.csrf import csrf_exempt, csrf_protect
from django.views.decorators.http import require_safe

from actions.forms.highlights import HighlightFilter, HighlightForm, PictureForm, WhyForm
from actions.models import Highlight
from actions.pictures import LARGEST_FILE, TOO_LARGE, Picture, PictureRefused, read_picture
from actions.presenters.highlights import make_view, make_views
from actions.selectors.highlights import list_highlights
from actions.services.highlights import (
    add_highlight,
    archive_highlight,
    bring_back_highlight,
    change_highlight,
    remove_picture,
    set_picture,
)
from boards.models import Board, PartnershipArea
from boards.permissions import AreaRequest, open_to
from boards.rules import Role
from core.files import objects
from core.forms.pages import (
    CappedUploadHandler,
    ReceivedFile,
    form_for,
    is_done,
    is_saved,
    pressed,
    saved,
    show_form,
    taken_once,
)
from core.pages import list_page

WHO = "Only a coordinator can add and change highlights."


def find_highlight(area: PartnershipArea, key: int) -> Highlight:
    """Return the highlight. Raises Http404, also for another area's."""
    highlight = get_object_or_404(list_highlights(area).select_related("strand", "added_by", "archived_by"), pk=key)
    highlight.area = area
    return highlight


@open_to()
@require_safe
def highlight_list(request: AreaRequest, area: PartnershipArea) -> HttpResponse:
    """List the highlights, newest first; by kind, strand, board and year; archived ones on request."""
    boards = Board.objects.filter(area=area, highlights__isnull=False).distinct()
    chosen = HighlightFilter(request.GET, queryset=list_highlights(area), boards=boards)
    shown = list_page(request, chosen)
    context = {**shown, "rows": make_views(shown["page"]), "may_change": request.access.can_coordinate}
    return render(request, "actions/highlight_list.html", context)


@open_to()
@require_safe
def highlight_view(request: AreaRequest, area: PartnershipArea, highlight: int) -> HttpResponse:
    """Show one highlight."""
    highlight_row = find_highlight(area, highlight)
    context = {
        "highlight": highlight_row,
        "view": make_view(highlight_row),
        "may_change": request.access.can_coordinate,
    }
    return render(request, "actions/highlight_view.html", context)


@open_to(Role.COORDINATOR, because=WHO)
@taken_once
def highlight_add(request: AreaRequest, area: PartnershipArea) -> HttpResponse:
    """Add a highlight."""
    form = form_for(request, lambda typed: HighlightForm(typed, area=area))

    def add() -> Highlight:
        checked = form.cleaned_data["names_nobody"]
        return add_highlight(area, form.draft, names_nobody=checked, by=request.user)

    if highlight := saved(request, form, add):
        messages.success(request, f"“{highlight}” is saved. You can add a picture below.")
        return redirect("actions:highlight-view", area.slug, highlight.pk)
    return show_form(request, "actions/highlight_form.html", form, {"highlight": None})


@open_to(Role.COORDINATOR, because=WHO)
def highlight_edit(request: AreaRequest, area: PartnershipArea, highlight: int) -> HttpResponse:
    """Change a highlight."""
    highlight_row = find_highlight(area, highlight)
    form = form_for(request, lambda typed: HighlightForm(typed, area=area, highlight=highlight_row))

    def change() -> object:
        checked = form.cleaned_data["names_nobody"]
        return change_highlight(highlight_row, form.draft, revision=form.seen, names_nobody=checked, by=request.user)

    if is_saved(request, form, change):
        messages.success(request, f"“{form.draft.title}” is saved.")
        return redirect("actions:highlight-view", area.slug, highlight_row.pk)
    return show_form(
        request, "actions/highlight_form.html", form, {"highlight": highlight_row, "view": make_view(highlight_row)}
    )


@open_to(Role.COORDINATOR, because=WHO)
def highlight_archive(request: AreaRequest, area: PartnershipArea, highlight: int) -> HttpResponse:
    """Archive a highlight."""
    return ask_why(request, find_highlight(area, highlight), archive_highlight, done="is archived")


@open_to(Role.COORDINATOR, because=WHO)
def highlight_bring_back(request: AreaRequest, area: PartnershipArea, highlight: int) -> HttpResponse:
    """Bring an archived highlight back."""
    return ask_why(request, find_highlight(area, highlight), bring_back_highlight, done="appears again")


def ask_why(request: AreaRequest, highlight: Highlight, act: Callable[..., object], *, done: str) -> HttpResponse:
    form = form_for(request, WhyForm)
    if is_saved(request, form, lambda: act(highlight, why=form.cleaned_data["why"], by=request.user)):
        messages.success(request, f"“{highlight}” {done}.")
        return redirect("actions:highlight-view", highlight.area.slug, highlight.pk)
    context = {"highlight": highlight, "archives": act is archive_highlight}
    return show_form(request, "actions/highlight_archive.html", form, context)


# --- Its picture ------------------------------------------------------------------------------------


@open_to()
@require_safe
def highlight_picture(request: AreaRequest, area: PartnershipArea, highlight: int) -> HttpResponse:
    """Return the picture itself, as we encoded it; with ?size=small the small one."""
    highlight_row = find_highlight(area, highlight)
    # Only the one asked for is loaded.
    stored = highlight_row.picture_small if request.GET.get("size") == "small" else highlight_row.picture
    if stored is None:
        raise Http404("This highlight has no picture.")
    return HttpResponse(objects.read(stored), content_type=stored.media_type)


@open_to(Role.COORDINATOR, because=WHO)
@csrf_exempt  # until we know how large a file may be: `edit_picture` is protected
def highlight_picture_edit(request: AreaRequest, area: PartnershipArea, highlight: int) -> HttpResponse:
    """Add a picture, describe it, or remove it."""
    # Before anything reads the form: CSRF protection does, and would read the file with the usual limit.
    request.upload_handlers = [CappedUploadHandler(request, room=LARGEST_FILE)]
    response: HttpResponse = edit_picture(request, find_highlight(area, highlight))
    return response


@csrf_protect
def edit_picture(request: AreaRequest, highlight: Highlight) -> HttpResponse:
    if pressed(request) == "remove":
        is_done(
            request, lambda: remove_picture(highlight, by=request.user), done=f"“{highlight}” no longer has a picture."
        )
        return redirect("actions:highlight-view", highlight.area.slug, highlight.pk)
    form = form_for(request, lambda typed: PictureForm(typed, request.FILES or None, highlight=highlight))
    if is_saved(request, form, lambda: save_picture(request, highlight, form)):
        messages.success(request, f"The picture of “{highlight}” is saved.")
        return redirect("actions:highlight-view", highlight.area.slug, highlight.pk)
    return show_form(
        request, "actions/highlight_picture.html", form, {"highlight": highlight, "view": make_view(highlight)}
    )


def save_picture(request: AreaRequest, highlight: Highlight, form: PictureForm) -> None:
    """Save the picture. Raises ValidationError, ChangedMeanwhile or TransitionRefused."""
    set_picture(
        highlight,
        read_sent(form.cleaned_data.get("picture")),
        alt=form.cleaned_data["alt"],
        revision=form.seen,
        names_nobody=bool(form.cleaned_data.get("names_nobody")),
        by=request.user,
    )


def read_sent(sent: ReceivedFile | None) -> Picture | None:
    """Read the file. Raises ValidationError."""
    if sent is None:
        return None
    if sent.is_too_big:
        raise ValidationError({"picture": TOO_LARGE})
    try:
        return read_picture(sent.read())
    except PictureRefused as refused:
        raise ValidationError({"picture": str(refused)}) from None
