"""When did a coordinator last look at the roles that nobody uses?"""

from django.conf import settings
from django.db import models

from boards.models.areas import PartnershipArea


class RoleReview(models.Model):
    """A coordinator looked at the roles that nobody uses: how many they kept, and how many they ended."""

    area = models.ForeignKey(PartnershipArea, models.CASCADE, related_name="role_reviews")
    reviewed_at = models.DateTimeField()
    reviewed_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    kept = models.PositiveIntegerField()
    ended = models.PositiveIntegerField()

    class Meta:
        ordering = ("-reviewed_at", "-id")

    def __str__(self) -> str:
        return f"{self.area}, {self.reviewed_at:%Y-%m-%d}"
