"""Events and what is expected of them: who tells them, what holds, what is kept; through the services."""

from datetime import date
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied, ValidationError

from actions.models import EventKind, Expectation, Way
from actions.presenters.engagement import make_said
from actions.selectors.events import Happened, list_events, list_expectations, list_happenings
from actions.services.events import add_event, change_event, remove_event
from actions.services.plan import ActionDraft, add_action, archive_action, change_action, complete_action
from actions.services.progress import expect_of_action, expect_of_event
from boards.rules import Role
from core.calendar import Month
from core.forms.pages import ChangedMeanwhile
from core.labels import TransitionRefused
from core.models import AuditEvent
from indicators.models import Indicator
from tests.factories import make_board
from tests.happening import draft, expect, expected, indicator, tell
from tests.integration.clock import Clock, clock_at
from tests.planning import draft as action_draft
from tests.planning import plan, unmeasured
from tests.scenarios import Town, make_outsider, make_town

pytestmark = pytest.mark.django_db


clock = clock_at()


def refused(act) -> dict[str, list[str]]:
    with pytest.raises(ValidationError) as refusal:
        act()
    return refusal.value.message_dict


def last_verb() -> str:
    return AuditEvent.objects.order_by("-id")[0].verb


# --- Events


def test_an_events_life(town: Town):
    by = town.coordinator
    event = add_event(town.area, draft(town, title=" Operation  Raptor "), by=by)
    assert (event.reference, event.title, last_verb()) == ("E1", "Operation Raptor", "event.added")

    wanted = draft(town, ends_on=date(2026, 9, 20), aims=((indicator(town, "charges"), Way.RISE),))
    event = change_event(event, wanted, revision=0, by=by)
    assert [(aim.indicator.code, aim.way) for aim in event.aims.all()] == [("charges", "rise")]
    assert AuditEvent.objects.latest("id").details["changes"] == {
        "ends_on": ["", "2026-09-20"],
        "moves": ["arrests fall", "charges rise"],
    }
    assert change_event(event, wanted, revision=0, by=by).revision == 1  # nothing to do

    removed = remove_event(event, why="It was called off", by=by)
    assert remove_event(removed, why="It was called off", by=by).removed_at == removed.removed_at
    assert list(list_events(town.area)) == list_happenings(town.area) == []
    with pytest.raises(TransitionRefused, match="E1 was removed"):
        change_event(event, wanted, revision=1, by=by)
    with pytest.raises(TransitionRefused, match="E1 was removed"):
        expect(town, event, indicator=indicator(town, "charges"))


def test_whoever_comes_second_is_told(town: Town):
    event = tell(town)
    change_event(event, draft(town, title="Operation Falcon"), revision=0, by=town.coordinator)
    with pytest.raises(ChangedMeanwhile, match="Operation Falcon"):
        change_event(event, draft(town, title="Operation Eagle"), revision=0, by=town.people[Role.BOARD_CHAIR])


def test_a_chair_tells_of_their_own_board_alone(town: Town):
    chair, other = town.people[Role.BOARD_CHAIR], make_board(town.area, "sab")
    own = tell(town, by=chair)
    for board in (None, other):
        with pytest.raises(PermissionDenied):
            tell(town, by=chair, board=board)
        with pytest.raises(PermissionDenied):
            change_event(own, draft(town, board=board), revision=0, by=chair)
    others = tell(town, board=other)
    with pytest.raises(PermissionDenied):
        change_event(others, draft(town), revision=0, by=chair)
    with pytest.raises(PermissionDenied):
        remove_event(others, why="Not ours", by=chair)


@pytest.mark.parametrize("role", [Role.BOARD_MEMBER, Role.AGENCY_LEAD, Role.STRATEGIC, Role.ANALYST, Role.INFORMATION])
def test_nobody_else_tells(town: Town, role):
    with pytest.raises(PermissionDenied):
        tell(town, by=town.people[role])


def test_somebody_of_another_area_tells_nothing(town: Town):
    with pytest.raises(PermissionDenied):
        tell(town, by=make_outsider())


