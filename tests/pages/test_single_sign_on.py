"""Who gets in by single sign-on? Only people who were invited, by a provider that tells the truth. What a provider, or
somebody between it and us, was made to say."""

import re
import time
from collections.abc import Iterator
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
import requests
from allauth.mfa.models import Authenticator
from allauth.socialaccount.models import SocialAccount, SocialToken
from django.core import mail
from django.core.management import CommandError, call_command
from django.db import IntegrityError, transaction
from django.test import Client

from boards.deletion import erase_person
from boards.rules import Role
from boards.services.people import send_access
from core.identity import provider_calls
from core.identity.providers import Provider
from core.identity.sign_in import note_address
from core.mail.account import password_path
from core.models import AuditEvent, KnownDevice, OutboxEntry, Session, User
from core.tasks import send_account_letters
from tests.answers import Answer
from tests.factors import CODE, HOME, PASSWORD, SIGN_IN, code_of, give_app, give_password, words_of
from tests.lying_provider import CALLBACK, CLIENT, SECRET, LyingProvider, lying_provider, publish
from tests.scenarios import Town, make_operator

pytestmark = pytest.mark.django_db
START, BACK = "/account/oidc/council/login/", "/account/oidc/council/login/callback/"
UNTRUSTED = "We can’t trust the answer from Testford Council, so you aren’t signed in."
DOWN = "Testford Council isn’t answering."
DECLINED = "Testford Council didn’t sign you in."
STALE = "That sign-in with Testford Council took too long, or was already used."
BUTTON = "Sign in with Testford Council"


@pytest.fixture
def provider(town: Town, settings) -> Iterator[LyingProvider]:
    """A truthful one, until a test changes it."""
    with lying_provider(sub="subject-1", email=town.lead.email, email_verified=True) as found:
        settings.OIDC_PROVIDERS = {"council": held(found)}
        yield found


def held(found: LyingProvider, **more: Any) -> Provider:
    return Provider(
        **{
            "id": "council",
            "name": "Testford Council",
            "issuer": found.url,
            "client_id": CLIENT,
            "client_secret": SECRET,
            "domains": frozenset({"testford.example"}),
        }
        | more
    )


def leave(client: Answer, **typed: str) -> str:
    """Press the button; return the provider's address."""
    page = client.post(START, typed)
    assert page.status_code == 200, words_of(page)
    return str(page["Refresh"].removeprefix("0; url="))


def be_sent_back(address: str) -> str:
    """As a browser that is signed in at the provider; return the address that it gets, without the host."""
    answer = requests.get(address, allow_redirects=False, timeout=5)
    location = answer.headers["Location"]
    assert location.startswith(CALLBACK)
    return location.removeprefix("http://localhost:8000")


def sign_on(client: Answer | None = None, **typed: str) -> tuple[Answer, Answer]:
    """The whole way; returns the browser and the last answer."""
    client = client or Client()
    return client, client.get(be_sent_back(leave(client, **typed)))


def said(client: Answer, answer: Answer) -> str:
    """What the sign-in page says after a refusal. Nobody is signed in, and the password's form is there."""
    assert answer.url.partition("?")[0] == SIGN_IN, words_of(answer)
    assert "_auth_user_id" not in client.session
    page = client.get(answer.url)
    assert 'name="password"' in page.content.decode()
    return words_of(page)


def refused(client: Answer | None = None) -> str:
    return said(*sign_on(client))


def reasons() -> list[str]:
    return [event.details["reason"] for event in AuditEvent.objects.filter(verb="user.sign_in_failed").order_by("pk")]


# --- A provider that tells the truth ----------------------------------------------------------------------------------


def test_somebody_invited_gets_in(town: Town, provider: LyingProvider):
    client, answer = sign_on()
    assert answer.url == "/"
    assert client.get("/testford/").status_code == 200
    link = SocialAccount.objects.get()
    assert (link.user, link.provider, link.extra_data) == (town.lead, "council", {})
    assert len(link.uid) == 64
    assert not SocialToken.objects.exists()
    assert list(AuditEvent.objects.filter(verb__startswith="user.").order_by("pk").values_list("verb", "details")) == [
        ("user.provider_linked", {"provider": "council"}),
        ("user.signed_in", {"ip": "127.0.0.1", "provider": "council"}),
    ]
    assert Session.objects.filter(person=town.lead).count() == 1
    assert KnownDevice.objects.filter(person=town.lead).count() == 1


