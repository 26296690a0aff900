"""Two change the plan at the same moment: numbers are given once, one change is kept and the other told."""

from concurrent.futures import ThreadPoolExecutor

import pytest

from actions.models import Action, Milestone
from actions.services.plan import change_action, complete_action
from actions.services.progress import add_milestone, add_update, tick_milestone
from actions.workflow import Rag
from boards.rules import Role
from core.models import AuditEvent
from tests.integration.at_once import at_once
from tests.planning import DUE, draft, make_strand, plan, step
from tests.scenarios import Town, make_town

pytestmark = pytest.mark.both_databases


@pytest.fixture
def town(shared_database: str) -> Town:
    town = make_town()
    make_strand(town)
    return town


def test_each_new_action_has_a_number_of_its_own(town: Town, others: ThreadPoolExecutor):
    assert at_once(others, [lambda: plan(town)] * 4) == [""] * 4
    assert sorted(Action.objects.values_list("number", flat=True)) == [1, 2, 3, 4]


def test_of_two_changes_one_is_kept_and_the_other_told(town: Town, others: ThreadPoolExecutor):
    action = plan(town)
    drafts = [draft(town, title=title) for title in ("Train everyone", "Train a few")]
    told = at_once(
        others,
        [lambda mine=mine: change_action(action, mine, revision=0, by=town.coordinator) for mine in drafts],
    )
    assert sorted(words == "" for words in told) == [False, True]
    kept = drafts[told.index("")].title
    assert f"title: {kept}" in "".join(told)
    action.refresh_from_db()
    assert (action.title, action.revision) == (kept, 1)
    assert AuditEvent.objects.filter(verb="action.changed").count() == 1


def test_a_new_milestone_and_completing_do_not_pass_each_other(town: Town, others: ThreadPoolExecutor):
    action = plan(town)
    told = at_once(
        others,
        [
            lambda: add_milestone(action, title="Book a trainer", due_on=DUE, by=town.coordinator),
            lambda: complete_action(action, by=town.lead),
        ],
    )
    action.refresh_from_db()
    assert sorted(words == "" for words in told) == [False, True]
    assert (action.state == "complete") is (not Milestone.objects.exists())


def test_two_updates_are_both_kept(town: Town, others: ThreadPoolExecutor):
    action, member = plan(town), town.people[Role.BOARD_MEMBER]
    at_once(
        others,
        [
            lambda: add_update(action, text="Booked", rag=Rag.GREEN, by=member),
            lambda: add_update(action, text="Late", rag=Rag.AMBER, rag_why="No room", by=town.lead),
        ],
    )
    action.refresh_from_db()
    assert action.updates.count() == 2
    assert action.rag == action.updates.first().rag


def test_a_box_that_two_tick_is_ticked_once(town: Town, others: ThreadPoolExecutor):
    milestone = step(plan(town), by=town.coordinator)
    at_once(others, [lambda: tick_milestone(milestone, done=True, by=town.lead)] * 4)
    assert AuditEvent.objects.filter(verb="milestone.done").count() == 1
