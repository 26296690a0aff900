"""Which first steps does a new area not want?"""

from django.conf import settings
from django.db import models
from django.db.models import Q

from boards.models import PartnershipArea
from core.labels import Labelled


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
