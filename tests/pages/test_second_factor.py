"""Who gets in with a password alone? In production, no coordinator, officer or operator. What was tried to get round
it: another process, another host name, a direct address, a reset of the password."""

import json
import re

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from django.contrib.sessions.models import Session
from django.core import mail
from django.core.cache import cache
from django.test import Client
from django.utils import timezone

from boards.models import Membership
from boards.rules import FACTOR_ROLES, Role
from boards.services.factors import set_factor_roles
from core.forms.kept import FIELD, proof
from core.mail.account import password_path
from core.models import AuditEvent, User
from core.tasks import send_account_letters
from tests.answers import Answer
from tests.factories import make_member
from tests.factors import (
    APP,
    CODE,
    CODES,
    HOME,
    PASSKEY,
    PASSWORD,
    SECRET,
    SIGN_IN,
    code_of,
    give_app,
    give_password,
    secret_of,
    set_up_app,
    sign_in,
    sign_in_whole,
    words_of,
)
from tests.scenarios import Town, make_operator
from tests.visiting import signed_in

pytestmark = pytest.mark.django_db
AREA = "/testford/"
WRONG = "That code or passkey is wrong, or was used before."


@pytest.fixture(autouse=True)
def _in_production(settings) -> None:
    """The demonstration's accounts are let off only elsewhere."""
    settings.PRODUCTION = True


@pytest.fixture
def coordinator(town: Town) -> User:
    give_password(town.coordinator)
    return town.coordinator


# --- Required ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("role", [Role.COORDINATOR, Role.INFORMATION])
def test_they_see_only_the_set_up_until_they_have_one(town: Town, role: Role):
    person = town.people[role]
    give_password(person)
    client, answer = sign_in(person)
    assert answer.url == "/"
    for path in ("/", AREA, "/account/reminders/", "/account/password/change/", "/admin/", f"{AREA}packs/"):
        assert client.get(path).url == HOME, path
    assert client.get(f"{AREA}exports/figures.csv").status_code in (302, 404)
    page = client.get(HOME)
    assert "Set up a second factor" in words_of(page)
    assert 'class="govuk-back-link"' not in page.content.decode()
    set_up_app(client)
    assert client.get(AREA).status_code == 200


@pytest.mark.parametrize("is_opened", [False, True])
def test_the_page_that_they_wanted_is_offered_until_they_open_it(town: Town, coordinator: User, is_opened: bool):
    client, _ = sign_in(coordinator)
    assert client.get(AREA).url == HOME
    set_up_app(client)
    if is_opened:
        client.get(AREA)
    assert ("Continue to the page that you wanted" in words_of(client.get(HOME))) is not is_opened


def test_somebody_who_wants_none_now_is_shown_where_they_find_it_later(town: Town):
    give_password(town.lead)
    client, _ = sign_in(town.lead)
    page = client.post("/account/second-factor/later/", follow=True).content.decode()
    assert f'under <a class="govuk-link" href="{HOME}">How you sign in</a>.' in page


def test_an_operator_needs_one(town: Town):
    operator = make_operator()
    give_password(operator)
    client, _ = sign_in(operator)
    assert {client.get(path).url for path in (AREA, "/admin/", "/operator/jobs/", "/areas/add/")} == {HOME}
    set_up_app(client)
    assert client.get("/operator/jobs/").status_code == 200


def test_what_anybody_may_read_stays_open(town: Town, coordinator: User):
    client, _ = sign_in(coordinator)
    assert client.get("/help/").status_code == 200
    assert client.post("/account/logout/").status_code == 302


def test_an_area_adds_roles(town: Town):
    give_password(town.lead)
    client, _ = sign_in(town.lead)
    assert client.get(AREA).status_code == 200
    set_factor_roles(town.area, roles=[Role.AGENCY_LEAD], by=town.coordinator)
    assert client.get(AREA).url == HOME
    set_factor_roles(town.area, roles=[], by=town.coordinator)
    assert client.get(AREA).status_code == 200


