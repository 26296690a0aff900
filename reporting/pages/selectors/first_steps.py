"""How far has a new area got? Five queries."""

from dataclasses import dataclass

from django.db.models import Count, Exists, OuterRef, Q, Subquery

from boards.models import Agency, Board, Membership, PartnershipArea
from boards.roles import STRATEGIC_GROUP, Role
from core.models import User
from indicators.models import Collection, Indicator, Observation
from reporting.models import StepSetAside


@dataclass(frozen=True, slots=True)
class Progress:
    """How much there is of each thing that the first steps need."""

    boards: int
    empty_boards: int  # boards without an indicator
    seated_boards: int  # boards with a member
    agencies: int
    owing: int  # agencies with returns to make
    led: int  # … that have a lead
    indicators: int
    people: int
    signed_in: int
    has_history: bool
    handed_in: int
    aside: frozenset[str]


def get_progress(area: PartnershipArea) -> Progress:
    measured = Indicator.objects.in_use().filter(area=area)
    held = Membership.objects.filter(area=area, user__is_active=True)
    agencies = list(
        Agency.objects.in_use()
        .filter(area=area)
        .annotate(
            owes=Exists(measured.filter(owner=OuterRef("pk"), collection=Collection.RETURN)),
            has_lead=Exists(held.filter(agency=OuterRef("pk"), role=Role.AGENCY_LEAD.value)),
        )
        .values_list("owes", "has_lead")
    )
    # The strategic group's members have a role in the area, and need none on its board.
    is_seated = Q(code=STRATEGIC_GROUP) & Exists(held.filter(role=Role.STRATEGIC.value))
    boards = list(
        Board.objects.in_use()
        .filter(area=area)
        .annotate(
            has_indicator=Exists(measured.filter(boards=OuterRef("pk"))),
            has_member=Q(Exists(held.filter(board=OuterRef("pk")))) | is_seated,
        )
        .values_list("has_indicator", "has_member")
    )
    people = User.objects.filter(Exists(held.filter(user=OuterRef("pk")))).aggregate(
        all=Count("pk"), signed_in=Count("last_login")
    )
    # A subquery, because a second Count would multiply with the join of the returns.
    of_area = measured.order_by().values("area").annotate(number=Count("pk"))
    counted = (
        PartnershipArea.objects.filter(pk=area.pk)
        .annotate(
            has_history=Exists(Observation.objects.filter(period__area=area).exclude(imported_from="")),
            indicators_in_use=Subquery(of_area.values("number")),
            handed_in=Count("periods__submissions", filter=Q(periods__submissions__handed_in_on__isnull=False)),
        )
        .values("has_history", "indicators_in_use", "handed_in")
        .get()
    )
    return Progress(
        boards=len(boards),
        empty_boards=sum(not has_indicator for has_indicator, _ in boards),
        seated_boards=sum(has_member for _, has_member in boards),
        agencies=len(agencies),
        owing=sum(owes for owes, _ in agencies),
        led=sum(owes and has_lead for owes, has_lead in agencies),
        indicators=counted["indicators_in_use"] or 0,
        people=people["all"],
        signed_in=people["signed_in"],
        has_history=counted["has_history"],
        handed_in=counted["handed_in"],
        aside=frozenset(StepSetAside.objects.filter(area=area).values_list("step", flat=True)),
    )
