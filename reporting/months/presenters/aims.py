"""Where is an indicator meant to go? The target of each KPI on it and the way there, for its chart."""

from collections.abc import Iterable, Iterator
from typing import NamedTuple

from actions.models import KpiTarget
from boards.presenters.nav import cached_reverse
from core.months import Month, months_between
from indicators.ratios import TENTHS
from reporting.charts.control_chart import Aimed
from reporting.models import KpiLine


class ChartAim(NamedTuple):
    """A KPI on the chart of its indicator: what is drawn, its words in the key, and the address of its page."""

    drawn: Aimed
    words: str
    url: str


def make_aims(kpis: Iterable[tuple[KpiLine, KpiTarget]], first: Month, last: Month, *, slug: str) -> Iterator[ChartAim]:
    """For a chart from the first month to the last; nothing of one that begins after it."""
    for line, target in kpis:
        aim = target.aim
        scale = 1 if line.per is None else TENTHS  # as the chart's other numbers are
        way = [
            aim.trajectory_in(month) * scale if month >= aim.begins else None for month in months_between(first, last)
        ]
        if any(value is not None for value in way):
            value = f"{line.target:,.1f}".removesuffix(".0") + line.unit
            words = f"{line.reference}: to {value} by {aim.due.label}"
            yield ChartAim(Aimed(way, aim.target * scale), words, cached_reverse("reporting:kpi-view", slug, str(line.number)))
