"""Which pages travel compressed, and that no length of one tells a secret: nothing that a guess could be put into is
compressed together with what the guess is about."""

import ast
import gzip
import re
import zlib
from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from hypothesis import given
from hypothesis import settings as examples
from hypothesis import strategies as st

from boards.roles import Role
from core.compression import LAST, deflate, store, takes_gzip
from core.months import Month
from indicators.entries import Entry
from indicators.models import Indicator
from indicators.services.corrections import accept_correction, ask_correction
from reporting.months.services import publish_corrections
from tests import scenarios
from tests.answers import Answer
from tests.challenging import ask, make_responsibility
from tests.scenarios import Town, make_town

pytestmark = pytest.mark.django_db
ROOT = Path(__file__).resolve().parents[2]
OCTOBER, NOVEMBER = Month(2026, 10), Month(2026, 11)
MONTH, BOARD, YEAR = "/testford/2026-10/", "/testford/2026-10/csp/", "/testford/2026-10/year/"
INDICATOR = "/testford/indicators/arrests/?month=2026-10"
VERSION = "/testford/indicators/arrests/?month=2026-10&version=1"
PUBLIC = "/testford/public/2026-10/"
COMPRESSED = [MONTH, BOARD, YEAR, INDICATOR, VERSION]
QUESTION = "Which of the 7654321 arrests were repeated?"
TOKEN = re.compile(rb'name="csrfmiddlewaretoken" value="(\w+)"')
GUESS = "7654321-guess"


@pytest.fixture(scope="module")
def made(standing) -> Town:
    return standing(make_asked_town)


@pytest.fixture
def town(made: Town) -> Town:
    return deepcopy(made)


def make_asked_town() -> Town:
    """October is published in two versions, and public; November is a draft. Somebody asks about arrests."""
    town = make_town()
    scenarios.accept(town, OCTOBER, {"arrests": 12, "charges": 3})
    scenarios.publish(town, OCTOBER)
    arrests = Indicator.objects.get(area=town.area, code="arrests")
    period = scenarios.open_month(town, OCTOBER)
    asked = ask_correction(arrests, None, period, entry=Entry(value="13"), reason="Counted again", by=town.lead)
    accept_correction(asked, by=town.coordinator)
    scenarios.sweep()
    publish_corrections(town.area, by=town.coordinator)
    scenarios.publish_openly(town, OCTOBER)
    scenarios.accept(town, NOVEMBER, {"arrests": 14, "charges": 5})
    scenarios.sweep()
    ask(town, question=QUESTION, indicator=arrests, period=period)
    ask(town, question=QUESTION, responsibility=make_responsibility(town))
    return town


def get(path: str, user: Any = None, *, encoding: str = "gzip", **more: Any) -> Answer:
    client = Client()
    if user:
        client.force_login(user)
    client.cookies.load(more.pop("cookies", {}))
    answer = client.get(path, headers={"Accept-Encoding": encoding, **more.pop("headers", {})})
    assert answer.status_code == 200, path
    return answer


def without_token(body: bytes) -> bytes:
    return TOKEN.sub(b"", body)


# --- Which


def test_only_these_views_compress():
    """Before you add one: who may write into the part of it that is cached, and may they read all of that part?"""
    calls = set()
    for app in ("core", "boards", "indicators", "actions", "reporting"):
        for path in (ROOT / app).rglob("*.py"):
            for call in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
                name = getattr(call.func, "id", "") if isinstance(call, ast.Call) else ""
                if name in ("compress_page", "compress_parts"):
                    calls.add((name, path.relative_to(ROOT).as_posix()))
    assert calls == {
        ("compress_page", "reporting/pages/cached.py"),
        ("compress_parts", "reporting/pages/views/months.py"),
        ("compress_parts", "reporting/pages/views/indicators.py"),
        ("compress_parts", "reporting/pages/views/year.py"),
    }


@pytest.mark.parametrize("path", COMPRESSED)
def test_a_published_page_is_compressed_and_is_the_same_page(town: Town, path: str):
    member = town.people[Role.STRATEGIC]
    plain, packed = get(path, member, encoding=""), get(path, member)
    assert "Content-Encoding" not in plain.headers
    assert packed.headers["Content-Encoding"] == "gzip"
    assert int(packed.headers["Content-Length"]) == len(packed.content) < len(plain.content) * 0.7
    assert without_token(gzip.decompress(packed.content)) == without_token(plain.content)
    assert all("Accept-Encoding" in answer.headers["Vary"] for answer in (plain, packed))
    assert packed.headers["Cache-Control"] == "private, no-store"


@pytest.mark.parametrize(
    "path",
    [
        *("/testford/2026-11/", "/testford/2026-11/csp/", "/testford/2026-11/year/"),
        "/testford/indicators/arrests/?month=2026-11",
        *("/testford/", "/testford/plan/", "/testford/search/?q=arrests", "/testford/challenges/", "/testford/mine/"),
        *("/testford/setup/", "/testford/indicators/", "/account/sign-ins/"),
    ],
)
def test_drafts_and_pages_with_typed_text_or_secrets_are_not(town: Town, path: str):
    assert "Content-Encoding" not in get(path, town.coordinator).headers


def test_signing_in_is_not():
    assert "Content-Encoding" not in get("/account/login/").headers


# --- What an attacker could try


