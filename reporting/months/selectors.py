"""Reads months: versions, lines, KPIs and commentary, and what of a month is published, withdrawn or lacking."""

import json
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from itertools import takewhile
from typing import NamedTuple

from django.db import connection
from django.db.models import PROTECT, Case, Count, Exists, F, Max, Min, OuterRef, Q, QuerySet, When
from django.utils import timezone

from actions.models import KpiTarget
from boards.models import Board, PartnershipArea, ReportingPeriod
from boards.rules import MonthStatus
from core.calendar import Month
from core.pages import NotHeld
from core.triggers import Statement, statement
from indicators.judgement.judge import Signal, Tier
from indicators.models import Indicator, Observation, Pathway, Submission
from indicators.ratios import ShownOn
from indicators.selectors.disclosure import get_marking
from indicators.trend import OWED
from indicators.workflow import SubmissionState
from reporting.models import Commentary, IndicatorLine, KpiLine, Snapshot, SnapshotState, VersionWithdrawal
from reporting.models.line_fields import Line, Row, list_names


class NoSuchVersion(NotHeld):
    """The month exists, but not in that version, or not for this reader."""


class Words(NamedTuple):
    """A commentary; `board_id` is None if it is for all boards."""

    board_id: int | None
    version: int
    text: str
    signed_as: str
    written_at: datetime
    written_by: str


def find_commentary(period: ReportingPeriod, version: int, board: Board | None = None) -> Words | None:
    """Return the commentary beside a version: the board's own, or the one for all boards; the newest up to that
    version. One query.
    """
    said = Commentary.objects.filter(period=period, version__lte=version).select_related("written_by")
    for_board = Q(board=None) if board is None else Q(board=None) | Q(board=board)
    # A board's own words win, even over newer ones for all boards.
    newest = said.filter(for_board).order_by(F("board").asc(nulls_last=True), "-version").first()
    if newest is None:
        return None
    writer = newest.written_by
    return Words(
        newest.board_id, newest.version, newest.text, newest.signed_as, newest.written_at, writer.name or writer.email
    )


def list_without_commentary(periods: Collection[ReportingPeriod]) -> list[ReportingPeriod]:
    """Return the closed months on which nobody has written anything. One query, or none."""
    closed = [period for period in periods if period.status == MonthStatus.CLOSED]
    told = (
        set(Commentary.objects.filter(period__in=closed).exclude(text="").values_list("period", flat=True))
        if closed
        else set()
    )
    return [period for period in closed if period.pk not in told]


def find_own_commentary(period: ReportingPeriod, version: int, board: Board | None) -> Commentary | None:
    """Return the commentary of this exact version, for this board or for all. One query."""
    return Commentary.objects.filter(period=period, version=version, board=board).select_related("written_by").first()


def list_contents(period: ReportingPeriod) -> list[str]:
    """Name what this month has that can't be removed with it: "returns", "figures". A draft that the roll-up made can
    go. One query for each kind of row.
    """
    kinds = []
    # Ask the models, so that a new table that points at months is never forgotten.
    for relation in ReportingPeriod._meta.related_objects:
        if relation.on_delete is not PROTECT:
            continue
        model = relation.related_model
        rows, words = model._default_manager.filter(**{relation.field.name: period}), model._meta.verbose_name_plural
        if model is Snapshot:
            rows, words = rows.exclude(state=SnapshotState.DRAFT.value), "published versions"
        if rows.exists():
            kinds.append(str(words))
    return sorted(kinds)


def is_reopened(period: ReportingPeriod) -> bool:
    """Return whether the clock would open it again: it has started, and comes right after months that stay."""
    others = ReportingPeriod.objects.filter(area=period.area_id).exclude(pk=period.pk)
    newest = others.order_by("-starts_on").first()
    return newest is not None and newest.month < period.month <= Month.of(timezone.localdate())


class KpiMark(NamedTuple):
    """An indicator's KPI, and its state in the month."""

    number: int
    indicator_code: str
    title: str
    board_code: str
    state: str
    said: str
    target: float
    aim_unit: str
    target_month: Month


def list_kpi_marks(snapshot: Snapshot) -> list[KpiMark]:
    """Return every KPI of the version, by number. One query."""
    rows = _lines_of(snapshot).values_list(*KpiMark._fields)
    return [KpiMark._make([*row, Month.of(day)]) for *row, day in rows]


def list_kpis_on(snapshot: Snapshot, code: str) -> list[tuple[KpiLine, KpiTarget]]:
    """Return an indicator's KPIs, as list_version_kpis does."""
    return _with_targets(snapshot, _lines_of(snapshot).filter(indicator_code=code))


