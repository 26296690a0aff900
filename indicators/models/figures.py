"""What was counted: each indicator's figure of a month."""

from django.conf import settings
from django.db import models
from django.db.models import Q

from boards.models import ReportingPeriod
from indicators.figures import LARGEST, REASONS
from indicators.models.catalogue import Category, Indicator
from indicators.models.returns import Submission
from indicators.trend import CellState


class ObservationQuerySet(models.QuerySet["Observation"]):
    def signed_off(self) -> "ObservationQuerySet":
        return self.filter(signed_off_at__isnull=False)


REPORTED = [(state.value, state.label) for state in (CellState.FIGURE, *REASONS)]


class Observation(models.Model):
    """A figure: the count of an indicator, or of one category of it, in a month; or the reason why there is none.
    Without a row, it was not submitted yet. "Awaited" is a reason too: the return arrived and said that this figure
    comes later.

    It comes from a return (`submission`), from a file (`imported_from`), or, without either, from a correction.
    `correction` is the newest one that changed it. Only a signed-off figure counts; a provisional one counts, and says
    that it may change.
    """

    indicator = models.ForeignKey(Indicator, models.PROTECT, related_name="observations")
    category = models.ForeignKey(Category, models.PROTECT, null=True, related_name="observations")
    period = models.ForeignKey(ReportingPeriod, models.PROTECT, related_name="observations")
    submission = models.ForeignKey(Submission, models.PROTECT, null=True, related_name="observations")
    imported_from = models.CharField(max_length=200, blank=True)
    correction = models.ForeignKey("Correction", models.PROTECT, null=True, related_name="+")
    state = models.CharField(max_length=20, choices=REPORTED, default=CellState.FIGURE.value)
    value = models.PositiveBigIntegerField(null=True)
    note = models.CharField(max_length=500, blank=True)
    is_provisional = models.BooleanField("provisional", default=False)
    signed_off_at = models.DateTimeField(null=True)
    signed_off_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")

    objects = ObservationQuerySet.as_manager()

    class Meta:
        ordering = ("period", "indicator", "category")
        verbose_name = "figure"
        constraints = (
            # Two constraints: in one, the NULL category of an unsplit figure would never equal another.
            models.UniqueConstraint(
                fields=("indicator", "category", "period"),
                condition=Q(category__isnull=False),
                name="one_figure_per_category_and_month",
            ),
            models.UniqueConstraint(
                fields=("indicator", "period"),
                condition=Q(category__isnull=True),
                name="one_figure_per_indicator_and_month",
            ),
            models.CheckConstraint(
                condition=Q(state=CellState.FIGURE.value, value__isnull=False)
                | (~Q(state=CellState.FIGURE.value) & Q(value__isnull=True)),
                name="value_if_and_only_if_a_figure",
            ),
            models.CheckConstraint(
                condition=Q(state__in=[code for code, _ in REPORTED]),
                name="a_figure_or_a_reason",
            ),
            models.CheckConstraint(
                condition=Q(value__isnull=True) | Q(value__gte=0, value__lte=LARGEST),
                name="value_in_range",
            ),
            models.CheckConstraint(
                condition=Q(state=CellState.FIGURE.value) | ~Q(note=""),
                name="no_figure_without_a_reason",
            ),
            # Exactly one of the three. Only a figure of a return may wait to be accepted.
            models.CheckConstraint(
                condition=Q(submission__isnull=False, imported_from="")
                | (Q(submission__isnull=True, signed_off_at__isnull=False) & ~Q(imported_from=""))
                | Q(submission__isnull=True, imported_from="", correction__isnull=False, signed_off_at__isnull=False),
                name="from_a_return_a_file_or_a_correction",
            ),
            models.CheckConstraint(
                # A file that an operator imports at the command line has no person.
                condition=Q(signed_off_at__isnull=True, signed_off_by__isnull=True)
                | Q(signed_off_at__isnull=False, signed_off_by__isnull=False)
                | (Q(signed_off_at__isnull=False, submission__isnull=True) & ~Q(imported_from="")),
                name="figure_signed_off_at_by",
            ),
            models.CheckConstraint(
                condition=Q(is_provisional=False) | Q(state=CellState.FIGURE.value),
                name="only_a_figure_is_provisional",
            ),
        )

    def __str__(self) -> str:
        return f"{self.indicator}, {self.period.month.label}"
