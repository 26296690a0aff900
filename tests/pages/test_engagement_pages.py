"""The pages of sessions with the community, of what people said, and of what is counted."""

import re
from datetime import date, timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from actions.models import CountedIndicator, EngagementSession, SessionCount
from actions.services.engagement import archive_session, change_session, close_voice
from boards.rules import Role
from core.calendar import Month, date_label
from core.models import User
from indicators.figures import Entry
from indicators.models import Submission
from indicators.services.returns import accept_return, save_draft
from tests.engagement import SAID, count, draft, hear, tell
from tests.factories import make_agency, make_member
from tests.scenarios import Town, make_town, open_month, submit
from tests.visiting import signed_in

pytestmark = pytest.mark.django_db
LIST, ADD, SAYS, COUNTS = (f"/testford/engagement/{end}" for end in ("", "add/", "you-said/", "counts/"))
OCTOBER = Month(2026, 10)
CARRY, RETURN = f"{LIST}carry/2026-10/police/", "/testford/returns/2026-10/police/"


@pytest.fixture
def lead(town: Town) -> Client:
    return signed_in(town.people[Role.AGENCY_LEAD])


@pytest.fixture
def coordinator(town: Town) -> Client:
    return signed_in(town.people[Role.COORDINATOR])


@pytest.fixture
def member(town: Town) -> Client:
    return signed_in(town.people[Role.BOARD_MEMBER])


def typed(**given: object) -> dict[str, object]:
    told = draft()
    return {
        "held_on": "8 10 2026",
        "title": told.title,
        "groups": "2",
        "groups_named": told.groups_named,
        "people": "31",
        "revision": "0",
        **given,
    }


def words_of(response: Any) -> str:
    """What the page says, without its tags."""
    return " ".join(re.sub(r"<[^>]+>", " ", response.content.decode()).split())


def errors_of(response: Any) -> list[str]:
    """What the error summary says."""
    summary = re.search(r'error-summary__list">(.*?)</ul>', response.content.decode(), re.DOTALL)
    return [re.sub(r"<[^>]+>", "", line) for line in re.findall(r"<li>(.*?)</li>", summary[1])] if summary else []


# --- Telling


def test_a_lead_tells_changes_archives_and_brings_back(town: Town, lead: Client):
    agency = town.police.pk
    answer = lead.post(ADD, typed(agency=agency), follow=True)
    told = EngagementSession.objects.get()
    page = told.get_absolute_url()
    assert answer.redirect_chain == [(page, 302)]
    assert "No one was promised an answer in this session." in words_of(answer)
    assert 'value="8 October 2026"' in lead.get(f"{page}change/").content.decode()

    answer = lead.post(f"{page}change/", typed(people="40"), follow=True)
    assert "People reached 40" in words_of(answer)
    answer = lead.post(f"{page}archive/", {"why": "Told twice"}, follow=True)
    assert "Told twice" in words_of(answer)
    assert "All the sessions are archived." in words_of(lead.get(LIST))
    assert told.title in words_of(lead.get(f"{LIST}?archived=only"))
    answer = lead.post(f"{page}bring-back/", {"why": "It wasn’t"}, follow=True)
    assert "counts again" in words_of(answer)


def test_the_agency_is_chosen_from_ones_own(town: Town, lead: Client, coordinator: Client):
    nhs = make_agency(town.area, "nhs")
    make_agency(town.area, "gone", retired=True)
    assert f'<option value="{town.police.pk}" selected>' in lead.get(ADD).content.decode()
    assert "Nhs" not in words_of(lead.get(ADD))
    assert f'<option value="{nhs.pk}" selected>' in coordinator.get(f"{ADD}?agency=nhs").content.decode()
    assert "Gone" not in words_of(coordinator.get(f"{ADD}?agency=gone"))
    assert errors_of(lead.post(ADD, typed(agency=nhs.pk))) == ["Choose the agency from the list"]
    assert not EngagementSession.objects.exists()


def test_what_is_wrong_is_said_beside_what_was_typed(town: Town, lead: Client):
    answer = lead.post(ADD, typed(agency=town.police.pk, groups="two", people="", held_on="31 2 2026"))
    assert errors_of(answer) == [
        "The day must be a real day: there is no 31 February 2026",
        "The number of groups must be a whole number from 0 to 1,000,000, such as 12",
        "Enter the number of people",
    ]
    assert 'value="31 2 2026"' in answer.content.decode()
    answer = lead.post(ADD, typed(agency=town.police.pk, people="0"))
    assert errors_of(answer) == ["You entered at least one group, so the number of people must be at least 1."]


def test_two_who_change_one_are_told_and_may_save_then(town: Town, lead: Client):
    told = tell(town)
    change_session(told, draft(people=40), revision=0, by=town.coordinator)
    answer = lead.post(f"{told.get_absolute_url()}change/", typed(people="50"))
    assert "was changed after you opened this form" in errors_of(answer)[0]
    assert 'name="revision" value="1"' in answer.content.decode()
    lead.post(f"{told.get_absolute_url()}change/", typed(people="50", revision="1"))
    assert EngagementSession.objects.get().people == 50


