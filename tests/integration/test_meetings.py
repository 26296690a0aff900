"""Meetings: planned, changed, called off, recorded and amended, with what each act refuses."""

from datetime import date, timedelta

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.utils import timezone

from actions.models import AgendaItem, Meeting
from actions.selectors.meetings import strands_discussed
from actions.services.challenges import withdraw
from actions.services.meetings import call_off, change_meeting, plan_meeting, record_meeting, retire_sub_group
from actions.services.plan import add_action, archive_action, change_action, complete_action
from actions.workflow import MeetingState, WhyProposed
from boards.rules import Role
from core.calendar import Month
from core.labels import TransitionRefused
from core.models import AuditEvent
from tests import challenging, planning
from tests.factories import make_board
from tests.integration.clock import Clock, clock_at
from tests.meeting import draft, hold, item, make_group, meet, record, strategic_group
from tests.planning import make_strand, plan
from tests.scenarios import Town, make_town, open_month

pytestmark = pytest.mark.django_db


clock = clock_at("2026-11-25")


@pytest.fixture
def town(clock: Clock) -> Town:
    return make_town()


def refused(caught) -> dict[str, list[str]]:
    return caught.value.message_dict


# --- Planning --------------------------------------------------------------------------------------


def test_is_planned_with_the_areas_next_number(town):
    first, second = meet(town), meet(town, sub_group=make_group(town), held_on=date(2027, 1, 5))

    assert (first.number, second.number, first.state, first.reference) == (1, 2, MeetingState.PLANNED, "M1")
    assert (str(first), str(second)) == ("M1, Board csp", "M2, Outreach sub-group")
    assert (first.period, first.version, second.period) == (open_month(town, Month(2026, 9)), 1, None)
    event = AuditEvent.objects.filter(verb="meeting.planned").earliest("pk")
    assert event.details == {"body": "Board csp", "held_on": "2026-10-15", "month": "2026-09, version 1"}
    assert event.actor == town.coordinator.email


@pytest.mark.parametrize("role", [role for role in Role if role not in (Role.COORDINATOR, Role.OPERATOR)])
def test_only_the_coordinator_does_anything(town, role):
    meeting, somebody = meet(town), town.people[role]
    for act in (
        lambda: plan_meeting(town.area, draft(town), by=somebody),
        lambda: change_meeting(meeting, draft(town), revision=0, by=somebody),
        lambda: call_off(meeting, why="Snow", by=somebody),
        lambda: record_meeting(meeting, [], notes="Said", revision=0, by=somebody),
    ):
        with pytest.raises(PermissionDenied):
            act()


def wrong_drafts(town):
    october = open_month(town, Month(2026, 10))
    retired = make_board(town.area, "old", retired=True)
    elsewhere = make_town("elsewhere")
    gone = make_group(town, "gone")
    retire_sub_group(gone, why="Done", by=town.coordinator)
    gone.refresh_from_db()
    return [
        ({"board": None}, "body", "Choose who meets: a board or a sub-group."),
        ({"sub_group": make_group(town), "board": town.csp}, "body", "Choose who meets: a board or a sub-group."),
        ({"board": retired}, "body", "Board old is retired: choose another."),
        ({"sub_group": gone}, "body", "Gone sub-group is retired: choose another."),
        ({"board": elsewhere.csp}, "body", "Board csp belongs to another area."),
        ({"period": None}, "looks_at", "Choose the month that the meeting looks at."),
        ({"period": None, "version": 1}, "looks_at", "Choose the month that the meeting looks at."),
        (
            {"period": october, "version": 1},
            "looks_at",
            "October 2026 is not published yet, so the board can’t read it.",
        ),
        (
            {"period": open_month(elsewhere, Month(2026, 9)), "version": 1},
            "looks_at",
            "September 2026 belongs to another area.",
        ),
        ({"held_on": date(1999, 12, 31)}, "held_on", "Enter a day between 2000 and 2100."),
        ({"held_on": date(2101, 1, 1)}, "held_on", "Enter a day between 2000 and 2100."),
        (
            {"held_on": date(2026, 9, 30)},
            "held_on",
            "September 2026 hadn’t ended by then: enter a later day, or choose another month.",
        ),
    ]


