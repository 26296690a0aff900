"""What changed since a person last looked: what counts, and for whom."""

from datetime import date, datetime, timedelta

import pytest
from django.utils import timezone

from actions.services.challenges import accept as accept_answer
from actions.services.challenges import answer, press
from actions.services.plan import archive_action, complete_action, reopen_action
from actions.services.progress import add_update
from actions.workflow import Rag
from boards.models import Agency
from boards.permissions import access_to
from boards.rules import Role
from core.calendar import Month
from core.models import User
from indicators.figures import Entry
from indicators.services.corrections import accept_correction, ask_correction
from reporting.months.services import publish_corrections
from reporting.pages.presenters.home import NewsView, make_news
from tests.challenging import ANSWER, ask, in_days
from tests.factories import make_agency, make_board, make_member
from tests.integration.clock import Clock, clock_at
from tests.meeting import meet
from tests.planning import plan, step
from tests.scenarios import Town, accept, give_back, issue, make_town, open_month, publish, submit, sweep

pytestmark = pytest.mark.django_db
SEPTEMBER, OCTOBER = Month(2026, 9), Month(2026, 10)
FIGURES = {"arrests": 12, "charges": 4}
LOOKED = "2026-11-12"


clock = clock_at("2026-11-04", autouse=True)


@pytest.fixture
def later(town: Town, clock: Clock) -> None:
    """They looked, and it is a day after."""
    clock("2026-11-13")


def told(user: User, town: Town, *, since: str = LOOKED) -> NewsView:
    last = timezone.make_aware(datetime.fromisoformat(since)) if since else None
    return make_news(access_to(town.area, by=user), last, now=timezone.now(), is_whole=True)


def news(user: User, town: Town, *, since: str = LOOKED) -> list[str]:
    return [each.words for each, _ in told(user, town, since=since).entries]


def readers(town: Town, words: str) -> set[Role]:
    return {role for role, person in town.people.items() if words in " ".join(news(person, town))}


# --- Since when ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("since", "heading"),
    [
        ("", "New in November 2026"),
        ("2026-11-12", "Since you last looked, yesterday"),
        ("2026-11-05", "Since you last looked on 5 November 2026"),
        ("2026-05-01", "Changed in the last three months"),
    ],
)
def test_says_since_when(town: Town, later: None, since: str, heading: str):
    assert told(town.lead, town, since=since).heading == heading


def test_a_first_visit_reads_what_is_new_this_month(town: Town, clock: Clock):
    clock("2026-10-31")
    publish(town, SEPTEMBER)
    clock("2026-11-01")
    assert news(town.lead, town, since="") == []
    accept(town, OCTOBER, FIGURES)
    publish(town, OCTOBER)
    clock("2026-11-20")
    assert news(town.people[Role.BOARD_MEMBER], town, since="") == ["October 2026 was published"]


def test_nothing_is_said_to_be_nothing(town: Town, later: None):
    assert told(town.lead, town).nothing == "There is nothing new for you to read."


# --- What counts -----------------------------------------------------------------------------------


def test_a_month_that_was_published(town: Town, later: None):
    accept(town, SEPTEMBER, FIGURES)
    accept(town, OCTOBER, FIGURES)
    publish(town, OCTOBER)
    view = told(town.people[Role.BOARD_MEMBER], town)
    assert [(each.words, each.more) for each, _ in view.entries] == [
        ("October 2026 and 1 earlier month were published", "")
    ]
    assert readers(town, "published") == set(town.people) - {Role.COORDINATOR}  # who did it


def test_a_version_that_took_its_place(town: Town, clock: Clock):
    accept(town, OCTOBER, FIGURES)
    publish(town, OCTOBER)
    clock("2026-11-13")
    arrests = town.area.indicators.get(code="arrests")
    period = open_month(town, OCTOBER)
    correction = ask_correction(arrests, None, period, entry=Entry("13"), reason="One came late.", by=town.lead)
    accept_correction(correction, by=town.coordinator)
    sweep()
    publish_corrections(town.area, by=town.coordinator)
    assert news(town.people[Role.BOARD_MEMBER], town) == ["October 2026 was published again, as version 2"]
    assert news(town.lead, town)[0] == "A correction was accepted: Arrests, October 2026"
    assert readers(town, "correction") == {
        *(Role.AGENCY_LEAD, Role.AGENCY_APPROVER, Role.AGENCY_CONTACT, Role.ANALYST, Role.INFORMATION)
    }


def test_a_return_that_was_given_back(town: Town, later: None):
    give_back(town, submit(town, OCTOBER, FIGURES))
    view = told(town.lead, town)
    assert [(each.words, each.more) for each, _ in view.entries] == [
        ("October 2026 figures from Police were sent back", "“Please check the arrests.”")
    ]
    assert readers(town, "sent back") == {Role.AGENCY_LEAD, Role.AGENCY_APPROVER, Role.AGENCY_CONTACT}


def test_a_return_that_was_handed_in_is_news_to_the_coordinator(town: Town, later: None):
    submit(town, OCTOBER, FIGURES)
    assert news(town.coordinator, town) == ["October 2026 figures from Police were handed in"]
    assert news(town.lead, town) == []  # who did it


def test_a_challenge_says_the_last_that_was_done(town: Town, later: None):
    member, group = town.people[Role.BOARD_MEMBER], town.people[Role.STRATEGIC]
    challenge = ask(town)
    assert news(member, town) == ["C1 was raised: Strand: Prevent"]
    answer(challenge, text=ANSWER, seen=1, by=member)
    assert news(group, town) == ["C1 was answered: Strand: Prevent"]
    assert news(member, town) == []  # who did it last
    press(challenge, text="How many?", due_on=in_days(9), seen=2, by=group)
    answer(challenge, text="Nine.", seen=3, by=member)
    accept_answer(challenge, seen=4, by=group)
    assert news(member, town) == ["C1 was closed with an accepted answer: Strand: Prevent"]


