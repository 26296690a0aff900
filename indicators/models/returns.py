"""What was reported: an agency's return for a month, and its figures."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.urls import reverse

from boards.models import Agency, ReportingPeriod
from indicators.entries import REASONS
from indicators.figures import LARGEST
from indicators.models.catalogue import Category, Indicator
from indicators.trend import CellState
from indicators.workflow import SubmissionState


class Submission(models.Model):
    """A return: one agency's figures for one month.

    `draft` keeps what was typed, as text: {box: text}. `revision` counts its savings, so that a
    form that was opened before the last one is told from a current one.
    """

    agency = models.ForeignKey(Agency, models.PROTECT, related_name="submissions")
    period = models.ForeignKey(ReportingPeriod, models.PROTECT, related_name="submissions")
    state = models.CharField(max_length=10, choices=SubmissionState.choices(), default=SubmissionState.DRAFT.value)
    draft = models.JSONField(default=dict)
    revision = models.PositiveIntegerField(default=0)
    saved_at = models.DateTimeField(null=True)
    saved_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    submitted_at = models.DateTimeField(null=True)
    submitted_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    handed_in_on = models.DateField("day on which it was first submitted", null=True)
    released_at = models.DateTimeField(null=True)
    released_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    accepted_at = models.DateTimeField(null=True)
    accepted_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    returned_at = models.DateTimeField(null=True)
    returned_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    comment = models.TextField("why it was returned", blank=True)

    class Meta:
        ordering = ("period", "agency")
        verbose_name = "return"
        constraints = (
            models.UniqueConstraint(fields=("agency", "period"), name="one_return_per_agency_and_month"),
            *(
                models.CheckConstraint(
                    condition=Q(**{f"{act}_at__isnull": True, f"{act}_by__isnull": True})
                    | Q(**{f"{act}_at__isnull": False, f"{act}_by__isnull": False}),
                    name=f"return_{act}_at_by",
                )
                for act in ("saved", "submitted", "released", "accepted", "returned")
            ),
            models.CheckConstraint(
                condition=~Q(state=SubmissionState.SUBMITTED.value) | Q(submitted_at__isnull=False),
                name="submitted_return_was_submitted",
            ),
            models.CheckConstraint(
                condition=~Q(state=SubmissionState.RELEASED.value)
                | Q(submitted_at__isnull=False, released_at__isnull=False),
                name="released_return_was_released",
            ),
            models.CheckConstraint(
                condition=Q(submitted_at__isnull=True) | Q(handed_in_on__isnull=False),
                name="submitted_return_was_handed_in",
            ),
            models.CheckConstraint(
                condition=~Q(state=SubmissionState.ACCEPTED.value)
                | Q(submitted_at__isnull=False, accepted_at__isnull=False),
                name="accepted_return_was_accepted",
            ),
            models.CheckConstraint(
                condition=~Q(state=SubmissionState.RETURNED.value) | (Q(returned_at__isnull=False) & ~Q(comment="")),
                name="returned_return_says_why",
            ),
        )

    def __str__(self) -> str:
        return f"{self.agency}, {self.period.month.label}"

    def get_absolute_url(self) -> str:
        return reverse("indicators:return-edit", args=[self.period.area.slug, self.period.month, self.agency.code])


class ObservationQuerySet(models.QuerySet["Observation"]):
    def signed_off(self) -> "ObservationQuerySet":
        return self.filter(signed_off_at__isnull=False)


REPORTED = [(state.value, state.label) for state in (CellState.FIGURE, *REASONS)]


class Observation(models.Model):
    """A figure: the count of an indicator, or of one category of it, in a month; or the reason why
    there is none. No row: not yet submitted. "Awaited" is a reason too: the return came, and said
    that this figure comes later.

    It comes through a return (`submission`), from a file (`imported_from`), or, where neither ever
    came, by a correction. `correction` is the newest one that changed it. Only a signed-off figure
    counts; a provisional one counts, and says that it may change.
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
            models.CheckConstraint(
                condition=Q(submission__isnull=False, imported_from="")
                | (Q(submission__isnull=True, signed_off_at__isnull=False) & ~Q(imported_from=""))
                | Q(submission__isnull=True, imported_from="", correction__isnull=False, signed_off_at__isnull=False),
                name="from_a_return_a_file_or_a_correction",
            ),
            models.CheckConstraint(
                # A file that an operator imports at the command line has no person to name.
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