def test_each_fault_is_a_sentence_and_nothing_is_saved(town: Town):
    other = make_town("elsewhere")
    arrests, theirs = indicator(town), indicator(other)
    faults: list[Any] = [
        ({"title": " "}, "title", "Enter in a few words what happened."),
        ({"said_by": "x" * 121}, "said_by", "Shorten this to 120 characters; it has 121."),
        ({"starts_on": date(1999, 12, 31)}, "starts_on", "Enter a day between 2000 and 2100."),
        (
            {"ends_on": date(2026, 9, 13)},
            "ends_on",
            "It started on 14 September 2026: choose a later last day.",
        ),
        ({"board": other.csp}, "board", f"{other.csp} belongs to another area."),
        ({"aims": ()}, "aims", "Choose at least one indicator that it may change."),
        (
            {"starts_on": date(2099, 1, 1)},
            "starts_on",
            "Choose a day at most a year from now.",
        ),
        (
            {"aims": ((arrests, Way.FALL), (arrests, Way.FALL))},
            "aims",
            "You chose the same indicator twice: remove one.",
        ),
        (
            {"aims": ((arrests, Way.FALL), (arrests, Way.RISE))},
            "aims",
            f"You chose both a fall and a rise for {arrests}: choose one of them.",
        ),
        ({"aims": ((theirs, Way.FALL),)}, "aims", f"{theirs} belongs to another area."),
    ]
    for given, field, sentence in faults:
        wanted = draft(town, **given)
        assert refused(lambda wanted=wanted: add_event(town.area, wanted, by=town.coordinator)) == {field: [sentence]}
    assert list(list_events(town.area)) == []


# --- One list of all that happened


def test_actions_and_events_are_one_list_of_one_shape(town: Town, clock: Clock):
    action = plan(town, starts_on=date(2026, 4, 1))
    clock("2026-11-05")
    complete_action(action, by=town.coordinator)
    archive_action(plan(town), why="Not ours", by=town.coordinator)
    unmeasured(town)
    tell(town, kind=EventKind.OUTSIDE, board=None, title="First lockdown", starts_on=date(2026, 9, 23))

    found = list_happenings(town.area)
    assert [(each.reference, each.kind, str(each.day), str(each.first_after), each.board_code) for each in found] == [
        ("a1", Happened.BEGUN, "2026-04-01", "2026-04", "csp"),
        ("e1", Happened.OUTSIDE, "2026-09-23", "2026-10", ""),
        ("a1-end", Happened.FINISHED, "2026-11-05", "2026-11", "csp"),
    ]
    assert list_happenings(town.area, "arrests") == found
    assert list_happenings(town.area, "charges") == []
    assert list_happenings(make_town("elsewhere").area) == []


def test_what_begins_in_the_second_half_of_a_month_is_compared_from_the_next(town: Town):
    for day in (15, 16):
        tell(town, starts_on=date(2026, 9, day))
    assert [str(each.first_after) for each in list_happenings(town.area)] == ["2026-09", "2026-10"]


def test_an_action_means_to_move_what_is_expected_of_it_too(town: Town):
    action = plan(town)
    for way in (Way.FALL, Way.RISE):
        expect_of_action(action, expected(town, indicator=indicator(town, "charges"), way=way), by=town.coordinator)
    (happening,) = list_happenings(town.area)
    assert [(aim.code, aim.way) for aim in happening.aims] == [("arrests", ""), ("charges", "rise")]
    assert [each.reference for each in list_happenings(town.area, "charges")] == ["a1"]


# --- Said beforehand


def test_what_is_said_by_the_first_day_is_said_beforehand(town: Town, clock: Clock):
    event = tell(town, starts_on=date(2026, 9, 14))
    for day, percent in (("2026-09-14", 20), ("2026-09-15", 25)):
        clock(day)
        expect(town, event, percent=percent)
    said = make_said(list_expectations(town.area))
    assert [(each.words, each.is_beforehand) for each in said] == [
        ("Should fall by about 20% by June 2027", True),
        ("Should fall by about 25% by June 2027", False),
    ]
    assert said[1].when.endswith("15 September 2026, said afterwards")


