"""Packs of regions for tests, as version 0.2.0 left them: the product makes no new ones. What the demonstration's
county issued then is in tests/data/region_pack."""

import json
from datetime import timedelta
from pathlib import Path

from django.utils import timezone

from boards.models import Consent, Region
from core.calendar import Month
from core.files import objects
from core.models import User
from reporting.models import IssuedRegionPack, PublicEdition, RegionPackSource, Snapshot
from tests.factories import make_user
from tests.regional import OCTOBER

MEETING = "Essex partnership"
CONTENT = Path(__file__).parent / "data" / "region_pack" / "COUNTY-2026-10-REGION-1.json"


def leave_pack(
    region: Region,
    *,
    reference: str = "SHIRE-2026-10-REGION-1",
    month: Month = OCTOBER,
    number: int = 1,
    by: User | None = None,
) -> IssuedRegionPack:
    """Leave a pack with no area's figures."""
    now, pdf = timezone.now(), objects.put(b"%PDF", objects.PDF)
    return IssuedRegionPack.objects.create(
        region=region,
        starts_on=month.first_day,
        number=number,
        reference=reference,
        meeting=MEETING,
        meeting_on=now.date() - timedelta(days=1),
        marking="OFFICIAL-SENSITIVE",
        content=json.loads(CONTENT.read_text(encoding="utf-8")),
        pdf=pdf,
        sha256=pdf.pk,
        issued_at=now,
        issued_by=by or make_user(),
    )


def leave_source(
    pack: IssuedRegionPack, consent: Consent, snapshot: Snapshot | None = None, edition: PublicEdition | None = None
) -> RegionPackSource:
    return RegionPackSource.objects.create(pack=pack, consent=consent, snapshot=snapshot, public_edition=edition)


def leave_issued(region: Region, *, number: int = 1, by: User | None = None) -> IssuedRegionPack:
    """Leave a pack with the newest version of each area that shows the region its published months."""
    reference = f"{region.slug}-{OCTOBER}-region-{number}".upper()
    pack = leave_pack(region, reference=reference, number=number, by=by)
    for consent in Consent.objects.filter(region=region, shows="partners"):
        months = Snapshot.objects.standing().filter(period__area=consent.area, period__starts_on=OCTOBER.first_day)
        if (newest := months.order_by("-version").first()) is not None:
            leave_source(pack, consent, newest)
    return pack