def test_a_draft_that_doesnt_hold_is_refused_in_a_sentence(town):
    meeting = meet(town)
    for options, field, sentence in wrong_drafts(town):
        for act in (
            lambda wanted: plan_meeting(town.area, wanted, by=town.coordinator),
            lambda wanted: change_meeting(meeting, wanted, revision=0, by=town.coordinator),
        ):
            with pytest.raises(ValidationError) as caught:
                act(draft(town, **options))
            assert refused(caught)[field] == [sentence]
    assert Meeting.objects.count() == 1


def test_a_version_counts_from_one(town):
    with pytest.raises(ValidationError) as caught:
        meet(town, period=draft(town).period, version=0)
    assert refused(caught) == {"looks_at": ["September 2026 has no version 0."]}


# --- Changed, and called off ------------------------------------------------------------------------


def test_is_changed_while_it_is_planned(town):
    meeting = meet(town)
    changed = change_meeting(meeting, draft(town, held_on=date(2026, 12, 1)), revision=0, by=town.coordinator)

    assert (changed.held_on, changed.revision) == (date(2026, 12, 1), 1)
    event = AuditEvent.objects.get(verb="meeting.changed")
    assert event.details["changes"] == {"held_on": ["2026-10-15", "2026-12-01"]}
    again = change_meeting(meeting, draft(town, held_on=date(2026, 12, 1)), revision=0, by=town.coordinator)
    assert again.revision == 1
    assert AuditEvent.objects.filter(verb="meeting.changed").count() == 1


def test_keeps_a_body_that_was_retired_meanwhile(town):
    group = make_group(town)
    meeting = meet(town, sub_group=group)
    type(group).objects.filter(pk=group.pk).update(retired=True)
    group.refresh_from_db()
    change_meeting(meeting, draft(town, sub_group=group, held_on=date(2026, 12, 1)), revision=0, by=town.coordinator)


def test_is_of_no_body_that_was_retired_after_it_was_chosen(town):
    group, meeting = make_group(town), meet(town)
    chosen = draft(town, sub_group=group)  # as a form that is open has it
    retire_sub_group(group, why="Done", by=town.coordinator)
    for act in (
        lambda: plan_meeting(town.area, chosen, by=town.coordinator),
        lambda: change_meeting(meeting, chosen, revision=0, by=town.coordinator),
    ):
        with pytest.raises(ValidationError) as caught:
            act()
        assert refused(caught) == {"body": ["Outreach sub-group is retired: choose another."]}


def test_is_called_off_with_a_reason(town):
    meeting = meet(town)
    with pytest.raises(ValidationError) as caught:
        call_off(meeting, why=" ", by=town.coordinator)
    assert refused(caught) == {"why": ["Say why you are cancelling it. Everyone invited can read the reason."]}
    off = call_off(meeting, why="  Too  few came ", by=town.coordinator)

    assert (off.state, off.called_off_why, off.called_off_by) == ("called_off", "Too few came", town.coordinator)
    assert call_off(meeting, why="Too few came", by=town.coordinator).revision == off.revision  # pressed twice
    details = AuditEvent.objects.get(verb="meeting.called_off").details
    assert details == {"from": "planned", "to": "called_off", "why": "Too few came"}
    for act, sentence in (
        (
            lambda: call_off(meeting, why="Snow", by=town.coordinator),
            "M1 was cancelled on 25 November 2026, so it can’t be cancelled again.",
        ),
        (
            lambda: change_meeting(meeting, draft(town), revision=1, by=town.coordinator),
            "M1 was cancelled on 25 November 2026, so it can’t be changed.",
        ),
        (lambda: record(town, meeting), "M1 was cancelled, so there is nothing to record."),
    ):
        with pytest.raises(TransitionRefused) as refusal:
            act()
        assert str(refusal.value) == sentence


