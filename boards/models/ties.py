"""Who once invited whom, gave them a role, or had their second factor reset?"""

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from core.labels import Labelled


class TieKind(Labelled):
    """The act that made a tie."""

    ROLE = "role", "Invited them or gave them a role"
    FACTOR = "factor", "Had their second factor reset"


class Tie(models.Model):
    """An act by which `made_by` might be acting as `person` too. So neither is the second person for the other:
    boards.ties says when.

    It belongs to no area, and it outlasts the role, the invitation and the request that made it. Rows are only added.
    The first act of each kind is enough.
    """

    person = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    kind = models.CharField(max_length=10, choices=TieKind.choices())
    made_at = models.DateTimeField()
    made_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")

    class Meta:
        ordering = ("-made_at", "-id")
        constraints = (
            models.UniqueConstraint(fields=("made_by", "person", "kind"), name="one_tie_a_kind"),
            models.CheckConstraint(condition=~Q(made_by=F("person")), name="tie_between_two_people"),
        )

    def __str__(self) -> str:
        return f"{self.made_by} and {self.person}: {self.get_kind_display().lower()}"
