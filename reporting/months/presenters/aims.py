"""Which KPIs does an indicator have? Returns the mark on its tile, and the target and trajectory on its chart."""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from actions.models import KpiTarget
from core.links import link_to
from core.months import Month, months_between
from indicators.kpis.scale import show_in
from indicators.kpis.state import KpiState
from indicators.ratios import TENTHS
from reporting.charts.control_chart import Aimed
from reporting.models import KpiLine
from reporting.months.selectors.kpis import KpiMark

# How a state's tag looks. Its word gives the state; the frame only helps to find it.
TAGS = {
    KpiState.MET: "published",
    KpiState.ON_COURSE: "accepted",
    KpiState.TOO_CLOSE: "draft",
    KpiState.BEHIND: "open",
    KpiState.NO_CHANGE: "waiting",
    KpiState.WORSE: "problem",
    KpiState.TOO_EARLY: "draft",
}


class KpiTag(NamedTuple):
    """A KPI beside its indicator: "K3", its state in the month, and the address of its page."""

    reference: str
    title: str
    board_code: str
    state: str
    tag: str
    said: str
    url: str


def make_tags(marks: Iterable[KpiMark], *, slug: str) -> dict[str, list[KpiTag]]:
    """Return the tags by the indicator's code."""
    found: dict[str, list[KpiTag]] = defaultdict(list)
    for one in marks:
        state, url = KpiState(one.state), link_to("reporting:kpi-view", slug, str(one.number))
        tag = KpiTag(f"K{one.number}", one.title, one.board_code, state.label, TAGS[state], one.said, url)
        found[one.indicator_code].append(tag)
    return found


class ChartAim(NamedTuple):
    """A KPI on its indicator's chart: what is drawn, its text in the key, and the address of its page."""

    drawn: Aimed
    words: str
    url: str


def make_aims(kpis: Iterable[tuple[KpiLine, KpiTarget]], first: Month, last: Month, *, slug: str) -> Iterator[ChartAim]:
    """Yield the KPIs for a chart from the first month to the last; none that starts later."""
    for line, target in kpis:
        aim = target.aim
        scale = 1 if line.per is None else TENTHS  # as the chart's other numbers are
        way = [
            aim.trajectory_in(month) * scale if month >= aim.begins else None for month in months_between(first, last)
        ]
        if any(value is not None for value in way):
            value = show_in(line.target, line.aim_unit)
            words = f"{line.reference}: to {value} by {aim.due.label}"
            yield ChartAim(Aimed(way, aim.target * scale), words, link_to("reporting:kpi-view", slug, str(line.number)))
