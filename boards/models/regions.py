"""Which areas does a region have, and who works for it?

A region shows what its areas agreed to, and has no rights inside them. Whether an area agreed is its consent
(boards.models.consents).
"""

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import models

from boards.models.areas import CODE, PartnershipArea
from boards.roles import RegionRole

# The words that follow "regions/" in other addresses.
RESERVED_REGIONS = frozenset({"add", "public"})


def validate_no_region_page(slug: str) -> None:
    if slug in RESERVED_REGIONS:
        raise ValidationError(f"“{slug}” is already the address of another page. Choose another.")


class Region(models.Model):
    """A set of areas whose consenting months are shown together, such as a county."""

    slug = models.CharField("name in addresses", max_length=40, unique=True, validators=[CODE, validate_no_region_page])
    name = models.CharField(max_length=80)
    made_at = models.DateTimeField()
    made_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")

    class Meta:
        ordering = ("name",)

    def __str__(self) -> str:
        return self.name


class RegionPlace(models.Model):
    """An area that a region invited. It shows nothing before the area itself consents."""

    region = models.ForeignKey(Region, models.PROTECT, related_name="places")
    area = models.ForeignKey(PartnershipArea, models.PROTECT, related_name="region_places")
    invited_at = models.DateTimeField()
    invited_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")

    class Meta:
        ordering = ("region", "area__name")
        constraints = (
            models.UniqueConstraint(
                fields=("region", "area"),
                name="area_once_in_a_region",
                violation_error_message="This area is already invited to the region.",
            ),
        )

    def __str__(self) -> str:
        return f"{self.area}, {self.region}"


class RegionMembership(models.Model):
    """A person's role in a region. It gives them no role inside its areas."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="region_memberships")
    region = models.ForeignKey(Region, models.CASCADE, related_name="memberships")
    role = models.CharField(max_length=20, choices=RegionRole.choices())
    given_at = models.DateTimeField()
    given_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")

    class Meta:
        ordering = ("region", "role", "id")
        constraints = (
            models.UniqueConstraint(
                fields=("user", "region", "role"),
                name="one_region_role",
                violation_error_message="This person already has that role.",
            ),
        )

    def __str__(self) -> str:
        return f"{self.user}: {self.get_role_display()}, {self.region}"
