"""The set-up pages of an area: its agencies, boards and strands, its settings and statements, and unused roles."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.db import models
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from boards.forms.area import MeetingsForm, PublisherForm, ReturnsForm, SignsForm, StatementsForm
from boards.forms.parts import AgencyForm, BoardForm, PartForm, StrandForm
from boards.forms.people import UnusedRolesForm
from boards.models import Agency, Board, PartnershipArea, PublicAdvice, PublicStatements, RoleRequest, Strand
from boards.models.areas import split
from boards.permissions import AreaRequest, open_to
from boards.presenters.retention import describe_lives
from boards.rules import Role
from boards.selectors import list_statements
from boards.services.area import (
    bring_back_part,
    retire_part,
    save_board,
    save_part,
    set_advice,
    set_publisher,
    set_return_days,
    set_silent_meetings,
    set_statements,
)
from boards.services.requests import EVERY, Unused, find_last_review, list_unused, review_roles
from boards.views.people import describe_role
from core.calendar import date_label
from core.forms.pages import form_for, is_done, is_filled_in, is_saved, pressed, show_form, taken_once
from core.models import User

# The set-up pages that are alike: list the parts of one kind, add one, change it, retire it.
#
# A `Part` has everything that differs between kinds. The pages of a kind are its `routes`.


def save_form(form: PartForm, *, area: PartnershipArea, by: Any) -> None:
    save_part(form.instance, area=area, by=by)


@dataclass(frozen=True, slots=True)
class Part:
    """A kind of part in an area's set-up, and the text of its pages."""

    model: type[models.Model]
    form: type[PartForm]
    folder: str  # of its addresses
    noun: str  # with its article: "an agency"
    plural: str
    purpose: str  # shown above the list
    columns: tuple[tuple[str, str], ...]  # heading → attribute, after the name
    when_retired: str = ""  # what retiring one means; empty if people can't retire it
    within: "Part | None" = None  # the parent kind, if parts belong to another part and not to the area
    related: tuple[tuple[str, str], ...] = ()  # more pages about one: link text → name of the address
    save: Callable[..., None] = save_form
    beside: Callable[[PartnershipArea], dict[str, Any]] | None = None  # what `beside_list` shows under the list
    beside_list: str = ""

    @property
    def name(self) -> str:
        return str(self.model._meta.model_name)

    @property
    def singular(self) -> str:
        return self.noun.partition(" ")[2]

    @property
    def holder(self) -> str:
        """Return the name of the field for the parent."""
        return self.within.name if self.within else "area"

    def route(self, act: str) -> str:
        return f"{self.model._meta.app_label}:{self.name}-{act}"

    def find_holder(self, area: PartnershipArea, keys: dict[str, str]) -> models.Model:
        """Return the area, or the parent part in the address. Raises Http404."""
        if self.within is None:
            return area
        return get_object_or_404(self.within.model, area=area, code=keys[self.holder])

    def find(self, area: PartnershipArea, keys: dict[str, str], code: str) -> Any:
        """Return the part with that code. Raises Http404, also for another area's part."""
        holder = self.find_holder(area, keys)
        return get_object_or_404(self.model, **{self.holder: holder, "code": code})


def routes(part: Part) -> list[URLPattern]:
    """Return the addresses of a kind's pages. A part's own addresses end in a verb, so no code can clash with "add"."""
    base = f"<slug:area>/setup/{part.within.folder}/<slug:{part.holder}>/" if part.within else "<slug:area>/setup/"
    base += f"{part.folder}/"
    pages: list[tuple[str, Any, str]] = [
        ("", part_list, "list"),
        ("add/", part_add, "add"),
        ("<slug:code>/edit/", part_edit, "edit"),
    ]
    if part.when_retired:
        pages.append(("<slug:code>/retire/", part_retire, "retire"))
        pages.append(("<slug:code>/bring-back/", part_bring_back, "bring-back"))
    return [path(base + end, view, {"part": part}, name=f"{part.name}-{act}") for end, view, act in pages]


