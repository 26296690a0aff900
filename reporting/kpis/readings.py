"""What a person may read about an area's KPIs, and about one."""

from functools import cached_property

from django.http import Http404

from actions.models import Kpi, KpiTarget
from actions.permissions import can_review_kpi
from actions.selectors.meetings import readable_meetings
from boards.permissions import Access
from core.calendar import Month
from core.pages import NotHeld
from indicators.disclosure import Audience
from reporting.charts.bars import AimChart
from reporting.kpis.presenters import (
    KpiRow,
    MonthsTable,
    ReviewView,
    TargetView,
    has_line,
    make_chart,
    make_months,
    make_reviews,
    make_rows,
    make_rows_of_today,
    make_targets,
)
from reporting.kpis.selectors import (
    find_kpi,
    list_kpi_lines,
    list_kpis,
    list_last_lines,
    list_published_lines,
    list_reviews,
    list_targets,
    list_wholes,
    newest_targets,
)
from reporting.models import IndicatorLine, Snapshot
from reporting.months.readings import shown_snapshot


class KpisPage:
    """The present KPIs in the newest published month; or those of another month, as it was published. Raises NotHeld or
    PermissionDenied, with a sentence.
    """

    def __init__(self, access: Access, *, month: Month | None = None) -> None:
        self.access, self.wanted = access, month
        self.snapshot, self.draft = find_snapshot(access, month)
        self.kpis = list_kpis(access.area)

    @property
    def month(self) -> Month | None:
        return self.snapshot.period.month if self.snapshot else None

    @property
    def unmeasured(self) -> list[Kpi]:
        """Return KPIs that no month has yet."""
        shown = {row.line.number for row in self.rows}
        return [kpi for kpi in self.kpis if kpi.number not in shown] if self.wanted is None else []

    @cached_property
    def rows(self) -> list[KpiRow]:
        """Return the KPIs as the month shows them. At most four queries."""
        snapshot, slug = self.snapshot, self.access.area.slug
        if snapshot is None:
            return []
        lines = list_kpi_lines(snapshot)
        if self.wanted is not None:
            return make_rows(lines, slug=slug, audience=Audience.PARTNERS)
        targets, by_number = newest_targets(self.access.area), {line.number: line for line in lines}
        without_line = [kpi for kpi in self.kpis if not has_line(by_number.get(kpi.number), targets[kpi.pk])]
        wholes = list_wholes(snapshot, [kpi.indicator.code for kpi in without_line]) if without_line else {}
        gone = [kpi.number for kpi in without_line if kpi.indicator.code not in wholes]
        return make_rows_of_today(
            self.kpis,
            targets,
            lines,
            wholes,
            list_last_lines(self.access.area, gone) if gone else {},
            month=snapshot.period.month,
            slug=slug,
            audience=Audience.PARTNERS,
        )


def find_snapshot(access: Access, month: Month | None) -> tuple[Snapshot | None, Month | None]:
    """Return the month and version to show; None if the address names no month and there is none. Raises NotHeld or
    PermissionDenied.
    """
    try:
        return shown_snapshot(access, month)
    except NotHeld:
        if month is not None:
            raise
        return None, None


class KpiPage:
    """One KPI, as the newest published month with its indicator shows it. Raises Http404, with a sentence."""

    def __init__(self, access: Access, number: int) -> None:
        kpi = find_kpi(access.area, number)
        if kpi is None:
            raise Http404(f"{access.area.name} has no KPI K{number}.")
        self.access, self.kpi = access, kpi
        self.targets = list_targets(kpi)
        self.snapshot, _ = find_snapshot(access, None)
        self.said = list_published_lines(kpi)
        self.whole = self.find_whole()
        if self.whole is None and self.said:
            # Its indicator is no longer collected, so the last month that had it shows its state.
            self.snapshot = self.said[max(self.said)].snapshot
            self.whole = self.find_whole()

    def find_whole(self) -> IndicatorLine | None:
        code = self.kpi.indicator.code
        return list_wholes(self.snapshot, [code]).get(code) if self.snapshot else None

    @property
    def target(self) -> KpiTarget:
        return self.targets[0]

    @property
    def month(self) -> Month | None:
        return self.snapshot.period.month if self.snapshot else None

    @cached_property
    def row(self) -> KpiRow | None:
        """Return its row; None if the month doesn't have its indicator. No query."""
        if self.month is None:
            return None
        line, slug = self.said.get(self.month), self.access.area.slug
        if self.kpi.is_retired:
            return make_rows([line], slug=slug, audience=Audience.PARTNERS)[0] if line else None
        rows = make_rows_of_today(
            [self.kpi],
            {self.kpi.pk: self.target},
            [line] if line else [],
            {self.kpi.indicator.code: self.whole} if self.whole else {},
            {},
            month=self.month,
            slug=slug,
            audience=Audience.PARTNERS,
        )
        return rows[0] if rows else None

    @property
    def chart(self) -> AimChart | None:
        if self.whole is None or self.month is None:
            return None
        return make_chart(self.whole, self.target, month=self.month, audience=Audience.PARTNERS)

    @property
    def months(self) -> MonthsTable | None:
        if self.whole is None or self.month is None:
            return None
        return make_months(self.whole, self.target, self.said, month=self.month, audience=Audience.PARTNERS)

    @property
    def target_views(self) -> list[TargetView]:
        return make_targets(self.targets, indicator=self.kpi.indicator, audience=Audience.PARTNERS)

    @property
    def reviews(self) -> list[ReviewView]:
        """Return its reviews. At most two queries."""
        reviews = list_reviews(self.kpi)
        met = [review.meeting_id for review in reviews if review.meeting_id]
        readable = set(readable_meetings(self.access).filter(pk__in=met).values_list("pk", flat=True)) if met else set()
        return make_reviews(reviews, reads_meetings=readable, audience=Audience.PARTNERS)

    @property
    def counted_since(self) -> Month | None:
        """Return since when it is counted differently from its baseline; None if it isn't."""
        since = Month.of(self.whole.definition_from) if self.whole else None
        return since if since and since > Month.of(self.target.baseline_from) else None

    @property
    def can_review(self) -> bool:
        return can_review_kpi(self.access, self.kpi) and not self.kpi.is_retired
