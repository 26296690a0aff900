"""Keys with which machines may read or feed an area, and how often they asked."""

from datetime import date
from typing import Self

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import F, Q

from boards.key_secrets import Scope
from boards.models.areas import Agency, PartnershipArea
from core.database import at_by

LONGEST_LIFE = 366  # days


def validate_scopes(scopes: str) -> None:
    codes = scopes.split()
    if not codes or not set(codes) <= {scope.value for scope in Scope}:
        raise ValidationError("Choose what the key opens.")


class ApiKeyQuerySet(models.QuerySet["ApiKey"]):
    def in_force(self, day: date) -> Self:
        """Return the keys that no one revoked and that haven't ended."""
        return self.filter(revoked_at__isnull=True, ends_on__gte=day)


class ApiKey(models.Model):
    """A key of one person, or of one agency, in one area. We store a hash of its secret, never the secret.

    It opens no more than its owner may open at that moment: boards.key_access. `answers_by` is the person, or the lead
    who answers for what an agency's key does. `used_on` is the last day on which we counted a request.
    """

    area = models.ForeignKey(PartnershipArea, models.PROTECT, related_name="keys")
    person = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="keys")
    agency = models.ForeignKey(Agency, models.PROTECT, null=True, related_name="keys")
    name = models.CharField("what uses it", max_length=80)
    prefix = models.CharField(max_length=8, unique=True, editable=False)
    digest = models.CharField(max_length=64, editable=False)
    scopes = models.CharField(
        "what it opens", max_length=200, validators=[validate_scopes], help_text="Codes, with spaces between."
    )
    answers_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    made_at = models.DateTimeField()
    made_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    ends_on = models.DateField("last day")
    revoked_at = models.DateTimeField(null=True)
    revoked_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    replaces = models.OneToOneField("self", models.PROTECT, null=True, related_name="replaced_by")
    used_on = models.DateField("last used on", null=True, editable=False)

    objects = ApiKeyQuerySet.as_manager()

    class Meta:
        ordering = ("-made_at", "-id")
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

    def __str__(self) -> str:
        return f"{self.name} ({self.prefix})"

    @property
    def owner(self) -> str:
        return str(self.agency or self.person)

    @property
    def scope_labels(self) -> list[str]:
        return [scope.label for scope in Scope if scope.value in self.scopes.split()]


class KeyUse(models.Model):
    """How often a key was used in an hour. `minute` is the last minute of the hour with a request, and `in_minute` how
    many it had. `asked` says what for, in the bits of boards.selectors. Once the hour is over, it is noted in the log
    of reading and deleted."""

    key = models.ForeignKey(ApiKey, models.CASCADE, related_name="uses")
    hour = models.DateTimeField()
    requests = models.PositiveIntegerField(default=0)
    refused = models.PositiveIntegerField(default=0)
    minute = models.PositiveSmallIntegerField(default=0)
    in_minute = models.PositiveIntegerField(default=0)
    asked = models.PositiveSmallIntegerField("what it asked for", default=0)

    class Meta:
        ordering = ("-hour",)
        verbose_name = "use of a key"
        verbose_name_plural = "uses of keys"
        constraints = (models.UniqueConstraint(fields=("key", "hour"), name="one_count_per_key_and_hour"),)

    def __str__(self) -> str:
        return f"{self.key}, {self.hour:%Y-%m-%d %H}"
