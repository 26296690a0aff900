"""Coordinators and information officers come and go by two people; and what a new officer can't do alone yet."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.core import mail
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import IntegrityError, transaction
from django.utils import timezone

from boards.models import Membership, RoleRequest
from boards.rules import Role
from boards.services.people import grant_role, revoke_role
from boards.services.regions import agree_to_consent, give_consent
from boards.services.requests import ask_end, ask_role, confirm_request, decline_request, end_wait, withdraw_request
from core.calendar import Month
from core.labels import TransitionRefused
from core.mail.daily import load_sources, send_letters
from core.models import AuditEvent, User
from indicators.services.names import grant_view
from reporting.public.services import agree, ask_consent, turn_public_pages
from tests import scenarios
from tests.answers import Answer
from tests.factories import make_member, make_user
from tests.integration.clock import Clock, clock_at
from tests.scenarios import Town
from tests.visiting import signed_in

pytestmark = pytest.mark.django_db
MAILBOX = "second.mailbox@council.example"
SEPTEMBER = Month(2026, 9)


@pytest.fixture
def officer(town: Town) -> User:
    return town.people[Role.INFORMATION]


@pytest.fixture
def operator(db) -> User:
    return scenarios.make_operator()


clock = clock_at("2026-11-04")  # a Wednesday


def press(person: User, asked: RoleRequest, decision: str, *, of_operator: bool = False, why: str = "") -> Answer:
    url = f"/operator/roles/{asked.pk}/" if of_operator else f"/testford/roles/{asked.pk}/"
    return signed_in(person).post(url, {"decision": decision, "why": why}, follow=True)


def ask(town: Town, role: Role = Role.INFORMATION, email: str = MAILBOX) -> RoleRequest:
    return ask_role(town.area, email=email, name="Sam Hill", role=role, is_attested=True, by=town.coordinator)


def roles_of(email: str = MAILBOX) -> list[str]:
    return list(Membership.objects.filter(user__email=email).values_list("role", flat=True))


def send_day() -> dict[str, str]:
    """The letters of the day: whom each is to, and what it says."""
    mail.outbox.clear()
    send_letters(load_sources())
    return {message.to[0]: str(message.body) for message in mail.outbox}


def have_edition(town: Town):
    scenarios.accept(town, SEPTEMBER, {"arrests": 12, "charges": 14})
    scenarios.publish(town, SEPTEMBER)
    turn_public_pages(town.area, on=True, by=town.coordinator)
    period = scenarios.open_month(town, SEPTEMBER)
    return ask_consent(period, by=town.coordinator)


# --- The attack ---------------------------------------------------------------------------------------------


def test_a_coordinator_cannot_make_a_second_mailbox_of_theirs_the_officer(town: Town, officer: User, clock: Clock):
    """Once, they invited it, and it lifted rules and approved editions."""
    edition = have_edition(town)
    typed = {
        "email": MAILBOX,
        "name": "Sam Hill",
        "role": "information",
        "agency": "",
        "board": "",
        "is_attested": "on",
    }
    mail.outbox.clear()
    answer = signed_in(town.coordinator).post("/testford/setup/people/add/", typed, follow=True)

    # Nothing is given, the mailbox gets nothing, and every officer is told.
    assert "You asked to make Sam Hill an information officer. It waits" in answer.content.decode()
    assert (roles_of(), mail.outbox) == ([], [])
    asked = RoleRequest.objects.get()
    letters = send_day()
    assert MAILBOX not in letters
    assert "Make Sam Hill an information officer?" in letters[officer.email]

    # Neither the coordinator nor the mailbox confirms it.
    mailbox = User.objects.get(email=MAILBOX)
    assert "Confirm</button>" not in signed_in(town.coordinator).get(f"/testford/roles/{asked.pk}/").content.decode()
    assert press(town.coordinator, asked, "confirm").status_code == 403
    assert press(mailbox, asked, "confirm").status_code == 404
    assert press(town.coordinator, asked, "confirm", of_operator=True).status_code == 403
    assert roles_of() == []

    # An officer who is deceived still leaves seven days, in which all the others are told.
    other = make_member(town.area, Role.INFORMATION)
    clock("2026-11-05")
    press(officer, asked, "confirm")
    assert roles_of() == ["information"]
    clock("2026-11-06")
    assert "was confirmed" in send_day()[other.email]
    with pytest.raises(PermissionDenied, match="can’t decide this before 12 November 2026"):
        agree(edition, by=mailbox, seen=edition.fingerprint)
    # Nothing is offered to them that would be refused.
    page = signed_in(mailbox).get(f"/testford/publishing/{SEPTEMBER}/").content.decode()
    assert "You can decide this from 12 November 2026." in page
    assert "Approve this edition" not in page
    assert "To decide" not in signed_in(mailbox).get("/testford/").content.decode()
    assert "Approve this edition" in signed_in(officer).get(f"/testford/publishing/{SEPTEMBER}/").content.decode()
    assert "To decide" in signed_in(officer).get("/testford/").content.decode()
    # Nor does it let another mailbox in meanwhile.
    third = ask(town, email="third.mailbox@council.example")
    assert press(mailbox, third, "confirm").status_code == 403


# --- Asking and confirming ------------------------------------------------------------------------------------


@pytest.mark.parametrize("role", [Role.COORDINATOR, Role.INFORMATION])
def test_an_officer_confirms_and_the_person_is_told(town: Town, officer: User, role: Role):
    asked = ask(town, role)
    mail.outbox.clear()
    page = press(officer, asked, "confirm").content.decode()
    assert "You confirmed it: Make Sam Hill" in page
    assert roles_of() == [role.value]
    assert [message.to for message in mail.outbox] == [[MAILBOX]]
    asked.refresh_from_db()
    assert (asked.outcome, asked.decided_by) == ("confirmed", officer)
    event = AuditEvent.objects.get(verb="role_request.confirmed")
    assert (event.actor, event.details["asked_by"]) == (officer.email, town.coordinator.email)
    # A second press finds it done.
    assert "Someone has already decided this: confirmed." in press(officer, asked, "confirm").content.decode()


def test_the_first_officer_is_confirmed_by_the_operator_who_may_end_the_wait(town: Town, operator: User):
    Membership.objects.filter(role=Role.INFORMATION).delete()
    asked = ask(town)
    assert "has no information officer yet" in signed_in(town.coordinator).get("/testford/roles/").content.decode()
    assert f"/operator/roles/{asked.pk}/" in signed_in(operator).get("/operator/roles/").content.decode()
    press(operator, asked, "confirm", of_operator=True)
    assert Membership.objects.get(role=Role.INFORMATION).acts_from == timezone.localdate() + timedelta(days=7)

    missing = press(operator, asked, "shorten", of_operator=True).content.decode()
    assert "Say why this officer can decide before the wait is over." in missing
    press(operator, asked, "shorten", of_operator=True, why="The first month is due")
    assert Membership.objects.get(role=Role.INFORMATION).acts_from == timezone.localdate()
    asked.refresh_from_db()
    assert (asked.shortened_by, asked.shortened_why) == (operator, "The first month is due")
    assert AuditEvent.objects.get(verb="role_request.shortened").details["why"] == "The first month is due"


def test_another_officer_ends_the_wait_and_not_the_operator(town: Town, officer: User, operator: User):
    asked = ask(town)
    confirm_request(asked, by=operator)
    mailbox = User.objects.get(email=MAILBOX)
    with pytest.raises(PermissionDenied, match="has an information officer who can end the wait"):
        end_wait(asked, why="Now", by=operator)
    with pytest.raises(PermissionDenied, match="can’t decide this before"):
        end_wait(asked, why="Now", by=mailbox)
    for _ in range(2):
        end_wait(asked, why="Was our deputy", by=officer)
    assert AuditEvent.objects.filter(verb="role_request.shortened").count() == 1
    assert Membership.objects.get(user=mailbox).acts_from == timezone.localdate()


@pytest.mark.parametrize("role", [Role.COORDINATOR, Role.ANALYST, Role.STRATEGIC])
def test_nobody_else_confirms(town: Town, role: Role):
    asked = ask(town)
    other = make_member(town.area, role)
    for act in (
        lambda: confirm_request(asked, by=other),
        lambda: decline_request(asked, why="No", by=other),
        lambda: end_wait(asked, why="Now", by=other),
    ):
        with pytest.raises(PermissionDenied):
            act()
    elsewhere = scenarios.make_town("otherford").people[Role.INFORMATION]
    with pytest.raises(PermissionDenied):
        confirm_request(asked, by=elsewhere)
    assert signed_in(elsewhere).get(f"/otherford/roles/{asked.pk}/").status_code == 404


def test_an_operator_who_asked_as_coordinator_confirms_nothing(town: Town, operator: User):
    Membership.objects.create(user=operator, area=town.area, role=Role.COORDINATOR.value)
    asked = ask_role(town.area, email=MAILBOX, name="Sam", role=Role.INFORMATION, is_attested=True, by=operator)
    with pytest.raises(PermissionDenied, match="You asked for this yourself"):
        confirm_request(asked, by=operator)
    own = ask_role(
        town.area, email="op2@test.example", name="Op", role=Role.INFORMATION, is_attested=True, by=town.coordinator
    )
    User.objects.filter(email="op2@test.example").update(is_superuser=True, is_staff=True)
    with pytest.raises(PermissionDenied, match="about your own role"):
        confirm_request(own, by=User.objects.get(email="op2@test.example"))


def test_nor_ends_such_an_operator_the_wait(town: Town, officer: User, operator: User):
    """They asked as a coordinator. No officer decides by then, so an operator could otherwise."""
    Membership.objects.create(user=operator, area=town.area, role=Role.COORDINATOR.value)
    asked = ask_role(town.area, email=MAILBOX, name="Sam", role=Role.INFORMATION, is_attested=True, by=operator)
    confirm_request(asked, by=officer)
    User.objects.filter(pk=officer.pk).update(is_active=False)
    with pytest.raises(PermissionDenied, match="You asked for this yourself"):
        end_wait(asked, why="Now", by=operator)
    assert "shorten" not in press(operator, asked, "shorten", of_operator=True, why="Now").content.decode()


def test_what_a_former_coordinator_asked_is_not_confirmed(town: Town, officer: User):
    """Their role was ended, perhaps because of what they asked."""
    make_member(town.area, Role.COORDINATOR)
    asked = ask(town)
    Membership.objects.filter(user=town.coordinator).delete()
    with pytest.raises(TransitionRefused, match="is no longer a coordinator"):
        confirm_request(asked, by=officer)
    assert roles_of() == []
    decline_request(asked, why="Ask again", by=officer)


def test_it_is_declined_with_a_reason_or_withdrawn(town: Town, officer: User):
    asked = ask(town)
    assert "Say why you decline it." in press(officer, asked, "decline").content.decode()
    press(officer, asked, "decline", why="No one here knows them")
    asked.refresh_from_db()
    assert (asked.outcome, asked.decided_why, roles_of()) == ("declined", "No one here knows them", [])
    again = ask(town)
    press(town.coordinator, again, "withdraw")
    again.refresh_from_db()
    assert (again.outcome, again.decided_by) == ("withdrawn", town.coordinator)
    with pytest.raises(PermissionDenied):
        withdraw_request(ask(town), by=officer)


def test_it_ends_after_fourteen_days(town: Town, officer: User, clock: Clock):
    asked = ask(town)
    assert officer.email in send_day()
    clock("2026-11-19")
    assert send_day() == {}
    assert "because no one decided" in signed_in(officer).get(f"/testford/roles/{asked.pk}/").content.decode()
    with pytest.raises(TransitionRefused, match="No one decided this within 14 days"):
        confirm_request(asked, by=officer)
    again = ask(town)
    asked.refresh_from_db()
    assert (asked.outcome, again.outcome) == ("lapsed", "")


def test_it_is_asked_once(town: Town):
    ask(town)
    for role in (Role.INFORMATION, Role.COORDINATOR):
        with pytest.raises(ValidationError, match="already asked about Sam Hill’s role"):
            ask(town, role)


# --- Who may not --------------------------------------------------------------------------------------------


@pytest.mark.both_databases
def test_nobody_is_both(town: Town, officer: User):
    for person, role in ((town.coordinator, Role.INFORMATION), (officer, Role.COORDINATOR)):
        typed = {"email": person.email, "name": "X", "role": role.value, "agency": "", "board": "", "is_attested": "on"}
        page = signed_in(town.coordinator).post("/testford/setup/people/add/", typed).content.decode()
        assert "No one can be both coordinator and information officer." in page
        first = timezone.localdate() if role is Role.INFORMATION else None
        with pytest.raises(IntegrityError), transaction.atomic():
            Membership.objects.create(user=person, area=town.area, role=role.value, acts_from=first)
    assert not RoleRequest.objects.exists()


def test_nobody_becomes_both_while_a_request_waits(town: Town, officer: User, operator: User):
    asked = ask(town)
    Membership.objects.create(user=asked.user, area=town.area, role=Role.COORDINATOR.value)
    with pytest.raises(ValidationError, match="No one can be both"):
        confirm_request(asked, by=officer)
    asked.refresh_from_db()
    assert asked.outcome == ""


@pytest.mark.both_databases
def test_an_officer_without_a_first_day_is_refused_by_the_database(town: Town):
    with pytest.raises(IntegrityError), transaction.atomic():
        Membership.objects.create(user=make_user(), area=town.area, role=Role.INFORMATION.value)


@pytest.mark.parametrize("role", [Role.COORDINATOR, Role.INFORMATION])
def test_the_last_one_stays_and_another_goes_by_two_people(town: Town, officer: User, operator: User, role: Role):
    last = Membership.objects.get(area=town.area, role=role)
    page = signed_in(town.coordinator).post(f"/testford/setup/people/{last.pk}/remove/").content.decode()
    assert f"This is the area&#x27;s only {role.label.lower()}." in page
    assert not RoleRequest.objects.exists()

    colleague = make_member(town.area, role)
    held = Membership.objects.get(user=colleague)
    page = signed_in(town.coordinator).post(f"/testford/setup/people/{held.pk}/remove/", follow=True).content.decode()
    assert f"You asked to end {colleague}’s role. It waits" in page
    assert Membership.objects.filter(pk=held.pk).exists()
    asked = RoleRequest.objects.get()
    other_end = ask_end(last, by=town.coordinator)
    press(officer, asked, "confirm")
    assert not Membership.objects.filter(pk=held.pk).exists()
    # The other one was possible when it was asked for, and is the last now.
    with pytest.raises(ValidationError, match="only"):
        confirm_request(other_end, by=operator)
    assert Membership.objects.filter(pk=last.pk).exists()


def test_no_other_way_gives_or_ends_such_a_role(town: Town, operator: User):
    for role in (Role.COORDINATOR, Role.INFORMATION):
        with pytest.raises(ValidationError, match="Someone else has to confirm"):
            grant_role(town.area, email="a@b.example", name="A", role=role, is_attested=True, by=town.coordinator)
        make_member(town.area, role)
        held = Membership.objects.filter(area=town.area, role=role).latest("pk")
        with pytest.raises(ValidationError, match="Someone else has to confirm"):
            revoke_role(held, by=town.coordinator)
        url, admin = f"/admin/boards/membership/{held.pk}", signed_in(operator)
        assert admin.post(f"{url}/delete/", {"post": "yes"}).status_code == 403
        assert admin.post(f"{url}/change/", {"role": "analyst"}).status_code == 403
        typed = {"user": make_user().pk, "area": town.area.pk, "role": role.value}
        assert "You confirm it under" in admin.post("/admin/boards/membership/add/", typed).content.decode()
    assert Membership.objects.filter(area=town.area, role__in=["coordinator", "information"]).count() == 4


def test_an_area_without_a_coordinator_gets_one_in_the_admin(town: Town, operator: User):
    User.objects.filter(pk=town.coordinator.pk).update(is_active=False)
    typed = {"user": make_user("new@council.example").pk, "area": town.area.pk, "role": "coordinator"}
    assert signed_in(operator).post("/admin/boards/membership/add/", typed).status_code == 302
    assert roles_of("new@council.example") == ["coordinator"]


# --- The first days ---------------------------------------------------------------------------------------------


def test_a_new_officer_decides_nothing_alone_for_seven_days(town: Town, officer: User, clock: Clock):
    edition, today = have_edition(town), timezone.localdate()
    permission = give_consent(town.area, starts_on=today, ends_on=today + timedelta(days=30), by=town.coordinator)
    new = confirm_request(ask(town), by=officer).user
    acts: list[Callable[[], object]] = [
        lambda: agree(edition, by=new, seen=edition.fingerprint),
        lambda: agree_to_consent(permission, by=new),
        lambda: grant_view(town.area, user=town.lead, why="County lines", by=new),
        lambda: confirm_request(RoleRequest.objects.filter(outcome="").get(), by=new),
    ]
    ask(town, Role.COORDINATOR, "third@council.example")
    clock("2026-11-10")
    for act in acts:
        with pytest.raises(PermissionDenied, match="can’t decide this before 11 November 2026"):
            act()
    clock("2026-11-11")
    for act in acts:
        act()


def test_the_task_of_an_officer_leads_to_it(town: Town, officer: User):
    asked = ask(town)
    page = signed_in(officer).get("/testford/mine/").content.decode()
    assert "Make Sam Hill an information officer" in page
    assert f"/testford/roles/{asked.pk}/" in page


def test_nobody_switches_these_letters_off(town: Town, officer: User, clock: Clock):
    User.objects.filter(pk=officer.pk).update(is_reminded=False, unwanted=["roles"])
    ask(town)
    assert officer.email in send_day()


def test_the_operator_is_told_where_there_is_no_officer(town: Town, operator: User, clock: Clock):
    Membership.objects.filter(role=Role.INFORMATION).delete()
    asked = ask(town)
    letters = send_day()
    assert list(letters) == [operator.email]
    assert "Confirm or decline it" in letters[operator.email]
    confirm_request(asked, by=operator)
    clock("2026-11-05")
    assert set(send_day()) == {town.coordinator.email, MAILBOX}
