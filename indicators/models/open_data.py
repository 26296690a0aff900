"""Open data beside the figures: how many people live in an area, and what other areas counted."""

from django.db import models
from django.db.models import Q

from boards.models import PartnershipArea
from indicators.figures import LARGEST
from indicators.lines import LABELS
from indicators.models.catalogue import Indicator

FIRST_YEAR, LAST_YEAR = 1900, 2100


class Population(models.Model):
    """The residents of an area in a year, of an age band or of all ages, as a source has them. Added and never changed:
    a correction is the next edition, and the newest counts."""

    area = models.ForeignKey(PartnershipArea, models.PROTECT, related_name="populations")
    year = models.PositiveSmallIntegerField()
    ages = models.CharField(max_length=5, choices=LABELS)
    edition = models.PositiveSmallIntegerField()
    residents = models.PositiveIntegerField()
    source = models.CharField(max_length=200)
    licence = models.CharField(max_length=200)
    name_of_file = models.CharField("file", max_length=200)
    imported_at = models.DateTimeField()

    class Meta:
        ordering = ("-year", "ages", "-edition")
        constraints = (
            models.UniqueConstraint(fields=("area", "year", "ages", "edition"), name="one_population_per_edition"),
            models.CheckConstraint(condition=Q(edition__gte=1), name="population_editions_count_from_one"),
            models.CheckConstraint(condition=Q(residents__range=(1, LARGEST)), name="population_is_of_somebody"),
            models.CheckConstraint(condition=Q(year__range=(FIRST_YEAR, LAST_YEAR)), name="population_of_a_year"),
            models.CheckConstraint(condition=Q(ages__in=list(LABELS)), name="population_of_known_ages"),
            models.CheckConstraint(condition=~Q(source="") & ~Q(licence=""), name="population_says_its_source"),
        )

    def __str__(self) -> str:
        return f"{self.area}, {self.year}, {self.get_ages_display()}"


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
