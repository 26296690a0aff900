"""The offers of support of an area: make one, find one, and an offer's own page."""

from collections.abc import Callable

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from actions.forms.challenges import OfferForm, ReasonForm, TakeUpForm
from actions.models import Support
from actions.permissions import answers_for, can_challenge
from actions.presenters.challenges import support_view
from actions.selectors.challenges import find_offer, readable_offers
from actions.services.support import SupportDraft, decline, offer_support, take_up, withdraw_support
from actions.workflow import SupportState
from boards.forms import refuse
from boards.models import Agency, Board, PartnershipArea
from boards.permissions import Access, AreaRequest, open_to
from boards.roles import Role
from core.services import kept_forms
from core.services.sent_once import taken_once
from core.transitions import TransitionRefused
from reporting.filters import SupportFilter
from reporting.presenters import KINDS
from reporting.presenters.asked import support_file
from reporting.selectors import NotHeld, boards_of
from reporting.views.asking import NO_ACT, NOT_SENT, WHO, about_context, what_was_typed
from reporting.views.challenges import A_PAGE
from reporting.views.exports import download
from reporting.views.indicators import not_held
from reporting.views.nav import area_nav
from reporting.views.things import Thing, find_thing, thing_url

type Decide = Callable[..., Support]
# Act → heading and button, what is said once it is done, the form, the service.
ACTS: dict[str, tuple[str, str, type[forms.Form], Decide]] = {
    "take-up": ("Take it up", "You took {} up.", TakeUpForm, take_up),
    "decline": ("Decline it", "You declined {}.", ReasonForm, decline),
    "withdraw": ("Withdraw it", "You withdrew {}.", ReasonForm, withdraw_support),
}


@open_to()
@require_safe
def support_list(request: AreaRequest, area: PartnershipArea) -> HttpResponse:
    """The offers that this person may read, filtered."""
    chosen = SupportFilter(request.GET, queryset=readable_offers(request.access))
    page = Paginator(chosen.qs, A_PAGE).get_page(request.GET.get("page"))
    url = reverse("reporting:support-list", args=[area.slug])
    others = chosen.address(without="page")
    context = {
        "filter": chosen,
        "page": page,
        "rows": [support_view(support) for support in page],
        "others": others,
        "files": [(kind.label, f"{url}support.{name}{others}") for name, kind in KINDS.items()],
        "url": url,
        "nav_html": area_nav(request.access, boards_of(area), here=url),
        "may_offer": can_challenge(request.access),
    }
    return render(request, "actions/support_list.html", context)


@open_to()
@require_safe
def support_export(request: AreaRequest, area: PartnershipArea, kind: str) -> HttpResponse:
    """The same, filtered the same, as a file."""
    chosen = SupportFilter(request.GET, queryset=readable_offers(request.access))
    filters = [choice.words for choice in chosen.chosen]
    views = [support_view(support) for support in chosen.qs]
    return download(support_file(area, views, filters=filters, made_at=timezone.now()), kind)


@open_to(Role.STRATEGIC, because=WHO)
@require_http_methods(["GET", "HEAD", "POST"])
@taken_once
def support_offer(request: AreaRequest, area: PartnershipArea) -> HttpResponse:
    """Offer support with what the address says."""
    held, data = what_was_typed(request)
    try:
        thing = find_thing(request.access, request.GET if data is None or request.GET else data)
    except NotHeld as missing:
        return not_held(request, missing)
    boards = Board.objects.in_use().filter(area=area)
    agencies = Agency.objects.in_use().filter(area=area)
    form = OfferForm(data, boards=boards, agencies=agencies, initial={"to": likely_place(thing)})
    if request.method == "POST" and form.is_valid():
        support = offered(request, thing, form)
        if support is not None:
            return redirect(support)
    context = about_context(request, thing, form, is_kept=held is not None)
    return render(request, "actions/support_offer.html", context)


