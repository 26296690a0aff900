"""The demonstration's disclosure rules, as an information officer would have set them."""

from typing import Any

from boards.models import Membership, PartnershipArea
from boards.roles import Role
from indicators.models import DisclosureRule, Indicator
from indicators.services.disclosure import set_rule


def set_rules(area: PartnershipArea, rows: list[dict[str, Any]]) -> None:
    """Set a blueprint's rules, unless the area has rules or has nobody to set them."""
    held = Membership.objects.filter(area=area, role=Role.INFORMATION.value).select_related("user").first()
    if held is None or DisclosureRule.objects.filter(area=area).exists():
        return
    indicators = {indicator.code: indicator for indicator in Indicator.objects.filter(area=area)}
    for row in rows:
        for code in row["indicators"]:
            set_rule(area, indicator=indicators[code], kind=row["kind"], why=row["why"], by=held.user)
