"""Who was reminded, and of which return?"""

from django.conf import settings
from django.db import models

from boards.models import Agency, ReportingPeriod
from core.models import Claim
from indicators.schedule import ReminderKind


class Reminder(Claim):
    """One e-mail about one return to one person, sent at least once."""

    period = models.ForeignKey(ReportingPeriod, models.CASCADE, related_name="reminders")
    agency = models.ForeignKey(Agency, models.CASCADE, related_name="reminders")
    person = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="reminders")
    kind = models.CharField(max_length=20, choices=ReminderKind.choices())

    class Meta:
        ordering = ("-claimed_at", "-id")
        constraints = (
            # Claims rely on this: of two workers, one can add the row.
            models.UniqueConstraint(
                fields=("period", "agency", "person", "kind"), name="one_reminder_of_a_kind_per_person"
            ),
        )

    def __str__(self) -> str:
        return f"{self.get_kind_display()}: {self.agency}, {self.period.month.label}, to {self.person}"
