"""script/bench: what a browser of its own asks a server for, and when it has the answer."""

import socket

import pytest

from script.benching.browser import Browser, Visit
from script.benching.load import Line

HEADERS = b"HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\n"


@pytest.fixture
def person() -> Browser:
    browser = Browser()
    browser.cookies = {"sessionid": "a", "csrftoken": "b"}
    return browser


def test_a_person_sends_cookies(person: Browser):
    visit = Visit(person, "/anytown/?all=1")
    assert visit.status == 200
    assert visit.request == (
        b"GET /anytown/?all=1 HTTP/1.1\r\nHost: localhost\r\nAccept-Encoding: gzip\r\n"
        b"Cookie: sessionid=a; csrftoken=b\r\n\r\n"
    )


def test_a_stranger_sends_none_and_may_have_the_page_already():
    visit = Visit(Browser(), "/anytown/public/", '"tag"')
    assert visit.status == 304
    assert visit.request == (
        b'GET /anytown/public/ HTTP/1.1\r\nHost: localhost\r\nAccept-Encoding: gzip\r\nIf-None-Match: "tag"\r\n\r\n'
    )


@pytest.mark.parametrize(
    ("status", "got", "is_answered"),
    [
        (200, b"HTTP/1.1 200 OK\r\nContent-", False),
        (200, HEADERS + b"pag", False),
        (200, HEADERS + b"page", True),
        (304, b"HTTP/1.1 304 Not Modified\r\nContent-Length: 4\r\n\r\n", True),
    ],
)
def test_an_answer_is_there_with_its_last_byte(status: int, got: bytes, is_answered: bool):
    with socket.socket() as unused:
        line = Line(unused, status, got=bytearray(got))
        assert line.is_answered() is is_answered


@pytest.mark.parametrize("got", [HEADERS, b"HTTP/1.1 500 Oh\r\nContent-Length: 0\r\n\r\n"])
def test_another_answer_ends_the_bench(got: bytes):
    with socket.socket() as unused, pytest.raises(SystemExit):
        Line(unused, 304, got=bytearray(got)).is_answered()
