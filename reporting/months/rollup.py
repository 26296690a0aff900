"""What does each month of each area say? Works out a few lines from many figures.

A roll-up updates the draft snapshot of each given month from the signed-off figures, in one transaction and a constant
number of queries. It is idempotent: the same figures under the same rules change nothing. It is safe under `kill -9`:
the transaction is undone, and the month stays stale for the sweep. It is safe under two workers: the months are locked,
and the second finds nothing stale.

A sweep of many areas does one roll-up for each area. An area doesn't wait for another, or fail with it.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from hashlib import sha256

from django.db import models, transaction
from django.utils import timezone

from boards.models import PartnershipArea, ReportingPeriod
from core.jobs import for_each
from indicators.selectors.timeliness import add_up_years, years_to
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

RULES_VERSION = 9  # raise it whenever the same figures would give different lines


@dataclass(slots=True)
class RollUp:
    """What a roll-up did: its months, and those whose lines changed."""

    months: list[ReportingPeriod] = field(default_factory=list)
    changed: list[ReportingPeriod] = field(default_factory=list)


def stale_periods() -> models.QuerySet[ReportingPeriod]:
    """Return the months whose figures changed, and unpublished months that older rules worked out."""
    drafts = Snapshot.objects.filter(state=SnapshotState.DRAFT.value, rules_version__lt=RULES_VERSION)
    return ReportingPeriod.objects.filter(
        models.Q(stale_since__isnull=False) | models.Q(pk__in=drafts.values("period"))
    )


@transaction.atomic
def roll_up(periods: models.QuerySet[ReportingPeriod], *, skip_locked: bool = False) -> RollUp:
    """Update the snapshots of these months from their figures. With `skip_locked`, leave out months that another worker
    is rolling up.
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
    now = timezone.now()  # changes made after this moment aren't in the result
    inputs = gather(months)
    latest: dict[int, Snapshot] = {}  # the newest version of each
    published: dict[int, Snapshot] = {}  # … and the newest that is published
    # Fetch withdrawals too: otherwise each `hasattr` below is a query.
    versions = Snapshot.objects.filter(period__in=[period.pk for period in months]).select_related("withdrawal")
    for snapshot in versions.order_by("version"):
        latest[snapshot.period_id] = snapshot
        if snapshot.state == SnapshotState.PUBLISHED and not hasattr(snapshot, "withdrawal"):
            published[snapshot.period_id] = snapshot
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
    changes = Changes(now=now)
    for period in months:
        newest, lines, of_area = latest.get(period.pk), computed[period.pk], targets[period.area_id]
        if lines is None:
            kpis = []
        elif period.pk in published:
            kpis = list(revised_kpi_lines(period, kept_kpis[published[period.pk].pk], lines, of_area))
        else:
            kpis = list(compute_kpi_lines(period, lines, of_area))
        if changes.take(period, newest, lines, kpis, add_up_years(years[period.pk])):
            report.changed.append(period)
    changes.write()
    # Nothing is lost: whoever changes a figure marks its months under their lock, and so before or after this.
    ReportingPeriod.objects.filter(pk__in=[period.pk for period in months]).update(stale_since=None)
    return report


def roll_up_each_area(periods: models.QuerySet[ReportingPeriod], *, skip_locked: bool = False) -> Iterator[RollUp]:
    """Do the same for one area after the other, each with its own transaction and a constant number of queries. Raises
    SomeFailed when the other areas are done.
    """
    areas = PartnershipArea.objects.filter(pk__in=periods.values("area")).order_by("pk")
    yield from for_each(areas, lambda area: roll_up(periods.filter(area=area), skip_locked=skip_locked))


@dataclass(slots=True)
class Changes:
    """What a roll-up has to write, gathered month by month and written together."""

    now: datetime
    fresh: list[Snapshot] = field(default_factory=list)
    rewritten: list[Snapshot] = field(default_factory=list)
    retimed: list[Snapshot] = field(default_factory=list)
    dropped: list[Snapshot] = field(default_factory=list)
    lines: list[IndicatorLine] = field(default_factory=list)
    kpi_lines: list[KpiLine] = field(default_factory=list)

    def take(
        self,
        period: ReportingPeriod,
        latest: Snapshot | None,
        lines: list[IndicatorLine] | None,
        kpis: list[KpiLine],
        timeliness: dict[str, int],
    ) -> bool:
        """Add a month's changes and return whether it changed. `latest` is its newest version. `lines` is None if a
        published month says the same as before.
        """
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
            latest = Snapshot(period=period, version=latest.version + 1 if latest else 1)
            self.fresh.append(latest)
        else:
            self.rewritten.append(latest)
        latest.fingerprint, latest.rules_version, latest.taken_at = fingerprint, RULES_VERSION, self.now
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
        IndicatorLine.objects.bulk_create(self.lines)
        KpiLine.objects.bulk_create(self.kpi_lines)
        Snapshot.objects.bulk_update(self.retimed, ["timeliness"])


def hash_both(lines: list[IndicatorLine], kpis: list[KpiLine]) -> str:
    """Return a month's fingerprint. Without KPIs, it is the one from before KPIs existed."""
    of_lines, of_kpis = hash_lines(lines), hash_kpi_lines(kpis)
    return sha256(f"{of_lines} {of_kpis}".encode()).hexdigest() if of_kpis else of_lines
