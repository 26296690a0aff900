"""A KPI whose target moved, which was reviewed, beside one that was retired; and how each constraint is violated."""

from collections.abc import Callable
from datetime import timedelta

from django.db.models import F
from django.utils import timezone

from actions.models import Kpi, KpiReview, KpiTarget
from core.calendar import Month
from reporting.kpis.services import move_target, retire_kpi, review_kpi
from reporting.models import KpiLine
from tests.integration.rows import twice
from tests.measuring import history, set_one, target_draft
from tests.scenarios import make_town

type Violation = tuple[str, Callable[[object], object]]
JULY = Month(2024, 7)
WENT_ON = "It is what we can promise"


def leave_kpis() -> None:
    """In a town of their own, which has figures of months enough."""
    town, due = make_town("measured"), Month.of(timezone.localdate()) + 24
    history(town, *[9] * 6, last=JULY + -1)
    first = target_draft(baseline_from=JULY + -6, baseline_to=JULY + -1, target=5.0, due=due)
    second = target_draft(baseline_from=JULY + -6, baseline_to=JULY + -1, target=6.0, due=due)
    kpi, other = (set_one(town, first, went_on_why=WENT_ON) for _ in range(2))
    history(town, 8, last=JULY)
    move_target(kpi, second, reason="Too far", seen=1, went_on_why=WENT_ON, by=town.coordinator)
    review_kpi(kpi, note="Go on", reviewed_on=timezone.localdate(), by=town.coordinator)
    retire_kpi(other, why="Not needed", by=town.coordinator)


KPI, RETIRED = (Kpi.objects.filter(retired_at__isnull=in_use) for in_use in (True, False))
FIRST, MOVED = (KpiTarget.objects.filter(kpi__retired_at=None, version=version) for version in (1, 2))
REVIEW, LINE = KpiReview.objects.all(), KpiLine.objects.filter(number=1)
KPI_CASES: list[Violation] = [
    ("one_kpi_per_number", lambda _: twice(KPI)),
    ("kpis_count_from_one", lambda _: KPI.update(number=0)),
    ("kpi_has_title_and_why", lambda _: KPI.update(title="")),
    ("kpi_has_title_and_why", lambda _: KPI.update(why="")),
    ("kpi_smallest_change", lambda _: KPI.update(smallest=0)),
    ("kpi_smallest_change", lambda _: KPI.update(smallest=1001)),
    ("kpi_is_reviewed", lambda _: KPI.update(review_every=0)),
    ("kpi_is_reviewed", lambda _: KPI.update(review_every=25)),
    ("kpi_retired_at_by_why", lambda _: KPI.update(retired_why="Not needed")),
    ("kpi_retired_at_by_why", lambda _: RETIRED.update(retired_why="")),
    ("kpi_retired_at_by_why", lambda _: RETIRED.update(retired_by=None)),
    ("kpi_retired_at_by_why", lambda _: RETIRED.update(retired_at=None)),
    ("one_target_per_version", lambda _: twice(FIRST)),
    ("moved_target_has_its_reason", lambda _: MOVED.update(reason="")),
    ("moved_target_has_its_reason", lambda _: FIRST.update(reason="x")),
    ("moved_target_has_its_reason", lambda _: FIRST.update(version=0)),
    ("target_comes_after_its_baseline", lambda _: FIRST.update(baseline_to=F("baseline_from") - timedelta(days=1))),
    ("target_comes_after_its_baseline", lambda _: FIRST.update(begins=F("baseline_to"))),
    ("target_comes_after_its_baseline", lambda _: FIRST.update(due=F("begins"))),
    ("target_is_better_than_its_baseline", lambda _: FIRST.update(target=F("baseline"))),
    ("target_is_better_than_its_baseline", lambda _: FIRST.update(better="higher")),
    ("target_is_better_than_its_baseline", lambda _: FIRST.update(better="neutral")),
    ("target_of_a_month_or_a_year", lambda _: FIRST.update(rate_months=3)),
    ("target_is_no_less_than_none", lambda _: FIRST.update(target=-1)),
    ("target_that_is_seen_or_set_all_the_same", lambda _: FIRST.update(went_on_why="")),
    ("target_that_is_seen_or_set_all_the_same", lambda _: FIRST.update(is_enough=True)),
    ("kpi_review_says_something", lambda _: REVIEW.update(note="")),
    ("kpi_review_has_the_state_of_its_month", lambda _: REVIEW.update(state="")),
    ("kpi_review_has_the_state_of_its_month", lambda _: REVIEW.update(period=None)),
    ("one_line_per_kpi", lambda _: twice(LINE)),
    ("kpi_line_has_all_of_its_span_or_nothing", lambda _: LINE.update(value=None)),
    ("kpi_line_has_all_of_its_span_or_nothing", lambda _: LINE.update(due_trajectory=None)),
    ("kpi_line_has_all_of_its_span_or_nothing", lambda _: LINE.update(figures=0)),
    ("kpi_line_looks_at_a_year", lambda _: LINE.update(months=13)),
]
