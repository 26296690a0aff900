"""The packs that a region issued: the register, and reading one. New ones aren't made: a region prints its month."""

from django.core.paginator import Paginator
from django.db.models import F
from django.http import HttpResponse
from django.utils import timezone
from django.views.decorators.http import require_safe

from boards.models import Region
from boards.permissions import RegionRequest, noted_as, open_to_region
from core.files import objects
from reporting.packs.presenters.cover import safe
from reporting.packs.views.packs import as_file
from reporting.region_packs.presenters.since import describe_since
from reporting.region_packs.selectors import find_newest_by_month, find_pack, list_packs
from reporting.regions.readings import find_newest_month
from reporting.regions.views import show

PACKS_A_PAGE = 20


@open_to_region()
@require_safe
def pack_list(request: RegionRequest, region: Region) -> HttpResponse:
    """List every pack that the region issued, with what happened to its areas' figures since."""
    packs = list_packs(region).annotate(size=F("pdf__size"))
    page = Paginator(packs, PACKS_A_PAGE).get_page(request.GET.get("page"))
    newest, today = find_newest_by_month(page), timezone.localdate()
    missing = request.in_region.missing
    context = {
        "missing": missing,
        "newest": None if missing else find_newest_month(request.in_region),
        "page": page,
        "others": "?",
        "rows": [(pack, describe_since(pack, request.in_region.places, newest, today=today)) for pack in page],
    }
    return show(request, "region_pack_list", context)


@open_to_region()
@noted_as("region.pack_read")
@require_safe
def pack_view(request: RegionRequest, region: Region, reference: str) -> HttpResponse:
    """Show an issued pack as a page: its accessible record."""
    pack = find_pack(region, reference)
    since = describe_since(pack, request.in_region.places, find_newest_by_month([pack]), today=timezone.localdate())
    context = {
        "issued": pack,
        "pack": pack.content,
        "photos": {},
        "size": pack.pdf.size if pack.pdf else 0,
        "since": since,
        "sources": sorted(pack.sources.all(), key=lambda source: source.consent.area.name.casefold()),
    }
    return show(request, "region_pack_view", context, month=pack.month, marking=pack.marking)


@open_to_region()
@noted_as("region.pack_read")
@require_safe
def pack_pdf(request: RegionRequest, region: Region, reference: str) -> HttpResponse:
    """Return the exact file that was issued."""
    pack = find_pack(region, reference, with_file=True)
    return as_file(
        objects.read(pack.pdf), safe([pack.marking, pack.reference])
    )  # "OFFICIAL-SENSITIVE ESSEX-2026-10-REGION-1.pdf"
