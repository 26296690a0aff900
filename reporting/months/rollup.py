"""Rolls up months: works out a few lines from many figures.

A roll-up updates the draft snapshot of each given month from the signed-off figures. It is idempotent: the same figures
under the same rules change nothing. It is safe under `kill -9`: what isn't committed is undone, and the month stays
stale for the sweep. It is safe under two workers: the second finds that the first was there, and leaves the month.

A sweep works a month out before it locks it, from one view of the database (docs/adr/0003). Under the lock it only
writes. If the month has changed since that view, it writes nothing, and the month stays stale. A service that publishes
must have today's figures, so it locks its months first (`roll_up`).

A sweep of many areas does one area after the other. An area doesn't wait for another, or fail with it.
"""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from hashlib import sha256
from itertools import batched
from operator import attrgetter
from typing import Any

from django.db import DEFAULT_DB_ALIAS, connection, connections, models, transaction
from django.utils import timezone

from boards.models import PartnershipArea, ReportingPeriod
from core.timetable import for_each
from indicators.selectors.reminders import add_up_years, years_to
from reporting.models import IndicatorLine, KpiLine, Snapshot, SnapshotState
from reporting.months.inputs import gather
from reporting.months.kpi_lines import (
    compute_kpi_lines,
    gather_published,
    gather_targets,
    hash_kpi_lines,
    revised_kpi_lines,
)
from reporting.months.lines import compute_lines, hash_lines
from reporting.months.revisions import Revision, explain, published_lines, revised_lines

RULES_VERSION = 10  # raise it whenever the same figures would give different lines
MOST_MONTHS = 12  # worked out together, so that the memory doesn't grow with an area's months
LINES_AT_ONCE = 500  # in one statement


@contextmanager
def one_view() -> Iterator[None]:
    """Show every query of this block the database as it is at the first one. Nothing is locked, and nothing can be
    saved. Raises RuntimeError inside a transaction, whose view can't change any more.
    """
    connection: Any = connections[DEFAULT_DB_ALIAS]  # each kind of database has its own attributes
    if connection.vendor == "postgresql":
        with transaction.atomic(durable=True):
            with connection.cursor() as cursor:
                # PostgreSQL accepts this only as the first statement.
                cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")
            yield
        return
    connection.ensure_connection()  # which sets the mode
    # Our usual mode, IMMEDIATE, would hold the only lock for writing.
    usual, connection.transaction_mode = connection.transaction_mode, "DEFERRED"
    try:
        with transaction.atomic(durable=True):
            yield
    finally:
        connection.transaction_mode = usual


@dataclass(slots=True)
class RollUp:
    """What a roll-up did: its months, those whose lines changed, and those that it left stale because they changed
    while it worked them out.
    """

    months: list[ReportingPeriod] = field(default_factory=list)
    changed: list[ReportingPeriod] = field(default_factory=list)
    left: list[ReportingPeriod] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class WorkedOut:
    """What a month should say, and the `state` of its rows that this was worked out from. `lines` is None if a
    published month says the same as before. `at` is earlier than the view of the figures: changes made after it may be
    missing.
    """

    period: ReportingPeriod
    state: object
    latest: Snapshot | None  # the newest version
    lines: list[IndicatorLine] | None
    kpis: list[KpiLine]
    timeliness: dict[str, int]
    at: datetime


def stale_periods() -> models.QuerySet[ReportingPeriod]:
    """Return the months whose figures changed, and unpublished months that older rules worked out."""
    drafts = Snapshot.objects.filter(state=SnapshotState.DRAFT.value, rules_version__lt=RULES_VERSION)
    return ReportingPeriod.objects.filter(
        models.Q(stale_since__isnull=False) | models.Q(pk__in=drafts.values("period"))
    )


@transaction.atomic
def roll_up(periods: models.QuerySet[ReportingPeriod], *, skip_locked: bool = False) -> RollUp:
    """Update the snapshots of these months of an area from their figures, in one transaction and a constant number of
    queries. The months are locked first. With `skip_locked`, leave out months that another worker is rolling up.
    """
    # Everybody locks months in this order. Without `of`, PostgreSQL would lock the areas too.
    months = list(
        periods.order_by("area_id", "starts_on")
        .select_for_update(of=("self",), skip_locked=skip_locked)
        .select_related("area")
    )
    report = RollUp(months=months)
    if not months:
        return report
    changes = Changes()
    report.changed = [worked.period for worked in work_out(months) if changes.take(worked)]
    changes.write()
    # Nothing is lost: whoever changes a figure marks its months under their lock, and so before or after this.
    ReportingPeriod.objects.filter(pk__in=[period.pk for period in months]).update(stale_since=None)
    return report


