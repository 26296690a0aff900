"""What the boards are shown: each month's versions, worked out and kept. Their figures are in a module of their own."""

from django.conf import settings
from django.db import models
from django.db.models import Q

from boards.models import ReportingPeriod
from core.labels import Labelled
from indicators.signals import Method
from indicators.spc import Judgement, Signal
from indicators.trend import CellState, Movement, NoArrowReason, Polarity


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


class LineFields(models.Model):
    """What a line of a month shows: an indicator as a whole (`category_code` empty) or one category of it.

    `history` is the last 36 months, oldest first, this one last: a list of values, None where
    there is no figure. `steps` cuts it where the definition changed: for each part {"at": its first
    place in the history, "from": the definition's first day, "method", "mean", "lower", "upper",
    "signals": {place: signal}, "without": {place: why there is no figure, a CellState},
    "provisional": [place], "revised": [place], each where there is one}. `year_value`
    and the two after it compare with the same month a year
    before; `method` to `months_since` are indicators.signals.Reading. `boards` maps a board's code
    to the indicator's place on that board's page.

    In a version after the first, `revised_state` is what the version before it had, where that was
    another state or value (AWAITED where it had no such line), with `revised_value`, and why, by whom
    it was asked for, and when it was changed. `is_previous_revised`: the month before has another
    figure here than it had in the version before.
    """

    position = models.PositiveSmallIntegerField()
    section_code = models.CharField(max_length=40)
    section_title = models.CharField(max_length=80)
    indicator_code = models.CharField(max_length=40)
    part_of_code = models.CharField(max_length=40, blank=True)
    title = models.CharField(max_length=80)
    question = models.CharField(max_length=200)
    unit_one = models.CharField(max_length=60)
    unit_many = models.CharField(max_length=60)
    polarity = models.CharField(max_length=10, choices=Polarity.choices())
    polarity_reason = models.CharField(max_length=300)
    owner_code = models.CharField(max_length=40)
    owner_name = models.CharField(max_length=80)
    dimension_code = models.CharField(max_length=40, blank=True)
    dimension_name = models.CharField(max_length=80, blank=True)
    category_code = models.CharField(max_length=40, blank=True)
    category_name = models.CharField(max_length=80, blank=True)
    longitude = models.FloatField(null=True)
    latitude = models.FloatField(null=True)
    definition_from = models.DateField()
    boards = models.JSONField(default=dict)
    state = models.CharField(max_length=20, choices=CellState.choices())
    value = models.PositiveBigIntegerField(null=True)
    note = models.CharField(max_length=500, blank=True)
    is_provisional = models.BooleanField(default=False)
    previous_state = models.CharField(max_length=20, choices=CellState.choices(), blank=True)
    previous_value = models.PositiveBigIntegerField(null=True)
    movement = models.CharField(max_length=10, choices=Movement.choices())
    change = models.BigIntegerField(null=True)
    no_arrow_reason = models.CharField(max_length=30, choices=NoArrowReason.choices(), blank=True)
    year_value = models.PositiveBigIntegerField(null=True)
    year_change = models.BigIntegerField(null=True)
    year_no_arrow_reason = models.CharField(max_length=30, choices=NoArrowReason.choices(), blank=True)
    method = models.CharField(max_length=10, choices=Method.choices())
    figures = models.PositiveIntegerField()
    mean = models.FloatField(null=True)
    lower = models.FloatField(null=True)
    upper = models.FloatField(null=True)
    signal = models.CharField(max_length=20, choices=Signal.choices(), blank=True)
    judgement = models.CharField(max_length=20, choices=Judgement.choices(), blank=True)
    running = models.PositiveIntegerField()
    in_a_year = models.PositiveBigIntegerField(null=True)
    months_since = models.PositiveIntegerField(null=True)
    history = models.JSONField(default=list)
    steps = models.JSONField(default=list)
    revised_state = models.CharField(max_length=20, choices=CellState.choices(), blank=True)
    revised_value = models.PositiveBigIntegerField(null=True)
    revised_why = models.TextField(blank=True)
    revised_by = models.CharField(max_length=200, blank=True)
    revised_on = models.DateField(null=True)
    is_previous_revised = models.BooleanField(default=False)

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return f"{self.title}{f', {self.category_name}' if self.category_name else ''}: {self.value}"
