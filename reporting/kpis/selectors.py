"""Reads an area's KPIs with their reviews and targets, and the published months that a baseline can use."""

from dataclasses import dataclass
from datetime import date
from typing import Any, NamedTuple

from django.db.models import Exists, Max, OuterRef, Q, QuerySet

from actions.models import Action, Kpi, KpiReview, KpiTarget
from boards.models import Membership, PartnershipArea, ReportingPeriod
from boards.permissions import Access
from boards.rules import MonthStatus
from core.calendar import Month
from core.models import User
from indicators.kpis.aims import Figure, Scale
from indicators.models import Indicator
from indicators.trend import CellState
from reporting.models import IndicatorLine, KpiLine, Snapshot
from reporting.months.kpi_lines import list_held, measure, read_scale

PARTS = ("indicator", "owner", "board", "strand", "next_review")


def list_kpis(area: PartnershipArea, *, retired: bool = False) -> list[Kpi]:
    """Return KPIs in use, or retired ones, by number. One query."""
    kpis = Kpi.objects.filter(area=area, retired_at__isnull=not retired).select_related(*PARTS)
    return list(kpis.order_by("number"))


def list_of_area(area: PartnershipArea) -> QuerySet[Kpi]:
    """Return all KPIs ever set, to choose from."""
    return Kpi.objects.filter(area=area)


def find_kpi(area: PartnershipArea, number: int) -> Kpi | None:
    """Return a KPI with all that its page shows; None if there is none. One query."""
    kpi = Kpi.objects.filter(area=area, number=number).select_related(*PARTS, "added_by", "retired_by").first()
    if kpi is not None:
        kpi.area = area
    return kpi


def list_targets(kpi: Kpi) -> list[KpiTarget]:
    """List its targets, the newest first. One query."""
    return list(kpi.targets.select_related("set_by").order_by("-version"))


def newest_targets(area: PartnershipArea) -> dict[int, KpiTarget]:
    """Return the newest targets by the KPI's key. One query."""
    targets = KpiTarget.objects.filter(kpi__area=area).order_by("version")
    return {target.kpi_id: target for target in targets}


def list_reviews(kpi: Kpi) -> list[KpiReview]:
    """List its reviews, the newest first. One query."""
    reviews = kpi.reviews.select_related("meeting__board", "meeting__sub_group", "period", "made_by")
    return list(reviews.order_by("-reviewed_on", "-id"))


def list_kpi_lines(snapshot: Snapshot) -> list[KpiLine]:
    """List the KPIs of a version, by number. One query."""
    return list(KpiLine.objects.filter(snapshot=snapshot).order_by("number"))


def list_published_lines(kpi: Kpi) -> dict[Month, KpiLine]:
    """Return its line in the newest published version of each month. One query."""
    # The newest version of a month comes last, and wins.
    return {line.snapshot.period.month: line for line in _published_lines(kpi.area_id, [kpi.number])}


def list_last_lines(area: PartnershipArea, numbers: list[int]) -> dict[int, KpiLine]:
    """Return the last published line of each, by number. One query."""
    return {line.number: line for line in _published_lines(area.pk, numbers)}


def _published_lines(area: int, numbers: list[int]) -> QuerySet[KpiLine]:
    """Return them, the oldest first, with their months."""
    lines = KpiLine.objects.filter(
        number__in=numbers,
        snapshot__period__area=area,
        snapshot__period__status=MonthStatus.PUBLISHED.value,
        snapshot__in=Snapshot.objects.standing(),
    )
    return lines.select_related("snapshot__period").order_by("snapshot__period__starts_on", "snapshot__version")


class Watched(NamedTuple):
    """A KPI in use, when it was last reviewed, and whether its owner has a role in the area."""

    kpi: Kpi
    reviewed_on: date | None
    is_owned: bool


def list_watched(access: Access) -> list[Watched]:
    """Return all of the area's KPIs for the coordinator, and their own for everybody else."""
    if access.is_outsider:
        return []
    kpis: list[Any] = list(_watched_in(access.area, None if access.can_coordinate else access.user))
    return [Watched(kpi, kpi.reviewed, kpi.is_owned) for kpi in kpis]


