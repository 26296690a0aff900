"""The line of each request: who asked for what and how long it took, and no word of theirs."""

import logging

import pytest
from django.conf import settings
from django.db import OperationalError, connection
from django.test import Client

from tests.scenarios import Town
from tests.visiting import signed_in

pytestmark = pytest.mark.django_db


@pytest.fixture
def lines(caplog):
    caplog.set_level(logging.INFO, logger="vvdash.requests")
    return lambda: [record for record in caplog.records if record.name == "vvdash.requests"]


def test_each_request_has_a_line(town: Town, lines):
    client = signed_in(town.lead)
    answer = client.get("/anytown/", {"q": "canary"})

    line = lines()[0]
    assert line.getMessage() == f"GET reporting:area-home was answered with {answer.status_code}."
    assert set(line.fields) == {"status", "ms", "queries", "query_ms"}
    assert 1 <= line.fields["queries"] < 60
    # Two answers that must be alike, such as of areas that somebody can't see, would differ by it.
    assert "X-Request-Id" not in answer.headers


def test_what_nobody_asks_about_has_no_line(lines):
    Client().get("/healthz")
    Client().get(f"/{settings.STATIC_URL.strip('/')}/css/none.css")
    assert lines() == []


@pytest.mark.parametrize(("proxies", "is_kept"), [(0, False), (1, True)])
def test_only_a_proxy_of_ours_names_a_request(settings, monkeypatch, proxies, is_kept):
    settings.PROXIES = proxies
    named = []
    monkeypatch.setattr("vvdash.middleware.write_line", lambda own, *_args: named.append(own.id))
    Client().get("/help/", HTTP_X_REQUEST_ID="proxy-0123", HTTP_X_FORWARDED_FOR="192.0.2.1")
    assert (named == ["proxy-0123"]) is is_kept


def test_a_line_of_a_failed_request_is_a_warning(town: Town, lines, monkeypatch):
    client = Client(raise_request_exception=False)
    client.force_login(town.lead)

    def fail(*_args, **_kwargs):
        raise OperationalError("gone")

    monkeypatch.setattr(connection, "cursor", fail)
    answer = client.get("/anytown/")
    assert answer.status_code == 503
    assert len(answer.headers["X-Request-Id"]) == 16
    assert [line.levelname for line in lines()] == ["WARNING"]


@pytest.mark.parametrize(("fault", "status"), [(OperationalError("gone"), 503), (ValueError("a fault of ours"), 500)])
def test_the_error_page_shows_the_id_that_the_log_has(town: Town, monkeypatch, fault: Exception, status: int):
    """So a person can quote it, and an operator finds the request."""
    named = []
    monkeypatch.setattr("vvdash.middleware.write_line", lambda own, *_args: named.append(own.id))
    client = Client(raise_request_exception=False)
    client.force_login(town.lead)

    def fail(*_args, **_kwargs):
        raise fault

    monkeypatch.setattr(connection, "cursor", fail)
    answer = client.get("/anytown/")
    assert (answer.status_code, [answer.headers["X-Request-Id"]]) == (status, named)
    assert f"quote this reference: <strong>{named[0]}</strong>." in answer.content.decode()


def test_it_costs_no_query(town: Town, django_assert_num_queries):
    with django_assert_num_queries(0):
        Client().get("/help/")
