"""What a region shows to anyone: its editions with their totals, and its packs."""

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.urls import reverse

from boards.models import Consent, Region
from core.calendar import Month
from core.models import StoredObject
from indicators.protection.regional import Outcome
from reporting.models.editions import Edition, PublicEdition, make_edition_constraints
from reporting.models.packs import IS_WHOLE, IssuedPack
from reporting.models.snapshots import Snapshot
from reporting.workflow import EditionState

SHOWN = [outcome.value for outcome in Outcome if outcome.is_total_shown]


class RegionEdition(Edition):
    """A month of a region as anyone may see it: its areas' public editions side by side, with the totals that tell
    nothing about a withheld count.

    `content` is all that the page shows, as plain data.
    """

    region = models.ForeignKey(Region, models.PROTECT, related_name="editions")
    starts_on = models.DateField("first day of the month")
    content = models.JSONField()

    class Meta:
        ordering = ("region", "-starts_on", "-number", "-id")
        verbose_name = "regional edition"
        verbose_name_plural = "regional editions"
        constraints = (
            *make_edition_constraints("region_edition", ends_by_itself=True),
            models.CheckConstraint(condition=Q(starts_on__day=1), name="region_edition_starts_a_month"),
            # Editions that aren't published have no number. NULLs never collide.
            models.UniqueConstraint(fields=("region", "starts_on", "number"), name="one_region_edition_per_number"),
            models.UniqueConstraint(
                fields=("region", "starts_on"),
                condition=Q(state__in=(EditionState.ASKED.value, EditionState.AGREED.value)),
                name="one_region_edition_under_way",
            ),
            models.CheckConstraint(
                # Nobody asked for it, so the second person is the one who publishes it.
                condition=Q(asked_by__isnull=False) | Q(published_by__isnull=True) | ~Q(published_by=F("agreed_by")),
                name="prepared_region_edition_by_another",
                violation_error_message="The person who approved it can’t make it public.",
            ),
        )

    def __str__(self) -> str:
        return f"{self.region}, {self.month.label}, for the public"

    @property
    def month(self) -> Month:
        return Month.of(self.starts_on)


class RegionEditionSource(models.Model):
    """An area's edition in a region's edition, with the consent that lets it be there. The region's edition is down
    while one of them is.
    """

    edition = models.ForeignKey(RegionEdition, models.CASCADE, related_name="sources")
    public_edition = models.ForeignKey(PublicEdition, models.PROTECT, related_name="in_regions")
    consent = models.ForeignKey(Consent, models.PROTECT, related_name="in_editions")

    class Meta:
        ordering = ("edition", "id")
        verbose_name = "source of a regional edition"
        verbose_name_plural = "sources of regional editions"
        constraints = (
            models.UniqueConstraint(fields=("edition", "public_edition"), name="source_once_in_a_region_edition"),
        )

    def __str__(self) -> str:
        return f"{self.public_edition}, {self.edition}"


class RegionTotal(models.Model):
    """An indicator's total in a region's edition: of which areas, and whether it is shown."""

    edition = models.ForeignKey(RegionEdition, models.CASCADE, related_name="totals")
    indicator_code = models.CharField(max_length=40)
    areas = models.JSONField()
    outcome = models.CharField(max_length=10, choices=Outcome.choices())
    value = models.PositiveBigIntegerField(null=True)

    class Meta:
        ordering = ("edition", "id")
        verbose_name = "regional total"
        verbose_name_plural = "regional totals"
        constraints = (
            models.UniqueConstraint(fields=("edition", "indicator_code"), name="one_region_total_per_indicator"),
            models.CheckConstraint(
                condition=Q(outcome__in=SHOWN, value__isnull=False) | ~Q(outcome__in=SHOWN) & Q(value__isnull=True),
                name="region_total_value_if_and_only_if_shown",
            ),
        )

    def __str__(self) -> str:
        return f"{self.indicator_code}, {self.edition}"


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
