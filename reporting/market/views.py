"""The pages of an area's drug market: a year's assessment, and its forms."""

from functools import partial

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_safe

from boards.forms.parts import SeenForm
from boards.models import Agency, PartnershipArea
from boards.permissions import AreaRequest, open_to
from boards.rules import Role
from core.forms.pages import form_for, is_filled_in, is_saved, pressed, saved, see, show_form, taken_once
from core.pages import NotHeld, link_to
from core.texts import count_of_noun
from reporting.market.forms import BeginForm, FigureForm, ListsForm, OwnerForm, PasteForm
from reporting.market.pasted import read_table
from reporting.market.permissions import can_assess
from reporting.market.presenters import make_market
from reporting.market.selectors import Assessed, find_kind, find_owner, list_assessments, read_assessments
from reporting.market.services import (
    agree_assessment,
    begin_assessment,
    choose_owner,
    save_figure,
    save_lists,
    save_pasted,
)

LEADS = "Only a lead of the agency that assesses the drug market can do this."
FROZEN = "This assessment is already agreed, so you can’t change it."


def the_owner(area: PartnershipArea) -> Agency:
    """Return the agency that assesses the market. Raises NotHeld."""
    owner = find_owner(area)
    if owner is None:
        raise NotHeld(f"{area.name} has no page about its drug market. The coordinator can add it in Set-up.")
    return owner


@open_to()
@require_safe
def market(request: AreaRequest, area: PartnershipArea) -> HttpResponse:
    """Show the newest assessment that somebody may read."""
    return show_market(request, area, None)


@open_to()
@require_safe
def market_year(request: AreaRequest, area: PartnershipArea, year: int) -> HttpResponse:
    return show_market(request, area, year)


def show_market(request: AreaRequest, area: PartnershipArea, year: int | None) -> HttpResponse:
    owner = the_owner(area)
    assessments = list_assessments(request.access, owner)
    places = [place for place, one in enumerate(assessments) if year in (one.year, None)]
    if year is not None and not places:
        raise NotHeld(f"{area.name} has no agreed assessment of {year}.")
    # The one before it is the next older one.
    shown = read_assessments(assessments[places[0] : places[0] + 2]) if places else []
    view = make_market(shown[0], shown[1] if len(shown) > 1 else None, area=area.name) if shown else None
    context = {
        "owner": owner,
        "view": view,
        "years": [one.year for one in assessments],
        "can_assess": can_assess(request.access, owner),
    }
    return render(request, "reporting/market.html", context)


@open_to(Role.COORDINATOR, because="Only a coordinator can say who assesses the drug market.")
def market_owner(request: AreaRequest, area: PartnershipArea) -> HttpResponse:
    form = form_for(request, partial(OwnerForm, area=area, owner=find_owner(area)))
    if is_saved(request, form, lambda: choose_owner(area, form.cleaned_data["agency"], by=request.user)):
        messages.success(request, "Saved.")
        return redirect("indicators:setup", area.slug)
    context = {"caption": area.name, "title": "Who assesses the drug market", "button": "Save", "lead": ABOUT_OWNER}
    context["back"] = link_to("indicators:setup", area.slug)
    return show_form(request, "reporting/market_form.html", form, context | {"is_setup": True})


@open_to(Role.AGENCY_LEAD, because=LEADS)
@taken_once
def market_begin(request: AreaRequest, area: PartnershipArea) -> HttpResponse:
    own_market(request, area)
    form = form_for(request, lambda typed: BeginForm(typed, initial={"year": timezone.localdate().year}))
    if assessment := saved(request, form, lambda: begin_assessment(area, **form.typed(), by=request.user)):
        messages.success(request, f"{assessment} has begun. Only your agency and the coordinator can read a draft.")
        return redirect(assessment)
    context = {"caption": area.name, "title": "Begin an assessment", "button": "Begin", "lead": ABOUT_BEGINNING}
    context["back"] = link_to("reporting:market", area.slug)
    return show_form(request, "reporting/market_form.html", form, context)


ABOUT_OWNER = (
    "An agency assesses the market once a year, for partners only. If no agency does, there is no page. Earlier "
    "assessments are kept, and appear again when you choose an agency again."
)
ABOUT_BEGINNING = (
    "After that, enter the year’s figures and lists, in any order. Agree the assessment when everything is complete."
)
ABOUT_FIGURE = "Enter counts and prices only: no names and no cases."
ABOUT_LISTS = (
    "Enter counts from two or three lists of people who use opiates or crack, and no names. All the lists must cover "
    "the same period, ages and residents. A list of deaths can’t be used. Empty all boxes to remove the lists."
)


def own_market(request: AreaRequest, area: PartnershipArea) -> Agency:
    """Return the agency, for one of its leads. Raises PermissionDenied and NotHeld."""
    owner = the_owner(area)
    if not can_assess(request.access, owner):
        raise PermissionDenied(LEADS)
    return owner


