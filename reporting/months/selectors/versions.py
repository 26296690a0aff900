"""Which version of which month? Each page of a month runs the statements by hand: see core.selectors."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache
from typing import Any, cast

from django.db import DEFAULT_DB_ALIAS
from django.db.models import FETCH_ONE, Count, Q, QuerySet
from django.utils import timezone

from actions.selectors.highlights import COUNT, first_and_last_day
from boards.models import PartnershipArea, ReportingPeriod
from boards.workflow import MonthStatus
from core.asking import Asking, ask, expect, find_out
from core.compiled import compiled
from core.months import Month
from core.not_held import NoSuchVersion, NotHeld
from core.rows import Reader, find_maker, make_reader
from core.selectors import as_day, fetch_rows
from core.statements import statement
from indicators.selectors.markings import MARKED_FOR_PARTNERS, note_marking
from reporting.models import Commentary, IndicatorLine, Snapshot, SnapshotState, VersionWithdrawal


@dataclass(frozen=True, slots=True)
class Calendar:
    """A month of an area, with the months before and after it, if the area has them."""

    period: ReportingPeriod
    before: ReportingPeriod | None
    after: ReportingPeriod | None
    told: int = 0  # highlights of the month, for any board
    commented: int = 0  # commentaries of the month, for any version and board
    taken_back: int = 0  # versions of the month


# What a page of a month needs from its period; the rest is deferred.
PERIOD_COLUMNS = ["id", "area_id", "starts_on", "due_on", "status", "stale_since", "closed_why"]
AROUND = statement(
    """
    SELECT {columns}, {marked},
        (SELECT COUNT(*) FROM {commentary} said WHERE said.period_id = period.id),
        (SELECT COUNT(*) FROM {withdrawal} withdrawal JOIN {snapshot} version ON version.id = withdrawal.snapshot_id
            WHERE version.period_id = period.id),
        {told} {{besides}}
    FROM {period} period {{joined}}
    WHERE area_id = %s AND starts_on >= %s AND starts_on <= %s
""",
    columns=[f"period.{column}" for column in PERIOD_COLUMNS],
    marked=statement(MARKED_FOR_PARTNERS, period="period.id"),
    told=statement(COUNT, area="period.area_id", first="%s", last="%s"),
    period=ReportingPeriod,
    commentary=Commentary,
    snapshot=Snapshot,
    withdrawal=VersionWithdrawal,
)
NOT_TAKEN_BACK = statement(
    "NOT EXISTS (SELECT 1 FROM {withdrawal} withdrawal WHERE withdrawal.snapshot_id = snapshot.id)",
    withdrawal=VersionWithdrawal,
)
# By name: a prepared statement can't go on once a migration has added a column to its star.
COLUMNS = [f"snapshot.{field.column}" for field in Snapshot._meta.concrete_fields]
ALONE = AROUND.format(besides="", joined="")
# The month's own, not those of its neighbours.
WITH_NEWEST = AROUND.format(
    besides=f", {', '.join(COLUMNS)}",
    joined=statement(
        """
        LEFT JOIN {snapshot} snapshot
            ON snapshot.period_id = period.id AND period.starts_on = %s AND snapshot.id = ({newest})
""",
        snapshot=Snapshot,
        newest=statement(
            """
            SELECT snapshot.id FROM {snapshot} snapshot
            WHERE snapshot.period_id = period.id AND snapshot.state IN (%s, %s) AND {standing}
            ORDER BY snapshot.version DESC LIMIT 1
