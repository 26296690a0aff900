"""Anytown's register of packs: October's for two boards, as their clerks would have had them issued."""

from datetime import date

from boards.models import Board, PartnershipArea, ReportingPeriod
from core.models import User
from core.months import Month
from indicators.disclosure import Audience
from reporting.models import PackKind
from reporting.packs.presenters.order import make_pack
from reporting.packs.presenters.sources import Order
from reporting.packs.services.issue import issue_pack

# Board, kind, audience, meeting, its day.
ISSUED = (
    ("csp", PackKind.MONTH, Audience.PARTNERS, "Community Safety Partnership", date(2026, 11, 27)),
    ("hwbb", PackKind.MONTH, Audience.PUBLIC, "Health and Wellbeing Board", date(2026, 12, 3)),
    ("hwbb", PackKind.APPENDIX, Audience.PARTNERS, "Health and Wellbeing Board", date(2026, 12, 3)),
)


def load_packs(area: PartnershipArea, *, month: Month, coordinator: User) -> None:
    period = ReportingPeriod.objects.select_related("area").get(area=area, starts_on=month.first_day)
    for code, kind, audience, meeting, day in ISSUED:
        board = Board.objects.get(area=area, code=code)
        order = Order(period, board, kind, audience, meeting=meeting, meeting_on=day)
        issue_pack(order, seen=make_pack(order, include_drafts=False).token, by=coordinator)
