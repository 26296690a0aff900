"""The plan and what is asked, at their edges: texts that show nothing, namesakes, answers that wait, ticks."""

from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.test import Client
from django.urls import reverse

from actions.models import ActionChange, Highlight, Milestone
from actions.selectors.challenges import left_behind
from actions.services import challenges
from actions.services.highlights import set_picture
from actions.services.plan import archive_action, change_action, hand_over
from actions.services.progress import add_update, remove_milestone
from actions.workflow import Rag
from boards.models import Membership
from boards.rules import Role
from core.labels import TransitionRefused
from core.models import User
from indicators.models import Correction
from indicators.services.returns import accept_return, return_return
from reporting.public.selectors import find_public_advice
from reporting.public.services import turn_public_pages
from tests import challenging, highlights, planning, scenarios
from tests.factories import make_agency, make_member
from tests.integration.return_pages import OCTOBER
from tests.scenarios import Town
from tests.visiting import signed_in

pytestmark = pytest.mark.django_db
NOTHING = "\u200b\u2060 \u3164"


# --- Texts that show nothing ------------------------------------------------------------------------


def wrong(act: Any) -> dict[str, list[str]]:
    with pytest.raises(ValidationError) as refusal:
        act()
    return refusal.value.message_dict


def test_what_shows_nothing_is_no_text_of_the_plan(town: Town):
    action = planning.plan(town)
    coordinator = town.coordinator
    assert "title" in wrong(lambda: planning.plan(town, title=NOTHING))
    assert "measure" in wrong(lambda: planning.plan(town, measure=None, no_measure_why=NOTHING))
    assert "title" in wrong(lambda: planning.step(action, NOTHING, by=coordinator))
    assert set(wrong(lambda: add_update(action, text=NOTHING, rag=Rag.RED, rag_why=NOTHING, by=coordinator))) == {
        "text",
        "rag_why",
    }
    assert "why" in wrong(lambda: archive_action(action, why=NOTHING, by=coordinator))


def test_nor_of_a_challenge(town: Town):
    member = town.people[Role.BOARD_MEMBER]
    assert "question" in wrong(lambda: challenging.ask(town, question=NOTHING))
    assert "offer" in wrong(lambda: challenging.offer(town, offer=NOTHING))
    asked = challenging.ask(town)
    assert "text" in wrong(lambda: challenges.answer(asked, text=NOTHING, seen=1, by=member))


def test_nor_of_a_highlight(town: Town):
    assert set(wrong(lambda: highlights.tell(town, title=NOTHING, story=NOTHING, reach=3, reach_of=NOTHING))) == {
        "title",
        "story",
        "reach_of",
    }
    told = highlights.tell(town, picture=highlights.picture())
    change: dict[str, Any] = {"alt": NOTHING, "revision": told.revision, "by": town.coordinator}
    assert "alt" in wrong(lambda: set_picture(told, None, **change))
    assert Highlight.objects.get().picture_alt == "A stall"


def test_nor_of_a_return_or_a_correction(town: Town):
    submission = scenarios.submit(town, OCTOBER, {"arrests": 12, "charges": 4})
    with pytest.raises(TransitionRefused, match="Say why you are sending it back"):
        return_return(submission, comment=NOTHING, by=town.coordinator)
    accept_return(submission, by=town.coordinator)
    client = signed_in(town.lead)
    page = client.post("/testford/figures/2024-10/arrests/", {"value": "10", "why": NOTHING})
    assert "Say why the figure needs to change" in page.content.decode()
    assert not Correction.objects.exists()


# --- Namesakes --------------------------------------------------------------------------------------


@pytest.fixture
def namesakes(town: Town) -> list[Any]:
    people = []
    for code in ("nhs", "housing"):
        agency = make_agency(town.area, code)
        people.append(make_member(town.area, Role.AGENCY_LEAD, agency=agency, email=f"{code}@x.example"))
        User.objects.filter(pk=people[-1].pk).update(name="Ash Grey")
    return list(User.objects.filter(pk__in=[person.pk for person in people]).order_by("-email"))


def test_a_change_of_owner_tells_namesakes_apart(town: Town, namesakes: list[Any]):
    one, other = namesakes
    action = planning.plan(town, owner=one)
    change_action(action, planning.draft(town, owner=other), revision=0, why="Moved", by=town.coordinator)
    change = ActionChange.objects.get()
    assert (change.before, change.after) == ("Ash Grey (nhs@x.example)", "Ash Grey (housing@x.example)")
    hand_over(other, one, area=town.area, why="Back", by=town.coordinator)
    change = ActionChange.objects.latest("pk")
    assert (change.before, change.after) == ("Ash Grey (housing@x.example)", "Ash Grey (nhs@x.example)")


def test_others_are_told_by_their_names(town: Town, namesakes: list[Any]):
    action = planning.plan(town, owner=namesakes[0])
    change_action(action, planning.draft(town, owner=town.lead), revision=0, why="Moved", by=town.coordinator)
    change = ActionChange.objects.get()
    assert (change.before, change.after) == ("Ash Grey", str(town.lead))


# --- What waits, and for whom -----------------------------------------------------------------------


def test_an_answer_waits_for_the_group_whoever_gave_it(town: Town):
    member = town.people[Role.BOARD_MEMBER]
    challenge = challenges.answer(challenging.ask(town), text=challenging.ANSWER, seen=1, by=member)
    Membership.objects.filter(user=member).update(role=Role.ANALYST.value, board=None)
    assert list(left_behind(town.area)) == []
    challenges.press(challenge, text="And in March?", by=town.people[Role.STRATEGIC])
    assert list(left_behind(town.area)) == [challenge]


# --- Ticks ------------------------------------------------------------------------------------------


def test_of_several_ticks_all_are_saved_or_none(town: Town):
    action = planning.plan(town)
    first, second = (planning.step(action, title, by=town.coordinator) for title in ("One", "Two"))
    remove_milestone(second, why="Not needed", revision=0, by=town.coordinator)  # while the page was open
    client = signed_in(town.coordinator)
    path = reverse("actions:milestones-tick", args=["testford", action.number])
    page = client.post(path, {"done": [first.pk, second.pk]}, follow=True)
    assert "removed “Two” from A1" in page.content.decode()
    assert not Milestone.objects.filter(done_at__isnull=False).exists()


# --- See the signs ----------------------------------------------------------------------------------


def test_how_to_report_comes_before_the_signs(town: Town):
    turn_public_pages(town.area, on=True, by=town.coordinator)
    scenarios.tell_signs(town)
    html = Client().get("/testford/public/signs/").content.decode()
    first_sign = find_public_advice("testford").listed[0]
    places = [
        html.index(words) for words in ("tel:08001111", "tel:999", "tel:0800555111", "Tell a teacher.", first_sign)
    ]
    assert places == sorted(places)
