"""What the boards are shown: each month's versions, worked out and kept. Their figures are in a module of their own."""

from django.conf import settings
from django.db import models
from django.db.models import Q

from boards.models import ReportingPeriod
from core.labels import Labelled


class SnapshotState(Labelled):
    """A DRAFT is rewritten by each roll-up; what is PUBLISHED stays as it was."""

    DRAFT = "draft", "Draft"
    PUBLISHED = "published", "Published"


class Snapshot(models.Model):
    """An area's month as it stood at a moment: one version of it.

    `fingerprint` is a hash of the rules and of every line, by which a roll-up knows that nothing
    changed. `timeliness` counts the returns of the twelve months up to this one that were due when
    it was taken: {"on_time", "late", "missing"}; it is no part of the fingerprint, since a late
    return alone makes no new version.
    """

    period = models.ForeignKey(ReportingPeriod, models.PROTECT, related_name="snapshots")
    version = models.PositiveIntegerField(default=1)
    state = models.CharField(max_length=10, choices=SnapshotState.choices(), default=SnapshotState.DRAFT.value)
    rules_version = models.PositiveIntegerField()
    fingerprint = models.CharField(max_length=64)
    timeliness = models.JSONField(default=dict)
    taken_at = models.DateTimeField()
    published_at = models.DateTimeField(null=True)
    published_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")

    class Meta:
        ordering = ("period", "-version")
        constraints = (
            models.UniqueConstraint(fields=("period", "version"), name="one_snapshot_per_version"),
            models.CheckConstraint(condition=Q(version__gte=1), name="versions_count_from_one"),
            models.CheckConstraint(
                name="snapshot_published_at_by",
                condition=Q(state=SnapshotState.DRAFT.value, published_at__isnull=True, published_by__isnull=True)
                | Q(
                    state=SnapshotState.PUBLISHED.value,
                    published_at__isnull=False,
                    published_by__isnull=False,
                ),
            ),
            models.UniqueConstraint(
                fields=("period",), condition=Q(state=SnapshotState.DRAFT.value), name="one_draft_per_month"
            ),
        )

    def __str__(self) -> str:
        return f"{self.period}, version {self.version}"
