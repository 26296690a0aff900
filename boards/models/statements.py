"""What an area adds to the privacy notice and the accessibility statement."""

from django.conf import settings
from django.db import models

from boards.models.areas import PartnershipArea


class PublicStatements(models.Model):
    """An area's own part of the two statements, as plain text. The rest is the product's and the same everywhere.

    `revision` counts its changes. With it, two people who open the form together learn of each other.
    """

    area = models.OneToOneField(PartnershipArea, models.PROTECT, related_name="statements")
    privacy = models.TextField("the privacy notice’s part", blank=True)
    accessibility = models.TextField("the accessibility statement’s part", blank=True)
    revision = models.PositiveIntegerField(default=0)
    changed_at = models.DateTimeField()
    changed_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")

    class Meta:
        verbose_name = "statements for the public"
        verbose_name_plural = "statements for the public"

    def __str__(self) -> str:
        return f"{self.area}: privacy and accessibility"


def split(text: str) -> list[str]:
    """Return the paragraphs of a text."""
    return [paragraph for paragraph in text.split("\n\n") if paragraph]
