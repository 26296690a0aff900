"""KPIs as text: the list, one KPI with its months, targets and reviews, what a target means, and tasks about KPIs."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import Any

from django.urls import reverse
from django.utils import timezone

from actions.models import Kpi, KpiKind, KpiReview, KpiTarget
from boards.permissions import Access
from boards.todo import Task
from core.calendar import Month, date_label
from core.files.tables import Row
from core.pages import link_to
from indicators.disclosure import Audience, disclose, refuse_public
from indicators.kpis.aims import (
    Aim,
    Figure,
    KpiState,
    Scale,
    count_months,
    describe_reach,
    find_sign,
    mean_figure,
    name_span,
    say_time,
    show_amount,
    show_in,
)
from indicators.models import Indicator
from indicators.trend import CellState, Polarity
from reporting.charts.bars import AimChart, Bullet, Way, aim_chart, bullet
from reporting.kpis.selectors import PublishedSeries, Watched, list_watched
from reporting.kpis.targets import Prepared
from reporting.models import IndicatorLine, KpiLine
from reporting.months.kpi_lines import Measured, make_kpi_line, measure, read_scale
from reporting.months.presenters.series import TAGS

YEAR, USUAL_BASELINE = 12, 24  # months


@dataclass(frozen=True, slots=True)
class Start:
    """What a form starts with: the months that it offers, and its hints."""

    months: Sequence[Month]
    initial: dict[str, Any]
    lead: str
    per_month: str
    has_figures: bool


@dataclass(frozen=True, slots=True)
class OutlookView:
    """Whether this town could see it. `aim` is a sentence on the target."""

    aim: str
    said: str
    offers: Sequence[str]
    is_enough: bool


def make_start(indicator: Indicator, series: PublishedSeries) -> Start:
    months = [one.month for one in series.months]
    initial: dict[str, Any] = {}
    if months:
        initial = {"baseline_from": str(months[-USUAL_BASELINE:][0]), "baseline_to": str(months[-1])}
    if indicator.polarity != Polarity.NEUTRAL:
        initial["better"] = indicator.polarity
    return make_start_with(initial, indicator, series)


def make_start_of_move(kpi: Kpi, target: KpiTarget, series: PublishedSeries) -> Start:
    """Return a form with the KPI's present target."""
    aim = target.aim
    initial = {
        "baseline_from": str(Month.of(target.baseline_from)),
        "baseline_to": str(Month.of(target.baseline_to)),
        "better": target.better,
        "is_own_aim": target.better != kpi.indicator.polarity,
        "target": show_amount(target.target).replace(",", ""),
        "due": str(aim.due),
        "begins": str(aim.begins),
        "steps": "\n".join(f"{step.month} {step.value:g}" for step in aim.steps),
        "seen": target.version,
    }
    return make_start_with(initial, kpi.indicator, series)


def make_start_with(initial: dict[str, Any], indicator: Indicator, series: PublishedSeries) -> Start:
    return Start(
        months=[one.month for one in series.months],
        initial=initial,
        lead=describe_year(series),
        per_month=describe_target(indicator, series),
        has_figures=any(one.figure is not None for one in series.months),
    )


def describe_year(series: PublishedSeries) -> str:
    """ "In the 12 months to September 2026 there were 35.8 a month."."""
    newest = series.months[-YEAR:]
    figures = [one.figure for one in newest if one.figure is not None and one.figure.of != 0]
    if not figures:
        return "No published month has a figure for it yet. A baseline needs figures."
    value = mean_figure(figures, per=series.scale.per)
    last = newest[-1].month.label
    return f"In the {len(newest)} months to {last} it was {show_in(value, series.scale.aim_unit)}."


def describe_target(indicator: Indicator, series: PublishedSeries) -> str:
    """ "In arrests a month.", "In %.", "The number per 10,000 a year."."""
    scale = series.scale
    if scale.per is None:
        return f"In {indicator.unit_many}{scale.aim_unit}."
    if scale.is_average:
        return f"In {indicator.unit_many}."
    sign = find_sign(scale.unit)
    return f"In {sign}." if sign else f"The number{scale.unit}."


def describe_outlook(prepared: Prepared) -> OutlookView:
    aim, series, outlook = prepared.aim, prepared.series, prepared.outlook

    def describe(value: float) -> str:
        return show_in(value, series.scale.aim_unit)

    first, last = prepared.baseline[0].month, prepared.baseline[-1].month
    sentence = (
        f"From {describe(aim.baseline)} ({first.label} to {last.label}) to {describe(aim.target)} by {aim.due.label}."
    )
    return OutlookView(sentence, outlook.said, outlook.offers, outlook.is_enough)


