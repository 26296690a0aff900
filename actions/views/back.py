"""Where does a form lead back to? It may stand on another page than its own: that of all that a person owes."""

from django.http import HttpResponse
from django.shortcuts import redirect

from actions.models import Action, Challenge
from boards.permissions import AreaRequest
from core.form_pages import pressed

MINE = "mine"  # what a form's field `back` holds where it stands on the page of all that a person owes


def find_way_back(request: AreaRequest) -> str:
    """MINE where what was typed came from that page, just now or before the session ended; empty otherwise."""
    return MINE if pressed(request, "back") == MINE else ""


def go_back(request: AreaRequest, usual: Action | Challenge | str) -> HttpResponse:
    """To the page that the form stood on; `usual` is where it goes from a thing's own page."""
    return redirect("reporting:mine", request.access.area.slug) if find_way_back(request) else redirect(usual)
