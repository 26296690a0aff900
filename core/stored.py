"""Bytes that a row refers to: a pack's file, a picture, a bundle. core.objects puts and reads them: docs/adr/0081."""

from django.db import models
from django.db.models import Q
from django.db.models.functions import Length


class StoredObject(models.Model):
    """Bytes under their own hash, in hexadecimal digits. The database refuses to change them (core.freeze).

    `content` is None if they are in a store outside the database. `unused_since` is when a job found that no row refers
    to it. Load `content` only to send it: it may have megabytes.
    """

    sha256 = models.CharField("SHA-256", max_length=64, primary_key=True)
    size = models.PositiveBigIntegerField("size in bytes")
    media_type = models.CharField(max_length=40)
    content = models.BinaryField(null=True)
    unused_since = models.DateTimeField("no row has used it since", null=True)

    class Meta:
        ordering = ("sha256",)
        constraints = (
            models.CheckConstraint(condition=~Q(media_type=""), name="stored_object_has_its_type"),
            models.CheckConstraint(
                condition=Q(content__isnull=True) | Q(size=Length("content")), name="stored_object_has_its_size"
            ),
        )

    def __str__(self) -> str:
        return self.sha256[:12]
