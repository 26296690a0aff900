"""What somebody typed into a form of ours, and where it leads back to: a form may stand on another page too."""

from typing import Any

from django.http import HttpResponse
from django.shortcuts import redirect

from actions.models import Action, Challenge
from boards.permissions import AreaRequest
from boards.views import typed
from boards.views.typed import form_of, is_done, is_saved
from core.services import kept_forms

__all__ = ["MINE", "back_of", "form_of", "go_back", "is_done", "is_saved", "kept_context"]

MINE = "mine"  # what a form's field `back` holds where it stands on the page of all that a person owes


def kept_context(request: AreaRequest) -> dict[str, Any]:
    """What a form's template needs, so that what is typed into it isn't lost, nor the way back."""
    return {**typed.kept_context(request), "back": back_of(request)}


def back_of(request: AreaRequest) -> str:
    """MINE where what was typed came from that page, just now or before the session ended; empty otherwise."""
    held = kept_forms.kept(request.session, path=request.path, by=request.user)
    sent = request.POST if request.method == "POST" else held
    return MINE if sent is not None and sent.get("back") == MINE else ""


def go_back(request: AreaRequest, usual: Action | Challenge | str) -> HttpResponse:
    """To the page that the form stood on; `usual` is where it goes from a thing's own page."""
    return redirect("reporting:mine", request.access.area.slug) if back_of(request) else redirect(usual)
