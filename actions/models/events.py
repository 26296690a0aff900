"""What happened on a date and may have changed figures, and what did people expect beforehand?"""

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from actions.models.plan import Action
from boards.models import Board, PartnershipArea
from core.labels import Labelled
from core.months import Month
from indicators.models import Indicator


class EventKind(Labelled):
    """The kind of an event. The start and the end of an action are events too: actions.selectors.events reads them from
    the action."""

    CAMPAIGN = "campaign", "Campaign"
    OPERATION = "operation", "Operation"
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
            models.CheckConstraint(
                condition=Q(removed_at__isnull=True, removed_by__isnull=True, removed_why="")
                | Q(removed_at__isnull=False, removed_by__isnull=False) & ~Q(removed_why=""),
                name="event_removed_at_by_why",
            ),
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
    """What somebody expects an action or an event to do: which direction an indicator takes, by roughly how much, by
    when.

    Never changed once added: a new view is a new row. `begins_on` is the planned start of the action or event at that
    time. So nobody can move the start later to make this look said beforehand.
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
        """Return −20 for a fall by 20 %."""
        return -self.percent if self.way == Way.FALL else self.percent

    @property
    def words(self) -> str:
        """Return "fall by about 20 % by June 2027"."""
        verb = self.get_way_display().lower()
        return f"{verb} by about {self.percent} % by {Month.of(self.by_month).label}"
