"""Which areas let others compare with their published figures, and from when until when?"""

from datetime import date
from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from boards.models.areas import PartnershipArea


class ConsentQuerySet(models.QuerySet["Consent"]):
    def in_force(self, day: date) -> Self:
        """Return the consents that apply on a day: an information officer agreed, and nobody withdrew them."""
        return self.filter(agreed_at__isnull=False, withdrawn_at__isnull=True, starts_on__lte=day, ends_on__gte=day)


class Consent(models.Model):
    """An area's consent to comparison with its published figures.

    A coordinator gives it. It applies only once an information officer agrees. Either of them can withdraw it at any
    time. No page shows the area's own figures, only the combined result of at least three such areas.
    """

    area = models.ForeignKey(PartnershipArea, models.PROTECT, related_name="consents")
    starts_on = models.DateField("first day")
    ends_on = models.DateField("last day")
    given_at = models.DateTimeField()
    given_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    agreed_at = models.DateTimeField(null=True)
    agreed_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    withdrawn_at = models.DateTimeField(null=True)
    withdrawn_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")

    objects = ConsentQuerySet.as_manager()

    class Meta:
        ordering = ("-starts_on", "-id")
        constraints = (
            models.CheckConstraint(condition=Q(ends_on__gt=F("starts_on")), name="consent_ends_after_its_start"),
            models.CheckConstraint(
                condition=Q(agreed_at__isnull=True, agreed_by__isnull=True)
                | Q(agreed_at__isnull=False, agreed_by__isnull=False),
                name="consent_agreed_at_by",
            ),
            models.CheckConstraint(
                condition=Q(withdrawn_at__isnull=True, withdrawn_by__isnull=True)
                | Q(withdrawn_at__isnull=False, withdrawn_by__isnull=False),
                name="consent_withdrawn_at_by",
            ),
            models.CheckConstraint(  # two people have to agree
                condition=Q(agreed_by__isnull=True) | ~Q(agreed_by=F("given_by")),
                name="consent_agreed_to_by_another",
            ),
        )

    def __str__(self) -> str:
        return f"{self.area}, {self.starts_on:%Y-%m-%d} to {self.ends_on:%Y-%m-%d}"
