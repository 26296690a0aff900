"""The roles that people have in an area."""

from collections.abc import Iterable

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import F, Q

from boards.invitations import is_within
from boards.models.areas import Agency, Board, PartnershipArea
from boards.rules import AGENCY_ROLES, AREA_ROLES, BOARD_ROLES, CONFIRMED_ROLES, Role
from core.database import at_by
from core.labels import Labelled


def codes(roles: Iterable[Role]) -> list[str]:
    return sorted(role.value for role in roles)


class Membership(models.Model):
    """A person's role in an area: for an agency, for a board, or for the whole area.

    `acts_from` is the first day on which an information officer decides alone: see boards.permissions.
    `attested_by` is the person who invited them and attested who they are; empty if the command line or the admin gave
    the role. `kept_by` is the coordinator who last confirmed the role although no one used it.
    """

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="memberships")
    area = models.ForeignKey(PartnershipArea, models.CASCADE, related_name="memberships")
    role = models.CharField(max_length=20, choices=[choice for choice in Role.choices() if choice[0] != Role.OPERATOR])
    agency = models.ForeignKey(Agency, models.CASCADE, null=True, blank=True, related_name="memberships")
    board = models.ForeignKey(Board, models.CASCADE, null=True, blank=True, related_name="memberships")
    acts_from = models.DateField("decides alone from", null=True, blank=True, editable=False)
    attested_at = models.DateTimeField(null=True, editable=False)
    attested_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, editable=False, related_name="+"
    )
    kept_at = models.DateTimeField(null=True, editable=False)
    kept_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, editable=False, related_name="+")

    class Meta:
        ordering = ("area", "role", "id")
        constraints = (
            models.CheckConstraint(name="membership_attested_at_by", condition=at_by("attested")),
            models.CheckConstraint(name="membership_kept_at_by", condition=at_by("kept")),
            models.CheckConstraint(
                name="role_has_its_agency_or_board",
                condition=Q(role__in=codes(AGENCY_ROLES), agency__isnull=False, board__isnull=True)
                | Q(role__in=codes(BOARD_ROLES), agency__isnull=True, board__isnull=False)
                | Q(role__in=codes(AREA_ROLES), agency__isnull=True, board__isnull=True),
                violation_error_message="A role for an agency needs the agency, and a role for a board needs the "
                "board. Other roles need neither.",
            ),
            models.UniqueConstraint(
                # Three constraints with conditions. A single one would refuse nothing: no NULL equals another.
                fields=("user", "role", "agency"),
                condition=Q(agency__isnull=False),
                name="one_role_per_agency",
                violation_error_message="This person already has that role.",
            ),
            models.UniqueConstraint(
                fields=("user", "role", "board"),
                condition=Q(board__isnull=False),
                name="one_role_per_board",
                violation_error_message="This person already has that role.",
            ),
            models.UniqueConstraint(
                fields=("user", "role", "area"),
                condition=Q(agency__isnull=True, board__isnull=True),
                name="one_role_per_area",
                violation_error_message="This person already has that role.",
            ),
            models.UniqueConstraint(
                # One gives roles and publishes, the other decides what the public may see: two people.
                fields=("user", "area"),
                condition=Q(role__in=codes(CONFIRMED_ROLES)),
                name="coordinator_or_officer",
                violation_error_message="No one can be both coordinator and information officer of an area.",
            ),
            models.CheckConstraint(
                condition=Q(role=Role.INFORMATION.value, acts_from__isnull=False)
                | (~Q(role=Role.INFORMATION.value) & Q(acts_from__isnull=True)),
                name="officer_has_a_first_day",
            ),
        )

    def __str__(self) -> str:
        place = self.agency or self.board or self.area
        return f"{self.user}: {self.get_role_display()}, {place}"

    def clean(self) -> None:
        for place in (self.agency, self.board):
            # Triggers refuse it too (boards.one_area), but without a sentence.
            if place is not None and place.area_id != self.area_id:
                raise ValidationError(f"{place} belongs to another area.")
        if self._state.adding and self.agency is not None and not is_within(self.user.email, self.agency.domains):
            raise ValidationError(describe_domains(self.agency, self.user.email))


def describe_domains(agency: Agency, email: str) -> str:
    """Return why an address can't get a role for an agency."""
    return (
        f"{email} can’t get a role for {agency.name}. People with a role for this agency need an address at "
        f"{' or '.join(agency.domains)}. "
        "You can change that at the agency in Set-up."
    )


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


class RoleReview(models.Model):
    """A coordinator looked at the roles that no one uses: how many they kept, and how many they ended."""

    area = models.ForeignKey(PartnershipArea, models.CASCADE, related_name="role_reviews")
    reviewed_at = models.DateTimeField()
    reviewed_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    kept = models.PositiveIntegerField()
    ended = models.PositiveIntegerField()

    class Meta:
        ordering = ("-reviewed_at", "-id")

    def __str__(self) -> str:
        return f"{self.area}, {self.reviewed_at:%Y-%m-%d}"
