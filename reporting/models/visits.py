"""When did a person last look at an area's home?"""

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from boards.models import PartnershipArea


class Visit(models.Model):
    """A person's visits to the home of an area: one row, without history, so nobody can see how often they look.

    `looked_at` is the last time, to the hour. `before_at` is the last time on an earlier day; the home shows what
    changed since then, all day: what a list showed once is still there in a second tab. It is empty on their first day.
    Opening the home writes the row, and no other page does. News are read from the rows that have them (versions,
    challenge entries, moves of actions …) by the querysets of their pages, so nobody sees news of what they may not
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
