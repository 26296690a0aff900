"""What is being done about what stands out: which actions and challenges, and who reads of them."""

from datetime import timedelta

import pytest
from django.utils import timezone

from actions.presenters.plan import make_underway
from actions.selectors.plan import list_doing
from actions.services.challenges import answer, withdraw
from actions.services.plan import archive_action
from boards.models import ReportingPeriod
from boards.permissions import access_to
from boards.rules import Role
from core.calendar import Month, date_label, short_date_label
from indicators.models import Indicator
from tests import scenarios
from tests.challenging import ANSWER, ask, in_days
from tests.factories import make_agency, make_member
from tests.planning import plan, step
from tests.scenarios import Town
from tests.standing import stand

OCTOBER = Month(2026, 10)
pytestmark = pytest.mark.django_db
ARRESTS = ["arrests"]


def make_october() -> Town:
    town = scenarios.make_town()
    scenarios.accept(town, OCTOBER, {"arrests": 12, "charges": 3})
    scenarios.publish(town, OCTOBER)
    return town


made, october = stand(make_october)


def told(town: Town, person) -> list[tuple[str, str]]:
    rows = list_doing(access_to(town.area, by=person), ARRESTS)
    found = make_underway(town.area.slug, rows, today=timezone.localdate()).get("arrests")
    shown = (found.action, found.challenge) if found else ()
    return [(each.name, each.words) for each in shown if each]


def ask_about(town: Town, code: str = "arrests", **options):
    indicator = Indicator.objects.get(area=town.area, code=code)
    return ask(town, indicator=indicator, period=ReportingPeriod.objects.get(area=town.area), **options)


def test_an_open_action_is_told_with_what_is_due_next_of_it(october):
    member = october.people[Role.BOARD_MEMBER]
    assert told(october, member) == []
    far = in_days(300)
    action = plan(october, due_on=far)
    assert told(october, member) == [("A1 Train all housing workers", f"due {date_label(far)}")]
    soon = in_days(9)
    step(action, due_on=soon, by=october.coordinator)
    assert told(october, member) == [("A1 Train all housing workers", f"milestone due {short_date_label(soon)}")]
    archive_action(action, why="Merged with another", by=october.coordinator)
    assert told(october, member) == []


def test_what_is_overdue_says_that_it_was_due(october):
    long_ago = timezone.localdate() - timedelta(days=40)
    plan(october, starts_on=long_ago, due_on=long_ago + timedelta(days=3))
    assert told(october, october.coordinator) == [
        ("A1 Train all housing workers", f"was due {short_date_label(long_ago + timedelta(days=3))}")
    ]


def test_a_challenge_is_told_until_it_is_closed(october):
    raiser, member = october.people[Role.STRATEGIC], october.people[Role.BOARD_MEMBER]
    challenge = ask_about(october, due_on=in_days(14))
    assert told(october, raiser) == [("C1", f"answer due {short_date_label(in_days(14))}")]
    answer(challenge, text=ANSWER, seen=1, by=member)
    assert told(october, raiser) == [("C1", "answered")]
    challenge.refresh_from_db()
    other = ask_about(october)
    withdraw(other, why="Asked by mistake", by=raiser)
    assert told(october, raiser) == [("C1", "answered")]


def test_a_challenge_is_told_to_nobody_who_may_not_read_it(october):
    """Charges are for no board that this lead of another agency sits on."""
    ask_about(october)
    nhs = make_agency(october.area, "nhs")
    stranger = make_member(october.area, Role.AGENCY_LEAD, agency=nhs)
    plan(october)
    assert [name for name, _ in told(october, october.people[Role.STRATEGIC])] == [
        "A1 Train all housing workers",
        "C1",
    ]
    assert [name for name, _ in told(october, stranger)] == ["A1 Train all housing workers"]


def test_of_many_the_one_that_is_due_next_is_told_and_the_others_are_counted(october):
    for days in (30, 10, 20):
        plan(october, due_on=in_days(days))
    rows = list_doing(access_to(october.area, by=october.coordinator), ARRESTS)
    found = make_underway(october.area.slug, rows, today=timezone.localdate())["arrests"]
    assert (found.action.name, found.action.owner) == (
        "A2 Train all housing workers",
        str(october.people[Role.BOARD_MEMBER]),
    )
    assert (found.challenge, found.others) == (None, "2 more actions")


def test_what_is_overdue_is_said_to_be(october):
    action = plan(october, due_on=in_days(30))
    step(action, due_on=in_days(9), by=october.coordinator)
    rows = list_doing(access_to(october.area, by=october.coordinator), ARRESTS)
    for days, is_late in ((9, False), (10, True)):
        found = make_underway(october.area.slug, rows, today=in_days(days))["arrests"]
        assert (found.action.is_late, "was due" in found.action.words) == (is_late, is_late)


def test_it_is_two_queries_and_stays_in_the_area(october, django_assert_num_queries):
    plan(october)
    ask_about(october)
    other = scenarios.make_town("elsewhere")
    access = access_to(other.area, by=other.coordinator)
    with django_assert_num_queries(2):
        assert list_doing(access, ARRESTS) == []
