"""How many people live in an area? Rates are worked out from this."""

from django.db import models
from django.db.models import Q

from boards.models import PartnershipArea
from indicators.ages import LABELS
from indicators.figures import LARGEST

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
