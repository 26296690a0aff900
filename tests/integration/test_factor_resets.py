"""A lost device is reset by two people, never by one alone, nor by the person themselves."""

import re
from datetime import timedelta

import pytest
from allauth.mfa.models import Authenticator
from django.core import mail
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.management import CommandError, call_command
from django.db import IntegrityError, transaction
from django.test import Client
from django.utils import timezone

from boards.models import FactorReset, Membership
from boards.permissions import lacks_factor
from boards.rules import RegionRole, Role
from boards.services.factors import ask_reset, confirm_reset, refuse_reset, tell_reset
from boards.services.regions import grant_region_role
from core.identity.factors import unseal
from core.labels import TransitionRefused
from core.models import AuditEvent, User
from tests.answers import Answer
from tests.factories import make_member, make_user
from tests.factories.regions import make_region, make_region_member
from tests.factors import SECRET, give_app
from tests.scenarios import Town, make_operator, make_town

pytestmark = pytest.mark.django_db
WHY = "A stolen phone; I spoke to them in person"


@pytest.fixture
def officer(town: Town) -> User:
    return town.people[Role.INFORMATION]


@pytest.fixture
def lost(town: Town) -> User:
    """The analyst, who has an app and has lost its phone."""
    person = town.people[Role.ANALYST]
    give_app(person)
    return person


def ask(town: Town, person: User, *, by: User) -> FactorReset:
    return ask_reset(Membership.objects.filter(area=town.area, user=person).first(), why=WHY, by=by)


def has_factor(person: User) -> bool:
    return Authenticator.objects.filter(user=person).exists()


def test_two_people_reset_it(town: Town, officer: User, lost: User):
    client: Answer = Client()
    client.force_login(lost)
    assert client.get("/testford/").status_code == 200
    reset = ask(town, lost, by=town.coordinator)
    assert has_factor(lost)
    confirm_reset(reset, by=officer)
    assert not has_factor(lost)
    assert client.get("/testford/").status_code == 302  # signed out
    assert list(AuditEvent.objects.order_by("pk").values_list("verb", "actor")) == [
        ("factor_reset.asked", town.coordinator.email),
        ("user.sign_in_ended", officer.email),
        ("factor_reset.reset", officer.email),
    ]


@pytest.mark.both_databases
def test_nobody_confirms_what_they_asked_for(town: Town, lost: User):
    reset = ask(town, lost, by=town.coordinator)
    with pytest.raises(PermissionDenied, match="someone else has to confirm it"):
        confirm_reset(reset, by=town.coordinator)
    with pytest.raises(IntegrityError, match="factor_reset_confirmed_by_another"), transaction.atomic():
        FactorReset.objects.update(confirmed_at=timezone.now(), confirmed_by=town.coordinator)
    assert has_factor(lost)


def test_nobody_asks_or_confirms_for_themselves(town: Town, officer: User):
    give_app(town.coordinator)
    with pytest.raises(PermissionDenied, match="No one can reset their own"):
        ask(town, town.coordinator, by=town.coordinator)
    reset = ask(town, town.coordinator, by=officer)
    with pytest.raises(PermissionDenied, match="No one can reset their own"):
        confirm_reset(reset, by=town.coordinator)
    assert has_factor(town.coordinator)


@pytest.mark.parametrize("role", [Role.AGENCY_LEAD, Role.BOARD_CHAIR, Role.STRATEGIC, Role.ANALYST])
def test_others_have_no_part_in_it(town: Town, officer: User, role: Role):
    give_app(officer)
    other = make_user()
    Membership.objects.create(user=other, area=town.area, role=Role.STRATEGIC.value)
    for person in (town.people[role], other):
        with pytest.raises(PermissionDenied):
            ask(town, officer, by=person)
    reset = ask(town, officer, by=town.coordinator)
    for person in (town.people[role], other):
        with pytest.raises(PermissionDenied):
            confirm_reset(reset, by=person)
        with pytest.raises(PermissionDenied):
            refuse_reset(reset, by=person)
    assert has_factor(officer)


