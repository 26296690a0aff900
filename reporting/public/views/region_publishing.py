"""Two people of a region decide what it shows to anybody: ask for approval, approve or decline, publish."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from boards.models import Region
from boards.permissions import RegionRequest, noted_as, open_to_region
from boards.rules import RegionRole
from core.calendar import Month
from core.forms.fields import NOTHING_DECIDED
from core.forms.pages import ANY_FORM, describe_refusal, form_for, form_left, is_saved, send_back, show_form, try_to
from core.labels import TransitionRefused
from core.models import User
from core.pages import NotHeld
from reporting.models.region_editions import RegionEdition
from reporting.public import region_services as services
from reporting.public.presenters.region_month import SERIES, make_view
from reporting.public.presenters.region_publishing import count_settled, describe_who, list_rows, word_refusal
from reporting.public.region_selectors import find_region_month, list_series, list_states
from reporting.public.region_services import RegionEditionForm
from reporting.public.totals import try_edition

DECIDED = {
    "ask": "You asked for approval of the public edition of {}. Somebody else of the region has to look at it.",
    "agree": "You approved the public edition of {}. A director can make it public now.",
    "decline": "You declined the public edition of {}.",
    "publish": "{} is public: anybody can read it now.",
}
WITHDRAWN = "You withdrew your request about the public edition of {}."


@open_to_region()
@noted_as("region.read")
@require_http_methods(["GET", "HEAD"])
def edition_list(request: RegionRequest, region: Region) -> HttpResponse:
    """List the months that the region's areas have made public, with the region's own editions."""
    context = {"region": region, "missing": request.in_region.missing, "rows": list_rows(list_states(region))}
    return render(request, "reporting/region_publishing.html", context)


@open_to_region()
@noted_as("region.read")
@require_http_methods(ANY_FORM)
def edition(request: RegionRequest, region: Region, month: Month) -> HttpResponse:
    """Show what anybody would read of a month, and whose turn it is."""
    if request.method == "POST":
        return take_decision(request, region, month)
    form = form_left(request, lambda typed: RegionEditionForm(typed, auto_id="left-%s"))
    waiting, newest = services.under_way(region, month), services.newest_edition(region, month)
    is_own = waiting is not None and waiting.asked_by_id == request.user.pk
    context = {
        "region": region,
        "month": month,
        "waiting": waiting,
        "newest": newest,
        "is_down": newest is not None and is_down(region, month),
        "who": describe_who(newest) if newest else "",
        "is_own": is_own,
        "refusal": word_refusal(waiting, is_own=is_own) if waiting else None,
        "is_director": request.in_region.is_any(RegionRole.DIRECTOR),
        "why_not": why_not_decided_by(request, waiting) if waiting else "",
        **preview(region, month, waiting, newest),
    }
    return show_form(request, "reporting/region_publishing_month.html", form, context)


def why_not_decided_by(request: RegionRequest, waiting: RegionEdition) -> str:
    """Return why this person can't approve the edition in progress, or make it public; empty where they can."""
    check = services.check_can_open if waiting.agreed_by_id is not None else services.check_can_approve
    refusal = try_to(lambda: check(waiting, by=request.user))
    return describe_refusal(refusal) if refusal else ""


def is_down(region: Region, month: Month) -> bool:
    try:
        find_region_month(region.slug, month)
    except NotHeld:
        return True
    return False


def preview(
    region: Region, month: Month, waiting: RegionEdition | None, newest: RegionEdition | None
) -> dict[str, object]:
    """Return what the edition in progress would show, or the one that could be asked for."""
    prepared, refused = try_edition(region, month)
    if prepared is None:
        return {"refused": refused}
    is_out_of_step = waiting is not None and waiting.fingerprint != prepared.fingerprint
    # Somebody decides about the edition itself. Once it is out of date, nobody may read it any more: an area may have
    # withdrawn its consent or its month since.
    content = waiting.content if waiting and not is_out_of_step else prepared.undecided
    before = {one.month: one.content for one in list_series(region.slug, month + -(SERIES - 1), month.previous)}
    return {
        "view": make_view(content, name=region.name, month=month, before=before),
        "settles": count_settled(prepared),
        "is_out_of_step": is_out_of_step,
        "says_the_same": newest is not None and newest.fingerprint == prepared.fingerprint,
    }


@open_to_region(RegionRole.DIRECTOR)
@noted_as("region.read")
@require_http_methods(["GET", "HEAD"])
def edition_publish(request: RegionRequest, region: Region, month: Month) -> HttpResponse:
    """Ask once more before a month is made public: what its totals decide can't be undone."""
    waiting = services.under_way(region, month)
    if waiting is None or waiting.agreed_by_id is None:
        return redirect("region-public:edition", region.slug, month)
    context = {"region": region, "month": month, "waiting": waiting, **preview(region, month, waiting, None)}
    return render(request, "reporting/region_publishing_open.html", context)


def take_decision(request: RegionRequest, region: Region, month: Month) -> HttpResponse:
    """Show the page again with the decision, or with why there was none."""
    form = form_for(request, RegionEditionForm)
    if not is_saved(request, form, lambda: decide(region, month, form, by=request.user)):
        return send_back(request, form, request.path)
    decision = form.cleaned_data["decision"]
    is_own = decision == "decline" and was_asked_by(request.user, region, form)
    messages.success(request, (WITHDRAWN if is_own else DECIDED[decision]).format(month.label))
    return redirect(request.path)


def was_asked_by(user: User, region: Region, form: RegionEditionForm) -> bool:
    return RegionEdition.objects.filter(region=region, pk=form.cleaned_data["edition"], asked_by=user).exists()


def decide(region: Region, month: Month, form: RegionEditionForm, *, by: User) -> None:
    """Do what the button says, with the edition that the page showed."""
    typed = form.cleaned_data
    if typed["decision"] == "ask":
        services.ask_consent(region, month, by=by)
        return
    # The key comes from a form, and must not reach another region's edition.
    edition_row = RegionEdition.objects.filter(region=region, starts_on=month.first_day, pk=typed["edition"]).first()
    if edition_row is None:
        raise TransitionRefused(NOTHING_DECIDED)
    edition_row.region = region
    match typed["decision"]:
        case "agree":
            services.agree(edition_row, by=by, seen=typed["seen"])
        case "decline":
            services.decline(edition_row, why=typed["why"], by=by)
        case _:
            services.publish_edition(edition_row, by=by)
