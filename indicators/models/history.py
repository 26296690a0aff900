"""What happened to figures and set-up, corrections and imports that wait, and how files of records are counted."""

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from boards.models import Agency, PartnershipArea, ReportingPeriod, Request, RequestQuerySet, make_request_constraints
from core.calendar import Month
from core.labels import Labelled
from indicators.figures import LARGEST
from indicators.lines import LONGEST_COLUMN, Columns
from indicators.models.catalogue import Category, Indicator
from indicators.models.figures import REPORTED
from indicators.workflow import CorrectionState


class FigureAct(Labelled):
    """What was done to a figure."""

    ENTERED = "entered", "Entered in the return"
    ACCEPTED = "accepted", "Accepted"
    TAKEN_OUT = "taken_out", "Removed: the return was sent back"
    IMPORTED = "imported", "Imported from a file"
    CORRECTED = "corrected", "Corrected"
    MADE_PROVISIONAL = "made_provisional", "Marked as provisional"
    CONFIRMED = "confirmed", "Confirmed: no longer provisional"


class FigureChange(models.Model):
    """One thing that happened to a figure: who, when, from, to, why. The service that changes the figure writes it once
    (indicators.services.history), and it never changes.

    It names the figure by what it counts and its month. Its row would be no use: that is deleted when a return is given
    back. An empty state means that there was (or is) no figure. `made_by` is empty for a file that was imported at the
    command line.
    """

    indicator = models.ForeignKey(Indicator, models.PROTECT, related_name="figure_changes")
    category = models.ForeignKey(Category, models.PROTECT, null=True, related_name="figure_changes")
    period = models.ForeignKey(ReportingPeriod, models.PROTECT, related_name="figure_changes")
    act = models.CharField(max_length=20, choices=FigureAct.choices())
    state_before = models.CharField(max_length=20, choices=REPORTED, blank=True)
    value_before = models.PositiveBigIntegerField(null=True)
    note_before = models.CharField(max_length=500, blank=True)
    state_after = models.CharField(max_length=20, choices=REPORTED, blank=True)
    value_after = models.PositiveBigIntegerField(null=True)
    note_after = models.CharField(max_length=500, blank=True)
    why = models.TextField(blank=True)
    made_at = models.DateTimeField()
    made_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")

    class Meta:
        ordering = ("made_at", "id")
        indexes = (models.Index(fields=("indicator", "period"), name="changes_by_figure"),)
        constraints = (
            models.CheckConstraint(
                condition=Q(made_at__isnull=False, made_by__isnull=False)
                | Q(made_at__isnull=False, act=FigureAct.IMPORTED.value),
                name="figure_change_made_at_by",
            ),
        )

    def __str__(self) -> str:
        return f"{self.indicator}, {self.period.month.label}: {self.get_act_display()}"


class Correction(models.Model):
    """An agency's request to correct a figure after its return was accepted, or to add one that is awaited: the old
    value, the new one, the reason, and the coordinator's decision.

    `was_state` is empty where there was no figure.
    """

    indicator = models.ForeignKey(Indicator, models.PROTECT, related_name="corrections")
    category = models.ForeignKey(Category, models.PROTECT, null=True, related_name="corrections")
    period = models.ForeignKey(ReportingPeriod, models.PROTECT, related_name="corrections")
    state = models.CharField(max_length=10, choices=CorrectionState.choices(), default=CorrectionState.ASKED.value)
    was_state = models.CharField(max_length=20, choices=REPORTED, blank=True)
    was_value = models.PositiveBigIntegerField(null=True)
    new_state = models.CharField(max_length=20, choices=REPORTED)
    new_value = models.PositiveBigIntegerField(null=True)
    note = models.CharField(max_length=500, blank=True)
    reason = models.TextField("why it has to change")
    asked_at = models.DateTimeField()
    asked_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    decided_at = models.DateTimeField(null=True)
    decided_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    comment = models.TextField("what the coordinator says to it", blank=True)

    class Meta:
        ordering = ("-asked_at", "-id")
        constraints = (
            # One open request for a figure, also if two leads ask at the same moment.
            models.UniqueConstraint(
                fields=("indicator", "category", "period"),
                condition=Q(category__isnull=False, state=CorrectionState.ASKED.value),
                name="one_open_correction_per_category",
            ),
            models.UniqueConstraint(
                fields=("indicator", "period"),
                condition=Q(category__isnull=True, state=CorrectionState.ASKED.value),
                name="one_open_correction_per_figure",
            ),
            models.CheckConstraint(
                condition=Q(new_state="figure", new_value__isnull=False, new_value__lte=LARGEST)
                | (~Q(new_state="figure") & Q(new_value__isnull=True)),
                name="correction_value_if_and_only_if_a_figure",
            ),
            models.CheckConstraint(condition=~Q(reason=""), name="correction_says_why"),
            models.CheckConstraint(
                condition=Q(state=CorrectionState.ASKED.value, decided_at__isnull=True, decided_by__isnull=True)
                | (~Q(state=CorrectionState.ASKED.value) & Q(decided_at__isnull=False, decided_by__isnull=False)),
                name="correction_decided_at_by",
            ),
        )

    def __str__(self) -> str:
        part = f", {self.category}" if self.category else ""
        return f"{self.indicator}{part}, {self.period.month.label}"