@open_to(Role.COORDINATOR)
@require_safe
def part_list(request: HttpRequest, area: PartnershipArea, part: Part, **keys: str) -> HttpResponse:
    holder = part.find_holder(area, keys)
    rows = []
    parts: Iterable[Any] = part.model._default_manager.filter(**{part.holder: holder})
    for row in parts:
        address = [area.slug, *keys.values(), row.code]
        rows.append(
            {
                "name": str(row),
                "cells": [_shown(row, attribute) for _, attribute in part.columns],
                "url": reverse(part.route("edit"), args=address),
                "links": _related(part, address),
                "retired": getattr(row, "retired", False),
            }
        )
    context = {"area": area, "part": part, "rows": rows, "back": _back(part, area, holder)}
    context["title"] = part.plural.capitalize() if holder == area else f"{part.plural.capitalize()} of {holder}"
    context["add_url"] = reverse(part.route("add"), args=[area.slug, *keys.values()])
    if part.beside is not None:
        context |= part.beside(area)
    return render(request, "boards/part_list.html", context)


@open_to(Role.COORDINATOR)
@taken_once
def part_add(request: AreaRequest, area: PartnershipArea, part: Part, **keys: str) -> HttpResponse:
    row = part.model(**{part.holder: part.find_holder(area, keys)})
    return _edit(request, area, part, row, keys, title=f"Add {part.noun}")


@open_to(Role.COORDINATOR)
def part_edit(request: AreaRequest, area: PartnershipArea, part: Part, code: str, **keys: str) -> HttpResponse:
    row = part.find(area, keys, code)
    return _edit(request, area, part, row, keys, title=str(row))


def _edit(
    request: AreaRequest, area: PartnershipArea, part: Part, row: Any, keys: dict[str, str], *, title: str
) -> HttpResponse:
    list_url = reverse(part.route("list"), args=[area.slug, *keys.values()])
    form = form_for(request, lambda typed: part.form(typed, instance=row))
    if is_saved(request, form, lambda: part.save(form, area=area, by=request.user)):
        messages.success(request, f"{row} has been saved.")
        return redirect(list_url)
    context = {"area": area, "part": part, "title": title, "back": (part.plural.capitalize(), list_url)}
    if row.pk:
        address = [area.slug, *keys.values(), row.code]
        context |= {"code": row.code, "links": _related(part, address)}
        if part.when_retired:
            act = "bring-back" if row.retired else "retire"
            context |= {"retired": row.retired, "retire_url": reverse(part.route(act), args=address)}
    return show_form(request, "boards/part_form.html", form, context)


@open_to(Role.COORDINATOR)
@require_POST
def part_retire(request: AreaRequest, area: PartnershipArea, part: Part, code: str, **keys: str) -> HttpResponse:
    row = part.find(area, keys, code)
    is_done(request, lambda: retire_part(row, area=area, by=request.user), done=f"{row} is retired.")
    return redirect(part.route("list"), area.slug, *keys.values())


@open_to(Role.COORDINATOR)
@require_POST
def part_bring_back(request: AreaRequest, area: PartnershipArea, part: Part, code: str, **keys: str) -> HttpResponse:
    row = part.find(area, keys, code)
    is_done(request, lambda: bring_back_part(row, area=area, by=request.user), done=f"{row} is in use again.")
    return redirect(part.route("list"), area.slug, *keys.values())


def _shown(row: models.Model, attribute: str) -> str:
    value = getattr(row, attribute)
    value = value() if callable(value) else value
    return "" if value is None else str(value)


def _related(part: Part, address: list[str]) -> list[tuple[str, str]]:
    return [(words, reverse(name, args=address)) for words, name in part.related]


def _back(part: Part, area: PartnershipArea, holder: models.Model) -> tuple[str, str]:
    if part.within:
        return part.within.plural.capitalize(), reverse(part.within.route("list"), args=[area.slug])
    return "Set-up", reverse("indicators:setup", args=[area.slug])


