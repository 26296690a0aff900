"""What is done to the plan: by whom, what is refused and in which words, and what the audit log keeps of it."""

import contextlib
from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.utils import timezone

from actions.models import Action, ActionChange, ActionUpdate, Milestone
from actions.presenters.plan import describe_progress
from actions.selectors.challenges import list_held
from actions.selectors.plan import left_in, list_plan, own_actions, rows_with
from actions.services.plan import (
    add_action,
    archive_action,
    bring_back,
    change_action,
    complete_action,
    hand_over,
    reopen_action,
)
from actions.services.progress import (
    add_update,
    change_milestone,
    remove_milestone,
    tick_milestone,
    tick_milestones,
)
from actions.workflow import ActionState, Rag
from boards.models import Membership
from boards.permissions import access_to
from boards.rules import Role
from boards.services.people import revoke_role
from core.labels import TransitionRefused
from core.models import AuditEvent, User
from tests.factories import make_board, make_indicator, make_member, make_user
from tests.integration.clock import Clock, clock_at
from tests.planning import DUE, STARTS, draft, make_owner, make_strand, open_work, plan, step, unmeasured
from tests.scenarios import Town, make_town

pytestmark = pytest.mark.django_db


@pytest.fixture
def action(town: Town) -> Action:
    return plan(town)


clock = clock_at()


@pytest.fixture
def owner(town: Town) -> User:
    return town.people[Role.BOARD_MEMBER]


def refusal(act: Callable[[], object]) -> dict[str, list[str]]:
    with pytest.raises(ValidationError) as refused:
        act()
    return refused.value.message_dict if hasattr(refused.value, "error_dict") else {"": refused.value.messages}


def last() -> tuple[str, dict[str, Any]]:
    event = AuditEvent.objects.latest("id")
    return event.verb, event.details


# --- Into the plan, and changed --------------------------------------------------------------------


def test_an_area_counts_its_actions(town: Town):
    elsewhere = make_town("elsewhere")
    assert [plan(town).reference, plan(town).reference, plan(elsewhere).reference] == ["A1", "A2", "A1"]


def test_a_new_action_is_open_and_green(town: Town):
    before = timezone.now()
    action = plan(town, title="  Train   all housing workers ")
    assert (action.state, action.rag, action.title) == ("open", "green", "Train all housing workers")
    assert action.added_at >= before
    assert action.added_by == town.coordinator
    verb, details = last()
    assert (verb, details) == ("action.added", {"owner": "board-member@testford.example", "due_on": "2027-03-31"})


@pytest.mark.parametrize(
    ("typed", "field", "words"),
    [
        ({"title": " "}, "title", "Enter in a few words what will be done"),
        ({"title": "To train all housing workers"}, "title", "Start with the verb itself"),
        ({"title": "Train all housing workers."}, "title", "Remove the full stop"),
        ({"title": "x" * 121}, "title", "Shorten the title to 120 characters; it has 121."),
        ({"due_on": STARTS}, "due_on", "The action starts on 1 April 2026: choose a later due date."),
        ({"due_on": date(2026, 3, 31)}, "due_on", "The action starts on 1 April 2026: choose a later due date."),
        ({"starts_on": date(1066, 10, 14)}, "starts_on", "Enter a day between 2000 and 2100."),
        ({"due_on": date(9999, 12, 31)}, "due_on", "Enter a day between 2000 and 2100."),
        (
            {"measure": None},
            "measure",
            "Choose the indicator that this action aims to change, or say why there is none.",
        ),
        ({"no_measure_why": "x" * 301}, "no_measure_why", "Shorten the reason to 300 characters; it has 301."),
    ],
)
def test_a_draft_that_does_not_hold(town: Town, typed: dict[str, Any], field: str, words: str):
    faults = refusal(lambda: plan(town, **typed))
    assert list(faults) == [field]
    assert words in faults[field][0]
    assert not Action.objects.exists()


