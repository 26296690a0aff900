"""Whose second factor shall be reset, because they lost their device? Two people decide."""

from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from boards.models.areas import PartnershipArea

RESET_DAYS = 7  # in which somebody has to confirm


class FactorResetQuerySet(models.QuerySet["FactorReset"]):
    def undecided(self) -> Self:
        return self.filter(confirmed_at__isnull=True, refused_at__isnull=True)


class FactorReset(models.Model):
    """A request to remove a person's passkeys, authenticator app and recovery codes.

    One person asks and another confirms. Neither is the person whose factor it is. Anybody who may confirm can refuse,
    and so can whoever asked.
    """

    area = models.ForeignKey(PartnershipArea, models.PROTECT, related_name="factor_resets")
    person = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="factor_resets")
    why = models.CharField("reason", max_length=300)
    asked_at = models.DateTimeField()
    asked_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    confirmed_at = models.DateTimeField(null=True)
    confirmed_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    refused_at = models.DateTimeField(null=True)
    refused_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")

    objects = FactorResetQuerySet.as_manager()

    class Meta:
        ordering = ("-asked_at", "-id")
        verbose_name = "reset of a second factor"
        verbose_name_plural = "resets of second factors"
        constraints = (
            models.CheckConstraint(condition=~Q(why=""), name="factor_reset_says_why"),
            models.CheckConstraint(condition=~Q(asked_by=F("person")), name="factor_reset_asked_by_another"),
            models.CheckConstraint(
                condition=Q(confirmed_at__isnull=True, confirmed_by__isnull=True)
                | Q(confirmed_at__isnull=False, confirmed_by__isnull=False),
                name="factor_reset_confirmed_at_by",
            ),
            models.CheckConstraint(
                condition=Q(refused_at__isnull=True, refused_by__isnull=True)
                | Q(refused_at__isnull=False, refused_by__isnull=False),
                name="factor_reset_refused_at_by",
            ),
            models.CheckConstraint(
                condition=Q(confirmed_at__isnull=True) | Q(refused_at__isnull=True), name="factor_reset_decided_once"
            ),
            models.CheckConstraint(  # two people, neither of them the person
                condition=Q(confirmed_by__isnull=True)
                | (~Q(confirmed_by=F("asked_by")) & ~Q(confirmed_by=F("person"))),
                name="factor_reset_confirmed_by_another",
            ),
            models.UniqueConstraint(
                fields=("area", "person"),
                condition=Q(confirmed_at__isnull=True, refused_at__isnull=True),
                name="one_factor_reset_a_person",
            ),
        )

    def __str__(self) -> str:
        return f"{self.person}, {self.asked_at:%Y-%m-%d}"
