"""What did other areas count, according to open data? Comparison series for events."""

from django.db import models
from django.db.models import Q

from indicators.models.catalogue import Indicator


class ComparisonSeries(models.Model):
    """An indicator's monthly counts in another area, as a source has them: `values` from `first` on, None for a month
    that the source leaves out. Added and never changed: a later file's series is the next edition, and the newest
    counts."""

    indicator = models.ForeignKey(Indicator, models.PROTECT, related_name="comparison_series")
    name = models.CharField("other area", max_length=80)
    edition = models.PositiveSmallIntegerField()
    first = models.DateField("first month")
    values: "models.JSONField[list[int | None], list[int | None]]" = models.JSONField()
    source = models.CharField(max_length=200)
    licence = models.CharField(max_length=200)
    name_of_file = models.CharField("file", max_length=200)
    imported_at = models.DateTimeField()

    class Meta:
        ordering = ("indicator", "name", "-edition")
        verbose_name_plural = "comparison series"
        constraints = (
            models.UniqueConstraint(fields=("indicator", "name", "edition"), name="one_comparison_series_per_edition"),
            models.CheckConstraint(condition=Q(edition__gte=1), name="comparison_editions_count_from_one"),
            models.CheckConstraint(condition=Q(first__day=1), name="comparison_begins_on_the_first"),
            models.CheckConstraint(
                condition=~Q(name="") & ~Q(source="") & ~Q(licence=""), name="comparison_says_its_source"
            ),
        )

    def __str__(self) -> str:
        return f"{self.indicator}, {self.name}, edition {self.edition}"
