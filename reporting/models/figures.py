"""The lines of a version. True figures: partners see them, and the public never does."""

from django.db import models
from django.db.models import Q

from actions.models import KpiKind
from actions.models.kpis import BETTER
from indicators.judgement.judge import Method
from indicators.kpis.aims import KpiState
from indicators.trend import CellState, Movement
from reporting.models.line_fields import LineFields
from reporting.models.snapshots import Snapshot


class IndicatorLine(LineFields):
    """One line of a snapshot. It copies everything that it shows, so that a later change of the set-up doesn't affect
    an older month. `inputs` is a hash of the figures behind the line. A roll-up uses it to tell changed figures from
    changed rules or set-up.
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
                | Q(state=CellState.FIGURE.value, method__in=[Method.JUDGED.value, Method.CHART.value])
                & ~Q(signal="")
                & ~Q(judgement=""),
                name="signal_of_a_figure_with_its_judgement",
            ),
        )


class KpiLine(models.Model):
    """A KPI in a snapshot. It copies everything that it shows, as an IndicatorLine does. `baseline` and `target` are as
    they were set: for a month, or a share or rate as it is shown, with the unit `aim_unit`. The `months` up to this one
    are twelve at most, and some have `figures`. Together they give `value`, in `unit`, with the 95% range `lower` to
    `upper`. By baseline, trajectory and target, the same months would give the three `due_…`. All of these are None
    without a figure. `said` is the state as a sentence.
    """

    snapshot = models.ForeignKey(Snapshot, models.CASCADE, related_name="kpi_lines")
    number = models.PositiveIntegerField()
    title = models.CharField(max_length=120)
    kind = models.CharField(max_length=12, choices=KpiKind.choices())
    indicator_code = models.CharField(max_length=40)
    indicator_title = models.CharField(max_length=80)
    owner = models.CharField(max_length=254, blank=True)
    board_code = models.CharField(max_length=40)
    board_name = models.CharField(max_length=40)
    strand_code = models.CharField(max_length=40)
    strand_name = models.CharField(max_length=80)
    target_version = models.PositiveIntegerField()
    better = models.CharField(max_length=10, choices=BETTER)
    per = models.FloatField(null=True)
    unit = models.CharField(max_length=60, blank=True)
    aim_unit = models.CharField(max_length=60, blank=True)
    baseline_from = models.DateField()
    baseline_to = models.DateField()
    baseline = models.FloatField()
    begins = models.DateField()
    target = models.FloatField()
    target_month = models.DateField()
    months = models.PositiveSmallIntegerField()
    figures = models.PositiveSmallIntegerField()
    value = models.FloatField(null=True)
    lower = models.FloatField(null=True)
    upper = models.FloatField(null=True)
    due_baseline = models.FloatField(null=True)
    due_trajectory = models.FloatField(null=True)
    due_target = models.FloatField(null=True)
    state = models.CharField(max_length=10, choices=KpiState.choices())
    said = models.CharField(max_length=400)

    class Meta:
        ordering = ("snapshot", "number")
        verbose_name = "line of a KPI"
        verbose_name_plural = "lines of KPIs"
        constraints = (
            models.UniqueConstraint(fields=("snapshot", "number"), name="one_line_per_kpi"),
            models.CheckConstraint(
                name="kpi_line_has_all_of_its_span_or_nothing",
                condition=Q(
                    value__isnull=True, due_baseline__isnull=True, due_trajectory__isnull=True, due_target__isnull=True
                )
                & Q(figures=0)
                | Q(
                    value__isnull=False,
                    due_baseline__isnull=False,
                    due_trajectory__isnull=False,
                    due_target__isnull=False,
                    figures__gte=1,
                ),
            ),
            models.CheckConstraint(condition=Q(months__lte=12), name="kpi_line_looks_at_a_year"),
        )

    def __str__(self) -> str:
        return f"{self.reference} {self.title}"

    @property
    def reference(self) -> str:
        """ "K3"."""
        return f"K{self.number}"