@pytest.mark.parametrize("moved", [date(2026, 9, 1), date(2026, 12, 1)])
def test_nobody_makes_it_said_beforehand_by_moving_the_day(town: Town, clock: Clock, moved):
    """Said on 20 September of what began on the 14th; or what was to begin in October had begun already."""
    event = tell(town, starts_on=date(2026, 9, 14) if moved.month == 12 else date(2026, 10, 14))
    clock("2026-09-20")
    expect(town, event)
    change_event(event, draft(town, starts_on=moved), revision=0, by=town.coordinator)
    assert not make_said(list_expectations(town.area))[0].is_beforehand


def test_who_puts_an_action_into_the_plan_says_what_it_should_do_to_its_measure(town: Town):
    wanted = expected(town, indicator=None, percent=15)
    action = add_action(town.area, action_draft(town), expected=wanted, by=town.coordinator)
    assert [str(said) for said in action.expectations.all()] == ["Arrests: fall by about 15% by June 2027"]
    without = action_draft(town, no_measure_why="No one counts it")
    assert "way" in refused(lambda: add_action(town.area, without, expected=wanted, by=town.coordinator))


def test_whoever_says_how_an_action_goes_says_what_to_expect_of_it(town: Town):
    action = plan(town)
    for who in (Role.AGENCY_LEAD, Role.BOARD_MEMBER, Role.COORDINATOR):  # the member owns it
        expect_of_action(action, expected(town), by=town.people[who])
    assert action.expectations.count() == 3
    with pytest.raises(PermissionDenied):
        expect_of_action(action, expected(town), by=town.people[Role.BOARD_CHAIR])
    complete_action(action, by=town.coordinator)
    with pytest.raises(TransitionRefused):
        expect_of_action(action, expected(town), by=town.coordinator)


def test_the_same_said_twice_is_said_once(town: Town):
    event = tell(town)
    assert expect(town, event) == expect(town, event)
    assert Expectation.objects.count() == 1


def test_what_is_wrong_with_an_expectation_is_said_by_field(town: Town):
    event = tell(town, starts_on=date(2026, 9, 14))
    other = indicator(make_town("elsewhere"))
    faults: list[Any] = [
        ({"way": None}, "way", "Say whether it should fall or rise."),
        ({"percent": None}, "percent", "Enter by roughly how much, in per cent."),
        ({"percent": 101}, "percent", "Enter a fall of 1 to 100 per cent."),
        ({"percent": 1001, "way": Way.RISE}, "percent", "Enter a rise of 1 to 1000 per cent."),
        ({"by_month": None}, "by_month", "Choose by which month."),
        (
            {"by_month": Month(2026, 8)},
            "by_month",
            "The work starts in September 2026: choose that month or a later one.",
        ),
        ({"by_month": Month(2036, 10)}, "by_month", "Choose a month within 10 years of its start."),
        ({"indicator": None}, "indicator", "Choose the indicator that should change."),
        (
            {"indicator": indicator(town, "charges")},
            "indicator",
            f"E1 doesn’t name {indicator(town, 'charges')}: add this indicator to the event first.",
        ),
        ({"indicator": other}, "indicator", f"E1 doesn’t name {other}: add this indicator to the event first."),
    ]
    for given, field, sentence in faults:
        act = expected(town, **given)
        assert refused(lambda act=act: expect_of_event(event, act, by=town.coordinator)) == {field: [sentence]}
    assert Expectation.objects.count() == 0


def test_what_an_action_or_event_names_already_may_be_retired(town: Town):
    action, event = plan(town), tell(town)
    Indicator.objects.filter(pk__in=(indicator(town).pk, indicator(town, "charges").pk)).update(
        retired_from=date(2026, 9, 1)
    )
    assert expect_of_action(action, expected(town), by=town.coordinator).indicator == indicator(town)
    assert expect(town, event).indicator == indicator(town)
    other = expected(town, indicator=indicator(town, "charges"))
    sentence = f"{indicator(town, 'charges')} is retired: choose another."
    assert refused(lambda: expect_of_action(action, other, by=town.coordinator)) == {"indicator": [sentence]}


def test_a_changed_action_keeps_what_was_said(town: Town):
    action = plan(town)
    expect_of_action(action, expected(town), by=town.coordinator)
    other: ActionDraft = action_draft(town, measure=indicator(town, "charges"))
    change_action(action, other, revision=0, by=town.coordinator)
    (happening,) = list_happenings(town.area)
    assert {aim.code for aim in happening.aims} == {"arrests", "charges"}