def test_others_read_and_do_not_tell(town: Town, member: Client):
    told = tell(town)
    voice = hear(told, by=town.lead)
    assert SAID in words_of(member.get(told.get_absolute_url()))
    assert "Add a session" not in words_of(member.get(LIST))
    for page in (LIST, told.get_absolute_url(), SAYS):
        assert not re.search(r'href="[^"]*(change|close|archive|voices/add)/"', member.get(page).content.decode())
    other = signed_in(make_member(town.area, Role.AGENCY_LEAD, agency=make_agency(town.area, "nhs")))
    for end in (f"{told.pk}/change/", f"{told.pk}/archive/", f"{told.pk}/voices/add/", f"voices/{voice.pk}/close/"):
        answer = other.post(f"{LIST}{end}", {})
        assert answer.status_code == 403
        assert "Only a lead of Police and the coordinator can do this." in words_of(answer)


def test_another_areas_is_not_found(town: Town, lead: Client):
    elsewhere = make_town("elsewhere")
    told = tell(elsewhere)
    voice = hear(told, by=elsewhere.lead)
    for end in (
        f"{told.pk}/",
        f"{told.pk}/change/",
        f"voices/{voice.pk}/close/",
        f"{2**63}/",
        f"voices/{2**63}/close/",
    ):
        assert lead.get(f"{LIST}{end}").status_code == 404
    assert lead.post(f"{LIST}carry/2026-10/nhs/").status_code == 404


# --- The lists


def test_months_have_their_totals_and_filters(town: Town, member: Client):
    nhs = make_agency(town.area, "nhs")
    tell(town)
    tell(town, held_on=date(2026, 10, 9), groups=0, groups_named="", people=1)
    other = tell(town, held_on=date(2025, 3, 1), title="A market stall")
    late = hear(other, by=town.lead, due_on=date(2025, 4, 1))
    archive_session(tell(town, title="Told twice"), why="x", by=town.lead)
    make_member(town.area, Role.AGENCY_LEAD, agency=nhs)

    said = words_of(member.get(LIST))
    assert "3 sessions." in said
    assert "October 2026 2 sessions, 2 groups heard, 32 people reached." in said
    assert "No group took part. 1 person reached." in said
    assert "March 2025 1 session, 2 groups heard, 31 people reached." in said
    assert "counts twice" in said
    said = words_of(member.get(f"{LIST}?year=2025&agency=nhs&answers=overdue"))
    assert "1 of 3 sessions." in said
    assert "1 thing was said and has no answer yet" in said
    assert "“nhs” isn’t an option under “Agency”" in said
    close_voice(late, did="A letter went out.", revision=0, by=town.lead)
    assert "No session matches these filters." in words_of(member.get(f"{LIST}?answers=overdue"))


def test_what_was_said_is_listed_open_first(town: Town, member: Client):
    told, today = tell(town), timezone.localdate()
    hear(told, by=town.lead, due_on=today, said="Due today.")
    hear(told, by=town.lead, due_on=today - timedelta(days=1), said="Too late.")
    close_voice(hear(told, by=town.lead, said="Was done."), did="Lamps were put up.", revision=0, by=town.lead)

    said = words_of(member.get(SAYS))
    assert "3 in all." in said
    assert f"Overdue Too late. Answer promised by {date_label(today - timedelta(days=1))}." in said
    assert f"Promised Due today. Answer promised by {date_label(today)}." in said
    assert f"Answered Was done. We did Lamps were put up. Answered on {date_label(today)}." in said
    assert said.index("Too late.") < said.index("Due today.") < said.index("Was done.")
    for state, only in (("overdue", "Too late."), ("done", "Was done.")):
        said = words_of(member.get(f"{SAYS}?state={state}&agency=police"))
        assert "1 of 3." in said
        assert only in said
    assert "2 of 3." in words_of(member.get(f"{SAYS}?state=waiting"))


def test_empty_pages_say_who_fills_them(town: Town, member: Client, lead: Client):
    assert "The leads of agencies and the coordinator add them." in words_of(member.get(LIST))
    assert "Add the first one above." in words_of(lead.get(LIST))
    assert "No one has been promised an answer yet." in words_of(member.get(SAYS))


# --- You said, we did


def test_a_voice_is_closed_reopened_and_changed(town: Town, lead: Client):
    told = tell(town)
    voice = hear(told, by=town.lead)
    page = f"{LIST}voices/{voice.pk}/"
    assert errors_of(lead.post(f"{page}close/", {"did": ""})) == ["Enter the text of what was done"]
    answer = lead.post(f"{page}close/", {"did": "Lamps were put up."}, follow=True)
    assert answer.redirect_chain == [(told.get_absolute_url(), 302)]
    assert "Lamps were put up." in words_of(answer)
    assert (
        "This already has an answer" in errors_of(lead.post(f"{page}change/", {"said": "x", "due_on": "1 12 2026"}))[0]
    )
    lead.post(f"{page}reopen/", {"why": "They are off", "revision": "1"})
    answer = lead.post(
        f"{page}change/", {"said": "The path is dark.", "due_on": "1 12 2026", "revision": "2"}, follow=True
    )
    assert "The path is dark." in words_of(answer)