@dataclass(frozen=True, slots=True)
class SectionOfChoices:
    title: str
    indicators: Sequence[tuple[str, str]]  # title, address


def list_choices(indicators: Iterable[Indicator], *, slug: str) -> list[SectionOfChoices]:
    sections: dict[str, list[tuple[str, str]]] = {}
    for indicator in indicators:
        url = reverse("reporting:kpi-set", args=[slug, indicator.code])
        sections.setdefault(indicator.section.title, []).append((indicator.title, url))
    return [SectionOfChoices(title, choices) for title, choices in sections.items()]


WAYS = {Polarity.LOWER: "Lower", Polarity.HIGHER: "Higher"}


def describe_way(better: str, indicator: Indicator) -> str:
    """ "Lower, as for the indicator. Each is a home taken over."; or that it is the KPI's own aim, and what the
    indicator says."""
    way, why = WAYS[Polarity(better)], indicator.polarity_reason.rstrip(".")
    if better == indicator.polarity:
        return f"{way}, as for the indicator. {why}."
    return f"{way} is this KPI’s own aim. {describe_indicators_way(indicator)}"


def describe_indicators_way(indicator: Indicator) -> str:
    """ "For the indicator, neither way is better. More referrals can mean better recognition."."""
    polarity, why = Polarity(indicator.polarity), indicator.polarity_reason.rstrip(".")
    way = "neither way" if polarity is Polarity.NEUTRAL else WAYS[polarity].lower()
    return f"For the indicator, {way} is better. {why}."


@dataclass(frozen=True)
class KpiRow:
    """A KPI as a month shows it. `is_ahead`: the month was published before the KPI or its target was set, so it has no
    line for it, and the row is worked out from that month's figures. `last` is an earlier month that the row is for, if
    the newest no longer has the indicator.
    """

    line: KpiLine
    url: str
    is_ahead: bool = False
    last: Month | None = None

    @property
    def reference(self) -> str:
        return self.line.reference

    @property
    def state(self) -> KpiState:
        return KpiState(self.line.state)

    @property
    def tag(self) -> str:
        return TAGS[self.state]

    @property
    def is_told(self) -> bool:
        """Return whether it is told in words alone, since it counts rare deaths."""
        return self.state is KpiState.NOT_JUDGED

    @property
    def kind(self) -> str:
        return KpiKind(self.line.kind).label

    @property
    def unit(self) -> str:
        return say_time(self.line.unit, months=self.line.months)

    @property
    def aim_unit(self) -> str:
        return say_time(self.line.aim_unit, months=self.line.months)

    @property
    def aim(self) -> str:
        """ "From 35.8 a month to 18 a month by September 2028". Of rare deaths: "The aim is none by …"."""
        line = self.line
        if self.is_told:
            target = show_in(line.target, self.aim_unit) if line.target else "none"
            return f"The aim is {target} by {Month.of(line.target_month).label}"
        return (
            f"From {show_in(line.baseline, self.aim_unit)} to {show_in(line.target, self.aim_unit)} "
            f"by {Month.of(line.target_month).label}"
        )

    @property
    def begins(self) -> Month:
        """Return the first month that counts."""
        return Month.of(self.line.begins)

    @cached_property
    def bullet(self) -> Bullet | None:
        """Return the bar; None without a figure or a range, and for what is told in words."""
        line = self.line
        if (
            self.is_told
            or line.value is None
            or line.lower is None
            or line.upper is None
            or line.due_baseline is None
            or line.due_trajectory is None
            or line.due_target is None
        ):
            return None
        return bullet(
            line.value,
            lower=line.lower,
            upper=line.upper,
            baseline=line.due_baseline,
            trajectory=line.due_trajectory,
            target=line.due_target,
            unit=find_sign(line.unit),
        )

    @property
    def numbers(self) -> dict[str, str]:
        """Return what the bar shows, as it is printed beside it."""
        line = self.line
        values = {
            "value": line.value,
            "baseline": line.due_baseline,
            "trajectory": line.due_trajectory,
            "target": line.due_target,
        }
        sign = find_sign(line.unit)
        shown = {name: show_in(value, sign) for name, value in values.items() if value is not None}
        return shown | {"value": show_in(line.value, self.unit)} if line.value is not None else shown

    @property
    def reach(self) -> str:
        """Return " (17 to 38, allowing for chance)"; empty where chance plays no part."""
        line = self.line
        if line.value is None or line.lower is None or line.upper is None:
            return ""
        return describe_reach(line.value, line.lower, line.upper, is_count=line.per is None, unit=self.unit)

    @property
    def over(self) -> str:
        """Say which months the bar covers: "12 months", "11 of 12 months" if one has no figure, "the newest month"."""
        return name_span(self.line.months, of_these=self.line.figures)