def save_board_form(form: BoardForm, *, area: PartnershipArea, by: Any) -> None:
    texts = form.cleaned_data["responsibilities"]
    save_board(form.instance, responsibilities=texts, same=form.rewordings, area=area, by=by)


AGENCIES = Part(
    model=Agency,
    form=AgencyForm,
    folder="agencies",
    noun="an agency",
    plural="agencies",
    purpose="Agencies supply the figures: police, council, NHS and so on. Each agency’s lead enters one return a "
    "month.",
    columns=(("Code", "code"), ("Kind", "get_kind_display"), ("Order", "position")),
    when_retired="A retired agency has no more returns to send, and you can’t choose it for an indicator. Its past "
    "figures stay.",
)
BOARDS = Part(
    model=Board,
    form=BoardForm,
    folder="boards",
    noun="a board",
    plural="boards",
    purpose="The statutory boards, and the strategic group drawn from them. Each board has its own page every month.",
    columns=(("Short name", "short_name"), ("Code", "code"), ("Order", "position")),
    when_retired="A retired board has no page in future months. Its published months stay.",
    related=(("Order of its indicators", "indicators:board-order"),),
    save=save_board_form,
)
STRANDS = Part(
    model=Strand,
    form=StrandForm,
    folder="strands",
    noun="a strand",
    plural="strands",
    purpose="The strands of the area’s action plan.",
    columns=(("Code", "code"), ("Summary", "summary"), ("Order", "position")),
)


@open_to(Role.COORDINATOR)
def signs_edit(request: AreaRequest, area: PartnershipArea) -> HttpResponse:
    """Edit the signs, how to report them, and whether the public can read them."""
    advice = PublicAdvice.objects.filter(area=area).first()
    form = form_for(request, lambda typed: SignsForm(typed, advice=advice))

    def save() -> object:
        draft: dict[str, Any] = {name: form.cleaned_data[name] for name in ("signs", "how_to_report", "is_public")}
        return set_advice(area, **draft, revision=form.seen, by=request.user)

    if is_saved(request, form, save):
        messages.success(request, f"Saved. {who_reads(area, is_public=form.cleaned_data['is_public'])}")
        return redirect("boards:signs-edit", area.slug)
    context = {
        "advice": advice,
        "who_reads": who_reads(area, is_public=advice.is_public) if advice else "",
    }
    return show_form(request, "boards/signs_edit.html", form, context)


def who_reads(area: PartnershipArea, *, is_public: bool) -> str:
    if not is_public:
        return "No one else can read it yet."
    if not area.has_public_pages:
        return "Anyone can read it once the public pages are on."
    return "Anyone can read it."


@login_not_required
@require_safe
def privacy(request: HttpRequest) -> HttpResponse:
    """Show the privacy notice. Somebody who is signed in also reads their areas' own parts."""
    return show(request, "privacy")


@login_not_required
@require_safe
def accessibility(request: HttpRequest) -> HttpResponse:
    """Show the accessibility statement in the same way."""
    return show(request, "accessibility")


def show(request: HttpRequest, part: str) -> HttpResponse:
    statements = list_statements(request.user) if isinstance(request.user, User) else []
    parts = [
        (statement.area.name, split(getattr(statement, part))) for statement in statements if getattr(statement, part)
    ]
    context = {"parts": parts, "provider": settings.PROVIDER, "contact": settings.CONTACT, **describe_lives()}
    return render(request, f"boards/{part}.html", context)


@open_to(Role.COORDINATOR)
def statements_edit(request: AreaRequest, area: PartnershipArea) -> HttpResponse:
    """Edit the area's own part of both."""
    statements = PublicStatements.objects.filter(area=area).select_related("changed_by").first()
    form = form_for(request, lambda typed: StatementsForm(typed, statements=statements))

    def save() -> object:
        draft: dict[str, Any] = {name: form.cleaned_data[name] for name in ("privacy", "accessibility")}
        return set_statements(area, **draft, revision=form.seen, by=request.user)

    if is_saved(request, form, save):
        messages.success(request, f"Saved. {who_reads_statements(area)}")
        return redirect("boards:statements-edit", area.slug)
    return show_form(request, "boards/statements_edit.html", form, {"statements": statements})


