"""What the boards are shown: each month's figures, worked out and kept."""

from django.conf import settings
from django.db import models
from django.db.models import Q

from boards.models import ReportingPeriod
from core.labels import Labelled
from indicators.signals import Method
from indicators.trend import CellState, Movement
from reporting.models.line_fields import LineFields


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


class IndicatorLine(LineFields):
    """One line of a snapshot. It copies whatever it shows, so that a later change of the set-up leaves
    an older month alone.

    `inputs` is a hash of the figures that the line was computed from, by which a roll-up tells a
    figure that changed from rules or a set-up that did.
    """

    protected_by = ""  # partners see true figures

    snapshot = models.ForeignKey(Snapshot, models.CASCADE, related_name="lines")
    inputs = models.CharField(max_length=32, blank=True)

    class Meta:
        ordering = ("snapshot", "position")
        verbose_name = "line"
        constraints = (
            models.CheckConstraint(
                condition=Q(revised_state=CellState.FIGURE.value, revised_value__isnull=False)
                | (~Q(revised_state=CellState.FIGURE.value) & Q(revised_value__isnull=True)),
                name="revised_value_if_and_only_if_a_figure",
            ),
            models.UniqueConstraint(
                fields=("snapshot", "indicator_code", "category_code"), name="one_line_per_category"
            ),
            models.CheckConstraint(
                condition=Q(state=CellState.FIGURE.value, value__isnull=False)
                | (~Q(state=CellState.FIGURE.value) & Q(value__isnull=True)),
                name="line_value_if_and_only_if_a_figure",
            ),
            models.CheckConstraint(
                condition=Q(movement=Movement.NONE.value, change__isnull=True) & ~Q(no_arrow_reason="")
                | (~Q(movement=Movement.NONE.value) & Q(change__isnull=False, no_arrow_reason="")),
                name="arrow_or_its_reason",
            ),
            models.CheckConstraint(
                # A month without a figure shows no signal, and a signal is always judged.
                condition=Q(signal="", judgement="")
                | (Q(state=CellState.FIGURE.value, method=Method.CHART.value) & ~Q(signal="") & ~Q(judgement="")),
                name="signal_of_a_figure_with_its_judgement",
            ),
        )