@dataclass(frozen=True, slots=True)
class KpiGroup:
    """The KPIs of a board or of a strand."""

    name: str
    code: str
    rows: Sequence[KpiRow]


def make_rows(lines: Iterable[KpiLine], *, slug: str, audience: Audience) -> list[KpiRow]:
    """Return the rows of a version's KPIs. Raises AudienceRefused for the public, which has its own KPI lines."""
    refuse_public(audience)
    return [KpiRow(line, kpi_url(slug, line.number)) for line in lines]


def make_rows_of_today(
    kpis: Iterable[Kpi],
    targets: Mapping[int, KpiTarget],
    lines: Iterable[KpiLine],
    wholes: Mapping[str, IndicatorLine],
    earlier: Mapping[int, KpiLine],
    *,
    month: Month,
    slug: str,
    audience: Audience,
) -> list[KpiRow]:
    """Return the present KPIs as the newest month shows them. `targets` are the newest, by the KPI's key. `wholes` are
    the month's lines of indicators whose KPIs have no line in it. `earlier` has the last line from an earlier month, by
    number, with its month. A KPI that no month has yet has no row.
    """
    refuse_public(audience)
    by_number = {line.number: line for line in lines}
    rows = []
    for kpi in kpis:
        line, target = by_number.get(kpi.number), targets[kpi.pk]
        if has_line(line, target):
            assert line is not None  # noqa: S101  # has_line says so
            rows.append(KpiRow(line, kpi_url(slug, kpi.number)))
        elif kpi.indicator.code in wholes:
            line_of_today = make_kpi_line(kpi, target, wholes[kpi.indicator.code], month=month)
            rows.append(KpiRow(line_of_today, kpi_url(slug, kpi.number), is_ahead=True))
        elif kpi.number in earlier:
            last = earlier[kpi.number]
            rows.append(KpiRow(last, kpi_url(slug, kpi.number), last=last.snapshot.period.month))
    return rows


def has_line(line: KpiLine | None, target: KpiTarget) -> bool:
    """Return whether a month has a line for the KPI with this target."""
    return line is not None and line.target_version == target.version


def group_rows(rows: Iterable[KpiRow], *, by_strand: bool) -> list[KpiGroup]:
    """Group them in the order in which they are given."""
    groups: dict[tuple[str, str], list[KpiRow]] = {}
    for row in rows:
        line = row.line
        key = (line.strand_code, line.strand_name) if by_strand else (line.board_code, line.board_name)
        groups.setdefault(key, []).append(row)
    return [KpiGroup(name, code, of_group) for (code, name), of_group in groups.items()]


def kpi_url(slug: str, number: int) -> str:
    return reverse("reporting:kpi-view", args=[slug, number])


def describe_count(number: int, of: int | None = None) -> str:
    """ "3 KPIs", "2 of 3 KPIs"."""
    total = number if of is None else of
    words = f"{total:,} KPI{'' if total == 1 else 's'}"
    return words if of is None else f"{number:,} of {words}"


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
class MonthsTable:
    """The months, with the headings of their figures and trajectory: "Figure" and "Trajectory", or "Cases among 28,400"
    and "Trajectory per 10,000 a year"."""

    columns: tuple[str, str]
    rows: Sequence[MonthRow]


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
    """Return each month's figure as a chart draws it: a count, or a share or rate. A rate of a year is that of the
    twelve months up to the month: one case in a month isn't twelve a year."""
    figures, scale = measured.figures, measured.scale
    months = count_months(scale.unit)
    return [
        None if figure is None or place < months - 1 else add_up(figures[place + 1 - months : place + 1], scale.per)
        for place, figure in enumerate(figures)
    ]


def add_up(figures: Sequence[Figure | None], per: float | None) -> float | None:
    """Return what the months with a figure come to; None for a ratio of nothing."""
    known = [figure for figure in figures if figure is not None and (per is None or figure.of)]
    return mean_figure(known, per=per) if known else None


