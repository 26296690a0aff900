"""Which version of which month?"""

from dataclasses import dataclass
from datetime import date, datetime

from django.db.models import Case, Count, Exists, OuterRef, Q, QuerySet, When
from django.utils import timezone

from boards.models import PartnershipArea, ReportingPeriod
from boards.workflow import MonthStatus
from core.months import Month
from core.not_held import NoSuchVersion, NotHeld
from reporting.models import IndicatorLine, Snapshot, SnapshotState, VersionWithdrawal


@dataclass(frozen=True, slots=True)
class Calendar:
    """A month of an area, with the months before and after it, if the area has them."""

    period: ReportingPeriod
    before: ReportingPeriod | None
    after: ReportingPeriod | None


def find_month(area: PartnershipArea, month: Month) -> Calendar:
    """Find a month and its neighbours. One query. Raises NotHeld."""
    days = (month.previous.first_day, month.next.first_day)
    around = {period.month: period for period in ReportingPeriod.objects.filter(area=area, starts_on__range=days)}
    if month not in around:
        raise NotHeld(_not_held(area, month))
    for period in around.values():
        period.area = area
    return Calendar(around[month], around.get(month.previous), around.get(month.next))


def _not_held(area: PartnershipArea, month: Month) -> str:
    days = list(ReportingPeriod.objects.filter(area=area).order_by("starts_on").values_list("starts_on", flat=True))
    if not days:
        return f"{area.name} has no months yet."
    first, last = Month.of(days[0]).label, Month.of(days[-1]).label
    return f"{area.name} has no figures for {month.label}: its months are {first} to {last}."


def latest_snapshot(period: ReportingPeriod, *, include_drafts: bool) -> Snapshot:
    """Return the newest version of a month that the reader may see. Raises NotHeld. One query."""
    return check_rolled_up(period, versions_of(period, include_drafts=include_drafts).first())


def check_rolled_up(period: ReportingPeriod, newest: Snapshot | None) -> Snapshot:
    """Return a month's newest version. Raises NotHeld if it has none."""
    if newest is None:
        raise NotHeld(
            f"{period.month.label} has not been rolled up yet. Its page will appear within a minute. If it doesn't, "
            "ask the operator whether the scheduled job is running."
        )
    return newest


def list_versions(period: ReportingPeriod, *, include_drafts: bool) -> list[Snapshot]:
    """Return the versions of a month that the reader may see, the newest first; none that was taken back. One query."""
    return list(versions_of(period, include_drafts=include_drafts))


def versions_of(period: ReportingPeriod, *, include_drafts: bool) -> QuerySet[Snapshot]:
    versions = Snapshot.objects.filter(period=period, withdrawal__isnull=True).order_by("-version")
    return versions if include_drafts else versions.filter(state=SnapshotState.PUBLISHED.value)


@dataclass(frozen=True, slots=True)
class Settled:
    """A published version that can't be taken back any more. `is_first`: no other version of its month stands before
    it."""

    month: Month
    number: int
    is_first: bool
    settled_at: datetime


def list_settled(area: PartnershipArea) -> list[Settled]:
    """Return the settled versions of an area, the newest of each month first. One query."""
    of_area = Snapshot.objects.standing().filter(period__area=area).select_related("period")
    standing = list(of_area.order_by("period", "-version"))
    first = {version.period_id: version.pk for version in standing}  # the last of a month's stays
    now = timezone.now()
    return [
        Settled(
            version.period.month,
            version.version,
            is_first=version.pk == first[version.period_id],
            settled_at=max(version.published_at, version.fresh_until),
        )
        for version in standing
        if version.published_at and version.fresh_until and version.is_settled(now)
    ]


def list_withdrawals(period: ReportingPeriod) -> list[VersionWithdrawal]:
    """Return the versions of a month that were taken back, the oldest first. One query."""
    of_month = VersionWithdrawal.objects.filter(snapshot__period=period)
    return list(of_month.select_related("snapshot__period", "withdrawn_by").order_by("withdrawn_at"))


@dataclass(frozen=True, slots=True)
class Unpublished:
    """The draft of a published month, with how many of its figures changed."""

    month: Month
    version: int
    figures: int


def unpublished_corrections(area: PartnershipArea) -> list[Unpublished]:
    """Return the published months whose figures changed since, the oldest first. A whole that is the sum of its
    categories isn't counted as well.
    """
    found = list(_drafts_after(area))
    return [Unpublished(Month.of(day), version, figures) for day, version, figures in found]