def test_what_it_is_asked(provider: LyingProvider):
    sign_on()
    asked = provider.asked_with
    assert (asked["response_type"], asked["client_id"], asked["code_challenge_method"]) == ("code", CLIENT, "S256")
    assert sorted(asked["scope"].split()) == ["email", "openid"]
    assert len(asked["nonce"]) >= 43
    assert len(asked["state"]) >= 16
    assert asked["redirect_uri"] == CALLBACK
    assert provider.asked.count("/userinfo") == 0


def test_a_visitor_adds_nothing_to_what_it_is_asked(provider: LyingProvider):
    client: Answer = Client()
    address = client.post(
        f"{START}?scope=admin&process=connect&auth_params=prompt%3Dnone%26nonce%3Dchosen", {"process": "connect"}
    )["Refresh"]
    asked = parse_qs(urlsplit(address).query)
    assert sorted(asked["scope"][0].split()) == ["email", "openid"]
    assert "prompt" not in asked
    assert asked["nonce"] != ["chosen"]
    states = [state for state, *_ in client.session["socialaccount_states"].values()]
    assert [state["process"] for state in states] == ["login"]


def test_it_opens_the_page_that_somebody_wanted(provider: LyingProvider):
    assert sign_on(next="/account/reminders/")[1].url == "/account/reminders/"
    assert sign_on(next="https://elsewhere.example/")[1].url == "/"


def test_the_person_has_a_letter_about_the_link(town: Town, provider: LyingProvider):
    sign_on()
    send_account_letters()
    (letter,) = [letter for letter in mail.outbox if "How you sign in" in letter.subject]
    assert letter.to == [town.lead.email]
    assert "You can now sign in with Testford Council:" in letter.body
    sign_on()
    assert OutboxEntry.objects.filter(kind="provider").count() == 1


def test_afterwards_the_subject_decides(town: Town, provider: LyingProvider):
    """A person who changed their name there has another address."""
    sign_on()
    provider.person["email"] = "another.name@testford.example"
    client, _ = sign_on()
    assert client.session["_auth_user_id"] == str(town.lead.pk)


def test_capitals_in_an_address_dont_matter(town: Town, provider: LyingProvider):
    provider.person["email"] = town.lead.email.upper()
    client, _ = sign_on()
    assert client.session["_auth_user_id"] == str(town.lead.pk)


def test_a_curve_and_a_key_without_a_name_will_do(provider: LyingProvider):
    provider.key, provider.algorithm, provider.keys = "curve", "ES256", [publish("curve", "ES256")]
    assert sign_on()[1].url == "/"
    provider.header = {"kid": None}
    assert sign_on()[1].url == "/"


def test_a_new_key_will_do_at_once(provider: LyingProvider):
    sign_on()
    provider.key, provider.keys = "second", [publish("first"), publish("second")]
    assert sign_on()[1].url == "/"


def test_the_account_of_another_is_left(town: Town, provider: LyingProvider):
    """Somebody who is signed in as one person comes back as another: never both."""
    client: Answer = Client()
    back = be_sent_back(leave(client))
    client.force_login(town.coordinator)
    client.get(back)
    assert client.session.get("_auth_user_id") in (None, str(town.lead.pk), str(town.coordinator.pk))
    assert not SocialAccount.objects.filter(user=town.coordinator).exists()


# --- Who isn't invited ------------------------------------------------------------------------------------------------


def test_nobody_gets_an_account(town: Town, provider: LyingProvider):
    before = User.objects.count()
    provider.person["email"] = "stranger@testford.example"
    assert "No one has invited stranger@testford.example yet." in refused()
    assert (User.objects.count(), reasons()) == (before, ["not invited"])
    assert not SocialAccount.objects.exists()


