"""All boards' packs of a month in one zip: ask for it, see its progress, download it."""

from functools import partial

from django.contrib import messages
from django.db import transaction
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.http import content_disposition_header
from django.views.decorators.http import require_POST, require_safe

from boards.models import PartnershipArea, ReportingPeriod
from boards.permissions import Access, AreaRequest, noted_as, open_to
from boards.roles import AREA_ROLES, DRAFT_READERS
from core import objects
from core.months import Month
from reporting.models.packs import PackBundle
from reporting.months.readings import find_period
from reporting.months.tasks import hint_roll_up
from reporting.packs.selectors.bundles import KEPT_FOR, list_bundles
from reporting.packs.services.bundles import ask_bundle, can_ask
from reporting.packs.tasks import make_pack_bundle

WHO_ASKS = "Only somebody with a role in the area can ask for its packs."
WHO = "Only people who can read every board’s packs can get them together."


def bundle_form(access: Access) -> dict[str, object]:
    """Return what _pack_bundle_form.html needs: the months to choose from, and the bundles. Empty for people who may
    not read one. An operator may read them, but has no month to choose.
    """
    if not access.can_see_drafts:
        return {}
    periods = ReportingPeriod.objects.filter(area=access.area).order_by("-starts_on") if can_ask(access) else ()
    published = next((period for period in periods if period.is_published), None)
    return {
        "bundle_months": [period.month for period in periods],
        "bundle_month": published.month if published else None,
        "bundles": list_bundles(access.area),
        "bundle_days": KEPT_FOR.days,
    }


@open_to(*AREA_ROLES, because=WHO_ASKS)
@require_POST
def bundle_ask(request: AreaRequest, area: PartnershipArea) -> HttpResponse:
    """Ask for all boards' packs of a month."""
    try:
        month = Month.parse(str(request.POST.get("month", "")))
    except ValueError:
        messages.error(request, "Choose a month for the packs.")
        return redirect("reporting:pack-list", area.slug)
    period = find_period(area, month).period
    bundle = ask_bundle(period, by=request.user)
    if period.stale_since is not None:
        hint_roll_up(area)
    # If Redis can't be reached, the person goes on, and the sweep makes the bundle.
    transaction.on_commit(partial(make_pack_bundle.delay, bundle.pk), robust=True)
    return redirect("reporting:bundle-view", area.slug, bundle.pk)


@open_to(*DRAFT_READERS, because=WHO)
@require_safe
def bundle_view(request: AreaRequest, area: PartnershipArea, bundle: int) -> HttpResponse:
    """Show a bundle's progress, and the link to its file."""
    found = get_object_or_404(list_bundles(area), pk=bundle)
    missing = found.total - found.made
    context = {"bundle": found, "month": found.period.month, "missing": missing, "days": KEPT_FOR.days}
    return render(request, "reporting/bundle_view.html", context)


@open_to(*DRAFT_READERS, because=WHO)
@noted_as("pack.read")
@require_safe
def bundle_zip(request: AreaRequest, area: PartnershipArea, bundle: int) -> HttpResponse:
    """Return the file of a finished bundle."""
    found = list_bundles(area).select_related("file").filter(pk=bundle, file__isnull=False).first()
    if found is None or found.file is None:
        raise Http404("There is no such zip, it isn’t finished, or it was deleted. Ask for it again.")
    return HttpResponse(
        objects.read(found.file),
        content_type=found.file.media_type,
        headers={"Content-Disposition": content_disposition_header(True, file_name(found))},
    )


def file_name(bundle: PackBundle) -> str:
    """ "OFFICIAL-SENSITIVE anytown 2026-10 packs.zip"."""
    words = (bundle.marking, bundle.period.area.slug, str(bundle.period.month), "packs.zip")
    return " ".join(filter(None, words))
