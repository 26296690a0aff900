"""Which pages travel compressed, and that no length of an answer tells a secret.

An attacker puts guesses of one length wherever they can, and compares how long the answers are: the right guess would
make a page shorter that is compressed together with it. Only what is random in an answer stands in their way, and they
average ten thousand answers to be rid of it. So the tests take it away: what is left of each guess is one length.
"""

import ast
import gzip
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from statistics import fmean
from typing import Any

import pytest
from django.contrib import messages
from django.contrib.messages.middleware import MessageMiddleware
from django.contrib.sessions.middleware import SessionMiddleware
from django.core.cache import caches
from django.db import transaction
from django.http import HttpResponse
from django.middleware.gzip import GZipMiddleware
from django.test import Client

from boards.rules import Role
from core.calendar import Month
from core.pages import compress_page
from indicators.figures import Entry
from indicators.models import Indicator
from indicators.services.corrections import accept_correction, ask_correction
from indicators.services.returns import accept_return, save_draft, submit_return
from indicators.trend import CellState
from reporting.months.services import publish_corrections
from tests import scenarios
from tests.answers import Answer
from tests.challenging import ask, make_responsibility
from tests.factories import make_indicator
from tests.scenarios import Town, make_town
from tests.standing import stand

pytestmark = pytest.mark.django_db
ROOT = Path(__file__).resolve().parents[2]
OCTOBER, NOVEMBER, DECEMBER = Month(2026, 10), Month(2026, 11), Month(2026, 12)
MONTH, YEAR, BOARD = "/testford/2026-10/", "/testford/2026-10/year/", "/testford/2026-10/csp/"
VERSION = f"{MONTH}?version=1"
INDICATOR = "/testford/indicators/raids/?month=2026-10"
DRAFT, NEXT_DRAFT = "/testford/2026-11/", "/testford/2026-12/"
PUBLIC = "/testford/public/2026-10/"
COMPRESSED = [MONTH, YEAR, VERSION]
SECRET = "Raids in Kestrel Street 7431"  # stands on each of these pages
GUESSES = [SECRET, "Raids in Falcons Avenue 2968", "Tours of Dunnock Gardens 586", "Raids in Kestrel Avenue 2968"]
TOKEN = re.compile(rb'name="csrfmiddlewaretoken" value="(\w+)"')
ANSWERS = 10_000


def make_asked_town() -> Town:
    """October is published in two versions, and public; November is a draft."""
    town = make_town()
    make_indicator(town.police, "raids", title=SECRET, boards=(town.csp,))
    scenarios.accept(town, OCTOBER, {"arrests": 12, "charges": 3, "raids": 1})
    scenarios.publish(town, OCTOBER)
    arrests = Indicator.objects.get(area=town.area, code="arrests")
    period = scenarios.open_month(town, OCTOBER)
    asked = ask_correction(arrests, None, period, entry=Entry(value="13"), reason="Counted again", by=town.lead)
    accept_correction(asked, by=town.coordinator)
    scenarios.sweep()
    publish_corrections(town.area, by=town.coordinator)
    scenarios.publish_openly(town, OCTOBER)
    scenarios.accept(town, NOVEMBER, {"arrests": 14, "charges": 5, "raids": 2})
    scenarios.sweep()
    return town


made, town = stand(make_asked_town)


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
    """Before you add one: who may still change a text on it, and may they read all of it?"""
    calls = set()
    for app in ("core", "boards", "indicators", "actions", "reporting", "operations", "vvdash"):
        for path in (ROOT / app).rglob("*.py"):
            for call in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
                name = getattr(call.func, "id", "") if isinstance(call, ast.Call) else ""
                if name in ("compress_page", "GZipMiddleware", "gzip_page", "compress_string"):
                    calls.add((name, path.relative_to(ROOT).as_posix()))
    assert calls == {
        ("GZipMiddleware", "core/pages.py"),
        ("compress_page", "reporting/pages/views/months.py"),
        ("compress_page", "reporting/pages/views/months.py"),
    }


@pytest.mark.parametrize("path", COMPRESSED)
def test_a_published_page_is_compressed_whole_and_is_the_same_page(town: Town, path: str):
    member = town.people[Role.STRATEGIC]
    plain, packed = get(path, member, encoding=""), get(path, member)
    assert "Content-Encoding" not in plain.headers
    assert packed.headers["Content-Encoding"] == "gzip"
    assert int(packed.headers["Content-Length"]) == len(packed.content) < len(plain.content) * 0.4
    assert without_token(gzip.decompress(packed.content)) == without_token(plain.content)
    assert all("Accept-Encoding" in answer.headers["Vary"] for answer in (plain, packed))
    assert packed.headers["Cache-Control"] == "private, no-store"


