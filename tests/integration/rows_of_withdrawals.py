"""A month that was taken back, a public month that was withdrawn, and how the constraints of both are violated."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from boards.models import ReportingPeriod
from core.calendar import Month
from core.models import User
from reporting.models import MonthWithdrawal, Replacement, Snapshot, VersionWithdrawal, WithdrawalExplanation
from reporting.months.services import publish_month, take_back
from reporting.public.taking_down import explain, withdraw_month
from tests.integration.rows import twice
from tests.scenarios import Town, close_early, make_town, open_month

GRACE = timedelta(minutes=15)
JULY = Month(2026, 7)


def publish_fresh(town: Town, month: Month) -> Snapshot:
    """A month that can still be taken back."""
    period = close_early(open_month(town, month), by=town.coordinator)
    return publish_month(period, why="The board meets", grace=GRACE, by=town.coordinator)


def leave_withdrawals() -> None:
    """In a town of their own."""
    town = make_town("regretted")
    snapshot = publish_fresh(town, JULY)
    take_back(town.area, seen=[snapshot.pk], why="Too early", by=town.coordinator)


def leave_withdrawn(period: ReportingPeriod, *, by: User) -> None:
    """A public month is withdrawn in an emergency, and explained; and a month waits for a new edition."""
    withdrawal = withdraw_month(period, is_urgent=True, by=by)
    explain(withdrawal, why="A figure was wrong", by=by)
    Replacement.objects.create(withdrawal=withdrawal, period=period)


WITHDRAWALS = VersionWithdrawal.objects.all()
MONTHS, EXPLANATIONS = MonthWithdrawal.objects.all(), WithdrawalExplanation.objects.all()
REPLACEMENTS = Replacement.objects.all()
DRAFTS = Snapshot.objects.filter(state="draft")
NOW = datetime(2026, 8, 1, tzinfo=UTC)
WITHDRAWAL_CASES: list[tuple[str, Callable[[object], object]]] = [
    ("version_withdrawal_has_its_reason", lambda _: WITHDRAWALS.update(why="")),
    ("month_withdrawal_has_its_reason", lambda _: MONTHS.update(why="Wrong")),
    ("month_withdrawal_has_its_reason", lambda _: MONTHS.update(is_urgent=False)),
    ("explanation_has_its_reason", lambda _: EXPLANATIONS.update(why="")),
    ("one_replacement_per_month", lambda _: twice(REPLACEMENTS)),
    ("replacement_is_refused_once_tried", lambda _: REPLACEMENTS.update(refused="Too close")),
    ("published_version_is_fresh_until", lambda _: DRAFTS.update(fresh_until=NOW)),
    ("published_version_is_fresh_until", lambda _: DRAFTS.update(published_why="The board meets")),
]
