"""How tests fill a plan: through the services, about what the standing town has."""

from datetime import date
from typing import Any

from actions.models import Action, Challenge, Milestone
from actions.selectors.challenges import list_open_for
from actions.selectors.plan import list_open
from actions.services.plan import ActionDraft, add_action
from actions.services.progress import add_milestone
from boards.models import PartnershipArea, Strand
from boards.permissions import access_from
from boards.rules import Role
from core.models import User
from indicators.models import Indicator
from tests.factories import make_agency, make_member
from tests.scenarios import Town

STARTS, DUE = date(2026, 4, 1), date(2027, 3, 31)


def make_strand(town: Town, code: str = "prevent") -> Strand:
    return Strand.objects.get_or_create(area=town.area, code=code, defaults={"name": code.capitalize()})[0]


def make_owner(town: Town) -> Any:
    """A lead of an agency that leads no action, so that being its owner is all that they have."""
    agency = town.area.agencies.filter(code="nhs").first() or make_agency(town.area, "nhs")
    return make_member(town.area, Role.AGENCY_LEAD, agency=agency)


def draft(town: Town, **options: Any) -> ActionDraft:
    """Owned by the board's member and led by the police, with arrests as its measure, unless options say otherwise."""
    wanted: dict[str, Any] = {
        "title": "Train all housing workers",
        "board": town.csp,
        "agency": town.police,
        "owner": town.people[Role.BOARD_MEMBER],
        "starts_on": STARTS,
        "due_on": DUE,
    } | options
    if "strand" not in wanted:
        wanted["strand"] = make_strand(town)
    if not {"measure", "no_measure_why"} & options.keys():
        wanted["measure"] = Indicator.objects.get(area=town.area, code="arrests")
    return ActionDraft(**wanted)


def plan(town: Town, **options: Any) -> Action:
    """The coordinator puts it into the plan."""
    return add_action(town.area, draft(town, **options), by=town.coordinator)


def step(action: Action, title: str = "Agree the training", *, by: Any, due_on: date = date(2026, 12, 1)) -> Milestone:
    return add_milestone(action, title=title, due_on=due_on, by=by)


def unmeasured(town: Town, **options: Any) -> Action:
    return plan(town, no_measure_why="No one counts it", **options)


def open_work(area: PartnershipArea) -> tuple[list[Action], list[Challenge]]:
    """Return an area's open actions and challenges, as a home reads them."""
    operator = User(is_superuser=True)
    return list(list_open(area)), list_open_for(access_from(operator, area, ()))
