"""Everything that a person owes this month: who owes what, and how it is done in place."""

import html
import re
from datetime import date
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from actions.models import Action, Challenge
from actions.services.challenges import answer, escalate
from actions.services.plan import complete_action
from actions.services.progress import add_update
from actions.workflow import ChallengeState, Rag
from boards.models import Membership
from boards.rules import Role
from core.calendar import Month
from core.models import User
from tests.challenging import ANSWER, ask, in_days, offer
from tests.integration.clock import Clock, clock_at
from tests.planning import make_owner, plan, step, unmeasured
from tests.scenarios import Town, open_month, submit
from tests.visiting import signed_in

pytestmark = pytest.mark.django_db
OCTOBER = Month(2026, 10)
MINE = reverse("reporting:mine", args=["testford"])
BACK = '<input type="hidden" name="back" value="mine">'
NOTHING = "You have no tasks in Testford this month."


clock = clock_at("2026-11-20", autouse=True)


@pytest.fixture
def owner(town: Town) -> User:
    """The board's member."""
    return town.people[Role.BOARD_MEMBER]


def read(person: User, url: str = MINE) -> str:
    response = signed_in(person).get(url)
    assert response.status_code == 200
    return html.unescape(response.content.decode())


def words(page: str) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", page))


def sections(page: str) -> list[str]:
    return re.findall(r'<section [^>]*aria-labelledby="s-([\w-]+)"', page)


def fields(page: str, action: str) -> dict[str, str]:
    """The hidden fields of the form that goes to that address."""
    form = page.partition(f'action="{action}"')[2].partition("</form>")[0]
    hidden = re.findall(r'<input type="hidden" name="([^"]+)"[^>]* value="([^"]*)"', form)
    return dict(hidden)


def url_of(name: str, action: Action) -> str:
    return reverse(f"actions:{name}", args=["testford", action.number])


# --- Who owes what ---------------------------------------------------------------------------------


def test_nobody_owes_anything(town: Town):
    for role in (Role.BOARD_MEMBER, Role.STRATEGIC, Role.ANALYST, Role.INFORMATION, Role.AGENCY_LEAD):
        page = read(town.people[role])
        assert NOTHING in page
        assert sections(page) == []
        assert MINE not in read(town.people[role], "/testford/")


def test_a_lead_owes_a_return_until_it_is_sent(town: Town):
    open_month(town, OCTOBER)
    page = read(town.lead)
    assert sections(page) == ["returns"]
    assert "1 task is waiting for you in Testford." in page
    assert reverse("indicators:return-edit", args=["testford", OCTOBER, "police"]) in page
    assert "Your tasks: 1 task" in words(read(town.lead, "/testford/"))
    submit(town, OCTOBER, {"arrests": 12, "charges": 4})
    assert NOTHING in read(town.lead)
    assert "Returns for October 2026" in read(town.coordinator)


def test_an_owner_owes_updates_and_milestones(town: Town, owner: User, clock: Clock):
    clock("2026-10-05")
    said, silent = plan(town, title="Train housing workers"), unmeasured(town, title="Visit <hotels>")
    later = unmeasured(town, title="Write the guide", starts_on=date(2026, 12, 1))
    step(said, "Agree the course", by=town.coordinator, due_on=date(2026, 11, 30))
    step(said, "Hold the course", by=town.coordinator, due_on=date(2026, 12, 1))
    step(silent, "List hotels", by=town.coordinator, due_on=date(2026, 10, 30))
    add_update(silent, text="Begun", rag=Rag.RED, rag_why="No one came", by=owner)
    clock("2026-11-20")
    add_update(said, text="Begun", rag=Rag.GREEN, rag_why="", by=owner)
    add_update(silent, text="It stands still", rag=Rag.RED, rag_why="No one came", by=town.coordinator)
    page = read(owner)
    assert sections(page) == ["milestones", "actions"]
    assert "3 tasks are waiting for you" in page  # two milestones and an update
    assert "Agree the course" in page
    assert "Hold the course" not in page
    assert "Overdue by 21 days: due 30 October 2026" in page
    assert re.findall(r'id="a-(\d+)"', page) == [str(each.number) for each in (silent, said, later)]
    assert page.count("No update this month") == 1
    assert "Your last update was on 5 October 2026." in page
    assert "Your last update was on 20 November 2026." in page
    assert "You haven’t added an update yet." in page
    assert "Your tasks: 3 tasks" in words(read(owner, "/testford/"))
    assert "Visit &lt;hotels&gt;" in signed_in(owner).get(MINE).content.decode()


def test_what_is_closed_is_owed_no_more(town: Town, owner: User):
    complete_action(plan(town), by=owner)
    answer(ask(town), text=ANSWER, seen=1, by=owner)
    assert NOTHING in read(owner)


def test_a_chair_owes_the_answer_to_an_escalated_challenge(town: Town, owner: User):
    challenge = ask(town)
    assert sections(read(owner)) == ["challenges"]
    assert sections(read(town.people[Role.BOARD_CHAIR])) == []
    escalate(challenge, to=town.csp, why="Too late", due_on=in_days(7), seen=1, by=town.people[Role.STRATEGIC])
    assert sections(read(owner)) == []
    page = read(town.people[Role.BOARD_CHAIR])
    assert sections(page) == ["challenges"]
    assert "Too late" in page


