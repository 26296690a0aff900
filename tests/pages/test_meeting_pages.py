"""The pages of meetings and of sub-groups, as they are read and filled in; and what homes say was not looked at."""

import re
from datetime import date
from html import unescape
from typing import Any

import pytest
from django.contrib.messages import get_messages
from django.urls import reverse
from django.utils import timezone

from actions.models import Action, Meeting, SubGroup
from actions.services.meetings import call_off
from actions.services.plan import archive_action
from actions.services.progress import add_update
from actions.workflow import Rag
from boards.rules import Role
from core.calendar import NoDay, date_label, read_day
from core.models import AuditEvent, User
from reporting.months.services import hash_corrections, list_corrections, publish_corrections
from tests import challenging, planning
from tests.answers import Answer
from tests.factories import make_agency, make_board, make_indicator, make_member
from tests.integration.clock import Clock
from tests.integration.test_revisions import correct
from tests.meeting import SEPTEMBER, draft, hold, item, make_group, meet, record, strategic_group
from tests.planning import make_strand, plan, unmeasured
from tests.scenarios import Town, accept, make_town, publish
from tests.visiting import signed_in

pytestmark = pytest.mark.django_db
HOME = reverse("reporting:area-home", args=["testford"])


@pytest.fixture
def town(monkeypatch: pytest.MonkeyPatch) -> Town:
    Clock(monkeypatch)("2026-11-25")
    return make_town()


def address(name: str, *parts: Any, query: str = "") -> str:
    return reverse(f"actions:{name}", args=["testford", *parts]) + query


def ask(user: User, url: str, **typed: Any) -> Answer:
    """Open a page, or send its form."""
    client = signed_in(user)
    return client.post(url, typed) if typed else client.get(url)


def words(answer: Answer) -> str:
    main = answer.content.decode().partition("<main")[2].partition("</main>")[0]
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", main)).split())


def said(answer: Answer) -> list[str]:
    return [str(message) for message in get_messages(answer.wsgi_request)]


# --- The list --------------------------------------------------------------------------------------


def test_the_list_holds_what_one_may_read(town):
    meet(town)
    meet(town, board=strategic_group(town))
    call_off(meet(town, held_on=date(2027, 1, 5)), why="Snow", by=town.coordinator)
    url = address("meeting-list")

    every = words(ask(town.coordinator, url))
    assert "3 meetings. M3, Board csp Cancelled 5 January 2027. Looks at September 2026, version 1. " in every
    assert "Cancelled: Snow" in every
    assert "M1, Board csp Planned 15 October 2026. Looks at September 2026, version 1. Not recorded yet." in every
    own = words(ask(town.people[Role.BOARD_MEMBER], url))
    assert ("M1, Board csp" in own, "M2" in own, "You see the meetings of your boards" in own) == (True, False, True)
    assert "Your boards and sub-groups have no meetings yet." in words(ask(town.lead, url))


@pytest.mark.parametrize(
    ("query", "numbers"),
    [
        ("?body=board:csp", [1, 3]),
        ("?body=sub-group:outreach", [2]),
        ("?state=called_off", [3]),
        ("?year=2027", [2, 3]),
        ("?year=2026&body=sub-group:outreach", []),
        ("?body=board:nope", [1, 2, 3]),
    ],
)
def test_the_list_is_filtered(town, query, numbers):
    meet(town)
    meet(town, sub_group=make_group(town), held_on=date(2027, 1, 4))
    call_off(meet(town, held_on=date(2027, 1, 5)), why="Snow", by=town.coordinator)
    body = words(ask(town.coordinator, address("meeting-list", query=query)))
    assert sorted(map(int, re.findall(r"M(\d+), ", body))) == numbers


def test_the_list_is_in_pages(town):
    for _ in range(21):
        meet(town)
    assert "Page 1 of 2" in words(ask(town.coordinator, address("meeting-list")))
    assert "M1, Board csp" in words(ask(town.coordinator, address("meeting-list", query="?page=2")))


# --- A meeting -------------------------------------------------------------------------------------