def test_what_was_typed_meanwhile_is_saved(town: Town):
    client: Answer = Client()
    client.force_login(town.lead)
    set_factor_roles(town.area, roles=[Role.AGENCY_LEAD], by=town.coordinator)
    answer = client.post("/account/reminders/", {FIELD: proof(town.lead), "wanted": ["packs"]})
    assert answer.url == HOME
    assert "We saved what you typed." in words_of(client.get(HOME))
    give_app(town.lead)
    assert 'href="/account/reminders/"' in client.get(HOME).content.decode()
    page = client.get("/account/reminders/").content.decode()
    assert "It is below" in page
    assert re.search(r'value="packs"[^>]* checked', page)


def test_it_costs_one_query(town: Town, django_assert_num_queries, settings):
    client: Answer = Client()
    client.force_login(town.lead)
    path = "/account/reminders/"
    settings.PRODUCTION = False
    client.get(path)
    with django_assert_num_queries(1):
        client.get(path)
    settings.PRODUCTION = True
    with django_assert_num_queries(2):
        client.get(path)


def test_the_demonstration_is_let_off_outside_production_only(town: Town, coordinator: User, settings):
    client, _ = sign_in(coordinator)
    settings.PRODUCTION = False
    assert client.get(AREA).status_code == 200
    assert "This is a trial of the product" in words_of(Client().get(SIGN_IN))
    for page in (words_of(Client().get(SIGN_IN)), words_of(client.get(HOME))):
        assert "everyone with a role in a region" in page
        assert all(f"{role.label.lower()}s" in page for role in FACTOR_ROLES)
    User.objects.filter(pk=coordinator.pk).update(email="coordinator@council.test")
    assert client.get(AREA).url == HOME
    settings.PRODUCTION = True
    User.objects.filter(pk=coordinator.pk).update(email="coordinator@town.example")
    assert client.get(AREA).url == HOME
    assert "This is a trial of the product" not in words_of(Client().get(SIGN_IN))


def test_others_are_offered_one_once(town: Town):
    client: Answer = Client()
    client.force_login(town.lead)
    assert "Set one up" in words_of(client.get(AREA))
    client.post("/account/second-factor/later/")
    assert "Set one up" not in words_of(client.get(AREA))


# --- Asked for --------------------------------------------------------------------------------------------------------


def test_the_password_alone_opens_nothing(town: Town, coordinator: User):
    """The step can't be skipped by a direct address."""
    give_app(coordinator)
    client, answer = sign_in(coordinator)
    assert answer.url == CODE
    for path in ("/", AREA, HOME, APP, PASSKEY, CODES, f"{CODES}generate/", "/account/reauthenticate/", "/admin/"):
        assert client.get(path).url.startswith((SIGN_IN, "/admin/login/")), path
        assert client.post(path).status_code in (302, 405), path
    assert "_auth_user_id" not in client.session
    client.post(CODE, {"code": code_of(SECRET)})
    assert client.get(AREA).status_code == 200


def test_a_link_to_set_a_password_does_not_skip_it(town: Town, coordinator: User):
    give_app(coordinator)
    client: Answer = Client()
    form = client.get(password_path(coordinator)).url
    chosen = "another pebble on every sill"
    answer = client.post(form, {"password1": chosen, "password2": chosen})
    assert answer.url == CODE
    assert client.get(AREA).url.startswith(SIGN_IN)


def test_a_code_is_used_once_in_all_processes(town: Town, coordinator: User):
    """Somebody looked over a shoulder: the same code in another process, whose cache knows nothing of it."""
    give_app(coordinator)
    code = code_of(SECRET)
    first, _ = sign_in(coordinator)
    assert first.post(CODE, {"code": code}).status_code == 302
    cache.clear()
    second, _ = sign_in(coordinator)
    answer = second.post(CODE, {"code": f"{code[:3]} {code[3:]}"})
    assert WRONG in words_of(answer)
    assert second.get(AREA).url.startswith(SIGN_IN)
    # nor one that was shown before it
    assert WRONG in words_of(second.post(CODE, {"code": code_of(SECRET, later=-1)}))
    assert second.post(CODE, {"code": code_of(SECRET, later=1)}).status_code == 302


