"""Where a person lands: what changed, what they owe, with its due date and what became of the last return; the next
meeting; then the rest."""

import re
from datetime import date
from html import unescape

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from actions.services.plan import complete_action
from actions.services.progress import add_update
from actions.workflow import Rag
from boards.models import Agency
from boards.rules import Role
from boards.services.months import close_month
from core.calendar import Month
from core.models import User
from indicators.figures import Entry
from indicators.models import ReminderKind
from indicators.services.corrections import ask_correction
from indicators.services.returns import accept_return, release_return, save_draft
from reporting.market.services import choose_owner
from reporting.months.services import publish_month
from tests.challenging import ask
from tests.documents import begun
from tests.duty import start
from tests.factories import make_agency, make_board, make_indicator, make_member, make_pathway
from tests.integration.clock import Clock, clock_at
from tests.letters import fail_to_remind
from tests.meeting import meet, seat
from tests.planning import make_owner, plan, step
from tests.scenarios import Town, accept, give_back, issue, make_operator, open_month, publish, submit
from tests.visiting import signed_in

pytestmark = pytest.mark.django_db
SEPTEMBER, OCTOBER = Month(2026, 9), Month(2026, 10)
FIGURES = {"arrests": 12, "charges": 4}
HOME = reverse("reporting:area-home", args=["testford"])


clock = clock_at("2026-11-04")  # a Wednesday; October is due on Tuesday 10 November


@pytest.fixture
def releasing(town: Town) -> Agency:
    town.police.needs_release = True
    town.police.save()
    return town.police


def words(html: str) -> str:
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", html)).split())


def page(user: User) -> str:
    client = signed_in(user)
    return client.get(HOME).content.decode()


def tasks(user: User) -> list[str]:
    """Each task as it is read: its name, hints, and state."""
    lists = re.findall(r'<ul class="govuk-task-list">(.*?)</ul>', page(user), re.DOTALL)
    return [words(item) for body in lists for item in body.split("</li>")[:-1]]


def links(user: User) -> list[str]:
    return re.findall(r'govuk-task-list__link" href="([^"]+)"', page(user))


def tags(user: User) -> list[str]:
    return re.findall(r"vv-status vv-status--([\w-]+)", page(user))


# --- A lead ---------------------------------------------------------------------------------------


def test_a_lead_reads_what_is_owed_and_until_when(town: Town, clock: Clock):
    open_month(town, OCTOBER)
    assert tasks(town.lead) == ["October 2026 figures Due 10 November 2026, 4 working days left. Not started"]
    assert links(town.lead) == [reverse("indicators:return-edit", args=["testford", OCTOBER, "police"])]
    save_draft(town.police, open_month(town, OCTOBER), {"arrests": Entry("1")}, revision=0, by=town.lead)
    assert tasks(town.lead) == ["October 2026 figures Due 10 November 2026, 4 working days left. Draft"]
    clock("2026-11-10")
    assert tasks(town.lead) == ["October 2026 figures Due today. Draft"]
    assert tags(town.lead) == ["progress"]
    clock("2026-11-12")
    assert tasks(town.lead) == ["October 2026 figures Due 10 November 2026, 2 working days overdue. Overdue"]
    assert tags(town.lead) == ["problem"]


def test_a_lead_reads_what_became_of_it(town: Town, clock: Clock):
    submission = submit(town, OCTOBER, FIGURES)
    assert tasks(town.lead) == [
        "October 2026 figures Submitted on 4 November 2026. "
        "The coordinator should check it by 11 November 2026. Submitted"
    ]
    clock("2026-11-05")
    give_back(town, submission)
    assert tasks(town.lead) == [
        "October 2026 figures Sent back by coordinator on 5 November 2026: “Please check the arrests.” "
        "Due 10 November 2026, 3 working days left. Sent back"
    ]
    assert tags(town.lead) == ["returned"]
    clock("2026-11-20")  # it was handed in in time, and is not overdue
    assert tasks(town.lead) == [
        "October 2026 figures Sent back by coordinator on 5 November 2026: “Please check the arrests.” "
        "Due 10 November 2026. Sent back"
    ]
    accept(town, OCTOBER, FIGURES)
    assert tasks(town.lead) == ["October 2026 figures Accepted on 20 November 2026. Accepted"]