def test_a_voice_is_closed_on_the_page_of_what_one_owes(town: Town, lead: Client):
    voice = hear(tell(town), by=town.lead, due_on=timezone.localdate())
    later = hear(tell(town), by=town.lead, due_on=timezone.localdate() + timedelta(days=40), said="Later.")
    mine, home = lead.get("/testford/mine/"), lead.get("/testford/")
    assert SAID in words_of(mine)
    assert later.said not in words_of(mine)
    assert "Say what was done about a comment from this session" in words_of(home)
    assert "Your tasks: 1 task" in words_of(home)

    sent = {"did": "Lamps were put up.", "back": "mine"}
    answer = lead.post(f"{LIST}voices/{voice.pk}/close/", sent, follow=True)

    assert answer.redirect_chain == [("/testford/mine/", 302)]
    assert "You have no tasks in Testford this month." in words_of(answer)


def test_answers_that_nobody_is_left_to_give_wait_for_the_coordinator(town: Town, coordinator: Client):
    told = tell(town)
    for due_on in (date(2026, 11, 30), date(2027, 3, 1)):
        hear(told, by=town.lead, due_on=due_on)
    for page in ("/testford/", "/testford/mine/"):
        assert "promised" not in words_of(coordinator.get(page))
    User.objects.filter(pk=town.lead.pk).update(is_active=False)
    for page in ("/testford/", "/testford/mine/"):
        answer = coordinator.get(page)
        said = words_of(answer)
        assert "Police promised 2 answers but has no lead Give someone that role" in said
        assert re.search(r"The first (is|was) due by 30 November 2026", said)
        assert f"{SAYS}?state=waiting&amp;agency=police" in answer.content.decode()
    make_member(town.area, Role.AGENCY_LEAD, agency=town.police)
    assert "but has no lead" not in words_of(coordinator.get("/testford/"))


# --- What is counted


def test_a_coordinator_says_what_is_counted(town: Town, coordinator: Client):
    page = coordinator.get(COUNTS).content.decode()
    assert 'name="arrests"' in page
    coordinator.post(COUNTS, {"arrests": "people", "arrests.was": "", "charges": "", "charges.was": ""})
    assert CountedIndicator.objects.get().counts == "people"
    answer = coordinator.post(COUNTS, {"arrests": "cars", "arrests.was": "people"})
    assert errors_of(answer) == ["Arrests: choose what it counts from the list"]
    coordinator.post(COUNTS, {"arrests": "", "arrests.was": "people"})
    assert not CountedIndicator.objects.exists()


def test_counts_are_put_into_the_return(town: Town, lead: Client):
    count(town, "arrests", SessionCount.PEOPLE)
    period = open_month(town, OCTOBER)
    typed = {"arrests": Entry(value="3"), "charges": Entry(value="8")}
    save_draft(town.police, period, typed, revision=0, by=town.lead)
    tell(town)
    assert "Arrests: Your return says 3; your sessions give 31." in words_of(lead.get(LIST))
    assert "The counts from your sessions differ from your October 2026 return" in words_of(lead.get("/testford/"))
    assert "Arrests: 3 in the return, 31 from your sessions." in words_of(lead.get("/testford/mine/"))

    answer = lead.post(CARRY, {"revision": "0"}, follow=True)
    assert "after you opened this page" in words_of(answer)
    answer = lead.post(CARRY, {"revision": "1"}, follow=True)

    assert answer.redirect_chain == [(RETURN, 302)]
    assert "Put in from your sessions: Arrests: 31 (was 3)." in words_of(answer)
    assert Submission.objects.get().entries == {
        "arrests": Entry(value="31", note="Counted from 1 session"),
        "charges": Entry(value="8"),
    }
    assert "Arrests: Your return says 31, the same as your sessions." in words_of(lead.get(LIST))
    assert "The counts from your sessions" not in words_of(lead.get("/testford/"))
    assert "already has the counts from your sessions" in words_of(lead.post(CARRY, {"revision": "2"}, follow=True))
    assert "already has the counts from your sessions" in words_of(lead.post(CARRY, {"revision": "²"}, follow=True))


def test_after_it_was_handed_in_the_page_says_whom_to_ask(town: Town, lead: Client, coordinator: Client):
    count(town)
    submission = submit(town, OCTOBER, {"arrests": 3, "charges": 1})
    tell(town)
    said = words_of(lead.get(LIST))
    assert "Your return says 3; your sessions give 1." in said
    assert "The return has been submitted. Ask the coordinator to send it back" in said
    assert "Put these counts into the return" not in said
    assert "was submitted. Ask the coordinator to send it back" in words_of(
        lead.post(CARRY, {"revision": "1"}, follow=True)
    )
    accept_return(submission, by=town.coordinator)
    page = lead.get(LIST)
    assert "You can ask for a correction on the figure’s page." in words_of(page)
    assert "/testford/figures/2026-10/arrests/" in page.content.decode()
    said = words_of(coordinator.get(LIST))
    assert "The return says 3; the sessions give 1." in said
    assert "Its lead can ask for a correction" in said
