"""Webhooks as pages: added by a coordinator, tried out, stopped; and what is typed wrong is said."""

import re
from collections.abc import Iterator
from html import unescape
from pathlib import Path

import pytest
from django.test import Client

from boards.roles import Role
from core.models import AuditEvent
from core.services.sealing import unseal
from reporting.models import Hook, HookCall
from tests import scenarios
from tests.integration.rows_of_hooks import ADDRESS, leave_hooks
from tests.scenarios import Town
from tests.tls import Internet, make_certificate, receiving

pytestmark = pytest.mark.django_db
LIST, ADD = "/testford/hooks/", "/testford/hooks/add/"
TYPED = {"name": "A page", "url": ADDRESS, "kinds": ["public.published", "public.withdrawn"]}


@pytest.fixture
def internet(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Internet]:
    certificate = make_certificate(tmp_path, "hooks.example.org")
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    with receiving(certificate) as receiver:
        yield Internet(receiver, monkeypatch)


def browser(town: Town, role: Role) -> Client:
    client = Client()
    client.force_login(town.people[role])
    return client


def words(html: bytes) -> str:
    main = html.decode().partition("<main")[2].partition("</main>")[0]
    return re.sub(r"\s+", " ", unescape(re.sub(r"<[^>]+>", " ", main)))


def test_a_coordinator_adds_one_shows_its_secret_tries_it_and_stops_it(town: Town, internet: Internet):
    coordinator = browser(town, Role.COORDINATOR)
    assert "There are no webhooks" in words(coordinator.get(LIST).content)
    page = coordinator.post(ADD, TYPED, follow=True)
    assert "The webhook has been added" in words(page.content)
    hook = Hook.objects.get()
    here, secret = f"{LIST}{hook.pk}/", unseal(hook.secret)
    assert secret not in page.content.decode()
    shown = coordinator.post(here, {"act": "secret"})
    assert secret in shown.content.decode()
    assert "no-store" in shown.headers["Cache-Control"]
    assert secret not in coordinator.get(here).content.decode()

    assert "The receiver accepted the test" in words(coordinator.post(here, {"act": "test"}, follow=True).content)
    internet.receiver.status = 302
    said = words(coordinator.post(here, {"act": "test"}, follow=True).content)
    assert "The test failed. The receiver answered with 302." in said
    internet.answers = [["10.0.0.1"]]
    said = words(coordinator.post(here, {"act": "test"}, follow=True).content)
    assert "That host is in an internal network" in said
    assert "We will try again" not in said

    assert "There is a new secret" in words(coordinator.post(here, {"act": "renew"}, follow=True).content)
    assert "Make a new secret" not in words(coordinator.get(here).content)
    assert "renewed within the last seven days" in words(coordinator.post(here, {"act": "renew"}, follow=True).content)
    assert "Nothing was changed" in words(coordinator.post(here, {"act": "x"}, follow=True).content)
    assert "The webhook is stopped" in words(coordinator.post(here, {"act": "stop"}, follow=True).content)
    assert "Start it again first" in words(coordinator.post(here, {"act": "test"}, follow=True).content)
    assert "active again" in words(coordinator.post(here, {"act": "start"}, follow=True).content)
    verbs = set(AuditEvent.objects.filter(target_type="reporting.hook").values_list("verb", flat=True))
    assert verbs == {f"hook.{act}" for act in ("made", "secret_shown", "tested", "renewed", "stopped", "started")}


def test_sent_twice_it_is_added_once(town: Town):
    coordinator = Client(enforce_csrf_checks=False)
    coordinator.force_login(town.coordinator)
    typed = TYPED | {"csrfmiddlewaretoken": "a" * 64}
    first, second = coordinator.post(ADD, typed), coordinator.post(ADD, typed)
    assert first.headers["Location"] == second.headers["Location"]
    assert Hook.objects.count() == 1


def test_what_is_wrong_is_said_and_nothing_typed_is_lost(town: Town):
    coordinator = browser(town, Role.COORDINATOR)
    for url, sentence in (
        ("http://hooks.example.org/", "Enter an address that starts with https://"),
        (f"https://{'127.0.0.1'}/", "We don’t call numbers"),
        ("https://localhost/", "Enter the full name of a host"),
        ("https://user:secret@hooks.example.org/", "without a name, password"),
        ("", "Enter the address that we call."),
    ):
        answer = coordinator.post(ADD, TYPED | {"url": url})
        assert sentence in words(answer.content)
        assert 'value="A page"' in answer.content.decode()
        assert not url or f'value="{url}"' in answer.content.decode()
    empty = words(coordinator.post(ADD, {}).content)
    assert "Enter the system’s name." in empty
    assert "Choose at least one." in empty
    assert "Select a valid choice" in words(coordinator.post(ADD, {**TYPED, "kinds": ["test"]}).content)
    assert Hook.objects.count() == 0


def test_an_officer_reads_and_stops_and_cannot_do_more(town: Town):
    hook = leave_hooks(town)
    officer, here = browser(town, Role.INFORMATION), f"{LIST}{hook.pk}/"
    page = words(officer.get(here).content)
    assert "Stop this webhook" in page
    assert "No answer We will try again." in page
    for button in ("Send a test", "Show the secret", "Make a new secret"):
        assert button not in page
    for act in ("secret", "renew", "test", "start"):
        assert "Only a coordinator" in words(officer.post(here, {"act": act}, follow=True).content)
    assert unseal(hook.secret) not in officer.get(here).content.decode()
    officer.post(here, {"act": "stop"})
    hook.refresh_from_db()
    assert hook.stopped_by == town.people[Role.INFORMATION]


def test_anothers_is_not_there(town: Town):
    other = scenarios.make_town("otherford")
    theirs = leave_hooks(other)
    assert browser(town, Role.COORDINATOR).get(f"{LIST}{theirs.pk}/").status_code == 404
    assert browser(town, Role.COORDINATOR).get(f"/otherford/hooks/{theirs.pk}/").status_code == 404


def test_a_hundred_calls_are_listed_with_few_queries(town: Town, django_assert_max_num_queries):
    hook = leave_hooks(town)
    for number in range(1, 121):
        HookCall.objects.create(
            hook=hook, kind="public.published", target=f"edition:{number}", claimed_at=hook.made_at, message_id="x"
        )
    coordinator = browser(town, Role.COORDINATOR)
    with django_assert_max_num_queries(8):
        page = words(coordinator.get(f"{LIST}{hook.pk}/").content)
    assert "the last 100" in page