def test_an_officer_of_another_area_finds_nothing(town: Town, lost: User):
    elsewhere = make_town("elsewhere")
    reset = ask(town, lost, by=town.coordinator)
    with pytest.raises(PermissionDenied):
        confirm_reset(reset, by=elsewhere.coordinator)
    client: Answer = Client()
    client.force_login(elsewhere.coordinator)
    assert client.post(f"/elsewhere/setup/lost-devices/{reset.pk}/", {"act": "confirm"}).status_code == 404
    assert has_factor(lost)


def test_two_of_one_area_open_no_door_of_another(town: Town, officer: User):
    """They invite an officer of elsewhere, and then say that a phone was lost."""
    elsewhere = make_town("elsewhere")
    victim = elsewhere.people[Role.INFORMATION]
    give_app(victim)
    Membership.objects.create(user=victim, area=town.area, role=Role.STRATEGIC.value)
    reset = ask(town, victim, by=town.coordinator)
    with pytest.raises(PermissionDenied, match="an operator has to confirm it"):
        confirm_reset(reset, by=officer)
    assert has_factor(victim)
    confirm_reset(reset, by=make_operator())
    assert not has_factor(victim)


def test_an_operators_factor_is_not_an_areas(town: Town, officer: User):
    operator = make_operator()
    give_app(operator)
    Membership.objects.create(user=operator, area=town.area, role=Role.STRATEGIC.value)
    reset = ask(town, operator, by=town.coordinator)
    with pytest.raises(PermissionDenied, match="an operator has to confirm it"):
        confirm_reset(reset, by=officer)


def test_a_request_needs_its_reason_and_a_factor(town: Town, officer: User, lost: User):
    held = Membership.objects.get(user=lost)
    with pytest.raises(ValidationError, match="how you know that this person asked"):
        ask_reset(held, why=" ", by=officer)
    with pytest.raises(TransitionRefused, match="has no second factor"):
        ask(town, town.lead, by=officer)


def test_it_is_asked_once_and_not_for_ever(town: Town, officer: User, lost: User):
    reset = ask(town, lost, by=town.coordinator)
    with pytest.raises(TransitionRefused, match="has already asked"):
        ask(town, lost, by=officer)
    FactorReset.objects.update(asked_at=timezone.now() - timedelta(days=8))
    with pytest.raises(TransitionRefused, match="more than 7 days old"):
        confirm_reset(reset, by=officer)
    again = ask(town, lost, by=officer)
    confirm_reset(again, by=town.coordinator)
    assert not has_factor(lost)


def test_a_refused_one_is_over(town: Town, officer: User, lost: User):
    reset = ask(town, lost, by=town.coordinator)
    refuse_reset(reset, by=officer)
    refuse_reset(reset, by=officer)  # pressed twice
    with pytest.raises(TransitionRefused, match="Someone declined"):
        confirm_reset(reset, by=make_member(town.area, Role.INFORMATION))
    assert has_factor(lost)


def test_whose_role_was_taken_away_confirms_nothing(town: Town, officer: User, lost: User):
    reset = ask(town, lost, by=town.coordinator)
    Membership.objects.filter(user=officer).delete()
    with pytest.raises(PermissionDenied):
        confirm_reset(reset, by=officer)


def test_the_person_and_every_officer_are_told(town: Town, officer: User, lost: User):
    reset = ask(town, lost, by=town.coordinator)
    assert tell_reset(reset) == []
    assert sorted(letter.to[0] for letter in mail.outbox) == sorted([lost.email, officer.email, town.coordinator.email])
    (own,) = [letter for letter in mail.outbox if letter.to == [lost.email]]
    assert "has asked for your second factor to be reset" in own.body
    assert "If you didn’t ask for this" in own.body


def test_the_operator_is_told_where_only_an_operator_can_confirm_it(town: Town, officer: User, lost: User):
    """The area's only officer has lost their phone, and the only coordinator has asked."""
    operator = make_operator()
    tell_reset(ask(town, lost, by=town.coordinator))
    assert [operator.email] not in [letter.to for letter in mail.outbox]
    give_app(officer)
    tell_reset(ask(town, officer, by=town.coordinator))
    assert [letter.to for letter in mail.outbox].count([operator.email]) == 1
    Membership.objects.create(user=lost, area=make_town("elsewhere").area, role=Role.STRATEGIC.value)
    tell_reset(FactorReset.objects.get(person=lost))
    assert [letter.to for letter in mail.outbox].count([operator.email]) == 2


