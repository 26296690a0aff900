"""A disclosure rule as two people set it: the information officer asks, and the coordinator agrees where it protects
less."""

from typing import Any

from boards.models import PartnershipArea
from boards.permissions import access_to
from core.models import User
from indicators.models import DisclosureRule, RuleRequest
from indicators.services import disclosure
from indicators.services.rule_requests import agree_to_rule


def set_rule(area: PartnershipArea, *, by: User, **fields: Any) -> DisclosureRule:
    asked = disclosure.set_rule(area, **fields, by=by)
    if isinstance(asked, DisclosureRule):
        return asked
    second(asked)
    return DisclosureRule.objects.get(area=area, agency=asked.agency, indicator=asked.indicator)


def remove_rule(rule: DisclosureRule, *, why: str, by: User) -> None:
    asked = disclosure.remove_rule(rule, why=why, by=by)
    if asked is not None:
        second(asked)


def second(asked: RuleRequest) -> None:
    """The coordinator agrees, because the area has one officer."""
    coordinator = next(
        held.user
        for held in asked.area.memberships.select_related("user").order_by("pk")
        if access_to(asked.area, by=held.user).can_coordinate
    )
    agree_to_rule(asked, by=coordinator)