def _drafts_after(area: PartnershipArea) -> QuerySet[Snapshot, tuple[date, int, int]]:
    """Compose the drafts of published months."""
    is_figure = ~Q(lines__revised_state="") & (Q(lines__dimension_code="") | ~Q(lines__category_code=""))
    drafts = Snapshot.objects.filter(
        period__area=area, period__status=MonthStatus.PUBLISHED.value, state=SnapshotState.DRAFT.value
    ).annotate(figures=Count("lines", filter=is_figure))
    return drafts.order_by("period__starts_on").values_list("period__starts_on", "version", "figures")


def find_version(versions: list[Snapshot], wanted: str, *, month: Month) -> Snapshot:
    """Return the version with that number, out of those that the reader may see. Raises NoSuchVersion."""
    for snapshot in versions:
        if str(snapshot.version) == wanted:
            return snapshot
    if not versions:
        raise NoSuchVersion(f"{month.label} has no version yet.")
    numbers = " and ".join(str(snapshot.version) for snapshot in reversed(versions))
    held = f"version {numbers} only" if len(versions) == 1 else f"versions {numbers}"
    raise NoSuchVersion(f"{month.label} has no version “{wanted[:20]}”. It has {held}.")


def find_successor(snapshot: Snapshot, versions: list[Snapshot]) -> Snapshot | None:
    """Return the published version that replaced this one, if any."""
    later = [other for other in versions if other.version > snapshot.version and other.state == SnapshotState.PUBLISHED]
    return min(later, key=lambda other: other.version, default=None)


def newest_snapshot(
    area: PartnershipArea,
    *,
    include_drafts: bool,
    holding: str = "",
    month: Month | None = None,
    version: int | None = None,
) -> Snapshot:
    """Return the newest version of the newest month that the reader may see, with its month. It can be limited to a
    month or a version, or to months with a line of the indicator `holding`. One query. Raises NotHeld.
    """
    readable = _readable_versions(area, include_drafts=include_drafts, holding=holding)
    if month is not None:
        readable = readable.filter(period__starts_on=month.first_day)
    if version is not None:
        readable = readable.filter(version=version)
    return _found(readable.order_by("-period__starts_on", "-version").first(), area, holding)


def newest_published(
    area: PartnershipArea, *, include_drafts: bool, holding: str = ""
) -> tuple[Snapshot, Month | None]:
    """Return the newest published month. If there is none, people who read drafts get the newest draft. They also get
    the newest month with a newer draft. Two queries; one for people who read none. Raises NotHeld.
    """
    readable = _readable_versions(area, include_drafts=include_drafts, holding=holding)
    published_first = Case(When(IS_PUBLISHED, then=0), default=1)
    snapshot = _found(readable.order_by(published_first, "-period__starts_on", "-version").first(), area, holding)
    if not include_drafts:
        return snapshot, None
    drafts = Snapshot.objects.filter(period__area=area, state=SnapshotState.DRAFT.value).exclude(pk=snapshot.pk)
    newer = drafts.filter(period__starts_on__gte=snapshot.period.starts_on)
    newest = newer.order_by("-period__starts_on").values_list("period__starts_on", flat=True).first()
    return snapshot, Month.of(newest) if newest else None


IS_PUBLISHED = Q(state=SnapshotState.PUBLISHED.value, period__status=MonthStatus.PUBLISHED.value)


def _readable_versions(area: PartnershipArea, *, include_drafts: bool, holding: str) -> QuerySet[Snapshot]:
    """Return the versions that the reader may see, none that was taken back."""
    versions = Snapshot.objects.filter(period__area=area, withdrawal__isnull=True).select_related("period")
    if not include_drafts:
        versions = versions.filter(IS_PUBLISHED)
    if holding:
        lines = IndicatorLine.objects.filter(snapshot=OuterRef("pk"), indicator_code=holding)
        versions = versions.filter(Exists(lines))
    return versions


def _found(snapshot: Snapshot | None, area: PartnershipArea, holding: str) -> Snapshot:
    if snapshot is None:
        raise NotHeld(_not_yet(area, holding))
    snapshot.period.area = area
    return snapshot


def _not_yet(area: PartnershipArea, holding: str) -> str:
    what = "no month" if not holding else f"no month with the indicator “{holding}”"
    return f"{area.name} has {what} that you can read yet. A month appears here once the coordinator publishes it."
