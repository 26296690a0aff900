"""Whom did we e-mail about their turn, or about something new?"""

from typing import Any

from django.conf import settings
from django.db import models

from boards.models.areas import PartnershipArea
from core.letter_kinds import LetterKind
from core.models import Claim


class Told(Claim):
    """A note that we e-mail a person about one occasion. `occasion` identifies it within its kind, for example by the
    key of its subject."""

    area = models.ForeignKey(PartnershipArea, models.CASCADE, related_name="told")
    person = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="told")
    kind = models.CharField(max_length=20, choices=LetterKind.choices())
    occasion = models.CharField(max_length=80)

    about: Any = None  # the thing itself, as we found it: not stored

    class Meta:
        ordering = ("-claimed_at", "-id")
        verbose_name = "news by e-mail"
        verbose_name_plural = "news by e-mail"
        constraints = (models.UniqueConstraint(fields=("person", "kind", "occasion"), name="told_once_of_an_occasion"),)

    def __str__(self) -> str:
        return f"{self.get_kind_display()}: {self.occasion}, to {self.person}"
