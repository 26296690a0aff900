"""Which agencies' returns does a person enter, in whatever area?

Nothing ties these agencies but the person's own memberships (ADR 0049).
"""

from boards.models import Agency, Membership
from boards.roles import Role
from core.models import User
from core.months import Month
from indicators.selectors.returns import owed_in


def list_led(user: User) -> list[Agency]:
    """By the name of their area. One query; none for somebody who can't sign in."""
    if not user.is_active:
        return []
    held = (
        Membership.objects.filter(user=user, role=Role.AGENCY_LEAD.value, agency__isnull=False)
        .select_related("agency__area")
        .order_by("agency__area__name", "agency__area__slug", "agency__position", "agency__name")
    )
    return [membership.agency for membership in held if membership.agency is not None]


def enters_several(user: User, month: Month) -> bool:
    """Whether this person owes the returns of more than one area for a month. Two queries, or one."""
    led = [agency for agency in list_led(user) if not agency.retired]
    if len({agency.area_id for agency in led}) < 2:
        return False
    owed, keys = owed_in({agency.area_id for agency in led}), {agency.pk for agency in led}
    owing = {
        agency.area_id for agency, each in owed.items() if agency.pk in keys and any(o.is_live(month) for o in each)
    }
    return len(owing) > 1
