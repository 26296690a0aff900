"""What people do with their account is recorded: signing in and out, failing to, and a new password."""

import json

import pytest
from django.test import Client

from core.mail.account import password_path
from core.models import AuditEvent, User

pytestmark = pytest.mark.django_db
EMAIL, PASSWORD = "lead@testford.example", "correct horse battery staple"


@pytest.fixture
def person(db) -> User:
    return User.objects.create_user(EMAIL, PASSWORD, name="Lee Lead")


def sign_in(client: Client, email: str = EMAIL, password: str = PASSWORD) -> Client:
    client.post("/account/login/", {"login": email, "password": password}, REMOTE_ADDR="192.0.2.7")
    return client


def recorded() -> list[tuple[str, str, str, dict[str, object]]]:
    events = AuditEvent.objects.filter(verb__startswith="user.").order_by("pk")
    return [(event.verb, event.actor, event.target, event.details) for event in events]


def test_signing_in_and_out(person):
    sign_in(Client()).post("/account/logout/", REMOTE_ADDR="192.0.2.8")
    assert recorded() == [
        ("user.signed_in", EMAIL, "Lee Lead", {"ip": "192.0.2.7"}),
        ("user.signed_out", EMAIL, "Lee Lead", {"ip": "192.0.2.8"}),
    ]
    assert set(AuditEvent.objects.values_list("area", flat=True)) == {""}


def test_a_wrong_password(person):
    sign_in(Client(), password="wrong")
    assert recorded() == [("user.sign_in_failed", "system", "Lee Lead", {"ip": "192.0.2.7", "is_known": True})]


def test_an_address_that_nobody_has_isnt_kept(person):
    """People type their password into the first field."""
    sign_in(Client(), email="my-secret@nowhere.example", password="wrong")
    ((verb, _, target, details),) = recorded()
    assert (verb, target, details) == ("user.sign_in_failed", "", {"ip": "192.0.2.7", "is_known": False})
    assert "secret" not in json.dumps(list(AuditEvent.objects.values()), default=str)


def test_a_changed_password(person):
    new = "another horse battery staple"
    client = sign_in(Client())
    client.post("/account/password/change/", {"oldpassword": PASSWORD, "password1": new, "password2": new})
    assert [verb for verb, *_ in recorded()] == ["user.signed_in", "user.password_set"]
    person.refresh_from_db()
    assert person.check_password(new)
    assert new not in json.dumps(list(AuditEvent.objects.values()), default=str)


def test_a_password_set_by_a_link(person):
    client, new = Client(), "another horse battery staple"
    page = client.get(password_path(person), follow=True)
    client.post(page.redirect_chain[-1][0], {"password1": new, "password2": new})
    assert [(verb, actor) for verb, actor, *_ in recorded()] == [
        ("user.password_set", EMAIL),
        ("user.signed_in", EMAIL),
    ]