def test_a_planned_meeting_shows_its_proposed_agenda(town):
    red = plan(town)
    add_update(red, text="Late", rag=Rag.RED, rag_why="No trainer", by=town.coordinator)
    challenging.ask(town)
    meet(town, held_on=date(2026, 12, 4))

    answer = ask(town.coordinator, address("meeting-view", 1))
    body = words(answer)
    assert "Meeting M1, 4 December 2026 Board csp Planned Change this meeting Cancel this meeting" in body
    assert "Nothing stands out. Red actions A1 Train all housing workers (red): No trainer" in body
    assert "Open challenges C1, about Strand: Prevent: answer due 9 December 2026" in body
    assert (
        "Strands not discussed for longest None. A strand appears here when a recorded meeting didn’t discuss "
        "it." in body
    )
    assert "records the meeting, we save the agenda as it stood on 4 December 2026" in body
    assert 'href="/testford/2026-09/?version=1"' in answer.content.decode()
    assert "Change this meeting" not in words(ask(town.people[Role.BOARD_MEMBER], address("meeting-view", 1)))


def test_a_held_meeting_shows_what_was_discussed_decided_and_left_out(town):
    first, second = make_strand(town, "prevent"), make_strand(town, "pursue")
    meeting = record(town, meet(town), item(first), item(second, is_discussed=False), notes="One.\n\nTwo.")
    plan(town, decided_in=meeting)

    body = words(ask(town.people[Role.BOARD_MEMBER], address("meeting-view", 1)))
    assert "What was decided Each decision is now an action in the plan. A1 Train all housing workers Green" in body
    assert "Due 31 March 2027, board-member" in body
    assert "What was discussed Strands not discussed for longest Prevent" in body
    assert "On the agenda but not discussed Strands not discussed for longest Pursue What was said One. Two." in body
    assert "Add a decision" not in body


def test_what_was_decided_stays_in_the_record_once_it_is_archived(town):
    action = plan(town, decided_in=hold(town, sub_group=make_group(town)))
    archive_action(action, why="Not ours", by=town.coordinator)
    for url in (address("meeting-view", 1), address("sub-group-view", "outreach")):
        body = words(ask(town.lead, url))
        assert "A1 Train all housing workers" in body
        assert re.search(r"Archived .*Archived on 25 November 2026", body)


def test_who_may_not_read_it_is_told_nothing_of_it(town):
    meet(town)
    for user in (town.lead, make_member(town.area, Role.BOARD_MEMBER, board=make_board(town.area, "sab"))):
        answer = ask(user, address("meeting-view", 1))
        assert (answer.status_code, "There is no meeting M1, or you can’t read it" in words(answer)) == (404, True)
    for name in ("meeting-view", "meeting-change", "meeting-record", "meeting-call-off"):
        assert ask(town.coordinator, address(name, 9)).status_code == 404
        assert ask(town.coordinator, address(name, 10**30)).status_code == 404


def test_a_member_of_a_sub_group_isnt_shown_challenges_that_are_for_others(town):
    group = make_group(town)
    action = plan(town, decided_in=hold(town, make_strand(town), sub_group=group))
    challenging.ask(town, action=action)
    planned = meet(town, sub_group=group, held_on=date(2026, 11, 25))
    shown, hides = "C1, about A1 Train all housing workers", "Open challenges You can’t read some of these."
    for person, sees in ((town.coordinator, True), (town.lead, False)):
        body = words(ask(person, planned.get_absolute_url()))
        assert (shown in body, hides in body) == (sees, not sees)
        assert "There are no open challenges about this sub-group’s actions" not in body
    record(town, planned, item(challenging.ask(town, action=action), words=shown))
    for person, sees in ((town.people[Role.BOARD_MEMBER], True), (town.lead, False)):
        body = words(ask(person, planned.get_absolute_url()))
        assert (shown in body, f"What was discussed {hides}" in body) == (sees, not sees)
        assert "Nothing on the agenda was discussed" not in body


# --- Planned and changed ----------------------------------------------------------------------------


def form(**typed: Any) -> dict[str, Any]:
    return {"body": "board:csp", "held_on": "4 12 2026", "looks_at": "2026-09.1"} | typed


