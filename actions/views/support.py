"""The offers of support of an area: make one, find one, and an offer's own page."""

from collections.abc import Callable
from functools import partial

from django import forms
from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from actions.filters.challenges import SupportFilter
from actions.forms.challenges import OfferForm, ReasonForm, TakeUpForm
from actions.models import Support
from actions.permissions import answers_for, can_challenge
from actions.presenters.challenges import support_view
from actions.presenters.files import make_support_file
from actions.presenters.subjects import Subject, subject_url
from actions.selectors.challenges import find_offer, readable_offers
from actions.services.support import decline, offer_support, take_up, withdraw_support
from actions.views.challenges import A_PAGE
from actions.views.raising import WHO, asked_subject
from actions.workflow import SupportState
from boards.models import Agency, Board, PartnershipArea
from boards.permissions import Access, AreaRequest, open_to
from boards.roles import Role
from core.downloads import download
from core.files import KINDS
from core.form_pages import (
    ANY_FORM,
    NOT_SENT,
    form_for,
    is_refused,
    is_saved,
    make_forms,
    pressed,
    show_act,
    show_form,
)
from core.not_held import NotHeld
from core.services.sent_once import taken_once

type Decide = Callable[..., Support]
# Act → heading and button, message once it is done, form, service.
ACTS: dict[str, tuple[str, str, type[forms.Form], Decide]] = {
    "take-up": ("Take it up", "You took {} up.", TakeUpForm, take_up),
    "decline": ("Decline it", "You declined {}.", ReasonForm, decline),
    "withdraw": ("Withdraw it", "You withdrew {}.", ReasonForm, withdraw_support),
}


@open_to()
@require_safe
def support_list(request: AreaRequest, area: PartnershipArea) -> HttpResponse:
    """List the offers that this person may read, filtered."""
    chosen = SupportFilter(request.GET, queryset=readable_offers(request.access))
    page = Paginator(chosen.qs, A_PAGE).get_page(request.GET.get("page"))
    url = reverse("actions:support-list", args=[area.slug])
    others = chosen.address(without="page")
    context = {
        "filter": chosen,
        "page": page,
        "rows": [support_view(support) for support in page],
        "others": others,
        "files": [(kind.label, f"{url}support.{name}{others}") for name, kind in KINDS.items()],
        "url": url,
        "may_offer": can_challenge(request.access),
    }
    return render(request, "actions/support_list.html", context)


@open_to()
@require_safe
def support_export(request: AreaRequest, area: PartnershipArea, kind: str) -> HttpResponse:
    """Return the same offers, filtered in the same way, as a file."""
    chosen = SupportFilter(request.GET, queryset=readable_offers(request.access))
    filters = [choice.words for choice in chosen.chosen]
    views = [support_view(support) for support in chosen.qs]
    return download(make_support_file(area, views, filters=filters, made_at=timezone.now()), kind)


@open_to(Role.STRATEGIC, because=WHO)
@require_http_methods(ANY_FORM)
@taken_once
def support_offer(request: AreaRequest, area: PartnershipArea) -> HttpResponse:
    """Offer support about the subject in the address."""
    thing = asked_subject(request)
    boards = Board.objects.in_use().filter(area=area)
    agencies = Agency.objects.in_use().filter(area=area)
    make = partial(OfferForm, boards=boards, agencies=agencies, initial={"to": likely_place(thing)})
    form = form_for(request, make, kept=NOT_SENT)
    offered: list[Support] = []
    if is_saved(request, form, lambda: offered.append(offer_support(form.draft(area, thing.parts), by=request.user))):
        messages.success(request, f"You offered {offered[0].reference} to {form.place}.")
        return redirect(offered[0])
    context = {"thing": thing}
    return show_form(request, "actions/support_offer.html", form, context)


def likely_place(thing: Subject) -> str:
    """Return an action's agency, a responsibility's board, or the agency that supplies an indicator."""
    action, responsibility, indicator = (thing.parts.get(name) for name in ("action", "responsibility", "indicator"))
    if action is not None:
        return f"agency-{action.agency_id}"
    if responsibility is not None:
        return f"board-{responsibility.board_id}"
    return f"agency-{indicator.owner_id}" if indicator is not None else ""


def acts_now(access: Access, support: Support) -> list[str]:
    """Return what this person may do with it now."""
    if support.state != SupportState.OFFERED:
        return []
    # These are only the buttons: each service checks the permission again.
    decides, offers = answers_for(access, support), can_challenge(access)
    return [act for act in ACTS if (offers if act == "withdraw" else decides)]


@open_to()
@require_http_methods(ANY_FORM)
def support_page(request: AreaRequest, area: PartnershipArea, number: int) -> HttpResponse:
    """Show the offer, and what this reader may do with it now."""
    support = find_offer(request.access, number)
    if support is None:
        raise NotHeld(f"There is no offer S{number}, or you can’t read it.")
    act = pressed(request)
    if act not in ACTS:
        return show(request, support)
    _, done, make, decide = ACTS[act]
    form = form_for(request, partial(make, prefix=act), kept=NOT_SENT)
    if is_saved(request, form, lambda: decide(support, why=form.cleaned_data["why"], by=request.user)):
        messages.success(request, done.format(support.reference))
        return redirect(support)
    if is_refused(form):
        support = find_offer(request.access, number) or support  # as it is now
    return show(request, support, act, form)


def show(request: AreaRequest, support: Support, act: str = "", form: forms.Form | None = None) -> HttpResponse:
    shown = make_forms(
        acts_now(request.access, support), lambda name: ACTS[name][2](prefix=name), pressed=act, form=form
    )
    context = {
        "view": support_view(support),
        "subject_url": subject_url(support, request.access),
        "acts": [(name, ACTS[name][0], own, is_possible) for name, own, is_possible in shown],
        "refused": act,
    }
    return show_act(request, "actions/support_view.html", form, context)