@pytest.mark.parametrize("verified", [None, False, "false", "yes", 0, 2, [True], {"a": 1}])
def test_an_address_that_it_doesnt_confirm(provider: LyingProvider, verified: Any):
    provider.person["email_verified"] = verified
    assert "Testford Council didn’t confirm your email address." in refused()
    assert reasons() == ["address not confirmed"]


@pytest.mark.parametrize("address", [None, "", 7, ["lead@testford.example"], "lead"])
def test_an_address_that_is_none(provider: LyingProvider, address: Any):
    provider.person["email"] = address
    refused()
    assert not SocialAccount.objects.exists()


@pytest.mark.parametrize("domain", ["elsewhere.example", "sub.testford.example", "testford.example.evil.example"])
def test_an_address_outside_its_domains(town: Town, provider: LyingProvider, domain: str):
    """An agency's provider must not open another agency's account, nor the operator's."""
    User.objects.filter(pk=town.lead.pk).update(email=f"lead@{domain}")
    provider.person["email"] = f"lead@{domain}"
    assert f"can’t sign in people with addresses like lead@{domain}" in refused()
    assert reasons() == ["other domain"]


@pytest.mark.parametrize(
    ("own", "told"), [("kim@testford.example", "\u212aim"), ("admin@testford.example", "adm\u0131n")]
)
def test_signs_that_look_alike(town: Town, provider: LyingProvider, own: str, told: str):
    """A database, or Python, takes the Kelvin sign for k, and an i without a dot for I."""
    User.objects.filter(pk=town.lead.pk).update(email=own)
    provider.person["email"] = f"{told}@testford.example"
    assert "didn’t confirm your email address" in refused()


def test_an_account_that_is_switched_off(town: Town, provider: LyingProvider):
    User.objects.filter(pk=town.lead.pk).update(is_active=False)
    assert "Your account is switched off." in refused()
    User.objects.filter(pk=town.lead.pk).update(is_active=True)
    sign_on()
    User.objects.filter(pk=town.lead.pk).update(is_active=False)
    assert "Your account is switched off." in refused()


def test_the_earlier_provider_of_somebody_who_moved(town: Town, provider: LyingProvider):
    sign_on()
    User.objects.filter(pk=town.lead.pk).update(email="lead@nhs.example")
    assert "Testford Council can’t sign in lead@nhs.example." in refused()


def test_another_tenant_at_the_same_provider(provider: LyingProvider, settings):
    """At Google, anybody can make a private account with their address at work."""
    settings.OIDC_PROVIDERS = {"council": held(provider, claims={"hd": ("testford.example",)})}
    assert "didn’t say that you belong to it" in refused()
    provider.claims = {"hd": "elsewhere.example"}
    assert "didn’t say that you belong to it" in refused()
    provider.claims = {"hd": "testford.example"}
    assert sign_on()[1].url == "/"
    provider.claims = {}
    assert "didn’t say that you belong to it" in refused()  # a link doesn't replace it


# --- A changed subject ------------------------------------------------------------------------------------------------


def test_a_changed_subject(town: Town, provider: LyingProvider):
    """A mailbox has another owner now, or the provider's administrator made a second person of that address."""
    sign_on()
    provider.person["sub"] = "subject-2"
    assert f"says that {town.lead.email} now belongs to someone else there" in refused()
    event = AuditEvent.objects.get(verb="user.sign_in_failed")
    assert (event.target_id, event.details["reason"]) == (str(town.lead.pk), "changed subject")


def test_the_same_subject_of_another_issuer(town: Town, provider: LyingProvider, settings):
    """The operator gives the id to another provider, where the same number is another person."""
    sign_on()
    with lying_provider(sub="subject-1", email="other@testford.example", email_verified=True) as other:
        settings.OIDC_PROVIDERS = {"council": held(other)}
        assert "No one has invited other@testford.example" in refused()
        other.person["email"] = town.lead.email
        assert "now belongs to someone else there" in refused()