def test_a_measure_and_a_reason_for_having_none_are_one_too_many(town: Town, action: Action):
    both = draft(town, measure=action.measure, no_measure_why="No one counts it")
    assert list(refusal(lambda: add_action(town.area, both, by=town.coordinator))) == ["no_measure_why"]


def test_nothing_of_another_area_and_nothing_retired(town: Town):
    elsewhere = make_town("elsewhere")
    foreign = {
        "strand": make_strand(elsewhere),
        "board": elsewhere.csp,
        "agency": elsewhere.police,
        "measure": make_indicator(elsewhere.police, "cuckooed"),
        "owner": elsewhere.coordinator,
    }
    assert set(refusal(lambda: plan(town, **foreign))) == set(foreign)
    retired = make_board(town.area, "old", retired=True)
    gone = make_indicator(town.police, "old", retired_from=date(2026, 1, 1))
    assert set(refusal(lambda: plan(town, board=retired, measure=gone))) == {"board", "measure"}
    asleep = make_member(town.area, Role.ANALYST)
    asleep.is_active = False
    asleep.save()
    assert refusal(lambda: plan(town, owner=asleep))["owner"] == [
        f"{asleep} has no role in Testford: choose someone who does."
    ]


def test_a_change_is_kept_with_its_reason(town: Town, action: Action, owner: User):
    later = date(2027, 6, 30)
    wanted = draft(town, due_on=later, owner=town.lead, title="Train everyone")

    changed = change_action(action, wanted, revision=0, why="The  trainer left", by=town.coordinator)

    assert (changed.title, changed.due_on, changed.owner, changed.revision) == (
        "Train everyone",
        later,
        town.lead,
        1,
    )
    kept = {change.field: (change.before, change.after, change.why) for change in action.changes.all()}
    assert kept == {
        "owner": (str(owner), str(town.lead), "The trainer left"),
        "due_on": ("31 March 2027", "30 June 2027", "The trainer left"),
    }
    verb, details = last()
    assert verb == "action.changed"
    assert details["why"] == "The trainer left"
    assert details["changes"] == {
        "title": ["Train all housing workers", "Train everyone"],
        "owner": [str(owner), str(town.lead)],
        "due_on": ["2027-03-31", "2027-06-30"],
    }


def test_owner_and_due_date_change_only_with_a_reason(town: Town, action: Action):
    wanted = draft(town, due_on=date(2027, 6, 30), owner=town.lead)
    faults = refusal(lambda: change_action(action, wanted, revision=0, why=" ", by=town.coordinator))
    assert faults == {"why": ["Say why you are changing the owner and the due date."]}
    action.refresh_from_db()
    assert (action.due_on, action.revision) == (DUE, 0)
    change_action(action, draft(town, title="Train everyone"), revision=0, by=town.coordinator)
    assert not ActionChange.objects.exists()


def test_what_it_has_already_may_be_of_the_past(town: Town, action: Action, owner: User):
    """A retired board and an owner who left stay, while something else is changed."""
    make_board(town.area, "other")
    town.csp.retired = True
    town.csp.save()
    Membership.objects.filter(user=owner).delete()
    changed = change_action(action, draft(town, title="Train everyone"), revision=0, by=town.coordinator)
    assert (changed.board, changed.owner) == (town.csp, owner)


# --- How it’s going -----------------------------------------------------------------------------------


def test_an_update_says_how_it_goes_from_now_on(town: Town, action: Action, owner: User):
    add_update(action, text=" The trainer is booked.\r\nIt starts in May. ", rag=Rag.AMBER, rag_why="Late", by=owner)
    action.refresh_from_db()
    assert (action.rag, action.rag_why) == ("amber", "Late")
    (update,) = action.updates.all()
    assert update.text == "The trainer is booked.\nIt starts in May."
    assert last() == (
        "action.updated",
        {"from": "green", "to": "amber", "why": "Late", "update": update.pk},
    )
    add_update(action, text="On time again.", rag=Rag.GREEN, rag_why="Late", by=owner)
    action.refresh_from_db()
    assert (action.rag, action.rag_why) == ("green", "")