def test_is_planned_from_its_form(town):
    draft(town)  # which publishes September
    url = address("meeting-add", query="?board=csp")
    opened = ask(town.coordinator, url).content.decode()
    assert '<option value="board:csp" selected>' in opened
    assert '<option value="2026-09.1" selected>September 2026, version 1' in opened
    answer = ask(town.coordinator, url, **form())
    meeting = Meeting.objects.get()
    assert (answer.status_code, answer["Location"]) == (302, meeting.get_absolute_url())
    assert (meeting.board, meeting.held_on, meeting.version) == (town.csp, date(2026, 12, 4), 1)
    make_group(town)
    assert (
        'value="sub-group:outreach" selected'
        in ask(town.coordinator, address("meeting-add", query="?sub-group=outreach")).content.decode()
    )


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ({"body": ""}, "Choose the board or sub-group"),
        ({"body": "board:nope"}, "Choose the board or sub-group from the list"),
        ({"held_on": ""}, "Enter the date"),
        ({"held_on": "31 2 2026"}, "The date must be a real day: there is no 31 February 2026"),
        ({"looks_at": ""}, "Choose the month that the meeting looks at."),
        ({"looks_at": "2026-10.1"}, "Choose the month from the list"),
        ({"held_on": "1 9 2026"}, "September 2026 hadn’t ended by then"),
    ],
)
def test_what_is_wrong_is_said_and_what_was_typed_stays(town, typed, sentence):
    draft(town)
    answer = ask(town.coordinator, address("meeting-add"), **form(**typed))
    assert (answer.status_code, sentence in words(answer)) == (200, True)
    assert f'value="{shown(form(**typed)["held_on"])}"' in answer.content.decode() or not typed.get("held_on", "x")
    assert not Meeting.objects.exists()


def shown(day: str) -> str:
    """A day that can be read is said back in full."""
    try:
        return date_label(read_day(day, today=timezone.localdate()))
    except NoDay:
        return day


def test_without_a_month_only_a_sub_group_can_meet(town):
    make_group(town)
    assert "No month is published yet" in words(ask(town.coordinator, address("meeting-add")))
    ask(town.coordinator, address("meeting-add"), **form(body="sub-group:outreach", looks_at=""))
    assert Meeting.objects.get().period is None


def test_two_people_who_change_it_are_told_and_the_next_save_is_taken(town):
    meet(town)
    url = address("meeting-change", 1)
    ask(town.coordinator, url, **form(held_on="5 12 2026", revision="0"))
    answer = ask(town.coordinator, url, **form(held_on="6 12 2026", revision="0"))
    assert "Where your text differs, the saved text is now: date: 5 December 2026." in words(answer)
    assert 'name="revision" value="1"' in answer.content.decode()
    ask(town.coordinator, url, **form(held_on="6 12 2026", revision="1"))
    assert Meeting.objects.get().held_on == date(2026, 12, 6)


def test_is_called_off_from_its_form(town):
    meet(town)
    url = address("meeting-call-off", 1)
    assert "Enter the reason" in words(ask(town.coordinator, url, why=""))
    ask(town.coordinator, url, why="Too few could come")
    body = words(ask(town.people[Role.BOARD_MEMBER], address("meeting-view", 1)))
    assert "Cancelled on 25 November 2026 by coordinator: Too few could come" in body
    again = ask(town.coordinator, url, why="Once more")
    assert "M1 was cancelled on 25 November 2026, so it can’t be cancelled again." in words(again)


def test_what_cant_be_done_is_said_when_its_form_is_opened(town):
    hold(town, make_strand(town))
    call_off(meet(town), why="Snow", by=town.coordinator)
    for name, number, sentence in (
        ("meeting-call-off", 1, "M1 was held on 15 October 2026, so it can’t be cancelled."),
        ("meeting-call-off", 2, "M2 was cancelled on 25 November 2026, so it can’t be cancelled again."),
        ("meeting-change", 2, "M2 was cancelled on 25 November 2026, so it can’t be changed."),
        ("meeting-record", 2, "M2 was cancelled, so there is nothing to record."),
    ):
        opened = ask(town.coordinator, address(name, number))
        assert (opened.status_code, said(opened)) == (302, [sentence])
        assert sentence in words(ask(town.coordinator, address(name, number), **form(why="So", revision="1")))


