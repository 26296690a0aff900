"""A rule that protects less needs two people."""

from datetime import timedelta

import pytest
from django.core import mail
from django.core.exceptions import PermissionDenied, ValidationError
from django.utils import timezone

from boards.models import Membership
from boards.rules import Role
from core.calendar import Month
from core.labels import TransitionRefused
from core.mail.daily import load_sources, send_letters
from core.models import AuditEvent, User
from indicators.models import DisclosureRule, Indicator, RuleRequest
from indicators.protection.rules import DEFAULT, Round, Rule, Show, Suppress, Withhold, protects_less
from indicators.selectors.disclosure import find_rule
from indicators.services.disclosure import remove_rule, set_rule
from indicators.services.rule_requests import agree_to_rule, decline_rule, withdraw_rule
from tests import scenarios
from tests.factories import make_member
from tests.integration.clock import Clock, clock_at
from tests.scenarios import Town
from tests.visiting import signed_in

pytestmark = pytest.mark.django_db
USUAL = "/testford/disclosure/usual/"


@pytest.fixture
def officer(town: Town) -> User:
    return town.people[Role.INFORMATION]


clock = clock_at("2026-11-04")


def lift(town: Town, by: User) -> RuleRequest:
    """The usual rule would show every figure."""
    asked = set_rule(town.area, kind="show", why="Asked for by the press", by=by)
    assert isinstance(asked, RuleRequest)
    return asked


def press(person: User, asked: RuleRequest, decision: str, why: str = ""):
    url = f"/testford/disclosure/requests/{asked.pk}/"
    return signed_in(person).post(url, {"decision": decision, "why": why}, follow=True)


@pytest.mark.parametrize(
    ("before", "after", "is_less"),
    [
        (DEFAULT, DEFAULT, False),
        (Suppress(5), Suppress(6), False),
        (Suppress(6), Suppress(5), True),
        (DEFAULT, Show(), True),
        (Show(), DEFAULT, False),
        (DEFAULT, Round(7, 5), False),
        (Round(7, 5), Suppress(20), True),
        (Round(7, 5), Round(7, 10), False),
        (Round(7, 10), Round(7, 5), True),
        (Withhold(), Round(20, 20), True),
        (Round(20, 20), Withhold(), False),
    ],
)
def test_which_rule_protects_less(before: Rule, after: Rule, is_less: bool):
    assert protects_less(after, before) is is_less


def test_one_officer_alone_lifts_nothing(town: Town, officer: User):
    """Once, a rule was lifted by one person in two presses."""
    scenarios.accept(town, Month(2026, 9), {"arrests": 3, "charges": 4})
    scenarios.publish(town, Month(2026, 9))
    client, typed = signed_in(officer), {"kind": "show", "why": "Asked for by the press", "act": "check"}
    checked = client.post(USUAL, typed).context["checked"]
    page = client.post(USUAL, typed | {"act": "save", "checked": checked}, follow=True).content.decode()

    assert "this protects less than before, so a second person has to agree" in page
    assert "Waiting for a second person" in page
    assert f"for a second person: {town.coordinator}." in page
    assert find_rule(town.area, "arrests") == DEFAULT
    asked = RuleRequest.objects.get()
    assert press(officer, asked, "agree").status_code == 403
    assert find_rule(town.area, "arrests") == DEFAULT

    page = signed_in(town.coordinator).get(f"/testford/disclosure/requests/{asked.pk}/").content.decode()
    assert "The public would see" in page
    assert "You agreed." in press(town.coordinator, asked, "agree").content.decode()
    assert find_rule(town.area, "arrests") == Show()
    kept = DisclosureRule.objects.get()
    assert (kept.set_by, kept.why) == (officer, "Asked for by the press")
    event = AuditEvent.objects.get(verb="rule.set")
    assert (event.actor, event.details["asked_by"]) == (town.coordinator.email, officer.email)


def test_another_officer_agrees_where_there_is_one_and_not_the_coordinator(town: Town, officer: User):
    other = make_member(town.area, Role.INFORMATION)
    asked = lift(town, officer)
    with pytest.raises(PermissionDenied, match="Another information officer of Testford has to decide"):
        agree_to_rule(asked, by=town.coordinator)
    agree_to_rule(asked, by=other)
    assert find_rule(town.area, "arrests") == Show()


