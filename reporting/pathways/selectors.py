"""Reads the lines of a month that count the steps of pathways."""

from collections.abc import Iterable, Sequence

from indicators.models import Pathway
from reporting.models import IndicatorLine, Snapshot
from reporting.models.line_fields import Line


def list_lines(snapshot: Snapshot, pathways: Iterable[Pathway]) -> Sequence[Line]:
    """List the lines of the indicators that count their steps. One query."""
    codes = {step.indicator.code for pathway in pathways for step in pathway.steps.all() if step.indicator}
    return list(IndicatorLine.objects.filter(snapshot=snapshot, indicator_code__in=codes))
