"""What has been worked out of several areas' months. None of it is a truth of its own: it follows from its parts."""

from typing import Self

from django.db import models
from django.db.models import OuterRef, Q, Subquery

from boards.models import Region, ReportingPeriod
from reporting.models.figures import IndicatorLine
from reporting.models.region_editions import RegionTotal
from reporting.models.snapshots import Snapshot


class RegionMonth(models.Model):
    """A region's own figures of a month, worked out from its areas' published months.

    `key` names the parts: which version and which consent of each area, and the rules. Where it differs from today's,
    the row counts for nothing and is written again. `lines` has each indicator's figures, and `series` its months, by
    the indicator's code.
    """

    region = models.ForeignKey(Region, models.CASCADE, related_name="months")
    starts_on = models.DateField()
    key = models.CharField(max_length=64)
    lines = models.JSONField(default=dict)
    series = models.JSONField(default=dict)

    class Meta:
        ordering = ("region", "-starts_on")
        constraints = (
            models.UniqueConstraint(fields=("region", "starts_on"), name="one_region_month"),
            models.CheckConstraint(condition=Q(starts_on__day=1), name="region_month_starts_on_the_first"),
        )

    def __str__(self) -> str:
        return f"{self.region}, {self.starts_on:%Y-%m}"


class RegionalRestQuerySet(models.QuerySet["RegionalRest"]):
    def with_counts(self) -> Self:
        """Return them with the counts as `counted`: None where there was no figure."""
        lines = IndicatorLine.objects.filter(
            snapshot=OuterRef("snapshot"), indicator_code=OuterRef("indicator_code"), category_code=""
        )
        return self.annotate(counted=Subquery(lines.values("value")[:1]))


class RegionalRest(models.Model):
    """A withheld count of an area that a region's total decided about, shown or refused: no other total may look at it.

    The area's `snapshot` has the count as it was. `below` and `parts` are the shape of the gap
    (indicators.protection.regional). The area's later editions keep it.
    """

    total = models.ForeignKey(RegionTotal, models.PROTECT, related_name="rests")
    period = models.ForeignKey(ReportingPeriod, models.PROTECT, related_name="regional_rests")
    # Not the line: the database would then guard each line's area, whenever one is written.
    snapshot = models.ForeignKey(Snapshot, models.PROTECT, related_name="+")
    indicator_code = models.CharField(max_length=40)
    below = models.PositiveSmallIntegerField()
    parts = models.PositiveSmallIntegerField()

    objects = RegionalRestQuerySet.as_manager()
    counted: int | None  # only where `with_counts` found it

    class Meta:
        ordering = ("period", "indicator_code")
        verbose_name = "count behind a regional total"
        verbose_name_plural = "counts behind regional totals"
        constraints = (
            models.UniqueConstraint(fields=("period", "indicator_code"), name="one_regional_decision_per_count"),
        )

    def __str__(self) -> str:
        return f"{self.indicator_code}, {self.period}"
