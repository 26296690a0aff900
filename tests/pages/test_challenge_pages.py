"""The pages of challenges and of offers: raised from the page of the thing, answered, judged, found and exported."""

import csv
import html
import json
import re
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from actions.models import Challenge, Support
from actions.models.challenges import LONGEST_ANSWER
from actions.services.challenges import answer, escalate, press, withdraw
from actions.services.progress import add_update
from actions.workflow import Rag
from boards.models import Membership
from boards.rules import Role
from core.calendar import Month, describe_day
from core.forms import kept
from indicators.models import Indicator
from tests import scenarios
from tests.challenging import ANSWER, QUESTION, ask, in_days, make_responsibility, make_strand, offer
from tests.factories import make_board, make_member
from tests.meeting import meet
from tests.planning import plan
from tests.scenarios import Town
from tests.standing import stand
from tests.visiting import signed_in

pytestmark = pytest.mark.django_db
OCTOBER, NOVEMBER = Month(2026, 10), Month(2026, 11)
LIST, RAISE, OFFER = "/testford/challenges/", "/testford/challenges/raise/", "/testford/support/offer/"


def make_town_with_two_months() -> Town:
    """October is published, November isn't; the board answers for something, and there is a strand."""
    town = scenarios.make_town()
    scenarios.accept(town, OCTOBER, {"arrests": 12, "charges": 4})
    scenarios.publish(town, OCTOBER)
    scenarios.accept(town, NOVEMBER, {"arrests": 9, "charges": 4})
    scenarios.sweep()
    make_responsibility(town)
    make_strand(town)
    return town


made, town = stand(make_town_with_two_months)


def as_(town: Town, role: Role) -> Client:
    return signed_in(town.people[role])


def read(client: Client, url: str, status: int = 200) -> str:
    answer = client.get(url)
    assert answer.status_code == status, answer.content.decode()
    return html.unescape(answer.content.decode())


def words(page: str) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", page))


def typed(town: Town, **others: Any) -> dict[str, Any]:
    """A question about a strand, to the member of the board."""
    member = town.people[Role.BOARD_MEMBER]
    return {
        "strand": "prevent",
        "question": QUESTION,
        "to": f"board-{town.csp.pk}-{member.pk}",
        "due_on": in_days(7).strftime("%d %m %Y"),
    } | others


def acts_on(page: str) -> set[str]:
    return set(re.findall(r'name="act" value="([\w-]+)"', page))


def arrests_in_october(town: Town) -> dict[str, Any]:
    period = scenarios.open_month(town, OCTOBER)
    return {"indicator": Indicator.objects.get(area=town.area, code="arrests"), "period": period}


# --- From the page of the thing --------------------------------------------------------------------


def pages_of_things(town: Town) -> dict[str, str]:
    """The page of each kind of thing, and where a challenge about it is raised."""
    action = plan(town)
    return {
        "/testford/indicators/arrests/": "indicator=arrests&month=2026-10",
        f"/testford/plan/{action.number}/": f"action={action.number}",
        "/testford/plan/strands/prevent/": "strand=prevent",
        "/testford/2026-10/csp/": f"responsibility={make_responsibility(town).pk}",
    }


def test_each_page_of_a_thing_asks_about_it(town):
    """Of an indicator about the newest month that the boards can read, whatever month the page shows."""
    for page, address in pages_of_things(town).items():
        assert f'href="{RAISE}?{address}"' in read(as_(town, Role.STRATEGIC), page), page
        assert RAISE not in read(as_(town, Role.COORDINATOR), page)
        assert f'action="{RAISE}?{address}"' in read(as_(town, Role.STRATEGIC), f"{RAISE}?{address}")


