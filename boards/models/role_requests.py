"""Who is asked to become or to stop being a coordinator or an information officer, and who confirmed it?"""

from datetime import date
from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from boards.models.areas import PartnershipArea, codes
from boards.roles import CONFIRMED_ROLES, Role
from core.labels import Labelled


class RoleOutcome(Labelled):
    """What became of a request."""

    CONFIRMED = "confirmed", "Confirmed"
    DECLINED = "declined", "Declined"
    WITHDRAWN = "withdrawn", "Withdrawn"
    LAPSED = "lapsed", "Ended without an answer"


DECIDED = (RoleOutcome.CONFIRMED.value, RoleOutcome.DECLINED.value, RoleOutcome.WITHDRAWN.value)


class RoleRequestQuerySet(models.QuerySet["RoleRequest"]):
    def waiting(self, day: date) -> Self:
        """Return those that somebody may still decide on a day."""
        return self.filter(outcome="", ends_on__gte=day)


class RoleRequest(models.Model):
    """A coordinator's request to give a person one of the two strongest roles, or to take it away.

    An information officer of the area or an operator confirms it. `outcome` is empty until somebody decides. A request
    that nobody decided ends after `ends_on`.
    """

    area = models.ForeignKey(PartnershipArea, models.PROTECT, related_name="role_requests")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name="person")
    role = models.CharField(
        max_length=20, choices=[(role.value, role.label) for role in Role if role in CONFIRMED_ROLES]
    )
    gives = models.BooleanField("gives the role", help_text="Otherwise it takes the role away.")
    asked_at = models.DateTimeField()
    asked_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    ends_on = models.DateField("last day to decide")
    outcome = models.CharField(max_length=10, choices=RoleOutcome.choices(), blank=True)
    decided_at = models.DateTimeField(null=True)
    decided_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    why = models.CharField("reason", max_length=300, blank=True, help_text="Why it was declined.")
    shortened_at = models.DateTimeField(null=True)
    shortened_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    shortened_why = models.CharField(
        "reason for ending the wait",
        max_length=300,
        blank=True,
        help_text="Why a new information officer decides alone before the seven days are over.",
    )

    objects = RoleRequestQuerySet.as_manager()

    class Meta:
        ordering = ("-asked_at", "-id")
        verbose_name = "request about a role"
        verbose_name_plural = "requests about roles"
        constraints = (
            models.CheckConstraint(condition=Q(role__in=codes(CONFIRMED_ROLES)), name="role_request_of_these_roles"),
            models.UniqueConstraint(
                fields=("area", "user", "role"), condition=Q(outcome=""), name="one_open_role_request"
            ),
            models.CheckConstraint(
                condition=Q(outcome__in=DECIDED, decided_at__isnull=False, decided_by__isnull=False)
                | (~Q(outcome__in=DECIDED) & Q(decided_at__isnull=True, decided_by__isnull=True)),
                name="role_request_decided_at_by",
            ),
            models.CheckConstraint(
                condition=~Q(outcome=RoleOutcome.CONFIRMED.value) | ~Q(decided_by=F("asked_by")),
                name="role_confirmed_by_another",
            ),
            models.CheckConstraint(
                condition=~Q(outcome=RoleOutcome.CONFIRMED.value, gives=True) | ~Q(decided_by=F("user")),
                name="role_not_confirmed_for_oneself",
            ),
            models.CheckConstraint(
                condition=~Q(outcome=RoleOutcome.DECLINED.value) | ~Q(why=""), name="declined_role_says_why"
            ),
            models.CheckConstraint(
                condition=Q(shortened_at__isnull=True, shortened_by__isnull=True, shortened_why="")
                | (Q(shortened_at__isnull=False, shortened_by__isnull=False) & ~Q(shortened_why="")),
                name="wait_shortened_at_by",
            ),
            models.CheckConstraint(
                condition=Q(shortened_by__isnull=True)
                | (
                    Q(outcome=RoleOutcome.CONFIRMED.value, gives=True, role=Role.INFORMATION.value)
                    & ~Q(shortened_by=F("user"))
                    & ~Q(shortened_by=F("asked_by"))
                ),
                name="wait_shortened_by_another",
            ),
        )

    def __str__(self) -> str:
        return f"{self.user}: {self.get_role_display()}, {self.area}"