def test_the_code_that_set_it_up_is_used_up(town: Town, coordinator: User):
    client, _ = sign_in(coordinator)
    secret = set_up_app(client)
    cache.clear()
    thief, _ = sign_in(coordinator)
    assert WRONG in words_of(thief.post(CODE, {"code": code_of(secret)}))


def test_a_recovery_code_is_used_once(town: Town, coordinator: User):
    give_app(coordinator)
    code = RecoveryCodes.activate(coordinator).get_unused_codes()[3]
    first, _ = sign_in(coordinator)
    answer = first.post(CODE, {"code": code}, follow=True)
    # Whoever lost the device is led to a new one.
    assert (answer.redirect_chain[-1][0], "You used a recovery code." in words_of(answer)) == (HOME, True)
    cache.clear()
    second, _ = sign_in(coordinator)
    assert WRONG in words_of(second.post(CODE, {"code": code}))
    assert "You have 9 recovery codes left" in words_of(first.get(HOME))


def test_codes_are_not_guessed(town: Town, coordinator: User):
    give_app(coordinator)
    client, _ = sign_in(coordinator)
    said = [words_of(client.post(CODE, {"code": f"{guess:06}"})) for guess in range(12)]
    assert "There were too many tries" in said[-1]


def test_wrong_and_used_codes_are_recorded(town: Town, coordinator: User):
    """Whoever sends them has the password. What comes after too many tries adds nothing."""
    give_app(coordinator)
    sign_in_whole(coordinator)
    thief, _ = sign_in(coordinator)
    for code in (code_of(SECRET), *(f"{guess:06}" for guess in range(11))):
        thief.post(CODE, {"code": code})
    events = AuditEvent.objects.filter(verb="factor.failed")
    assert 5 <= len(events) <= 6
    assert {(event.actor, event.target, event.details["ip"]) for event in events} == {
        ("system", str(coordinator), "127.0.0.1")
    }
    assert code_of(SECRET) not in json.dumps(list(AuditEvent.objects.values("target", "details")))


def test_recovery_codes_are_shown_once(town: Town, coordinator: User):
    client, _ = sign_in(coordinator)
    page = client.get(APP).content.decode()
    secret = re.search(r"Key: <strong[^>]*>([A-Z2-7]+)<", page)[1]
    shown = client.post(APP, {"code": code_of(secret)}, follow=True)
    codes = re.findall(r"<code>(\d{8})</code>", shown.content.decode())
    assert len(set(codes)) == 10
    again = client.get(CODES).content.decode()
    assert not any(code in again for code in codes)
    assert client.get(f"{CODES}download/").status_code == 403


# --- Kept secret ------------------------------------------------------------------------------------------------------


def test_no_secret_is_stored_in_the_clear(town: Town, coordinator: User):
    client, _ = sign_in(coordinator)
    page = client.get(APP).content.decode()
    secret = re.search(r"Key: <strong[^>]*>([A-Z2-7]+)<", page)[1]
    assert secret not in json.dumps([session.get_decoded() for session in Session.objects.all()])
    assert secret in client.get(APP).content.decode()  # a second look doesn't change it
    codes = re.findall(
        r"<code>(\d{8})</code>", client.post(APP, {"code": code_of(secret)}, follow=True).content.decode()
    )
    assert secret_of(coordinator) == secret
    stored = json.dumps(list(Authenticator.objects.values_list("data", flat=True)))
    assert secret not in stored
    assert codes
    assert not any(code in stored for code in codes)


