"""Requests to weaken a rule: one of each kind that waits, one that was declined and one that was agreed to; and how
each constraint of their kind is violated."""

from collections.abc import Callable

from django.utils import timezone

from boards.roles import Role
from indicators.models import RuleRequest
from indicators.services.disclosure import remove_rule, set_rule
from indicators.services.rule_requests import agree_to_rule, decline_rule
from tests.factories import make_agency, make_member
from tests.integration.rows import twice
from tests.scenarios import Town

NOW = timezone.now()


def leave_rule_requests(town: Town) -> None:
    """Where the rules are those of test_constraints."""
    officer, second = town.people[Role.INFORMATION], make_member(town.area, Role.INFORMATION)
    usual = {"kind": "show", "why": "Agreed", "by": officer}
    decline_rule(set_rule(town.area, **usual), why="Too few", by=second)
    set_rule(town.area, **usual)
    for held in town.area.disclosure_rules.exclude(agency=None, indicator=None):
        remove_rule(held, why="Agreed", by=officer)
    nhs = make_agency(town.area, "nhs")
    held = set_rule(town.area, agency=nhs, kind="withhold", why="Agreed", by=officer)
    agree_to_rule(remove_rule(held, why="Agreed", by=officer), by=second)


WAITING, DECLINED, CONFIRMED = (
    RuleRequest.objects.filter(outcome=outcome) for outcome in ("", "declined", "confirmed")
)
USUAL = WAITING.filter(agency=None, indicator=None)
OF_AGENCY, OF_INDICATOR = WAITING.exclude(agency=None), WAITING.exclude(indicator=None)
RULE_CASES: list[tuple[str, Callable[[Town], object]]] = [
    ("rule_request_of_one_thing", lambda town: OF_INDICATOR.update(agency=town.police)),
    ("one_open_request_for_usual", lambda town: twice(USUAL)),
    ("one_open_request_per_agency", lambda town: twice(OF_AGENCY)),
    ("one_open_request_per_indicator", lambda town: twice(OF_INDICATOR)),
    ("rule_request_has_its_numbers", lambda town: USUAL.update(below=5)),
    ("rule_request_has_its_numbers", lambda town: USUAL.update(kind="suppress", below=1)),
    ("rule_request_has_its_numbers", lambda town: OF_AGENCY.update(base=5)),
    ("rule_request_has_its_reason", lambda town: USUAL.update(why="")),
    ("rule_request_decided_at_by", lambda town: USUAL.update(outcome="withdrawn")),
    ("rule_request_decided_at_by", lambda town: USUAL.update(decided_at=NOW, decided_by=town.coordinator)),
    ("rule_request_confirmed_by_another", lambda town: CONFIRMED.update(decided_by=town.people[Role.INFORMATION])),
    ("rule_request_declined_with_reason", lambda town: DECLINED.update(decided_why="")),
]
