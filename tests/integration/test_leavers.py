"""Somebody left: their actions and the challenges that they were to answer are listed, and handed over at once."""

import html
import re
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.urls import reverse

from actions.models import Action, ActionChange, Challenge
from actions.selectors.challenges import left_behind, list_held
from actions.selectors.plan import left_in
from actions.services.challenges import answer, escalate, withdraw
from actions.services.plan import complete_action, hand_over_work
from boards.models import Membership
from boards.rules import Role
from boards.services.people import revoke_role
from core.forms.pages import TOKEN
from core.models import AuditEvent, User
from tests.challenging import ANSWER, ask
from tests.factories import make_board, make_member, make_user
from tests.planning import open_work, plan, unmeasured
from tests.scenarios import Town
from tests.visiting import signed_in

pytestmark = pytest.mark.django_db
PLAN = "/testford/plan/"


@pytest.fixture
def left(town: Town) -> User:
    """The board's member, who sits on another board too."""
    person = town.people[Role.BOARD_MEMBER]
    Membership.objects.create(
        user=person, area=town.area, role=Role.BOARD_MEMBER.value, board=make_board(town.area, "sab")
    )
    return person


def sab(town: Town) -> Any:
    return town.area.boards.get(code="sab")


def leave(town: Town, person: User) -> None:
    for role in Membership.objects.filter(user=person):
        revoke_role(role, by=town.coordinator)


def listed(town: Town) -> list[tuple[int, int, int]]:
    return [
        (each.person, each.actions, each.challenges) for each in left_in(list_held(town.area), *open_work(town.area))
    ]


def text(response: Any) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", "", html.unescape(response.content.decode())))


def test_all_their_open_work_is_listed(town: Town, left: User):
    complete_action(plan(town), by=left)
    plan(town)
    waits, answered, pressed = ask(town), ask(town), ask(town, board=sab(town))
    answer(answered, text=ANSWER, seen=1, by=left)
    escalate(pressed, to=town.csp, why="It waits", by=town.people[Role.STRATEGIC])
    withdraw(ask(town), why="Asked twice", by=town.people[Role.STRATEGIC])
    assert listed(town) == []
    leave(town, left)
    assert listed(town) == [(left.pk, 1, 2)]  # of the escalated one the chair owes the answer
    assert list(left_behind(town.area)) == []
    for challenge in (waits, answered, pressed):
        withdraw_or_accept(challenge, town)
    assert listed(town) == [(left.pk, 1, 0)]


def withdraw_or_accept(challenge: Challenge, town: Town) -> None:
    Challenge.objects.filter(pk=challenge.pk).update(
        state="withdrawn", escalated_to=None, closed_at=challenge.raised_at, closed_by=town.coordinator
    )


def test_actions_and_challenges_are_handed_over_at_once(town: Town, left: User):
    chair = town.people[Role.BOARD_CHAIR]
    actions, own, other = [plan(town), unmeasured(town)], ask(town), ask(town, board=sab(town))
    leave(town, left)

    done = hand_over_work(left, chair, area=town.area, why="They  left", by=town.coordinator)

    assert ([each.pk for each in done.actions], done.challenges) == ([each.pk for each in actions], [own])
    ((refused, sentence),) = done.refused
    assert refused == other
    assert sentence == f"{chair} doesn’t answer for the {sab(town)}: choose someone who does."
    assert {action.owner for action in Action.objects.all()} == {chair}
    assert {change.why for change in ActionChange.objects.all()} == {"They left"}
    assert [each.answerer for each in Challenge.objects.order_by("number")] == [chair, left]
    for verb, number in (("action.handed_over", 2), ("challenge.handed_over", 1)):
        events = AuditEvent.objects.filter(verb=verb)
        assert [event.details["why"] for event in events] == ["They left"] * number
    assert listed(town) == [(left.pk, 0, 1)]


