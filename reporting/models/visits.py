"""When a person last looked at an area's home, and the first steps that an area has set aside."""

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from boards.models import PartnershipArea
from core.labels import Labelled


class Visit(models.Model):
    """A person's visits to the home of an area: one row, without history, so no one can see how often they look.

    `looked_at` is the last time, to the hour. `before_at` is the last time on an earlier day; the home shows what
    changed since then, all day: what a list showed once is still there in a second tab. It is empty on their first day.
    Opening the home writes the row, and no other page does. News are read from the rows that have them (versions,
    challenge entries, moves of actions …) by the querysets of their pages, so no one sees news of what they may not
    read. The audit log has no say: no rule reads it.
    """

    person = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+")
    area = models.ForeignKey(PartnershipArea, models.CASCADE, related_name="+")
    looked_at = models.DateTimeField()
    before_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ("area", "person")
        constraints = (
            models.UniqueConstraint(fields=("person", "area"), name="one_visit_per_person_and_area"),
            models.CheckConstraint(
                condition=Q(before_at__isnull=True) | Q(before_at__lt=F("looked_at")), name="visit_before_is_before"
            ),
        )

    def __str__(self) -> str:
        return f"{self.person} in {self.area}, {self.looked_at:%Y-%m-%d %H:%M}"


class FirstStep(Labelled):
    """What a new area does until its first publication, in this order."""

    CHECK = "check", "Check boards and agencies"
    INVITE = "invite", "Invite people"
    MONTH = "month", "Open the first month"
    HISTORY = "history", "Import past figures"
    RETURN = "return", "Get the first return"
    PUBLISH = "publish", "Publish the first month"


# Without these an area has nothing to show.
NEEDED = frozenset({FirstStep.MONTH, FirstStep.PUBLISH})
OPTIONAL = [step.value for step in FirstStep if step not in NEEDED]


class StepSetAside(models.Model):
    """A step that a coordinator doesn't want. Done steps have no row: they are worked out from the data."""

    area = models.ForeignKey(PartnershipArea, models.CASCADE, related_name="+")
    step = models.CharField(max_length=10, choices=FirstStep.choices())
    set_aside_at = models.DateTimeField()
    set_aside_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")

    class Meta:
        ordering = ("area", "step")
        verbose_name = "step set aside"
        verbose_name_plural = "steps set aside"
        constraints = (
            models.UniqueConstraint(fields=("area", "step"), name="step_is_set_aside_once"),
            models.CheckConstraint(condition=Q(step__in=OPTIONAL), name="step_is_one_that_can_be_left"),
        )

    def __str__(self) -> str:
        return f"{self.area}: {self.get_step_display()}"
