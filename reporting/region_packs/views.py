"""The packs of a region: the register, making and issuing one, and reading what was issued."""

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import F
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from boards.models import Region
from boards.permissions import noted_as
from boards.region_permissions import RegionRequest, open_to_region
from core import objects
from core.form_pages import ANY_FORM, form_for, is_saved, pressed, show_form
from core.months import Month
from core.services.sent_once import taken_once
from reporting.models.region_packs import IssuedRegionPack
from reporting.packs.forms import IssueForm
from reporting.packs.views.packs import as_file
from reporting.region_packs.presenters.gather import gather_sources
from reporting.region_packs.presenters.pack import make_file_name, make_pack, make_token
from reporting.region_packs.presenters.since import describe_since
from reporting.region_packs.selectors import find_pack, list_held, list_packs
from reporting.region_packs.services import issue_pack
from reporting.regions.readings import list_shown_months
from reporting.regions.selectors import find_newest
from reporting.regions.views import find_asked, make_frame, show, show_waiting

PACKS_A_PAGE = 20


@open_to_region()
@require_safe
def pack_list(request: RegionRequest, region: Region) -> HttpResponse:
    """List every pack that the region issued, with what happened to its areas' figures since."""
    packs = list_packs(region).annotate(size=F("pdf__size"))
    page = Paginator(packs, PACKS_A_PAGE).get_page(request.GET.get("page"))
    held, today = list_held(page), timezone.localdate()
    months = [] if request.in_region.missing else list_shown_months(request.in_region)
    context = {
        "missing": request.in_region.missing,
        "months": [each.month for each in reversed(months)],
        "newest": find_newest(months),
        "page": page,
        "others": "?",
        "rows": [(pack, describe_since(pack, request.in_region.places, held, today=today)) for pack in page],
    }
    return show(request, "region_pack_list", context)


@open_to_region()
@require_safe
def pack_choose(request: RegionRequest, region: Region) -> HttpResponse:
    """Lead to the draft of a month: ?month=2026-10. Without one, of the newest."""
    if request.in_region.missing:
        return show_waiting(request)
    month = find_asked(request) or find_newest(list_shown_months(request.in_region))
    return show_waiting(request) if month is None else redirect("reporting:region-pack-make", region.slug, month)


@open_to_region()
@noted_as("region.read")
@require_http_methods(ANY_FORM)
@taken_once
def pack_make(request: RegionRequest, region: Region, month: Month) -> HttpResponse:
    """Show what would be issued, and issue it."""
    if request.in_region.missing:
        return show_waiting(request)
    form = form_for(request, lambda typed: IssueForm(typed, auto_id="issue_%s"))
    issued: list[IssuedRegionPack] = []
    if is_saved(request, form, lambda: issued.append(issue(request, region, month, form))):
        messages.success(request, f"Pack {issued[0].reference} is issued.")
        return redirect(issued[0])
    made = make_pack(gather_sources(request.in_region, month))
    context = make_frame(request, month=month, marking=made.marking) | {
        "pack": made.as_data(),
        "token": make_token(made),
        "photos": {},
        "here": request.path,
    }
    return show_form(request, "reporting/region_pack_make.html", form, context)


def issue(request: RegionRequest, region: Region, month: Month, form: IssueForm) -> IssuedRegionPack:
    return issue_pack(region, month, **form.cleaned_data, seen=pressed(request, "seen"), by=request.user)


@open_to_region()
@noted_as("region.pack_read")
@require_safe
def pack_view(request: RegionRequest, region: Region, reference: str) -> HttpResponse:
    """Show an issued pack as a page: its accessible record."""
    pack = find_pack(region, reference)
    since = describe_since(pack, request.in_region.places, list_held([pack]), today=timezone.localdate())
    context = {
        "issued": pack,
        "pack": pack.content,
        "photos": {},
        "size": pack.pdf.size if pack.pdf else 0,
        "since": since,
        "sources": sorted(pack.sources.all(), key=lambda each: each.consent.area.name.casefold()),
    }
    return show(request, "region_pack_view", context, month=pack.month, marking=pack.marking)


@open_to_region()
@noted_as("region.pack_read")
@require_safe
def pack_pdf(request: RegionRequest, region: Region, reference: str) -> HttpResponse:
    """Return the exact file that was issued."""
    pack = find_pack(region, reference, with_file=True)
    return as_file(objects.read(pack.pdf), make_file_name(pack))
