"""deploy/nginx as it is, run by a real nginx with a certificate, in front of a real gunicorn."""

import gzip
import hashlib
import http.client
import json
import os
import re
import shutil
import signal
import socket
import ssl
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.install.echo import BIG, PACKED
from tests.install.proxy import HOST, SAMPLES, is_open, nginx
from tests.services.processes import free_port, server_user
from tests.waiting import wait_until

ROOT = Path(__file__).resolve().parents[2]
QUICK = 2.0  # seconds, on a busy machine


@dataclass
class Site:
    """nginx with gunicorn behind it."""

    port: int
    plain: int
    trust: Path
    upstream: int
    folder: Path
    behind: subprocess.Popen[bytes] | None = None

    def start_gunicorn(self) -> None:
        with (self.folder / "gunicorn").open("wb") as log:
            self.behind = subprocess.Popen(
                [
                    *(sys.executable, "-m", "gunicorn", "tests.install.echo:application"),
                    *("--bind", f"127.0.0.1:{self.upstream}", "--workers", "4"),
                    *("--no-control-socket", "--config", "/dev/null"),
                ],
                cwd=ROOT,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        wait_until(lambda: is_open(self.upstream), what="gunicorn is not ready")

    def end_gunicorn(self) -> None:
        os.killpg(self.behind.pid, signal.SIGKILL)
        self.behind.wait()

    def connect(self, name: str = HOST, *, timeout: float = 20.0) -> ssl.SSLSocket:
        context = ssl.create_default_context(cafile=self.trust)
        plain = socket.create_connection(("127.0.0.1", self.port), timeout=timeout)
        return context.wrap_socket(plain, server_hostname=name)

    def ask(
        self, path: str, *, method: str = "GET", body: bytes | None = None, headers: dict[str, str] | None = None
    ) -> tuple[http.client.HTTPResponse, bytes]:
        connection = http.client.HTTPSConnection(HOST, timeout=30)
        connection.sock = self.connect()
        with closing(connection):
            connection.request(method, path, body=body, headers=headers or {})
            answer = connection.getresponse()
            return answer, answer.read()


@pytest.fixture(scope="module")
def site() -> Iterator[Site]:
    upstream = free_port()
    with nginx(upstream) as proxy:
        static = proxy.folder / "vvdash" / "var" / "static"
        (static / "app.0123.css").write_text("body{}", encoding="utf-8")
        (static / "app.0123.css.gz").write_bytes(gzip.compress(b"body{}"))
        for file in static.iterdir():
            if user := server_user():
                shutil.chown(file, user)
        made = Site(proxy.port, proxy.plain, proxy.trust, upstream, proxy.folder)
        made.start_gunicorn()
        said = (proxy.folder / "errors").read_text(encoding="utf-8")
        assert "[warn]" not in said, said
        try:
            yield made
        finally:
            made.end_gunicorn()


def test_the_application_learns_the_visitor_the_host_and_the_scheme(site: Site):
    answer, body = site.ask(
        "/", headers={"X-Forwarded-For": "203.0.113.9", "X-Forwarded-Proto": "http", "X-Request-Id": "x"}
    )

    said = json.loads(body)
    assert said["HTTP_X_FORWARDED_FOR"] == "127.0.0.1"  # what the visitor wrote is gone
    assert said["HTTP_X_FORWARDED_PROTO"] == "https"
    assert said["HTTP_HOST"] == HOST
    assert re.fullmatch(r"[0-9a-f]{32}", said["HTTP_X_REQUEST_ID"])
    assert "nginx/" not in answer.headers["Server"]


def test_nginx_compresses_no_page_and_passes_on_what_the_product_compressed(site: Site):
    page, body = site.ask("/", headers={"Accept-Encoding": "gzip"})
    packed, bytes_of_it = site.ask("/packed", headers={"Accept-Encoding": "gzip"})

    assert json.loads(body)["HTTP_ACCEPT_ENCODING"] == "gzip"
    assert page.headers["Content-Encoding"] is None
    assert (packed.headers["Content-Encoding"], bytes_of_it) == ("gzip", PACKED)
    assert packed.headers["ETag"] == 'W/"1"'


def test_a_static_file_is_compressed(site: Site):
    style, _ = site.ask("/static/app.0123.css", headers={"Accept-Encoding": "gzip"})

    assert style.headers["Content-Encoding"] == "gzip"
    assert style.headers["Content-Type"] == "text/css"
    assert "immutable" in style.headers["Cache-Control"]
    for above in (
        "/static/../../deploy/nginx/vvdash.conf",
        "/static/%2e%2e/%2e%2e/deploy/nginx/vvdash.conf",
        "/static../x",
    ):
        assert b"ssl_certificate" not in site.ask(above)[1]
    assert site.ask("/static/app.9999.css")[0].status == 404


def test_plain_http_leads_to_https_of_our_name(site: Site):
    connection = http.client.HTTPConnection("127.0.0.1", site.plain, timeout=10)
    with closing(connection):
        connection.request("GET", "/a?b=c", headers={"Host": "evil.example"})
        answer = connection.getresponse()

    assert (answer.status, answer.headers["Location"]) == (301, f"https://{HOST}/a?b=c")


def test_a_host_that_is_not_ours_gets_no_answer(site: Site):
    with pytest.raises(ssl.SSLError):
        site.connect("evil.example")


def test_old_tls_is_refused(site: Site):
    context = ssl.create_default_context(cafile=site.trust)
    with pytest.warns(DeprecationWarning, match="TLSv1_1"):
        context.minimum_version = context.maximum_version = ssl.TLSVersion.TLSv1_1
    context.set_ciphers("ALL:@SECLEVEL=0")
    with socket.create_connection(("127.0.0.1", site.port), timeout=10) as plain, pytest.raises(ssl.SSLError):
        context.wrap_socket(plain, server_hostname=HOST)


def test_http_2_is_spoken(site: Site):
    context = ssl.create_default_context(cafile=site.trust)
    context.set_alpn_protocols(["h2", "http/1.1"])
    plain = socket.create_connection(("127.0.0.1", site.port), timeout=10)
    with context.wrap_socket(plain, server_hostname=HOST) as spoken:
        assert spoken.selected_alpn_protocol() == "h2"


@pytest.mark.parametrize("path", ["/metrics", "/readyz"])
def test_monitors_inside_get_an_answer(site: Site, path: str):
    assert site.ask(path)[0].status == 200


def test_monitors_outside_get_none():
    text = (SAMPLES / "vvdash.conf").read_text(encoding="utf-8")
    (block,) = re.findall(r"location ~ \^/\(metrics\|readyz\)\$ \{(.*?)\}", text, re.DOTALL)

    assert re.findall(r"(?:allow|deny) [^;]+", block) == ["allow 127.0.0.1", "allow ::1", "deny all"]


def test_a_file_of_the_largest_size_goes_in_and_a_larger_one_is_refused_in_words(site: Site):
    largest = os.urandom(1024) * (32 * 1024) + b"x" * 100_000  # and the rest of the form

    answer, body = site.ask("/send", method="POST", body=largest)
    assert answer.status == 200
    assert json.loads(body)["sha256"] == hashlib.sha256(largest).hexdigest()

    with closing(site.connect()) as connection:
        connection.sendall(
            f"POST /send HTTP/1.1\r\nHost: {HOST}\r\nContent-Length: {34 * 1024 * 1024}\r\n\r\n".encode()
        )
        said = connection.recv(65536).decode()
    assert said.startswith("HTTP/1.1 413 ")
    assert "This file is too big" in said


@contextmanager
def slow_bodies(site: Site, number: int) -> Iterator[None]:
    """So many visitors who have sent a form's head, and send its body a byte at a time, while the block lasts."""
    head = f"POST / HTTP/1.1\r\nHost: {HOST}\r\nContent-Length: 400\r\n\r\na".encode()
    with ExitStack() as stack:
        for _ in range(number):
            stack.enter_context(closing(site.connect())).sendall(head)
        yield


def test_slow_visitors_hold_nobody_up(site: Site):
    """As many as one address may have. Four of them would stop a gunicorn of four processes without nginx."""
    with slow_bodies(site, 45):
        for path in ("/", "/static/app.0123.css", "/"):
            began = time.monotonic()
            assert site.ask(path)[0].status == 200
            assert time.monotonic() - began < QUICK


@contextmanager
def slow_readers(site: Site, number: int) -> Iterator[list[ssl.SSLSocket]]:
    """So many visitors who asked for a file and read nothing, while the block lasts."""
    with ExitStack() as stack:
        readers = [stack.enter_context(closing(site.connect())) for _ in range(number)]
        for reader in readers:
            reader.sendall(f"GET /big HTTP/1.1\r\nHost: {HOST}\r\n\r\n".encode())
        yield readers


def test_slow_readers_hold_nobody_up_and_get_the_whole_file(site: Site):
    with slow_readers(site, 8) as (first, *_):
        wait_until(lambda: site.ask("/")[0].status == 200, what="the page", within=QUICK * 4)
        answer = http.client.HTTPResponse(first)
        answer.begin()
        assert len(answer.read()) == BIG


def test_one_address_has_a_bounded_number_of_connections(site: Site):
    with slow_bodies(site, 50):
        answer, body = site.ask("/")

    assert answer.status == 429
    assert b"Too many tries" in body


def test_tries_of_a_password_are_limited_and_reading_is_not(site: Site):
    tried = [site.ask("/account/login/", method="POST", body=b"x")[0].status for _ in range(36)]
    read = [site.ask("/account/login/")[0].status for _ in range(4)]

    assert tried[0] == 200
    assert tried.count(429) > 0
    assert set(read) == {200}


def test_the_applications_own_503_keeps_its_words(site: Site):
    answer, body = site.ask("/busy")

    assert answer.status == 503
    assert json.loads(body)["HTTP_HOST"] == HOST


def test_gunicorn_gets_each_request_on_a_connection_of_its_own(site: Site):
    """On kept ones, three of 13,777 requests were sent while gunicorn was ending the connection, and got a 503."""
    asked = [json.loads(site.ask("/")[1]) for _ in range(3)]

    assert {said["HTTP_CONNECTION"] for said in asked} == {"close"}
    assert len({said["port"] for said in asked}) == 3


def test_without_gunicorn_a_page_says_so_and_static_files_answer(site: Site):
    site.end_gunicorn()
    try:
        answer, body = site.ask("/")
        direct, _ = site.ask("/unavailable.html")
        style, _ = site.ask("/static/app.0123.css")
    finally:
        site.start_gunicorn()

    assert answer.status == 503
    assert answer.headers["Retry-After"] == "30"
    assert answer.headers["Cache-Control"] == "no-store"
    assert b"it may not have been saved" in body
    assert direct.status != 200  # nobody asks for it by itself
    assert style.status == 200
    assert site.ask("/")[0].status == 200
