"""Each month's versions, worked out and stored, and their commentary. Their figures are in a module of their own."""

from datetime import datetime
from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import Q

from boards.models import Board, ReportingPeriod
from boards.rules import Role
from core.labels import Labelled
from core.texts import LONGEST_REASON


class SnapshotState(Labelled):
    """Each roll-up writes a DRAFT again. A PUBLISHED version never changes."""

    DRAFT = "draft", "Draft"
    PUBLISHED = "published", "Published"


class SnapshotQuerySet(models.QuerySet["Snapshot"]):
    def standing(self) -> Self:
        """Return what was published and not taken back."""
        return self.filter(state=SnapshotState.PUBLISHED.value, withdrawal__isnull=True)


class Snapshot(models.Model):
    """One version of an area's month, as it was at a moment.

    `fingerprint` is a hash of the rules and of every line. It shows a roll-up whether anything changed. `timeliness`
    counts the returns that were due in the twelve months up to this one: {"on_time", "late", "missing"}. It isn't part
    of the fingerprint, because a late return alone makes no new version.

    For some minutes after it was published, until `fresh_until`, it can be taken back. Whatever would mention it waits.
    `published_why` says why it was published before every return had arrived, or before they were due.
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
    published_why = models.CharField("reason to publish it early", max_length=LONGEST_REASON, blank=True)
    fresh_until = models.DateTimeField(null=True)

    objects = SnapshotQuerySet.as_manager()

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
            models.CheckConstraint(
                name="published_version_is_fresh_until",
                condition=Q(state=SnapshotState.DRAFT.value, fresh_until__isnull=True, published_why="")
                | Q(state=SnapshotState.PUBLISHED.value, fresh_until__isnull=False),
            ),
            models.UniqueConstraint(
                fields=("period",), condition=Q(state=SnapshotState.DRAFT.value), name="one_draft_per_month"
            ),
        )

    def __str__(self) -> str:
        return f"{self.period}, version {self.version}"

    def is_settled(self, now: datetime) -> bool:
        """Return whether it was published and can no longer be taken back. Without a grace that is so straight away."""
        if self.published_at is None or self.fresh_until is None:
            return False
        # The clock may have been put back since.
        return self.fresh_until <= max(now, self.published_at)


class VersionWithdrawal(models.Model):
    """The withdrawal of a published version, minutes after it was published. The version never changes, but no one who
    reads what is published sees it."""

    snapshot = models.OneToOneField(Snapshot, models.PROTECT, related_name="withdrawal")
    why = models.CharField("reason", max_length=LONGEST_REASON)
    withdrawn_at = models.DateTimeField()
    withdrawn_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")

    class Meta:
        verbose_name = "version taken back"
        verbose_name_plural = "versions taken back"
        constraints = (
            models.CheckConstraint(
                condition=~Q(why=""), name="version_withdrawal_has_its_reason", violation_error_message="Say why."
            ),
        )

    def __str__(self) -> str:
        return f"{self.snapshot}, taken back"


MOST_WORDS = 300
LONGEST_COMMENTARY = 4000  # characters: 300 words, none of them a trick
SIGNS = (Role.ANALYST, Role.COORDINATOR)  # who may sign one


class Commentary(models.Model):
    """Text about a version of a month, for all boards or for one, signed by its writer. For partners only. It names its
    version by number, because a draft may be deleted and made again while this text stays. Once that version is
    published, the database refuses any change. `signed_as` is the writer's role. `revision` counts its changes, so that
    two people at one form learn of each other.
    """

    period = models.ForeignKey(ReportingPeriod, models.PROTECT, related_name="commentaries")
    board = models.ForeignKey(Board, models.PROTECT, null=True, related_name="commentaries")
    version = models.PositiveIntegerField()
    text = models.TextField("commentary", max_length=LONGEST_COMMENTARY)
    revision = models.PositiveIntegerField(default=1)
    written_at = models.DateTimeField()
    written_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    signed_as = models.CharField(max_length=20, choices=[(role.value, role.label) for role in SIGNS])

    class Meta:
        ordering = ("period", "version", "id")
        verbose_name_plural = "commentaries"
        constraints = (
            # In a unique constraint no NULL equals another. So the commentary for all boards has its own.
            models.UniqueConstraint(
                fields=("period", "version"), condition=Q(board=None), name="one_commentary_per_version"
            ),
            models.UniqueConstraint(fields=("period", "version", "board"), name="one_commentary_per_board"),
            models.CheckConstraint(condition=Q(version__gte=1), name="commentary_is_of_a_version"),
            models.CheckConstraint(condition=~Q(text=""), name="commentary_says_something"),
            models.CheckConstraint(
                condition=Q(signed_as__in=[role.value for role in SIGNS]), name="commentary_is_signed"
            ),
        )

    def __str__(self) -> str:
        return f"{self.period}, version {self.version}: {self.board or 'the month'}"
