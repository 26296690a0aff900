"""Need-to-know: the line names, who may see them, and who did. Boards see counts, never names."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.db.models.functions import Lower

from boards.models import PartnershipArea
from core.database import at_by
from indicators.models.catalogue import Category


class LineName(models.Model):
    """What a drug line, or the group behind it, is called. Never a person's name.

    Only the page of names shows it, to a named viewer who says why. Its text form is "a name", to keep it out of logs
    and messages.
    """

    area = models.ForeignKey(PartnershipArea, models.PROTECT, related_name="line_names")
    category = models.ForeignKey(Category, models.PROTECT, related_name="line_names", verbose_name="origin")
    name = models.CharField(max_length=80)
    noted_at = models.DateTimeField()
    noted_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    retired_at = models.DateTimeField(null=True)
    retired_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")

    class Meta:
        ordering = ("category", "id")
        constraints = (
            models.CheckConstraint(condition=~Q(name=""), name="line_name_is_there"),
            # A name that was retired may be in use again later, so only those in use are unique.
            models.UniqueConstraint(
                "category",
                Lower("name"),
                condition=Q(retired_at__isnull=True),
                name="one_line_name_per_origin",
                violation_error_message="This name is held already.",
            ),
            models.CheckConstraint(name="line_name_retired_at_by", condition=at_by("retired")),
        )

    def __str__(self) -> str:
        return f"A name of a line from {self.category}"


class NameViewer(models.Model):
    """A person's permission to see the line names: from when, who gave it and why, and until when."""

    area = models.ForeignKey(PartnershipArea, models.PROTECT, related_name="name_viewers")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    granted_at = models.DateTimeField()
    granted_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    why = models.CharField("reason", max_length=300)
    ended_at = models.DateTimeField(null=True)
    ended_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")

    class Meta:
        ordering = ("area", "id")
        constraints = (
            # Access may end and be given again.
            models.UniqueConstraint(
                fields=("area", "user"), condition=Q(ended_at__isnull=True), name="one_view_of_names_per_person"
            ),
            models.CheckConstraint(
                condition=~Q(why=""), name="view_of_names_has_its_reason", violation_error_message="Say why."
            ),
            models.CheckConstraint(name="view_of_names_ended_at_by", condition=at_by("ended")),
        )

    def __str__(self) -> str:
        return f"{self.user}, who may see line names in {self.area}"


class NameReveal(models.Model):
    """A look at the names of an origin's lines: who and why. Added and never changed."""

    category = models.ForeignKey(Category, models.PROTECT, related_name="name_reveals", verbose_name="origin")
    why = models.CharField("reason", max_length=300)
    made_at = models.DateTimeField()
    made_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")

    class Meta:
        ordering = ("-made_at", "-id")
        constraints = (
            models.CheckConstraint(
                condition=~Q(why=""), name="look_at_names_has_its_reason", violation_error_message="Say why."
            ),
        )

    def __str__(self) -> str:
        return f"{self.made_by} looked at line names from {self.category}"
