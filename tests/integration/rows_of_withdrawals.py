"""A month that was published and taken back, and how the constraint of its kind is violated."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from core.months import Month
from reporting.models import Snapshot, VersionWithdrawal
from reporting.months.services import publish_month
from reporting.months.taking_back import take_back
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


WITHDRAWALS = VersionWithdrawal.objects.all()
DRAFTS = Snapshot.objects.filter(state="draft")
NOW = datetime(2026, 8, 1, tzinfo=UTC)
WITHDRAWAL_CASES: list[tuple[str, Callable[[object], object]]] = [
    ("version_withdrawal_has_its_reason", lambda _: WITHDRAWALS.update(why="")),
    ("published_version_is_fresh_until", lambda _: DRAFTS.update(fresh_until=NOW)),
    ("published_version_is_fresh_until", lambda _: DRAFTS.update(published_why="The board meets")),
]