def list_version_kpis(snapshot: Snapshot) -> list[tuple[KpiLine, KpiTarget]]:
    """Return the KPIs of a version, each with the target that it names there. One query; two if there are any."""
    return _with_targets(snapshot, _lines_of(snapshot))


def is_any_kpi_on(snapshot: Snapshot, code: str) -> bool:
    """Return whether an indicator has a KPI in a version. One query."""
    return _lines_of(snapshot).filter(indicator_code=code).exists()


def _lines_of(snapshot: Snapshot) -> QuerySet[KpiLine]:
    return KpiLine.objects.filter(snapshot=snapshot).order_by("number")


def _with_targets(snapshot: Snapshot, lines: QuerySet[KpiLine]) -> list[tuple[KpiLine, KpiTarget]]:
    if not lines:
        return []
    numbers = [line.number for line in lines]
    targets = KpiTarget.objects.filter(kpi__area=snapshot.period.area_id, kpi__number__in=numbers).select_related("kpi")
    by_number = {(target.kpi.number, target.version): target for target in targets}
    return [(line, by_number[line.number, line.target_version]) for line in lines]


# Columns that no page of a month shows.
NOT_ON_A_MONTH = ("position", "owner_code", "revised_by", "revised_on")
COLUMNS = tuple(name for name in list_names(Line) if name not in NOT_ON_A_MONTH)
LISTS = ("boards", "history", "steps", "numerators", "denominators")
# No page of a month shows a category's history, which is most of a line's data. Files have no picture of any.
OF_WHOLES = dict.fromkeys(LISTS[1:], "CASE WHEN category_code = '' THEN {name} END")
OF_NONE = dict.fromkeys(OF_WHOLES, "NULL")


def write_lines(history: Mapping[str, str] = OF_WHOLES, only: str = "") -> str:
    """Return the statement for the lines of a version, by hand: every page of a month reads them, and the ORM takes
    three times as long to make an object of each (docs/adr/0101)."""
    columns = ", ".join(history.get(name, name).format(name=name) for name in COLUMNS)
    text = "SELECT {columns} FROM {line} WHERE snapshot_id = %s {only} ORDER BY position"
    return statement(text, columns=Statement(columns), line=IndicatorLine, only=Statement(only))


LINES_OF_MONTH = write_lines()
LINES_OF_FILE = write_lines(OF_NONE)
# What the month's own page shows, with what came to a stock there and what went, and what a board's page shows.
LINES_OF_PAGE = write_lines(only=f"AND (shown_on = '{ShownOn.MONTH.value}' OR flow_of <> '' AND category_code = '')")
LINES_OF_BOARD = write_lines(only=f"AND shown_on <> '{ShownOn.RATIOS.value}'")


def list_lines(snapshot: Snapshot) -> list[Line]:
    """Return a version's lines. One query. A category has no history and no steps, because
    no page of a month draws it.
    """
    return _read_lines(LINES_OF_MONTH, snapshot)


def list_lines_of_file(snapshot: Snapshot) -> list[Line]:
    """Return the same lines without any history, for whoever draws none. One query."""
    return _read_lines(LINES_OF_FILE, snapshot)


def list_shown(snapshot: Snapshot, *, for_board: bool) -> list[Line]:
    """Return only the lines that the month's own page or a board's page shows. One query."""
    return _read_lines(LINES_OF_BOARD if for_board else LINES_OF_PAGE, snapshot)


def _read_lines(which: str, snapshot: Snapshot) -> list[Line]:
    with connection.cursor() as cursor:
        cursor.execute(which, [snapshot.pk])
        rows = [dict(zip(COLUMNS, values, strict=True)) for values in cursor.fetchall()]
    # Such a statement gets JSON as text. All of it is read at once: there are five texts in each line.
    texts = [line[name] or "[]" for line in rows for name in LISTS]
    lists = iter(json.loads(f"[{','.join(texts)}]"))
    for line in rows:
        line |= {name: next(lists) for name in LISTS}
    return [Row(line) for line in rows]


def codes_standing_out(snapshot: Snapshot) -> QuerySet[IndicatorLine, str]:
    """Return the codes of the indicators that stand out in a version, by today's rules or by those until November 2026,
    which had no watch."""
    standing_out = IndicatorLine.objects.filter(snapshot=snapshot).exclude(signal__in=["", Signal.NONE.value])
    return standing_out.exclude(tier=Tier.WATCH.value).values_list("indicator_code", flat=True)


