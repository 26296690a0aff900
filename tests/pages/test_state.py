"""What monitors read: who may, and what it says on a bad day."""

from ipaddress import ip_network
from typing import Any

import pytest
from django.db import OperationalError, connection
from django.test import Client
from prometheus_client.parser import text_string_to_metric_families

from core.models import User
from operations.health.views import newest
from tests.scenarios import Town
from tests.visiting import signed_in

pytestmark = pytest.mark.django_db
TOKEN = "a-token-of-the-operator-0123456789abcdef"
INSIDE_ONLY = ["/readyz", "/metrics"]


@pytest.fixture(autouse=True)
def _asks_anew(settings):
    settings.INSIDE = [ip_network("10.1.0.0/16")]
    settings.OPERATIONS_TOKEN = TOKEN
    settings.PROXIES = 1
    newest.forget()
    yield
    newest.forget()


def ask(path: str, *, at: str = "", token: str = "", sender: str = "127.0.0.1"):
    headers: dict[str, Any] = {"HTTP_X_FORWARDED_FOR": at} if at else {}
    headers |= {"HTTP_AUTHORIZATION": token} if token else {}
    return Client().get(path, REMOTE_ADDR=sender, **headers)


@pytest.mark.parametrize("path", INSIDE_ONLY)
@pytest.mark.parametrize(
    ("at", "token"),
    [
        ("198.51.100.7", ""),
        ("10.1.0.9, 198.51.100.7", ""),  # written by the visitor
        ("", ""),  # by no proxy
        ("not an address", ""),
        ("198.51.100.7", "Bearer "),
        ("198.51.100.7", f"Bearer {TOKEN[:-1]}"),
        ("198.51.100.7", f"Bearer {TOKEN}x"),
        ("198.51.100.7", f"Basic {TOKEN}"),
        ("198.51.100.7", "Bearer é"),
    ],
)
def test_outside_it_does_not_exist(path, at, token):
    answer = ask(path, at=at, token=token, sender="10.1.0.2")

    assert answer.status_code == 404
    assert b"database" not in answer.content


@pytest.mark.parametrize("path", INSIDE_ONLY)
@pytest.mark.parametrize(("at", "token"), [("10.1.200.3", ""), ("198.51.100.7", f"Bearer {TOKEN}")])
def test_inside_or_by_the_token_it_answers(path, at, token):
    assert ask(path, at=at, token=token).status_code == 200


@pytest.mark.parametrize("path", INSIDE_ONLY)
def test_without_a_token_none_is_right(path, settings):
    settings.OPERATIONS_TOKEN = ""
    assert ask(path, at="198.51.100.7", token="Bearer ").status_code == 404
    assert ask(path, at="198.51.100.7", token="Bearer None").status_code == 404


@pytest.mark.parametrize("path", INSIDE_ONLY)
def test_nobody_gets_in_by_signing_in(town: Town, path):
    client = signed_in(User.objects.create_superuser("boss@council.example", "x", name="Boss"))
    assert client.get(path, HTTP_X_FORWARDED_FOR="198.51.100.7").status_code == 404


def test_a_process_that_answers_is_alive_whatever_the_database_does(django_assert_num_queries, town: Town):
    client = signed_in(town.lead)
    with django_assert_num_queries(0):
        assert client.get("/healthz").content == b"ok"


def test_it_says_what_is_well():
    answer = ask("/readyz", at="10.1.0.1")

    lines = answer.content.decode().splitlines()
    assert lines[0] == "database: OK. It answers."
    assert {line.partition(":")[0] for line in lines} == {"database", "cache", "clock", "mail", "disk"}
    assert answer.headers["Cache-Control"] == "private, no-store"


def test_programs_read_it_as_json():
    answer = ask("/readyz?format=json", at="10.1.0.1")

    first = answer.json()["checks"][0]
    assert (first["name"], first["is_well"], first["sentence"]) == ("database", True, "It answers.")
    assert 0 <= first["seconds"] < 5


def test_without_its_database_it_says_so_and_asks_no_further(monkeypatch):
    asked = []

    def fail(*_args, **_kwargs):
        asked.append(1)
        raise OperationalError("could not connect to 10.0.0.1 as secret@agency.example")

    monkeypatch.setattr(connection, "cursor", fail)
    answer = ask("/readyz", at="10.1.0.1")

    assert answer.status_code == 503
    words = answer.content.decode()
    assert words.startswith("database: FAILED. It doesn’t answer (OperationalError).\n")
    assert "secret" not in words
    assert "mail" not in words
    assert len(asked) == 1


def test_a_flood_of_questions_asks_the_database_once_a_second(django_assert_max_num_queries):
    ask("/readyz", at="10.1.0.1")
    with django_assert_max_num_queries(0):
        for _ in range(20):
            assert ask("/readyz", at="10.1.0.1").status_code == 200


def test_prometheus_reads_what_was_asked_and_how_the_product_is(town: Town):
    Client().get("/help/")
    Client().get("/anytown/")
    answer = ask("/metrics", at="10.1.0.1")

    assert answer.headers["Content-Type"].startswith("text/plain; version=")
    found = {sample.name: sample for family in read(answer) for sample in family.samples}
    asked = [sample for family in read(answer) for sample in family.samples if sample.name == "vvdash_requests_total"]
    assert {"view": "help", "method": "GET", "status": "2xx"} in [sample.labels for sample in asked]
    assert found["vvdash_check_well"].value == 1.0
    assert "anytown" not in answer.content.decode().lower()


def test_no_visitor_makes_the_tables_of_a_monitor_grow():
    client = Client()
    before = len(ask("/metrics", at="10.1.0.1").content.splitlines())
    for number in range(40):
        client.generic(f"WORD{number}", "/healthz")
        client.get(f"/no-such-page-{number}/")
        client.get(f"/help/no-such-guide-{number}/")
    after = ask("/metrics", at="10.1.0.1").content
    assert len(after.splitlines()) - before < 80
    assert b"WORD" not in after
    assert b"no-such" not in after


def test_without_its_database_the_metrics_still_say_so(monkeypatch):
    def fail(*_args, **_kwargs):
        raise OperationalError("gone")

    monkeypatch.setattr(connection, "cursor", fail)
    answer = ask("/metrics", at="10.1.0.1")
    assert answer.status_code == 200
    assert b'vvdash_check_well{check="database"} 0.0' in answer.content


def read(answer):
    return list(text_string_to_metric_families(answer.content.decode()))