def test_a_held_meeting_is_put_right_from_its_page(town):
    hold(town, make_strand(town))
    group = strategic_group(town)
    assert "Amend the record Change this meeting The meeting" in words(
        ask(town.coordinator, address("meeting-view", 1))
    )
    url = address("meeting-change", 1)
    assert "This meeting has been held. You can correct who met" in words(ask(town.coordinator, url))
    typed = form(body="board:strategic", held_on="16 10 2026", revision="1")
    assert ("The meeting has been held, so say why you are changing it.") in words(
        ask(town.coordinator, url, **typed, why="")
    )
    assert ask(town.coordinator, url, **typed, why="The group met").status_code == 302
    assert (Meeting.objects.get().board, Meeting.objects.get().state) == (group, "held")
    assert "Reason for the change" not in words(ask(town.coordinator, address("meeting-add")))


def test_a_version_that_was_published_since_is_told_of_while_the_meeting_is_planned(town):
    accept(town, SEPTEMBER, {"arrests": 9, "charges": 4})
    meeting = meet(town)
    sentence = "Version 2 of September 2026 has been published since then."
    url = address("meeting-view", 1)
    assert sentence not in words(ask(town.coordinator, url))
    correct(town, SEPTEMBER, 12)
    publish_corrections(town.area, seen=hash_corrections(list_corrections(town.area)), by=town.coordinator)
    assert f"{sentence} Change the meeting if it should look at that." in words(ask(town.coordinator, url))
    member = words(ask(town.people[Role.BOARD_MEMBER], url))
    assert f"{sentence} The coordinator can change the meeting if it should look at that." in member
    record(town, meeting)
    assert sentence not in words(ask(town.coordinator, url))


def test_a_month_that_was_published_since_is_told_of_where_it_is_over_by_the_day(town):
    early, late = meet(town, held_on=date(2026, 10, 31)), meet(town, held_on=date(2026, 11, 1))
    assert "has been published since then" not in words(ask(town.coordinator, late.get_absolute_url()))
    publish(town, SEPTEMBER.next)
    sentence = "October 2026 has been published since then, in version 1. Change the meeting if it should look at that."
    assert sentence in words(ask(town.coordinator, late.get_absolute_url()))
    assert "has been published since then" not in words(ask(town.coordinator, early.get_absolute_url()))


# --- Decisions -------------------------------------------------------------------------------------


def test_a_decision_is_added_from_the_meeting(town):
    meeting = hold(town, make_strand(town))
    url = address("action-add", query="?meeting=M1")
    opened = ask(town.coordinator, url)
    assert "This action was decided in meeting M1 of the Board csp, 15 October 2026." in words(opened)
    assert re.search(rf'<option value="{town.csp.pk}" selected', opened.content.decode())
    hidden = re.search(r'<input type="hidden" name="decided_in" value="(\d+)"', opened.content.decode())
    assert hidden is not None
    wanted = planning.draft(town)
    typed = {
        "title": wanted.title,
        "strand": wanted.strand.pk,
        "board": town.csp.pk,
        "agency": town.police.pk,
        "owner": wanted.owner.pk,
        "starts_on": "1 12 2026",
        "due_on": "1 3 2027",
        "measure": wanted.measure.pk if wanted.measure else "",
        "no_measure_why": "",
        "decided_in": hidden[1],
    }
    assert ask(town.coordinator, address("action-add"), **typed).status_code == 302
    assert Action.objects.get().decided_in == meeting


def test_an_address_that_names_no_held_meeting_says_so(town):
    meet(town)
    for code in ("M1", "M9", "nonsense", "²"):
        answer = ask(town.coordinator, address("action-add", query=f"?meeting={code}"))
        assert f"“{code}” isn’t a meeting that was held" in answer.content.decode()


@pytest.mark.parametrize("number", ["9" * 5000, "M" + "9" * 5000, "9" * 30])
def test_a_meetings_number_of_any_length_is_no_fault(town, number):
    url = address("action-add")
    for answer in (ask(town.coordinator, f"{url}?meeting={number}"), ask(town.coordinator, url, decided_in=number)):
        assert answer.status_code == 200
    assert not Action.objects.exists()


