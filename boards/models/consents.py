"""Which areas let others use their published figures, for what, and from when until when?"""

from datetime import date
from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import Exists, F, OuterRef, Q

from boards.models.areas import PartnershipArea
from boards.models.regions import Region, RegionPlace
from core.labels import Labelled

# The fewest areas whose figures are shown together. With two, each could work out the other's.
LEAST_AREAS = 3


class Shows(Labelled):
    """What a consent lets others see."""

    JOINT = "joint", "Only the combined result of at least three areas"
    PUBLIC = "public", "What the area has made public"
    PARTNERS = "partners", "Its published months, as its partners see them"


class ConsentQuerySet(models.QuerySet["Consent"]):
    def in_force(self, day: date) -> Self:
        """Return the consents that apply on a day: an information officer agreed, and nobody withdrew them."""
        return self.filter(agreed_at__isnull=False, withdrawn_at__isnull=True, starts_on__lte=day, ends_on__gte=day)

    def let_compare(self, area: PartnershipArea, day: date) -> Self:
        """Return the consents of other areas that let this area compare with them on a day.

        A consent to a region lets only those areas compare that show the same region as much themselves, and only while
        the region has both.
        """
        placed = Exists(RegionPlace.objects.filter(region=OuterRef("region"), area=OuterRef("area")))
        full = Q(placed, shows=Shows.PARTNERS.value)
        own = Consent.objects.in_force(day).filter(full, area=area, region=OuterRef("region"))
        given = self.in_force(day).exclude(area=area)
        return given.filter(Q(region=None) | full & Q(Exists(own)))


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