def whole_lines(snapshot: Snapshot) -> QuerySet[IndicatorLine]:
    """Return the whole lines, to choose from, in the order of the page, without the counts that only a ratio shows."""
    wholes = IndicatorLine.objects.filter(snapshot=snapshot, category_code="")
    return wholes.exclude(shown_on=ShownOn.RATIOS.value).order_by("position")


def list_series(snapshot: Snapshot, code: str = "") -> list[Line]:
    """Return the lines of one indicator or of all, each whole before its parts, with their steps. One query."""
    lines = IndicatorLine.objects.filter(snapshot=snapshot).order_by("position")
    return [*(lines.filter(indicator_code=code) if code else lines)]


def list_beside(snapshot: Snapshot, code: str) -> list[Line]:
    """Return the lines of what comes to a stock and what goes, and of an indicator's parts, each whole before its
    categories. One query."""
    beside = Q(flow_of=code) | Q(part_of_code=code)
    return [*IndicatorLine.objects.filter(beside, snapshot=snapshot).order_by("position")]


def list_newest_wholes(area: PartnershipArea, codes: list[str]) -> dict[str, IndicatorLine]:
    """Return these indicators as the newest published month has them, by code. One query."""
    published = Snapshot.objects.standing().filter(period__area=area, period__status=MonthStatus.PUBLISHED.value)
    newest = published.order_by("-period__starts_on", "-version").values("pk")[:1]
    lines = IndicatorLine.objects.filter(snapshot=newest, category_code="", indicator_code__in=codes)
    return {line.indicator_code: line for line in lines}


def list_published_since(area: PartnershipArea, since: datetime) -> list[Snapshot]:
    """Return the versions, the newest first; none that can still be taken back."""
    settled = Snapshot.objects.standing().filter(
        period__area=area, fresh_until__gt=since, fresh_until__lte=timezone.now()
    )
    names = ("version", "published_at", "published_by", "taken_at", "period__starts_on")
    return list(settled.select_related("period").only(*names).order_by("-published_at", "-version"))


def newest_versions(area: PartnershipArea, *, include_drafts: bool) -> list[Snapshot]:
    """Return each month's newest version that the reader may see, with its month, the oldest first. One query."""
    versions = _readable_versions(area, include_drafts=include_drafts, holding="")
    # The newest version of a month comes last, and wins.
    newest = {version.period_id: version for version in versions.order_by("period__starts_on", "version")}
    return list(newest.values())


def greatest_by_place(snapshots: list[int]) -> dict[str, int]:
    """Return the indicators that any of these versions splits by place, each with its greatest count of one place. One
    query.
    """
    lines = IndicatorLine.objects.filter(snapshot__in=snapshots, longitude__isnull=False)
    counts = lines.order_by().values_list("indicator_code").annotate(Max("value"))
    return {code: greatest or 0 for code, greatest in counts}


def list_past_months(area: PartnershipArea) -> list[ReportingPeriod]:
    """Return the months that can be closed and published together: those that were opened for earlier figures, and
    those that ended a month ago or more, but not the newest. Nobody has a return of theirs in hand.
    The oldest first, and none after another unpublished month, because each shows the figures of those before it. Two
    queries.
    """
    in_hand = Submission.objects.filter(period__area=area).exclude(state=SubmissionState.ACCEPTED.value)
    begun = set(in_hand.values_list("period", flat=True))
    waiting = ReportingPeriod.objects.filter(area=area).exclude(status=MonthStatus.PUBLISHED.value)
    periods, ended = list(waiting.select_related("area").order_by("starts_on")), Month.of(timezone.localdate()).previous

    def is_past(period: ReportingPeriod) -> bool:
        return period.for_history or (period.month < ended and period is not periods[-1])

    return list(takewhile(lambda period: is_past(period) and period.pk not in begun, periods))


class Lack(NamedTuple):
    """An indicator, and how many of the drafts lack its figure."""

    title: str
    owner: str
    months: int
    of: int


def list_lacks(periods: list[ReportingPeriod]) -> list[Lack]:
    """Return what the drafts of these months lack, for each indicator as a whole, in the page's order. One query."""
    owed = [state.value for state in OWED]
    lines = IndicatorLine.objects.filter(
        snapshot__period__in=[period.pk for period in periods],
        snapshot__state=SnapshotState.DRAFT.value,
        category_code="",
    )
    counted = (
        lines.order_by()
        .values("indicator_code")
        .annotate(
            title=Max("title"),
            owner=Max("owner_name"),
            place=Min("position"),
            months=Count("pk", filter=Q(state__in=owed)),
            of=Count("pk"),
        )
    )
    rows = counted.filter(months__gt=0).order_by("place", "indicator_code")
    return [Lack(*row) for row in rows.values_list("title", "owner", "months", "of")]