def describe_points(indicator: Indicator, target: KpiTarget) -> str:
    """Say what a point of the chart is."""
    is_of_a_year = count_months(read_scale(indicator, target).unit) == YEAR
    return "over the 12 months to each month" if is_of_a_year else "month by month"


def make_chart(line: IndicatorLine, target: KpiTarget, *, month: Month, audience: Audience) -> AimChart:
    """Return a chart of a line's months, with the trajectory of a target."""
    (disclosed,) = disclose([line], audience=audience)
    measured, aim = measure(disclosed.line, target), target.aim
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
) -> MonthsTable:
    """Return a row for each month, the newest first. Of a rate it has the cases: one in a month isn't twelve a year."""
    (disclosed,) = disclose([line], audience=audience)
    measured, aim = measure(disclosed.line, target), target.aim
    scale = measured.scale
    of = {figure.of for figure in measured.figures if figure is not None} if scale.is_over_time else set()
    without = {
        int(place): CellState(state).label.lower()
        for step in disclosed.line.steps
        for place, state in step["without"].items()
    }
    rows = []
    for place, figure in reversed(list(enumerate(measured.figures))):
        past = month + -(len(measured.figures) - 1 - place)
        of_month = said.get(past)
        state = KpiState(of_month.state) if of_month else None
        rows.append(
            MonthRow(
                past,
                without.get(place, HELD) if figure is None else show_figure(figure, scale, says_of=len(of) > 1),
                show_plan(aim, past, scale),
                state.label if state else "",
                TAGS[state] if state else "",
                of_month.said if of_month else "",
            )
        )
    unit = "" if scale.unit == find_sign(scale.unit) else scale.unit
    cases = "Cases" if len(of) != 1 else f"Cases among {of.pop():,}"
    return MonthsTable((cases if scale.is_over_time else f"Figure{unit}", f"Trajectory{unit}"), rows)


def show_figure(figure: Figure, scale: Scale, *, says_of: bool) -> str:
    """Return a month's figure as the table has it: "7", "61%"; of a rate its cases, which `says_of` how many."""
    if scale.is_over_time:
        return f"{figure.cases:,} among {figure.of or 0:,}" if says_of else f"{figure.cases:,}"
    value = add_up([figure], scale.per)
    return HELD if value is None else show_in(value, find_sign(scale.unit))


def show_plan(aim: Aim, month: Month, scale: Scale) -> str:
    """Return the plan for a month; empty before the KPI begins, and for rare deaths, of which it is a small part of
    one."""
    is_shown = month >= aim.begins and not scale.is_told
    return show_in(aim.trajectory_in(month), find_sign(scale.unit)) if is_shown else ""


def make_targets(targets: Sequence[KpiTarget], *, indicator: Indicator, audience: Audience) -> list[TargetView]:
    """Return the targets, the newest first, as they are given. Each says its own time."""
    refuse_public(audience)

    def describe(value: float, target: KpiTarget) -> str:
        return show_in(value, read_scale(indicator, target).aim_unit)

    views = []
    for place, target in enumerate(targets):
        # The newest comes first, so the target after this one is at the place before.
        aim, after = target.aim, targets[place - 1] if place else None
        steps = "; ".join(f"{describe(step.value, target)} from {step.month.label} on" for step in aim.steps)
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
                f"{describe(target.target, target)} by {aim.due.label}.",
                f"{describe(target.baseline, target)}, {span}",
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


# The names are an interface: somebody's system reads them.
KPI_COLUMNS = {
    "number": "The KPI’s number, as on its page.",
    "title": "The KPI’s title.",
    "indicator": "The code of the KPI’s indicator.",
    "board": "The code of the board that owns the KPI.",
    "strand": "The code of the strand in the plan to which the KPI belongs.",
    "owner": "The person who is responsible for the KPI.",
    "state": "How the KPI is doing.",
    "said": "How the KPI is doing, as a sentence.",
    "value": "The figure for the last months together, up to twelve. Empty if there is no figure.",
    "lower": "The bottom of the figure’s range: of 99%, and of 95% from the target’s month.",
    "upper": "The top of that range.",
    "unit": "The unit of the figure.",
    "months": "The number of months that the figure covers.",
    "due_baseline": "The figure that the baseline would give over the same months.",
    "due_trajectory": "The figure that the trajectory from the baseline to the target would give.",
    "due_target": "The figure that the target would give.",
    "baseline": "The baseline as it was set: a monthly count, a share, or a rate with its period, such as a year.",
    "target": "The target as it was set: a monthly count, a share, or a rate with its period, such as a year.",
    "target_month": "The month by which the target should be reached.",
}


