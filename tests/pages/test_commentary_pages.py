"""The commentary on pages: where it is written, where it is read, and where it never is."""

import re

import pytest
from django.test import Client

from boards.rules import Role
from core.calendar import Month
from reporting.models import Commentary
from tests import scenarios
from tests.commenting import comment
from tests.scenarios import Town
from tests.standing import stand
from tests.visiting import signed_in

pytestmark = pytest.mark.django_db
SEPTEMBER = Month(2026, 9)
SAID = "Zebras were counted twice."
WRITE = "/testford/2026-09/commentary/"


def make_september() -> Town:
    town = scenarios.make_town()
    scenarios.accept(town, SEPTEMBER, {"arrests": 3, "charges": 2})
    scenarios.sweep()
    return town


made, town = stand(make_september)


@pytest.fixture
def analyst(town: Town) -> Client:
    return signed_in(town.people[Role.ANALYST])


def read(client: Client, path: str, status: int = 200) -> str:
    answer = client.get(path)
    assert answer.status_code == status
    return " ".join(re.sub(r"<[^>]+>", " ", answer.content.decode()).split())


def test_it_is_written_read_and_published_with_the_month(town, analyst):
    member = signed_in(town.people[Role.BOARD_MEMBER])
    assert "There is no commentary on this month yet." in read(analyst, "/testford/2026-09/")
    answer = analyst.post(WRITE, {"text": SAID, "revision": "0"})
    assert answer["Location"] == "/testford/2026-09/"
    # The page was kept without it.
    assert SAID in read(analyst, "/testford/2026-09/")
    assert "Signed by" in read(analyst, "/testford/2026-09/csp/")
    assert "Written for all boards" in read(analyst, "/testford/2026-09/csp/")
    read(member, "/testford/2026-09/", 403)
    analyst.post(WRITE, {"text": "Other words.", "revision": "1"})
    assert SAID not in read(analyst, "/testford/2026-09/")
    scenarios.publish(town, SEPTEMBER)
    assert "Other words." in read(member, "/testford/2026-09/")
    assert "Commentary" not in read(signed_in(town.lead), "/testford/2026-09/").partition("Other words.")[2]


def test_only_who_may_write_it_is_led_there(town, analyst):
    assert WRITE in analyst.get("/testford/2026-09/").content.decode()
    strategic = signed_in(town.people[Role.STRATEGIC]).get("/testford/2026-09/").content.decode()
    assert WRITE not in strategic
    assert "Commentary" not in strategic
    scenarios.publish(town, SEPTEMBER)
    assert WRITE not in analyst.get("/testford/2026-09/").content.decode()


def test_what_is_too_long_is_said_and_kept(town, analyst):
    answer = analyst.post(WRITE, {"text": "word " * 301, "revision": "0"})
    said = answer.content.decode()
    assert "Shorten the commentary to 300 words: it has 301, which is 1 too many" in said
    assert "301 of 300 words" in said
    assert "word word word" in said
    assert not Commentary.objects.exists()


def test_an_empty_box_takes_nothing_back_unless_that_is_ticked(town, analyst):
    analyst.post(WRITE, {"text": SAID, "revision": "0"})
    said = analyst.post(WRITE, {"text": "", "revision": "1"}).content.decode()
    assert "Write the commentary, or tick the box to remove it" in said
    assert Commentary.objects.get().text == SAID
    analyst.post(WRITE, {"text": SAID, "take_back": "on", "revision": "1"})
    assert not Commentary.objects.exists()
    assert "September 2026 has no commentary." in read(analyst, "/testford/2026-09/")


def test_a_preview_saves_nothing(town, analyst):
    said = analyst.post(f"{WRITE}csp/", {"text": f"{SAID}\n\nAgain.", "revision": "0", "act": "preview"})
    assert "How it will look on the page" in said.content.decode()
    assert f'<p class="govuk-body vv-break">{SAID}</p>' in said.content.decode()
    assert "5 of 300 words" in said.content.decode()
    assert not Commentary.objects.exists()


def test_a_published_month_takes_none(town, analyst):
    scenarios.publish(town, SEPTEMBER)
    assert "September 2026 is published, so you can’t change its commentary." in read(analyst, WRITE)
    analyst.post(WRITE, {"text": SAID, "revision": "0"})
    assert not Commentary.objects.exists()


def test_the_public_and_files_never_have_it(town, analyst):
    comment(town, SEPTEMBER, SAID)
    comment(town, SEPTEMBER, SAID, board=town.csp)
    scenarios.publish(town, SEPTEMBER)
    scenarios.publish_openly(town, SEPTEMBER)
    pages = (
        "/testford/public/2026-09/",
        "/testford/public/2026-09/figures.json",
        "/testford/public/2026-09/figures.csv",
    )
    files = ("/testford/2026-09/figures.json", "/testford/2026-09/figures.csv", "/testford/exports/history.json")
    for client, paths in ((Client(), pages), (analyst, files)):
        for path in paths:
            answer = client.get(path)
            assert answer.status_code == 200, path
            assert "Zebras" not in b"".join(answer).decode(), path
