"""Which figures did somebody bring in that another person has to confirm?"""

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from boards.models import PartnershipArea, Request, RequestQuerySet, make_request_constraints
from core.months import Month


class FigureImport(Request):
    """Figures that somebody brought in for past months. They aren't figures yet: another person has to confirm them
    first (indicators.services.figure_imports).

    `content` has the counts, and is empty once somebody has decided. `figures` counts those that are new or differ.
    `asked_by` is empty for an operator at the command line.
    """

    area = models.ForeignKey(PartnershipArea, models.PROTECT, related_name="figure_imports")
    asked_by = models.ForeignKey(  # type: ignore[assignment]  # the base class has it without null
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+"
    )
    name_of_file = models.CharField(max_length=200)
    figures = models.PositiveIntegerField()
    first = models.DateField("first month")
    last = models.DateField("last month")
    is_reaching = models.BooleanField("definitions start earlier", default=False)
    content = models.TextField(blank=True)

    objects = RequestQuerySet["FigureImport"].as_manager()

    class Meta:
        ordering: ClassVar = ("-asked_at", "-id")
        verbose_name = "import of past figures"
        verbose_name_plural = "imports of past figures"
        constraints = (
            models.CheckConstraint(condition=Q(last__gte=F("first")), name="figure_import_months_in_order"),
            models.CheckConstraint(condition=Q(figures__gte=1), name="figure_import_has_figures"),
            models.CheckConstraint(
                condition=(Q(outcome="") & ~Q(content="")) | (~Q(outcome="") & Q(content="")),
                name="figure_import_content_until_decided",
            ),
            *make_request_constraints("figure_import"),
        )

    def __str__(self) -> str:
        return f"{self.name_of_file}, {self.span}"

    @property
    def span(self) -> str:
        """Return "May 2024 to July 2024", or "May 2024"."""
        first, last = Month.of(self.first).label, Month.of(self.last).label
        return first if first == last else f"{first} to {last}"

    @property
    def asker(self) -> str:
        return str(self.asked_by) if self.asked_by is not None else "The operator"