def roll_up_each_area(periods: models.QuerySet[ReportingPeriod], *, skip_locked: bool = False) -> Iterator[RollUp]:
    """Update the months of one area after the other. Raises SomeFailed when the other areas are done."""
    areas = PartnershipArea.objects.filter(pk__in=periods.values("area")).order_by("pk")
    yield from for_each(areas, lambda area: roll_up_apart(periods.filter(area=area), skip_locked=skip_locked))


def roll_up_apart(periods: models.QuerySet[ReportingPeriod], *, skip_locked: bool = False) -> RollUp:
    """Update months of an area, each in its own short transaction, and hold no lock while working them out. With
    `skip_locked`, leave a month that somebody has locked.
    """
    if connection.in_atomic_block:
        # A transaction has no view of one moment, and keeps its locks to its end whatever we do.
        return roll_up(periods, skip_locked=skip_locked)
    report = RollUp()
    keys = periods.order_by("area_id", "starts_on").values_list("pk", flat=True)
    for some in batched(keys, MOST_MONTHS, strict=False):
        with one_view():
            # Of these, another worker may have done some since.
            months = periods.filter(pk__in=some).order_by("area_id", "starts_on").select_related("area")
            worked_out = work_out(list(months))
        for worked in worked_out:
            kept = save(worked, skip_locked=skip_locked)
            report.left += [] if kept else [worked.period]
            report.months += [worked.period] if kept else []
            report.changed += [worked.period] if kept and kept.has_changed else []
    return report


def work_out(months: Sequence[ReportingPeriod]) -> list[WorkedOut]:
    """Return what these months of an area should say. A constant number of queries, and nothing is written."""
    if not months:
        return []
    now = timezone.now()
    inputs = gather(months)
    versions = list_versions(months)
    published = {
        period.pk: standing[-1]
        for period in months
        if (standing := [version for version in versions[period.pk] if is_standing(version)])
    }
    kept = published_lines(published.values())
    kept_kpis = gather_published(snapshot.pk for snapshot in published.values())
    targets = gather_targets({period.area_id for period in months})
    computed: dict[int, list[IndicatorLine] | None] = {}
    revisions: list[Revision] = []
    for period in months:
        if period.pk in published:
            was = published[period.pk]
            computed[period.pk] = revised_lines(period, kept[was.pk], inputs, revisions, since=was.taken_at)
        else:
            computed[period.pk] = list(compute_lines(period, inputs))
    explain(revisions)
    years = years_to(months, today=timezone.localdate())
    worked_out = []
    for period in months:
        lines, of_area = computed[period.pk], targets[period.area_id]
        if lines is None:
            kpis = []
        elif period.pk in published:
            was = published[period.pk]
            kpis = list(revised_kpi_lines(period, kept_kpis[was.pk], kept[was.pk], lines, of_area))
        else:
            kpis = list(compute_kpi_lines(period, lines, of_area))
        of_period = versions[period.pk]
        state, latest = describe_state(period, of_period), of_period[-1] if of_period else None
        worked_out.append(WorkedOut(period, state, latest, lines, kpis, add_up_years(years[period.pk]), now))
    return worked_out


@transaction.atomic
def save(worked: WorkedOut, *, skip_locked: bool = False) -> "Changes | None":
    """Lock a month and write what was worked out. Return None, and leave it stale, if it isn't as it was then."""
    locked = ReportingPeriod.objects.filter(pk=worked.period.pk).order_by("pk")
    period = locked.select_for_update(of=("self",), skip_locked=skip_locked).first()
    # Whoever changes a figure marks the month under its lock. The new mark differs from the one that we saw.
    if period is None or describe_state(period, list_versions([period])[period.pk]) != worked.state:
        return None
    changes = Changes()
    changes.take(worked)
    changes.write()
    ReportingPeriod.objects.filter(pk=period.pk).update(stale_since=None)
    return changes


def list_versions(months: Iterable[ReportingPeriod]) -> dict[int, list[Snapshot]]:
    """Return the versions of each month, by its key, the oldest first. One query."""
    by_period: dict[int, list[Snapshot]] = {period.pk: [] for period in months}
    # Fetch withdrawals too: otherwise each `hasattr` is a query.
    for snapshot in Snapshot.objects.filter(period__in=by_period).select_related("withdrawal").order_by("version"):
        by_period[snapshot.period_id].append(snapshot)
    return by_period