def test_the_thread_stands_on_the_page_of_the_thing(town):
    pages = list(pages_of_things(town))
    thing = plan(town)
    ask(town, **arrests_in_october(town), question="Asked of a figure")
    ask(town, action=thing, question="Asked of an action")
    ask(town, strand=make_strand(town), question="Asked of a strand")
    ask(town, responsibility=make_responsibility(town), question="Asked of a responsibility")
    answer(Challenge.objects.get(number=1), text=ANSWER, seen=1, by=town.people[Role.BOARD_MEMBER])
    pages[1] = f"/testford/plan/{thing.number}/"
    asked = ["Asked of a figure", "Asked of an action", "Asked of a strand", "Asked of a responsibility"]
    for page, question in zip(pages[:3], asked, strict=False):
        text = words(read(as_(town, Role.STRATEGIC), page))
        assert [each for each in asked if each in text] == [question], page
    assert ANSWER in words(read(as_(town, Role.STRATEGIC), pages[0]))
    # A board's page lists whatever is asked of the board.
    board = words(read(as_(town, Role.BOARD_MEMBER), pages[3]))
    assert [each for each in asked if each in board] == asked


def test_a_thread_is_for_its_readers(town):
    ask(town, **arrests_in_october(town))
    offer(town, **arrests_in_october(town))
    for role, reads in ((Role.BOARD_MEMBER, True), (Role.ANALYST, True), (Role.AGENCY_LEAD, False)):
        text = words(read(as_(town, role), "/testford/indicators/arrests/"))
        assert (QUESTION in text, "Two analysts" in text) == (reads, reads), role


def test_a_new_question_stands_on_a_page_that_was_kept(town):
    member = as_(town, Role.BOARD_MEMBER)
    for page in ("/testford/indicators/arrests/", "/testford/2026-10/csp/"):
        assert "Support and challenge" not in read(member, page)
    ask(town, **arrests_in_october(town))
    for page in ("/testford/indicators/arrests/", "/testford/2026-10/csp/"):
        assert QUESTION in read(member, page)


# --- Raising ---------------------------------------------------------------------------------------


def test_a_member_of_the_group_raises_one(town):
    answered = as_(town, Role.STRATEGIC).post(RAISE, typed(town), follow=True)
    challenge = Challenge.objects.get()
    assert answered.redirect_chain == [(challenge.get_absolute_url(), 302)]
    said = f"You raised C1: {challenge.answerer} has to answer by {describe_day(challenge.due_on)}."
    assert said in words(answered.content.decode())
    assert (challenge.question, challenge.board, challenge.due_on) == (QUESTION, town.csp, in_days(7))


def test_only_pairs_that_hold_are_offered(town):
    make_member(town.area, Role.BOARD_MEMBER, board=make_board(town.area, "gone", retired=True))
    page = read(as_(town, Role.STRATEGIC), f"{RAISE}?strand=prevent")
    offered = re.findall(r'<option value="([^"]+)">([^<]+)<', page)
    member, chair = town.people[Role.BOARD_MEMBER], town.people[Role.BOARD_CHAIR]
    assert offered == [
        (f"board-{town.csp.pk}-{chair.pk}", f"{chair}, Board csp (chair)"),
        (f"board-{town.csp.pk}-{member.pk}", f"{member}, Board csp"),
        (f"agency-{town.police.pk}-{town.lead.pk}", f"{town.lead}, Police"),
    ]


def test_who_is_likely_to_answer_is_chosen_already(town):
    chair = town.people[Role.BOARD_CHAIR]
    page = read(as_(town, Role.STRATEGIC), f"{RAISE}?responsibility={make_responsibility(town).pk}")
    assert f'<option value="board-{town.csp.pk}-{chair.pk}" selected>' in page
    action = plan(town)
    page = read(as_(town, Role.STRATEGIC), f"{RAISE}?action={action.number}")
    assert re.findall(r'<option value="(\S+)" selected>', page) == [f"board-{town.csp.pk}-{action.owner_id}"]