""",
            snapshot=Snapshot,
            standing=NOT_TAKEN_BACK,
        ),
    ),
)
COUNTED = len(PERIOD_COLUMNS) + 4  # the marking, and what is counted


def find_month(area: PartnershipArea, month: Month) -> Calendar:
    """Find a month and its neighbours. One query, which also reads their markings for partners. Raises NotHeld."""
    return _find_month(area, month, ALONE, [])[0]


def find_newest_of_month(
    area: PartnershipArea, month: Month, *, include_drafts: bool
) -> tuple[Calendar, Snapshot | None]:
    """Find a month as find_month does, and its newest version that the reader may see. One query. Raises NotHeld."""
    calendar, row = _find_month(
        area, month, WITH_NEWEST, [str(month.first_day), *_states(include_drafts=include_drafts)]
    )
    return calendar, snapshot_reader().read([row])[0] if row[0] is not None else None


def _find_month(
    area: PartnershipArea, month: Month, statement: str, besides: Sequence[str]
) -> tuple[Calendar, Sequence[Any]]:
    """Return the month, and what its row has besides."""
    before, after = str(month.previous.first_day), str(month.next.first_day)
    first, last = map(str, first_and_last_day(month))
    # In the order of the placeholders in the statement, whose SELECT comes first.
    rows = fetch_rows(statement, [last, first, *besides, area.pk, before, after])
    around, of_month = {}, {}
    make = find_maker(ReportingPeriod, FETCH_ONE)
    for row in rows:
        # A field that isn't in PERIOD_COLUMNS is a query for whoever asks for it.
        period = cast("ReportingPeriod", make(DEFAULT_DB_ALIAS, PERIOD_COLUMNS, row[: len(PERIOD_COLUMNS)]))
        note_marking(period, row[len(PERIOD_COLUMNS)])
        around[period.month], of_month[period.month] = period, row
    if month not in around:
        raise NotHeld(_not_held(area, month))
    for period in around.values():
        period.area = area
    before_it, after_it, row = around.get(month.previous), around.get(month.next), of_month[month]
    commented, taken_back, told = row[COUNTED - 3 : COUNTED]
    found = Calendar(around[month], before_it, after_it, told=told, commented=commented, taken_back=taken_back)
    return found, row[COUNTED:]


def _states(*, include_drafts: bool) -> list[str]:
    published = SnapshotState.PUBLISHED.value
    return [SnapshotState.DRAFT.value if include_drafts else published, published]


def _not_held(area: PartnershipArea, month: Month) -> str:
    days = list(ReportingPeriod.objects.filter(area=area).order_by("starts_on").values_list("starts_on", flat=True))
    if not days:
        return f"{area.name} has no months yet."
    first, last = Month.of(days[0]).label, Month.of(days[-1]).label
    return f"{area.name} has no figures for {month.label}: its months are {first} to {last}."


def latest_snapshot(period: ReportingPeriod, *, include_drafts: bool) -> Snapshot:
    """Return the newest version of a month that the reader may see. Raises NotHeld. One query."""
    return find_out(find_latest(period, include_drafts=include_drafts))


def find_latest(period: ReportingPeriod, *, include_drafts: bool) -> Asking[Snapshot]:
    """Return the same."""
    found = yield from expect(_newest_of, period, include_drafts)
    return check_rolled_up(period, found[0] if found else None)


@compiled
def _newest_of(period: ReportingPeriod, include_drafts: bool) -> QuerySet[Snapshot]:
    return versions_of(period, include_drafts=include_drafts)[:1]


def check_rolled_up(period: ReportingPeriod, newest: Snapshot | None) -> Snapshot:
    """Return a month's newest version. Raises NotHeld if it has none."""
    if newest is None:
        raise NotHeld(
            f"{period.month.label} has not been rolled up yet. Its page will appear within a minute. If it doesn't, "
            "ask the operator whether the scheduled job is running."
        )
    return newest


@cache
def snapshot_reader() -> Reader[Snapshot]:
    return make_reader(Snapshot.objects.all())


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


def unpublished_corrections(area: PartnershipArea) -> Asking[list[Unpublished]]:
    """Return the published months whose figures changed since, the oldest first. A whole that is the sum of its
    categories isn't counted as well.
    """
    found = yield from ask(_drafts_after, area)
    return [Unpublished(Month.of(day), version, figures) for day, version, figures in found]


@compiled
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