def test_an_operator_unlinks(town: Town, provider: LyingProvider, capsys):
    client, _ = sign_on()
    provider.person["sub"] = "subject-2"
    call_command("unlink_sign_on", town.lead.email)
    assert f"{town.lead.email} is no longer linked to council." in capsys.readouterr().out
    assert client.get("/testford/").status_code == 302  # signed out
    assert AuditEvent.objects.get(verb="user.provider_unlinked").details["provider"] == "council"
    assert sign_on()[1].url == "/"
    with pytest.raises(CommandError, match="isn't linked"):
        call_command("unlink_sign_on", town.lead.email, provider="other")


def test_an_operator_unlinks_in_the_admin(town: Town, provider: LyingProvider):
    client, _ = sign_on()
    link, operator = SocialAccount.objects.get(), make_operator()
    admin: Answer = Client()
    admin.force_login(operator)
    page = f"/admin/socialaccount/socialaccount/{link.pk}/"
    assert admin.get(f"{page}change/").status_code == 200
    assert admin.post(f"{page}change/", {"user": operator.pk}).status_code == 403
    assert admin.get("/admin/socialaccount/socialaccount/add/").status_code == 403
    assert admin.get("/admin/socialaccount/socialapp/").status_code == 404
    assert admin.post(f"{page}delete/", {"post": "yes"}).status_code == 302
    assert not SocialAccount.objects.exists()
    assert AuditEvent.objects.get(verb="user.provider_unlinked").actor == operator.email
    assert client.get("/testford/").status_code == 302
    assert OutboxEntry.objects.filter(about="Your account is no longer linked to Testford Council").exists()


def test_the_database_allows_one_subject(town: Town, provider: LyingProvider):
    sign_on()
    with pytest.raises(IntegrityError), transaction.atomic():
        SocialAccount.objects.create(user=town.lead, provider="council", uid="another")


# --- A token that proves nothing --------------------------------------------------------------------------------------


NOW = int(time.time())
LIES: dict[str, dict[str, Any]] = {
    "another issuer": {"claims": {"iss": "https://elsewhere.example"}},
    "no issuer": {"claims": {"iss": None}},
    "another audience": {"claims": {"aud": "another-client"}},
    "no audience": {"claims": {"aud": None}},
    "issued to another party": {"claims": {"aud": [CLIENT, "other"], "azp": "other"}},
    "two audiences and no party": {"claims": {"aud": [CLIENT, "other"]}},
    "expired": {"claims": {"exp": NOW - 3600, "iat": NOW - 7200}},
    "without an end": {"claims": {"exp": None}},
    "an end that is no number": {"claims": {"exp": [1]}},
    "an endless end": {"claims": {"exp": float("inf")}},
    "not valid yet": {"claims": {"nbf": NOW + 3600}},
    "made tomorrow": {"claims": {"iat": NOW + 86400}},
    "no subject": {"claims": {"sub": None}},
    "an empty subject": {"claims": {"sub": ""}},
    "a long subject": {"claims": {"sub": "s" * 256}},
    "the nonce of another sign-in": {"claims": {"nonce": "of-another-sign-in"}},
    "no nonce": {"claims": {"nonce": None}},
    "a nonce that is no text": {"claims": {"nonce": 7}},
    "unsigned": {"algorithm": "none"},
    "unsigned with a key": {"algorithm": "none", "header": {"kid": "first"}},
    "signed with our secret": {"algorithm": "HS256", "header": {"kid": "first"}},
    "signed with another key": {"key": "second"},
    "signed with another key of this name": {"key": "second", "header": {"kid": "first"}},
    "a key for encryption": {"keys": [publish("first", use="enc")]},
    "an expired key": {"keys": [publish("first", exp=NOW - 3600)]},
    "a rotated key": {"keys": [publish("second")]},
    "two keys of one name": {"keys": [publish("first"), publish("first")]},
    "no keys": {"keys": []},
    "keys that are none": {"keys": [7, None, {}, {"kid": "first", "kty": "RSA"}]},
    "a key that is broken": {"keys": [publish("first", n="!", e="AQAB")]},
    "a short key": {"key": "short", "keys": [publish("short")]},
    "another algorithm than its key": {"algorithm": "RS512"},
}


