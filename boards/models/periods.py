"""Which months does an area report on, and in which state is each?"""

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from boards.models.areas import PartnershipArea
from boards.workflow import MonthStatus
from core.links import link_to
from core.months import Month
from core.reasons import LONGEST_REASON


class ReportingPeriod(models.Model):
    """A month that an area reports on.

    `stale_since` is the queue of the roll-up. A service that changes a figure sets it in the same transaction. The
    roll-up clears it when it includes the change. `closed_why` is the reason for closing the month early: before the
    due date, or with returns missing. A month is `for_history` if it was opened for past figures: nobody owes a
    return for it.
    """

    area = models.ForeignKey(PartnershipArea, models.PROTECT, related_name="periods")
    starts_on = models.DateField()
    opened_on = models.DateField("day on which the area opened it")
    due_on = models.DateField()
    for_history = models.BooleanField("opened for earlier figures", default=False)
    status = models.CharField(max_length=10, choices=MonthStatus.choices(), default=MonthStatus.OPEN.value)
    stale_since = models.DateTimeField(null=True, blank=True)
    closed_at = models.DateTimeField(null=True, blank=True)
    closed_why = models.CharField("reason to close it early", max_length=LONGEST_REASON, blank=True)
    closed_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+")
    published_at = models.DateTimeField(null=True, blank=True)
    published_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+")

    class Meta:
        ordering = ("area", "-starts_on")
        verbose_name = "month"
        constraints = (
            models.UniqueConstraint(fields=("area", "starts_on"), name="one_period_per_month"),
            models.CheckConstraint(condition=Q(starts_on__day=1), name="period_starts_on_the_first"),
            models.CheckConstraint(condition=Q(due_on__gt=F("starts_on")), name="period_is_due_after_its_start"),
            models.CheckConstraint(
                name="period_closed_at_by",
                condition=Q(status=MonthStatus.OPEN.value, closed_at__isnull=True, closed_by__isnull=True)
                | (~Q(status=MonthStatus.OPEN.value) & Q(closed_at__isnull=False, closed_by__isnull=False)),
            ),
            models.CheckConstraint(
                name="period_published_at_by",
                condition=Q(status=MonthStatus.PUBLISHED.value, published_at__isnull=False, published_by__isnull=False)
                | (~Q(status=MonthStatus.PUBLISHED.value) & Q(published_at__isnull=True, published_by__isnull=True)),
            ),
        )
        # Partial: the sweep asks every minute, and nearly every month is up to date.
        indexes = (models.Index(fields=("stale_since",), condition=Q(stale_since__isnull=False), name="stale_periods"),)

    def __str__(self) -> str:
        return f"{self.area.name}, {self.month.label}"

    @property
    def month(self) -> Month:
        return Month.of(self.starts_on)

    @property
    def is_open(self) -> bool:
        return self.status == MonthStatus.OPEN

    @property
    def is_published(self) -> bool:
        return self.status == MonthStatus.PUBLISHED

    def get_absolute_url(self) -> str:
        return link_to("reporting:month-view", self.area.slug, self.month)