def test_the_last_return_is_told_beside_the_next(town: Town, clock: Clock):
    submission = submit(town, SEPTEMBER, FIGURES)
    open_month(town, OCTOBER)

    def last() -> str:
        task = next(task for task in tasks(town.lead) if task.startswith("October"))
        return task.removeprefix("October 2026 figures Due 10 November 2026, ").partition(" left. ")[2]

    assert last() == "September 2026: submitted on 4 November 2026. Not started"
    give_back(town, submission)
    assert last() == "September 2026: sent back on 4 November 2026: “Please check the arrests.” Not started"
    accept(town, SEPTEMBER, FIGURES)
    publish(town, SEPTEMBER)
    assert last() == "September 2026: accepted on 4 November 2026. Not started"


def test_a_lead_of_two_agencies_is_told_whose_each_is(town: Town, clock: Clock):
    nhs = make_agency(town.area, "nhs", name="NHS", position=1)
    make_indicator(nhs, "woundings")
    other = make_member(town.area, Role.AGENCY_LEAD, agency=nhs)
    accept(town, SEPTEMBER, FIGURES)
    town.lead.memberships.create(area=town.area, role=Role.AGENCY_LEAD.value, agency=nhs)
    accept(town, SEPTEMBER, {"woundings": 1}, agency=nhs)
    publish(town, SEPTEMBER)
    open_month(town, OCTOBER)

    assert [task.partition(" Due")[0] for task in tasks(town.lead)] == [
        "October 2026 figures from Police",
        "October 2026 figures from NHS",
    ]
    assert ["September 2026: accepted" in task for task in tasks(town.lead)] == [True, True]
    (own,) = tasks(other)
    assert own.startswith("October 2026 figures Due 10 November 2026, 4 working days left.")


def test_a_closed_month_stays_a_task_of_its_lead(town: Town, clock: Clock):
    close_month(open_month(town, OCTOBER), by=town.coordinator, missing=["Police"], why="Early")
    assert "October 2026 figures" in tasks(town.lead)[0]
    assert "October 2026 is closed without this return. You can still submit it." in tasks(town.lead)[0]


def test_a_lead_sees_the_own_open_corrections(town: Town, clock: Clock):
    accept(town, OCTOBER, FIGURES)
    publish(town, OCTOBER)
    arrests = town.area.indicators.get(code="arrests")
    ask_correction(arrests, None, open_month(town, OCTOBER), entry=Entry("13"), reason="One came late.", by=town.lead)
    other = make_member(town.area, Role.AGENCY_LEAD, agency=make_agency(town.area, "nhs"))
    clock("2026-11-09")

    assert "Arrests, October 2026 12 → 13. With the coordinator since 4 November 2026, 3 working days." in words(
        page(town.lead)
    )
    assert "Corrections that you asked for" not in page(other)
    assert "Corrections that you asked for" not in page(town.coordinator)
    assert tasks(town.coordinator) == [
        "Decide on a correction: Arrests, October 2026 12 → 13. agency-lead from Police asked on 4 November 2026, "
        "3 working days ago: “One came late.” To decide"
    ]


# --- An approver, a second contact ----------------------------------------------------------------


def test_an_approver_is_told_what_waits_for_a_release(town: Town, releasing: Agency, clock: Clock):
    approver = town.people[Role.AGENCY_APPROVER]
    open_month(town, OCTOBER)
    with_lead = "With the lead of Police, since 1 November 2026, 3 working days. Due 10 November 2026"
    assert tasks(approver)[0].startswith(f"October 2026 figures from Police {with_lead}")
    submission = submit(town, OCTOBER, FIGURES)
    assert tasks(town.lead) == [
        "October 2026 figures Submitted on 4 November 2026. Your agency’s approver has to check and release it next. "
        "Submitted"
    ]
    clock("2026-11-06")
    assert tasks(approver) == [
        "Release October 2026 figures from Police Submitted by agency-lead, with you since 4 November 2026, "
        "2 working days. Due 10 November 2026, 2 working days left. To release"
    ]
    assert links(approver) == [reverse("indicators:return-edit", args=["testford", OCTOBER, "police"])]
    release_return(submission, by=approver)
    assert tasks(approver) == [
        "October 2026 figures from Police With the coordinator, since 6 November 2026. "
        "Due 10 November 2026, 2 working days left. Released"
    ]
    assert tasks(town.lead) == [
        "October 2026 figures Released on 6 November 2026. The coordinator should check it by 13 November 2026. "
        "Released"
    ]


