"""Keys for machines, of an area and of a region: list them, make one, replace it, take it over and revoke it."""

from contextlib import suppress
from datetime import timedelta
from typing import Any
from urllib.parse import urlencode

from allauth.account.internal.flows.reauthentication import is_reauthentication_required
from allauth.core.exceptions import ImmediateHttpResponse
from django.contrib import messages
from django.db.models import Q
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_safe

from boards.forms.area import EndForm, KeyForm, RegionKeyForm
from boards.key_secrets import NewSecret
from boards.models import Agency, ApiKey, PartnershipArea, Region, RegionKey
from boards.permissions import Access, AreaRequest, RegionAccess, RegionRequest, open_to, open_to_region
from boards.presenters.record import make_days
from boards.rules import PUBLISHERS, Role
from boards.selectors import list_key_uses, start_of_day
from boards.services.keys import (
    OVERLAP,
    AnyKey,
    can_revoke,
    can_revoke_in_region,
    is_own,
    make_key,
    make_region_key,
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
NO_KEY = "There is no such key, or it isn’t yours."
OF_REGION_KEY = ("region", "answers_by", "made_by", "revoked_by", "replaced_by")
OF_KEY = ("area", "agency", "person", "answers_by", "made_by", "revoked_by", "replaced_by")


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
    context = {
        "can_make": area.has_keys and may_have_keys(request.access),
        "place": area,
        "list_url": reverse("boards:key-list", args=[area.slug]),
    }
    return show_form(request, "boards/key_add.html", form, context, status=response_status(form))


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
        return redirect(api_key)
    context = describe_one(
        api_key,
        is_own=is_own(request.access, api_key),
        may_revoke=can_revoke(request.access, api_key),
        list_url=reverse("boards:key-list", args=[area.slug]),
    )
    context["can_take_over"] = (
        api_key.revoked_at is None
        and api_key.agency_id in request.access.led
        and api_key.answers_by_id != request.user.pk
    )
    return show_form(request, "boards/key_view.html", form, context, status=response_status(form))


@open_to()
@require_safe
def key_uses(request: AreaRequest, area: PartnershipArea, key: int) -> HttpResponse:
    """Show how often a key was used on the last days, by the hour."""
    return show_uses(request, find_one(request.access, key))


# --- A region's -----------------------------------------------------------------------------------


@open_to_region()
@require_safe
def region_key_list(request: RegionRequest, region: Region) -> HttpResponse:
    """List one's own keys of a region; all of them for a director."""
    keys = list_region_keys(request.in_region)
    context = {
        "region": region,
        "in_region": request.in_region,
        "keys": [(key, describe_key(key)) for key in keys],
        "sees_all": request.in_region.can_set_up,
    }
    return render(request, "boards/region_key_list.html", context)


@open_to_region()
def region_key_add(request: RegionRequest, region: Region) -> HttpResponse:
    """Make a key. The page that answers shows its secret, once."""
    if (proof := ask_who(request)) is not None:
        return proof
    form = form_for(request, RegionKeyForm)
    if new_key := saved(request, form, lambda: make_region_key(region, **form.cleaned_data, by=request.user)):
        return show_secret(request, *new_key)
    list_url = reverse("region-setup:key-list", args=[region.slug])
    context = {"can_make": True, "place": region, "list_url": list_url}
    return show_form(request, "boards/key_add.html", form, context, status=response_status(form))


@open_to_region()
def region_key_view(request: RegionRequest, region: Region, region_key: int) -> HttpResponse:
    """Show one key; replace or revoke it."""
    api_key = find_region_key(request.in_region, region_key)
    act = pressed(request)
    if request.method == "POST" and act == "replace" and (proof := ask_who(request)) is not None:
        return proof
    form = form_for(request, EndForm, act="replace")
    if act == "replace" and (
        new_key := saved(request, form, lambda: replace_key(api_key, **form.cleaned_data, by=request.user))
    ):
        return show_secret(request, *new_key, replaced=api_key)
    if request.method == "POST" and act != "replace":
        if act == "revoke":
            is_done(request, lambda: revoke_key(api_key, by=request.user), done="The key no longer works.")
        else:
            messages.error(request, NO_ACT)
        return redirect(api_key)
    context = describe_one(
        api_key,
        is_own=api_key.answers_by_id == request.user.pk,
        may_revoke=can_revoke_in_region(request.in_region, api_key),
        list_url=reverse("region-setup:key-list", args=[region.slug]),
    )
    return show_form(request, "boards/key_view.html", form, context, status=response_status(form))


@open_to_region()
@require_safe
def region_key_uses(request: RegionRequest, region: Region, region_key: int) -> HttpResponse:
    return show_uses(request, find_region_key(request.in_region, region_key))


def list_region_keys(access: RegionAccess) -> Any:
    """Return the keys of a region that somebody may see."""
    keys = RegionKey.objects.filter(region=access.region).select_related(*OF_REGION_KEY)
    return keys if access.can_set_up else keys.filter(answers_by=access.user)


def find_region_key(access: RegionAccess, key: int) -> RegionKey:
    """Raises Http404 in the same words for another's and for none."""
    api_key: RegionKey | None = list_region_keys(access).filter(pk=key).first()
    if api_key is None:
        raise Http404(NO_KEY)
    return api_key


# --- Of both --------------------------------------------------------------------------------------


def describe_one(key: AnyKey, *, is_own: bool, may_revoke: bool, list_url: str) -> dict[str, Any]:
    """Return what the page of a key says, and what somebody can do there."""
    is_over = key.revoked_at is not None or key.ends_on < timezone.localdate()
    return {
        "key": key,
        "state": describe_key(key),
        "list_url": list_url,
        "can_revoke": not is_over and may_revoke,
        "can_replace": not is_over and is_own and not key.is_turned_off and not hasattr(key, "replaced_by"),
        "overlap": OVERLAP.days,
        "next": getattr(key, "replaced_by", None),
    }


def show_uses(request: HttpRequest, api_key: AnyKey) -> HttpResponse:
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
    keys: list[AnyKey] = list(ApiKey.objects.filter(person=request.user).select_related(*OF_KEY))
    keys += RegionKey.objects.filter(answers_by=request.user).select_related(*OF_REGION_KEY)
    areas = PartnershipArea.objects.filter(memberships__user=request.user).distinct()
    regions = Region.objects.filter(memberships__user=request.user).distinct()
    context = {"keys": [(key, describe_key(key)) for key in keys], "areas": areas, "regions": regions}
    return render(request, "account/keys.html", context)


def ask_who(request: AreaRequest | RegionRequest) -> HttpResponse | None:
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
    keys = ApiKey.objects.filter(area=access.area).select_related(*OF_KEY)
    return keys if access.is_any(*PUBLISHERS) else keys.filter(Q(person=access.user) | Q(agency__in=access.led))


def find_one(access: Access, key: int) -> ApiKey:
    """Return a key that somebody may see. Raises Http404 in the same words for another's and for none."""
    api_key: ApiKey | None = list_keys(access).filter(pk=key).first()
    if api_key is None:
        raise Http404(NO_KEY)
    return api_key


def may_have_keys(access: Access) -> bool:
    return bool(access.roles - {Role.OPERATOR})


def show_secret(
    request: HttpRequest, key: AnyKey, secret: NewSecret, *, replaced: AnyKey | None = None
) -> HttpResponse:
    """Show the secret. No redirect: it would have to be stored until the next page."""
    if replaced is not None:
        replaced.refresh_from_db()
    return render(request, ONCE, {"key": key, "secret": secret.key, "replaced": replaced})


def describe_key(key: AnyKey) -> str:
    """Describe a key's state today, in a few words."""
    if key.revoked_at is not None:
        return "Revoked"
    if key.ends_on < timezone.localdate():
        return "Ended"
    return "Waits: keys are turned off" if key.is_turned_off else "Works"
