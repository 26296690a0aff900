"""Meetings of boards and sub-groups: who meets, when, which month they look at, and what they discuss."""

from django.conf import settings
from django.db import models
from django.db.models import Q

from actions.models.challenges import Challenge
from actions.models.plan import Action
from actions.workflow import MeetingState, WhyProposed
from boards.models import Board, PartnershipArea, ReportingPeriod, Strand, code_field
from core.database import RetirableQuerySet, at_by, at_by_why
from core.labels import Labelled
from core.pages import link_to
from indicators.models import Indicator

LONGEST_NOTES = 4000  # characters
LONGEST_REMIT = 1000
LONGEST_NOTE = 1000


class SubGroup(models.Model):
    """A group that a board has given a task, such as the perpetrator sub-group: its remit and its members.

    It reports to a board. Its chair is one of its members. Nothing is deleted: a sub-group is retired, and
    `brought_back_…` say when that was last undone. `revision` counts its changes. With it, two people who open the form
    together learn of each other.
    """

    area = models.ForeignKey(PartnershipArea, models.PROTECT, related_name="sub_groups")
    code = code_field()
    name = models.CharField(max_length=120)
    remit = models.TextField(max_length=LONGEST_REMIT)
    board = models.ForeignKey(Board, models.PROTECT, related_name="sub_groups", verbose_name="reports to")
    # They stay when they leave the area. Whoever asks what a member may do has to check the role too.
    members = models.ManyToManyField(settings.AUTH_USER_MODEL, related_name="sub_groups")
    chair = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+")
    retired = models.BooleanField(default=False)
    retired_at = models.DateTimeField(null=True)
    retired_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    retired_why = models.CharField(max_length=300, blank=True)
    brought_back_at = models.DateTimeField(null=True)
    brought_back_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    brought_back_why = models.CharField(max_length=300, blank=True)
    revision = models.PositiveIntegerField(default=0)

    objects = RetirableQuerySet["SubGroup"].as_manager()

    class Meta:
        ordering = ("name",)
        verbose_name = "sub-group"
        constraints = (
            models.UniqueConstraint(
                fields=("area", "code"),
                name="one_sub_group_per_code",
                violation_error_message="This area has a sub-group with that code.",
            ),
            models.CheckConstraint(condition=~Q(remit=""), name="sub_group_has_its_remit"),
            models.CheckConstraint(
                name="sub_group_retired_at_by_why",
                # `retired` isn't in the first case: for groups retired before migration 0007 the day may be unknown.
                condition=Q(retired_at__isnull=True, retired_by__isnull=True, retired_why="")
                | Q(retired=True, retired_at__isnull=False, retired_by__isnull=False) & ~Q(retired_why=""),
            ),
            models.CheckConstraint(name="sub_group_brought_back_at_by_why", condition=at_by_why("brought_back")),
        )

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return link_to("actions:sub-group-view", self.area.slug, self.code)


class Meeting(models.Model):
    """A meeting of a board (such as the strategic group) or of a sub-group.

    `number` counts an area's meetings: the page says M4. `period` and `version` are the month that it looked at; a
    sub-group may look at none. The agenda's items say what was discussed. Actions name the meeting that decided them in
    `decided_in`. It is recorded once. `amended_…` say when the record last changed, `changed_…` when the body, the day
    or the month did. `revision` counts all of these.
    """

    area = models.ForeignKey(PartnershipArea, models.PROTECT, related_name="meetings")
    number = models.PositiveIntegerField()
    board = models.ForeignKey(Board, models.PROTECT, null=True, blank=True, related_name="meetings")
    sub_group = models.ForeignKey(SubGroup, models.PROTECT, null=True, blank=True, related_name="meetings")
    held_on = models.DateField("date")
    period = models.ForeignKey(ReportingPeriod, models.PROTECT, null=True, blank=True, related_name="meetings")
    # A number and not a key: versions are in an app above this one.
    version = models.PositiveIntegerField(null=True, blank=True)
    state = models.CharField(max_length=10, choices=MeetingState.choices(), default=MeetingState.PLANNED.value)
    notes = models.TextField("what was said", max_length=LONGEST_NOTES, blank=True)
    revision = models.PositiveIntegerField(default=0)
    planned_at = models.DateTimeField()
    planned_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    recorded_at = models.DateTimeField(null=True)
    recorded_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    called_off_at = models.DateTimeField(null=True)
    called_off_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    called_off_why = models.CharField(max_length=300, blank=True)
    changed_at = models.DateTimeField(null=True)
    changed_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    amended_at = models.DateTimeField(null=True)
    amended_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")

    class Meta:
        ordering = ("-held_on", "-number")
        constraints = (
            models.UniqueConstraint(fields=("area", "number"), name="one_meeting_per_number"),
            models.CheckConstraint(condition=Q(number__gte=1), name="meetings_count_from_one"),
            models.CheckConstraint(
                condition=Q(board__isnull=False, sub_group__isnull=True)
                | Q(board__isnull=True, sub_group__isnull=False),
                name="meeting_of_a_board_or_a_sub_group",
            ),
            models.CheckConstraint(
                condition=Q(period__isnull=True, version__isnull=True)
                | Q(period__isnull=False, version__isnull=False, version__gte=1),
                name="meeting_looked_at_a_version",
            ),
            models.CheckConstraint(
                name="meeting_recorded_at_by",
                condition=Q(state=MeetingState.HELD.value, recorded_at__isnull=False, recorded_by__isnull=False)
                | ~Q(state=MeetingState.HELD.value) & Q(recorded_at__isnull=True, recorded_by__isnull=True),
            ),
            models.CheckConstraint(
                name="meeting_called_off_at_by_why",
                condition=Q(
                    state=MeetingState.CALLED_OFF.value, called_off_at__isnull=False, called_off_by__isnull=False
                )
                & ~Q(called_off_why="")
                | ~Q(state=MeetingState.CALLED_OFF.value)
                & Q(called_off_at__isnull=True, called_off_by__isnull=True, called_off_why=""),
            ),
            models.CheckConstraint(name="meeting_changed_at_by", condition=at_by("changed")),
            models.CheckConstraint(
                name="meeting_amended_at_by",
                condition=Q(amended_at__isnull=True, amended_by__isnull=True)
                | Q(state=MeetingState.HELD.value, amended_at__isnull=False, amended_by__isnull=False),
            ),
        )

    def __str__(self) -> str:
        return f"{self.reference}, {self.body}"

    @property
    def reference(self) -> str:
        """ "M4"."""
        return f"M{self.number}"

    @property
    def body(self) -> Board | SubGroup:
        """Return who meets."""
        body = self.board or self.sub_group
        if body is None:
            raise ValueError("A meeting belongs to a board or a sub-group.")
        return body

    def get_absolute_url(self) -> str:
        return link_to("actions:meeting-view", self.area.slug, self.number)