def who_reads_statements(area: PartnershipArea) -> str:
    if area.has_public_pages:
        return "Anyone can read it."
    return f"People with a role in {area.name} can read it. Once the public pages are on, anyone can."


@open_to(Role.COORDINATOR)
def returns_edit(request: AreaRequest, area: PartnershipArea) -> HttpResponse:
    """Set the due day, and how long the coordinator has to check a return."""
    # The form writes the typed values to its instance. The page needs the area's saved name.
    saved_area = PartnershipArea.objects.get(pk=area.pk)
    form = form_for(request, lambda typed: ReturnsForm(typed, instance=saved_area))
    if is_saved(request, form, lambda: set_return_days(area, **form.cleaned_data, by=request.user)):
        messages.success(
            request,
            f"Saved. From now on, returns are due on day {form.cleaned_data['due_day']} of the next month. Months "
            f"that are open already keep their due dates.",
        )
        return redirect("indicators:setup", area.slug)
    return show_form(request, "boards/returns_edit.html", form)


@open_to(Role.COORDINATOR)
def meetings_edit(request: AreaRequest, area: PartnershipArea) -> HttpResponse:
    # The form writes the typed values to its instance. The page needs the area's saved name.
    saved_area = PartnershipArea.objects.get(pk=area.pk)
    form = form_for(request, lambda typed: MeetingsForm(typed, instance=saved_area))
    if is_saved(request, form, lambda: set_silent_meetings(area, **form.cleaned_data, by=request.user)):
        messages.success(request, "Saved.")
        return redirect("indicators:setup", area.slug)
    return show_form(request, "boards/meetings_edit.html", form)


@open_to(Role.COORDINATOR)
def publisher_edit(request: AreaRequest, area: PartnershipArea) -> HttpResponse:
    """Set what the foot of each public page says: who publishes it, whom to ask, and the licence."""
    # The form writes the typed values to its instance. The page needs the area's saved name.
    saved_area = PartnershipArea.objects.get(pk=area.pk)
    form = form_for(request, lambda typed: PublisherForm(typed, instance=saved_area))
    if is_saved(request, form, lambda: set_publisher(area, **form.typed(), by=request.user)):
        messages.success(request, "Saved. It is at the foot of each public page.")
        return redirect("indicators:setup", area.slug)
    return show_form(request, "boards/publisher_edit.html", form)


DECIDE = "decide"


@open_to(Role.COORDINATOR)
def people_unused(request: AreaRequest, area: PartnershipArea) -> HttpResponse:
    """Ask about each unused role. If some end, show them before it is done."""
    today = timezone.localdate()
    unused = [(row.membership.pk, describe_unused(row)) for row in list_unused(area, today=today)]
    form = form_for(request, lambda typed: UnusedRolesForm(typed, unused=unused))
    ending: list[str] = []
    if is_filled_in(request, form) and pressed(request) != DECIDE:
        ending = form.ending
    if not ending and is_saved(request, form, lambda: review_roles(area, form.decisions, by=request.user)):
        done = f"You have checked the unused roles in {area.name}."
        waits = RoleRequest.objects.waiting(today).filter(area=area, gives=False).exists()
        messages.success(request, f"{done} Another person has to confirm the end of a strong role." if waits else done)
        return redirect("boards:people-unused", area.slug)
    last = find_last_review(area)
    due = timezone.localdate(last.reviewed_at) + EVERY if last else None
    context = {"area": area, "last": last, "due": due, "is_due": due is None or due <= today, "ending": ending}
    return show_form(request, "boards/people_unused.html", form, context)


def describe_unused(unused: Unused) -> str:
    """Describe a role and its last sign-in, for a question."""
    role, since = describe_role(unused.membership), unused.since
    return (
        f"{unused.membership.user}, {role}: {f'last signed in on {date_label(since)}' if since else 'never signed in'}"
    )