def test_what_somebody_asked_who_left_is_not_confirmed(town: Town, officer: User, lost: User):
    reset = ask(town, lost, by=town.coordinator)
    Membership.objects.filter(user=town.coordinator).delete()
    with pytest.raises(TransitionRefused, match="can no longer ask for this"):
        confirm_reset(reset, by=officer)
    assert has_factor(lost)


def test_the_command_line_resets_an_operators_but_nobodys_of_an_area(town: Town, lost: User, capsys):
    operator = make_operator()
    give_app(operator)
    call_command("reset_factor", operator.email)
    assert "sets up a new one at sign-in" in capsys.readouterr().out
    assert not has_factor(operator)
    assert [letter.to for letter in mail.outbox] == [[operator.email]]
    assert AuditEvent.objects.get(verb="factor.reset").actor == "system"
    with pytest.raises(CommandError, match="use the area's page"):
        call_command("reset_factor", lost.email)
    with pytest.raises(CommandError, match="has no second factor"):
        call_command("reset_factor", operator.email)
    assert has_factor(lost)


def test_the_command_line_resets_somebodys_who_works_for_regions_only(town: Town, lost: User, capsys):
    """No area's officers can: they would wait at the door for ever."""
    region = make_region(town.area)
    director = make_region_member(region)
    give_app(director)
    call_command("reset_factor", director.email)
    assert "sets up a new one at sign-in" in capsys.readouterr().out
    assert not has_factor(director)
    assert lacks_factor(director)
    grant_region_role(region, email=lost.email, name=lost.name, role=RegionRole.ANALYST, is_attested=True, by=director)
    with pytest.raises(CommandError, match="use the area's page"):
        call_command("reset_factor", lost.email)
    assert has_factor(lost)


def test_an_old_key_can_go(town: Town, lost: User, settings, capsys):
    old, new, other = settings.SECRET_KEY, "n" * 50, "o" * 50
    settings.SECRET_KEY, settings.SECRET_KEY_FALLBACKS = new, [old]
    call_command("reseal_factors")
    assert "are encrypted with the current key" in capsys.readouterr().out
    settings.SECRET_KEY_FALLBACKS = []
    secret = Authenticator.objects.get(user=lost, type=Authenticator.Type.TOTP).data["secret"]
    assert unseal(secret) == SECRET
    settings.SECRET_KEY = other
    with pytest.raises(CommandError, match=f"No key reads the secrets of {lost.email}"):
        call_command("reseal_factors")
    assert Authenticator.objects.get(user=lost, type=Authenticator.Type.TOTP).data["secret"] == secret


def test_it_is_on_the_home_of_whoever_can_confirm_it(town: Town, officer: User, lost: User):
    reset = ask(town, lost, by=town.coordinator)

    def finds(person: User) -> bool:
        client: Answer = Client()
        client.force_login(person)
        return f"Reset the second factor of {lost}" in client.get("/testford/").content.decode()

    assert (finds(officer), finds(town.coordinator), finds(town.lead)) == (True, False, False)
    confirm_reset(reset, by=officer)
    assert not finds(officer)


def test_by_the_pages(town: Town, officer: User, lost: User):
    asker: Answer = Client()
    other: Answer = Client()
    asker.force_login(town.coordinator)
    other.force_login(officer)
    path = "/testford/setup/lost-devices/"
    (link,) = re.findall(r'href="(/testford/setup/people/\d+/lost-device/)"', asker.get(path).content.decode())
    assert "how you know that this person asked" in asker.post(link, {"why": ""}).content.decode()
    assert asker.post(link, {"why": WHY}).url == path
    reset = FactorReset.objects.get()
    page = f"{path}{reset.pk}/"
    assert "Reset the second factor" not in asker.get(page).content.decode()
    assert "someone else has to confirm it" in asker.post(page, {"act": "confirm"}, follow=True).content.decode()
    assert has_factor(lost)
    assert WHY in other.get(page).content.decode()
    assert "Nothing was changed" in other.post(page, {"act": "x"}, follow=True).content.decode()
    mail.outbox.clear()
    assert other.post(page, {"act": "confirm"}).url == path
    assert not has_factor(lost)
    assert len(mail.outbox) == 3
    assert "closed" in other.get(page).content.decode()