@pytest.mark.parametrize(
    ("wrong", "sentence"),
    [
        ({"question": ""}, "Enter the question"),
        ({"question": "x" * 2001}, "Shorten the question to 2,000 characters; it has 2,001."),
        ({"to": ""}, "Choose the person who answers"),
        ({"to": "board-1-999"}, "Choose the person who answers from the list"),
        ({"due_on": "31 2 2027"}, "must be a real day"),
        ({"due_on": "1 1 2020"}, "The answer can’t be due before today"),
        ({"question": "What of 943 476 5919?"}, "looks like an NHS number"),
    ],
)
def test_what_is_wrong_is_said_and_nothing_is_lost(town, wrong, sentence):
    sent = typed(town, **wrong)
    page = as_(town, Role.STRATEGIC).post(RAISE, sent).content.decode()
    assert sentence in html.unescape(page)
    assert "There is a problem" in page
    assert str(sent["question"]) in html.unescape(page)
    assert 'name="strand" value="prevent"' in page
    assert not Challenge.objects.exists()


@pytest.mark.parametrize(
    "address",
    [
        "strand=nope",
        "indicator=nope",
        "indicator=arrests&month=2026-13",
        "indicator=arrests&month=2026-11",  # isn't published
        "indicator=nope&month=2026-10",
        "action=7",
        "action=seven",
        "action=99999999999999999999",
        "responsibility=0",
        "responsibility=%00",
        "strand=prevent&action=1",
    ],
)
def test_what_there_is_not_is_not_asked_about(town, address):
    for page in (RAISE, OFFER):
        assert "<h1" in read(as_(town, Role.STRATEGIC), f"{page}?{address}", 404)
    assert "<h1" in read(as_(town, Role.STRATEGIC), OFFER, 404)


# --- What it is about, and its figure --------------------------------------------------------------


def test_whoever_comes_from_the_list_chooses_what_it_is_about(town):
    action, group = plan(town), as_(town, Role.STRATEGIC)
    strand, duty = make_strand(town), make_responsibility(town)
    assert f'href="{RAISE}"' in read(group, LIST)
    assert f'href="{RAISE}"' not in read(as_(town, Role.COORDINATOR), LIST)
    page = read(group, RAISE)
    assert re.findall(r'<optgroup label="([^"]+)">', page) == [
        *("Indicators", "Actions", "Strands", "The Board csp is responsible for")
    ]
    offered = re.findall(r'<option value="([^"]+=[^"]+)">', page)
    assert offered == [
        "indicator=arrests",
        "indicator=charges",
        f"action={action.number}",
        f"strand={strand.code}",
        f"responsibility={duty.pk}",
    ]
    for about in offered:
        chosen = group.get(RAISE, {"about": about, "month": "2026-10"})
        of_month = "&month=2026-10" if about.startswith("indicator") else ""
        assert (chosen.status_code, chosen.headers["Location"]) == (302, f"{RAISE}?{about}{of_month}")
        assert "Who answers" in read(group, chosen.headers["Location"])


@pytest.mark.parametrize("about", ["", "strand=nope", "//elsewhere.example", "indicator=arrests&month=2026-10"])
def test_a_choice_that_is_none_is_asked_again(town, about):
    answered = as_(town, Role.STRATEGIC).get(RAISE, {"about": about})
    assert answered.status_code == 200
    assert "Choose what the challenge is about" in answered.content.decode()


def test_of_an_indicator_without_a_month_it_is_the_newest_published(town):
    assert "About: Arrests, October 2026." in words(read(as_(town, Role.STRATEGIC), f"{RAISE}?indicator=arrests"))


def test_the_figure_stands_beside_the_question_and_beside_the_answer(town):
    challenge = ask(town, **arrests_in_october(town))
    for role, page in (
        (Role.STRATEGIC, f"{RAISE}?indicator=arrests&month=2026-10"),
        (Role.BOARD_MEMBER, challenge.get_absolute_url()),
        (Role.BOARD_MEMBER, "/testford/mine/"),
    ):
        said = read(as_(town, role), page)
        assert 'class="vv-small"' in said, page
        assert "version 1 of October 2026" in said
    said = words(read(as_(town, Role.BOARD_MEMBER), challenge.get_absolute_url()))
    assert "The figure, October 2026 Arrests 12" in said
    assert "Its last 12 months Month Figure Usual range Oct 2026 12" in said
    strand = ask(town)
    assert "The figure" not in read(as_(town, Role.BOARD_MEMBER), strand.get_absolute_url())


