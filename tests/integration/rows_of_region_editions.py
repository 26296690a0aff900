"""A region's public edition and one that waits, and how each constraint of their kinds is violated."""

from collections.abc import Callable
from typing import Any

from django.db import models
from django.utils import timezone

from boards.models import Consent, Region
from reporting.models import (
    PublicEdition,
    RegionalRest,
    RegionEdition,
    RegionEditionSource,
    RegionTotal,
)
from reporting.public.totals import describe, group_lines, read_lines
from tests.factories import make_user
from tests.integration.rows import twice
from tests.scenarios import Town

NOW = timezone.now()


def leave_region_editions(town: Town) -> None:
    region = Region.objects.create(slug="shire", name="Shire", made_at=NOW, made_by=town.coordinator)
    edition = PublicEdition.objects.filter(period__area=town.area, number__isnull=False).first()
    assert edition is not None
    shown = publish_by_hand(region, edition, Consent.objects.filter(area=town.area).first())
    total = RegionTotal.objects.create(edition=shown, indicator_code="arrests", areas=[], outcome="shown", value=7)
    RegionalRest.objects.create(
        total=total,
        period=edition.period,
        snapshot=edition.snapshot,
        indicator_code="arrests",
        below=5,
        parts=0,
    )
    finish(shown)
    RegionEdition.objects.create(
        region=region,
        starts_on=edition.period.starts_on,
        fingerprint="x",
        content={},
        asked_at=NOW,
        asked_by=town.coordinator,
    )


def publish_by_hand(region: Region, edition: PublicEdition, consent: Consent | None) -> RegionEdition:
    """One area's month, as the gate never would: it needs several areas. `finish` makes it public."""
    made = RegionEdition.objects.create(
        region=region,
        starts_on=edition.period.starts_on,
        fingerprint="x",
        content=describe_alone(edition),
        asked_at=NOW,
        asked_by=make_user(),
    )
    RegionEditionSource.objects.create(edition=made, public_edition=edition, consent=consent)
    return made


def describe_alone(edition: PublicEdition) -> dict[str, Any]:
    """What a region's edition of one area shows, without totals."""
    area, lines = edition.period.area, read_lines([edition])
    return {
        "areas": [{"slug": area.slug, "name": area.name, "edition": edition.number}],
        "missing": [],
        "residents": {},
        "lines": [
            describe([edition], of_areas, list(of_areas), None, edition.period.month)
            | {"counts_residents": None, "residents_why": ""}
            for of_areas in group_lines([edition], lines).values()
        ],
    }


def finish(edition: RegionEdition) -> None:
    by = make_user()
    RegionEdition.objects.filter(pk=edition.pk).update(
        state="published", number=1, agreed_at=NOW, agreed_by=by, published_at=NOW, published_by=by
    )


SHOWN, ASKED = (RegionEdition.objects.filter(number__isnull=is_asked) for is_asked in (False, True))
REGION_EDITION_CASES: list[tuple[str, Callable[[Town], object]]] = [
    ("region_edition_starts_a_month", lambda town: ASKED.update(starts_on="2026-09-02")),
    ("one_region_edition_per_number", lambda town: twice(SHOWN)),
    ("one_region_edition_under_way", lambda town: twice(ASKED)),
    ("region_edition_agreed_at_by", lambda town: ASKED.update(state="agreed")),
    ("region_edition_agreed_at_by", lambda town: SHOWN.update(agreed_by=None)),
    ("region_edition_agreed_by_another", lambda town: SHOWN.update(agreed_by=models.F("asked_by"))),
    ("region_edition_declined_at_by_why", lambda town: ASKED.update(state="declined", declined_why="Small")),
    ("region_edition_declined_at_by_why", lambda town: ASKED.update(declined_why="Small")),
    ("region_edition_published_at_by_number", lambda town: SHOWN.update(number=None)),
    ("region_edition_published_at_by_number", lambda town: SHOWN.update(number=0)),
    ("region_edition_published_at_by_number", lambda town: SHOWN.update(published_by=None)),
    ("region_edition_published_at_by_number", lambda town: ASKED.update(number=2)),
    ("prepared_region_edition_by_another", lambda town: SHOWN.update(asked_by=None)),
    ("source_once_in_a_region_edition", lambda town: twice(RegionEditionSource.objects.all())),
    ("one_region_total_per_indicator", lambda town: twice(RegionTotal.objects.all())),
    ("region_total_value_if_and_only_if_shown", lambda town: RegionTotal.objects.update(value=None)),
    ("region_total_value_if_and_only_if_shown", lambda town: RegionTotal.objects.update(outcome="refused")),
    ("one_regional_decision_per_count", lambda town: twice(RegionalRest.objects.all())),
]
