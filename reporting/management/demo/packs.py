"""Anytown's register of packs: October's for two boards, as their clerks would have had them issued."""

from datetime import date

from boards.models import Board, PartnershipArea, ReportingPeriod
from boards.services.area import USUAL_SIGNS, set_advice
from core.calendar import Month
from core.models import User
from indicators.disclosure import Audience
from reporting.models import PackKind
from reporting.packs.presenters.order import make_pack
from reporting.packs.presenters.sources import Order
from reporting.packs.services.issue import issue_pack
from reporting.public.services import agree, ask_consent, publish_edition, turn_public_pages

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


MONTHS = 3
HOW_TO_REPORT = (
    "At school or college, tell any member of staff you trust. They know who to ask.\n\n"
    "If you work with children or with adults at risk, follow your workplace’s safeguarding steps first."
)


def load_editions(area: PartnershipArea, *, newest: Month, coordinator: User, officer: User) -> None:
    turn_public_pages(area, on=True, by=coordinator)
    # The service changed another copy of this row.
    area.refresh_from_db()
    for ago in reversed(range(MONTHS)):
        period = ReportingPeriod.objects.get(area=area, starts_on=(newest + -ago).first_day)
        period.area = area
        edition = ask_consent(period, by=coordinator)
        agree(edition, by=officer, seen=edition.fingerprint)
        publish_edition(edition, by=coordinator)


def load_signs(area: PartnershipArea, *, coordinator: User) -> None:
    signs = "\n".join(USUAL_SIGNS)
    set_advice(area, signs=signs, how_to_report=HOW_TO_REPORT, is_public=True, revision=0, by=coordinator)