@pytest.mark.parametrize("lie", LIES)
def test_a_token_that_lies(provider: LyingProvider, lie: str):
    for name, value in LIES[lie].items():
        setattr(provider, name, value)
    assert UNTRUSTED in refused()
    assert reasons() == ["untrusted"]
    assert not SocialAccount.objects.exists()


@pytest.mark.parametrize(
    "body",
    [b"{}", b'{"id_token": 7}', b'{"id_token": "a.b.c"}', b'{"id_token": ""}', b'{"id_token": null}'],
)
def test_a_token_that_is_none(provider: LyingProvider, body: bytes):
    provider.answers["/token"] = body
    assert UNTRUSTED in refused()


def test_a_token_with_another_nonce_is_of_another_sign_in(provider: LyingProvider, monkeypatch):
    """A provider, or somebody who stole a token, sends the token of an earlier sign-in."""
    tokens: list[str] = []
    make = provider.make_token
    monkeypatch.setattr(provider, "make_token", lambda nonce: tokens.append(make(nonce)) or tokens[0])
    assert sign_on()[1].url == "/"
    assert UNTRUSTED in refused()


# --- The way there and back -------------------------------------------------------------------------------------------


def test_a_code_is_used_once(provider: LyingProvider):
    client: Answer = Client()
    back = be_sent_back(leave(client))
    assert client.get(back).url == "/"
    client.post("/account/logout/")
    assert STALE in said(client, client.get(back))


def test_a_code_of_somebody_else(provider: LyingProvider):
    """The code is replayed in a sign-in of one's own: its proof (PKCE) and its nonce are another's."""
    victim, attacker = Client(), Client()
    stolen = parse_qs(urlsplit(be_sent_back(leave(victim))).query)["code"][0]
    own = be_sent_back(leave(attacker))
    assert DECLINED in said(attacker, attacker.get(re.sub(r"code=[^&]+", f"code={stolen}", own)))
    assert reasons() == ["code refused"]


def test_an_address_to_come_back_to_that_somebody_was_sent(provider: LyingProvider):
    """Otherwise an attacker could sign somebody in as the attacker."""
    attacker, victim = Client(), Client()
    back = be_sent_back(leave(attacker))
    assert STALE in said(victim, victim.get(back))
    assert STALE in said(victim, victim.get(BACK))
    assert STALE in said(victim, victim.get(f"{BACK}?state=&code=x"))
    assert provider.asked.count("/token") == 0


def test_a_state_is_too_old(provider: LyingProvider, monkeypatch):
    client: Answer = Client()
    back = be_sent_back(leave(client))
    now = time.time()
    monkeypatch.setattr("allauth.socialaccount.internal.statekit.time.time", lambda: now + 11 * 60)
    assert STALE in said(client, client.get(back))


def test_the_state_of_another_provider(provider: LyingProvider, settings):
    """A provider that lies sends the browser back as if it were another one."""
    settings.OIDC_PROVIDERS |= {"nhs": held(provider, id="nhs", name="NHS", domains=frozenset({"nhs.example"}))}
    client: Answer = Client()
    back = be_sent_back(leave(client))
    answer = client.get(back.replace("/council/", "/nhs/"))
    assert "That sign-in with NHS took too long" in said(client, answer)


def test_another_issuer_in_the_address(provider: LyingProvider):
    provider.back = {"iss": "https://elsewhere.example"}
    assert UNTRUSTED in refused()
    assert provider.asked.count("/token") == 0
    provider.back = {"iss": provider.url}
    assert sign_on()[1].url == "/"


def test_somebody_cancels(provider: LyingProvider):
    provider.error = "access_denied"
    assert "You didn’t sign in with Testford Council." in refused()
    provider.error = "server_error"
    provider.back = {"error_description": "<script>alert(1)</script>"}
    client, answer = sign_on()
    assert DECLINED in said(client, answer)
    assert "alert(1)" not in client.get(SIGN_IN).content.decode()
    assert reasons() == ["cancelled", "declined"]


