"""From make_area to a first published month, by somebody who knows no address: in at most ten forms, without the
admin. And what a new area's coordinator is led by: the first steps."""

import re

import pytest
from django.core import mail
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from boards.models import PartnershipArea, ReportingPeriod
from boards.rules import AGENCY_ROLES, BOARD_ROLES, Role
from core.calendar import Month
from core.models import AuditEvent, User
from core.tasks import send_account_letters
from indicators.catalogues.files import read_starter
from indicators.services.catalogues import AreaDraft, make_area
from reporting.models import StepSetAside
from reporting.months.services import publish_past_months
from tests import measuring
from tests.factories import make_member
from tests.integration.command_line import run
from tests.scenarios import Town, accept, make_operator, open_month, publish, submit, sweep
from tests.standing import stand
from tests.stranger import Seen, Stranger
from tests.tiers import vary_at_release
from tests.visiting import signed_in

pytestmark = pytest.mark.django_db
PASSWORD = "a-long-and-uncommon-one-2026"
MOST_FORMS = 10


def this_month() -> Month:
    return Month.of(timezone.localdate())


def choose_password(letter: object) -> Stranger:
    """By the link in an e-mail, or the one that the command prints."""
    path = re.search(r"https?://[^/\s]+(/account/password/reset/key/\S+)", str(letter))
    assert path is not None
    return Stranger().open(path[1]).press("Save password", password1=PASSWORD, password2=PASSWORD)


def publish_first_month() -> tuple[Stranger, Stranger]:
    """From an empty database to a published month: its coordinator and its lead."""
    wanted = ("--slug", "newtown", "--name", "Newtown", "--from", "starter")
    ran = run("make_area", *wanted, "--coordinator", "alex@council.example", "--coordinator-name", "Alex Green")
    assert ran.status == 0
    ReportingPeriod.objects.all().delete()  # as where nobody said which month comes first
    alex = choose_password(ran.out)
    people = "Ann Lee\tann@police.example\tAgency lead\tPolice\nBo Ray\tbo@council.example\tBoard member\tcsp"
    alex.follow("Invite people").press("See what it would do", table=people).press(
        "Invite these 2 people", is_attested="on"
    )
    alex.follow("Newtown").follow("Open the first month").press("Open the first month")

    ann = choose_password(mail.outbox[0].body)
    label = this_month().label
    ann.follow(f"{label} figures")
    boxes = [name for form in ann.page.forms for name in form.held if name.endswith(":value")]
    ann.press(f"Check {label} figures", **dict.fromkeys(boxes, "2"))
    ann.press(f"Submit {label} figures", is_early="on")  # the month isn't over

    alex.follow("Newtown").follow("Get the first return").press("Accept the chosen returns", agency="police")
    alex.follow(f"Close {label}").press(f"Close {label}", why="The first month, to try it")
    alex.follow(f"Publish {label}").press(f"Publish {label}")
    assert f"{label} is published: the boards see it now." in alex.page.text
    assert "First steps" not in alex.follow("Newtown").page.text
    return alex, ann


def test_a_town_publishes_its_first_month_in_ten_forms():
    alex, ann = publish_first_month()

    bo = choose_password(mail.outbox[1].body)
    bo.follow("Latest month")
    assert "Drug arrests" in bo.page.text
    assert len([*alex.forms, *ann.forms]) == MOST_FORMS


def test_a_town_with_one_coordinator_one_lead_and_one_officer_goes_public():
    alex, _ = publish_first_month()
    label = this_month().label
    alex.follow("Set-up").follow("People").follow("Add someone")
    alex.press(
        "Add and send the email", email="olu@council.example", name="Olu Day", role="information", is_attested="on"
    )

    # The first officer is confirmed by the operator, who may end the wait.
    operator = Stranger()
    operator.client.force_login(make_operator())
    operator.open("/").follow("Requests about roles").follow("Make Olu Day").press("Confirm")
    operator.press("End the wait", why="The first month is due")

    olu = choose_password(mail.outbox[-1].body)
    alex.follow("Newtown").follow("Public pages").press("Turn the public pages on").follow(label)
    alex.press("Ask the information officer for approval")
    olu.follow("Public pages").follow(label).press("Approve this edition")
    alex.follow("Public pages").follow(label).press(f"Make {label} public")
    public = Stranger().open(f"/newtown/public/{this_month()}/").page.text
    assert "Often missing from home" in public
    assert "Drug arrests" not in public  # the starter set makes it public as the total of a year