# --- Recorded --------------------------------------------------------------------------------------


def test_stores_what_was_proposed_ticked_or_not_and_what_was_added(town):
    meeting, strand, action = meet(town), make_strand(town), plan(town)
    arrests = town.area.indicators.get(code="arrests")
    held = record(
        town,
        meeting,
        item(arrests, words="Arrests: above the usual range"),
        item(action, is_discussed=False, words="A1 Train all housing workers (red): " + "late " * 100),
        item(strand, why=WhyProposed.ADDED),
        notes="  First line\r\nsecond line ",
    )

    assert (held.state, held.notes, held.recorded_by) == ("held", "First line\nsecond line", town.coordinator)
    kept = list(AgendaItem.objects.values_list("position", "why", "is_discussed"))
    assert kept == [(0, "signal", True), (1, "red", False), (2, "added", True)]
    long = AgendaItem.objects.get(action=action).words
    assert (len(long), long[-1]) == (300, "…")
    details = AuditEvent.objects.get(verb="meeting.recorded").details
    assert details == {
        "from": "planned",
        "to": "held",
        "discussed": ["Arrests: above the usual range", "Prevent"],
    }


def test_is_not_recorded_before_its_day(town):
    tomorrow = timezone.localdate() + timedelta(days=1)
    meeting = meet(town, held_on=tomorrow)
    with pytest.raises(TransitionRefused, match="M1 is on 26 November 2026: you can record it from that day"):
        record(town, meeting)
    record(town, meet(town, held_on=timezone.localdate()))


def test_something_has_to_be_said(town):
    with pytest.raises(ValidationError) as caught:
        record(town, meet(town), item(make_strand(town), is_discussed=False), notes=" ")
    assert refused(caught) == {"discussed": ["Tick what was discussed, or enter what was said."]}


def test_what_cant_stand_on_an_agenda_is_refused(town, clock):
    clock("2026-10-14")
    meeting, action, asked = meet(town), plan(town), challenging.ask(town)
    complete = complete_action(planning.unmeasured(town), by=town.lead)
    withdraw(asked, why="Asked twice", seen=1, by=town.people[Role.STRATEGIC])
    asked.refresh_from_db()
    clock("2026-11-25")
    late = challenging.ask(town)
    elsewhere = make_strand(make_town("elsewhere"))
    for items, sentence in (
        ([item(action), item(action)], "“A1 Train all housing workers” is on the agenda twice."),
        ([item(elsewhere)], "“Prevent” belongs to another area."),
        (
            [item(complete, why=WhyProposed.ADDED)],
            "A2 ended on 14 October 2026, before the meeting, so it can’t be added.",
        ),
        ([item(asked)], "C1 ended on 14 October 2026, before the meeting, so it can’t be added."),
        ([item(late)], "C2 was raised on 25 November 2026, after the meeting, so it can’t be added."),
    ):
        with pytest.raises(ValidationError) as caught:
            record(town, meeting, *items)
        assert refused(caught) == {"discussed": [sentence]}
    with pytest.raises(ValidationError) as caught:
        record(town, meeting, notes="x" * 4001)
    assert refused(caught) == {"notes": ["Shorten the notes to 4,000 characters; they have 4,001."]}
    assert not AgendaItem.objects.exists()


def test_a_record_is_amended_with_a_reason_and_the_audit_keeps_what_was_ticked(town):
    first, second, third = (make_strand(town, code) for code in ("prevent", "pursue", "prepare"))
    meeting = record(town, meet(town), item(first), item(second, is_discussed=False))
    now = [item(first, is_discussed=False, words="Other words"), item(third, why=WhyProposed.ADDED)]
    with pytest.raises(ValidationError) as caught:
        record(town, meeting, *now)
    assert refused(caught) == {"why": ["Say why you are changing the record. The audit log keeps the reason."]}
    amended = record(town, meeting, *now, why="The minutes say so")

    assert (amended.state, amended.revision) == ("held", 2)
    kept = list(AgendaItem.objects.values_list("words", "is_discussed"))
    assert kept == [("Prevent", False), ("Pursue", False), ("Prepare", True)]
    details = AuditEvent.objects.filter(verb="meeting.recorded").latest("pk").details
    assert details["discussed"] == {"before": ["Prevent"], "after": ["Prepare"]}
    assert details["why"] == "The minutes say so"


