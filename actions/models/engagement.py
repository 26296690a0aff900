"""Where did partners listen to the community, what did people say, and what was done?"""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.urls import reverse

from boards.models import Agency, PartnershipArea
from core.labels import Labelled
from indicators.models import Indicator

LONGEST_HEARD = 1000  # characters


class EngagementSession(models.Model):
    """A session in which an agency, such as a charity, listened to people of the town.

    It has only counts: `groups` took part, which `groups_named` describes as groups ("Parents of year 8"), and it
    reached `people` people. Both are zero if nobody came. Its voices say what people said. `brought_back_…` say when it
    last was. `revision` counts its changes.
    """

    area = models.ForeignKey(PartnershipArea, models.PROTECT, related_name="engagement_sessions")
    agency = models.ForeignKey(Agency, models.PROTECT, related_name="engagement_sessions", verbose_name="held by")
    held_on = models.DateField("held on")
    title = models.CharField(max_length=120)
    groups = models.PositiveIntegerField("groups heard")
    groups_named = models.CharField("which groups", max_length=300, blank=True)
    people = models.PositiveIntegerField("people reached")
    revision = models.PositiveIntegerField(default=0)
    added_at = models.DateTimeField()
    added_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    archived_at = models.DateTimeField(null=True)
    archived_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    archived_why = models.CharField(max_length=300, blank=True)
    brought_back_at = models.DateTimeField(null=True)
    brought_back_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    brought_back_why = models.CharField(max_length=300, blank=True)

    class Meta:
        ordering = ("-held_on", "-id")
        constraints = (
            models.CheckConstraint(
                condition=Q(groups=0, groups_named="") | Q(groups__gt=0) & ~Q(groups_named=""),
                name="groups_heard_are_named",
                violation_error_message="Name the groups that were heard, or enter 0 groups.",
            ),
            models.CheckConstraint(
                name="session_archived_at_by_why",
                condition=Q(archived_at__isnull=True, archived_by__isnull=True, archived_why="")
                | Q(archived_at__isnull=False, archived_by__isnull=False) & ~Q(archived_why=""),
            ),
            models.CheckConstraint(
                name="session_brought_back_at_by_why",
                condition=Q(brought_back_at__isnull=True, brought_back_by__isnull=True, brought_back_why="")
                | Q(brought_back_at__isnull=False, brought_back_by__isnull=False) & ~Q(brought_back_why=""),
            ),
        )

    def __str__(self) -> str:
        return self.title

    def get_absolute_url(self) -> str:
        return reverse("actions:session-view", args=[self.area.slug, self.pk])


class Voice(models.Model):
    """ "You said, we did": what people said in a session, when an answer is due, and what was done.

    It is closed once `did` says what was done, or why nothing was done. `reopened_…` say when an answer was last
    reopened. `revision` counts its changes.
    """

    session = models.ForeignKey(EngagementSession, models.PROTECT, related_name="voices")
    said = models.TextField("you said", max_length=LONGEST_HEARD)
    due_on = models.DateField("answer promised by")
    did = models.TextField("we did", max_length=LONGEST_HEARD, blank=True)
    revision = models.PositiveIntegerField(default=0)
    added_at = models.DateTimeField()
    added_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    closed_at = models.DateTimeField(null=True)
    closed_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    reopened_at = models.DateTimeField(null=True)
    reopened_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    reopened_why = models.CharField(max_length=300, blank=True)

    class Meta:
        ordering = ("due_on", "id")
        constraints = (
            models.CheckConstraint(condition=~Q(said=""), name="voice_says_something"),
            models.CheckConstraint(
                name="voice_closed_at_by",
                condition=Q(did="", closed_at__isnull=True, closed_by__isnull=True)
                | ~Q(did="") & Q(closed_at__isnull=False, closed_by__isnull=False),
            ),
            models.CheckConstraint(
                name="voice_reopened_at_by_why",
                condition=Q(reopened_at__isnull=True, reopened_by__isnull=True, reopened_why="")
                | Q(reopened_at__isnull=False, reopened_by__isnull=False) & ~Q(reopened_why=""),
            ),
        )

    def __str__(self) -> str:
        return self.said[:60]


class SessionCount(Labelled):
    """What an indicator counts of an agency's sessions in a month."""

    SESSIONS = "sessions", "Sessions held"
    GROUPS = "groups", "Groups heard"
    PEOPLE = "people", "People reached"


class CountedIndicator(models.Model):
    """An indicator that counts its agency's sessions.

    The agency's lead puts the number into the return, and it is then treated like any other figure.
    """

    indicator = models.OneToOneField(Indicator, models.CASCADE, related_name="counted")
    counts = models.CharField(max_length=10, choices=SessionCount.choices())
    set_at = models.DateTimeField()
    set_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")

    class Meta:
        ordering = ("indicator",)

    def __str__(self) -> str:
        return f"{self.indicator}: {self.get_counts_display()}"
