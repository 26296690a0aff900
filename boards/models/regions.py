"""Regions: the areas that each has, the people who work for it, and the consents of areas.

A region shows what its areas agreed to, and has no rights inside them. Whether an area agreed is its `Consent`.
"""

from datetime import date
from typing import Self

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Exists, F, OuterRef, Q

from boards.models.areas import CODE, PartnershipArea
from boards.rules import RegionRole
from core.database import at_by
from core.labels import Labelled

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


# The fewest areas whose figures are shown together. With two, each could work out the other's.
LEAST_AREAS = 3


class Shows(Labelled):
    """What a consent lets others see."""

    JOINT = "joint", "Only the combined result of at least three areas"
    PUBLIC = "public", "What the area has made public"
    PARTNERS = "partners", "Its published months, as its partners see them"


class ConsentQuerySet(models.QuerySet["Consent"]):
    def in_force(self, day: date) -> Self:
        """Return the consents that apply on a day: an information officer agreed, and no one withdrew them."""
        return self.filter(agreed_at__isnull=False, withdrawn_at__isnull=True, starts_on__lte=day, ends_on__gte=day)

    def let_compare(self, area: PartnershipArea, day: date) -> Self:
        """Return the consents of other areas that let this area compare with them on a day.

        A consent to a region lets only those areas compare that show the same region as much themselves, and only while
        the region has both.
        """
        placed = Exists(RegionPlace.objects.filter(region=OuterRef("region"), area=OuterRef("area")))
        full = Q(placed, shows=Shows.PARTNERS.value)
        ours = Consent.objects.in_force(day).filter(full, area=area, region=OuterRef("region"))
        theirs = self.in_force(day).exclude(area=area)
        return theirs.filter(Q(region=None) | full & Q(Exists(ours)))


class Consent(models.Model):
    """An area's consent to the use of its published figures: by a region, or, without one, for comparison.

    A coordinator gives it. It applies only once an information officer agrees. Either of them can withdraw it at any
    time. Without a region, no page shows the area's own figures, only the combined result of at least three areas.
    """

    area = models.ForeignKey(PartnershipArea, models.PROTECT, related_name="consents")
    region = models.ForeignKey(Region, models.PROTECT, null=True, related_name="consents")
    shows = models.CharField("what it shows", max_length=10, choices=Shows.choices(), default=Shows.JOINT.value)
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
            models.CheckConstraint(name="consent_agreed_at_by", condition=at_by("agreed")),
            models.CheckConstraint(name="consent_withdrawn_at_by", condition=at_by("withdrawn")),
            models.CheckConstraint(  # two people have to agree
                condition=Q(agreed_by__isnull=True) | ~Q(agreed_by=F("given_by")),
                name="consent_agreed_to_by_another",
            ),
            models.CheckConstraint(
                condition=Q(region__isnull=True, shows=Shows.JOINT.value)
                | Q(region__isnull=False, shows__in=[Shows.PUBLIC.value, Shows.PARTNERS.value]),
                name="consent_shows_what_its_region_may",
            ),
        )

    def __str__(self) -> str:
        return f"{self.area}, {self.starts_on:%Y-%m-%d} to {self.ends_on:%Y-%m-%d}"

    @property
    def use(self) -> str:
        """Say what it permits, in words."""
        if self.region is None:
            return "Comparison by other areas"
        if self.shows == Shows.PUBLIC:
            return f"{self.region}: what is public"
        return f"{self.region}: published months, with every figure"