# --- The first steps ----------------------------------------------------------------------------------


def make_newtown(first_month: Month | None = None) -> PartnershipArea:
    return make_area(
        AreaDraft(slug="newtown", name="Newtown"),
        read_starter(),
        first_month=first_month,
        defined_from=this_month(),
        by=None,
    )


made, newtown = stand(make_newtown)


def join(area: PartnershipArea, role: Role) -> Client:
    agency = area.agencies.get(code="police") if role in AGENCY_ROLES else None
    board = area.boards.get(code="csp") if role in BOARD_ROLES else None
    return signed_in(make_member(area, role, agency=agency, board=board, email=f"{role}@newtown.example"))


def steps(client: Client, slug: str) -> dict[str, str]:
    """Each step with its state: {"Invite people": "Next"}."""
    found = client.get(f"/{slug}/").context["steps"]
    return {step.name: step.label for step in found.steps} if found else {}


def test_what_is_done_is_worked_out(newtown: PartnershipArea):
    client = join(newtown, Role.COORDINATOR)
    expected = {
        "Check boards and agencies": "Done",
        "Invite people": "Next",
        "Open the first month": "To do",
        "Import past figures": "To do",
        "Get the first return": "To do",
        "Publish the first month": "To do",
    }
    assert steps(client, "newtown") == expected
    for agency in newtown.agencies.all():
        make_member(newtown, Role.AGENCY_LEAD, agency=agency)
    for board in newtown.boards.exclude(code="strategic"):
        make_member(newtown, Role.BOARD_MEMBER, board=board)
    assert steps(client, "newtown")["Invite people"] == "Next"
    make_member(newtown, Role.STRATEGIC)  # who need no seat on the group's board
    assert steps(client, "newtown") == expected | {"Invite people": "Done", "Open the first month": "Next"}
    newtown.boards.get(code="csp").indicator_places.all().delete()
    assert steps(client, "newtown")["Check boards and agencies"] != "Done"


def test_returns_and_history_count_when_they_are_in(town: Town):
    client = signed_in(town.coordinator)
    month = Month(2026, 10)
    open_month(town, month)
    assert steps(client, "testford")["Import past figures"] == "Next"
    assert steps(client, "testford")["Get the first return"] == "To do"
    submit(town, month, {"arrests": 4, "charges": 1})
    assert steps(client, "testford")["Get the first return"] == "Done"
    assert steps(client, "testford")["Import past figures"] == "Next"
    measuring.take_in(town, "arrests", 2, 2, last=month.previous)
    assert steps(client, "testford")["Import past figures"] == "Done"
    assert steps(client, "testford")["Publish the first month"] == "Next"
    said = client.get("/testford/").content.decode()
    assert "2 earlier months can be closed and published together: August 2026 to September 2026." in said
    assert "2 figures, August 2026 to September 2026." in said
    sweep()
    publish_past_months(town.area, last=month.previous, why="From before", by=town.coordinator)
    assert steps(client, "testford")["Publish the first month"] == "Done"
    said = client.get("/testford/").content.decode()
    assert "2 months published. Close, check and publish the first month with returns from its returns page." in said


def test_the_steps_are_gone_once_a_month_is_published(town: Town):
    client = signed_in(town.coordinator)
    accept(town, Month(2026, 10), {"arrests": 4, "charges": 1})
    assert steps(client, "testford")
    publish(town, Month(2026, 10))
    assert steps(client, "testford") == {}
    assert "First steps" not in client.get("/testford/").content.decode()


def test_the_steps_stay_where_past_months_alone_are_published(town: Town):
    client = signed_in(town.coordinator)
    accept(town, Month(2026, 10), {"arrests": 4, "charges": 1})
    publish(town, Month(2026, 10))
    ReportingPeriod.objects.update(for_history=True)
    assert steps(client, "testford")["Publish the first month"] == "Done"


def test_nobody_else_is_led_by_them(newtown: PartnershipArea):
    for role in (role for role in Role if role not in (Role.COORDINATOR, Role.OPERATOR)):
        assert "First steps" not in join(newtown, role).get("/newtown/").content.decode()