def own_assessment(request: AreaRequest, area: PartnershipArea, year: int) -> Assessed:
    """Return an assessment, for a lead of its agency. Raises PermissionDenied and NotHeld."""
    assessments = list_assessments(request.access, own_market(request, area))
    chosen = read_assessments([one for one in assessments if one.year == year])
    if not chosen:
        raise NotHeld(f"{area.name} has no assessment of {year}.")
    return chosen[0]


def make_context(assessed: Assessed, title: str, button: str, lead: str) -> dict[str, object]:
    """Return what the page of a form of an assessment says."""
    assessment = assessed.assessment
    words = {"title": title, "button": button, "lead": lead}
    return {"caption": str(assessment), "back": assessment.get_absolute_url(), **words}


def is_frozen(request: AreaRequest, assessed: Assessed) -> bool:
    """Return whether the assessment is agreed, and if so tell it."""
    if assessed.assessment.is_agreed:
        messages.info(request, FROZEN)
    return assessed.assessment.is_agreed


@open_to(Role.AGENCY_LEAD, because=LEADS)
def market_figure(request: AreaRequest, area: PartnershipArea, year: int, figure: str) -> HttpResponse:
    assessed, kind = own_assessment(request, area, year), find_kind(figure)
    if kind is None:
        raise NotHeld(f"An assessment has no figure “{figure}”.")
    if is_frozen(request, assessed):
        return redirect(assessed.assessment)
    form = form_for(request, partial(FigureForm, kind=kind, figure=assessed.figures.get(kind.value)))

    def save() -> object:
        return save_figure(assessed.assessment, kind, form.draft(), revision=form.seen, by=request.user)

    if is_saved(request, form, save):
        messages.success(request, f"{kind.label} has been saved.")
        return redirect(assessed.assessment)
    context = make_context(assessed, kind.label, "Save", ABOUT_FIGURE)
    return show_form(request, "reporting/market_form.html", form, context)


@open_to(Role.AGENCY_LEAD, because=LEADS)
def market_lists(request: AreaRequest, area: PartnershipArea, year: int) -> HttpResponse:
    assessed = own_assessment(request, area, year)
    if is_frozen(request, assessed):
        return redirect(assessed.assessment)
    form = form_for(request, partial(ListsForm, assessment=assessed.assessment, lists=assessed.lists))

    def save() -> object:
        return save_lists(assessed.assessment, form.lists, form.overlaps, revision=form.seen, by=request.user)

    if is_saved(request, form, save):
        messages.success(request, "The lists have been saved.")
        return redirect(assessed.assessment)
    context = make_context(assessed, "Lists of people", "Save", ABOUT_LISTS)
    return show_form(request, "reporting/market_form.html", form, context)


@open_to(Role.AGENCY_LEAD, because=LEADS)
def market_paste(request: AreaRequest, area: PartnershipArea, year: int) -> HttpResponse:
    """Read a pasted table, show what it would change, and then save it."""
    assessed = own_assessment(request, area, year)
    if is_frozen(request, assessed):
        return redirect(assessed.assessment)
    make = partial(PasteForm, initial={"revision": assessed.assessment.revision})
    form, table = form_for(request, make), None
    if is_filled_in(request, form):
        table = read_table(form.cleaned_data["pasted"], assessed.figures)
        for fault in table.faults:
            form.add_error("pasted", fault)
        if pressed(request) != "save":
            see(form, assessed.assessment.revision)
    is_confirmed = pressed(request) == "save" and table is not None and not table.faults

    def save() -> None:
        if table is not None:
            save_pasted(assessed.assessment, table.drafts, revision=form.seen, by=request.user)

    if is_confirmed and is_saved(request, form, save):
        messages.success(request, "The figures have been saved.")
        return redirect(assessed.assessment)
    shown = table if table is not None and not form.errors else None
    return show_form(request, "reporting/market_paste.html", form, {"year": year, "table": shown})


@open_to(Role.AGENCY_LEAD, because=LEADS)
def market_agree(request: AreaRequest, area: PartnershipArea, year: int) -> HttpResponse:
    """Ask once more before an assessment is agreed: it can't be undone."""
    assessed = own_assessment(request, area, year)
    assessment = assessed.assessment
    if is_frozen(request, assessed):
        return redirect(assessment)
    form = form_for(request, lambda typed: SeenForm(typed, initial={"revision": assessment.revision}))
    if is_saved(request, form, lambda: agree_assessment(assessment, revision=form.seen, by=request.user)):
        messages.success(request, f"{assessment} is agreed. Every partner of {area.name} can read it.")
        return redirect(assessment)
    has = f"{count_of_noun(len(assessed.figures), 'figure')} and {len(assessed.lists) or 'no'} lists of people"
    lead = (
        f"Once you agree it, every partner of {area.name} can read the assessment, and no one can change it. "
        f"You can’t undo this. The assessment has {has}."
    )
    context = make_context(assessed, "Agree the assessment", "Agree it", lead)
    return show_form(request, "reporting/market_form.html", form, context | {"is_final": True})