@pytest.mark.parametrize(
    ("typed", "field", "words"),
    [
        ({"text": " \n"}, "text", "Enter what was done, or what is in the way."),
        ({"text": "x" * 4001}, "text", "Shorten the update to 4,000 characters; it has 4,001."),
        ({"rag": Rag.RED}, "rag_why", "Say why it is red."),
        ({"rag": Rag.AMBER, "rag_why": " "}, "rag_why", "Say why it is amber."),
        ({"rag": Rag.RED, "rag_why": "x" * 501}, "rag_why", "Shorten the reason to 500 characters; it has 501."),
        ({"rag": Rag.BLUE}, "rag", "Blue means complete: mark the action as complete instead."),
    ],
)
def test_an_update_that_does_not_hold(action: Action, owner: User, typed: dict[str, Any], field: str, words: str):
    asked: dict[str, Any] = {"text": "Done", "rag": Rag.GREEN, "rag_why": ""} | typed
    assert refusal(lambda: add_update(action, **asked, by=owner)) == {field: [words]}


def test_the_words_of_last_month_are_an_update_too(action: Action, owner: User, town: Town, clock: Clock):
    for day in ("2026-10-20", "2026-11-20"):
        clock(day)
        add_update(action, text="On track", rag=Rag.GREEN, by=owner)
    assert [timezone.localdate(update.made_at).month for update in action.updates.all()] == [11, 10]
    (own,) = own_actions(access_to(town.area, by=owner), today=date(2026, 11, 20))
    assert not own.is_owed


def test_milestones_are_ticked_and_with_a_reason_unticked(town: Town, action: Action, owner: User, clock: Clock):
    clock("2026-11-05")
    milestone = step(action, by=town.coordinator)
    assert tick_milestone(milestone, done=True, by=owner).done_by == owner
    assert last() == ("milestone.done", {"action": "A1", "from": "to do", "to": "done", "why": ""})
    count = AuditEvent.objects.count()
    tick_milestone(milestone, done=True, by=town.lead)
    assert AuditEvent.objects.count() == count
    assert refusal(lambda: tick_milestone(milestone, done=False, by=owner)) == {
        "why": ["Say why you are marking it as not done."]
    }
    for why in ("Half  of them stayed away", "Half of them stayed away"):  # a button that was pressed twice
        assert not tick_milestone(milestone, done=False, why=why, by=owner).is_done
    told = {"action": "A1", "from": "done", "to": "to do", "why": "Half of them stayed away"}
    assert last() == ("milestone.undone", told)
    (change,) = action.changes.all()
    assert (change.field, change.before, change.after, change.why, change.made_by) == (
        "milestone",
        "“Agree the training” (done on 5 November 2026)",
        "not done",
        "Half of them stayed away",
        owner,
    )
    with pytest.raises(TransitionRefused, match="is already marked as not done"):
        tick_milestone(milestone, done=False, why="No one came", by=town.lead)


def test_all_that_are_ticked_are_saved_or_none(town: Town, action: Action, owner: User):
    kept, removed = step(action, by=town.coordinator), step(action, "Train all doormen", by=town.coordinator)
    remove_milestone(removed, why="Not needed", revision=0, by=town.coordinator)
    with pytest.raises(TransitionRefused):
        tick_milestones([kept, removed], by=owner)
    assert not action.milestones.exclude(done_at=None).exists()


def test_a_milestone_lies_in_the_actions_time(town: Town, action: Action):
    for due_on in (date(2026, 3, 31), date(2027, 4, 1)):
        faults = refusal(lambda due_on=due_on: step(action, by=town.coordinator, due_on=due_on))
        assert faults == {"due_on": ["A1 runs from 1 April 2026 to 31 March 2027: choose a due date in that time."]}
    assert list(refusal(lambda: step(action, "To agree", by=town.coordinator))) == ["title"]
    for due_on in (STARTS, DUE):
        step(action, by=town.coordinator, due_on=due_on)


