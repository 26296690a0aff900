"""What programs ask for: security.txt, robots.txt, the reports of browsers, and the headers of each answer."""

import json
import logging
from datetime import timedelta

import pytest
from django.conf import settings as the_settings
from django.test import Client
from django.utils import timezone
from django.utils.dateparse import parse_datetime

from boards.checks import no_area_is_shadowed
from boards.models import PartnershipArea
from operations import views
from operations.policy_reports import LARGEST, MOST_READ, Ration
from tests.scenarios import Town

pytestmark = pytest.mark.django_db
REPORT = {
    "csp-report": {
        "document-uri": "http://testserver/testford/plan/?for=Ann",
        "violated-directive": "script-src",
        "blocked-uri": "https://evil.example/?who=Ann",
    }
}


@pytest.fixture(autouse=True)
def ration(monkeypatch):
    monkeypatch.setattr(views, "ration", Ration())


def send(body: object, browser: Client | None = None):
    text = body if isinstance(body, bytes | str) else json.dumps(body)
    return (browser or Client(enforce_csrf_checks=True)).post("/csp-reports/", text, "application/csp-report")


def test_security_txt_names_the_contact(settings):
    assert Client().get("/.well-known/security.txt").status_code == 404
    settings.CONTACT, settings.SITE_URL = "help@dashboard.example", "https://dashboard.example"
    answer = Client().get("/.well-known/security.txt")
    assert answer.headers["content-type"] == "text/plain; charset=utf-8"
    lines = dict(line.split(": ", 1) for line in answer.content.decode().splitlines())
    assert lines["Contact"] == "mailto:help@dashboard.example"
    assert lines["Canonical"] == "https://dashboard.example/.well-known/security.txt"
    until = parse_datetime(lines["Expires"])
    assert until is not None
    assert timedelta(days=60) < until - timezone.now() < timedelta(days=365)


def test_robots_read_only_what_is_for_everybody():
    lines = Client().get("/robots.txt").content.decode().splitlines()
    assert lines[0] == "User-agent: *"
    assert lines[-1] == "Disallow: /"
    assert "Allow: /*/public/" in lines


def test_a_report_is_logged_once_and_names_no_one(town: Town, caplog):
    browser = Client(enforce_csrf_checks=True)
    browser.force_login(town.lead)
    with caplog.at_level(logging.WARNING, logger="operations.views"):
        answers = [send(REPORT, browser) for _ in range(3)]
    assert {answer.status_code for answer in answers} == {204}
    assert [record.getMessage() for record in caplog.records] == [
        "The policy script-src refused evil.example on the page actions:plan."
    ]
    assert not any(answer.cookies for answer in answers)


@pytest.mark.parametrize("length", ["9" * 5000, "-1", "x"])
def test_a_forged_length_is_too_large(length):
    answer = Client().post("/csp-reports/", "{}", "application/csp-report", CONTENT_LENGTH=length)
    assert answer.status_code == 413


@pytest.mark.parametrize("body", ["", "{}", b"\xff", "[1]"])
def test_what_is_no_report_is_refused(body):
    answer = send(body)
    assert (answer.status_code, answer.content) == (400, b"This is not a browser report.\n")


def test_reports_are_capped_and_rationed(django_assert_num_queries, caplog):
    with django_assert_num_queries(0):
        assert send("x" * (LARGEST + 1)).status_code == 413
        statuses = [
            send({"csp-report": REPORT["csp-report"] | {"blocked-uri": f"https://{n}.example"}}).status_code
            for n in range(MOST_READ + 5)
        ]
    assert statuses == [204] * MOST_READ + [429] * 5
    assert Client().get("/csp-reports/").status_code == 405


@pytest.mark.parametrize("path", ["/account/login/", "/privacy/", "/testford/public/", "/no/such/page/", "/robots.txt"])
def test_every_answer_limits_what_a_browser_may_do(path):
    headers = Client().get(path).headers
    for name, value in the_settings.BROWSER_LIMITS.items():
        assert headers[name] == value
    assert headers["Cross-Origin-Opener-Policy"] == "same-origin"
    assert "report-uri /csp-reports/" in headers["Content-Security-Policy"]
    assert "camera=()" in headers["Permissions-Policy"]


@pytest.mark.parametrize("slug", ["privacy", "accessibility", "csp-reports"])
def test_an_older_area_with_such_a_name_is_reported(town: Town, slug):
    assert no_area_is_shadowed(databases=["default"]) == []
    PartnershipArea.objects.filter(pk=town.area.pk).update(slug=slug)
    assert "Testford" not in Client().get(f"/{slug}/").content.decode()
    (fault,) = no_area_is_shadowed(databases=["default"])
    assert (fault.id, slug in fault.msg) == ("boards.W002", True)
