"""Requests for acts that need two people: one person asks, another confirms."""

from datetime import date
from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from boards.models.areas import PartnershipArea
from boards.models.people import codes
from boards.rules import CONFIRMED_ROLES, Role
from core.database import at_by, at_by_why
from core.labels import Labelled

DAYS_TO_DECIDE = 14


class RequestOutcome(Labelled):
    """What became of a request."""

    CONFIRMED = "confirmed", "Confirmed"
    DECLINED = "declined", "Declined"
    WITHDRAWN = "withdrawn", "Withdrawn"
    LAPSED = "lapsed", "Ended without an answer"


DECIDED = (RequestOutcome.CONFIRMED.value, RequestOutcome.DECLINED.value, RequestOutcome.WITHDRAWN.value)


class RequestQuerySet[Asked: "Request"](models.QuerySet[Asked]):
    def waiting(self, day: date) -> Self:
        """Return those that someone may still decide on a day."""
        return self.filter(outcome="", ends_on__gte=day)


class Request(models.Model):
    """A request that another person confirms or declines. `outcome` is empty until someone decides. A request that
    no one decided ends after `ends_on`."""

    asked_at = models.DateTimeField()
    asked_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    ends_on = models.DateField("last day to decide")
    outcome = models.CharField(max_length=10, choices=RequestOutcome.choices(), blank=True)
    decided_at = models.DateTimeField(null=True)
    decided_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    decided_why = models.CharField("why it was declined", max_length=300, blank=True)

    class Meta:
        abstract = True

    def is_waiting(self, day: date) -> bool:
        return not self.outcome and self.ends_on >= day


def make_request_constraints(noun: str) -> tuple[models.BaseConstraint, ...]:
    """Return the constraints of each kind of request."""
    return (
        models.CheckConstraint(
            condition=Q(outcome__in=DECIDED, decided_at__isnull=False, decided_by__isnull=False)
            | (~Q(outcome__in=DECIDED) & Q(decided_at__isnull=True, decided_by__isnull=True)),
            name=f"{noun}_decided_at_by",
        ),
        models.CheckConstraint(
            condition=~Q(outcome=RequestOutcome.CONFIRMED.value) | ~Q(decided_by=F("asked_by")),
            name=f"{noun}_confirmed_by_another",
        ),
        models.CheckConstraint(
            condition=~Q(outcome=RequestOutcome.DECLINED.value) | ~Q(decided_why=""),
            name=f"{noun}_declined_with_reason",
        ),
    )


class RoleRequest(Request):
    """A coordinator's request to give a person one of the two strongest roles, or to take it away.

    An information officer of the area or an operator confirms it.
    """

    area = models.ForeignKey(PartnershipArea, models.PROTECT, related_name="role_requests")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name="person")
    role = models.CharField(
        max_length=20, choices=[(role.value, role.label) for role in Role if role in CONFIRMED_ROLES]
    )
    gives = models.BooleanField("gives the role", help_text="Otherwise it takes the role away.")
    shortened_at = models.DateTimeField(null=True)
    shortened_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    shortened_why = models.CharField(
        "reason for ending the wait",
        max_length=300,
        blank=True,
        help_text="Why a new information officer decides alone before the seven days are over.",
    )

    objects = RequestQuerySet["RoleRequest"].as_manager()

    class Meta:
        ordering = ("-asked_at", "-id")
        verbose_name = "request about a role"
        verbose_name_plural = "requests about roles"
        constraints = (
            models.CheckConstraint(condition=Q(role__in=codes(CONFIRMED_ROLES)), name="role_request_of_these_roles"),
            models.UniqueConstraint(
                fields=("area", "user", "role"), condition=Q(outcome=""), name="one_open_role_request"
            ),
            *make_request_constraints("role_request"),
            models.CheckConstraint(
                condition=~Q(outcome=RequestOutcome.CONFIRMED.value, gives=True) | ~Q(decided_by=F("user")),
                name="role_not_confirmed_for_oneself",
            ),
            models.CheckConstraint(name="wait_shortened_at_by", condition=at_by_why("shortened")),
            models.CheckConstraint(
                condition=Q(shortened_by__isnull=True)
                | (
                    Q(outcome=RequestOutcome.CONFIRMED.value, gives=True, role=Role.INFORMATION.value)
                    & ~Q(shortened_by=F("user"))
                    & ~Q(shortened_by=F("asked_by"))
                ),
                name="wait_shortened_by_another",
            ),
        )

    def __str__(self) -> str:
        return f"{self.user}: {self.get_role_display()}, {self.area}"


RESET_DAYS = 7  # in which somebody has to confirm


class FactorResetQuerySet(models.QuerySet["FactorReset"]):
    def undecided(self) -> Self:
        return self.filter(confirmed_at__isnull=True, refused_at__isnull=True)


class FactorReset(models.Model):
    """A request to remove a person's passkeys, authenticator app and recovery codes.

    One person asks and another confirms. Neither is the person whose factor it is. Anyone who may confirm can refuse,
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
            models.CheckConstraint(name="factor_reset_confirmed_at_by", condition=at_by("confirmed")),
            models.CheckConstraint(name="factor_reset_refused_at_by", condition=at_by("refused")),
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