def test_the_strategic_group_judges_and_a_board_decides(town: Town, owner: User):
    answer(ask(town), text=ANSWER, seen=1, by=owner)
    offer(town)
    assert "Read the answer to challenge C1" in read(town.people[Role.STRATEGIC])
    assert "Offer of support S1" in read(owner)


def test_what_others_owe_is_not_there(town: Town, owner: User):
    other = make_owner(town)
    step(plan(town), by=town.coordinator, due_on=date(2026, 11, 1))
    ask(town)
    for person in (other, town.lead, town.coordinator, town.people[Role.ANALYST]):
        page = read(person)
        assert "Train all housing workers" not in page
        assert 'name="act"' not in page
    Membership.objects.filter(user=owner).delete()
    assert signed_in(owner).get(MINE).status_code == 404


def test_only_the_coordinator_is_told_to_change_a_due_date(town: Town, owner: User, clock: Clock):
    for person in (owner, town.coordinator):
        late = plan(town, owner=person, due_on=date(2026, 11, 6))
        add_update(late, text="Begun", rag=Rag.GREEN, rag_why="", by=person)
    assert "housing workers, or ask the coordinator to change its due date" in words(read(owner, "/testford/"))
    assert "housing workers, or change its due date" in words(read(town.coordinator, "/testford/"))


# --- Done in place ---------------------------------------------------------------------------------


def test_an_update_is_added_and_the_page_comes_back(town: Town, owner: User):
    action = plan(town)
    url = url_of("action-update", action)
    typed = fields(read(owner), url) | {"text": "Booked", "rag": "green", "rag_why": ""}
    response = signed_in(owner).post(url, typed, follow=True)
    assert response.redirect_chain == [(MINE, 302)]
    assert "Your update is on the page of A1." in response.content.decode()
    assert action.updates.get().text == "Booked"
    assert "No update this month" not in read(owner)


def test_a_refused_update_comes_back_later(town: Town, owner: User):
    """Nothing that was typed is lost, and the form still knows where it came from."""
    action = plan(town)
    client, url = signed_in(owner), url_of("action-update", action)
    typed = fields(read(owner), url) | {"text": "Booked", "rag": "red", "rag_why": ""}
    page = client.post(url, typed).content.decode()
    assert "Booked" in page
    assert BACK in page
    assert client.post(url, typed | {"rag_why": "No room"}).headers["Location"] == MINE


def test_milestones_are_ticked(town: Town, owner: User):
    action = plan(town)
    first = step(action, "Agree it", by=town.coordinator, due_on=date(2026, 11, 1))
    second = step(action, "Hold it", by=town.coordinator, due_on=date(2026, 11, 2))
    url = url_of("milestones-tick", action)
    typed = fields(read(owner), url)
    response = signed_in(owner).post(url, typed | {"done": [first.pk]})
    assert response.headers["Location"] == MINE
    assert [each.is_done for each in action.milestones.all()] == [True, False]
    page = read(owner)
    assert "Agree it" not in page
    assert "Hold it" in page
    second.delete()
    response = signed_in(owner).post(url, typed, follow=True)
    assert response.redirect_chain == [(MINE, 302)]
    assert "nothing has changed" in response.content.decode()


def test_a_challenge_is_answered(town: Town, owner: User):
    challenge = ask(town)
    url = challenge.get_absolute_url()
    typed = fields(read(owner), url)
    assert typed["answer-seen"] == "1"
    page = signed_in(owner).post(url, typed | {"answer-text": ""}).content.decode()
    assert BACK in page
    response = signed_in(owner).post(url, typed | {"answer-text": ANSWER}, follow=True)
    assert response.redirect_chain == [(MINE, 302)]
    assert "You answered C1." in response.content.decode()
    assert Challenge.objects.get().state == ChallengeState.ANSWERED


@pytest.mark.parametrize("back", ["", "https://elsewhere.example/", "/testford/plan/", "mine/"])
def test_back_is_one_fixed_word(town: Town, owner: User, back: str):
    action = plan(town)
    typed = {"text": "Booked", "rag": "green", "rag_why": "", "back": back}
    response = signed_in(owner).post(url_of("action-update", action), typed)
    assert response.headers["Location"] == action.get_absolute_url()


# --- What it costs ---------------------------------------------------------------------------------


def owe_one_of_each(town: Town) -> None:
    step(plan(town), by=town.coordinator, due_on=date(2026, 11, 1))
    ask(town)
    offer(town)


def test_more_costs_no_more(town: Town, owner: User, django_assert_num_queries: Any):
    open_month(town, OCTOBER)
    owe_one_of_each(town)
    client = signed_in(owner)
    client.get(MINE)
    with CaptureQueriesContext(connection) as few:
        client.get(MINE)
    for _ in range(5):
        owe_one_of_each(town)
    with django_assert_num_queries(len(few)):
        assert client.get(MINE).content.decode().count("Send the answer") == 6


def test_ten_of_a_kind_have_their_forms_and_the_rest_a_link(town: Town, owner: User):
    for _ in range(12):
        plan(town, owner=owner)
        ask(town)
    page = read(owner)
    assert (page.count("Update progress<"), page.count(">Send the answer<")) == (10, 10)
    assert f'href="/testford/plan/?owner={owner.pk}"' in page
    assert f'href="/testford/challenges/?answerer={owner.pk}"' in page
    assert "2 more wait for your answer: see all that you were asked" in words(page)
    assert "2 more actions of yours: see all in the plan" in words(page)