class AgendaItem(models.Model):
    """One thing on the agenda of a meeting that was held, and whether it was discussed.

    It is about exactly one thing. `words` are the agenda's text on the day. Later versions of the month, or changes of
    the action, don't change them.
    """

    meeting = models.ForeignKey(Meeting, models.CASCADE, related_name="items")
    why = models.CharField("why proposed", max_length=10, choices=WhyProposed.choices())
    indicator = models.ForeignKey(Indicator, models.PROTECT, null=True, related_name="agenda_items")
    action = models.ForeignKey(Action, models.PROTECT, null=True, related_name="agenda_items")
    challenge = models.ForeignKey(Challenge, models.PROTECT, null=True, related_name="agenda_items")
    strand = models.ForeignKey(Strand, models.PROTECT, null=True, related_name="agenda_items")
    # Copied, because a meeting's record must read as on its day.
    words = models.CharField(max_length=300)
    position = models.PositiveSmallIntegerField(default=0)
    is_discussed = models.BooleanField(default=False)

    class Meta:
        ordering = ("meeting", "position", "id")
        constraints = (
            models.CheckConstraint(
                name="agenda_item_is_about_one_thing",
                condition=Q(indicator__isnull=False, action__isnull=True, challenge__isnull=True, strand__isnull=True)
                | Q(indicator__isnull=True, action__isnull=False, challenge__isnull=True, strand__isnull=True)
                | Q(indicator__isnull=True, action__isnull=True, challenge__isnull=False, strand__isnull=True)
                | Q(indicator__isnull=True, action__isnull=True, challenge__isnull=True, strand__isnull=False),
            ),
            *(
                models.UniqueConstraint(
                    fields=("meeting", thing),
                    # One constraint for each kind. A single one would refuse nothing: no NULL equals another.
                    condition=Q(**{f"{thing}__isnull": False}),
                    name=f"one_agenda_item_per_{thing}",
                )
                for thing in ("indicator", "action", "challenge", "strand")
            ),
        )

    def __str__(self) -> str:
        return self.words


class NoteKind(Labelled):
    DECISION = "decision", "Decision"
    CHALLENGE = "challenge", "Challenge"


class MeetingNote(models.Model):
    """A draft that someone wrote down from the big screen: a decision for the minutes, or a challenge to raise.

    It has what the screen showed: a month, and in it an indicator or an action, or for a decision neither. Its author
    reads it, and for a decision whoever records meetings. It goes when the challenge is raised, when someone deletes
    it, and in time by itself.
    """

    area = models.ForeignKey(PartnershipArea, models.PROTECT, related_name="meeting_notes")
    kind = models.CharField(max_length=10, choices=NoteKind.choices())
    text = models.TextField(max_length=LONGEST_NOTE)
    period = models.ForeignKey(ReportingPeriod, models.PROTECT, related_name="+", verbose_name="month")
    indicator = models.ForeignKey(Indicator, models.PROTECT, null=True, related_name="+")
    action = models.ForeignKey(Action, models.PROTECT, null=True, related_name="+")
    noted_at = models.DateTimeField()
    noted_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")

    class Meta:
        ordering = ("noted_at", "id")
        constraints = (
            models.CheckConstraint(condition=~Q(text=""), name="meeting_note_says_something"),
            models.CheckConstraint(
                condition=Q(indicator__isnull=True) | Q(action__isnull=True), name="meeting_note_is_about_one_thing"
            ),
            models.CheckConstraint(
                condition=Q(kind=NoteKind.DECISION.value) | Q(indicator__isnull=False) | Q(action__isnull=False),
                name="noted_challenge_has_a_subject",
            ),
        )

    def __str__(self) -> str:
        return f"{self.get_kind_display()}: {self.text[:60]}"
