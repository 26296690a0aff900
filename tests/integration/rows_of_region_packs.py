"""A region's pack with an area's figures, and how each constraint of their kinds is violated."""

from collections.abc import Callable
from datetime import date

from boards.models import Consent
from reporting.models import IssuedRegionPack, RegionPackSource, Snapshot
from tests.integration.rows import twice
from tests.region_packs import leave_pack, leave_source
from tests.scenarios import Town


def leave_region_pack(town: Town) -> None:
    """Of the region that the town is in."""
    consent = Consent.objects.filter(area=town.area, region__isnull=False).first()
    version = Snapshot.objects.filter(period__area=town.area).first()
    assert consent is not None
    assert consent.region is not None
    assert version is not None
    leave_source(leave_pack(consent.region), consent, version)


PACKS, SOURCES = IssuedRegionPack.objects.all(), RegionPackSource.objects.all()
REGION_PACK_CASES: list[tuple[str, Callable[[Town], object]]] = [
    ("one_region_pack_per_number", lambda town: twice(PACKS, reference="X-1")),
    ("region_packs_count_from_one", lambda town: PACKS.update(number=0)),
    ("region_pack_starts_a_month", lambda town: PACKS.update(starts_on=date(2026, 10, 2))),
    ("region_pack_has_its_meeting", lambda town: PACKS.update(meeting="")),
    ("region_pack_has_its_file", lambda town: PACKS.update(pdf=None)),
    ("region_pack_has_its_file", lambda town: PACKS.update(sha256="0" * 64)),
    ("consent_once_in_a_region_pack", lambda town: twice(SOURCES)),
    ("region_pack_source_is_a_version_or_an_edition", lambda town: SOURCES.update(snapshot=None)),
]