@pytest.mark.parametrize(
    "path",
    [
        *(DRAFT, f"{DRAFT}csp/", f"{DRAFT}year/", BOARD, INDICATOR, f"{INDICATOR}&version=1"),
        "/testford/indicators/arrests/?month=2026-11",
        *("/testford/", "/testford/plan/", "/testford/search/?q=arrests", "/testford/challenges/", "/testford/mine/"),
        *("/testford/setup/", "/testford/indicators/", "/account/sign-ins/"),
    ],
)
def test_drafts_and_pages_with_typed_text_or_secrets_are_not(town: Town, path: str):
    answer = get(path, town.coordinator)
    assert answer.headers["Cache-Control"] == "private, no-store"
    assert "Content-Encoding" not in answer.headers


def test_signing_in_is_not():
    assert "Content-Encoding" not in get("/account/login/").headers


def test_a_page_with_a_message_is_not(rf):
    """A message may repeat what its reader typed, or was made to send."""
    assert "Content-Encoding" in compressed(rf, "What is on the page. " * 99).headers
    assert "Content-Encoding" not in compressed(rf, "What is on the page. " * 99, message=SECRET).headers


def compressed(rf: Any, body: str | bytes, *, message: str = "") -> Answer:
    """Return a page of this text, compressed as one that may be; with a message, if there is one."""

    def show(request: Any) -> HttpResponse:
        if message:
            messages.success(request, message)
            assert [str(shown) for shown in messages.get_messages(request)] == [message]
        return compress_page(request, HttpResponse(body))

    request = rf.get("/", headers={"Accept-Encoding": "gzip"})
    return SessionMiddleware(MessageMiddleware(show))(request)


# --- What an attacker could try


@pytest.fixture
def averaged(monkeypatch: pytest.MonkeyPatch) -> None:
    """Take away what is random in an answer, as somebody does who averages all that they can get."""
    monkeypatch.setattr(GZipMiddleware, "max_random_bytes", 0)
    monkeypatch.setattr("django.middleware.csrf.get_random_string", lambda length, allowed_chars="": "m" * length)


def weigh(answer: Answer) -> int:
    return len(answer.content)


def without_keys(answer: Answer) -> Answer:
    """Give every key in an address one length: PostgreSQL's counters go on, and 10 is longer than 9."""
    answer.content = re.sub(rb"(?<=/)\d+(?=[/?\"])", b"0", answer.content)
    return answer


def channels(path: str) -> Iterator[tuple[str, Callable[[str, Any], Answer]]]:
    """Yield each way to put a text into a request of somebody's browser: parameters, headers and cookies."""
    mark = "&" if "?" in path else "?"
    for name in ("q", "next", "page", "chart", "as", "over", "edition", "board", "format", "from", "title"):
        yield f"?{name}=", lambda guess, who, name=name: get(f"{path}{mark}{name}={guess}", who)
    yield "?(guess)=", lambda guess, who: get(f"{path}{mark}{guess}=1", who)
    for name in ("User-Agent", "Referer", "Accept", "Accept-Language", "X-Forwarded-For", "X-Request-Id", "Origin"):
        yield name, lambda guess, who, name=name: get(path, who, headers={name: guess})
    for name in ("messages", "device", "other"):
        yield f"cookie {name}", lambda guess, who, name=name: get(path, who, cookies={name: guess})


@pytest.mark.parametrize("path", COMPRESSED)
def test_nothing_of_a_request_is_repeated(town: Town, averaged: None, path: str):
    member = town.people[Role.STRATEGIC]
    before = gzip.decompress(get(path, member).content)
    assert SECRET.encode() in before
    for name, ask_with in channels(path):
        right, wrong = (ask_with(guess, member) for guess in GUESSES[:2])
        assert gzip.decompress(right.content) == before, name
        assert weigh(right) == weigh(wrong), name


@pytest.mark.parametrize("version", ["1", "01", "000000001"])
def test_a_version_is_named_in_one_way(town: Town, averaged: None, version: str):
    """… though its number can be written in many."""
    member = town.people[Role.STRATEGIC]
    assert get(f"{INDICATOR}&version={version}", member).content == get(f"{INDICATOR}&version=1", member).content


def ask_about(town: Town, guess: str) -> None:
    """A question about an indicator, and one about what a board is responsible for."""
    raids = Indicator.objects.get(area=town.area, code="raids")
    ask(town, question=f"{guess}?", indicator=raids, period=scenarios.open_month(town, OCTOBER))
    ask(town, question=f"{guess}?", responsibility=make_responsibility(town))


def note_in_a_draft(town: Town, guess: str) -> None:
    """Why an agency has no figure for a month that isn't published."""
    period = scenarios.open_month(town, DECEMBER)
    typed = {
        **scenarios.entries({"charges": 5, "raids": 2}),
        "arrests": Entry(reason=CellState.NOT_AVAILABLE.value, note=guess),
    }
    saved = save_draft(town.police, period, typed, revision=0, by=town.lead)
    accept_return(submit_return(town.police, period, revision=saved.revision, by=town.lead), by=town.coordinator)
    scenarios.sweep()