def test_the_actions_page_says_where_it_was_decided_and_leads_there_who_may_read_it(town):
    plan(town, decided_in=hold(town, make_strand(town)))
    url = reverse("actions:action-view", args=["testford", 1])
    sentence, link = "In meeting M1 of the Board csp, 15 October 2026", 'href="/testford/meetings/1/"'
    for user, is_led in ((town.people[Role.BOARD_MEMBER], True), (town.coordinator, True), (town.lead, False)):
        answer = ask(user, url)
        assert sentence in words(answer)
        assert (link in answer.content.decode()) is is_led


def test_a_boards_work_plan_leads_its_members_to_its_meetings(town):
    url = reverse("actions:plan", args=["testford"]) + "?board=csp"
    plan(town)
    assert "Meetings of this board" in words(ask(town.people[Role.BOARD_MEMBER], url))
    assert "Meetings of this board" not in words(ask(town.lead, url))


# --- Sub-groups ------------------------------------------------------------------------------------


def group_form(town: Town, **typed: Any) -> dict[str, Any]:
    wanted = {"name": "Outreach", "code": "outreach", "remit": "To find out.", "board": town.csp.pk, "chair": ""}
    return wanted | {"members": [town.lead.pk]} | typed


def test_is_set_up_changed_retired_and_brought_back_from_its_pages(town):
    url = address("sub-group-add")
    assert "“add” is already the address of another page" in words(
        ask(town.coordinator, url, **group_form(town, code="add"))
    )
    assert ask(town.coordinator, url, **group_form(town))["Location"] == address("sub-group-view", "outreach")
    change = group_form(town, name="Outreach team", chair=town.lead.pk, revision="0")
    ask(town.coordinator, address("sub-group-change", "outreach"), **change)
    body = words(ask(town.people[Role.ANALYST], address("sub-group-view", "outreach")))
    assert "Outreach team Remit It reports to the Board csp . To find out. Members agency-lead, chair" in body
    ask(town.coordinator, address("sub-group-retire", "outreach"), why="Done")
    assert "Retired" in words(ask(town.lead, address("sub-group-list")))
    refused = ask(town.coordinator, address("sub-group-change", "outreach"), **change)
    assert "Outreach team is retired: bring it back first." in words(refused)
    ask(town.coordinator, address("sub-group-bring-back", "outreach"), why="Needed")
    assert not SubGroup.objects.get().retired


def test_members_of_one_name_are_told_apart(town):
    for number in (1, 2):
        person = make_member(town.area, Role.ANALYST, email=f"sam-{number}@test.example")
        User.objects.filter(pk=person.pk).update(name="Sam Reed")
    body = words(ask(town.coordinator, address("sub-group-add")))
    members, chair = body.split(" Chair ")
    for part in (members, chair):
        assert "Sam Reed, sam-1@test.example Sam Reed, sam-2@test.example" in part


def test_a_key_that_no_row_can_have_is_no_choice(town):
    for key in ("9" * 30, "9223372036854775808", "x", "-1"):
        answer = ask(town.coordinator, address("sub-group-add"), **group_form(town, members=[key]))
        assert "Choose the members from the list" in words(answer), key
    assert not SubGroup.objects.exists()


def test_a_sub_groups_meeting_says_whose_actions_it_looks_at(town):
    make_group(town)
    plan_red = plan(town)
    add_update(plan_red, text="Late", rag=Rag.RED, rag_why="No trainer", by=town.coordinator)
    meet(town, sub_group=SubGroup.objects.get(), board=None, held_on=date(2026, 12, 4))
    body = words(ask(town.coordinator, address("meeting-view", 1)))
    assert "Red actions None of this sub-group’s open actions is red." in body


def test_of_two_people_who_change_a_sub_group_the_second_is_told_and_the_next_save_is_taken(town):
    make_group(town)
    url, other = address("sub-group-change", "outreach"), town.people[Role.ANALYST]
    assert 'name="revision" value="0"' in ask(town.coordinator, url).content.decode()
    ask(town.coordinator, url, **group_form(town, members=[town.lead.pk, other.pk], revision="0"))
    answer = ask(town.coordinator, url, **group_form(town, remit="Mine.", revision="0"))
    assert f"differs, the saved text is now: remit: To find out.; members: {town.lead.email}, {other.email}." in words(
        answer
    )
    assert "Mine.</textarea>" in answer.content.decode()
    assert SubGroup.objects.get().members.count() == 2
    assert 'name="revision" value="1"' in answer.content.decode()
    assert ask(town.coordinator, url, **group_form(town, remit="Mine.", revision="1")).status_code == 302


