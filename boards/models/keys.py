"""Keys with which machines may read or feed an area, and how often they asked."""

from datetime import date
from typing import Any, Self

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import F, Q
from django.urls import reverse

from boards.key_secrets import Scope
from boards.models.areas import Agency, PartnershipArea
from boards.models.regions import Region
from core.database import at_by

LONGEST_LIFE = 366  # days


def validate_scopes(scopes: str) -> None:
    codes = scopes.split()
    if not codes or not set(codes) <= {scope.value for scope in Scope}:
        raise ValidationError("Choose what the key opens.")


class KeyQuerySet(models.QuerySet[Any]):
    def in_force(self, day: date) -> Self:
        """Return the keys that no one revoked and that haven't ended."""
        return self.filter(revoked_at__isnull=True, ends_on__gte=day)


class Key(models.Model):
    """A key for a machine. We store a hash of its secret, never the secret.

    It opens no more than its owner may open at that moment: boards.key_access. `answers_by` is the person who owns it,
    or the lead who answers for what an agency's key does. `used_on` is the last day on which we counted a request.
    """

    name = models.CharField("what uses it", max_length=80)
    prefix = models.CharField(max_length=8, unique=True, editable=False)
    digest = models.CharField(max_length=64, editable=False)
    answers_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    made_at = models.DateTimeField()
    made_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    ends_on = models.DateField("last day")
    revoked_at = models.DateTimeField(null=True)
    revoked_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    replaces = models.OneToOneField("self", models.PROTECT, null=True, related_name="replaced_by")
    used_on = models.DateField("last used on", null=True, editable=False)

    # Whose it is, and what it opens:
    place: PartnershipArea | Region
    owner: str
    scopes: str

    class Meta:
        abstract = True
        ordering = ("-made_at", "-id")

    def __str__(self) -> str:
        return f"{self.name} ({self.prefix})"

    @property
    def where(self) -> dict[str, str]:
        """Return how the record names its place."""
        raise NotImplementedError

    @property
    def is_turned_off(self) -> bool:
        """Return whether it works only when its place's keys are turned on."""
        return False

    @property
    def scope_labels(self) -> list[str]:
        return [scope.label for scope in Scope if scope.value in self.scopes.split()]


class ApiKey(Key):
    """A key of one person, or of one agency, in one area."""

    area = models.ForeignKey(PartnershipArea, models.PROTECT, related_name="keys")
    person = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="keys")
    agency = models.ForeignKey(Agency, models.PROTECT, null=True, related_name="keys")
    scopes = models.CharField(
        "what it opens", max_length=200, validators=[validate_scopes], help_text="Codes, with spaces between."
    )

    objects = KeyQuerySet.as_manager()

    class Meta(Key.Meta):
        verbose_name = "key"
        constraints = (
            models.CheckConstraint(
                condition=Q(person__isnull=False, agency__isnull=True) | Q(person__isnull=True, agency__isnull=False),
                name="key_of_a_person_or_an_agency",
            ),
            models.CheckConstraint(
                condition=Q(person__isnull=True) | Q(answers_by=F("person")),
                name="person_answers_for_own_key",
            ),
            models.CheckConstraint(name="key_revoked_at_by", condition=at_by("revoked")),
            models.CheckConstraint(
                condition=Q(agency__isnull=False) | ~Q(scopes__contains=Scope.RETURN.value),
                name="only_an_agency_writes_its_return",
            ),
            models.CheckConstraint(
                condition=~Q(prefix="") & ~Q(digest="") & ~Q(name="") & ~Q(scopes=""), name="key_is_whole"
            ),
        )

    @property
    def place(self) -> PartnershipArea:  # type: ignore[override]
        return self.area

    @property
    def where(self) -> dict[str, str]:
        return {"area": self.area.slug}

    @property
    def owner(self) -> str:  # type: ignore[override]
        return str(self.agency or self.person)

    @property
    def is_turned_off(self) -> bool:
        return not self.area.has_keys

    def make_next(self) -> "ApiKey":
        """Return a key like this one, to replace it."""
        same = {"area": self.area, "person": self.person, "agency": self.agency, "scopes": self.scopes}
        return ApiKey(**same, name=self.name, replaces=self)

    def get_absolute_url(self) -> str:
        return reverse("boards:key-view", args=[self.area.slug, self.pk])


class RegionKey(Key):
    """A key of one person in a region: it reads what the region's areas show. Not an ApiKey, which belongs to an area:
    no row may belong to an area sometimes (boards.one_area)."""

    region = models.ForeignKey(Region, models.PROTECT, related_name="keys")

    objects = KeyQuerySet.as_manager()
    scopes = Scope.HISTORY.value

    class Meta(Key.Meta):
        verbose_name = "key of a region"
        verbose_name_plural = "keys of regions"
        constraints = (
            models.CheckConstraint(name="region_key_revoked_at_by", condition=at_by("revoked")),
            models.CheckConstraint(condition=~Q(prefix="") & ~Q(digest="") & ~Q(name=""), name="region_key_is_whole"),
        )

    @property
    def place(self) -> Region:  # type: ignore[override]
        return self.region

    @property
    def where(self) -> dict[str, str]:
        return {"area": "", "region": self.region.slug}

    @property
    def owner(self) -> str:  # type: ignore[override]
        return str(self.answers_by)

    def make_next(self) -> "RegionKey":
        """Return a key like this one, to replace it."""
        return RegionKey(region=self.region, name=self.name, replaces=self)

    def get_absolute_url(self) -> str:
        return reverse("region-setup:key-view", args=[self.region.slug, self.pk])


class Use(models.Model):
    """How often a key was used in an hour. `minute` is the last minute of the hour with a request, and `in_minute` how
    many it had. `asked` says what for, in the bits of boards.selectors. Once the hour is over, it is noted in the log
    of reading and deleted."""

    key: models.ForeignKey[Any, Any]
    hour = models.DateTimeField()
    requests = models.PositiveIntegerField(default=0)
    refused = models.PositiveIntegerField(default=0)
    minute = models.PositiveSmallIntegerField(default=0)
    in_minute = models.PositiveIntegerField(default=0)
    asked = models.PositiveSmallIntegerField("what it asked for", default=0)

    class Meta:
        abstract = True
        ordering = ("-hour",)

    def __str__(self) -> str:
        return f"{self.key}, {self.hour:%Y-%m-%d %H}"


class KeyUse(Use):
    """How often an area's key was used in an hour."""

    key = models.ForeignKey(ApiKey, models.CASCADE, related_name="uses")

    class Meta(Use.Meta):
        verbose_name = "use of a key"
        verbose_name_plural = "uses of keys"
        constraints = (models.UniqueConstraint(fields=("key", "hour"), name="one_count_per_key_and_hour"),)


class RegionKeyUse(Use):
    """How often a region's key was used in an hour."""

    key = models.ForeignKey(RegionKey, models.CASCADE, related_name="uses")

    class Meta(Use.Meta):
        verbose_name = "use of a region’s key"
        verbose_name_plural = "uses of regions’ keys"
        constraints = (models.UniqueConstraint(fields=("key", "hour"), name="one_count_per_region_key_and_hour"),)
