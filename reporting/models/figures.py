"""What does each line of a version show? True figures: partners see them, and the public never does."""

from django.db import models
from django.db.models import Q

from indicators.signals import Method
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