def test_a_milestone_moves_with_a_reason(town: Town, action: Action):
    milestone = step(action, by=town.coordinator)
    change_milestone(milestone, title="Agree it all", due_on=milestone.due_on, revision=0, by=town.coordinator)
    assert not ActionChange.objects.exists()

    def move(why: str) -> Milestone:
        return change_milestone(milestone, title="Agree it", due_on=DUE, revision=1, why=why, by=town.coordinator)

    assert refusal(lambda: move(" ")) == {"why": ["Say why you are changing the due date."]}
    assert (move("The trainer left").due_on, milestone.action.revision) == (DUE, 0)
    told = {"from": ["Agree it all", "2026-12-01"], "to": ["Agree it", "2027-03-31"], "why": "The trainer left"}
    assert last() == ("milestone.changed", {"action": "A1"} | told)
    (change,) = action.changes.all()
    assert (change.before, change.after, change.why, change.made_by) == (
        "“Agree it all” (due 1 December 2026)",
        "“Agree it” (due 31 March 2027)",
        "The trainer left",
        town.coordinator,
    )
    assert move("The trainer left").revision == 2  # a form that was sent twice
    assert action.changes.count() == 1


def test_a_milestone_is_taken_out_until_it_is_done_and_is_kept(town: Town, action: Action, owner: User, clock: Clock):
    clock("2026-11-05")
    milestone, by = step(action, by=town.coordinator), town.coordinator
    tick_milestone(milestone, done=True, by=owner)
    with pytest.raises(TransitionRefused, match="“Agree the training” is done, so you can’t remove it"):
        remove_milestone(milestone, why="Not needed", revision=0, by=by)
    tick_milestone(milestone, done=False, why="Half stayed away", by=owner)
    assert refusal(lambda: remove_milestone(milestone, why="", revision=0, by=by)) == {
        "why": ["Say why you are removing it."]
    }
    for _ in range(2):  # a button that was pressed twice
        out = remove_milestone(milestone, why="Not needed", revision=0, by=by)
    assert (out.removed_by, out.removed_why, out.done_at) == (by, "Not needed", None)
    told = {"action": "A1", "from": "2026-12-01", "to": "removed", "why": "Not needed"}
    assert last() == ("milestone.removed", told)
    change = action.changes.first()
    assert (change.before, change.after, change.why) == (
        "“Agree the training” (due 1 December 2026)",
        "removed",
        "Not needed",
    )
    assert action.changes.count() == 2
    for act in (
        lambda: tick_milestone(milestone, done=True, by=owner),
        lambda: change_milestone(milestone, title="X", due_on=DUE, revision=1, why="Why", by=by),
        lambda: remove_milestone(milestone, why="Done by others", revision=1, by=by),
    ):
        with pytest.raises(TransitionRefused, match=r"removed .* from A1 on 5 November 2026: Not needed"):
            act()


def test_what_was_taken_out_counts_nowhere(town: Town, action: Action, owner: User):
    kept, out = (step(action, title, by=town.coordinator, due_on=STARTS) for title in ("Book", "Hire a hall"))
    tick_milestone(kept, done=True, by=owner)
    remove_milestone(out, why="Not needed", revision=0, by=town.coordinator)
    assert describe_progress(Action.objects.get()) == "1 of 1 milestone done"
    assert [describe_progress(each) for each in list_plan(town.area)] == ["1 of 1 milestone done"]
    (row,) = rows_with([action.pk])
    assert (row.steps, row.steps_done) == (1, 1)
    (own,) = own_actions(access_to(town.area, by=owner), today=date(2026, 11, 20))
    assert own.steps == []
    # Nor does it hold the action to its days, or open.
    tick_milestone(kept, done=False, why="Cancelled", by=owner)
    remove_milestone(kept, why="Not needed", revision=0, by=town.coordinator)
    later = draft(town, starts_on=date(2026, 5, 1))
    assert change_action(action, later, revision=0, by=town.coordinator).starts_on == date(2026, 5, 1)
    assert complete_action(action, by=owner).state == "complete"
    assert Milestone.objects.count() == 2
    with pytest.raises(Exception, match="protected"):
        Action.objects.get().delete()


