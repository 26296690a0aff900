"""A button beside a reason that is pressed twice: the second press is no error, and nothing is done again."""

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from django.db.models import Model

from actions.models import Milestone
from actions.services import engagement, highlights, meetings, progress
from actions.services import plan as life
from boards.rules import Role
from core.labels import TransitionRefused
from core.models import AuditEvent
from tests.engagement import hear
from tests.engagement import tell as tell_session
from tests.factories import make_member
from tests.highlights import tell as tell_highlight
from tests.integration.clock import Clock
from tests.integration.rows import empty_the_record
from tests.meeting import make_group, meet
from tests.planning import plan, step
from tests.scenarios import Town, make_town

pytestmark = pytest.mark.django_db
type Act = Callable[..., object]


@pytest.fixture
def town(monkeypatch: pytest.MonkeyPatch) -> Town:
    Clock(monkeypatch)("2026-11-25")
    return make_town()


def retired(town: Town) -> Model:
    return meetings.retire_sub_group(make_group(town), why="Done", by=town.coordinator)


def archived_session(town: Town) -> Model:
    return engagement.archive_session(tell_session(town), why="Told twice", by=town.coordinator)


def archived_highlight(town: Town) -> Model:
    return highlights.archive_highlight(tell_highlight(town), why="Told twice", by=town.coordinator)


def answered(town: Town) -> Model:
    voice = hear(tell_session(town), by=town.lead, due_on=date(2026, 11, 30))
    return engagement.close_voice(voice, did="Lamps were put up.", revision=0, by=town.lead)


def reopen(voice: Any, **options: Any) -> object:
    return engagement.reopen_voice(voice, revision=1, **options)


def complete(town: Town) -> Model:
    return life.complete_action(plan(town), by=town.coordinator)


def archived_action(town: Town) -> Model:
    return life.archive_action(plan(town), why="Not ours", by=town.coordinator)


def to_do(town: Town) -> Milestone:
    return step(plan(town), by=town.coordinator)


def done(town: Town) -> Model:
    return progress.tick_milestone(to_do(town), done=True, by=town.coordinator)


def remove(milestone: Any, **options: Any) -> object:
    return progress.remove_milestone(milestone, revision=0, **options)


def undo(milestone: Any, **options: Any) -> object:
    return progress.tick_milestone(milestone, done=False, **options)


@pytest.mark.parametrize("is_pruned", [False, True])
@pytest.mark.parametrize(
    ("make", "act", "verb"),
    [
        (complete, life.reopen_action, "action.reopened"),
        (plan, life.archive_action, "action.archived"),
        (archived_action, life.bring_back, "action.brought_back"),
        (to_do, remove, "milestone.removed"),
        (done, undo, "milestone.undone"),
        (meet, meetings.call_off, "meeting.called_off"),
        (make_group, meetings.retire_sub_group, "sub_group.retired"),
        (retired, meetings.bring_back_sub_group, "sub_group.brought_back"),
        (tell_session, engagement.archive_session, "session.archived"),
        (archived_session, engagement.bring_back_session, "session.brought_back"),
        (answered, reopen, "voice.reopened"),
        (tell_highlight, highlights.archive_highlight, "highlight.archived"),
        (archived_highlight, highlights.bring_back_highlight, "highlight.brought_back"),
    ],
)
def test_it_is_done_once(town: Town, make: Callable[[Town], Any], act: Act, verb: str, is_pruned: bool):
    """… whether or not the audit is still there to tell."""
    row, other = make(town), make_member(town.area, Role.COORDINATOR)
    first = act(row, why="So it is", by=town.coordinator)
    done = AuditEvent.objects.filter(verb=verb)
    assert done.count() == 1
    if is_pruned:
        empty_the_record()
    assert act(row, why=" So  it is ", by=town.coordinator) == first
    assert done.count() == (0 if is_pruned else 1)
    for options in ({"why": "Otherwise", "by": town.coordinator}, {"why": "So it is", "by": other}):
        with pytest.raises(TransitionRefused):
            act(row, **options)