NEWEST_OF_ALL = statement(
    """
    SELECT {columns}, period.starts_on, period.due_on, period.status, period.stale_since {{besides}}
    FROM {snapshot} snapshot JOIN {period} period ON period.id = snapshot.period_id
    WHERE period.area_id = %s AND (%s = 1 OR (snapshot.state = %s AND period.status = %s)) AND {standing} {{only}}
    ORDER BY {{first}} period.starts_on DESC, snapshot.version DESC LIMIT 1
""",
    columns=COLUMNS,
    standing=NOT_TAKEN_BACK,
    snapshot=Snapshot,
    period=ReportingPeriod,
)
OF_MONTH, OF_VERSION = "AND period.starts_on = %s ", "AND snapshot.version = %s "
HOLDING = statement(
    "AND EXISTS (SELECT 1 FROM {line} line WHERE line.snapshot_id = snapshot.id AND line.indicator_code = %s)",
    line=IndicatorLine,
)
PUBLISHED_FIRST = "CASE WHEN snapshot.state = %s AND period.status = %s THEN 0 ELSE 1 END, "
NEWER_DRAFT = statement(
    """, (
        SELECT MAX(later.starts_on) FROM {snapshot} draft JOIN {period} later ON later.id = draft.period_id
        WHERE later.area_id = period.area_id AND later.starts_on >= period.starts_on
            AND draft.state = %s AND draft.id <> snapshot.id
    ) AS newer_draft
""",
    snapshot=Snapshot,
    period=ReportingPeriod,
)
PUBLISHED = (SnapshotState.PUBLISHED.value, MonthStatus.PUBLISHED.value)


def newest_snapshot(
    area: PartnershipArea,
    *,
    include_drafts: bool,
    holding: str = "",
    month: Month | None = None,
    version: int | None = None,
) -> Snapshot:
    """Return the newest version of the newest month that the reader may see, with its month. It can be limited to a
    month or a version, or to months with a line of the indicator `holding`. One query, by hand. Raises NotHeld.
    """
    asked = ((OF_MONTH, month and str(month.first_day)), (OF_VERSION, version), (HOLDING, holding))
    only = [(text, value) for text, value in asked if value]
    newest = NEWEST_OF_ALL.format(besides="", only="".join(text for text, _ in only), first="")
    found = _find_snapshot(area, newest, [area.pk, int(include_drafts), *PUBLISHED, *(value for _, value in only)])
    if found is None:
        raise NotHeld(_not_yet(area, holding))
    return found[0]


def newest_published(
    area: PartnershipArea, *, include_drafts: bool, holding: str = ""
) -> tuple[Snapshot, Month | None]:
    """Return the newest published month. If there is none, people who read drafts get the newest draft. They also get
    the newest month with a newer draft. One query, by hand. Raises NotHeld.
    """
    newest = NEWEST_OF_ALL.format(besides=NEWER_DRAFT, only=HOLDING if holding else "", first=PUBLISHED_FIRST)
    only = [holding] if holding else []
    values = [SnapshotState.DRAFT.value, area.pk, int(include_drafts), *PUBLISHED, *only, *PUBLISHED]
    found = _find_snapshot(area, newest, values)
    if found is None:
        raise NotHeld(_not_yet(area, holding))
    snapshot, (newer_draft,) = found
    return snapshot, Month.of(as_day(newer_draft)) if include_drafts and newer_draft else None


def _find_snapshot(
    area: PartnershipArea, statement: str, values: Sequence[str | int]
) -> tuple[Snapshot, tuple[Any, ...]] | None:
    """Return the one that a statement finds, with its month, and what the statement has besides."""
    rows = fetch_rows(statement, values)
    if not rows:
        return None
    (snapshot,) = snapshot_reader().read([rows[0][: len(COLUMNS)]])
    starts_on, due_on, status, stale_since, *besides = rows[0][len(COLUMNS) :]
    snapshot.period = ReportingPeriod(
        pk=snapshot.period_id,
        area=area,
        starts_on=as_day(starts_on),
        due_on=as_day(due_on),
        status=status,
        stale_since=stale_since,
    )
    return snapshot, tuple(besides)


def _not_yet(area: PartnershipArea, holding: str) -> str:
    what = "no month" if not holding else f"no month with the indicator “{holding}”"
    return f"{area.name} has {what} that you can read yet. A month appears here once the coordinator publishes it."
