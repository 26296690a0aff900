"""Sessions with the community, what people said and what was done; and events that may have changed a figure."""

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.urls import reverse

from actions.models.plan import Action
from boards.models import Agency, Board, PartnershipArea
from core.calendar import Month
from core.database import at_by_why
from core.labels import Labelled
from indicators.models import Indicator

LONGEST_HEARD = 1000  # characters


class EngagementSession(models.Model):
    """A session in which an agency, such as a charity, listened to people of the town.

    It has only counts: `groups` took part, which `groups_named` describes as groups ("Parents of year 8"), and it
    reached `people` people. Both are zero if no one came. Its voices say what people said. `brought_back_…` say when it
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
            models.CheckConstraint(name="session_archived_at_by_why", condition=at_by_why("archived")),
            models.CheckConstraint(name="session_brought_back_at_by_why", condition=at_by_why("brought_back")),
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
            models.CheckConstraint(name="voice_reopened_at_by_why", condition=at_by_why("reopened")),
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


class EventKind(Labelled):
    """The kind of an event. The start and the end of an action are events too: actions.selectors.events reads them from
    the action."""

    CAMPAIGN = "campaign", "Campaign"
    OPERATION = "operation", "Operation"
    CHANGE = "change", "Change to a service"
    OUTSIDE = "outside", "Something from outside"


class Way(Labelled):
    """The direction in which a figure changes."""

    FALL = "fall", "Fall"
    RISE = "rise", "Rise"


class Event(models.Model):
    """Something that happened on a date and may have changed figures: a campaign, an operation, a lockdown.

    `number` counts an area's events: the page says E3. Without a `board` it concerns the whole area. `said_by` is its
    source. A removed event stays, with the reason. `revision` counts its changes. With it, two people who open the form
    together learn of each other.
    """

    area = models.ForeignKey(PartnershipArea, models.PROTECT, related_name="events")
    number = models.PositiveIntegerField()
    kind = models.CharField(max_length=10, choices=EventKind.choices())
    title = models.CharField(max_length=120)
    board = models.ForeignKey(Board, models.PROTECT, null=True, blank=True, related_name="events")
    starts_on = models.DateField("first day")
    ends_on = models.DateField("last day", null=True, blank=True)
    said_by = models.CharField("source", max_length=120)
    revision = models.PositiveIntegerField(default=0)
    added_at = models.DateTimeField()
    added_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    removed_at = models.DateTimeField(null=True)
    removed_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    removed_why = models.CharField("why it was removed", max_length=300, blank=True)

    class Meta:
        ordering = ("-starts_on", "-number")
        constraints = (
            models.UniqueConstraint(fields=("area", "number"), name="one_event_per_number"),
            models.CheckConstraint(condition=Q(number__gte=1), name="events_count_from_one"),
            models.CheckConstraint(
                condition=Q(ends_on__isnull=True) | Q(ends_on__gte=F("starts_on")),
                name="event_ends_after_its_start",
                violation_error_message="The last day can’t be before the first day.",
            ),
            models.CheckConstraint(condition=~Q(title="") & ~Q(said_by=""), name="event_says_what_and_who"),
            models.CheckConstraint(name="event_removed_at_by_why", condition=at_by_why("removed")),
        )

    def __str__(self) -> str:
        return f"{self.reference} {self.title}"

    @property
    def reference(self) -> str:
        """ "E3"."""
        return f"E{self.number}"


class EventAim(models.Model):
    """An indicator that an event may have changed, and in which direction."""

    event = models.ForeignKey(Event, models.CASCADE, related_name="aims")
    indicator = models.ForeignKey(Indicator, models.PROTECT, related_name="event_aims")
    way = models.CharField(max_length=4, choices=Way.choices())

    class Meta:
        ordering = ("id",)
        constraints = (models.UniqueConstraint(fields=("event", "indicator"), name="one_aim_per_indicator"),)

    def __str__(self) -> str:
        return f"{self.event}: {self.indicator}, {self.get_way_display().lower()}"


class Expectation(models.Model):
    """What someone expects an action or an event to do: which direction an indicator takes, by roughly how much, by
    when.

    Never changed once added: a new view is a new row. `begins_on` is the planned start of the action or event at that
    time. So no one can move the start later to make this look said beforehand.
    """

    indicator = models.ForeignKey(Indicator, models.PROTECT, related_name="expectations")
    action = models.ForeignKey(Action, models.PROTECT, null=True, related_name="expectations")
    event = models.ForeignKey(Event, models.PROTECT, null=True, related_name="expectations")
    way = models.CharField(max_length=4, choices=Way.choices())
    percent = models.PositiveSmallIntegerField("by about how much")
    by_month = models.DateField("by which month")
    begins_on = models.DateField()
    made_at = models.DateTimeField()
    made_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")

    class Meta:
        ordering = ("made_at", "id")
        constraints = (
            models.CheckConstraint(
                condition=Q(action__isnull=False, event__isnull=True) | Q(action__isnull=True, event__isnull=False),
                name="expectation_of_an_action_or_an_event",
            ),
            models.CheckConstraint(
                # Nothing can fall by more than all of it.
                condition=Q(way=Way.FALL.value, percent__range=(1, 100))
                | Q(way=Way.RISE.value, percent__range=(1, 1000)),
                name="expectation_in_per_cent",
            ),
            # A month is its first day: with any other, two rows for one month would differ.
            models.CheckConstraint(condition=Q(by_month__day=1), name="expectation_by_a_month"),
        )

    def __str__(self) -> str:
        return f"{self.indicator}: {self.words}"

    @property
    def signed_percent(self) -> int:
        """Return −20 for a fall by 20%."""
        return -self.percent if self.way == Way.FALL else self.percent

    @property
    def words(self) -> str:
        """Return "fall by about 20% by June 2027"."""
        verb = self.get_way_display().lower()
        return f"{verb} by about {self.percent}% by {Month.of(self.by_month).label}"