def test_a_challenge_is_told_to_whoever_may_read_it(town: Town, later: None):
    ask(town)
    outside = make_member(town.area, Role.BOARD_MEMBER, board=make_board(town.area, "hwbb"))
    assert news(outside, town) == []
    assert readers(town, "C1") == {
        *(Role.BOARD_MEMBER, Role.BOARD_CHAIR, Role.COORDINATOR, Role.ANALYST, Role.INFORMATION)
    }


def test_an_action_whose_judgement_changed(town: Town, clock: Clock):
    owner, other = town.people[Role.BOARD_MEMBER], town.people[Role.STRATEGIC]
    changed, same, back = (plan(town, title=title) for title in ("Train", "Visit", "Count"))
    clock("2026-11-13")
    add_update(changed, text="Late", rag=Rag.AMBER, rag_why="No one came", by=owner)
    add_update(changed, text="Later", rag=Rag.RED, rag_why="No one came again", by=owner)
    add_update(same, text="Fine", rag=Rag.GREEN, by=owner)
    add_update(back, text="Late", rag=Rag.RED, rag_why="No one came", by=owner)
    add_update(back, text="Fine again", rag=Rag.GREEN, by=owner)
    assert news(other, town) == ["A1 went from green to red: Train"]
    assert news(owner, town) == []  # who said so


def test_an_action_that_left_its_state_is_told_once(town: Town, clock: Clock):
    owner, other = town.people[Role.BOARD_MEMBER], town.people[Role.STRATEGIC]
    done, opened, put_away = (plan(town, title=title) for title in ("Train", "Visit", "Count"))
    complete_action(opened, by=owner)
    clock("2026-11-13")
    complete_action(done, by=owner)
    reopen_action(opened, why="It came back", by=town.coordinator)
    archive_action(put_away, why="No one needs it", by=town.coordinator)
    assert sorted(news(other, town)) == ["A1 is complete: Train", "A2 is open again: Visit", "A3 was archived: Count"]


def test_a_milestone_that_was_missed(town: Town, clock: Clock):
    action = plan(town)
    for title, day in (("Before", 11), ("On the day", 12), ("Today", 13)):
        step(action, title, by=town.coordinator, due_on=date(2026, 11, day))
    clock("2026-11-13")
    assert news(town.people[Role.STRATEGIC], town) == ["A1 missed a milestone: On the day"]


def test_a_meeting_that_was_planned(town: Town, clock: Clock):
    clock("2026-11-13")
    meet(town, held_on=date(2026, 12, 8))
    words = "M1, Board csp meets on 8 December 2026"
    assert news(town.people[Role.BOARD_MEMBER], town)[-1] == words
    outside = make_member(town.area, Role.BOARD_MEMBER, board=make_board(town.area, "hwbb"))
    assert words not in news(outside, town)


def test_a_pack_that_was_issued(town: Town, clock: Clock):
    accept(town, OCTOBER, FIGURES)
    publish(town, OCTOBER)
    clock("2026-11-13")
    issue(town, OCTOBER)
    words = "A pack was issued for the Board csp, 27 November 2026"
    assert words in news(town.people[Role.BOARD_MEMBER], town)
    outside = make_member(town.area, Role.BOARD_MEMBER, board=make_board(town.area, "hwbb"))
    assert news(outside, town) == []
    assert news(town.lead, town) == []


# --- In which order, and how much ------------------------------------------------------------------


def test_the_newest_comes_first_and_their_own_is_among_what_is_shown(town: Town, clock: Clock):
    clock("2026-11-13")
    give_back(town, submit(town, OCTOBER, FIGURES))
    clock("2026-11-14")
    publish(town, SEPTEMBER)
    clock("2026-11-16")
    complete_action(plan(town, agency=make_agency(town.area, "nhs")), by=town.people[Role.BOARD_MEMBER])
    assert [words.split(" ")[0] for words in news(town.lead, town)] == ["A1", "September", "October"]
    clock("2026-11-17")
    nhs = Agency.objects.get(area=town.area, code="nhs")
    for _ in range(8):
        complete_action(plan(town, agency=nhs), by=town.people[Role.BOARD_MEMBER])
    last = timezone.make_aware(datetime.fromisoformat(LOOKED))
    view = make_news(access_to(town.area, by=town.lead), last, now=timezone.now())
    assert [each.words.split(" ")[0] for each, _ in view.entries][-1] == "October"
    assert (len(view.entries), view.more) == (3, 8)


def test_at_most_three_are_shown(town: Town, clock: Clock):
    actions = [plan(town) for _ in range(11)]
    clock("2026-11-13")
    for action in actions:
        complete_action(action, by=town.people[Role.BOARD_MEMBER])
    access, now = access_to(town.area, by=town.people[Role.STRATEGIC]), timezone.now()
    view = make_news(access, now - timedelta(days=1), now=now)
    assert (len(view.entries), view.more) == (3, 8)
    assert len(make_news(access, now - timedelta(days=1), now=now, is_whole=True).entries) == 11


def test_nothing_of_another_area_is_told(town: Town, later: None):
    other = make_town("otherton")
    accept(other, OCTOBER, FIGURES)
    publish(other, OCTOBER)
    issue(other, OCTOBER)
    ask(other)
    complete_action(plan(other), by=other.people[Role.BOARD_MEMBER])
    assert {role: news(person, town) for role, person in town.people.items()} == {role: [] for role in town.people}
