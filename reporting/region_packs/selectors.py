"""Finds the packs that a region issued, and what happened to their areas' figures since."""

from collections.abc import Iterable
from typing import NamedTuple

from django.db.models import Prefetch, QuerySet

from boards.models import Region
from core.calendar import date_label
from core.pages import NotHeld
from reporting.models import IssuedRegionPack, PublicEdition, RegionPackSource, Snapshot


def list_packs(region: Region) -> QuerySet[IssuedRegionPack]:
    """Return a region's register, the newest first, with whose figures each has, and without their content."""
    sources = RegionPackSource.objects.select_related("consent__area", "snapshot", "public_edition")
    return (
        IssuedRegionPack.objects.filter(region=region)
        .select_related("region", "issued_by")
        .prefetch_related(Prefetch("sources", sources))
        .defer("content")
    )


def find_pack(region: Region, reference: str, *, with_file: bool = False) -> IssuedRegionPack:
    """Return an issued pack with its content, or else with its file. Raises NotHeld, also for a pack that was
    removed."""
    packs = list_packs(region).select_related("pdf")
    packs = packs if with_file else packs.defer(None).defer("pdf__content")
    pack = packs.filter(reference=reference).first()
    if pack is None:
        raise NotHeld(f"{region.name} has no such pack.")
    if pack.removed_on is not None:
        raise NotHeld(
            f"Pack {pack.reference} was removed on {date_label(pack.removed_on)} under the retention rule. The "
            "register still has its number, its meeting and its hash."
        )
    return pack


class Newest(NamedTuple):
    """The newest version or edition of a month that is still there: its number; 0 without one."""

    number: int
    keys: frozenset[int]  # of all that are still there


class NewestByMonth(NamedTuple):
    """What areas' months have now, by the month's key."""

    versions: dict[int, Newest]
    editions: dict[int, Newest]


def find_newest_by_month(packs: Iterable[IssuedRegionPack]) -> NewestByMonth:
    """Return what the areas' months in these packs have now. Two queries, however many packs."""
    sources = [source for pack in packs for source in pack.sources.all()]
    versions = {source.snapshot.period_id for source in sources if source.snapshot is not None}
    editions = {source.public_edition.period_id for source in sources if source.public_edition is not None}
    standing = Snapshot.objects.standing().filter(period__in=versions).values_list("period_id", "version", "pk")
    public = PublicEdition.objects.filter(period__in=editions, number__isnull=False, withdrawal__isnull=True)
    return NewestByMonth(
        join(standing if versions else ()),
        join(public.values_list("period_id", "number", "pk") if editions else ()),
    )


def join(rows: Iterable[tuple[int, int | None, int]]) -> dict[int, Newest]:
    newest: dict[int, Newest] = {}
    for period, number, key in rows:
        before = newest.get(period, Newest(0, frozenset()))
        newest[period] = Newest(max(before.number, number or 0), before.keys | {key})
    return newest
