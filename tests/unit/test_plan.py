"""What an action says of itself, and which state may follow which."""

from datetime import UTC, date, datetime

import pytest

from actions.models import Action
from actions.presenters.plan import (
    describe_day,
    describe_due,
    describe_steps,
    is_overdue,
    rag_counts,
    rag_sentence,
)
from actions.workflow import ACTION, ActionState, Rag
from core.labels import TransitionRefused
from core.texts import count_of_noun

TODAY = date(2026, 11, 5)


@pytest.mark.parametrize(
    ("due_on", "words"),
    [
        (date(2026, 11, 4), "Overdue by 1 day: due 4 November 2026"),
        (date(2026, 10, 24), "Overdue by 12 days: due 24 October 2026"),
        (date(2022, 11, 5), "Overdue by 1,461 days: due 5 November 2022"),
        (TODAY, "Due today, 5 November 2026"),
        (date(2026, 11, 6), "Due 6 November 2026"),
    ],
)
def test_when_it_is_due(due_on, words):
    assert describe_day(due_on, TODAY) == words


def test_what_is_over_is_never_overdue():
    moment = datetime(2026, 11, 1, 10, tzinfo=UTC)
    long_ago = date(2020, 1, 1)
    complete = Action(state="complete", due_on=long_ago, completed_at=moment)
    archived = Action(state="archived", due_on=long_ago, archived_at=moment)
    assert describe_due(complete, TODAY) == "Completed on 1 November 2026"
    assert describe_due(archived, TODAY) == "Archived on 1 November 2026"
    assert not is_overdue(complete, TODAY)
    assert not is_overdue(archived, TODAY)
    assert is_overdue(Action(state="open", due_on=long_ago), TODAY)
    assert not is_overdue(Action(state="open", due_on=TODAY), TODAY)


def test_progress_is_counted():
    assert describe_steps(0, 0) == "No milestones yet"
    assert describe_steps(0, 1) == "0 of 1 milestone done"
    assert describe_steps(2, 5) == "2 of 5 milestones done"


def test_the_worst_comes_first():
    rags = ["green", "red", "blue", "green", "amber"]
    assert rag_counts(rags) == [(Rag.RED, 1), (Rag.AMBER, 1), (Rag.GREEN, 2), (Rag.BLUE, 1)]
    assert rag_sentence(rags) == "1 red, 1 amber, 2 green, 1 blue"
    assert rag_sentence([]) == ""


def test_one_and_several():
    assert [count_of_noun(number, "action") for number in (0, 1, 2000)] == ["0 actions", "1 action", "2,000 actions"]


def test_the_life_of_an_action():
    for before, after in ((ActionState.ARCHIVED, ActionState.COMPLETE), (ActionState.OPEN, ActionState.OPEN)):
        with pytest.raises(TransitionRefused, match="A1 is"):
            ACTION.check(before=before, after=after, thing="A1")
    assert set(ACTION.transitions) == set(ActionState)