def test_a_meeting_asks_about_what_is_on_its_agenda(town):
    action = plan(town)
    add_update(action, text="Late", rag=Rag.RED, rag_why="No one came", by=town.people[Role.BOARD_MEMBER])
    october = town.area.periods.get(starts_on="2026-10-01")
    meeting = meet(town, period=october, version=1, held_on=in_days(5))
    page = read(as_(town, Role.STRATEGIC), meeting.get_absolute_url())
    assert f'href="{RAISE}?action={action.number}"' in page
    assert f'href="{RAISE}"' in page
    assert RAISE not in read(as_(town, Role.COORDINATOR), meeting.get_absolute_url())


# --- The address after an error --------------------------------------------------------------------


def test_after_an_error_the_address_opens_the_same_form(town):
    group = as_(town, Role.STRATEGIC)
    action = plan(town)
    for address in (f"{RAISE}?action={action.number}", f"{OFFER}?action={action.number}"):
        form = read(group, address)
        sent_to = re.search(r'method="post" action="([^"]+)"', form.partition("<main")[2])
        assert sent_to is not None
        hidden = dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)"', form.partition("<main")[2]))
        answered = group.post(sent_to[1], hidden)
        assert "There is a problem" in answered.content.decode()
        opened = read(group, answered.wsgi_request.get_full_path())
        assert sent_to[0] in opened


def test_another_areas_things_are_not_there(town):
    other = scenarios.make_town("elsewhere")
    strand, duty = make_strand(other, "pursue"), make_responsibility(other, "Elsewhere")
    for address in (f"strand={strand.code}", f"responsibility={duty.pk}"):
        read(as_(town, Role.STRATEGIC), f"{RAISE}?{address}", 404)
    stranger = other.people[Role.BOARD_MEMBER]
    refused = as_(town, Role.STRATEGIC).post(RAISE, typed(town, to=f"board-{other.csp.pk}-{stranger.pk}"))
    assert "Choose the person who answers from the list" in refused.content.decode()
    assert not Challenge.objects.exists()


def test_an_answer_typed_before_the_session_ended_is_there_again(town):
    challenge, member = ask(town), town.people[Role.BOARD_MEMBER]
    url, client = challenge.get_absolute_url(), Client()
    sent = {"act": "answer", "answer-text": ANSWER, "answer-seen": "1", kept.FIELD: kept.proof(member)}
    assert client.post(url, sent).status_code == 302
    client.force_login(member)
    page = read(client, url)
    assert "What you typed was not sent" in page
    assert ANSWER in page
    assert client.post(url, sent).status_code == 302
    assert "What you typed was not sent" not in read(client, url)


# --- A challenge's page ----------------------------------------------------------------------------


def test_each_reader_gets_the_forms_that_they_may_use(town):
    challenge = ask(town)
    url, member = challenge.get_absolute_url(), town.people[Role.BOARD_MEMBER]

    def now() -> dict[str, set[str]]:
        roles = (Role.STRATEGIC, Role.BOARD_MEMBER, Role.BOARD_CHAIR, Role.COORDINATOR, Role.ANALYST)
        return {role.value: acts_on(read(as_(town, role), url)) for role in roles}

    nothing = set()
    expected = {"board-member": {"answer"}, "board-chair": nothing, "analyst": nothing, "coordinator": {"hand-over"}}
    assert now() == {"strategic": {"escalate", "withdraw"}} | expected
    answer(challenge, text=ANSWER, seen=1, by=member)
    expected["board-member"] = nothing
    assert now() == {"strategic": {"accept", "press", "escalate"}} | expected
    press(challenge, text="More", by=town.people[Role.STRATEGIC])
    escalate(challenge, to=town.csp, why="Late", by=town.people[Role.STRATEGIC])
    expected["coordinator"] = nothing  # of an escalated one nothing is handed over
    assert now() == {"strategic": {"withdraw"}} | expected | {"board-chair": {"answer"}}
    make_member(town.area, Role.BOARD_CHAIR, board=make_board(town.area, "sab"))
    assert now() == {"strategic": {"withdraw", "escalate"}} | expected | {"board-chair": {"answer"}}
    withdraw(challenge, why="Enough", by=town.people[Role.STRATEGIC])
    assert set().union(*now().values()) == set()


