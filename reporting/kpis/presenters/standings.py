"""How is each KPI doing in a month, as text and as a bar? Only partners see it, and it goes through the gate."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from django.urls import reverse

from actions.models import Kpi, KpiKind, KpiTarget
from core.months import Month
from indicators.disclosure import Audience, refuse_public
from indicators.kpis.scale import find_sign, show_in
from indicators.kpis.state import KpiState, name_span, round_range
from indicators.trend import Polarity
from reporting.charts.bullet import Bullet, bullet
from reporting.models import IndicatorLine, KpiLine
from reporting.months.kpi_lines import make_kpi_line
from reporting.months.presenters.aims import TAGS

BETTER = {Polarity.LOWER: "Lower is better", Polarity.HIGHER: "Higher is better"}


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
    def kind(self) -> str:
        return KpiKind(self.line.kind).label

    @property
    def aim(self) -> str:
        """ "From 35.8 a month to 18 a month by September 2028"."""
        line = self.line
        return (
            f"From {show_in(line.baseline, line.aim_unit)} to {show_in(line.target, line.aim_unit)} "
            f"by {Month.of(line.target_month).label}"
        )

    @property
    def better(self) -> str:
        return BETTER[Polarity(self.line.better)]

    @property
    def begins(self) -> Month:
        """Return the first month that counts."""
        return Month.of(self.line.begins)

    @cached_property
    def bullet(self) -> Bullet | None:
        """Return the bar; None without a figure or a range."""
        line = self.line
        if (
            line.value is None
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
        found = {
            "value": line.value,
            "baseline": line.due_baseline,
            "trajectory": line.due_trajectory,
            "target": line.due_target,
        }
        if line.value is not None and line.lower is not None and line.upper is not None:
            is_count = line.per is None
            ends = round_range(line.value, line.lower, line.upper, is_count=is_count)
            found["lower"], found["upper"] = ends
        sign = find_sign(line.unit)
        shown = {name: show_in(value, sign) for name, value in found.items() if value is not None}
        return shown | {"value": show_in(line.value, line.unit)} if line.value is not None else shown

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
    held = {line.number: line for line in lines}
    rows = []
    for kpi in kpis:
        line, target = held.get(kpi.number), targets[kpi.pk]
        if is_said(line, target):
            assert line is not None  # noqa: S101  # is_said says so
            rows.append(KpiRow(line, kpi_url(slug, kpi.number)))
        elif kpi.indicator.code in wholes:
            made = make_kpi_line(kpi, target, wholes[kpi.indicator.code], month=month)
            rows.append(KpiRow(made, kpi_url(slug, kpi.number), is_ahead=True))
        elif kpi.number in earlier:
            last = earlier[kpi.number]
            rows.append(KpiRow(last, kpi_url(slug, kpi.number), last=last.snapshot.period.month))
    return rows


def is_said(line: KpiLine | None, target: KpiTarget) -> bool:
    """Return whether a month has a line for the KPI with this target."""
    return line is not None and line.target_version == target.version


def group_rows(rows: Iterable[KpiRow], *, by_strand: bool) -> list[KpiGroup]:
    """Group them in the order in which they are given."""
    groups: dict[tuple[str, str], list[KpiRow]] = {}
    for row in rows:
        line = row.line
        key = (line.strand_code, line.strand_name) if by_strand else (line.board_code, line.board_name)
        groups.setdefault(key, []).append(row)
    return [KpiGroup(name, code, found) for (code, name), found in groups.items()]


def kpi_url(slug: str, number: int) -> str:
    return reverse("reporting:kpi-view", args=[slug, number])


def describe_count(number: int, of: int | None = None) -> str:
    """ "3 KPIs", "2 of 3 KPIs"."""
    total = number if of is None else of
    words = f"{total:,} KPI{'' if total == 1 else 's'}"
    return words if of is None else f"{number:,} of {words}"