def test_what_somebody_wanted_is_remembered_after_a_refusal(provider: LyingProvider):
    provider.error = "access_denied"
    assert sign_on(next="/account/reminders/")[1].url == f"{SIGN_IN}?next=%2Faccount%2Freminders%2F"


def test_the_button_is_a_form(provider: LyingProvider):
    """Another site's link or picture mustn't start a sign-in, and neither may its form."""
    client: Answer = Client(enforce_csrf_checks=True)
    page = client.get(START)
    assert f'<button type="submit" class="govuk-button">{BUTTON}</button>' in page.content.decode()
    assert "Refresh" not in page
    assert client.post(START).status_code == 403
    assert Client().post(BACK).status_code == 405
    assert provider.asked == []


def test_tries_are_limited_and_passwords_arent_touched(town: Town, provider: LyingProvider):
    give_password(town.lead)
    client: Answer = Client()
    for _ in range(30):
        leave(client)
    asked = len(provider.asked)
    assert "There were too many tries" in said(client, client.post(START))
    assert len(provider.asked) == asked
    assert client.post(SIGN_IN, {"login": town.lead.email, "password": PASSWORD}).url == "/"


# --- A provider that isn't there --------------------------------------------------------------------------------------


CONFIGURATION = "/.well-known/openid-configuration"


@pytest.mark.parametrize(
    "answer", [500, 404, 302, b"", b"[]", b"{", b"<html>", b"[" * 100_000, b"{" + b" " * 1_000_001]
)
@pytest.mark.parametrize("path", [CONFIGURATION, "/token", "/jwks"])
def test_an_answer_that_is_none(provider: LyingProvider, path: str, answer: Any):
    client: Answer = Client()
    back = be_sent_back(leave(client))
    provider.answers[path] = answer
    sentence = said(client, client.get(back))
    assert DOWN in sentence or (path == "/token" and answer in (404, 302) and DECLINED in sentence)
    assert "/elsewhere" not in provider.asked  # it isn't followed anywhere


def test_it_is_down_at_the_start(provider: LyingProvider, settings):
    client: Answer = Client()
    provider.answers[CONFIGURATION] = 503
    assert DOWN in said(client, client.post(START))
    settings.OIDC_PROVIDERS = {"council": held(provider, issuer="http://127.0.0.1:1")}  # nobody listens there
    assert DOWN in said(client, client.post(START, {"next": "/account/reminders/"}))


@pytest.mark.parametrize("path", ["/token", "/jwks"])
def test_it_hangs(provider: LyingProvider, monkeypatch, path: str):
    """It drips a byte at a time, so no single read ever takes long."""
    monkeypatch.setattr(provider_calls, "SECONDS", 0.6)
    client: Answer = Client()
    back = be_sent_back(leave(client))
    provider.answers[path] = 5.0
    begins = time.monotonic()
    assert DOWN in said(client, client.get(back))
    assert time.monotonic() - begins < 3


@pytest.mark.parametrize(
    "lie",
    [
        {"issuer": "https://elsewhere.example"},
        {"issuer": None},
        {"token_endpoint": "file:///etc/passwd"},
        {"jwks_uri": None},
        {"authorization_endpoint": "javascript:alert(1)"},
        {"authorization_endpoint": "https://a.example/\r\nSet-Cookie: a=b"},
    ],
)
def test_a_configuration_that_lies(provider: LyingProvider, lie: dict[str, Any]):
    provider.configuration = lie
    client: Answer = Client()
    assert UNTRUSTED in said(client, client.post(START))


# --- The second factor ------------------------------------------------------------------------------------------------


@pytest.fixture
def _in_production(settings) -> None:
    settings.PRODUCTION = True


@pytest.mark.usefixtures("_in_production")
def test_our_own_factor_is_asked_for(town: Town, provider: LyingProvider):
    give_app(town.lead)
    provider.claims = {"amr": ["pwd", "mfa"]}  # the operator doesn't trust it with that
    client, answer = sign_on()
    assert answer.url == CODE
    assert client.get("/testford/").status_code == 302
    assert client.post(CODE, {"code": code_of("JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP")}).url == "/"
    assert AuditEvent.objects.get(verb="user.signed_in").details["provider"] == "council"


