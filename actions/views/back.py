"""Where does a form lead back to? It may be on the page of a person's tasks."""

from django.http import HttpResponse
from django.shortcuts import redirect

from actions.models import Action, Challenge
from boards.permissions import AreaRequest
from core.form_pages import pressed

MINE = "mine"  # the value of a form's field `back` on the page of a person's tasks


def find_way_back(request: AreaRequest) -> str:
    """Return MINE if the form came from that page, now or before the session ended; empty otherwise."""
    return MINE if pressed(request, "back") == MINE else ""


def go_back(request: AreaRequest, usual: Action | Challenge | str) -> HttpResponse:
    """Return to the page with the form; `usual` is where it goes from the thing's own page."""
    return redirect("reporting:mine", request.access.area.slug) if find_way_back(request) else redirect(usual)