def test_its_meetings_are_for_its_members_and_its_board(town):
    group = make_group(town)
    meeting = hold(town, make_strand(town), sub_group=group)
    plan(town, decided_in=meeting)
    url = group.get_absolute_url()
    for user in (town.lead, town.people[Role.BOARD_MEMBER], town.coordinator):
        assert "M1, 15 October 2026 Held" in words(ask(user, url))
    body = words(ask(town.people[Role.AGENCY_APPROVER], url))
    assert "Only the sub-group’s members, and the board that it reports to, can see its meetings." in body
    assert "Its decisions A1 Train all housing workers" in body
    assert ask(town.lead, address("sub-group-view", "nope")).status_code == 404


# --- Homes -----------------------------------------------------------------------------------------


def unseen_of(user: User) -> str:
    return words(ask(user, HOME)).partition("Needs attention ")[2].partition(" More in Testford")[0]


def test_homes_of_the_strategic_group_say_what_was_not_looked_at(town, monkeypatch):
    board = strategic_group(town)
    for _ in range(4):
        unmeasured(town)
    nhs = make_agency(town.area, "nhs")
    for code in ("woundings", "a-and-e", "beds", "calls"):
        make_indicator(nhs, code)
    challenging.ask(town)
    make_strand(town, "pursue")
    member = make_member(town.area, Role.BOARD_MEMBER, board=board)
    for day in (1, 2):
        hold(town, make_strand(town), board=board, held_on=date(2026, 11, day))
    assert "Meetings of the strategic group: 2 meetings are recorded. A strand needs attention" in unseen_of(member)
    hold(town, make_strand(town), board=board, held_on=date(2026, 11, 3))
    Clock(monkeypatch)("2026-12-25")

    for user in (member, town.people[Role.STRATEGIC], town.coordinator):
        assert unseen_of(user) == (
            "1 strand not discussed by the strategic group Pursue: never discussed in 3 meetings "
            "4 open actions not linked to an indicator A1 Train all housing workers A2 Train all housing workers "
            "A3 Train all housing workers And 1 more "
            "4 indicators that no one supplies A and e: Nhs has no lead Beds: Nhs has no lead Calls: Nhs has no lead "
            "Woundings: Nhs has no lead "
            "1 challenge past its due date C1, about Strand: Prevent: answer was due by 9 December 2026, 16 days ago"
        )
    for user in (town.lead, town.people[Role.BOARD_MEMBER], town.people[Role.ANALYST]):
        assert unseen_of(user) == ""


def test_what_was_looked_at_costs_the_strategic_group_five_queries(town, django_assert_max_num_queries):
    client = signed_in(town.people[Role.STRATEGIC])

    def fill(number: int) -> None:
        unmeasured(town)
        make_indicator(make_agency(town.area, f"nobody-{number}"), f"unsupplied-{number}")
        challenging.ask(town)
        make_strand(town, f"strand-{number}")
        hold(town, make_strand(town), board=strategic_group(town))

    fill(0)
    client.get(HOME)
    with django_assert_max_num_queries(27 + 5):
        client.get(HOME)
    for number in range(1, 5):
        fill(number)
    with django_assert_max_num_queries(27 + 5):
        client.get(HOME)


# --- Set-up ----------------------------------------------------------------------------------------


def test_the_coordinator_sets_after_how_many_meetings(town):
    url = reverse("boards:meetings-edit", args=["testford"])
    assert "must be 12 or less" in words(ask(town.coordinator, url, silent_meetings="13"))
    ask(town.coordinator, url, silent_meetings="5")
    town.area.refresh_from_db()
    assert town.area.silent_meetings == 5
    assert AuditEvent.objects.get(verb="area.changed").details["changes"] == {"silent_meetings": ["3", "5"]}
    assert "After 5" in words(ask(town.coordinator, reverse("indicators:setup", args=["testford"])))
    assert ask(town.lead, url).status_code == 403