class IndicatorAct(Labelled):
    """What was done to an indicator's set-up."""

    ADDED = "added", "Added"
    CHANGED = "changed", "Changed"
    DEFINED = "defined", "Definition added"
    REWORDED = "reworded", "Definition reworded"
    REACHED_BACK = "reached_back", "First definition now starts earlier"
    RETIRED = "retired", "Retired"
    BROUGHT_BACK = "brought_back", "Brought back"
    COUNTED = "counted", "Counted from sessions with the community"
    NOT_COUNTED = "not_counted", "No longer counted from sessions with the community"
    RECORDED_ANEW = "recorded_anew", "Recorded in another way"
    LEVEL_NAMED = "level_named", "Level named"


OF_A_MONTH = (
    IndicatorAct.DEFINED.value,
    IndicatorAct.REACHED_BACK.value,
    IndicatorAct.RETIRED.value,
    IndicatorAct.RECORDED_ANEW.value,
    IndicatorAct.LEVEL_NAMED.value,
)


class IndicatorChange(models.Model):
    """One thing that was done to an indicator's set-up: who, when, what. Added, and never changed.

    `month` is the first that a definition applies to, or that the indicator isn't asked for in; `fields` are the names
    of what changed.
    """

    indicator = models.ForeignKey(Indicator, models.PROTECT, related_name="changes")
    act = models.CharField(max_length=20, choices=IndicatorAct.choices())
    month = models.DateField(null=True)
    fields = models.JSONField(default=list)
    made_at = models.DateTimeField()
    made_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")

    class Meta:
        ordering = ("-made_at", "-id")
        constraints = (
            models.CheckConstraint(
                condition=Q(act__in=OF_A_MONTH, month__isnull=False, month__day=1)
                | ~Q(act__in=OF_A_MONTH) & Q(month__isnull=True),
                name="indicator_change_of_a_month",
            ),
        )

    def __str__(self) -> str:
        return f"{self.indicator}: {self.get_act_display()}"


class FigureImport(Request):
    """Figures that someone brought in for past months. They aren't figures yet: another person has to confirm them
    first (indicators.services.figure_imports).

    `content` has the counts, and is empty once someone has decided. `figures` counts those that are new or differ.
    `asked_by` is empty for an operator at the command line.
    """

    area = models.ForeignKey(PartnershipArea, models.PROTECT, related_name="figure_imports")
    asked_by = models.ForeignKey(  # type: ignore[assignment]  # the base class has it without null
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+"
    )
    name_of_file = models.CharField(max_length=200)
    figures = models.PositiveIntegerField()
    first = models.DateField("first month")
    last = models.DateField("last month")
    is_reaching = models.BooleanField("definitions start earlier", default=False)
    content = models.TextField(blank=True)

    objects = RequestQuerySet["FigureImport"].as_manager()

    class Meta:
        ordering: ClassVar = ("-asked_at", "-id")
        verbose_name = "import of past figures"
        verbose_name_plural = "imports of past figures"
        constraints = (
            models.CheckConstraint(condition=Q(last__gte=F("first")), name="figure_import_months_in_order"),
            models.CheckConstraint(condition=Q(figures__gte=1), name="figure_import_has_figures"),
            models.CheckConstraint(
                condition=(Q(outcome="") & ~Q(content="")) | (~Q(outcome="") & Q(content="")),
                name="figure_import_content_until_decided",
            ),
            *make_request_constraints("figure_import"),
        )

    def __str__(self) -> str:
        return f"{self.name_of_file}, {self.span}"

    @property
    def span(self) -> str:
        """Return "May 2024 to July 2024", or "May 2024"."""
        first, last = Month.of(self.first).label, Month.of(self.last).label
        return first if first == last else f"{first} to {last}"

    @property
    def asker(self) -> str:
        return str(self.asked_by) if self.asked_by is not None else "The operator"


class ColumnMapping(models.Model):
    """What the columns of an agency's file mean, and what each kind of record counts as. It is saved and used again
    next month. `kinds` has the words of each kind that counts, with the name of its box in a return ("lines.london").
    `ignored` has a keyed hash of each kind that doesn't count: its words may be a name. No row of a file is stored."""

    agency = models.ForeignKey(Agency, models.PROTECT, related_name="column_mappings")
    name = models.CharField(max_length=80)
    month_column = models.CharField("column of the date", max_length=LONGEST_COLUMN)
    kind_column = models.CharField("column of the kind", max_length=LONGEST_COLUMN, blank=True)
    summed_column = models.CharField("column that is summed", max_length=LONGEST_COLUMN, blank=True)
    only_column = models.CharField("column that says which rows count", max_length=LONGEST_COLUMN, blank=True)
    only_values = models.JSONField("what it says for those that count", default=list, blank=True)
    kinds = models.JSONField(default=dict)
    ignored = models.JSONField("kinds that aren't counted, as keyed hashes", default=list, blank=True)
    saved_at = models.DateTimeField(default=timezone.now)
    saved_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")

    class Meta:
        ordering = ("name",)
        constraints = (
            models.UniqueConstraint(fields=("agency", "name"), name="one_column_mapping_per_name"),
            models.CheckConstraint(
                condition=~Q(name="") & ~Q(month_column=""), name="column_mapping_has_name_and_date"
            ),
        )

    def __str__(self) -> str:
        return self.name

    @property
    def area(self) -> PartnershipArea:
        return self.agency.area

    @property
    def columns(self) -> Columns:
        return Columns(
            self.month_column, self.kind_column, self.summed_column, self.only_column, tuple(self.only_values)
        )
