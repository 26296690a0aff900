"""Who is asked to become or to stop being a coordinator or an information officer, and who confirmed it?"""

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from boards.models.areas import PartnershipArea
from boards.models.memberships import codes
from boards.models.requests import Request, RequestOutcome, RequestQuerySet, make_request_constraints
from boards.roles import CONFIRMED_ROLES, Role


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
            models.CheckConstraint(
                condition=Q(shortened_at__isnull=True, shortened_by__isnull=True, shortened_why="")
                | (Q(shortened_at__isnull=False, shortened_by__isnull=False) & ~Q(shortened_why="")),
                name="wait_shortened_at_by",
            ),
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