# --- Its life --------------------------------------------------------------------------------------


def test_an_action_with_open_milestones_is_not_complete(town: Town, action: Action, owner: User):
    done, waits = step(action, "Book a trainer", by=town.coordinator), step(action, by=town.coordinator)
    tick_milestone(done, done=True, by=owner)
    with pytest.raises(TransitionRefused, match="“Agree the training” is still to do"):
        complete_action(action, by=owner)
    tick_milestone(waits, done=True, by=owner)
    complete = complete_action(action, text="All were trained.", by=owner)
    assert (complete.state, complete.rag, complete.completed_by) == ("complete", "blue", owner)
    assert [(update.text, update.rag) for update in action.updates.all()] == [("All were trained.", "blue")]
    assert last() == ("action.completed", {"from": "open", "to": "complete"})
    complete_action(action, text=" All were trained.", by=owner)  # a button that was pressed twice
    assert action.updates.count() == 1


def test_of_two_who_say_that_it_is_complete_the_second_is_told(town: Town, action: Action, owner: User, clock: Clock):
    clock("2026-11-05")
    complete_action(action, by=owner)
    complete_action(action, by=owner)  # a button that was pressed twice
    for by, text in ((town.lead, "All 40 were trained."), (town.lead, ""), (owner, "All 40 were trained.")):
        who = "You" if by == owner else "board-member"
        told = f"{who} marked A1 as complete on 5 November 2026 at 10:00. We didn’t save your update"
        with pytest.raises(TransitionRefused, match=told):
            complete_action(action, text=text, by=by)
    assert [update.text for update in action.updates.all()] == ["Complete."]


def test_reopened_it_goes_on_as_it_was_judged_before(action: Action, owner: User):
    add_update(action, text="Late", rag=Rag.AMBER, rag_why="No trainer", by=owner)
    complete_action(action, by=owner)
    assert list(refusal(lambda: reopen_action(action, why=" ", by=owner))) == ["why"]
    opened = reopen_action(action, why="Two teams were left out", by=owner)
    assert (opened.state, opened.rag, opened.rag_why, opened.completed_at) == ("open", "amber", "No trainer", None)
    assert action.updates.first().text == "Reopened: Two teams were left out"
    assert last() == ("action.reopened", {"from": "complete", "to": "open", "why": "Two teams were left out"})
    with pytest.raises(TransitionRefused, match="A1 is open, so it can’t be reopened"):
        reopen_action(action, why="Once more", by=owner)


@pytest.mark.parametrize("was", [ActionState.OPEN, ActionState.COMPLETE])
def test_archived_it_leaves_the_plan_and_can_come_back(town: Town, action: Action, owner: User, was: ActionState):
    if was is ActionState.COMPLETE:
        complete_action(action, by=owner)
    archived = archive_action(action, why="It belongs to another plan", by=town.coordinator)
    assert (archived.state, archived.archived_why) == ("archived", "It belongs to another plan")
    assert last() == ("action.archived", {"from": was.value, "to": "archived", "why": "It belongs to another plan"})
    assert list_plan(town.area) == []
    for act in (
        lambda: add_update(action, text="Done", rag=Rag.GREEN, by=owner),
        lambda: change_action(action, draft(town, title="Other"), revision=0, by=town.coordinator),
        lambda: step(action, by=town.coordinator),
        lambda: complete_action(action, by=owner),
        lambda: reopen_action(action, why="Not done", by=owner),
        lambda: archive_action(action, why="Again", by=town.coordinator),
    ):
        with pytest.raises(TransitionRefused):
            act()
    back = bring_back(action, why="It doesn’t", by=town.coordinator)
    assert (back.state, back.rag, back.completed_at, back.archived_at) == ("open", "green", None, None)
    assert list_plan(town.area) == [action]
    with pytest.raises(TransitionRefused, match="it is already in the plan"):
        bring_back(action, why="Once more", by=town.coordinator)


# --- Who may ---------------------------------------------------------------------------------------

