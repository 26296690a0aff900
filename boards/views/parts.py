"""The set-up pages that are alike: list the parts of one kind, add one, change it, retire it.

A `Part` has everything that differs between kinds. The pages of a kind are its `routes`.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.db import models
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import URLPattern, path, reverse
from django.views.decorators.http import require_POST, require_safe

from boards.forms.parts import PartForm
from boards.models import PartnershipArea
from boards.permissions import AreaRequest, open_to
from boards.roles import Role
from boards.services.setup import bring_back_part, retire_part, save_part
from core.form_pages import form_for, is_done, is_saved, show_form
from core.services.sent_once import taken_once


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
    found: Iterable[Any] = part.model._default_manager.filter(**{part.holder: holder})
    for row in found:
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