def test_its_page_says_what_it_is_about_and_whose_turn_it_is(town):
    challenge = ask(town, **arrests_in_october(town))
    page = read(as_(town, Role.BOARD_MEMBER), challenge.get_absolute_url())
    assert '<a class="govuk-link" href="/testford/indicators/arrests/?month=2026-10">Arrests, October 2026</a>' in page
    today = timezone.localdate()
    assert f"Waiting for {challenge.answerer}, for the Board csp since {today.day} {today:%B %Y}" in words(page)


def test_an_answer_is_sent_and_judged(town):
    challenge = ask(town)
    url = challenge.get_absolute_url()
    sent = as_(town, Role.BOARD_MEMBER).post(
        url, {"act": "answer", "answer-text": ANSWER, "answer-seen": "1"}, follow=True
    )
    assert "You answered C1." in sent.content.decode()
    due = in_days(3).strftime("%d %m %Y")
    more = {"act": "press", "press-text": "How many?", "press-due_on": due, "press-seen": "2"}
    assert as_(town, Role.STRATEGIC).post(url, more).status_code == 302
    up = {"act": "escalate", "escalate-to": town.csp.pk, "escalate-why": "Late", "escalate-due_on": due}
    assert as_(town, Role.STRATEGIC).post(url, up | {"escalate-seen": "3"}).status_code == 302
    done = {"act": "answer", "answer-text": "Nine", "answer-seen": "4"}
    assert as_(town, Role.BOARD_CHAIR).post(url, done).status_code == 302
    good = {"act": "accept", "accept-text": "", "accept-seen": "5"}
    assert as_(town, Role.STRATEGIC).post(url, good).status_code == 302
    challenge.refresh_from_db()
    assert (challenge.state, challenge.due_on) == ("accepted", in_days(3))


def test_the_coordinator_hands_it_over(town):
    challenge, chair = ask(town), town.people[Role.BOARD_CHAIR]
    sent = {"act": "hand-over", "hand-over-to": chair.pk, "hand-over-why": "Left", "hand-over-seen": "1"}
    assert as_(town, Role.COORDINATOR).post(challenge.get_absolute_url(), sent).status_code == 302
    challenge.refresh_from_db()
    assert challenge.answerer == chair


