"""The demonstration's disclosure rules, as an information officer would have set them."""

from typing import Any

from boards.models import Membership, PartnershipArea
from boards.roles import Role
from indicators.models import DisclosureRule, Indicator, RuleRequest
from indicators.services.disclosure import set_rule
from indicators.services.rule_requests import agree_to_rule


def set_rules(area: PartnershipArea, rows: list[dict[str, Any]]) -> None:
    """Set a blueprint's rules, unless the area has rules or has nobody to set them."""
    held = Membership.objects.filter(area=area, role=Role.INFORMATION.value).select_related("user").first()
    if held is None or DisclosureRule.objects.filter(area=area).exists():
        return
    coordinator = Membership.objects.select_related("user").get(area=area, role=Role.COORDINATOR.value).user
    indicators = {indicator.code: indicator for indicator in Indicator.objects.filter(area=area)}
    for row in rows:
        for code in row["indicators"]:
            kept = set_rule(area, indicator=indicators[code], kind=row["kind"], why=row["why"], by=held.user)
            if isinstance(kept, RuleRequest):
                # The only officer asked, so a coordinator agrees.
                agree_to_rule(kept, by=coordinator)