@pytest.mark.parametrize("path", COMPRESSED)
def test_nothing_of_a_request_is_repeated(town: Town, path: str):
    """A guess in each parameter that a page knows, in unknown ones, in headers and in cookies."""
    member = town.people[Role.STRATEGIC]
    before = without_token(gzip.decompress(get(path, member).content))
    for parameter in ("q", "next", "page", "chart", "as", "over", "edition", "board", "format", "from", GUESS):
        body = get(f"{path}{'&' if '?' in path else '?'}{parameter}={GUESS}", member).content
        assert without_token(gzip.decompress(body)) == before, parameter
    names = ("User-Agent", "Referer", "Accept", "Accept-Language", "X-Forwarded-For", "X-Request-Id", "Origin")
    headers = dict.fromkeys(names, GUESS)
    cookies = {"messages": GUESS, "device": GUESS, GUESS: GUESS}
    body = get(path, member, headers=headers, cookies=cookies).content
    assert without_token(gzip.decompress(body)) == before


@pytest.mark.parametrize("version", ["1", "01", "000000001", "١"])
def test_a_version_is_named_in_one_way(town: Town, version: str):
    """… though its number can be written in many."""
    member = town.people[Role.STRATEGIC]
    body = gzip.decompress(get(f"{VERSION[:-1]}{version}", member).content)
    assert without_token(body) == without_token(gzip.decompress(get(VERSION, member).content))


@pytest.mark.parametrize("path", [BOARD, INDICATOR])
def test_what_others_typed_travels_as_it_is(town: Town, path: str):
    """Somebody who asks a question, and sees how long the page of another reader is, learns only its own length."""
    packed = get(path, town.people[Role.STRATEGIC]).content
    assert QUESTION.encode() in gzip.decompress(packed)
    assert QUESTION.encode() in packed


@pytest.mark.parametrize("path", COMPRESSED)
def test_a_token_is_masked_anew_in_each_answer(town: Town, path: str):
    client = Client()
    client.force_login(town.people[Role.STRATEGIC])
    answers = [client.get(path, headers={"Accept-Encoding": "gzip"}) for _ in range(4)]
    found = [TOKEN.findall(gzip.decompress(answer.content)) for answer in answers]
    tokens = [token for each in found for token in each]
    assert len(set(tokens)) == len(tokens) >= 4
    secret = client.cookies["csrftoken"].value.encode()
    assert not any(secret in gzip.decompress(answer.content) for answer in answers)


def test_no_piece_refers_to_another():
    """A guess right before a secret makes the secret no shorter."""
    secret = b"The board withheld 7654321 of them, for reasons of its own. " * 3
    alone = deflate(secret)
    assert zlib.decompressobj(-zlib.MAX_WBITS).decompress(alone) == secret
    stream = deflate(secret) + deflate(secret)
    assert len(stream) == 2 * len(alone)
    assert zlib.decompressobj(-zlib.MAX_WBITS).decompress(stream) == secret * 2


@examples(max_examples=60)
@given(
    st.lists(
        st.tuples(st.booleans(), st.binary(max_size=40), st.sampled_from([0, 1, 400, 2**13, 2**16, 140_000])),
        max_size=5,
    )
)
def test_pieces_of_any_length_are_one_stream(pieces: list[tuple[bool, bytes, int]]):
    texts = [(is_packed, some * (length // len(some) if some else 0)) for is_packed, some, length in pieces]
    stream = b"".join([*((deflate if is_packed else store)(text) for is_packed, text in texts), LAST])
    reader = zlib.decompressobj(-zlib.MAX_WBITS)
    assert reader.decompress(stream) == b"".join(text for _, text in texts)
    assert (reader.eof, reader.unused_data) == (True, b"")


def test_what_travels_as_it_is_stands_there_as_it_is():
    assert store(b"") == b""
    assert QUESTION.encode() in store(b"x" * 70_000 + QUESTION.encode())


# --- Public pages


def test_a_public_page_is_compressed_and_no_proxy_mixes_its_forms(town: Town):
    plain, packed = get(PUBLIC, encoding=""), get(PUBLIC)
    assert gzip.decompress(packed.content) == plain.content
    assert len(packed.content) < len(plain.content) * 0.5
    assert packed.headers["ETag"] == f"W/{plain.headers['ETag']}"
    assert plain.headers["Vary"] == packed.headers["Vary"] == "Accept-Encoding"
    for known in (plain.headers["ETag"], packed.headers["ETag"]):
        again = Client().get(PUBLIC, headers={"Accept-Encoding": "gzip", "If-None-Match": known})
        assert (again.status_code, again.content, again.headers["Vary"]) == (304, b"", "Accept-Encoding")


def test_a_public_page_is_the_same_bytes_for_everybody(town: Town):
    """So nobody's secret is in it: neither a cookie nor a session changes it."""
    anybody = get(PUBLIC).content
    assert get(PUBLIC, town.coordinator, cookies={"csrftoken": GUESS}).content == anybody
    assert get(f"{PUBLIC}?q={GUESS}&edition=", headers={"Referer": GUESS}).content == anybody


def test_public_files_travel_as_they_are(town: Town):
    assert not {"Content-Encoding", "Vary"} & set(get(f"{PUBLIC}figures.csv").headers)


# --- Who takes it


@pytest.mark.parametrize(
    ("accepted", "is_taken"),
    [
        *[(words, True) for words in ("gzip", "br, gzip", "gzip, deflate, br, zstd", "gzip;q=0.5", "deflate,gzip;q=1")],
        *[(words, False) for words in ("", "br", "identity", "gzip;q=0", "br, gzip; q=0.0", "gzip;q=0, br")],
    ],
)
def test_who_takes_gzip(rf, accepted: str, is_taken: bool):
    assert takes_gzip(rf.get("/", headers={"Accept-Encoding": accepted})) is is_taken