def weigh_after(
    town: Town, write: Callable[[Town, str], None], path: str, see: Callable[[Answer], Any] = without_keys
) -> dict[str, int]:
    """Return how long the page is for a member of the strategic group, by what somebody wrote before."""
    lengths = {}
    for guess in GUESSES:
        with transaction.atomic():
            write(town, guess)
            answer = get(path, town.people[Role.STRATEGIC])
            transaction.set_rollback(True)
        caches["pages"].clear()
        lengths[guess] = weigh(see(answer))
    return lengths


@pytest.mark.parametrize(
    ("write", "path"),
    [
        *[(ask_about, path) for path in (MONTH, YEAR, BOARD, INDICATOR, DRAFT)],
        *[(note_in_a_draft, path) for path in (MONTH, YEAR, BOARD, INDICATOR, DRAFT, NEXT_DRAFT)],
    ],
)
def test_who_writes_learns_nothing_of_what_others_read(town: Town, averaged: None, write: Any, path: str):
    """… from the length of pages that have more for others than for them."""
    assert len(set(weigh_after(town, write, path).values())) == 1


@pytest.mark.parametrize(("write", "path"), [(ask_about, BOARD), (ask_about, INDICATOR), (note_in_a_draft, NEXT_DRAFT)])
def test_they_would_if_those_pages_were_compressed(town: Town, averaged: None, rf, write: Any, path: str):
    """So the test above can fail."""
    lengths = weigh_after(town, write, path, lambda answer: compressed(rf, answer.content))
    assert lengths[SECRET] < min(length for guess, length in lengths.items() if guess != SECRET)


def test_padding_would_not_help(rf):
    """Ten thousand answers tell the right guess, if a page repeats it, through what Django adds of random length."""
    page = f"<h1>{SECRET}</h1>" + "<p>You searched for “{}”. Nothing has these words: try fewer, or other ones.</p>" * 3

    def average(guess: str) -> float:
        return fmean(weigh(compressed(rf, page.replace("{}", guess))) for _ in range(ANSWERS))

    assert average(SECRET) < average(GUESSES[1]) - 5


# --- What anybody may read


def test_a_public_page_is_compressed_and_no_proxy_mixes_its_forms(town: Town):
    plain, packed = get(PUBLIC, encoding=""), get(PUBLIC)
    assert gzip.decompress(packed.content) == plain.content
    assert len(packed.content) < len(plain.content) * 0.5
    assert packed.headers["ETag"] == plain.headers["ETag"]
    assert packed.headers["ETag"].startswith("W/")
    assert plain.headers["Vary"] == packed.headers["Vary"] == "Accept-Encoding"
    again = Client().get(PUBLIC, headers={"Accept-Encoding": "gzip", "If-None-Match": plain.headers["ETag"]})
    assert (again.status_code, again.content, again.headers["Vary"]) == (304, b"", "Accept-Encoding")
    assert again.headers["ETag"] == plain.headers["ETag"]


def test_a_public_page_is_the_same_bytes_for_everybody(town: Town, averaged: None):
    """So nobody's secret is in it: neither a cookie nor a session changes it."""
    anybody = get(PUBLIC).content
    assert get(PUBLIC, town.coordinator, cookies={"csrftoken": SECRET}).content == anybody
    assert get(f"{PUBLIC}?q={SECRET}&edition=", headers={"Referer": SECRET}).content == anybody


@pytest.mark.parametrize(
    ("path", "is_compressed"),
    [
        (f"{PUBLIC}figures.csv", True),
        ("/testford/public/feed.atom", True),
        ("/api/v1/public/areas/testford/months/2026-10", True),
        (f"{PUBLIC}figures.xlsx", False),
        ("/testford/public/datapackage.zip", False),
    ],
)
def test_a_public_file_is_compressed_unless_it_already_is(town: Town, path: str, is_compressed: bool):
    answer = get(path)
    assert answer.headers["Vary"] == "Accept-Encoding"
    assert (answer.headers.get("Content-Encoding") == "gzip") is is_compressed


@pytest.mark.parametrize("name", ["css/app.css", "js/error-summary.js", "favicon.svg"])
def test_our_stylesheets_and_scripts_are_compressed(settings, name: str):
    settings.WHITENOISE_USE_FINDERS = True
    answer = Client().get(f"/static/{name}", headers={"Accept-Encoding": "gzip"})
    assert (answer.status_code, answer.headers["Content-Encoding"]) == (200, "gzip")
    assert gzip.decompress(answer.getvalue()) == (ROOT / "static" / name).read_bytes()