def count_lacking(snapshots: Collection[Snapshot]) -> dict[int, tuple[int, int]]:
    """Return how many figures these versions lack, and how many are asked for, by the version's key. One query."""
    lines = IndicatorLine.objects.filter(snapshot__in=[snapshot.pk for snapshot in snapshots], category_code="")
    owed = Count("pk", filter=Q(state__in=[state.value for state in OWED]))
    counted = lines.order_by().values_list("snapshot").annotate(lacking=owed, asked=Count("pk"))
    return {key: (lacking, asked) for key, lacking, asked in counted}


def titles_standing_out(snapshots: Collection[Snapshot]) -> dict[int, list[str]]:
    """Return the titles of what stands out in these versions, by the version's key, in the page's order. One query."""
    titles = defaultdict[int, list[str]](list)
    lines = IndicatorLine.objects.filter(snapshot__in=[snapshot.pk for snapshot in snapshots], category_code="")
    standing_out = lines.filter(tier=Tier.STANDS_OUT.value).exclude(shown_on=ShownOn.RATIOS.value)
    for key, title in standing_out.order_by("position").values_list("snapshot", "title"):
        titles[key].append(title)
    return titles


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
        raise NotHeld(_describe_months(area, month))
    for period in around.values():
        period.area = area
    return Calendar(around[month], around.get(month.previous), around.get(month.next))


def _describe_months(area: PartnershipArea, month: Month) -> str:
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
            f"{period.month.label} has not been worked out yet. The month’s page will appear within a minute. If it "
            "doesn’t, ask the operator whether the scheduled job is running."
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
    is_figure = ~Q(lines__revised_state="") & (Q(lines__dimension_code="") | ~Q(lines__category_code=""))
    drafts = Snapshot.objects.filter(
        period__area=area, period__status=MonthStatus.PUBLISHED.value, state=SnapshotState.DRAFT.value
    ).annotate(figures=Count("lines", filter=is_figure))
    rows = drafts.order_by("period__starts_on").values_list("period__starts_on", "version", "figures")
    return [Unpublished(Month.of(day), version, figures) for day, version, figures in rows]


def find_version(versions: list[Snapshot], wanted: str, *, month: Month) -> Snapshot:
    """Return the version with that number, out of those that the reader may see. Raises NoSuchVersion."""
    for snapshot in versions:
        if str(snapshot.version) == wanted:
            return snapshot
    if not versions:
        raise NoSuchVersion(f"{month.label} has no version yet.")
    numbers = " and ".join(str(snapshot.version) for snapshot in reversed(versions))
    numbered = f"version {numbers} only" if len(versions) == 1 else f"versions {numbers}"
    raise NoSuchVersion(f"{month.label} has no version “{wanted[:20]}”. It has {numbered}.")


@dataclass(frozen=True, slots=True)
class VersionShown:
    """A version of a month that a reader may see, with its month, and the published version that replaced it."""

    snapshot: Snapshot
    period: ReportingPeriod
    successor: Snapshot | None = None

    @property
    def marking(self) -> str:
        """Return how the month is marked for partners. One query."""
        return str(get_marking(self.period).value)

    @property
    def facts(self) -> tuple[object, ...]:
        """Return everything that its figures and what is said about them depend on. One query."""
        version, period = self.snapshot, self.period
        replaced = self.successor and (self.successor.version, self.successor.published_at)
        return (
            (period.area.slug, period.area.name, period.starts_on, period.due_on, period.status),
            (version.pk, version.state, version.fingerprint, version.timeliness, replaced),
            self.marking,
        )


def find_shown(period: ReportingPeriod, version: int | None, *, include_drafts: bool) -> VersionShown:
    """Return the newest version of a month that the reader may see, or the one with that number. One query. Raises
    NotHeld.
    """
    versions = list_versions(period, include_drafts=include_drafts)
    if version is None:
        snapshot = check_rolled_up(period, versions[0] if versions else None)
    else:
        snapshot = find_version(versions, str(version), month=period.month)
    snapshot.period = period
    return VersionShown(snapshot, period, find_successor(snapshot, versions))


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
    return _check_found(readable.order_by("-period__starts_on", "-version").first(), area, holding)


