"""Names of lines: need-to-know, on this one page. Nothing of it is in an address, a session or a cache."""

from collections.abc import Callable
from dataclasses import dataclass, field

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods

from boards.models import PartnershipArea
from boards.permissions import AreaRequest, open_to
from core.forms import Question
from core.models import User
from indicators.models import Category, LineName, NameViewer
from indicators.permissions import can_protect
from indicators.selectors.names import (
    MOST_REVEALS,
    can_view_names,
    officers_of,
    origins_of,
    people_to_name,
    reveals_in,
    viewers_of,
)
from indicators.services.names import end_view, grant_view, note_name, retire_name, reveal_names


@dataclass(frozen=True, slots=True)
class Control:
    """A control of a form: what was typed into it, what is wrong with that, and what is asked about it."""

    id: str
    typed: str
    error: str
    question: Question | None


@dataclass
class Said:
    """What became of a form: the names it asked for, or what was refused, at which control. `typed` is what
    its controls held, by their ids; `question` is about what the control `asked_at` held."""

    origin: Category | None = None
    revealed: list[LineName] = field(default_factory=list)
    errors: dict[str, str] = field(default_factory=dict)
    typed: dict[str, str] = field(default_factory=dict)
    question: Question | None = None
    asked_at: str = ""

    def control(self, name: str) -> Control:
        question = self.question if name == self.asked_at else None
        return Control(name, self.typed.get(name, ""), self.errors.get(name, ""), question)


@open_to()
@require_http_methods(["GET", "HEAD", "POST"])
def names(request: AreaRequest, area: PartnershipArea) -> HttpResponse:
    """For a named viewer the origins, and the names of one once they say why; for an information officer
    who may see them, and who did."""
    if not can_view_names(request.access) and not can_protect(request.access):
        officers = ", ".join(officers_of(area))
        whom = f"an information officer of {area.name}: {officers}" if officers else "the coordinator to find one"
        raise PermissionDenied(
            "Names of lines are for the people whom an information officer has named, each for a reason. "
            f"Everybody else works with counts. If you need to see names, ask {whom}."
        )
    if request.method != "POST":
        return show(request, Said())
    act = ACTS.get(request.POST.get("act", ""))
    if act is None:
        return show(request, Said(errors={"main-content": "Press one of the buttons of this page."}))
    said = act(request, area)
    return redirect("indicators:names", area.slug) if said is None else show(request, said)


def show(request: AreaRequest, said: Said) -> HttpResponse:
    area = request.access.area
    context: dict[str, object] = {"said": said, "has_errors": bool(said.errors)}
    if can_view_names(request.access):
        context |= {
            "is_viewer": True,
            "origins": [(origin, said.control(f"why-{origin.pk}")) for origin in origins_of(area)],
            "note_origin": said.control("note-origin"),
            "note_name": said.control("note-name"),
        }
    if can_protect(request.access):
        viewers = viewers_of(area)
        context |= {
            "is_officer": True,
            "current": [
                (viewer, said.control(f"end-why-{viewer.pk}")) for viewer in viewers if viewer.ended_at is None
            ],
            "past": [viewer for viewer in viewers if viewer.ended_at is not None],
            "people": people_to_name(area, by=request.user),
            "grant_user": said.control("grant-user"),
            "grant_why": said.control("grant-why"),
            "reveals": reveals_in(area),
            "most": MOST_REVEALS,
        }
    return render(request, "indicators/names.html", context)


def typed(request: AreaRequest, name: str) -> str:
    return str(request.POST.get(name, "")).replace("\x00", "")


def refused(
    request: AreaRequest, act: Callable[[], object], *, about: str, at: Callable[[str], str], **held: str
) -> Said | None:
    """Do what a form asks for; what was refused, or None where it is done. The text in the field `about` is asked about
    first where it looks personal. `at` gives the id of the control for the name of a field."""
    question = Question(held[about], ticked=typed(request, "not_personal"))
    errors = question.unanswered
    if not errors:
        try:
            act()
        except ValidationError as refusal:
            errors = {at(name): sentences[0] for name, sentences in refusal.message_dict.items()}
        else:
            return None
    kept = {at(name): text for name, text in held.items()}
    return Said(errors=errors, typed=kept, question=question, asked_at=at(about))


def key_of(request: AreaRequest, name: str) -> int:
    """A row's number out of a hidden field; 0, which no row has, for anything else."""
    text = typed(request, name)
    return int(text) if text.isascii() and text.isdigit() and len(text) < 19 else 0


def find_origin(request: AreaRequest, area: PartnershipArea) -> Category:
    """Raises Http404."""
    return get_object_or_404(origins_of(area), pk=key_of(request, "origin"))


def reveal(request: AreaRequest, area: PartnershipArea) -> Said:
    origin, why = find_origin(request, area), typed(request, "why")
    found: list[LineName] = []

    def act() -> None:
        found.extend(reveal_names(area, origin=origin, why=why, by=request.user))

    said = refused(request, act, about="why", at=lambda name: f"{name}-{origin.pk}", why=why)
    return said or Said(origin=origin, revealed=found)


def note(request: AreaRequest, area: PartnershipArea) -> Said | None:
    name, key = typed(request, "name"), typed(request, "origin")
    origin = origins_of(area).filter(pk=key_of(request, "origin")).first() or Category()

    def act() -> None:
        note_name(area, origin=origin, name=name, by=request.user)
        messages.success(request, f"The name is held for {origin.name}.")

    return refused(request, act, about="name", at=lambda field: f"note-{field}", name=name, origin=key)


def retire(request: AreaRequest, area: PartnershipArea) -> None:
    noted = get_object_or_404(
        LineName.objects.select_related("area", "category"), area=area, pk=key_of(request, "line")
    )
    retire_name(noted, by=request.user)
    messages.success(request, f"A name of a line from {noted.category.name} is retired.")


def grant(request: AreaRequest, area: PartnershipArea) -> Said | None:
    key, why = typed(request, "user"), typed(request, "why")
    person = User.objects.filter(memberships__area=area, pk=key_of(request, "user")).first()

    def act() -> None:
        if person is None:
            raise ValidationError({"user": "Choose the person."})
        grant_view(area, user=person, why=why, by=request.user)
        messages.success(request, f"{person} may see names of lines from now on.")

    return refused(request, act, about="why", at=lambda name: f"grant-{name}", user=key, why=why)


def end(request: AreaRequest, area: PartnershipArea) -> Said | None:
    viewers = NameViewer.objects.select_related("area", "user")
    viewer, why = get_object_or_404(viewers, area=area, pk=key_of(request, "viewer")), typed(request, "why")

    def act() -> None:
        end_view(viewer, why=why, by=request.user)
        messages.success(request, f"{viewer.user} sees names of lines no more.")

    return refused(request, act, about="why", at=lambda name: f"end-{name}-{viewer.pk}", why=why)


ACTS: dict[str, Callable[[AreaRequest, PartnershipArea], Said | None]] = {
    "reveal": reveal,
    "note": note,
    "retire": retire,
    "grant": grant,
    "end": end,
}