def test_nobody_is_asked_to_release_what_they_submitted(town: Town, releasing: Agency, clock: Clock):
    town.lead.memberships.create(area=town.area, role=Role.AGENCY_APPROVER.value, agency=town.police)
    submit(town, OCTOBER, FIGURES)
    assert [task.startswith("Release") for task in tasks(town.lead)] == [False]
    assert len(tasks(town.people[Role.AGENCY_APPROVER])) == 1


def test_a_second_contact_is_told_what_is_overdue(town: Town, clock: Clock):
    contact = town.people[Role.AGENCY_CONTACT]
    open_month(town, OCTOBER)
    assert tasks(contact)[0].endswith("Not started")
    clock("2026-11-13")
    assert tasks(contact) == [
        "October 2026 figures from Police Due 10 November 2026, 3 working days overdue. Police’s lead has to enter "
        "them. You are the second contact: remind the lead, or ask the coordinator to add another one. Overdue"
    ]
    submit(town, OCTOBER, FIGURES)
    assert tasks(contact)[0].endswith("Submitted")


# --- The coordinator ------------------------------------------------------------------------------


def test_the_coordinator_reads_what_waits(town: Town, clock: Clock):
    nhs = make_agency(town.area, "nhs", name="NHS", position=1)
    make_indicator(nhs, "woundings", boards=(town.csp,))
    submission = submit(town, OCTOBER, FIGURES)
    clock("2026-11-12")
    lead = make_member(town.area, Role.AGENCY_LEAD, agency=nhs)
    fail_to_remind(submission.period, nhs, lead, ReminderKind.OVERDUE)
    assert tasks(town.coordinator) == [
        "Returns for October 2026 0 of 2 returns accepted. Due 10 November 2026. "
        "1 is waiting for you. 1 is overdue. 1 reminder was not sent. Open"
    ]
    accept_return(submission, by=town.coordinator)
    close_month(submission.period, by=town.coordinator, missing=["NHS"], why="Early")
    assert tasks(town.coordinator) == ["Returns for October 2026 Closed: check the draft, then publish it. Closed"]
    publish_month(submission.period, why="Early", by=town.coordinator)
    assert tasks(town.coordinator) == []


def test_who_owes_nothing_is_asked_nothing(town: Town, clock: Clock):
    submit(town, OCTOBER, FIGURES)
    for role in (Role.BOARD_MEMBER, Role.STRATEGIC, Role.ANALYST, Role.INFORMATION):
        assert tasks(town.people[role]) == []


def test_more_agencies_cost_a_lead_no_more(town: Town, clock: Clock, django_assert_max_num_queries):
    for number in range(20):
        agency = make_agency(town.area, f"agency-{number}")
        make_indicator(agency, f"extra-{number}")
        town.lead.memberships.create(area=town.area, role=Role.AGENCY_LEAD.value, agency=agency)
    open_month(town, OCTOBER)
    client = signed_in(town.lead)
    # … what is asked of them, what they are offered; what people were promised, and what is counted; when they last
    # looked, and what changed since; meetings, challenges (counted, then listed) and the plan; whether other areas ask
    # them too; which pages the area chose to have
    with django_assert_max_num_queries(12 + 2 + 2 + 2 + 8 + 5 + 1 + 1 + 1):
        assert client.get(HOME).content.decode().count("govuk-task-list__link") == 21


# --- What stands where ----------------------------------------------------------------------------


def headings(user: User) -> list[str]:
    return [words(heading) for heading in re.findall(r"<h2[^>]*>(.*?)</h2>", page(user), re.DOTALL)]


def section(user: User, name: str) -> str:
    return words(page(user).partition(f'aria-labelledby="h-{name}"')[2].partition("</section>")[0].partition(">")[2])


