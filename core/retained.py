"""What is announced, held and removed, and what stays in its place: docs/adr/0061.

Like the record, these tables name an area by its slug, and have no foreign key to it. The area is empty for what
belongs to no area.
"""

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from core.labels import Labelled


class AuditCheckpoint(models.Model):
    """The end of a removed part of a chain: the number and the link of the last event that was removed.

    The next event still links to it. `removed` is how many events went with it, and `older_than` is the moment before
    which they all happened. The database deletes no event of a chain without a checkpoint that covers it.
    """

    area = models.CharField(max_length=60, blank=True)
    number = models.PositiveBigIntegerField("number of the last removed event")
    link = models.CharField("link of the last removed event", max_length=64)
    removed = models.PositiveBigIntegerField("how many were removed")
    older_than = models.DateTimeField("they happened before")
    removed_at = models.DateTimeField()

    class Meta:
        ordering = ("area", "-number")
        verbose_name = "checkpoint of the record"
        verbose_name_plural = "checkpoints of the record"
        constraints = (
            models.UniqueConstraint(fields=("area", "number"), name="one_checkpoint_per_number"),
            models.CheckConstraint(condition=Q(number__gte=1) & ~Q(link=""), name="checkpoint_has_its_event"),
            models.CheckConstraint(
                condition=Q(removed__gte=1, removed__lte=F("number")), name="checkpoint_removes_at_most_all"
            ),
        )

    def __str__(self) -> str:
        return f"The record of {self.area or 'no area'}, removed up to event {self.number}"


class NoticeOutcome(Labelled):
    """What became of an announcement."""

    DELETED = "deleted", "Deleted"
    CANCELLED = "cancelled", "Cancelled"


class RetentionNotice(models.Model):
    """An announcement of what will be deleted. Nothing is deleted without one.

    It covers what is older than `older_than`. The job deletes that on `deletes_on` or later, and then ends the notice.
    A hold or another rule cancels it.
    """

    area = models.CharField(max_length=60, blank=True)
    kind = models.CharField(max_length=20)
    older_than = models.DateTimeField("covers what is older than")
    count = models.PositiveBigIntegerField("how many, when it was announced")
    announced_on = models.DateField()
    deletes_on = models.DateField()
    outcome = models.CharField(max_length=10, choices=NoticeOutcome.choices(), blank=True)
    ended_on = models.DateField(null=True)
    deleted = models.PositiveBigIntegerField("how many were deleted", default=0)

    class Meta:
        ordering = ("-announced_on", "-id")
        verbose_name = "announcement of a deletion"
        verbose_name_plural = "announcements of deletions"
        constraints = (
            models.UniqueConstraint(fields=("area", "kind"), condition=Q(outcome=""), name="one_open_notice_per_kind"),
            models.CheckConstraint(condition=Q(count__gte=1), name="notice_covers_something"),
            models.CheckConstraint(condition=Q(deletes_on__gt=F("announced_on")), name="notice_comes_before"),
            models.CheckConstraint(
                condition=Q(outcome="", ended_on__isnull=True) | (~Q(outcome="") & Q(ended_on__isnull=False)),
                name="notice_ends_with_an_outcome",
            ),
        )

    def __str__(self) -> str:
        return f"{self.kind} of {self.area or 'no area'}, before {self.older_than:%Y-%m-%d}"


class HoldState(Labelled):
    ON = "on", "In force"
    RELEASED = "released", "Released"


class LegalHold(models.Model):
    """An order to delete nothing of an area: of one kind, or of every kind if `kind` is empty. Another person releases
    it."""

    area = models.CharField(max_length=60, blank=True)
    kind = models.CharField(max_length=20, blank=True)
    why = models.CharField("reason", max_length=300)
    ends_on = models.DateField("last day", null=True)
    state = models.CharField(max_length=10, choices=HoldState.choices(), default=HoldState.ON.value)
    placed_at = models.DateTimeField()
    placed_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    released_at = models.DateTimeField(null=True)
    released_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    released_why = models.CharField("reason for the release", max_length=300, blank=True)

    class Meta:
        ordering = ("-placed_at", "-id")
        constraints = (
            models.CheckConstraint(condition=~Q(why=""), name="hold_has_its_reason"),
            models.CheckConstraint(
                condition=Q(
                    state=HoldState.ON.value, released_at__isnull=True, released_by__isnull=True, released_why=""
                )
                | (
                    Q(state=HoldState.RELEASED.value, released_at__isnull=False, released_by__isnull=False)
                    & ~Q(released_why="")
                ),
                name="hold_released_at_by",
            ),
        )

    def __str__(self) -> str:
        return f"Hold on {self.kind or 'every kind'} of {self.area or 'no area'}"


class RuleState(Labelled):
    ASKED = "asked", "Waiting for a second person"
    AGREED = "agreed", "In force"
    DECLINED = "declined", "Declined"


class RetentionRule(models.Model):
    """How long an area keeps records of a kind, where that differs from the usual. The newest AGREED one counts.

    A rule that keeps them for a shorter time than before (`is_shorter`) needs a second person.
    """

    area = models.CharField(max_length=60, blank=True)
    kind = models.CharField(max_length=20)
    months = models.PositiveSmallIntegerField()
    is_shorter = models.BooleanField()
    why = models.CharField("reason", max_length=300)
    state = models.CharField(max_length=10, choices=RuleState.choices(), default=RuleState.ASKED.value)
    asked_at = models.DateTimeField()
    asked_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    decided_at = models.DateTimeField(null=True)
    decided_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    decided_why = models.CharField("why it was declined", max_length=300, blank=True)

    class Meta:
        ordering = ("-asked_at", "-id")
        constraints = (
            models.CheckConstraint(condition=~Q(why="") & Q(months__gte=1), name="retention_rule_has_its_reason"),
            models.UniqueConstraint(
                fields=("area", "kind"), condition=Q(state=RuleState.ASKED.value), name="one_open_retention_rule"
            ),
            models.CheckConstraint(
                condition=Q(decided_at__isnull=True, decided_by__isnull=True)
                | Q(decided_at__isnull=False, decided_by__isnull=False),
                name="retention_rule_decided_at_by",
            ),
            models.CheckConstraint(
                # Only a rule that keeps records for longer takes effect without a second person.
                condition=Q(state=RuleState.ASKED.value, decided_by__isnull=True, is_shorter=True)
                | Q(state=RuleState.AGREED.value, decided_by__isnull=False)
                | Q(state=RuleState.AGREED.value, decided_by__isnull=True, is_shorter=False)
                | Q(state=RuleState.DECLINED.value, decided_by__isnull=False),
                name="shorter_retention_needs_another",
            ),
            models.CheckConstraint(
                condition=~Q(state=RuleState.DECLINED.value) | ~Q(decided_why=""),
                name="retention_rule_declined_with_reason",
            ),
        )

    def __str__(self) -> str:
        return f"{self.kind} of {self.area or 'no area'}: {self.months} months"
