"""Issued packs, the letters that tell of them, and bundles of packs that are being made."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.urls import reverse

from boards.models import Board, ReportingPeriod
from core.labels import Labelled
from core.models import StoredObject
from indicators.disclosure import Audience
from reporting.models.editions import PublicEdition
from reporting.models.snapshots import Snapshot


class PackKind(Labelled):
    """What a pack is about. An APPENDIX is for partners. It has what the month's public pack withholds, the
    plan and the challenges."""

    MONTH = "month", "The month"
    YEAR = "year", "One year on"
    APPENDIX = "appendix", "Partners’ appendix"


class PackScope(Labelled):
    """Which indicators have a full page in a pack. Each has its small chart and its row in any case."""

    SIGNALS = "signals", "What stands out"
    ALL = "all", "Every indicator"


class PackCharts(Labelled):
    """How the charts of a pack are drawn. In both ways, figures are judged as on the pages."""

    JUDGED = "judged", "With each month’s usual range"
    NHS = "nhs", "As NHS control charts (XmR)"


# It has the file of its hash, until that is removed.
IS_WHOLE = Q(removed_on__isnull=True, pdf__isnull=False, pdf=models.F("sha256")) | Q(
    removed_on__isnull=False, pdf__isnull=True
)


class IssuedPack(models.Model):
    """A pack as a board got it for a meeting. The database refuses any change of it but its removal.

    `content` is what it says, as reporting.packs.presenters.shapes.Pack has it. The HTML edition is rendered from it.
    `pdf` is its file, and `sha256` the hash of it, in hexadecimal digits. A board's packs of a month are numbered as
    they are issued. `reference` is the pack's number on each page: "ANYTOWN-2026-10-CSP-1". `record_head` is the head
    of the area's chain of audit events when it was issued (core.chain), "57:3f2a…"; older packs have none. `removed_on`
    is the day on which `content` and `pdf` were emptied under the retention rule: the rest stays.
    """

    period = models.ForeignKey(ReportingPeriod, models.PROTECT, related_name="packs")
    board = models.ForeignKey(Board, models.PROTECT, related_name="packs")
    snapshot = models.ForeignKey(Snapshot, models.PROTECT, related_name="packs")
    edition = models.ForeignKey(PublicEdition, models.PROTECT, null=True, related_name="packs")
    kind = models.CharField(max_length=10, choices=PackKind.choices())
    audience = models.CharField(max_length=10, choices=Audience.choices())
    scope = models.CharField(max_length=10, choices=PackScope.choices())
    number = models.PositiveIntegerField()
    reference = models.CharField(max_length=100, unique=True)
    meeting = models.CharField(max_length=120)
    meeting_on = models.DateField("day of the meeting")
    marking = models.CharField(max_length=20, blank=True)
    content = models.JSONField()
    pdf = models.ForeignKey(StoredObject, models.PROTECT, related_name="+", null=True)
    sha256 = models.CharField("SHA-256", max_length=64)
    record_head = models.CharField("head of the area's record", max_length=90, blank=True)
    issued_at = models.DateTimeField()
    issued_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    removed_on = models.DateField("removed under the retention rule on", null=True)

    class Meta:
        ordering = ("-issued_at", "-id")
        constraints = (
            models.UniqueConstraint(fields=("period", "board", "number"), name="one_pack_per_number"),
            models.CheckConstraint(condition=Q(number__gte=1), name="packs_count_from_one"),
            models.CheckConstraint(condition=~Q(meeting=""), name="pack_has_its_meeting"),
            models.CheckConstraint(
                # What the public may read is what was published for it.
                condition=Q(audience=Audience.PUBLIC.value, edition__isnull=False)
                | Q(audience=Audience.PARTNERS.value, edition__isnull=True),
                name="public_pack_has_its_edition",
            ),
            models.CheckConstraint(
                condition=~Q(kind=PackKind.APPENDIX.value) | Q(audience=Audience.PARTNERS.value),
                name="appendix_is_for_partners",
            ),
            models.CheckConstraint(condition=IS_WHOLE, name="pack_has_its_file"),
        )

    def __str__(self) -> str:
        return self.reference

    def get_absolute_url(self) -> str:
        return reverse("reporting:pack-view", args=[self.period.area.slug, self.reference])


class PackPhoto(models.Model):
    """A picture in an issued pack, as its PDF has it, for the HTML edition. It never changes, whatever happens to its
    highlight. The pack's `content` names it by its hash, which is its object's key."""

    pack = models.ForeignKey(IssuedPack, models.PROTECT, related_name="photos")
    picture = models.ForeignKey(StoredObject, models.PROTECT, related_name="+")

    class Meta:
        ordering = ("pack", "id")
        constraints = (models.UniqueConstraint(fields=("pack", "picture"), name="one_photo_per_hash"),)

    def __str__(self) -> str:
        return f"{self.pack}, {self.picture_id[:12]}"


class PackBundle(models.Model):
    """All boards' packs of a month in one zip file. A person asks for it, and a worker makes it.

    `made` counts the packs that are done, of `total`. A worker claims it first, so that no two make it, and again with
    each pack. If a worker dies, another starts again. `marking` is the strictest of its packs'. The file is deleted
    after some days.
    """

    period = models.ForeignKey(ReportingPeriod, models.CASCADE, related_name="bundles")
    asked_at = models.DateTimeField()
    asked_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    claimed_at = models.DateTimeField(null=True)
    made = models.PositiveSmallIntegerField(default=0)
    total = models.PositiveSmallIntegerField(default=0)
    finished_at = models.DateTimeField(null=True)
    fault = models.CharField("why it could not be made", max_length=300, blank=True)
    marking = models.CharField(max_length=20, blank=True)
    file = models.ForeignKey(StoredObject, models.PROTECT, related_name="+", null=True)

    class Meta:
        ordering = ("-asked_at", "-id")
        constraints = (
            models.CheckConstraint(condition=Q(made__lte=models.F("total")), name="bundle_made_at_most_all"),
            models.CheckConstraint(
                condition=Q(finished_at__isnull=True, file__isnull=True, fault="")
                | Q(finished_at__isnull=False, file__isnull=False, fault="")
                | Q(finished_at__isnull=False, file__isnull=True) & ~Q(fault=""),
                name="bundle_finished_with_file_or_fault",
            ),
        )

    def __str__(self) -> str:
        return f"{self.period}, all packs"
