"""Which agencies' returns does a person enter, in any area?

Only the person's own memberships link these agencies (ADR 0012).
"""

from collections.abc import Iterable

from django.db.models import QuerySet

from boards.models import Agency, Membership, ReportingPeriod
from boards.roles import Role
from boards.workflow import MonthStatus
from core.models import User
from core.months import Month
from indicators.selectors.returns import owed_in


def list_led(user: User) -> list[Agency]:
    """List them by the name of their area. One query; none for somebody who can't sign in."""
    # Somebody who left still has memberships.
    if not user.is_active:
        return []
    return [membership.agency for membership in _led(user) if membership.agency is not None]


def _led(user: User) -> QuerySet[Membership]:
    held = Membership.objects.filter(user=user, role=Role.AGENCY_LEAD.value, agency__isnull=False)
    order = ("agency__area__name", "agency__area__slug", "agency__position", "agency__name")
    return held.select_related("agency__area").order_by(*order)


def list_months_together(user: User, months: Iterable[Month] | None = None) -> list[Month]:
    """List the months, of those given or all open ones, for which this person enters returns in more than one area,
    newest first. Three queries at most; one for somebody with returns in one area."""
    led = [agency for agency in list_led(user) if not agency.retired]
    areas = {agency.area_id for agency in led}
    if len(areas) < 2:
        return []
    if months is None:
        opened = ReportingPeriod.objects.filter(area__in=areas, status=MonthStatus.OPEN.value)
        months = [period.month for period in opened]
    owed = owed_in(areas)

    def is_of_several(month: Month) -> bool:
        owing = {agency.area_id for agency in led if any(each.is_live(month) for each in owed.get(agency, []))}
        return len(owing) > 1

    return sorted(filter(is_of_several, set(months)), reverse=True)