def test_who_can_take_over_nothing_is_refused(town: Town, left: User):
    ask(town, board=sab(town))
    leave(town, left)

    def give(to: User, why: str = "They left", by: User | None = None) -> dict[str, list[str]]:
        with pytest.raises(ValidationError) as refused:
            hand_over_work(left, to, area=town.area, why=why, by=by or town.coordinator)
        return refused.value.message_dict

    chair = town.people[Role.BOARD_CHAIR]
    words = f"C1: {chair} doesn’t answer for the {sab(town)}: choose someone who does."
    assert give(chair) == {"to": [words]}
    assert list(give(chair, why=" ")) == ["why"]
    assert list(give(left)) == ["to"]
    assert list(give(make_user())) == ["to"]
    with pytest.raises(PermissionDenied):
        give(chair, by=town.lead)
    withdraw(Challenge.objects.get(), why="Asked twice", by=town.people[Role.STRATEGIC])
    with pytest.raises(ValidationError, match="board-member has no open work in Testford now"):
        hand_over_work(left, chair, area=town.area, why="They left", by=town.coordinator)


def test_one_page_hands_over_all_and_names_the_rest(
    town: Town, left: User, mailoutbox: list[Any], django_capture_on_commit_callbacks: Any
):
    chair, second = town.people[Role.BOARD_CHAIR], make_member(town.area, Role.BOARD_MEMBER, board=sab(town))
    plan(town)
    ask(town)
    ask(town, board=sab(town))
    leave(town, left)
    client = signed_in(town.coordinator)
    address = reverse("actions:action-hand-over", args=["testford", left.pk])
    for path, work in ((PLAN, "1 open action"), ("/testford/", "1 open action and 2 open challenges")):
        page = client.get(path)
        assert f"{left}: {work}. Hand over" in text(page)
        assert address in page.content.decode()
        assert address not in signed_in(town.lead).get(path).content.decode()
    words = text(client.get(address))
    assert "Hand over 1 action and 2 challenges" in words
    assert f"Challenge C2: Strand: Prevent, to the {sab(town)}" in words

    typed = {"to": chair.pk, "why": "They left", TOKEN: "of one page"}
    with django_capture_on_commit_callbacks(execute=True):
        assert client.post(address, typed)["Location"] == address
    page = client.get(address)
    assert f"{chair} now owns A1 and answers C1." in text(page)
    assert f"C2 is not handed over. {chair} doesn’t answer for the {sab(town)}: choose someone who does." in text(page)
    assert '<a class="govuk-link" href="/testford/challenges/2/">C2</a>' in page.content.decode()
    assert "Hand over 1 challenge" in text(page)
    assert client.post(address, typed)["Location"] == address  # a button that was pressed twice
    assert [mail.to for mail in mailoutbox] in ([[chair.email]], [])  # none at the weekend

    refused = client.post(address, typed | {"why": "Once more"})
    assert "There is a problem" in text(refused)
    assert "Once more</textarea>" in refused.content.decode()
    assert client.post(address, {"to": second.pk, "why": "They left"})["Location"] == PLAN
    assert Challenge.objects.get(number=2).answerer == second
    assert f"{second} now answers C2." in text(client.get(PLAN))
    assert "no open actions or challenges now" in text(client.get(address, follow=True))
    assert client.get(address.replace(str(left.pk), "9" * 30)).status_code == 302


def test_an_address_with_many_zeros_leads_to_the_usual_one(town: Town, left: User):
    """The note that a form was accepted has room for 500 characters."""
    ask(town)
    ask(town, board=sab(town))
    usual = reverse("actions:action-hand-over", args=["testford", left.pk])
    typed = {"to": town.people[Role.BOARD_CHAIR].pk, "why": "They left", TOKEN: "of one page"}
    long = usual.replace(str(left.pk), f"{left.pk:0600}")
    assert signed_in(town.coordinator).post(long, typed)["Location"] == usual
