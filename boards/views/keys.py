"""Keys for machines: list them, make one, replace it, take it over and revoke it."""

from contextlib import suppress
from datetime import timedelta
from typing import Any
from urllib.parse import urlencode

from allauth.account.internal.flows.reauthentication import is_reauthentication_required
from allauth.core.exceptions import ImmediateHttpResponse
from django.contrib import messages
from django.db.models import Q
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_safe

from boards.forms.area import EndForm, KeyForm
from boards.key_secrets import NewSecret
from boards.models import Agency, ApiKey, PartnershipArea
from boards.permissions import Access, AreaRequest, open_to
from boards.presenters.record import make_days
from boards.rules import PUBLISHERS, Role
from boards.selectors import list_key_uses, start_of_day
from boards.services.keys import (
    OVERLAP,
    can_revoke,
    is_own,
    make_key,
    replace_key,
    revoke_key,
    take_over_key,
    turn_keys,
)
from core.forms import kept
from core.forms.pages import NO_ACT, form_for, is_done, pressed, response_status, saved, show_form
from core.pages import PersonRequest

ONCE = "boards/key_made.html"
DAYS_SHOWN = 14  # of a key's uses


@open_to()
def key_list(request: AreaRequest, area: PartnershipArea) -> HttpResponse:
    """List one's own keys and the agency's; for the coordinator and the information officer all, with the switch."""
    if request.method == "POST":
        act = pressed(request)
        if act not in ("on", "off"):
            messages.error(request, NO_ACT)
        else:
            words = "Keys now work." if act == "on" else "Keys no longer work, and no one can make one."
            is_done(request, lambda: turn_keys(area, on=act == "on", by=request.user), done=words)
        return redirect("boards:key-list", area.slug)
    sees_all = request.access.is_any(*PUBLISHERS)
    context = {
        "keys": [(key, describe_key(key)) for key in list_keys(request.access)],
        "sees_all": sees_all,
        "can_turn_off": area.has_keys and sees_all,
        "can_turn_on": not area.has_keys and request.access.can_coordinate,
        "can_make": area.has_keys and may_have_keys(request.access),
    }
    return render(request, "boards/key_list.html", context)


@open_to()
def key_add(request: AreaRequest, area: PartnershipArea) -> HttpResponse:
    """Make a key. The page that answers shows its secret, once."""
    if (proof := ask_who(request)) is not None:
        return proof
    agencies = list(Agency.objects.in_use().filter(area=area, pk__in=request.access.led))
    form = form_for(request, lambda typed: KeyForm(typed, agencies=agencies))
    if new_key := saved(request, form, lambda: make_key(area, **form.values, by=request.user)):
        return show_secret(request, *new_key)
    can_make = area.has_keys and may_have_keys(request.access)
    return show_form(request, "boards/key_add.html", form, {"can_make": can_make}, status=response_status(form))


@open_to()
def key_view(request: AreaRequest, area: PartnershipArea, key: int) -> HttpResponse:
    """Show one key, and what can be done with it."""
    api_key = find_one(request.access, key)
    act = pressed(request)
    if request.method == "POST" and act == "replace" and (proof := ask_who(request)) is not None:
        return proof
    form = form_for(request, EndForm, act="replace")
    if act == "replace" and (
        new_key := saved(request, form, lambda: replace_key(api_key, **form.cleaned_data, by=request.user))
    ):
        return show_secret(request, *new_key, replaced=api_key)
    if request.method == "POST" and act != "replace":
        acts: dict[str, tuple[Any, str]] = {
            "revoke": (revoke_key, "The key no longer works."),
            "take-over": (take_over_key, "You are now responsible for this key."),
        }
        if act in acts:
            do, done = acts[act]
            is_done(request, lambda: do(api_key, by=request.user), done=done)
        else:
            messages.error(request, NO_ACT)
        return redirect("boards:key-view", area.slug, api_key.pk)
    is_over = api_key.revoked_at is not None or api_key.ends_on < timezone.localdate()
    owns = is_own(request.access, api_key)
    context = {
        "key": api_key,
        "state": describe_key(api_key),
        "can_revoke": not is_over and can_revoke(request.access, api_key),
        "can_replace": not is_over and owns and area.has_keys and not hasattr(api_key, "replaced_by"),
        "can_take_over": api_key.revoked_at is None
        and api_key.agency_id in request.access.led
        and api_key.answers_by_id != request.user.pk,
        "overlap": OVERLAP.days,
        "next": getattr(api_key, "replaced_by", None),
    }
    return show_form(request, "boards/key_view.html", form, context, status=response_status(form))


@open_to()
@require_safe
def key_uses(request: AreaRequest, area: PartnershipArea, key: int) -> HttpResponse:
    """Show how often a key was used on the last days, by the hour."""
    api_key = find_one(request.access, key)
    first = timezone.localdate() - timedelta(days=DAYS_SHOWN - 1)
    days = make_days(list_key_uses(api_key, start_of_day(first)), first)
    context = {
        "key": api_key,
        "days": days,
        "shown": DAYS_SHOWN,
        "requests": sum(day.requests for day in days),
        "refused": sum(day.refused for day in days),
    }
    return render(request, "boards/key_uses.html", context)


@require_safe
def own_keys(request: PersonRequest) -> HttpResponse:
    """List a person's keys in all areas, with the areas in which they may make one."""
    keys = ApiKey.objects.filter(person=request.user).select_related("area", "revoked_by", "agency", "person")
    areas = PartnershipArea.objects.filter(memberships__user=request.user).distinct()
    context = {"keys": [(key, describe_key(key)) for key in keys], "areas": areas}
    return render(request, "account/keys.html", context)


def ask_who(request: AreaRequest) -> HttpResponse | None:
    """Return the way to confirm that it is them, or None if they did so in the last minutes.

    A key outlives the session, so a session that somebody took mustn't be enough to make one."""
    # As for a second factor: core.identity.adapters says what is enough.
    with suppress(ImmediateHttpResponse):
        if not is_reauthentication_required(request, app="allauth.mfa"):
            return None
    if request.method == "POST":
        kept.keep(request)
    return redirect(f"{reverse('account_reauthenticate')}?{urlencode({'next': request.path})}")


def list_keys(access: Access) -> Any:
    """Return the keys of an area that somebody may see."""
    keys = ApiKey.objects.filter(area=access.area).select_related(
        "area", "agency", "person", "answers_by", "made_by", "revoked_by", "replaced_by"
    )
    return keys if access.is_any(*PUBLISHERS) else keys.filter(Q(person=access.user) | Q(agency__in=access.led))


def find_one(access: Access, key: int) -> ApiKey:
    """Return a key that somebody may see. Raises Http404 in the same words for another's and for none."""
    api_key: ApiKey | None = list_keys(access).filter(pk=key).first()
    if api_key is None:
        raise Http404("There is no such key, or it isn’t yours.")
    return api_key


def may_have_keys(access: Access) -> bool:
    return bool(access.roles - {Role.OPERATOR})


def show_secret(
    request: AreaRequest, key: ApiKey, secret: NewSecret, *, replaced: ApiKey | None = None
) -> HttpResponse:
    """Show the secret. No redirect: it would have to be stored until the next page."""
    if replaced is not None:
        replaced.refresh_from_db()
    return render(request, ONCE, {"key": key, "secret": secret.key, "replaced": replaced})


def describe_key(key: ApiKey) -> str:
    """Describe a key's state today, in a few words."""
    if key.revoked_at is not None:
        return "Revoked"
    if key.ends_on < timezone.localdate():
        return "Ended"
    return "Works" if key.area.has_keys else "Waits: keys are turned off"
