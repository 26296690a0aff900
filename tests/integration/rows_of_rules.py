"""Requests to weaken a rule: one of each kind that waits, one that was declined and one that was agreed to; and how
each constraint of their kind is violated."""

from collections.abc import Callable
from datetime import date

from django.utils import timezone

from boards.rules import Role
from core.models import User
from indicators.models import DisclosureRule, Indicator, IndicatorMove, RuleRequest
from indicators.openness import Openness
from indicators.services.disclosure import remove_rule, set_rule
from indicators.services.openness import set_openness
from indicators.services.rule_requests import agree_to_rule, decline_rule
from indicators.services.setup import note_move
from tests.factories import make_agency, make_member
from tests.integration.rows import twice
from tests.scenarios import Town

NOW = timezone.now()


def leave_rule_requests(town: Town) -> None:
    """Where the rules are those of test_constraints."""
    officer, second = town.people[Role.INFORMATION], make_member(town.area, Role.INFORMATION)

    def show() -> RuleRequest:
        return asked_for(set_rule(town.area, kind="show", why="Agreed", by=officer))

    decline_rule(show(), why="Too few", by=second)
    show()
    for held in town.area.disclosure_rules.exclude(agency=None, indicator=None):
        remove_rule(held, why="Agreed", by=officer)
    kept = set_rule(town.area, agency=make_agency(town.area, "nhs"), kind="withhold", why="Agreed", by=officer)
    assert isinstance(kept, DisclosureRule)
    agree_to_rule(asked_for(remove_rule(kept, why="Agreed", by=officer)), by=second)
    charges = Indicator.objects.select_related("area", "owner").get(area=town.area, code="charges")
    set_openness(charges, openness=Openness.PARTNERS, why="Agreed", by=officer)
    set_openness(charges, openness=Openness.MONTH, why="Agreed", agreement="The force agreed", by=officer)
    leave_move(Indicator.objects.get(area=town.area, code="arrests"), by=town.coordinator)


def leave_move(indicator: Indicator, *, by: User) -> IndicatorMove:
    """That its figures so far came from the agency that it has."""
    note_move(indicator, indicator.owner, by=by)
    return indicator.moves.get()


def asked_for(made: object) -> RuleRequest:
    assert isinstance(made, RuleRequest)
    return made


WAITING, DECLINED, CONFIRMED = (
    RuleRequest.objects.filter(outcome=outcome) for outcome in ("", "declined", "confirmed")
)
USUAL = WAITING.filter(agency=None, indicator=None)
OF_AGENCY, OF_INDICATOR = WAITING.exclude(agency=None), WAITING.exclude(indicator=None).filter(opens="")
TO_OPEN = WAITING.exclude(opens="")
RULE_CASES: list[tuple[str, Callable[[Town], object]]] = [
    ("indicator_moves_on_the_first", lambda town: twice(IndicatorMove.objects.all(), since=date(2026, 9, 2))),
    ("only_an_indicator_moves", lambda town: USUAL.update(owner=town.police)),
    ("agency_agrees_that_it_opens", lambda town: TO_OPEN.update(agreement="")),
    ("agency_agrees_that_it_opens", lambda town: TO_OPEN.update(kind="show")),
    ("agency_agrees_that_it_opens", lambda town: TO_OPEN.update(owner=town.police)),
    ("agency_agrees_that_it_opens", lambda town: USUAL.update(opens="month", agreement="The force agreed")),
    ("openness_has_its_reason", lambda town: Indicator.objects.update(openness_why="")),
    ("openness_has_its_reason", lambda town: Indicator.objects.update(openness="")),
    ("only_months_are_public_later", lambda town: Indicator.objects.update(openness="year", openness_delay=1)),
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