def kpi_rows(rows: Iterable[KpiRow]) -> list[Row]:
    return [
        {
            "number": row.reference,
            "title": row.line.title,
            "indicator": row.line.indicator_code,
            "board": row.line.board_code,
            "strand": row.line.strand_code,
            "owner": row.line.owner or None,
            "state": row.line.state,
            "said": row.line.said,
            "value": row.line.value,
            "lower": row.line.lower,
            "upper": row.line.upper,
            "unit": row.unit,
            "months": row.line.months,
            "due_baseline": row.line.due_baseline,
            "due_trajectory": row.line.due_trajectory,
            "due_target": row.line.due_target,
            "baseline": row.line.baseline,
            "target": row.line.target,
            "target_month": str(Month.of(row.line.target_month)),
        }
        for row in rows
    ]


def kpi_tasks(access: Access, *, today: date, is_short: bool = False) -> list[Task]:
    """Return an owner's own KPI tasks, or all for the coordinator. Nothing to ask for people without a role here.
    `is_short`: the reviews are one task if there are several."""
    watched_kpis = list(list_watched(access))
    due = [(watched, find_review_day(watched.kpi, watched.reviewed_on)) for watched in watched_kpis]
    overdue = [(watched, day) for watched, day in due if day < today]
    tasks = list(describe_watched(access, watched_kpis, today=today))
    if is_short and len(overdue) > 1:
        return [*tasks, reviews_task(access, overdue)]
    return [*tasks, *(review_task(access, watched, day) for watched, day in overdue)]


def describe_watched(access: Access, watched_kpis: Iterable[Watched], *, today: date) -> Iterator[Task]:
    for watched in watched_kpis:
        if access.can_coordinate and (last := find_last_asked(watched.kpi)) and last.next.first_day <= today:
            yield unasked_task(access, watched.kpi, last)
        if access.can_coordinate and not watched.is_owned:
            yield ownerless_task(access, watched)


def ownerless_task(access: Access, watched: Watched) -> Task:
    kpi = watched.kpi
    if kpi.owner is None:
        hint = "Choose someone to be responsible for it."
    else:
        hint = f"{kpi.owner} no longer has a role in {access.area.name}. Choose someone else."
    return Task(
        name=f"KPI {kpi} has no owner",
        url=link_to("reporting:kpi-change", access.area.slug, kpi.number),
        hint=hint,
        status="problem",
        status_label="No owner",
        is_awaited=False,
    )


def unasked_task(access: Access, kpi: Kpi, last: Month) -> Task:
    return Task(
        name=f"KPI {kpi} is no longer measured",
        url=kpi_url(access.area.slug, kpi.number),
        hint=f"{kpi.indicator.title} was last collected in {last.label}. Retire the KPI, or collect it again.",
        status="problem",
        status_label="Not collected",
        is_awaited=False,
    )


def reviews_task(access: Access, overdue: Sequence[tuple[Watched, date]]) -> Task:
    """Return one task for several reviews. It leads to the list of them."""
    first, names = min(day for _, day in overdue), [watched.kpi.reference for watched, _ in overdue]
    return Task(
        name=f"{len(overdue)} KPIs are waiting for a review",
        url=f"{link_to('reporting:mine', access.area.slug)}#s-kpis",
        hint=f"{', '.join(names[:-1])} and {names[-1]}. The first was due on {date_label(first)}.",
        status="problem",
        status_label="Overdue",
        is_awaited=False,
        due_on=first,
        is_overdue=True,
        number=len(overdue),
    )


def review_task(access: Access, watched: Watched, due: date) -> Task:
    kpi, last = watched.kpi, watched.reviewed_on
    done = f"It was last reviewed on {date_label(last)}." if last else "No one has reviewed it yet."
    whose = f" {kpi.owner} owns it." if kpi.owner and kpi.owner_id != access.user.pk else ""
    return Task(
        name=f"Review KPI {kpi}",
        url=link_to("reporting:kpi-review", access.area.slug, kpi.number),
        hint=f"{done}{whose}",
        status="problem",
        status_label="Overdue",
        is_awaited=False,
        due_on=due,
        is_overdue=True,
    )
