"""Which months were withdrawn from the public?"""

from django.db.models import F, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce

from boards.models import PartnershipArea, ReportingPeriod
from core.months import Month
from indicators.disclosure import Audience, Marking
from indicators.models.disclosure import MonthMarking
from reporting.models.editions import PublicEdition
from reporting.models.withdrawals import MonthWithdrawal, Replacement

LAST = MonthWithdrawal.objects.filter(period=OuterRef("pk")).order_by("-id").values("last_number")[:1]
NEWEST = PublicEdition.objects.filter(period=OuterRef("pk"), number__isnull=False).order_by("-number")
MARKED = MonthMarking.objects.filter(period=OuterRef("pk"), audience=Audience.PUBLIC.value).order_by("-id")


def withdrawn_periods() -> QuerySet[ReportingPeriod]:
    """Return the months whose figures nobody may read: withdrawn, and without an edition of their own since; or marked
    against the public.
    """
    # By number and not by time: a clock may be put back.
    numbered = ReportingPeriod.objects.annotate(
        withdrawn_after=Subquery(LAST),
        newest=Coalesce(Subquery(NEWEST.values("number")[:1]), 0),
        marked=Subquery(MARKED.values("marking")[:1]),
    )
    return numbered.filter(Q(withdrawn_after__gte=F("newest")) | Q(marked=Marking.SENSITIVE.value))


def list_withdrawn_months(area: PartnershipArea) -> frozenset[Month]:
    """Return an area's months whose figures nobody may read. One query."""
    return list_withdrawn_in(area.slug)


def list_withdrawn_in(slug: str) -> frozenset[Month]:
    """Return the same for an area's slug. One query."""
    found = withdrawn_periods().filter(area__slug=slug).order_by()
    return frozenset(Month.of(day) for day in found.values_list("starts_on", flat=True))


def waiting_replacements() -> QuerySet[Replacement]:
    """Return the months that wait for a new edition, the oldest withdrawal and month first."""
    waiting = Replacement.objects.filter(is_tried=False).select_related("period__area", "withdrawal")
    return waiting.order_by("withdrawal", "period__starts_on")


def list_refused(area: PartnershipArea) -> dict[int, str]:
    """Return by the month's key why no new edition could be prepared, after its newest withdrawal. One query."""
    tried = Replacement.objects.filter(period__area=area).order_by("withdrawal")
    # The newest comes last, and wins.
    return dict(tried.values_list("period", "refused"))


def find_withdrawal(period: ReportingPeriod) -> MonthWithdrawal | None:
    """Return a month's newest withdrawal, with its reason. One query."""
    found = MonthWithdrawal.objects.filter(period=period).select_related(
        "withdrawn_by", "explanation__given_by", "period__area"
    )
    return found.order_by("-id").first()


def list_unexplained(area: PartnershipArea) -> QuerySet[MonthWithdrawal]:
    """Return the urgent withdrawals that nobody has given a reason for."""
    found = MonthWithdrawal.objects.filter(period__area=area, is_urgent=True, explanation=None)
    return found.select_related("period", "withdrawn_by").order_by("pk")
