"""From which month is an indicator recorded differently, and what is a level called?"""

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from indicators.models.catalogue import Category, Indicator
from indicators.workflow import RecordingState


class RecordingChange(models.Model):
    """A change in how an indicator is recorded, from a month on, under the same definition: a new system, a new team.
    One person asks for it and another confirms it. It then permanently starts a new series: nobody can silence an alarm
    alone."""

    indicator = models.ForeignKey(Indicator, models.PROTECT, related_name="recording_changes")
    applies_from = models.DateField("first month")
    why = models.CharField("what is recorded differently", max_length=300)
    state = models.CharField(
        max_length=10, choices=RecordingState.choices(), default=RecordingState.ASKED.value, editable=False
    )
    asked_at = models.DateTimeField()
    asked_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    decided_at = models.DateTimeField(null=True)
    decided_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")

    class Meta:
        ordering = ("-applies_from", "-asked_at")
        verbose_name = "change of recording"
        verbose_name_plural = "changes of recording"
        constraints = (
            # After a refusal somebody may ask for the same month again.
            models.UniqueConstraint(
                fields=("indicator", "applies_from"),
                condition=~Q(state=RecordingState.DECLINED.value),
                name="one_recording_change_per_month",
            ),
            models.CheckConstraint(condition=Q(applies_from__day=1), name="recording_changes_on_the_first"),
            models.CheckConstraint(condition=~Q(why=""), name="recording_change_has_its_reason"),
            models.CheckConstraint(
                condition=Q(state=RecordingState.ASKED.value, decided_at__isnull=True, decided_by__isnull=True)
                | ~Q(state=RecordingState.ASKED.value) & Q(decided_at__isnull=False, decided_by__isnull=False),
                name="recording_change_decided_at_by",
            ),
            models.CheckConstraint(
                # A second person has to confirm it.
                condition=Q(decided_by__isnull=True)
                | ~Q(decided_by=F("asked_by"))
                | Q(state=RecordingState.DECLINED.value),
                name="recording_change_confirmed_by_another",
                violation_error_message="Whoever asked for it can’t confirm it.",
            ),
        )

    def __str__(self) -> str:
        return f"{self.indicator}, recorded differently from {self.applies_from:%Y-%m}"


class LevelName(models.Model):
    """The name of a level that was found, and why it started. It changes no reading. Rows are only added: the newest
    counts."""

    indicator = models.ForeignKey(Indicator, models.PROTECT, related_name="level_names")
    category = models.ForeignKey(Category, models.PROTECT, null=True, related_name="level_names")
    since = models.DateField("first month")
    name = models.CharField(max_length=80)
    reason = models.CharField(max_length=300)
    given_at = models.DateTimeField()
    given_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")

    class Meta:
        ordering = ("given_at", "id")
        verbose_name = "name of a level"
        verbose_name_plural = "names of levels"
        constraints = (
            models.CheckConstraint(condition=Q(since__day=1), name="level_begins_on_the_first"),
            models.CheckConstraint(condition=~Q(name="") & ~Q(reason=""), name="level_has_name_and_reason"),
        )

    def __str__(self) -> str:
        return f"{self.indicator}, since {self.since:%Y-%m}: {self.name}"
