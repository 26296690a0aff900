"""KPIs: what should change, from what to what and by when, and their reviews. Their figures are in reporting."""

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.urls import reverse

from actions.models.meetings import Meeting
from boards.models import Board, PartnershipArea, ReportingPeriod, Strand
from core.calendar import Month
from core.database import at_by_why
from core.labels import Labelled
from core.texts import LONGEST_REASON
from indicators.kpis.aims import Aim, KpiState, Step
from indicators.models import Indicator
from indicators.trend import Polarity

LONGEST_WHY = 500  # characters
LONGEST_NOTE = 2000
MOST_MONTHS = 24  # between two reviews
BETTER = tuple(choice for choice in Polarity.choices() if choice[0] != Polarity.NEUTRAL)


class KpiKind(Labelled):
    POPULATION = "population", "Population outcome"
    PARTNERSHIP = "partnership", "Partnership performance"
    AGENCY = "agency", "Agency performance"
    ACTIVITY = "activity", "Activity"


class Kpi(models.Model):
    """An indicator with a target, and the person who is responsible.

    `number` counts an area's KPIs: the page says K3. `smallest` is the smallest change worth noticing, in per cent.
    `review_every` is the months between reviews, and `next_review` is the next meeting with one. Nothing is deleted: a
    KPI is retired. `revision` counts its changes. With it, two people who open the form together learn of each other.
    """

    area = models.ForeignKey(PartnershipArea, models.PROTECT, related_name="kpis")
    number = models.PositiveIntegerField()
    title = models.CharField(max_length=120, help_text="What should change: “Fewer cuckooed houses”.")
    indicator = models.ForeignKey(Indicator, models.PROTECT, related_name="kpis")
    kind = models.CharField(max_length=12, choices=KpiKind.choices())
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="kpis")
    board = models.ForeignKey(Board, models.PROTECT, related_name="kpis")
    strand = models.ForeignKey(Strand, models.PROTECT, related_name="kpis")
    why = models.CharField("why it is measured", max_length=LONGEST_WHY)
    smallest = models.PositiveSmallIntegerField("smallest change worth noticing, in %")
    review_every = models.PositiveSmallIntegerField("months between reviews")
    next_review = models.ForeignKey(
        Meeting, models.PROTECT, null=True, blank=True, related_name="kpis_to_review", verbose_name="next reviewed at"
    )
    revision = models.PositiveIntegerField(default=0)
    added_at = models.DateTimeField()
    added_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    retired_at = models.DateTimeField(null=True)
    retired_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    retired_why = models.CharField(max_length=LONGEST_REASON, blank=True)

    class Meta:
        ordering = ("area", "number")
        verbose_name = "KPI"
        constraints = (
            models.UniqueConstraint(fields=("area", "number"), name="one_kpi_per_number"),
            models.CheckConstraint(condition=Q(number__gte=1), name="kpis_count_from_one"),
            models.CheckConstraint(condition=~Q(title="") & ~Q(why=""), name="kpi_has_title_and_why"),
            models.CheckConstraint(condition=Q(smallest__gte=1, smallest__lte=1000), name="kpi_smallest_change"),
            models.CheckConstraint(
                condition=Q(review_every__gte=1, review_every__lte=MOST_MONTHS), name="kpi_is_reviewed"
            ),
            models.CheckConstraint(name="kpi_retired_at_by_why", condition=at_by_why("retired")),
        )

    def __str__(self) -> str:
        return f"{self.reference} {self.title}"

    @property
    def reference(self) -> str:
        """ "K3"."""
        return f"K{self.number}"

    @property
    def is_retired(self) -> bool:
        return self.retired_at is not None

    def get_absolute_url(self) -> str:
        return reverse("reporting:kpi-view", args=[self.area.slug, self.number])


