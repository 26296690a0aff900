"""What goes in time: issued packs (regions’ too), frozen documents, and editions that nobody published."""

from datetime import datetime

from django.db.models import QuerySet
from django.utils import timezone

from boards.deletion import list_every_hold
from boards.retention import Kind, Removed
from core.files import objects
from reporting.freeze import DOCUMENTS, PACKS, REGION_PACKS
from reporting.models import (
    DocumentEdition,
    IssuedPack,
    IssuedRegionPack,
    PackPhoto,
    PublicEdition,
    RegionalRest,
    RegionEdition,
    RegionEditionSource,
)
from reporting.workflow import EditionState


def list_packs(area: str) -> QuerySet[IssuedPack]:
    return IssuedPack.objects.filter(period__area__slug=area, removed_on__isnull=True).order_by("issued_at", "pk")


def remove_packs(area: str, before: datetime, limit: int) -> Removed:
    """Remove what the packs say, with their files and pictures. Their references, days, boards and hashes stay."""
    files = dict(list_packs(area).filter(issued_at__lt=before).values_list("pk", "pdf")[:limit])
    photos = PackPhoto.objects.filter(pack__in=files)
    objects.delete_soon([*files.values(), *photos.values_list("picture", flat=True)])
    # The pictures first: the database lets them go only while their pack may.
    photos.delete()
    IssuedPack.objects.filter(pk__in=files).update(content={}, pdf=None, removed_on=timezone.localdate())
    return Removed(len(files))


def list_region_packs(area: str) -> QuerySet[IssuedRegionPack]:
    """List the packs of all regions: they belong to no area."""
    return IssuedRegionPack.objects.filter(removed_on__isnull=True).order_by("issued_at", "pk")


def remove_region_packs(area: str, before: datetime, limit: int) -> Removed:
    files = dict(list_region_packs(area).filter(issued_at__lt=before).values_list("pk", "pdf")[:limit])
    objects.delete_soon(files.values())
    IssuedRegionPack.objects.filter(pk__in=files).update(content={}, pdf=None, removed_on=timezone.localdate())
    return Removed(len(files))


def list_documents(area: str) -> QuerySet[DocumentEdition]:
    frozen = DocumentEdition.objects.filter(document__area__slug=area, removed_on__isnull=True)
    return frozen.order_by("issued_at", "pk")


def remove_documents(area: str, before: datetime, limit: int) -> Removed:
    files = dict(list_documents(area).filter(issued_at__lt=before).values_list("pk", "pdf")[:limit])
    objects.delete_soon(files.values())
    DocumentEdition.objects.filter(pk__in=files).update(content={}, pdf=None, removed_on=timezone.localdate())
    return Removed(len(files))


def list_drafts(area: str) -> QuerySet[PublicEdition]:
    unpublished = PublicEdition.objects.filter(period__area__slug=area).exclude(state=EditionState.PUBLISHED.value)
    return unpublished.order_by("asked_at", "pk")


def remove_drafts(area: str, before: datetime, limit: int) -> Removed:
    keys = list(list_drafts(area).filter(asked_at__lt=before).values_list("pk", flat=True)[:limit])
    PublicEdition.objects.filter(pk__in=keys).delete()
    return Removed(len(keys))


def list_region_drafts() -> QuerySet[RegionEdition]:
    """Return the editions of regions that nobody published. Leave out one that shows an area which holds its drafts,
    and one that decided about a withheld count: what it decided applies for as long as the count is withheld."""
    held_areas = {hold.area for hold in list_every_hold(today=timezone.localdate()) if hold.kind in ("", DRAFTS)}
    unpublished = RegionEdition.objects.exclude(state=EditionState.PUBLISHED.value)
    shows_held = RegionEditionSource.objects.filter(public_edition__period__area__slug__in=held_areas)
    unpublished = unpublished.exclude(pk__in=RegionalRest.objects.values("total__edition"))
    return unpublished.exclude(pk__in=shows_held.values("edition")).order_by("asked_at", "pk")


def remove_region_drafts(_: str, before: datetime, limit: int) -> Removed:
    keys = list(list_region_drafts().filter(asked_at__lt=before).values_list("pk", flat=True)[:limit])
    RegionEdition.objects.filter(pk__in=keys).delete()
    return Removed(len(keys))


DRAFTS = "drafts"
PACK_KINDS = (
    Kind(
        PACKS,
        "Issued board packs",
        months=84,
        least=72,
        most=240,
        since="the day on which the pack was issued",
        why="A board must be able to show the figures behind a decision for as long as someone may make a claim about "
        "it: six years (Limitation Act 1980), and one more to be safe. We keep the pack’s number, day, board and code.",
        count=lambda area, before: list_packs(area).filter(issued_at__lt=before).count(),
        find_oldest=lambda area: list_packs(area).values_list("issued_at", flat=True).first(),
        remove=remove_packs,
        at_once=20,
    ),
    Kind(
        REGION_PACKS,
        "Issued packs of regions",
        months=84,
        least=72,
        most=240,
        since="the day on which the pack was issued",
        why="They are needed as long as the packs for an area’s boards, for the same reason. We keep the pack’s "
        "number, day and code, and a list of the areas whose figures it had.",
        count=lambda area, before: list_region_packs(area).filter(issued_at__lt=before).count(),
        find_oldest=lambda area: list_region_packs(area).values_list("issued_at", flat=True).first(),
        remove=remove_region_packs,
        is_of_areas=False,
        at_once=20,
    ),
    Kind(
        DOCUMENTS,
        "Frozen documents of the year",
        months=84,
        least=72,
        most=240,
        since="the day on which the document was frozen",
        why="They are needed as long as board packs, for the same reason. We keep the document’s number, day and code.",
        count=lambda area, before: list_documents(area).filter(issued_at__lt=before).count(),
        find_oldest=lambda area: list_documents(area).values_list("issued_at", flat=True).first(),
        remove=remove_documents,
        at_once=20,
    ),
    Kind(
        DRAFTS,
        "Public editions that no one published",
        months=12,
        least=3,
        most=36,
        since="the day on which someone asked for approval",
        why="They were never public. After the year’s review, no one needs the figures in them.",
        count=lambda area, before: list_drafts(area).filter(asked_at__lt=before).count(),
        find_oldest=lambda area: list_drafts(area).values_list("asked_at", flat=True).first(),
        remove=remove_drafts,
        at_once=20,
    ),
    Kind(
        "region-drafts",
        "Regions’ public editions that no one published",
        months=12,
        least=3,
        most=36,
        since="the day on which someone asked for approval",
        why="They were never public: they were declined, replaced or left. If an area has a hold, we keep the "
        "editions that show the area.",
        count=lambda _, before: list_region_drafts().filter(asked_at__lt=before).count(),
        find_oldest=lambda _: list_region_drafts().values_list("asked_at", flat=True).first(),
        remove=remove_region_drafts,
        is_of_areas=False,
        at_once=20,
    ),
)
