"""Two answer a challenge at the same moment, or ask at the same moment: nothing is doubled or lost."""

from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor

import pytest
from django.core.exceptions import ValidationError

from actions.models import Challenge
from actions.services.challenges import answer, escalate, hand_over_challenge, press, withdraw
from actions.services.plan import hand_over_work
from boards.models import Membership
from boards.rules import Role
from boards.services.people import revoke_role
from core.labels import TransitionRefused
from core.models import AuditEvent
from tests.challenging import ask
from tests.factories import make_member
from tests.integration.at_once import at_once
from tests.integration.test_rollup_at_once import A_MOMENT, SOON, half_done, on_its_own
from tests.scenarios import Town, make_town

pytestmark = pytest.mark.both_databases


@pytest.fixture
def town(shared_database: str) -> Town:
    return make_town()


def test_of_two_answers_one_is_kept_and_the_other_told(town: Town, others: ThreadPoolExecutor):
    """Two chairs of the board that it was escalated to."""
    chairs = [town.people[Role.BOARD_CHAIR], make_member(town.area, Role.BOARD_CHAIR, board=town.csp)]
    challenge = escalate(ask(town), to=town.csp, why="No answer", by=town.people[Role.STRATEGIC])
    told = at_once(
        others,
        [lambda chair=chair: answer(challenge, text=f"From {chair}", seen=2, by=chair) for chair in chairs],
    )
    assert sorted(words == "" for words in told) == [False, True]
    kept = chairs[told.index("")]
    assert f"{kept} answered on" in "".join(told)
    assert [entry.text for entry in challenge.entries.all()][2:] == [f"From {kept}"]
    assert AuditEvent.objects.filter(verb="challenge.answered").count() == 1


def test_one_button_pressed_many_times_answers_once(town: Town, others: ThreadPoolExecutor):
    challenge, member = ask(town), town.people[Role.BOARD_MEMBER]
    told = at_once(others, [lambda: answer(challenge, text="Done", seen=1, by=member)] * 4)
    assert told == [""] * 4
    assert challenge.entries.count() == 2


def test_an_answer_and_a_withdrawal_do_not_both_count(town: Town, others: ThreadPoolExecutor):
    challenge, member, raiser = ask(town), town.people[Role.BOARD_MEMBER], town.people[Role.STRATEGIC]
    told = at_once(
        others,
        [
            lambda: answer(challenge, text="Done", seen=1, by=member),
            lambda: withdraw(challenge, why="By mistake", seen=1, by=raiser),
        ],
    )
    assert sorted(words == "" for words in told) == [False, True]
    challenge.refresh_from_db()
    assert challenge.state == ("answered" if told[0] == "" else "withdrawn")
    assert challenge.entries.count() == 2


def test_two_who_press_at_once_press_once(town: Town, others: ThreadPoolExecutor):
    challenge = answer(ask(town), text="Done", seen=1, by=town.people[Role.BOARD_MEMBER])
    group = [town.people[Role.STRATEGIC], make_member(town.area, Role.STRATEGIC)]
    told = at_once(others, [lambda by=by: press(challenge, text=f"Says {by}", seen=2, by=by) for by in group])
    assert sorted(words == "" for words in told) == [False, True]
    assert challenge.entries.count() == 3


def test_each_gets_a_number_of_its_own(town: Town, others: ThreadPoolExecutor):
    told = at_once(others, [lambda: ask(town)] * 4)
    assert told == [""] * 4
    assert sorted(Challenge.objects.values_list("number", flat=True)) == [1, 2, 3, 4]


def waits[Result](others: ThreadPoolExecutor, act: Callable[[], Result]) -> Future[Result]:
    """Start an act that has to wait for one that is half done."""
    begun = others.submit(on_its_own(act))
    with pytest.raises(TimeoutError):
        begun.result(A_MOMENT)
    return begun


def test_what_a_third_person_got_meanwhile_is_not_taken_from_them(town: Town, others: ThreadPoolExecutor):
    given, kept = ask(town), ask(town)
    left, heir = town.people[Role.BOARD_MEMBER], town.people[Role.BOARD_CHAIR]
    third = make_member(town.area, Role.BOARD_MEMBER, board=town.csp)
    with half_done(others, lambda: hand_over_challenge(given, third, why="Away", by=town.coordinator)):
        work = waits(others, lambda: hand_over_work(left, heir, area=town.area, why="They left", by=town.coordinator))
    assert [each.pk for each in work.result(SOON).challenges] == [kept.pk]
    assert [each.answerer for each in Challenge.objects.order_by("number")] == [third, heir]


def test_somebody_who_got_a_challenge_just_now_can_answer_it(town: Town, others: ThreadPoolExecutor):
    challenge, third = ask(town), make_member(town.area, Role.BOARD_MEMBER, board=town.csp)
    with half_done(others, lambda: hand_over_challenge(challenge, third, why="Away", by=town.coordinator)):
        answered = waits(others, lambda: answer(challenge, text="Done", seen=2, by=third))
    assert answered.result(SOON).state == "answered"


def test_what_was_escalated_meanwhile_is_not_handed_over(town: Town, others: ThreadPoolExecutor):
    challenge, third = ask(town), make_member(town.area, Role.BOARD_MEMBER, board=town.csp)
    with half_done(others, lambda: escalate(challenge, to=town.csp, why="Late", by=town.people[Role.STRATEGIC])):
        given = waits(others, lambda: hand_over_challenge(challenge, third, why="Away", by=town.coordinator))
    with pytest.raises(TransitionRefused, match="was escalated"):
        given.result(SOON)


def test_nothing_is_escalated_to_a_chair_who_was_removed_meanwhile(town: Town, others: ThreadPoolExecutor):
    challenge, chair = ask(town), Membership.objects.get(user=town.people[Role.BOARD_CHAIR])
    with half_done(others, lambda: revoke_role(chair, by=town.coordinator)):
        asked = waits(others, lambda: escalate(challenge, to=town.csp, why="Late", by=town.people[Role.STRATEGIC]))
    with pytest.raises(ValidationError, match="has no chair"):
        asked.result(SOON)
