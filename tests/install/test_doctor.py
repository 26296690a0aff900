"""manage.py doctor, beside a real database, mail server and web server that aren't right."""

import os
import re
import ssl
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import ExitStack, closing
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import urlsplit

import psycopg2
import pytest
from django.contrib.staticfiles.storage import staticfiles_storage
from django.db import connection

from operations.doctor import examine
from tests import services
from tests.integration.command_line import run
from tests.mail_server import mail_server
from tests.services.processes import free_port
from tests.tls import make_certificate
from vvdash import env

PAGE = '<link rel="stylesheet" href="/static/css/app.0123.css"><input name="csrfmiddlewaretoken">'
ROOT = Path(__file__).resolve().parents[2]
SIGN_IN, STYLES = "/account/login/", "/static/css/app.0123.css"


def look(name: str, **options: str) -> list[tuple[bool, str]]:
    return [(is_right, sentence) for _, is_right, sentence in examine([name], **options)]


# --- The settings --------------------------------------------------------------------------------


@pytest.mark.django_db
def test_the_settings_of_a_try_out_are_named_as_such(settings):
    assert look("settings") == [
        (True, "PRODUCTION isn’t set: this is for trying the product out, on this machine only.")
    ]


@pytest.mark.django_db
def test_every_unsafe_setting_is_in_one_list(settings):
    settings.PRODUCTION = True
    settings.DEBUG = True
    settings.SECRET_KEY = settings.DEFAULT_SECRET_KEY

    said = look("settings")

    assert (False, "In production: DEBUG is on. Leave DEBUG out.") in said
    assert (False, "In production: SECRET_KEY is the default. Set SECRET_KEY.") in said
    assert not any(is_right for is_right, _ in said)


# --- The database server -------------------------------------------------------------------------


@pytest.fixture(scope="module")
def primary() -> Iterator[str]:
    with services.postgres() as url:
        yield url


def ask_as(url: str, *statements: str) -> None:
    with closing(psycopg2.connect(url)) as connection:
        connection.autocommit = True
        for statement in statements:
            connection.cursor().execute(statement)


def look_at(url: str) -> list[str]:
    """What the command says of another database than the tests'."""
    done = subprocess.run(
        [sys.executable, "manage.py", "doctor", "--only", "server"],
        cwd=ROOT,
        env={"PATH": os.environ["PATH"], "DATABASE_URL": url},
        capture_output=True,
        text=True,
        check=False,
    )
    return done.stdout.splitlines()


def test_a_good_server_answers(primary: str):
    assert look_at(primary) == ["OK      Database server: It answers."]


def test_a_wrong_password_is_said_and_not_shown(primary: str):
    right = str(urlsplit(primary).password)

    [sentence] = look_at(primary.replace(right, "hunter2"))

    assert sentence.startswith("FAILED  Database server: It doesn’t answer: ")
    assert "password authentication failed" in sentence
    assert "hunter2" not in sentence


def test_a_database_in_another_encoding_is_refused(primary: str):
    ask_as(primary, "CREATE DATABASE odd ENCODING 'SQL_ASCII' LC_COLLATE 'C' LC_CTYPE 'C' TEMPLATE template0")

    said = look_at(primary.removesuffix("/vvdash") + "/odd")

    assert said == ["FAILED  Database server: Its encoding is SQL_ASCII. Make it anew with --encoding UTF8."]


def test_a_role_that_owns_nothing_is_told_what_it_lacks(primary: str):
    ask_as(primary, "CREATE ROLE guest LOGIN PASSWORD 'guest'")
    right = str(urlsplit(primary).password)

    said = look_at(primary.replace(f"vvdash:{right}", "guest:guest"))

    assert said == [
        "FAILED  Database server: The role guest may not make tables in it. Let that role own the database."
    ]


def test_a_standby_is_refused(primary: str):
    with services.standby(primary) as url:
        said = look_at(url)

    assert said == [
        "FAILED  Database server: It only reads: it is a standby. Name the server that accepts writes in DATABASE_URL."
    ]


@pytest.mark.django_db
def test_a_clock_that_is_wrong_is_noticed(monkeypatch: pytest.MonkeyPatch):
    if connection.vendor != "postgresql":
        pytest.skip("SQLite has the clock of its machine")
    monkeypatch.setattr("django.utils.timezone.now", lambda: datetime.now(UTC) + timedelta(minutes=2))

    [(is_right, sentence)] = look("server")

    assert not is_right
    assert re.fullmatch(r"Its clock and this machine’s are 1[12]\d seconds apart\.", sentence)


# --- The mail server -----------------------------------------------------------------------------


@pytest.fixture
def use_mail(settings, monkeypatch: pytest.MonkeyPatch):
    def use(url: str) -> None:
        monkeypatch.setenv("EMAIL_URL", url)
        settings.MAILERS = env.mailers("EMAIL_URL")
        settings.DEFAULT_FROM_EMAIL = "dashboard@council.test"

    return use


def test_a_mail_server_is_tried_and_sent_one(use_mail):
    with mail_server() as server:
        use_mail(server.url)

        assert look("mail-server") == [(True, "It answers.")]
        assert server.letters == []

        said = look("mail-server", send_to="operator@council.test")

        assert said == [(True, "It has taken an email to operator@council.test. Look whether it arrives.")]
        assert [letter["To"] for letter in server.letters] == ["operator@council.test"]