def test_every_home_begins_with_what_changed_then_what_is_owed_then_the_meeting(town: Town, clock: Clock):
    accept(town, SEPTEMBER, FIGURES)
    publish(town, SEPTEMBER)  # before that, the coordinator's begins with the first steps
    for person in [*town.people.values(), make_operator()]:
        assert [words.split(":")[0] for words in headings(person)[:4]] == [
            *("New in November 2026", "Your tasks", "The next meeting", "The month")
        ]


def test_a_home_says_since_when_and_all_of_it_on_request(town: Town, clock: Clock):
    actions = [plan(town) for _ in range(10)]
    page(town.people[Role.STRATEGIC])
    clock("2026-11-12")
    for action in actions:
        complete_action(action, by=town.people[Role.BOARD_MEMBER])
    news = section(town.people[Role.STRATEGIC], "news")
    assert news.startswith("Since you last looked on 4 November 2026 12 Nov A10 is complete")
    assert news.endswith("And 7 more")
    client = signed_in(town.people[Role.STRATEGIC])
    assert client.get(HOME, {"changed": "all"}).content.decode().count("is complete") == 10
    assert section(town.people[Role.STRATEGIC], "news") == news  # the same all day


def test_looking_again_writes_nothing(town: Town, clock: Clock):
    page(town.lead)
    with CaptureQueriesContext(connection) as asked:
        page(town.lead)
    signing_in = ("core_session", "core_user")
    written = [query["sql"] for query in asked.captured_queries if not query["sql"].startswith("SELECT")]
    assert [sql for sql in written if "INSERT" in sql or "UPDATE" in sql if not any(t in sql for t in signing_in)] == []


def test_what_others_wait_for_comes_first_and_then_what_is_overdue(town: Town, clock: Clock):
    open_month(town, OCTOBER)
    mine = plan(town, owner=town.lead, due_on=date(2026, 11, 6))
    step(mine, "Long ago", by=town.coordinator, due_on=date(2026, 11, 2))
    step(plan(town, owner=make_owner(town)), "Someone else’s", by=town.coordinator, due_on=date(2026, 11, 2))
    step(plan(town, owner=town.lead), "Later", by=town.coordinator, due_on=date(2026, 11, 27))
    ask(town, agency=town.police, answerer=town.lead, due_on=date(2026, 11, 18))
    clock("2026-11-09")
    assert [task.partition(" Overdue")[0].partition(" Due")[0] for task in tasks(town.lead)] == [
        "October 2026 figures",
        "Answer challenge C1: Strand: Prevent What is done about it? Answer due by 18 November 2026, in 9 days. Raised",
        "Update the progress of A1 Train all housing workers",
        "Update the progress of A3 Train all housing workers",
    ]
    # Each action has an update and a milestone to do: five are listed.
    assert "Your tasks: 6 tasks in 4 rows" in headings(town.lead)


def test_whoever_owes_nothing_is_told_what_comes_next(town: Town, clock: Clock):
    assert "You have no tasks in Testford now. New tasks will appear here." in page(town.people[Role.ANALYST])
    submit(town, OCTOBER, FIGURES)
    assert "Your next task is due on 10 December 2026: November 2026 figures." in section(town.lead, "owed")
    member = town.people[Role.BOARD_MEMBER]
    action = plan(town)
    add_update(action, text="Begun", rag=Rag.GREEN, by=member)
    assert "Your next task is due on 31 December 2026: an update on A1 for December." in section(member, "owed")
    step(action, "Agree the course", by=town.coordinator, due_on=date(2026, 12, 2))
    assert "Your next task is due on 2 December 2026: milestone of A1: Agree the course." in section(member, "owed")
    meet(town, held_on=date(2026, 11, 18))
    assert "The next meeting is on 18 November 2026." in section(town.people[Role.ANALYST], "owed")


def test_whose_agency_reports_nothing_is_told_of_no_figures(town: Town, clock: Clock):
    health = make_agency(town.area, "health")
    lead = make_member(town.area, Role.AGENCY_LEAD, agency=health)
    assert "You have no tasks in Testford now. New tasks will appear here." in section(lead, "owed")
    make_indicator(health, "overdoses")
    assert "Your next task is due on 10 December 2026: November 2026 figures." in section(lead, "owed")