def test_another_key_reads_what_the_last_one_sealed(town: Town, coordinator: User, settings):
    give_app(coordinator)
    old, settings.SECRET_KEY = settings.SECRET_KEY, "a new key, as long as a key has to be, with 50 characters"
    client, _ = sign_in(coordinator)
    answer = client.post(CODE, {"code": code_of(SECRET)})
    assert "this site’s key has changed" in words_of(answer)  # rather than a fault of ours
    settings.SECRET_KEY_FALLBACKS = [old]
    assert client.post(CODE, {"code": code_of(SECRET)}).status_code == 302


# --- Changed by its owner only ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("path", [f"{HOME}totp/deactivate/", PASSKEY, f"{CODES}generate/"])
def test_a_password_alone_changes_no_factor(town: Town, coordinator: User, path: str):
    """A session left open, and the password from a note beside it."""
    give_app(coordinator)
    client = sign_in_whole(coordinator)
    asked = client.get(path, follow=True)
    assert asked.redirect_chain[-1][0].startswith(f"{HOME}reauthenticate/")
    client.post("/account/reauthenticate/", {"password": PASSWORD, "next": path})
    assert client.get(path, follow=True).redirect_chain
    assert client.post(path).status_code == 302
    assert Authenticator.objects.filter(user=coordinator, type="totp").exists()


def test_the_factor_itself_changes_it(town: Town, coordinator: User):
    give_app(coordinator)
    client = sign_in_whole(coordinator)
    path = f"{CODES}generate/"
    assert client.get(path).status_code == 302
    answer = client.post(f"{HOME}reauthenticate/", {"code": code_of(SECRET, later=1), "next": path})
    assert answer.url == path
    assert client.get(path).status_code == 200


def test_an_old_session_does_not_add_the_first_one(town: Town, coordinator: User):
    client, _ = sign_in(coordinator)
    session = client.session
    for record in session["account_authentication_methods"]:
        record["at"] -= 10 * 60
    session.save()
    assert client.get(APP).url.startswith("/account/reauthenticate/")
    client.post("/account/reauthenticate/", {"password": PASSWORD, "next": APP})
    assert client.get(APP).status_code == 200


@pytest.mark.django_db(transaction=True)
def test_it_ends_the_sessions_opened_without_it(town: Town):
    """A thief has signed in with the password before its owner sets up an app."""
    give_password(town.lead)
    thief, _ = sign_in(town.lead)
    assert thief.get(AREA).status_code == 200
    client, _ = sign_in(town.lead)
    set_up_app(client)
    assert client.get(AREA).status_code == 200
    assert thief.get(AREA).url.startswith(SIGN_IN)


@pytest.mark.django_db(transaction=True)
def test_the_person_is_told_of_each_change(town: Town, coordinator: User):
    client, _ = sign_in(coordinator)
    set_up_app(client)
    send_account_letters()
    (letter,) = [letter for letter in mail.outbox if "How you sign in" in letter.subject]
    assert letter.to == [coordinator.email]
    assert "An authenticator app was added to your account" in letter.body
    assert "If it wasn't you" in letter.body
    assert AuditEvent.objects.get(verb="factor.added").details == {"kind": "app"}


def test_removing_the_last_one_leads_back_to_the_set_up(town: Town, coordinator: User):
    give_app(coordinator)
    client = sign_in_whole(coordinator)
    client.post(f"{HOME}reauthenticate/", {"code": code_of(SECRET, later=1)})
    client.post(f"{HOME}totp/deactivate/")
    assert not Authenticator.objects.filter(user=coordinator).exists()
    assert client.get(AREA).url == HOME


def test_nobody_removes_it_in_the_admin(town: Town, coordinator: User):
    held = give_app(coordinator)
    operator = make_operator()
    give_app(operator)
    client: Answer = Client()
    client.force_login(operator)
    listed = "/admin/mfa/authenticator/"
    assert client.get(listed).status_code == 200
    page = client.get(f"{listed}{held.pk}/change/").content.decode()
    assert held.data["secret"] not in page
    assert client.post(f"{listed}{held.pk}/delete/", {"post": "yes"}).status_code == 403
    client.post(listed, {"action": "delete_selected", "_selected_action": held.pk, "post": "yes"})
    assert Authenticator.objects.filter(pk=held.pk).exists()


