"""Which agency supplied an indicator before, and until when?"""

from django.conf import settings
from django.db import models
from django.db.models import Q

from boards.models import Agency
from core.months import Month
from indicators.models.catalogue import Indicator


class IndicatorMove(models.Model):
    """A change of the agency that supplies an indicator. The months before `since` were this agency's, so its rule
    protects them too (indicators.selectors.disclosure). Rows are only added."""

    indicator = models.ForeignKey(Indicator, models.PROTECT, related_name="moves")
    agency = models.ForeignKey(Agency, models.PROTECT, related_name="+", verbose_name="agency before")
    since = models.DateField("first month of the next agency")
    moved_at = models.DateTimeField()
    moved_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")

    class Meta:
        ordering = ("indicator", "since", "id")
        verbose_name = "move of an indicator"
        verbose_name_plural = "moves of indicators"
        constraints = (models.CheckConstraint(condition=Q(since__day=1), name="indicator_moves_on_the_first"),)

    def __str__(self) -> str:
        return f"{self.indicator}: {self.agency} before {Month.of(self.since).label}"