def test_many_things_are_folded_and_none_is_left_out(town: Town, clock: Clock):
    for _ in range(15):
        plan(town)
    member = town.people[Role.BOARD_MEMBER]
    assert len(tasks(member)) == 15
    assert "12 more" in section(member, "owed")


def test_more_in_the_area_has_what_the_area_chose_to_have(town: Town, clock: Clock):
    ways = ["Strategic group", "Documents of the year", "Serious Violence Duty", "Pathways", "Drug market"]

    def list_ways() -> list[str]:
        links = page(town.lead).partition('id="h-more"')[2].partition("</section>")[0]
        names = [words(link) for link in re.findall(r"<a[^>]*>.*?</a>", links)]
        return [name for name in names if name in ways]

    assert list_ways() == []
    seat(town)
    begun(town)
    start(town)
    make_pathway(town.area, "found", town.police, uncounted="with-a-plan")
    choose_owner(town.area, town.police, by=town.coordinator)
    assert list_ways() == ways
    choose_owner(town.area, None, by=town.coordinator)
    assert list_ways() == ways[:-1]


# --- The next meeting -----------------------------------------------------------------------------


def test_the_next_meeting_is_the_soonest_of_theirs(town: Town, clock: Clock):
    member = town.people[Role.BOARD_MEMBER]
    for day in (27, 18):
        meet(town, held_on=date(2026, 11, day))
    meet(town, held_on=date(2026, 11, 5), board=make_board(town.area, "hwbb"))
    said = section(member, "meeting")
    assert said.startswith("The next meeting 18 November 2026 , in 14 days Board csp : see its agenda")
    assert "No pack is issued for it yet." in said
    assert said.endswith("Then, on 27 November 2026: Board csp")
    assert "5 November 2026 , tomorrow" in section(town.coordinator, "meeting")
    clock("2026-11-18")
    assert "18 November 2026 , today" in section(member, "meeting")


def test_the_pack_of_the_next_meeting_is_there(town: Town, clock: Clock):
    accept(town, OCTOBER, FIGURES)
    publish(town, OCTOBER)
    meet(town, held_on=date(2026, 11, 27))
    assert "Make its pack" in section(town.coordinator, "meeting")
    pack = issue(town, OCTOBER)
    for person in (town.people[Role.BOARD_MEMBER], town.coordinator):
        assert pack.get_absolute_url() in page(person)
        assert "Its pack, October 2026" in section(person, "meeting")
        assert "No pack" not in section(person, "meeting")


def test_without_a_meeting_it_says_who_can_plan_one(town: Town, clock: Clock):
    assert section(town.lead, "meeting") == "The next meeting You have no meeting planned. coordinator can plan one."
    open_month(town, OCTOBER)
    assert "Plan the next one" in section(town.coordinator, "meeting")
    town.coordinator.memberships.all().delete()
    assert "Testford has no coordinator." in section(town.lead, "meeting")


# --- The rest -------------------------------------------------------------------------------------


def test_the_month_says_what_stands_out(town: Town, clock: Clock):
    assert "No month is published yet." in section(town.lead, "month")
    accept(town, OCTOBER, FIGURES)
    publish(town, OCTOBER)
    said = section(town.people[Role.BOARD_MEMBER], "month")
    assert said.startswith("The month This is Testford, October 2026 No figure for this month can be judged yet.")
    assert said.endswith(" CSP")
    assert "CSP" not in section(town.lead, "month")


def test_challenges_and_the_plan_stand_there_in_short(town: Town, clock: Clock):
    member = town.people[Role.BOARD_MEMBER]
    assert section(member, "challenges") == "Challenges There are no open challenges that concern you or your boards."
    assert section(member, "plan") == "The plan There are no open actions. The coordinator adds them."
    ask(town)
    add_update(plan(town), text="Late", rag=Rag.RED, rag_why="No one came", by=member)
    plan(town)
    assert section(member, "challenges") == (
        "Challenges 1 is open. C1: Strand: Prevent Answer due by 18 November 2026, in 14 days"
    )
    assert section(member, "plan") == (
        "The plan 2 actions are open: 1 red, 1 green. Red: off track A1 Train all housing workers No one came"
    )
    assert "There are no open challenges that concern you" in section(town.lead, "challenges")
