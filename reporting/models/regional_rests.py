"""Which withheld counts did a region's totals decide about? They are true figures, so no public page reads them."""

from typing import Self

from django.db import models
from django.db.models import OuterRef, Subquery

from boards.models import ReportingPeriod
from reporting.models.figures import IndicatorLine
from reporting.models.region_editions import RegionTotal
from reporting.models.snapshots import Snapshot


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