def is_standing(snapshot: Snapshot) -> bool:
    """Return whether it is published and wasn't taken back."""
    return snapshot.state == SnapshotState.PUBLISHED and not hasattr(snapshot, "withdrawal")


def describe_state(period: ReportingPeriod, versions: Iterable[Snapshot]) -> object:
    """Return what tells a month's rows from how they were before. The mark alone isn't enough: another worker may have
    done the month and removed the mark, or somebody may have published it.
    """
    names = ("pk", "state", "fingerprint", "rules_version", "taken_at", "timeliness")
    return (
        period.stale_since,
        period.status,
        [(attrgetter(*names)(version), is_standing(version)) for version in versions],
    )


@dataclass(slots=True)
class Changes:
    """What a roll-up has to write, gathered month by month and written together."""

    fresh: list[Snapshot] = field(default_factory=list)
    rewritten: list[Snapshot] = field(default_factory=list)
    retimed: list[Snapshot] = field(default_factory=list)
    dropped: list[Snapshot] = field(default_factory=list)
    lines: list[IndicatorLine] = field(default_factory=list)
    kpi_lines: list[KpiLine] = field(default_factory=list)

    @property
    def has_changed(self) -> bool:
        return bool(self.fresh or self.rewritten or self.dropped)

    def take(self, worked: WorkedOut) -> bool:
        """Add a month's changes and return whether its lines changed."""
        latest, lines, kpis, timeliness = worked.latest, worked.lines, worked.kpis, worked.timeliness
        if lines is None:
            if latest is not None and latest.state == SnapshotState.DRAFT:
                self.dropped.append(latest)  # the figure is again what was published
                return True
            return False
        fingerprint = hash_both(lines, kpis)
        is_taken_back = latest is not None and hasattr(latest, "withdrawal")
        if latest and not is_taken_back and (latest.fingerprint, latest.rules_version) == (fingerprint, RULES_VERSION):
            # How the returns came is no figure, so it makes no new version and changes no published one.
            if latest.state == SnapshotState.DRAFT and latest.timeliness != timeliness:
                latest.timeliness = timeliness
                self.retimed.append(latest)
            return False
        if latest is None or latest.state == SnapshotState.PUBLISHED:
            # Save the change as the next version's draft; what was published stays.
            latest = Snapshot(period=worked.period, version=latest.version + 1 if latest else 1)
            self.fresh.append(latest)
        else:
            self.rewritten.append(latest)
        latest.fingerprint, latest.rules_version, latest.taken_at = fingerprint, RULES_VERSION, worked.at
        latest.timeliness = timeliness
        for line in lines:
            line.snapshot = latest
        for kpi in kpis:
            kpi.snapshot = latest
        self.lines += lines
        self.kpi_lines += kpis
        return True

    def write(self) -> None:
        """Save new snapshots and changed drafts with all their lines; delete drafts without a change."""
        Snapshot.objects.bulk_create(self.fresh)
        if self.rewritten:
            Snapshot.objects.bulk_update(self.rewritten, ["fingerprint", "rules_version", "taken_at", "timeliness"])
        stale = [snapshot.pk for snapshot in (*self.rewritten, *self.dropped)]
        # Delete these before the new lines are added: a constraint allows one line for each figure of a version.
        if stale:
            IndicatorLine.objects.filter(snapshot__in=stale).delete()
            KpiLine.objects.filter(snapshot__in=stale).delete()
        if self.dropped:
            Snapshot.objects.filter(pk__in=[snapshot.pk for snapshot in self.dropped]).delete()
        for line in self.lines:
            line.snapshot_id = line.snapshot.pk
        for kpi in self.kpi_lines:
            kpi.snapshot_id = kpi.snapshot.pk
        # A page has five seconds for a statement, and ten years of an area have thousands of lines.
        IndicatorLine.objects.bulk_create(self.lines, batch_size=LINES_AT_ONCE)
        KpiLine.objects.bulk_create(self.kpi_lines)
        Snapshot.objects.bulk_update(self.retimed, ["timeliness"])


def hash_both(lines: list[IndicatorLine], kpis: list[KpiLine]) -> str:
    """Return a month's fingerprint. Without KPIs, it is the one from before KPIs existed."""
    of_lines, of_kpis = hash_lines(lines), hash_kpi_lines(kpis)
    return sha256(f"{of_lines} {of_kpis}".encode()).hexdigest() if of_kpis else of_lines
