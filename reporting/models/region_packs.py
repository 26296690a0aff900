"""Which packs did a region issue, and whose figures are in them?"""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.urls import reverse

from boards.models import Consent, Region
from core.months import Month
from core.stored import StoredObject
from reporting.models.editions import PublicEdition
from reporting.models.packs import IS_WHOLE, IssuedPack
from reporting.models.snapshots import Snapshot


class IssuedRegionPack(models.Model):
    """A region's month as a meeting got it. The database refuses any change of it but its removal.

    `content` is what it says, as reporting.packs.presenters.shapes.Pack has it. `pdf` is its file, and `sha256` the
    hash of it, in hexadecimal digits. A region's packs of a month are numbered as they are issued. `reference` is the
    pack's number on each page: "ESSEX-2026-10-REGION-1". `removed_on` is the day on which `content` and `pdf` were
    emptied under the retention rule: the rest stays.
    """

    region = models.ForeignKey(Region, models.PROTECT, related_name="packs")
    starts_on = models.DateField("first day of the month")
    number = models.PositiveIntegerField()
    reference = models.CharField(max_length=100, unique=True)
    meeting = models.CharField(max_length=IssuedPack._meta.get_field("meeting").max_length)
    meeting_on = models.DateField("day of the meeting")
    marking = models.CharField(max_length=20)
    content = models.JSONField()
    pdf = models.ForeignKey(StoredObject, models.PROTECT, related_name="+", null=True)
    sha256 = models.CharField("SHA-256", max_length=64)
    issued_at = models.DateTimeField()
    issued_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    removed_on = models.DateField("removed under the retention rule on", null=True)

    class Meta:
        ordering = ("-issued_at", "-id")
        verbose_name = "pack of a region"
        verbose_name_plural = "packs of regions"
        constraints = (
            models.UniqueConstraint(fields=("region", "starts_on", "number"), name="one_region_pack_per_number"),
            models.CheckConstraint(condition=Q(number__gte=1), name="region_packs_count_from_one"),
            models.CheckConstraint(condition=Q(starts_on__day=1), name="region_pack_starts_a_month"),
            models.CheckConstraint(condition=~Q(meeting=""), name="region_pack_has_its_meeting"),
            models.CheckConstraint(condition=IS_WHOLE, name="region_pack_has_its_file"),
        )

    def __str__(self) -> str:
        return self.reference

    def get_absolute_url(self) -> str:
        return reverse("reporting:region-pack-view", args=[self.region.slug, self.reference])

    @property
    def month(self) -> Month:
        return Month.of(self.starts_on)


class RegionPackSource(models.Model):
    """An area in a region's pack: the consent that let it be there, and its published version or its public edition.
    The database refuses a consent that isn't in force (reporting.freeze).
    """

    pack = models.ForeignKey(IssuedRegionPack, models.PROTECT, related_name="sources")
    consent = models.ForeignKey(Consent, models.PROTECT, related_name="in_packs")
    snapshot = models.ForeignKey(Snapshot, models.PROTECT, null=True, related_name="in_region_packs")
    public_edition = models.ForeignKey(PublicEdition, models.PROTECT, null=True, related_name="in_region_packs")

    class Meta:
        ordering = ("pack", "id")
        verbose_name = "area in a region’s pack"
        verbose_name_plural = "areas in regions’ packs"
        constraints = (
            models.UniqueConstraint(fields=("pack", "consent"), name="consent_once_in_a_region_pack"),
            models.CheckConstraint(
                condition=Q(snapshot__isnull=True, public_edition__isnull=False)
                | Q(snapshot__isnull=False, public_edition__isnull=True),
                name="region_pack_source_is_a_version_or_an_edition",
            ),
        )

    def __str__(self) -> str:
        return f"{self.consent.area}, {self.pack}"
