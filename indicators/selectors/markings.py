"""How is a month marked, and who set that?"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from django.db.models import OuterRef, QuerySet, Subquery

from boards.models import PartnershipArea, ReportingPeriod
from core.months import Month
from indicators.disclosure import USUAL_MARKING, Audience, Marking
from indicators.models import MonthMarking

FOR = {Audience.PARTNERS: "partners", Audience.PUBLIC: "the public"}  # in a sentence


def get_marking(period: ReportingPeriod, *, audience: Audience = Audience.PARTNERS) -> Marking:
    """Return a month's current marking. One query."""
    return marking_in(period.area, period.month, audience=audience)


def marking_in(area: PartnershipArea, month: Month, *, audience: Audience = Audience.PARTNERS) -> Marking:
    """Return the marking; the usual one for a month that the area doesn't have. One query."""
    return or_usual(next(iter(_newest(area, month.first_day, audience.value)), None), audience)


def _newest(area: PartnershipArea, day: date, audience: str) -> QuerySet[MonthMarking, str]:
    marked = MonthMarking.objects.filter(period__area=area, period__starts_on=day, audience=audience)
    # By id, not by time: the newest row counts even if the clock was put back.
    return marked.order_by("-id").values_list("marking", flat=True)[:1]


def newest_marking(period: str, audience: Audience) -> Subquery:
    """Return the newest marking of the month that a field leads to, for `or_usual`: to annotate other rows with."""
    marked = MonthMarking.objects.filter(period=OuterRef(period), audience=audience.value).order_by("-id")
    return Subquery(marked.values("marking")[:1])


def or_usual(marked: str | None, audience: Audience) -> Marking:
    return USUAL_MARKING[audience] if marked is None else Marking(marked)


@dataclass(frozen=True, slots=True)
class Marked:
    """A month's marking for an audience, and the row that set it: none if nobody changed it."""

    audience: Audience
    marking: Marking
    last: MonthMarking | None

    @property
    def is_lowered(self) -> bool:
        return self.marking.is_below(USUAL_MARKING[self.audience])


def list_markings(area: PartnershipArea) -> list[tuple[ReportingPeriod, list[Marked]]]:
    """List the months of an area, newest first, each with its marking for each audience. Two queries."""
    newest = {
        (row.period_id, row.audience): row
        for row in MonthMarking.objects.filter(period__area=area).select_related("set_by").order_by("id")
    }
    periods = ReportingPeriod.objects.filter(area=area).order_by("-starts_on")
    return [
        (period, [_marked(audience, newest.get((period.pk, audience.value))) for audience in Audience])
        for period in periods
    ]


def _marked(audience: Audience, last: MonthMarking | None) -> Marked:
    return Marked(audience, or_usual(last.marking if last else None, audience), last)


def list_changes(period: ReportingPeriod) -> list[MonthMarking]:
    """List each change of a month's marking, newest first. One query."""
    return list(MonthMarking.objects.filter(period=period).select_related("set_by").order_by("-id"))


def get_strictest(periods: Iterable[ReportingPeriod]) -> Marking:
    """Return the partner marking of a page with one month of several areas: the strictest of theirs. One query."""
    periods = list(periods)
    rows = MonthMarking.objects.filter(period__in=periods, audience=Audience.PARTNERS.value).order_by("id")
    # The last row of each month wins: the newest.
    newest = dict(rows.values_list("period", "marking"))
    marked = [or_usual(newest.get(period.pk), Audience.PARTNERS) for period in periods]
    return max(marked, key=list(Marking).index, default=USUAL_MARKING[Audience.PARTNERS])
