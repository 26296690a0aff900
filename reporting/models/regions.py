"""What has been worked out of several areas' months? None of it is a truth of its own: it follows from its parts."""

from django.db import models
from django.db.models import Q

from boards.models import Region


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
