"""What may a person read about an indicator?"""

from dataclasses import replace
from functools import cached_property
from typing import NamedTuple

from django.utils import timezone

from actions.selectors.events import Happening, list_happenings
from actions.selectors.marks import ToldHighlight, list_board_highlights
from actions.selectors.plan import ActionRow, rows_on
from boards.permissions import Access
from boards.presenters.nav import month_query
from boards.selectors import list_boards
from core.months import Month
from core.not_held import NotHeld
from indicators.disclosure import Audience
from indicators.permissions import can_judge
from indicators.protection.rules import Rule
from indicators.selectors.disclosure import find_rule
from reporting.models.snapshots import SnapshotState
from reporting.months.presenters.aims import ChartAim, make_aims
from reporting.months.presenters.marks import ChartMark, make_marks
from reporting.months.presenters.series import SeriesView, series_view
from reporting.months.readings import MARKING, shown_snapshot
from reporting.months.selectors.kpis import is_any_kpi_on, list_kpis_on
from reporting.months.selectors.lines import list_series
from reporting.months.selectors.set_up import check_set_up, find_set_up
from reporting.months.selectors.versions import newest_published
from reporting.months.selectors.versions import newest_snapshot as find_newest


class Beside(NamedTuple):
    """What else an indicator's page shows, and what decides about it."""

    rule: Rule
    highlights: list[ToldHighlight]  # in the months of its chart
    happenings: list[Happening]
    actions: list[ActionRow]  # that aim to change it
    has_kpis: bool


class IndicatorPage:
    """What the page of an indicator is made from: the month and version that the address names, or the newest published
    month with the indicator; and its present set-up. Raises NotHeld or PermissionDenied, with a sentence.
    """

    def __init__(
        self, access: Access, code: str, *, month: Month | None = None, version: str = "", is_nhs: bool = False
    ) -> None:
        self.access, self.code, self.is_nhs = access, code, is_nhs
        self.set_up = check_set_up(access.area, code, find_set_up(access.area, code))
        self.boards = list_boards(access.area)
        self.snapshot, self.draft = shown_snapshot(access, month, version)
        self.is_version = bool(month and version)
        # By its number, not as the address has it (0001): core.compression relies on that.
        self.query = month_query(month, self.snapshot.version if version else "") if month else ""
        self.lines = list_series(self.snapshot, code)
        if not self.lines and month:
            raise NotHeld(f"{self.set_up.title} wasn’t collected in {month.label}, so it has no figure for that month.")
        if not self.lines:  # retired, or not collected yet: the last month that has it is shown
            self.snapshot, self.draft = newest_published(
                access.area, include_drafts=access.can_see_drafts, holding=code
            )
            self.lines = list_series(self.snapshot, code)
        if self.draft and self.set_up.retired_from and self.set_up.retired_from <= self.draft.first_day:
            self.draft = None

    def depends_on(self) -> tuple[object, ...]:
        period = self.snapshot.period
        return (
            "indicator",
            self.code,
            self.is_nhs,
            (self.query, self.is_superseded, self.draft),
            can_judge(self.access),
            (self.access.area.pk, self.access.area.name, self.access.can_coordinate, self.access.can_see_drafts),
            (period.starts_on, period.due_on, period.status, period.stale_since),
            (self.snapshot.pk, self.snapshot.state, self.snapshot.fingerprint),
            [(board.pk, board.code, board.name, board.short_name) for board in self.boards],
            sorted(self.access.seated),
            self.set_up,
            self.beside.rule,
            self.marks,
            self.aims,
        )

    @cached_property
    def is_superseded(self) -> bool:
        """Return whether a newer version was published than the one named. One query if one was named."""
        if not self.is_version or self.snapshot.state != SnapshotState.PUBLISHED:
            return False
        newest = find_newest(self.access.area, include_drafts=False, month=self.snapshot.period.month)
        return newest.pk != self.snapshot.pk

    @property
    def first_month(self) -> Month:
        """Return the first month of its chart."""
        return self.snapshot.period.month + -(len(self.lines[0].history) - 1)

    @cached_property
    def beside(self) -> Beside:
        """Return what is asked beside its figures. Seven queries."""
        area, boards, last = self.access.area, list(self.lines[0].boards), self.snapshot.period.month.last_day
        return Beside(
            find_rule(area, self.code),
            list_board_highlights(area, boards, first=self.first_month.first_day, last=last),
            list_happenings(area, self.code),
            rows_on(area, self.code),
            is_any_kpi_on(self.snapshot, self.code),
        )

    @cached_property
    def marks(self) -> tuple[ChartMark, ...]:
        """Return what was done about it, and what changed in it, in the months of its chart."""
        whole, month = self.lines[0], self.snapshot.period.month
        return make_marks(
            whole,
            self.first_month,
            month,
            slug=self.access.area.slug,
            highlights=self.beside.highlights,
            happenings=self.beside.happenings,
            today=timezone.localdate(),
            with_levels=not self.is_nhs,
        )

    @cached_property
    def aims(self) -> tuple[ChartAim, ...]:
        """Return its KPIs. Two queries if there are any."""
        kpis = list_kpis_on(self.snapshot, self.code) if self.beside.has_kpis else []
        return tuple(make_aims(kpis, self.first_month, self.snapshot.period.month, slug=self.access.area.slug))

    @cached_property
    def view(self) -> SeriesView:
        return series_view(
            self.snapshot,
            self.lines,
            area=self.access.area,
            audience=Audience.PARTNERS,
            marking=MARKING,
            is_nhs=self.is_nhs,
        )

    @property
    def marked_view(self) -> SeriesView:
        """Return the same with its marks and KPIs, which only the page shows."""
        return replace(self.view, marks=self.marks, aims=self.aims)
