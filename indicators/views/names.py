"""The line names: need-to-know, on this page only. No name is in an address, a session or a cache."""

from collections.abc import Callable, Sequence

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect

from boards.models import PartnershipArea
from boards.permissions import AreaRequest, find_first_day, open_to
from core.forms.fields import KeyField
from core.forms.pages import form_for, is_done, is_saved, pressed, saved, show_form
from core.models import User
from indicators.forms.setup import GrantForm, NamesForm, NoteForm, WhyForm
from indicators.models import Category, LineName, NameViewer
from indicators.permissions import can_protect
from indicators.selectors.names import (
    MOST_REVEALS,
    is_named,
    list_officers,
    list_origins,
    list_viewers,
    people_to_name,
    reveals_in,
)
from indicators.services.names import end_view, grant_view, note_name, retire_name, reveal_names

# The ids of a form's controls, by its act: each origin and each viewer has its own form.
REVEAL, END, NOTE, GRANT = "%s-{}", "end-%s-{}", "note-%s", "grant-%s"


@open_to()
def names(request: AreaRequest, area: PartnershipArea) -> HttpResponse:
    """Show a named viewer the origins, and one origin's names once they say why. Show an information officer who may
    see names, and who did."""
    if not is_named(request.access) and not can_protect(request.access):
        officers = ", ".join(list_officers(area))
        whom = (
            f"an information officer of {area.name}: {officers}"
            if officers
            else "the coordinator to find an information officer"
        )
        raise PermissionDenied(
            "Only people chosen by an information officer can see line names. "
            f"Everyone else works with counts. If you need to see names, ask {whom}."
        )
    if request.method != "POST":
        return show(request)
    act = ACTS.get(pressed(request))
    if act is None:
        return show(request, wrong={"main-content": "Press one of the buttons on this page."})
    return act(request, area)


def show(
    request: AreaRequest,
    form: NamesForm | None = None,
    *,
    origin: Category | None = None,
    revealed: Sequence[LineName] = (),
    wrong: dict[str, str] | None = None,
) -> HttpResponse:
    """Show the page. `form` is a refused one. `revealed` are the names of an `origin` that somebody asked for."""

    def own(kind: type[NamesForm], ids: str) -> NamesForm:
        return form if form is not None and form.auto_id == ids else kind(auto_id=ids)

    area, wrong = request.access.area, form.wrong if form is not None else wrong or {}
    context: dict[str, object] = {
        "wrong": wrong,
        "origin_shown": origin,
        "revealed": revealed,
        "has_errors": bool(wrong),
    }
    if is_named(request.access):
        context |= {
            "is_viewer": True,
            "origins": [(origin, own(WhyForm, REVEAL.format(origin.pk))) for origin in list_origins(area)],
            "note": own(NoteForm, NOTE),
        }
    if can_protect(request.access):
        viewers = list_viewers(area)
        current = [viewer for viewer in viewers if viewer.ended_at is None]
        context |= {
            "is_officer": True,
            "current": [(viewer, own(WhyForm, END.format(viewer.pk))) for viewer in current],
            "past": [viewer for viewer in viewers if viewer.ended_at is not None],
            "people": people_to_name(area, by=request.user),
            "first_day": find_first_day(area, request.user),
            "grant": own(GrantForm, GRANT),
            "reveals": reveals_in(area),
            "most": MOST_REVEALS,
        }
    return show_form(request, "indicators/names.html", form, context)


def number_in(request: AreaRequest, name: str) -> int:
    return KeyField().to_python(pressed(request, name))


def reveal(request: AreaRequest, area: PartnershipArea) -> HttpResponse:
    origin = get_object_or_404(list_origins(area), pk=number_in(request, "origin"))
    form = form_for(request, lambda typed: WhyForm(typed, auto_id=REVEAL.format(origin.pk)))
    names = saved(
        request,
        form,
        lambda: reveal_names(area, origin=origin, why=form.cleaned_data["why"], by=request.user),
    )
    if names is not None:
        # No redirect here, because names must not be in an address, a session or a cache.
        return show(request, origin=origin, revealed=names)
    return show(request, form)


def note(request: AreaRequest, area: PartnershipArea) -> HttpResponse:
    form = form_for(request, lambda typed: NoteForm(typed, auto_id=NOTE))
    origin = list_origins(area).filter(pk=number_in(request, "origin")).first() or Category()
    if is_saved(request, form, lambda: note_name(area, origin=origin, name=form.cleaned_data["name"], by=request.user)):
        # Without the name itself: the session holds messages.
        messages.success(request, f"The name is saved for {origin.name}.")
        return redirect("indicators:names", area.slug)
    return show(request, form)


def retire(request: AreaRequest, area: PartnershipArea) -> HttpResponse:
    lines = LineName.objects.select_related("area", "category")
    noted = get_object_or_404(lines, area=area, pk=number_in(request, "line"))
    done = f"The name of a line from {noted.category.name} is retired."
    is_done(request, lambda: retire_name(noted, by=request.user), done=done)
    return redirect("indicators:names", area.slug)


def grant(request: AreaRequest, area: PartnershipArea) -> HttpResponse:
    form = form_for(request, lambda typed: GrantForm(typed, auto_id=GRANT))
    # The key comes from a form, and must not reach anybody outside the area.
    person = User.objects.filter(memberships__area=area, pk=number_in(request, "user")).first()

    def save() -> None:
        if person is None:
            raise ValidationError({"user": "Choose the person."})
        grant_view(area, user=person, why=form.cleaned_data["why"], by=request.user)

    if is_saved(request, form, save):
        messages.success(request, f"{person} can see line names from now on.")
        return redirect("indicators:names", area.slug)
    return show(request, form)


def end(request: AreaRequest, area: PartnershipArea) -> HttpResponse:
    viewers = NameViewer.objects.select_related("area", "user")
    viewer = get_object_or_404(viewers, area=area, pk=number_in(request, "viewer"))
    form = form_for(request, lambda typed: WhyForm(typed, auto_id=END.format(viewer.pk)))
    if is_saved(request, form, lambda: end_view(viewer, why=form.cleaned_data["why"], by=request.user)):
        messages.success(request, f"{viewer.user} can no longer see line names.")
        return redirect("indicators:names", area.slug)
    return show(request, form)


ACTS: dict[str, Callable[[AreaRequest, PartnershipArea], HttpResponse]] = {
    "reveal": reveal,
    "note": note,
    "retire": retire,
    "grant": grant,
    "end": end,
}
