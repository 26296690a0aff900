"""A pack of a region for tests, issued as the product does it; and one made by hand, for what only needs a row."""

from datetime import timedelta

from django.utils import timezone

from boards.models import Consent, Region
from boards.region_permissions import find_region_access
from core import objects
from core.models import User
from core.months import Month
from reporting.models import IssuedRegionPack, RegionPackSource, Snapshot
from reporting.region_packs.presenters.gather import gather_sources
from reporting.region_packs.presenters.pack import make_pack, make_token
from reporting.region_packs.services import issue_pack
from tests.factories import make_user
from tests.regional import OCTOBER

MEETING = "Essex partnership"


def issue(region: Region, *, by: User, month: Month = OCTOBER) -> IssuedRegionPack:
    """What somebody sees is issued, for a meeting today."""
    seen = make_token(make_pack(gather_sources(find_region_access(by, region.slug), month)))
    return issue_pack(region, month, meeting=MEETING, meeting_on=timezone.localdate(), seen=seen, by=by)


def leave_pack(
    region: Region, *, reference: str = "SHIRE-2026-10-REGION-1", month: Month = OCTOBER
) -> IssuedRegionPack:
    now, pdf = timezone.now(), objects.put(b"%PDF", objects.PDF)
    return IssuedRegionPack.objects.create(
        region=region,
        starts_on=month.first_day,
        number=1,
        reference=reference,
        meeting=MEETING,
        meeting_on=now.date() - timedelta(days=1),
        marking="OFFICIAL",
        content={"title": "x", "cover": {"board": region.name}, "chapters": []},
        pdf=pdf,
        sha256=pdf.pk,
        issued_at=now,
        issued_by=make_user(),
    )


def leave_source(pack: IssuedRegionPack, consent: Consent, snapshot: Snapshot) -> RegionPackSource:
    return RegionPackSource.objects.create(pack=pack, consent=consent, snapshot=snapshot)
