"""What does a KPI's page show besides its state?"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from django.utils import timezone

from actions.models import Kpi, KpiReview, KpiTarget
from core.months import Month, date_label
from indicators.disclosure import Audience, disclose, refuse_public
from indicators.kpis.aims import Figure
from indicators.kpis.scale import Scale, find_sign, show_in
from indicators.kpis.state import KpiState
from indicators.models import Indicator
from indicators.trend import CellState
from reporting.charts.aim_chart import AimChart, Way, aim_chart
from reporting.kpis.presenters.standings import BETTER
from reporting.models import IndicatorLine, KpiLine
from reporting.months.kpi_lines import Measured, measure, read_scale
from reporting.months.presenters.aims import TAGS

MOST_MONTHS = 120  # drawn of a trajectory
HELD = "as before"  # a quarter's figure, which counts only in its own month


@dataclass(frozen=True, slots=True)
class MonthRow:
    """A month of the table: its figure or why there is none, the trajectory's value, and what its version said about
    the KPI.
    """

    month: Month
    figure: str
    trajectory: str
    state: str
    tag: str
    said: str


@dataclass(frozen=True, slots=True)
class TargetView:
    """A target that a KPI has or had. `holds` says in which months it applies."""

    version: int
    aim: str
    baseline: str
    steps: str
    holds: str
    reason: str
    outlook: Sequence[str]
    went_on_why: str
    set_on: str
    set_by: str


@dataclass(frozen=True, slots=True)
class ReviewView:
    day: str
    by: str
    meeting: str
    meeting_url: str
    month: str
    state: str
    tag: str
    note: str


def values_of_months(measured: Measured) -> list[float | None]:
    """Return each month's figure as pages show it: a count, or a share or rate."""
    return [None if figure is None else value_of_month(figure, measured.scale.per) for figure in measured.figures]


def value_of_month(figure: Figure, per: float | None) -> float | None:
    if per is None:
        return float(figure.cases)
    return per * figure.cases / figure.of if figure.of else None


def make_chart(line: IndicatorLine, target: KpiTarget, *, month: Month, audience: Audience) -> AimChart:
    """Return a chart of a line's months, with the trajectory of a target."""
    (disclosed,) = disclose([line], audience=audience)
    measured, aim = measure(disclosed.line), target.aim
    values = values_of_months(measured)
    first = month + -(len(values) - 1)
    ahead = min(aim.due - aim.begins + 1, MOST_MONTHS)
    way = Way(
        baseline=aim.baseline,
        baseline_from=Month.of(target.baseline_from),
        baseline_to=Month.of(target.baseline_to),
        begins=aim.begins,
        due=aim.due,
        trajectory=[aim.trajectory_in(aim.begins + place) for place in range(ahead)],
    )
    return aim_chart(values, way, first=first, unit=find_sign(measured.scale.unit))


def make_months(
    line: IndicatorLine, target: KpiTarget, said: Mapping[Month, KpiLine], *, month: Month, audience: Audience
) -> list[MonthRow]:
    """Return a row for each month, the newest first."""
    (disclosed,) = disclose([line], audience=audience)
    measured, aim = measure(disclosed.line), target.aim
    values, sign = values_of_months(measured), find_sign(measured.scale.unit)
    without = {
        int(place): CellState(state).label.lower()
        for step in disclosed.line.steps
        for place, state in step["without"].items()
    }
    rows = []
    for place, value in reversed(list(enumerate(values))):
        past = month + -(len(values) - 1 - place)
        of_month = said.get(past)
        state = KpiState(of_month.state) if of_month else None
        rows.append(
            MonthRow(
                past,
                without.get(place, HELD) if value is None else show_in(value, sign),
                show_in(aim.trajectory_in(past), sign) if past >= aim.begins else "",
                state.label if state else "",
                TAGS[state] if state else "",
                of_month.said if of_month else "",
            )
        )
    return rows


def describe_column(indicator: Indicator) -> str:
    """Return the heading of the months' figures: "Figure", "Figure per 10,000"."""
    unit = read_scale(indicator).unit
    return f"Figure{unit}" if unit != find_sign(unit) else "Figure"


def make_targets(targets: Sequence[KpiTarget], *, scale: Scale, audience: Audience) -> list[TargetView]:
    """Return the targets, the newest first, as they are given."""
    refuse_public(audience)

    def describe(value: float) -> str:
        return show_in(value, scale.aim_unit)

    views = []
    for place, target in enumerate(targets):
        # The newest comes first, so the target after this one is at the place before.
        aim, after = target.aim, targets[place - 1] if place else None
        steps = "; ".join(f"{describe(step.value)} from {step.month.label} on" for step in aim.steps)
        first = Month.of(target.applies_from)
        if after is None:
            holds = f"Applies from {first.label}"
        elif after.applies_from <= target.applies_from:
            holds = "Applied to no published month"
        else:
            holds = f"Applied from {first.label} to {Month.of(after.applies_from).previous.label}"
        span = describe_span(target.baseline_from, target.baseline_to)
        views.append(
            TargetView(
                target.version,
                f"{describe(target.target)} by {aim.due.label}. {BETTER[aim.better]}.",
                f"{describe(target.baseline)}, {span}",
                steps,
                holds,
                target.reason,
                target.outlook,
                target.went_on_why,
                date_label(timezone.localdate(target.set_at)),
                str(target.set_by),
            )
        )
    return views


def find_last_asked(kpi: Kpi) -> Month | None:
    """Return the last month for which its indicator is collected; None if that has no end, or the KPI is retired."""
    retired_from = kpi.indicator.retired_from
    return Month.of(retired_from).previous if retired_from and not kpi.is_retired else None


def describe_span(first: date, last: date) -> str:
    return f"{Month.of(first).label} to {Month.of(last).label}"


def make_reviews(reviews: Iterable[KpiReview], *, reads_meetings: set[int], audience: Audience) -> list[ReviewView]:
    """Return the reviews. `reads_meetings` are the keys of the meetings that this reader may open."""
    refuse_public(audience)
    views = []
    for review in reviews:
        state = KpiState(review.state) if review.state else None
        meeting = review.meeting
        views.append(
            ReviewView(
                day=date_label(review.reviewed_on),
                by=str(review.made_by),
                meeting=f"{meeting.reference}, {meeting.body}" if meeting else "",
                meeting_url=meeting.get_absolute_url() if meeting and meeting.pk in reads_meetings else "",
                month=review.period.month.label if review.period else "",
                state=state.label if state else "",
                tag=TAGS[state] if state else "",
                note=review.note,
            )
        )
    return views


def find_review_day(kpi: Kpi, last: date | None) -> date:
    """Return the day by which somebody has to review it again."""
    day = last or timezone.localdate(kpi.added_at)
    month = Month.of(day) + kpi.review_every
    # Every month has a 28th.
    return month.first_day.replace(day=min(day.day, 28))


def describe_review(kpi: Kpi, last: date | None, *, today: date) -> str:
    """ "Reviewed on 5 May 2026; due again by 5 August 2026", "… and not since: it was due by 5 August 2026"."""
    due = find_review_day(kpi, last)
    done = f"Reviewed on {date_label(last)}" if last else "Not reviewed yet"
    if due < today:
        return f"{done}. A review was due by {date_label(due)}"
    return f"{done}. The next is due by {date_label(due)}"