# --- Passkeys ---------------------------------------------------------------------------------------------------------


def options_in(answer) -> dict:
    return json.loads(re.search(r'id="passkey-options"[^>]*>(.+?)</script>', answer.content.decode(), re.S)[1])


def test_the_passkeys_domain_is_the_sites_whatever_the_host(town: Town, coordinator: User, settings):
    settings.ALLOWED_HOSTS = ["*"]
    settings.SITE_URL = "https://dashboard.example"
    client, _ = sign_in(coordinator)
    answer = client.get(PASSKEY, headers={"host": "evil.example"})
    asked = options_in(answer)["publicKey"]
    assert asked["rp"] == {"id": "dashboard.example", "name": "V+V Dashboard"}
    assert asked["authenticatorSelection"]["userVerification"] == "required"
    assert "evil.example" not in answer.content.decode()
    assert "evil.example" not in client.get(APP, headers={"host": "evil.example"}).content.decode()


@pytest.mark.parametrize(
    "sent",
    [
        "",
        "{",
        "[]",
        '"x"',
        "7",
        "{}",
        '{"id": 1, "rawId": "AA", "response": {}}',
        '{"id": "AA", "rawId": "AA", "response": {"attestationObject": "AA", "clientDataJSON": "AA"}}',
        '{"id": "AA", "rawId": "AA", "response": {"attestationObject": "\\u0000", "clientDataJSON": 3}}',
        '{"id": "AA", "rawId": "AA", "type": "public-key", "response": {"authenticatorData": "AA", "signature": "AA",'
        ' "clientDataJSON": "e30"}}',
        "[" * 9000,
        "x" * 20_000,
    ],
    ids=range(12),
)
def test_a_made_up_passkey_is_refused(town: Town, coordinator: User, sent: str):
    client, _ = sign_in(coordinator)
    client.get(PASSKEY)
    assert client.post(PASSKEY, {"name": "x", "credential": sent}).status_code == 200
    give_app(coordinator)
    other, _ = sign_in(coordinator)
    other.get(CODE)
    assert other.post(CODE, {"credential": sent}).status_code == 200
    assert not Authenticator.objects.filter(type="webauthn").exists()


def test_the_picture_of_the_key_is_in_the_page(town: Town, coordinator: User):
    client, _ = sign_in(coordinator)
    answer = client.get(APP)
    page = answer.content.decode()
    assert '<svg xmlns="http://www.w3.org/2000/svg"' in page
    assert "data:" not in page
    assert "style=" not in page
    assert "'unsafe-inline'" not in answer.headers["Content-Security-Policy"]


# --- Set by the area --------------------------------------------------------------------------------------------------


def test_the_coordinator_chooses_the_roles(town: Town, coordinator: User):
    give_app(coordinator)
    client = sign_in_whole(coordinator)
    path = f"{AREA}setup/second-factor/"
    assert client.post(path, {"roles": ["analyst", "agency-lead"]}).status_code == 302
    town.area.refresh_from_db()
    assert town.area.factor_roles == "agency-lead analyst"
    assert re.search(r'value="analyst"[^>]* checked', client.get(path).content.decode())
    assert client.post(path, {"roles": ["operator"]}).status_code == 200
    lead = signed_in(make_member(town.area, Role.STRATEGIC))
    assert lead.post(path, {"roles": []}).status_code == 403


def test_a_role_given_later_asks_for_one(town: Town):
    give_password(town.lead)
    client, _ = sign_in(town.lead)
    assert client.get(AREA).status_code == 200
    Membership.objects.create(
        user=town.lead, area=town.area, role=Role.INFORMATION.value, acts_from=timezone.localdate()
    )
    assert client.get(AREA).url == HOME
