"""Ask about a thing, from the page of that thing: raise a challenge; and what the form of an offer has in common with
it."""

from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.db import transaction
from django.http import HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from actions.forms.challenges import RaiseForm
from actions.models import Challenge
from actions.selectors.challenges import Answerer, answerers_in, pk_of
from actions.services.challenges import ChallengeDraft, raise_challenge
from actions.tasks import tell_whose_turn
from boards.forms import refuse
from boards.models import PartnershipArea
from boards.permissions import AreaRequest, open_to
from boards.roles import Role
from core.services import kept_forms
from core.services.sent_once import taken_once
from reporting.selectors import NotHeld, boards_of
from reporting.views.indicators import not_held
from reporting.views.nav import area_nav
from reporting.views.things import Thing, find_thing

WHO = "Only members of the strategic group raise challenges and offer support."
NOT_SENT = (
    "What you typed was not sent: you had been signed out, or the page was open too long. It is below. Send it now."
)
NO_ACT = "Nothing was changed: press one of the buttons below."


@open_to(Role.STRATEGIC, because=WHO)
@require_http_methods(["GET", "HEAD", "POST"])
@taken_once
def challenge_raise(request: AreaRequest, area: PartnershipArea) -> HttpResponse:
    """Ask about what the address says."""
    held, data = what_was_typed(request)
    try:
        thing = find_thing(request.access, request.GET if data is None or request.GET else data)
    except NotHeld as missing:
        return not_held(request, missing)
    answerers = [each for each in answerers_in(area) if each.user.pk != request.user.pk]
    usual = {"to": likely_answerer(thing, answerers)}
    form = RaiseForm(data, answerers=answerers, today=timezone.localdate(), initial=usual)
    if request.method == "POST" and form.is_valid():
        challenge = raised(request, thing, form)
        if challenge is not None:
            return redirect(challenge)
    context = about_context(request, thing, form, is_kept=held is not None) | {"answerers": answerers}
    return render(request, "actions/challenge_raise.html", context)


def what_was_typed(request: AreaRequest) -> tuple[QueryDict | None, QueryDict | None]:
    """What is kept of a form that could not be sent, for a page that is only opened; and that, or what is sent now."""
    if request.method == "POST":
        return None, request.POST
    held = kept_forms.kept(request.session, path=request.path, by=request.user)
    return held, held


def about_context(request: AreaRequest, thing: Thing, form: forms.BaseForm, *, is_kept: bool) -> dict[str, Any]:
    """For the page of a form about a thing."""
    return {
        "thing": thing,
        "form": form,
        "refusal": NOT_SENT if is_kept else "",
        "nav_html": area_nav(request.access, boards_of(request.access.area), here=""),
        "kept_field": kept_forms.FIELD,
        "proof": kept_forms.proof(request.user),
    }


def raised(request: AreaRequest, thing: Thing, form: RaiseForm) -> Challenge | None:
    """The challenge; None where it was refused, which the form then says."""
    asked = form.asked
    draft = ChallengeDraft(
        area=request.access.area,
        question=form.cleaned_data["question"],
        answerer=asked.user,
        due_on=form.cleaned_data["due_on"],
        board=asked.board,
        agency=asked.agency,
        **thing.parts,
    )
    try:
        challenge = raise_challenge(draft, by=request.user)
    except ValidationError as refused:
        refuse(form, refused)
        return None
    transaction.on_commit(tell_whose_turn, robust=True)
    kept_forms.forget(request.session)
    messages.success(request, f"You raised {challenge.reference}: {asked.user} owes the answer.")
    return challenge


def likely_answerer(thing: Thing, answerers: list[Answerer]) -> str:
    """Who the form has chosen already: an action's owner, for its agency or else its board; the chair of the board
    that answers for a responsibility. Of anything else nobody: who asks has to think of whom."""
    action, responsibility = thing.parts.get("action"), thing.parts.get("responsibility")
    if action is not None:
        owners = [each for each in answerers if each.user.pk == action.owner_id]
        places = (("agency", action.agency_id), ("board", action.board_id))
        fitting = [each for name, pk in places for each in owners if pk_of(getattr(each, name)) == pk]
        return fitting[0].key if fitting else ""
    if responsibility is not None:
        chairs = [each for each in answerers if each.is_chair and pk_of(each.board) == responsibility.board_id]
        return chairs[0].key if chairs else ""
    return ""