def likely_place(thing: Thing) -> str:
    """The agency of an action, the board of a responsibility, the agency that supplies an indicator."""
    action, responsibility, indicator = (thing.parts.get(name) for name in ("action", "responsibility", "indicator"))
    if action is not None:
        return f"agency-{action.agency_id}"
    if responsibility is not None:
        return f"board-{responsibility.board_id}"
    return f"agency-{indicator.owner_id}" if indicator is not None else ""


def offered(request: AreaRequest, thing: Thing, form: OfferForm) -> Support | None:
    """The offer; None where it was refused, which the form then says."""
    place = form.place
    draft = SupportDraft(
        area=request.access.area,
        offer=form.cleaned_data["offer"],
        board=place if isinstance(place, Board) else None,
        agency=place if isinstance(place, Agency) else None,
        **thing.parts,
    )
    try:
        support = offer_support(draft, by=request.user)
    except ValidationError as refused:
        refuse(form, refused)
        return None
    kept_forms.forget(request.session)
    messages.success(request, f"You offered {support.reference} to {place}.")
    return support


def acts_now(access: Access, support: Support) -> list[str]:
    """What this person may do with it now."""
    if support.state != SupportState.OFFERED:
        return []
    decides, offers = answers_for(access, support), can_challenge(access)
    return [act for act in ACTS if (offers if act == "withdraw" else decides)]


@open_to()
@require_http_methods(["GET", "HEAD", "POST"])
def support_page(request: AreaRequest, area: PartnershipArea, number: int) -> HttpResponse:
    """What is offered, and what this reader may do with it now."""
    support = find_offer(request.access, number)
    if support is None:
        return not_held(request, NotHeld(f"There is no offer S{number}, or it is for others to read."))
    if request.method == "POST":
        return act_on(request, support, str(request.POST.get("act", "")))
    held = kept_forms.kept(request.session, path=request.path, by=request.user)
    act = str(held.get("act", "")) if held is not None else ""
    if act not in ACTS:
        return show(request, support)
    return show(request, support, refused=act, form=ACTS[act][2](held, prefix=act), refusal=NOT_SENT)


def act_on(request: AreaRequest, support: Support, act: str) -> HttpResponse:
    """Do what the button says. What is refused is said, and what was typed stays in its form."""
    if act not in ACTS:
        return show(request, support, refusal=NO_ACT, status=400)
    _, done, form_class, decide = ACTS[act]
    form = form_class(request.POST, prefix=act)
    if not form.is_valid():
        return show(request, support, refused=act, form=form)
    try:
        decide(support, why=form.cleaned_data["why"], by=request.user)
    except ValidationError as refused:
        refuse(form, refused)
        return show(request, support, refused=act, form=form)
    except (TransitionRefused, PermissionDenied) as refused:
        status = 409 if isinstance(refused, TransitionRefused) else 403
        now = find_offer(request.access, support.number) or support
        return show(request, now, refused=act, form=form, refusal=str(refused), status=status)
    kept_forms.forget(request.session)
    messages.success(request, done.format(support.reference))
    return redirect(support)


def show(
    request: AreaRequest,
    support: Support,
    *,
    refused: str = "",
    form: forms.Form | None = None,
    refusal: str = "",
    status: int = 200,
) -> HttpResponse:
    now = acts_now(request.access, support)
    shown = [*now, refused] if refused and refused not in now else now
    acts = []
    for act in shown:
        heading, _, form_class, _ = ACTS[act]
        own = form if act == refused and form is not None else form_class(prefix=act)
        acts.append((act, heading, own, act in now))
    context = {
        "view": support_view(support),
        "thing_url": thing_url(support, request.access),
        "acts": acts,
        "refused": refused,
        "refusal": refusal,
        "form": form,
        "has_errors": bool(refusal),
        "nav_html": area_nav(request.access, boards_of(support.area), here=""),
        "kept_field": kept_forms.FIELD,
        "proof": kept_forms.proof(request.user) if acts else "",
    }
    return render(request, "actions/support_view.html", context, status=status)
