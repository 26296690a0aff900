"""The action plan: its actions, their milestones, and how they are going."""

from datetime import date

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from actions.workflow import EXPLAINED, ActionState, Rag
from boards.models import Agency, Board, PartnershipArea, Strand
from core.database import at_by, at_by_why
from core.labels import Labelled
from core.pages import link_to
from indicators.models import Indicator

LONGEST_TEXT = 4000  # characters of a text about an action


class Action(models.Model):
    """Something that partners will do, with one person who is responsible.

    `number` counts an area's actions: the page says A12. `measure` is the indicator that it aims to change. Without
    one, `no_measure_why` says why. `decided_in` is the meeting that decided it, if there was one. `rag` is its owner's
    judgement, with a reason for amber or red. `revision` counts its changes. With it, two people who open the form
    together learn of each other.
    """

    area = models.ForeignKey(PartnershipArea, models.PROTECT, related_name="actions")
    number = models.PositiveIntegerField()
    title = models.CharField(max_length=120, help_text="Starts with a verb: “Train all housing workers”.")
    strand = models.ForeignKey(Strand, models.PROTECT, related_name="actions")
    board = models.ForeignKey(Board, models.PROTECT, related_name="actions")
    agency = models.ForeignKey(Agency, models.PROTECT, related_name="actions", verbose_name="lead agency")
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="owned_actions")
    starts_on = models.DateField("starts on")
    due_on = models.DateField("due on")
    measure = models.ForeignKey(Indicator, models.PROTECT, null=True, blank=True, related_name="actions")
    no_measure_why = models.CharField("why it is not linked to an indicator", max_length=300, blank=True)
    state = models.CharField(max_length=10, choices=ActionState.choices(), default=ActionState.OPEN.value)
    decided_in = models.ForeignKey(
        # By name: that module imports this one.
        "actions.Meeting",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="decisions",
        verbose_name="decided in",
    )
    rag = models.CharField("RAG", max_length=10, choices=Rag.choices(), default=Rag.GREEN.value)
    rag_why = models.CharField("why it is amber or red", max_length=500, blank=True)
    revision = models.PositiveIntegerField(default=0)
    added_at = models.DateTimeField()
    added_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    completed_at = models.DateTimeField(null=True)
    completed_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    archived_at = models.DateTimeField(null=True)
    archived_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    archived_why = models.CharField(max_length=300, blank=True)

    class Meta:
        ordering = ("strand__position", "due_on", "number")
        constraints = (
            models.UniqueConstraint(fields=("area", "number"), name="one_action_per_number"),
            models.CheckConstraint(condition=Q(number__gte=1), name="actions_count_from_one"),
            models.CheckConstraint(
                condition=Q(due_on__gt=F("starts_on")),
                name="action_is_due_after_its_start",
                violation_error_message="The due date must be after the start date.",
            ),
            models.CheckConstraint(
                condition=Q(measure__isnull=False, no_measure_why="") | Q(measure__isnull=True) & ~Q(no_measure_why=""),
                name="action_has_measure_or_reason",
                violation_error_message="Choose the indicator that this action aims to change, or say why there is "
                "none.",
            ),
            models.CheckConstraint(
                condition=~Q(rag__in=sorted(rag.value for rag in EXPLAINED)) | ~Q(rag_why=""),
                name="amber_or_red_has_its_reason",
                violation_error_message="Say why it is amber or red.",
            ),
            models.CheckConstraint(
                # An archived action keeps its last RAG, whatever that was.
                condition=~Q(state=ActionState.OPEN.value) | ~Q(rag=Rag.BLUE.value),
                name="an_open_action_is_not_blue",
            ),
            models.CheckConstraint(
                condition=~Q(state=ActionState.COMPLETE.value) | Q(rag=Rag.BLUE.value),
                name="a_complete_action_is_blue",
            ),
            models.CheckConstraint(
                # An action that was complete when it was archived keeps both moments.
                name="action_completed_at_by",
                condition=Q(completed_at__isnull=True, completed_by__isnull=True) & ~Q(state=ActionState.COMPLETE.value)
                | Q(completed_at__isnull=False, completed_by__isnull=False) & ~Q(state=ActionState.OPEN.value),
            ),
            models.CheckConstraint(
                name="action_archived_at_by_why",
                condition=Q(state=ActionState.ARCHIVED.value, archived_at__isnull=False, archived_by__isnull=False)
                & ~Q(archived_why="")
                | ~Q(state=ActionState.ARCHIVED.value)
                & Q(archived_at__isnull=True, archived_by__isnull=True, archived_why=""),
            ),
        )

    def __str__(self) -> str:
        return f"{self.reference} {self.title}"

    @property
    def reference(self) -> str:
        """ "A12"."""
        return f"A{self.number}"

    @property
    def ended_on(self) -> date | None:
        """Return when it ended. An action that was complete before it was archived ended when it was complete."""
        ended = self.completed_at or self.archived_at
        return timezone.localdate(ended) if ended else None

    def get_absolute_url(self) -> str:
        return link_to("actions:action-view", self.area.slug, self.number)