def newest_published(
    area: PartnershipArea, *, include_drafts: bool, holding: str = ""
) -> tuple[Snapshot, Month | None]:
    """Return the newest published month. If there is none, people who read drafts get the newest draft. They also get
    the newest month with a newer draft. Two queries; one for people who read none. Raises NotHeld.
    """
    readable = _readable_versions(area, include_drafts=include_drafts, holding=holding)
    published_first = Case(When(IS_PUBLISHED, then=0), default=1)
    snapshot = _check_found(readable.order_by(published_first, "-period__starts_on", "-version").first(), area, holding)
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


def _check_found(snapshot: Snapshot | None, area: PartnershipArea, holding: str) -> Snapshot:
    if snapshot is None:
        raise NotHeld(_not_yet(area, holding))
    snapshot.period.area = area
    return snapshot


def _not_yet(area: PartnershipArea, holding: str) -> str:
    what = "no month" if not holding else f"no month with the indicator “{holding}”"
    return f"{area.name} has {what} that you can read yet. A month appears here once the coordinator publishes it."


# --- What is set up for an indicator --------------------------------------------------------------


class Change(NamedTuple):
    """One change of its set-up: see IndicatorChange."""

    made_at: datetime
    act: str
    month: date | None
    fields: list[str]


@dataclass(frozen=True, slots=True)
class SetUp:
    """An indicator's present set-up, with its changes, the newest first. `broken_down` is the code of the indicator
    whose breakdowns concern it: its own, or its whole's; empty where there are none."""

    pk: int
    title: str
    why_it_matters: str
    source: str
    collection: str
    retired_from: date | None
    definitions: list[tuple[date, str]]
    changes: list[Change] = field(default_factory=list)
    broken_down: str = ""


MOST_CHANGES = 20


def find_set_up(area: PartnershipArea, code: str) -> SetUp | None:
    """Return an indicator's set-up; None if there is no such indicator, or it isn't defined yet. Three queries."""
    broken_down = Exists(Indicator.objects.filter(breaks_down=OuterRef("pk")))
    indicator = (
        Indicator.objects.filter(area=area, code=code)
        .select_related("breaks_down")
        .annotate(is_broken_down=broken_down)
        .first()
    )
    if indicator is None:
        return None
    whole = indicator.breaks_down or (indicator if indicator.is_broken_down else None)  # type: ignore[attr-defined]  # annotated
    definitions = list(indicator.definitions.order_by("applies_from").values_list("applies_from", "text"))
    if not definitions:
        return None
    changes = indicator.changes.order_by("-made_at", "-pk").values_list("made_at", "act", "month", "fields")
    return SetUp(
        indicator.pk,
        indicator.title,
        indicator.why_it_matters,
        indicator.source,
        indicator.collection,
        indicator.retired_from,
        definitions,
        [Change._make(change) for change in changes[:MOST_CHANGES]],
        whole.code if whole else "",
    )


def check_set_up(area: PartnershipArea, code: str, set_up: SetUp | None) -> SetUp:
    """Return what was found. Raises NotHeld if it is nothing."""
    if set_up is None:
        raise NotHeld(f"{area.name} has no indicator “{code}”, or it isn’t defined yet.")
    return set_up


def list_observed(indicator: int) -> QuerySet[Observation]:
    """Return the signed-off figures of an indicator, the newest month first, each with its origin (a file, an agency's
    return, or a correction) and who signed it off."""
    signed_off = Observation.objects.filter(indicator=indicator, signed_off_at__isnull=False)
    parts = ("period", "category", "submission__agency", "signed_off_by")
    return signed_off.select_related(*parts).order_by("-period__starts_on", "category__position", "category__name")


def list_pathway_lines(snapshot: Snapshot, pathways: Iterable[Pathway]) -> Sequence[Line]:
    """List the lines of the indicators that count their steps. One query."""
    codes = {step.indicator.code for pathway in pathways for step in pathway.steps.all() if step.indicator}
    return list(IndicatorLine.objects.filter(snapshot=snapshot, indicator_code__in=codes))


def list_breakdowns(area: PartnershipArea, code: str) -> list[Indicator]:
    """List the breakdowns of an indicator, each with its dimension's categories. Two queries."""
    breakdowns = Indicator.objects.filter(area=area, breaks_down__code=code).select_related("dimension", "breaks_down")
    return list(breakdowns.prefetch_related("dimension__categories"))


def list_breakdown_lines(snapshot: Snapshot, breakdowns: Iterable[Indicator]) -> list[IndicatorLine]:
    """List the lines of these breakdowns and of what they break down, each whole before its categories. One query."""
    codes = [code for one in breakdowns for code in (one.code, one.breaks_down.code if one.breaks_down else "")]
    return list(IndicatorLine.objects.filter(snapshot=snapshot, indicator_code__in=codes).order_by("position"))