@pytest.mark.usefixtures("_in_production")
def test_a_role_that_needs_one_sets_it_up(town: Town, provider: LyingProvider):
    provider.person["email"] = town.coordinator.email
    client, _ = sign_on()
    assert client.get("/testford/").url == HOME


@pytest.mark.usefixtures("_in_production")
def test_the_providers_own_factor_counts_if_the_operator_says_so(town: Town, provider: LyingProvider, settings):
    settings.OIDC_PROVIDERS = {"council": held(provider, factor={"amr": ("mfa",)})}
    provider.person["email"] = town.coordinator.email
    for told in ({}, {"amr": ["pwd"]}, {"amr": "pwd mfa"}, {"amr": True}, {"acr": "mfa"}):
        provider.claims = told
        client, _ = sign_on()
        assert client.get("/testford/").url == HOME, told
    provider.claims = {"amr": ["pwd", "mfa"]}
    client, _ = sign_on()
    assert client.get("/testford/").status_code == 200
    # It counts for this sign-in only.
    client.post("/account/logout/")
    give_password(town.coordinator)
    client.post(SIGN_IN, {"login": town.coordinator.email, "password": PASSWORD})
    assert client.get("/testford/").url == HOME


@pytest.mark.usefixtures("_in_production")
def test_a_sign_in_by_password_in_the_same_browser_has_no_factor_of_the_provider(
    town: Town, provider: LyingProvider, settings
):
    settings.OIDC_PROVIDERS = {"council": held(provider, factor={"amr": ("mfa",)})}
    provider.person["email"], provider.claims = town.coordinator.email, {"amr": ["mfa"]}
    give_app(town.coordinator)
    give_password(town.coordinator)
    client, answer = sign_on()
    assert answer.url == "/"  # not asked twice
    client.post("/account/logout/")
    assert client.post(SIGN_IN, {"login": town.coordinator.email, "password": PASSWORD}).url == CODE
    assert Authenticator.objects.filter(user=town.coordinator).exists()


# --- An agency that requires it ---------------------------------------------------------------------------------------


def test_required(town: Town, provider: LyingProvider, settings):
    give_password(town.lead)
    settings.OIDC_PROVIDERS = {"council": held(provider, is_required=True)}
    sentence = "Your agency uses single sign-on."
    for password in (PASSWORD, "wrong"):
        client: Answer = Client()
        page = client.post(SIGN_IN, {"login": town.lead.email.upper(), "password": password})
        assert sentence in words_of(page)
        assert "_auth_user_id" not in client.session
    page = client.post("/account/password/reset/", {"email": town.lead.email})
    assert "You need no password here." in words_of(page)
    assert sign_on()[1].url == "/"


def test_required_also_of_a_link_to_a_password(town: Town, provider: LyingProvider, settings):
    client, new = Client(), "another horse battery staple"
    settings.OIDC_PROVIDERS = {"council": held(provider, is_required=True)}
    page = client.get(password_path(town.lead), follow=True)
    answer = client.post(page.redirect_chain[-1][0], {"password1": new, "password2": new}, follow=True)
    assert "Your agency uses single sign-on." in words_of(answer)
    assert "_auth_user_id" not in client.session


def test_others_keep_their_password(town: Town, provider: LyingProvider, settings):
    settings.OIDC_PROVIDERS = {"council": held(provider, is_required=True)}
    User.objects.filter(pk=town.lead.pk).update(email="lead@nhs.example")
    town.lead.refresh_from_db()
    give_password(town.lead)
    client: Answer = Client()
    assert client.post(SIGN_IN, {"login": "lead@nhs.example", "password": PASSWORD}).url == "/"


# --- Without a password -----------------------------------------------------------------------------------------------


def test_a_session_alone_sets_no_password(town: Town, provider: LyingProvider):
    """Somebody at a screen that was left open would otherwise have a way in that lasts."""
    town.lead.set_unusable_password()
    town.lead.save()
    client, _ = sign_on()
    new = "another horse battery staple"
    for path in ("/account/password/set/", "/account/password/change/"):
        client.post(path, {"password1": new, "password2": new})
        assert client.get(path, follow=True).redirect_chain[-1][0] == "/account/password/reset/"
    town.lead.refresh_from_db()
    assert not town.lead.has_usable_password()