class Milestone(models.Model):
    """A step of an action. Milestones show its progress, except for those that were removed with a reason.

    `undone_…` say when someone last marked it as not done. `revision` counts its changes. With it, two people who open
    the form together learn of each other.
    """

    action = models.ForeignKey(Action, models.PROTECT, related_name="milestones")
    title = models.CharField(max_length=120)
    due_on = models.DateField("due on")
    position = models.PositiveSmallIntegerField(default=0)
    done_at = models.DateTimeField(null=True)
    done_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    undone_at = models.DateTimeField(null=True)
    undone_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    undone_why = models.CharField(max_length=300, blank=True)
    removed_at = models.DateTimeField("removed at", null=True)
    removed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", verbose_name="removed by"
    )
    removed_why = models.CharField("why it was removed", max_length=300, blank=True)
    revision = models.PositiveIntegerField(default=0)

    class Meta:
        ordering = ("due_on", "position", "id")
        constraints = (
            models.CheckConstraint(name="milestone_done_at_by", condition=at_by("done")),
            models.CheckConstraint(name="milestone_undone_at_by_why", condition=at_by_why("undone")),
            models.CheckConstraint(name="milestone_removed_at_by_why", condition=at_by_why("removed")),
            models.CheckConstraint(
                # Counts of milestones rely on this: they look at `done_at` alone.
                condition=Q(removed_at__isnull=True) | Q(done_at__isnull=True),
                name="a_done_milestone_stays",
            ),
        )

    def __str__(self) -> str:
        return self.title

    @property
    def is_done(self) -> bool:
        return self.done_at is not None


class ActionUpdate(models.Model):
    """What someone said about an action, with its RAG from then on. Never changed once added."""

    action = models.ForeignKey(Action, models.PROTECT, related_name="updates")
    text = models.TextField(max_length=LONGEST_TEXT)
    rag = models.CharField("RAG", max_length=10, choices=Rag.choices())
    rag_why = models.CharField(max_length=500, blank=True)
    made_at = models.DateTimeField()
    made_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")

    class Meta:
        ordering = ("-made_at", "-id")
        constraints = (
            models.CheckConstraint(condition=~Q(text=""), name="update_says_something"),
            models.CheckConstraint(
                condition=~Q(rag__in=sorted(rag.value for rag in EXPLAINED)) | ~Q(rag_why=""),
                name="update_to_amber_or_red_has_its_reason",
            ),
        )

    def __str__(self) -> str:
        return f"{self.action}: {self.text[:40]}"


class ChangedField(Labelled):
    """The parts of an action that need a reason to change."""

    OWNER = "owner", "Owner"
    DUE_ON = "due_on", "Due date"
    MILESTONE = "milestone", "Milestone"


class ActionChange(models.Model):
    """A change of an action: its owner or due date, or a milestone that moved, was removed or marked as not done.

    It has the earlier value and the reason. Never changed once added.
    """

    action = models.ForeignKey(Action, models.PROTECT, related_name="changes")
    field = models.CharField(max_length=10, choices=ChangedField.choices())
    before = models.CharField(max_length=200)
    after = models.CharField(max_length=200)
    why = models.CharField("reason", max_length=300)
    made_at = models.DateTimeField()
    made_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")

    class Meta:
        ordering = ("-made_at", "-id")
        constraints = (
            models.CheckConstraint(
                condition=~Q(why=""), name="change_of_action_has_its_reason", violation_error_message="Say why."
            ),
        )

    def __str__(self) -> str:
        return f"{self.action}, {self.get_field_display()}: {self.before} → {self.after}"


class ActionMove(models.Model):
    """A change of an action's state: when, by whom, and why. Never changed once added.

    The reason is empty for a completed action: its update says more. Until its first move an action is open.
    """

    action = models.ForeignKey(Action, models.PROTECT, related_name="moves")
    before = models.CharField(max_length=10, choices=ActionState.choices())
    after = models.CharField(max_length=10, choices=ActionState.choices())
    why = models.CharField("reason", max_length=300, blank=True)
    made_at = models.DateTimeField()
    made_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")

    class Meta:
        ordering = ("-made_at", "-id")
        constraints = (
            models.CheckConstraint(condition=~Q(before=F("after")), name="action_moves_to_another_state"),
            models.CheckConstraint(
                # Completing needs no reason: the update beside it has one.
                condition=~Q(why="") | Q(after=ActionState.COMPLETE.value),
                name="action_move_has_its_reason",
            ),
        )

    def __str__(self) -> str:
        return f"{self.action}: {self.get_before_display()} → {self.get_after_display()}"