def test_a_mail_server_that_is_away_fails(use_mail, settings):
    use_mail(f"smtp://someone:password@127.0.0.1:{free_port()}")
    settings.DEFAULT_FROM_EMAIL = "dashboard@vvdash.example"

    assert look("mail-server") == [
        (False, "Its password travels unencrypted. Begin EMAIL_URL with smtp+tls:// or smtps://."),
        (False, "No mail server accepts the sender. Set EMAIL_FROM to an address of yours."),
        (False, "It doesn’t answer: Connection refused."),
    ]


# --- The address ---------------------------------------------------------------------------------


class Site(ThreadingHTTPServer):
    """Answers by HTTPS what a test says. `answers` has a status and a body for each path."""

    def __init__(self, certificate: Path) -> None:
        super().__init__(("127.0.0.1", 0), Answer)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate)
        self.socket = context.wrap_socket(self.socket, server_side=True)
        self.answers = {SIGN_IN: (200, PAGE), STYLES: (200, "")}

    def handle_error(self, *_: object) -> None:
        """A client that doesn't trust the certificate."""


class Answer(BaseHTTPRequestHandler):
    server: Site

    def do_GET(self) -> None:
        status, body = self.server.answers[self.path]
        self.send_response(status)
        if status in {301, 302}:
            self.send_header("Location", self.path)
        self.end_headers()
        self.wfile.write(body.encode())

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def serve_site(settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    with ExitStack() as stack:

        def serve(*, name: str = "localhost", days: int = 90) -> Site:
            certificate = make_certificate(tmp_path, name, days=days)
            monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
            site = stack.enter_context(Site(certificate))
            threading.Thread(target=site.serve_forever, daemon=True).start()
            stack.callback(site.shutdown)
            settings.PRODUCTION, settings.SITE_URL = True, f"https://localhost:{site.server_address[1]}"
            monkeypatch.setattr(staticfiles_storage, "url", lambda name: f"/static/{name}")
            return site

        yield serve


def test_a_site_that_answers_is_right(serve_site, settings):
    serve_site()

    assert look("address") == [(True, f"The sign-in page opens at {settings.SITE_URL}.")]
    [(is_right, sentence)] = look("certificate")
    assert (is_right, sentence[:18]) == (True, "It is valid until ")


def test_a_certificate_that_soon_ends_fails(serve_site):
    serve_site(days=13)

    [(is_right, sentence)] = look("certificate")

    assert not is_right
    assert sentence.endswith("Renew it, and look why that isn’t done by itself.")


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        ({"days": -1}, "Browsers won’t trust it: certificate has expired."),
        (
            {"name": "other.example"},
            "Browsers won’t trust it: Hostname mismatch, certificate is not valid for 'localhost'.",
        ),
    ],
)
def test_a_certificate_that_browsers_refuse_fails(serve_site, options: dict, sentence: str):
    serve_site(**options)

    assert look("certificate") == [(False, sentence)]


@pytest.mark.parametrize(
    ("path", "status", "sentence"),
    [
        (SIGN_IN, 400, "Its host must be in ALLOWED_HOSTS of the web server."),
        (SIGN_IN, 302, "It redirects for ever. Set PROXIES to the number of proxies in front of the web server."),
        (SIGN_IN, 500, "The log of the web server (vvdash-web) says why."),
        (SIGN_IN, 502, "The web server (vvdash-web) isn’t running, or the proxy asks another port."),
        (STYLES, 404, "The proxy doesn’t pass it on, or looks for static files elsewhere."),
    ],
)
def test_a_page_that_does_not_open_says_why(serve_site, settings, path: str, status: int, sentence: str):
    serve_site().answers[path] = (status, "")

    assert look("address") == [(False, f"{settings.SITE_URL}{path} answers {status}. {sentence}")]


def test_another_site_at_the_address_is_noticed(serve_site, settings):
    serve_site().answers[SIGN_IN] = (200, "<h1>Welcome to nginx!</h1>")

    assert look("address") == [
        (False, f"Something else than this product answers at {settings.SITE_URL}{SIGN_IN}."),
    ]


def test_where_nothing_answers_it_says_where(settings):
    port = free_port()
    settings.SITE_URL = f"https://localhost:{port}"

    assert look("certificate") == [(False, f"Nothing answers at localhost, port {port}: Connection refused.")]


# --- The command ---------------------------------------------------------------------------------


@pytest.mark.django_db
def test_the_command_has_a_line_for_each_and_counts_what_failed(settings):
    good = run("doctor")
    settings.CHECKS = {
        **settings.CHECKS,
        "database": {**settings.CHECKS["database"], "check": f"{__name__}.break_down"},
    }
    bad = run("doctor", "--only", "database")

    assert (good.status, good.err) == (0, "")
    assert "OK      The database: It answers.\n" in good.out
    assert bad.status == 1
    assert bad.out == (
        "FAILED  The database: It doesn’t answer (RuntimeError). See “If the check database fails” in "
        "docs/run/failures.md.\n"
    )
    assert bad.err == "FAILED: 1 of 1."


def break_down(_: object) -> None:
    raise RuntimeError