def test_an_answer_as_long_as_it_may_be_is_shown_whole(town):
    challenge = ask(town)
    text = "\r\n".join("Street by street, house by house." for _ in range(LONGEST_ANSWER // 34))
    client = as_(town, Role.BOARD_MEMBER)
    sent = {"act": "answer", "answer-text": text, "answer-seen": "1"}
    assert client.post(challenge.get_absolute_url(), sent).status_code == 302
    page = read(client, challenge.get_absolute_url())
    assert page.count("Street by street, house by house.") == LONGEST_ANSWER // 34


def test_ten_thousand_words_are_refused_in_a_sentence_and_stay_in_the_form(town):
    challenge, text = ask(town), " ".join(f"word{number}" for number in range(10_000))
    sent = {"act": "answer", "answer-text": text, "answer-seen": "1"}
    page = as_(town, Role.BOARD_MEMBER).post(challenge.get_absolute_url(), sent)
    assert page.status_code == 200
    assert f"Shorten the answer to 10,000 characters; it has {len(text):,}." in page.content.decode()
    assert text in page.content.decode()
    assert challenge.entries.count() == 1


def test_the_second_of_two_answers_is_told_and_keeps_its_text(town):
    challenge = ask(town)
    client, url = as_(town, Role.BOARD_MEMBER), challenge.get_absolute_url()
    first = {"act": "answer", "answer-text": "One", "answer-seen": "1"}
    assert client.post(url, first).status_code == 302
    page = client.post(url, first | {"answer-text": "Two, at length"})
    text = html.unescape(page.content.decode())
    assert page.status_code == 409
    assert "after this page was opened" in text
    assert "Two, at length" in text
    assert "You can no longer send this" in text
    assert [entry.text for entry in challenge.entries.all()] == [QUESTION, "One"]


def test_a_form_of_somebody_elses_is_refused_and_nothing_typed_is_lost(town):
    challenge = ask(town)
    page = as_(town, Role.BOARD_CHAIR).post(
        challenge.get_absolute_url(), {"act": "answer", "answer-text": "I know better", "answer-seen": "1"}
    )
    assert page.status_code == 403
    assert "can answer this challenge" in page.content.decode()
    assert "I know better" in page.content.decode()
    assert challenge.entries.count() == 1


@pytest.mark.parametrize("sent", [{}, {"act": "delete"}, {"act": "\x00"}])
def test_a_form_that_says_nothing_to_do_changes_nothing(town, sent):
    page = as_(town, Role.STRATEGIC).post(ask(town).get_absolute_url(), sent)
    assert page.status_code == 400
    assert "Nothing was changed" in page.content.decode()


@pytest.mark.parametrize("seen", ["", "x", "-1", "99999999999999999999"])
def test_a_form_that_does_not_say_what_was_seen_changes_nothing(town, seen):
    sent = {"act": "answer", "answer-text": ANSWER, "answer-seen": seen}
    page = as_(town, Role.BOARD_MEMBER).post(ask(town).get_absolute_url(), sent)
    assert page.status_code in (200, 409)
    assert ANSWER in page.content.decode()
    assert Challenge.objects.get().state == "raised"


def test_somebody_who_left_is_said(town):
    challenge = ask(town)
    Membership.objects.filter(user=challenge.answerer).delete()
    page = words(read(as_(town, Role.COORDINATOR), challenge.get_absolute_url()))
    assert "no longer answers for the Board csp. The coordinator can hand the challenge over." in page


def test_numbers_that_there_are_not(town):
    for number in (1, 10**30):
        assert "There is no challenge" in read(as_(town, Role.STRATEGIC), f"{LIST}{number}/", 404)
        assert "There is no offer" in read(as_(town, Role.STRATEGIC), f"/testford/support/{number}/", 404)


# --- The list --------------------------------------------------------------------------------------


def found(page: str) -> list[str]:
    return re.findall(r'href="/testford/challenges/(\d+)/"', page)


def make_many(town: Town) -> None:
    """1 answered; 2 overdue; 3 to the police, about a figure; 4 escalated to another board; 5 withdrawn."""
    answer(ask(town), text=ANSWER, seen=1, by=town.people[Role.BOARD_MEMBER])
    late = ask(town)
    Challenge.objects.filter(pk=late.pk).update(due_on=timezone.localdate() - timedelta(days=3))
    ask(town, board=None, agency=town.police, answerer=town.lead, **arrests_in_october(town))
    sab = make_board(town.area, "sab", name="Adults", position=2)
    make_member(town.area, Role.BOARD_CHAIR, board=sab)
    escalate(ask(town), to=sab, why="Late", by=town.people[Role.STRATEGIC])
    withdraw(ask(town), why="Enough", by=town.people[Role.STRATEGIC])


def test_filters(town):
    make_many(town)
    client, lead = as_(town, Role.STRATEGIC), town.lead
    for query, numbers in (
        ("", "54321"),
        ("?state=open", "4321"),
        ("?state=answered", "1"),
        ("?board=csp", "5421"),
        ("?board=sab", "4"),
        ("?agency=police", "3"),
        (f"?answerer={lead.pk}", "3"),
        ("?overdue=yes", "2"),
        ("?about=indicator", "3"),
        ("?about=strand&state=open", "421"),
        ("?state=nope", "54321"),
    ):
        page = read(client, f"{LIST}{query}")
        assert "".join(found(page)) == numbers, query
    page = read(client, f"{LIST}?state=open&about=strand")
    assert "State: Open" in page
    assert 'href="?about=strand">Remove' in page
    assert "3 of 5 challenges." in page
    assert "isn’t an option under “State”" in read(client, f"{LIST}?state=nope")


def test_pages_keep_the_filters(town):
    for _ in range(21):
        ask(town)
    page = read(as_(town, Role.STRATEGIC), f"{LIST}?state=open")
    assert len(found(page)) == 20
    assert 'href="?state=open&page=2"' in page
    assert found(read(as_(town, Role.STRATEGIC), f"{LIST}?state=open&page=2")) == ["1"]
    assert len(found(read(as_(town, Role.STRATEGIC), f"{LIST}?page=nope"))) == 20


def test_each_reads_their_own(town):
    make_many(town)
    assert found(read(signed_in(town.lead), LIST)) == ["3"]
    assert found(read(as_(town, Role.BOARD_MEMBER), LIST)) == ["5", "4", "3", "2", "1"]  # 3 is about their indicator
    assert found(read(as_(town, Role.AGENCY_APPROVER), LIST)) == ["3"]
    nowhere = make_member(town.area, Role.BOARD_MEMBER, board=make_board(town.area, "hwbb"))
    assert "There are no challenges to your boards or agencies yet" in words(read(signed_in(nowhere), LIST))


def test_the_time_to_answer_stands_on_the_list(town):
    make_many(town)
    page = words(read(as_(town, Role.STRATEGIC), LIST))
    assert "Board csp Less than a day, of 1 answer 1, for less than a day" in page
    assert "Adults No answer yet 1, for less than a day" in page
    assert "Police No answer yet 1, for less than a day" in page


def test_files_hold_what_the_list_shows(town):
    ask(town, question="=2+5+cmd|' /C calc'!A0")
    answer(ask(town), text="-1 is no formula", seen=1, by=town.people[Role.BOARD_MEMBER])
    client = as_(town, Role.STRATEGIC)
    answered = client.get(f"{LIST}challenges.csv?state=answered")
    assert answered.headers["Content-Disposition"].startswith('attachment; filename="OFFICIAL-SENSITIVE testford chall')
    marking, *lines = answered.content.decode("utf-8-sig").splitlines()
    rows = list(csv.DictReader(lines))
    assert marking == "OFFICIAL-SENSITIVE"
    assert [(row["number"], row["state"], row["last_answer"], row["to"]) for row in rows] == [
        ("C2", "Answered", "'-1 is no formula", "Board csp")
    ]
    rows = list(csv.DictReader(client.get(f"{LIST}challenges.csv").content.decode("utf-8-sig").splitlines()[1:]))
    assert rows[1]["question"].startswith("'=2+5")
    document = json.loads(client.get(f"{LIST}challenges.json?state=answered").content)
    assert document["filters"] == ["State: Answered"]
    assert [row["number"] for row in document["challenges"]] == ["C2"]
    assert client.get(f"{LIST}challenges.xlsx").content.startswith(b"PK")
    own = signed_in(town.lead).get(f"{LIST}challenges.json")
    assert json.loads(own.content)["challenges"] == []


# --- Support ---------------------------------------------------------------------------------------


def test_support_is_offered_and_taken_up(town):
    sent = {"strand": "prevent", "offer": "Two analysts", "to": f"board-{town.csp.pk}"}
    answered = as_(town, Role.STRATEGIC).post(OFFER, sent, follow=True)
    support = Support.objects.get()
    assert answered.redirect_chain == [(support.get_absolute_url(), 302)]
    url = support.get_absolute_url()
    assert acts_on(read(as_(town, Role.BOARD_MEMBER), url)) == {"take-up", "decline"}
    assert acts_on(read(as_(town, Role.STRATEGIC), url)) == {"withdraw"}
    assert acts_on(read(as_(town, Role.COORDINATOR), url)) == set()
    page = as_(town, Role.BOARD_MEMBER).post(url, {"act": "decline", "decline-why": ""})
    assert "Enter the reason" in page.content.decode()
    done = as_(town, Role.BOARD_MEMBER).post(url, {"act": "take-up", "take-up-why": "From Monday"}, follow=True)
    assert "You took S1 up." in done.content.decode()
    late = as_(town, Role.STRATEGIC).post(url, {"act": "withdraw", "withdraw-why": "No one is free"})
    assert late.status_code == 409
    assert "No one is free" in late.content.decode()
    assert read(signed_in(town.lead), url, 404)
    assert as_(town, Role.STRATEGIC).post(url, {}).status_code == 400


def test_offers_are_found_and_exported(town):
    offer(town)
    offer(town, board=None, agency=town.police, offer="=Locksmiths")
    client, url = as_(town, Role.STRATEGIC), "/testford/support/"
    numbers = re.compile(r'href="/testford/support/(\d+)/"')
    assert numbers.findall(read(client, url)) == ["2", "1"]
    assert numbers.findall(read(client, f"{url}?agency=police")) == ["2"]
    assert "1 of 2 offers." in read(client, f"{url}?state=offered&agency=police")
    rows = list(
        csv.DictReader(client.get(f"{url}support.csv?agency=police").content.decode("utf-8-sig").splitlines()[1:])
    )
    assert [(row["number"], row["offer"]) for row in rows] == [("S2", "'=Locksmiths")]
    assert numbers.findall(read(signed_in(town.lead), url)) == ["2"]
    assert "No offer matches these filters" in words(read(client, f"{url}?state=declined"))


# --- Home ------------------------------------------------------------------------------------------


def waiting(client: Client) -> list[str]:
    return re.findall(r'govuk-task-list__link"[^>]*>([^<]+)<', read(client, "/testford/"))


def test_what_waits_stands_on_ones_home(town):
    first, second = ask(town), ask(town)
    offer(town)
    member, chair, group = (as_(town, role) for role in (Role.BOARD_MEMBER, Role.BOARD_CHAIR, Role.STRATEGIC))
    assert waiting(member) == [
        "Answer challenge C1: Strand: Prevent",
        "Answer challenge C2: Strand: Prevent",
        "Offer of support S1: Strand: Prevent",
    ]
    assert waiting(chair) == ["Offer of support S1: Strand: Prevent"]
    assert waiting(group) == []
    answer(first, text=ANSWER, seen=1, by=town.people[Role.BOARD_MEMBER])
    escalate(second, to=town.csp, why="Late", by=town.people[Role.STRATEGIC])
    assert waiting(member) == ["Offer of support S1: Strand: Prevent"]
    assert waiting(chair)[0] == "Answer challenge C2: Strand: Prevent"
    assert waiting(group) == ["Read the answer to challenge C1: Strand: Prevent"]
    Membership.objects.filter(user=town.people[Role.BOARD_CHAIR]).delete()
    assert "Challenge C2 needs someone to answer it" in waiting(as_(town, Role.COORDINATOR))


def test_drafts_are_not_asked_about(town):
    """The page of November, which only readers of drafts see, asks about October."""
    page = read(as_(town, Role.STRATEGIC), "/testford/indicators/arrests/?month=2026-11")
    assert "Arrests, November 2026" in page
    assert "Raise a challenge about October 2026" in page