def _watched_in(area: PartnershipArea, owner: User | None) -> QuerySet[Kpi]:
    kpis = Kpi.objects.filter(area=area, retired_at=None).select_related("owner", "indicator")
    if owner is not None:
        kpis = kpis.filter(owner=owner)
    memberships = Membership.objects.filter(area=area, user=OuterRef("owner"), user__is_active=True)
    names = ("owner__name", "owner__email", "indicator__title", "indicator__retired_from")
    kpis = kpis.only("number", "title", "added_at", "review_every", "retired_at", *names)
    return kpis.annotate(reviewed=Max("reviews__reviewed_on"), is_owned=Exists(memberships)).order_by("number")


def find_shown(kpi: Kpi) -> KpiLine | None:
    """Return its line in the newest published month that has it, with that month. One query."""
    return next(reversed(list_published_lines(kpi).values()), None)


def list_wholes(snapshot: Snapshot, codes: list[str]) -> dict[str, IndicatorLine]:
    """Return the lines of these indicators. One query."""
    lines = IndicatorLine.objects.filter(snapshot=snapshot, category_code="", indicator_code__in=codes)
    return {line.indicator_code: line for line in lines}


# --- What was published ---------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class PublishedMonth:
    """An indicator in the newest version of a published month: a `figure`, or `is_held` if an earlier month's figure is
    repeated. `counted_since` is the first day of that way of counting.
    """

    month: Month
    version: int
    state: CellState
    figure: Figure | None
    is_held: bool
    counted_since: date


@dataclass(frozen=True, slots=True)
class PublishedSeries:
    """The published months of an indicator, in order, and how to show its figures."""

    months: list[PublishedMonth]
    scale: Scale

    @property
    def by_month(self) -> dict[Month, PublishedMonth]:
        return {one.month: one for one in self.months}


def list_published(indicator: Indicator) -> PublishedSeries:
    """List the published months of an indicator. One query."""
    lines = IndicatorLine.objects.filter(
        indicator_code=indicator.code,
        category_code="",
        snapshot__period__area=indicator.area_id,
        snapshot__period__status=MonthStatus.PUBLISHED.value,
        snapshot__in=Snapshot.objects.standing(),
    )
    by_month: dict[Month, PublishedMonth] = {}
    in_order = lines.defer("boards").select_related("snapshot__period")
    for line in in_order.order_by("snapshot__period__starts_on", "snapshot__version"):
        month, figures = line.snapshot.period.month, measure(line).figures
        by_month[month] = PublishedMonth(
            month=month,
            version=line.snapshot.version,
            state=CellState(line.state),
            figure=figures[-1],
            is_held=len(figures) - 1 in list_held(line),
            counted_since=line.definition_from,
        )
    return PublishedSeries(list(by_month.values()), read_scale(indicator))


def first_unpublished(area: PartnershipArea) -> Month | None:
    """Return the first unpublished month; the next month if all are published; None if there is no month. One query."""
    months = list(ReportingPeriod.objects.filter(area=area).order_by("starts_on").values_list("starts_on", "status"))
    unpublished = (Month.of(day) for day, status in months if status != MonthStatus.PUBLISHED)
    return next(unpublished, Month.of(months[-1][0]).next if months else None)


def list_offered(area: PartnershipArea) -> QuerySet[Indicator]:
    """Return the indicators that can have a KPI, in the order of the month's page."""
    return (
        Indicator.objects.in_use()
        .filter(area=area)
        .select_related("section")
        .order_by("section__position", "position", "title")
    )


def find_offered(area: PartnershipArea, code: str) -> Indicator | None:
    return list_offered(area).filter(code=code).first()


def list_near(indicator: Indicator, strand_id: int) -> list[Indicator]:
    """Return the other indicators of its section, and of a strand's actions and KPIs; the ratios whose cases this one
    counts; and its whole. One query.
    """
    of_actions = Action.objects.filter(strand=strand_id).values("measure")
    of_kpis = Kpi.objects.filter(strand=strand_id, retired_at=None).values("indicator")
    # Without a whole, the last part matches no row.
    near = Q(pk__in=of_actions) | Q(pk__in=of_kpis) | Q(numerator=indicator) | Q(pk=indicator.part_of_id)
    near |= Q(section=indicator.section_id)
    named = Indicator.objects.in_use().filter(near, area=indicator.area_id).exclude(pk=indicator.pk)
    return list(named.order_by("title"))


def list_fellows(indicator: Indicator) -> list[Indicator]:
    """Return all parts of this one's whole, itself included; none if it has no whole. One query."""
    if indicator.part_of_id is None:
        return []
    parts = Indicator.objects.in_use().filter(part_of=indicator.part_of_id, ratio="")
    return list(parts.order_by("position", "code"))