def test_a_held_meeting_is_put_right_with_a_reason(town):
    group = strategic_group(town)
    meeting = hold(town, make_strand(town))
    right = draft(town, board=group, held_on=date(2026, 10, 16))
    with pytest.raises(ValidationError) as caught:
        change_meeting(meeting, right, revision=1, by=town.coordinator)
    assert refused(caught) == {"why": ["The meeting has been held, so say why you are changing it."]}
    with pytest.raises(ValidationError) as caught:
        change_meeting(meeting, draft(town, held_on=date(2026, 11, 26)), revision=1, why="So", by=town.coordinator)
    assert refused(caught) == {"held_on": ["The meeting has been held: enter today’s date or an earlier one."]}
    changed = change_meeting(meeting, right, revision=1, why="The group met", by=town.coordinator)

    assert (changed.board, changed.state, changed.revision, changed.items.count()) == (group, "held", 2, 1)
    assert AuditEvent.objects.get(verb="meeting.changed").details == {
        "changes": {"board": ["Board csp", "Strategic Group"], "held_on": ["2026-10-15", "2026-10-16"]},
        "why": "The group met",
    }
    assert strands_discussed(Meeting.objects.filter(board=town.csp)) == []
    assert len(strands_discussed(Meeting.objects.filter(board=group))) == 1


def test_a_held_meeting_is_not_called_off(town):
    meeting = hold(town, make_strand(town))
    with pytest.raises(TransitionRefused, match="M1 was held on 15 October 2026, so it can’t be cancelled"):
        call_off(meeting, why="Snow", by=town.coordinator)


def test_amending_leaves_what_left_the_plan_where_it_was(town):
    action, challenge = plan(town), challenging.ask(town)
    planned = meet(town, held_on=timezone.localdate())
    meeting = record(town, planned, item(action), item(challenge, why=WhyProposed.ADDED))
    archive_action(action, why="Not ours", by=town.coordinator)
    action.refresh_from_db()
    record(town, meeting, item(action), item(challenge, why=WhyProposed.ADDED), notes="More", why="Forgotten")
    assert AgendaItem.objects.filter(is_discussed=True).count() == 2


# --- Decisions -------------------------------------------------------------------------------------


def test_a_decision_is_an_action_that_names_its_meeting(town):
    meeting = hold(town, make_strand(town), board=strategic_group(town))
    action = plan(town, decided_in=meeting)

    assert (action.decided_in, list(meeting.decisions.all())) == (meeting, [action])
    assert AuditEvent.objects.get(verb="action.added").details["decided_in"] == "M1"
    changed = change_action(action, planning.draft(town, title="Train everyone"), revision=0, by=town.coordinator)
    assert changed.decided_in == meeting


def test_only_a_held_meeting_of_the_area_decides(town):
    other = make_town("elsewhere")
    for meeting, sentence in (
        (meet(town), "M1 isn’t recorded yet: record the meeting first."),
        (hold(other, make_strand(other)), "M1, Board csp belongs to another area."),
    ):
        with pytest.raises(ValidationError) as caught:
            add_action(town.area, planning.draft(town, decided_in=meeting), by=town.coordinator)
        assert refused(caught) == {"decided_in": [sentence]}


def test_where_it_was_decided_cant_change(town):
    action, meeting = plan(town), hold(town, make_strand(town))
    with pytest.raises(ValidationError) as caught:
        change_action(action, planning.draft(town, decided_in=meeting), revision=0, by=town.coordinator)
    assert refused(caught) == {"decided_in": ["You can’t change which meeting decided this action."]}
