"""Anytown's public pages: the last months, each made public after the boards had seen it."""

from boards.models import PartnershipArea, ReportingPeriod
from boards.services.advice import USUAL_SIGNS, set_advice
from core.models import User
from core.months import Month
from reporting.public.services import agree, ask_consent, publish_edition, turn_public_pages

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