def test_a_new_officer_and_the_coordinator_lift_nothing_together(town: Town, officer: User):
    """The second mailbox of a coordinator, if it ever became an officer."""
    Membership.objects.filter(user=officer).update(acts_from=timezone.localdate() + timedelta(days=3))
    asked = lift(town, officer)
    with pytest.raises(PermissionDenied, match="is a new information officer"):
        agree_to_rule(asked, by=town.coordinator)
    second = make_member(town.area, Role.INFORMATION)
    Membership.objects.filter(user=second).update(acts_from=timezone.localdate() + timedelta(days=3))
    with pytest.raises(PermissionDenied, match="can’t decide this before"):
        agree_to_rule(asked, by=second)
    assert find_rule(town.area, "arrests") == DEFAULT


@pytest.mark.parametrize("role", [Role.ANALYST, Role.STRATEGIC, Role.AGENCY_LEAD])
def test_nobody_else_decides(town: Town, officer: User, role: Role):
    asked = lift(town, officer)
    for by in (town.people[role], scenarios.make_town("otherford").people[Role.INFORMATION]):
        with pytest.raises(PermissionDenied):
            agree_to_rule(asked, by=by)
        with pytest.raises(PermissionDenied):
            decline_rule(asked, why="No", by=by)
    assert signed_in(town.people[role]).get(f"/testford/disclosure/requests/{asked.pk}/").status_code == 403


def test_what_protects_more_needs_nobody(town: Town, officer: User):
    arrests = Indicator.objects.get(code="arrests")
    for fields in ({"kind": "suppress", "below": 8}, {"kind": "withhold"}):
        assert isinstance(set_rule(town.area, **fields, why="Agreed", by=officer), DisclosureRule)
    # An agency's rule is added to the others, so any of them protects more.
    assert isinstance(
        set_rule(town.area, agency=town.police, kind="suppress", below=3, why="A", by=officer), DisclosureRule
    )
    # An indicator's replaces the usual one.
    asked = set_rule(town.area, indicator=arrests, kind="suppress", below=8, why="Agreed", by=officer)
    assert isinstance(asked, RuleRequest)


def test_removing_one_is_lifting_it(town: Town, officer: User):
    arrests = Indicator.objects.get(code="arrests")
    held = set_rule(town.area, indicator=arrests, kind="withhold", why="Agreed", by=officer)
    assert isinstance(held, DisclosureRule)
    asked = remove_rule(held, why="No longer", by=officer)
    assert isinstance(asked, RuleRequest)
    assert find_rule(town.area, "arrests") == Withhold()
    agree_to_rule(asked, by=town.coordinator)
    assert not DisclosureRule.objects.exists()
    milder = set_rule(town.area, indicator=arrests, kind="suppress", below=5, why="Agreed", by=officer)
    assert isinstance(milder, DisclosureRule)
    assert remove_rule(milder, why="The usual one does", by=officer) is None


def test_it_is_declined_withdrawn_or_ends(town: Town, officer: User, clock: Clock):
    asked = lift(town, officer)
    assert "Say why you decline it." in press(town.coordinator, asked, "decline").content.decode()
    assert "You declined the request." in press(town.coordinator, asked, "decline", "Too small a town").content.decode()
    again = lift(town, officer)
    assert lift(town, officer) == again  # a button that was pressed twice
    with pytest.raises(ValidationError, match="already asked to weaken"):
        set_rule(town.area, kind="suppress", below=2, why="Agreed", by=officer)
    with pytest.raises(PermissionDenied):
        withdraw_rule(again, by=town.coordinator)
    press(officer, again, "withdraw")
    third = lift(town, officer)
    clock("2026-11-19")
    with pytest.raises(TransitionRefused, match="No one decided on this request in time"):
        agree_to_rule(third, by=town.coordinator)
    lift(town, officer)
    outcomes = RuleRequest.objects.order_by("pk").values_list("outcome", flat=True)
    assert list(outcomes) == ["declined", "withdrawn", "lapsed", ""]


def test_a_rule_that_changed_meanwhile_stays(town: Town, officer: User):
    asked = lift(town, officer)
    set_rule(town.area, kind="withhold", why="A child", by=officer)
    with pytest.raises(TransitionRefused, match="has changed since"):
        agree_to_rule(asked, by=town.coordinator)
    assert find_rule(town.area, "arrests") == Withhold()


def test_who_left_the_role_asks_for_nothing_any_more(town: Town, officer: User):
    asked = lift(town, officer)
    Membership.objects.filter(user=officer).delete()
    with pytest.raises(PermissionDenied):
        agree_to_rule(asked, by=town.coordinator)


def test_the_second_person_is_told(town: Town, officer: User, clock: Clock):
    lift(town, officer)

    def told() -> list[list[str]]:
        mail.outbox.clear()
        send_letters(load_sources())
        return [message.to for message in mail.outbox]

    assert told() == [[town.coordinator.email]]
    other = make_member(town.area, Role.INFORMATION)
    clock("2026-11-05")
    assert told() == [[other.email]]
