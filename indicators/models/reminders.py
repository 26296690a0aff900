"""Who was reminded of what."""

from django.conf import settings
from django.db import models

from boards.models import Agency, ReportingPeriod
from indicators.schedule import ReminderKind


class Reminder(models.Model):
    """One e-mail about one return to one person. The row is claimed, and saved, before the mail is
    handed over, so that no reminder is ever sent twice; one that could not be sent says why.
    """

    period = models.ForeignKey(ReportingPeriod, models.CASCADE, related_name="reminders")
    agency = models.ForeignKey(Agency, models.CASCADE, related_name="reminders")
    person = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="reminders")
    kind = models.CharField(max_length=20, choices=ReminderKind.choices())
    claimed_at = models.DateTimeField()
    sent_at = models.DateTimeField(null=True)
    fault = models.CharField("why it was not sent", max_length=300, blank=True)

    class Meta:
        ordering = ("-claimed_at", "-id")
        constraints = (
            models.UniqueConstraint(
                fields=("period", "agency", "person", "kind"), name="one_reminder_of_a_kind_per_person"
            ),
        )

    def __str__(self) -> str:
        return f"{self.get_kind_display()}: {self.agency}, {self.period.month.label}, to {self.person}"