def test_a_step_is_set_aside_and_taken_up_again(newtown: PartnershipArea):
    client = join(newtown, Role.COORDINATOR)
    for _ in range(2):  # a button that was pressed twice
        answer = client.post("/newtown/first-steps/history/", {"act": "set-aside"}, follow=True)
        assert "“Import past figures” is set aside." in answer.content.decode()
    assert steps(client, "newtown")["Import past figures"] == "Set aside"
    assert "First steps: 1 of 5 done" in client.get("/newtown/").content.decode()
    assert AuditEvent.objects.filter(verb="first_step.set_aside").count() == 1
    client.post("/newtown/first-steps/history/", {"act": "take-up"})
    assert steps(client, "newtown")["Import past figures"] == "To do"
    assert AuditEvent.objects.filter(verb="first_step.taken_up").count() == 1


@pytest.mark.parametrize("step", ["month", "publish"])
def test_what_an_area_cannot_do_without_is_not_set_aside(newtown: PartnershipArea, step: str):
    client = join(newtown, Role.COORDINATOR)
    answer = client.post(f"/newtown/first-steps/{step}/", {"act": "set-aside"}, follow=True)
    assert "can’t be set aside. Without this step there is nothing to show." in answer.content.decode()
    assert not StepSetAside.objects.exists()
    assert client.post("/newtown/first-steps/dance/").status_code == 404


def test_they_cost_as_many_queries_whatever_there_is(newtown: PartnershipArea):
    client = join(newtown, Role.COORDINATOR)
    client.get("/newtown/")
    with CaptureQueriesContext(
        connection,
    ) as few:
        client.get("/newtown/")
    for agency in newtown.agencies.all():
        make_member(newtown, Role.AGENCY_LEAD, agency=agency)
    with CaptureQueriesContext(connection) as many:
        client.get("/newtown/")
    assert len(many) == len(few)


# --- Links ----------------------------------------------------------------------------------------------


def check_links(area: PartnershipArea) -> None:
    for role in (role for role in Role if role is not Role.OPERATOR):
        client = join(area, role)
        links = [url for url in Seen(client.get("/newtown/").content.decode()).links.values() if url[:1] == "/"]
        assert len(links) > 5
        answers = {url: client.get(url.partition("#")[0], follow=True).status_code for url in links}
        assert {url: status for url, status in answers.items() if status != 200} == {}, role


def test_every_link_of_a_new_area_answers(newtown: PartnershipArea):
    check_links(newtown)


@pytest.mark.release  # test_every_link_of_a_new_area_answers, without a month
def test_every_link_of_a_new_area_with_a_month_answers():
    check_links(make_newtown(this_month()))


MENU = {
    Role.AGENCY_LEAD: ["Actions", "Meetings"],
    Role.BOARD_MEMBER: ["Actions", "Meetings"],
    Role.STRATEGIC: ["Actions", "Meetings"],
    Role.INFORMATION: ["Actions", "Meetings", "Audit log"],
    Role.COORDINATOR: ["Actions", "Meetings", "Set-up"],
}


@pytest.mark.parametrize("role", vary_at_release([*MENU], every_time=2))
def test_the_menu_of_an_area_without_a_month_has_nothing_about_months(newtown: PartnershipArea, role: Role):
    page = join(newtown, role).get("/newtown/").content.decode()
    menu = page.partition('<ul class="vv-menu">')[2].partition("<form")[0]
    assert re.findall(r">([^<]+)</a>", menu) == MENU[role]


def test_a_lead_finds_returns_as_soon_as_a_month_is_open():
    page = join(make_newtown(this_month()), Role.AGENCY_LEAD).get("/newtown/").content.decode()
    menu = page.partition('<ul class="vv-menu">')[2].partition("<form")[0]
    assert re.findall(r">([^<]+)</a>", menu) == ["Returns", "KPIs", "Actions", "Challenges", "Meetings"]


def test_whoever_sets_a_password_by_a_link_is_signed_in(town: Town):
    town.lead.set_unusable_password()
    town.lead.save()
    Client().post("/account/password/reset/", {"email": town.lead.email})
    send_account_letters()
    lead = choose_password(mail.outbox[0].body)
    assert lead.path == "/testford/"
    assert User.objects.get(pk=town.lead.pk).check_password(PASSWORD)