class KpiTarget(models.Model):
    """One version of a KPI's target. Never changed once added: a new target is the next version, with its reason.

    `baseline_figures` are as published: {"month", "version", "value", "of"} each; `of` is None for a count. `baseline`
    is their result: a month's mean, or a share or rate as shown. A rate is for `rate_months`: a year, or the mean of a
    month in a target from before 0.3.0. `begins` is the first month that counts. `steps` are
    [month, value], in order; without them the trajectory is straight. It applies from the month `applies_from`: to
    those that weren't published when it was set.

    `spreads` say by how many times chance a comparison with the baseline varies after 1, 2, 3 … months (kpis.spread).
    They rest on the months since `history_from`, or without it on the baseline. A target from before 0.3.0 has none.

    `outlook` has the sentences of could_see about it. `is_enough` says whether the KPI is likely to show the change
    after a year. `went_on_why` is the reason for setting it anyway.
    """

    kpi = models.ForeignKey(Kpi, models.PROTECT, related_name="targets")
    version = models.PositiveIntegerField()
    baseline_from = models.DateField()
    baseline_to = models.DateField()
    # Copied, not looked up: a later version of a month must not move a target that was set.
    baseline_figures = models.JSONField()
    history_from = models.DateField(null=True)
    spreads = models.JSONField(default=list)
    baseline = models.FloatField()
    rate_months = models.PositiveSmallIntegerField(default=1)
    better = models.CharField(max_length=10, choices=BETTER)
    begins = models.DateField()
    target = models.FloatField()
    due = models.DateField()
    steps = models.JSONField(default=list)
    applies_from = models.DateField()
    reason = models.CharField(max_length=LONGEST_REASON, blank=True)
    outlook = models.JSONField(default=list)
    is_enough = models.BooleanField()
    went_on_why = models.CharField(max_length=LONGEST_REASON, blank=True)
    set_at = models.DateTimeField()
    set_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")

    class Meta:
        ordering = ("kpi", "-version")
        verbose_name = "target of a KPI"
        verbose_name_plural = "targets of KPIs"
        constraints = (
            models.UniqueConstraint(fields=("kpi", "version"), name="one_target_per_version"),
            models.CheckConstraint(
                # A target that moves needs a reason. The first one has nothing to explain.
                condition=Q(version=1, reason="") | Q(version__gt=1) & ~Q(reason=""),
                name="moved_target_has_its_reason",
            ),
            models.CheckConstraint(
                condition=Q(baseline_to__gte=F("baseline_from"), begins__gt=F("baseline_to"), due__gt=F("begins")),
                name="target_comes_after_its_baseline",
            ),
            models.CheckConstraint(
                condition=Q(better=Polarity.LOWER.value, target__lt=F("baseline"))
                | Q(better=Polarity.HIGHER.value, target__gt=F("baseline")),
                name="target_is_better_than_its_baseline",
            ),
            models.CheckConstraint(condition=Q(rate_months__in=(1, 12)), name="target_of_a_month_or_a_year"),
            models.CheckConstraint(condition=Q(baseline__gte=0, target__gte=0), name="target_is_no_less_than_none"),
            models.CheckConstraint(
                condition=Q(is_enough=True, went_on_why="") | Q(is_enough=False) & ~Q(went_on_why=""),
                name="target_that_is_seen_or_set_all_the_same",
            ),
        )

    def __str__(self) -> str:
        return f"{self.kpi}, target {self.version}"

    @property
    def aim(self) -> Aim:
        return Aim(
            better=Polarity(self.better),
            baseline=self.baseline,
            target=self.target,
            begins=Month.of(self.begins),
            due=Month.of(self.due),
            steps=tuple(Step(Month.parse(month), value) for month, value in self.steps),
        )


class KpiReview(models.Model):
    """One review of a KPI: the day, the meeting (if there was one), what it showed, and the reviewer's comment. Never
    changed once added."""

    kpi = models.ForeignKey(Kpi, models.PROTECT, related_name="reviews")
    meeting = models.ForeignKey(Meeting, models.PROTECT, null=True, blank=True, related_name="kpi_reviews")
    reviewed_on = models.DateField("reviewed on")
    period = models.ForeignKey(
        ReportingPeriod, models.PROTECT, null=True, related_name="kpi_reviews", verbose_name="month that it looked at"
    )
    state = models.CharField("state that it showed", max_length=10, choices=KpiState.choices(), blank=True)
    note = models.TextField(max_length=LONGEST_NOTE)
    made_at = models.DateTimeField()
    made_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")

    class Meta:
        ordering = ("-reviewed_on", "-id")
        verbose_name = "review of a KPI"
        verbose_name_plural = "reviews of KPIs"
        constraints = (
            models.CheckConstraint(condition=~Q(note=""), name="kpi_review_says_something"),
            models.CheckConstraint(
                condition=Q(period__isnull=True, state="") | Q(period__isnull=False) & ~Q(state=""),
                name="kpi_review_has_the_state_of_its_month",
            ),
        )

    def __str__(self) -> str:
        return f"{self.kpi}, {self.reviewed_on}"