def test_whoever_has_no_password_proves_it_by_signing_in_again(town: Town, provider: LyingProvider):
    """Otherwise a screen that was left open would be enough to add somebody else's passkey."""
    town.lead.set_unusable_password()
    town.lead.save()
    client, _ = sign_on()
    assert client.get("/account/second-factor/totp/activate/").status_code == 200
    session = client.session
    for record in session["account_authentication_methods"]:
        record["at"] -= 10 * 60
    session.save()
    for path in ("totp/activate/", "webauthn/add/"):
        page = client.get(f"/account/second-factor/{path}", follow=True)
        assert "Sign out and sign in again." in words_of(page), path


@pytest.mark.parametrize("is_required", [True, False])
def test_an_invitation_names_the_provider(town: Town, provider: LyingProvider, settings, is_required: bool):
    town.lead.set_unusable_password()
    town.lead.save()
    settings.OIDC_PROVIDERS = {"council": held(provider, is_required=is_required)}
    send_access(*town.lead.memberships.all(), by=town.coordinator)
    body = mail.outbox[-1].body
    assert "Sign in with Testford Council, on this page:" in body
    assert ("/account/password/reset/key/" in body) is not is_required
    client: Answer = Client()
    assert BUTTON in client.get(SIGN_IN).content.decode()


# --- The pages --------------------------------------------------------------------------------------------------------


def test_without_a_provider_nothing_changes(town: Town, settings):
    settings.OIDC_PROVIDERS = {}
    client: Answer = Client()
    page = client.get(SIGN_IN).content.decode()
    assert "work account" not in page
    assert page.count("<form") == 1
    assert client.post(START).status_code == 404
    assert client.get(BACK).status_code == 404
    client.force_login(town.lead)
    assert "This signs you out here." not in client.get("/account/logout/").content.decode()


def test_several_at_once(provider: LyingProvider, settings):
    with lying_provider(sub="1", email="approver@nhs.example", email_verified=True) as other:
        settings.OIDC_PROVIDERS |= {
            "nhs": held(other, id="nhs", name="NHS <Testford>", domains=frozenset({"nhs.example"}))
        }
        page = Client().get(f"{SIGN_IN}?next=/account/reminders/").content.decode()
        assert BUTTON in page
        assert "Sign in with NHS &lt;Testford&gt;" in page
        assert page.count('value="/account/reminders/"') == 3
        assert SECRET not in page


def test_signing_out_is_only_from_here(town: Town, provider: LyingProvider):
    client, _ = sign_on()
    page = words_of(client.get("/account/logout/"))
    assert "This signs you out here. You stay signed in to Testford Council." in page
    client.post("/account/logout/")
    assert client.get("/testford/").status_code == 302


def test_our_policy_for_contents_stays_as_it_is(provider: LyingProvider):
    for page in (Client().get(SIGN_IN), Client().post(START)):
        assert "form-action 'self'" in page["Content-Security-Policy"]
        assert provider.url not in page["Content-Security-Policy"]


def test_a_new_browser_is_told(town: Town, provider: LyingProvider):
    sign_on()
    sign_on()
    assert OutboxEntry.objects.filter(kind="device", person=town.lead).count() == 1


def test_an_erased_person_isnt_linked(town: Town, provider: LyingProvider):
    sign_on()
    erase_person(town.lead, why="They asked", by=town.coordinator)
    assert not SocialAccount.objects.exists()
    refused()


def test_another_persons_role_stays_theirs(town: Town, provider: LyingProvider):
    provider.person |= {"sub": "subject-9", "email": town.people[Role.ANALYST].email}
    client, _ = sign_on()
    assert client.session["_auth_user_id"] == str(town.people[Role.ANALYST].pk)
    note_address(town.people[Role.ANALYST], before="x@testford.example", by=town.coordinator)
    assert client.get("/testford/").status_code == 302