ACTS: dict[str, Callable[[Town, Action, Milestone, User], object]] = {
    "add": lambda town, action, milestone, by: add_action(town.area, draft(town), by=by),
    "change": lambda town, action, milestone, by: change_action(action, draft(town, title="X"), revision=0, by=by),
    "archive": lambda town, action, milestone, by: archive_action(action, why="Why", by=by),
    "bring_back": lambda town, action, milestone, by: bring_back(action, why="Why", by=by),
    "hand_over": lambda town, action, milestone, by: hand_over(action.owner, by, area=town.area, why="Why", by=by),
    "add_milestone": lambda town, action, milestone, by: step(action, by=by),
    "change_milestone": lambda town, action, milestone, by: change_milestone(
        milestone, title="X", due_on=DUE, revision=0, why="Why", by=by
    ),
    "remove_milestone": lambda town, action, milestone, by: remove_milestone(milestone, why="Why", revision=0, by=by),
    "update": lambda town, action, milestone, by: add_update(action, text="X", rag=Rag.GREEN, by=by),
    "tick": lambda town, action, milestone, by: tick_milestone(milestone, done=True, by=by),
    "complete": lambda town, action, milestone, by: complete_action(action, by=by),
    "reopen": lambda town, action, milestone, by: reopen_action(action, why="Why", by=by),
}
OF_ITS_OWNER = {"update", "tick", "complete", "reopen"}


@pytest.mark.parametrize("what", ACTS)
def test_who_may(town: Town, what: str):
    owner = make_owner(town)
    action = plan(town, owner=owner)
    milestone = step(action, by=town.coordinator)
    somebody = [*(person for role, person in town.people.items() if role is not Role.COORDINATOR), owner, make_user()]
    allowed = {town.lead, owner} if what in OF_ITS_OWNER else set()
    for person in somebody:
        if person not in allowed:
            with pytest.raises(PermissionDenied):
                ACTS[what](town, action, milestone, person)
    for person in allowed:
        with contextlib.suppress(TransitionRefused, ValidationError):  # it may, and it can't be
            ACTS[what](town, action, milestone, person)


def test_an_owner_who_left_may_no_more(town: Town, action: Action, owner: User):
    Membership.objects.filter(user=owner).delete()
    with pytest.raises(PermissionDenied):
        add_update(action, text="Done", rag=Rag.GREEN, by=owner)


# --- Somebody left ---------------------------------------------------------------------------------


def test_what_somebody_left_behind_is_handed_over_at_once(town: Town, owner: User):
    mine = [plan(town), unmeasured(town), plan(town)]
    complete_action(mine[2], by=owner)
    theirs = plan(town, owner=town.lead)
    assert left_in(list_held(town.area), *open_work(town.area)) == []
    revoke_role(Membership.objects.get(user=owner), by=town.coordinator)
    (left,) = left_in(list_held(town.area), *open_work(town.area))
    assert (left.person, left.actions, left.challenges) == (owner.pk, 2, 0)

    hand_over(owner, town.lead, area=town.area, why="They left", by=town.coordinator)

    assert left_in(list_held(town.area), *open_work(town.area)) == []
    assert [action.owner for action in Action.objects.order_by("number")] == [town.lead, town.lead, owner, town.lead]
    assert {change.action_id for change in ActionChange.objects.all()} == {mine[0].pk, mine[1].pk}
    assert AuditEvent.objects.filter(verb="action.handed_over").count() == 2
    assert last()[1] == {"from": owner.email, "to": town.lead.email, "why": "They left"}
    theirs.refresh_from_db()
    assert theirs.revision == 0
    with pytest.raises(ValidationError, match="has no open actions in Testford now"):
        hand_over(owner, town.lead, area=town.area, why="They left", by=town.coordinator)


def test_every_update_is_kept(town: Town, action: Action, owner: User):
    """Deleting what has history is refused by the database itself."""
    add_update(action, text="Booked", rag=Rag.GREEN, by=owner)
    with pytest.raises(Exception, match="protected"):
        action.delete()
    assert ActionUpdate.objects.count() == 1
