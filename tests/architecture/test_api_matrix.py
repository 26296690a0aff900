"""Who gets what from each address of the API; and a key is nobody to every page."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import pytest
from django.db import transaction
from django.test import Client

from boards.services.keys import revoke_key
from core.calendar import Month
from tests import scenarios
from tests.answers import Answer
from tests.architecture import places
from tests.architecture.test_access_matrix import MONTHS, ROWS, SHOWN, Stage, in_turn, make_stage, text_of
from tests.architecture.test_access_matrix import Row as RowOfPages
from tests.keys import agency_key, bearer, give_key

CHARACTERS = {
    "nobody": "without a key",
    "session": "a coordinator's browser, without a key",
    "key-person": "the coordinator's key, who reads drafts on pages",
    "key-agency": "the agency's key, with every scope",
    "key-other": "a coordinator's key of another area",
    "key-over": "the agency's, but revoked",
}
OPEN = Month(2026, 11)
KEYS = ("key-person", "key-agency")
pytestmark = pytest.mark.django_db


@dataclass(frozen=True)
class Row:
    name: str
    month: str
    method: str
    statuses: dict[str, int]

    def __str__(self) -> str:
        return f"{self.method} {self.name} {self.month}"


def read_table() -> list[Row]:
    lines = [line.split() for line in Path(__file__).with_name("api_matrix.txt").read_text("utf-8").splitlines()]
    head, *rows = [words for words in lines if words and words[0] != "#"]
    assert head == ["address", "month", "method", *CHARACTERS]
    return [
        Row(name, month, method, dict(zip(CHARACTERS, map(int, statuses), strict=True)))
        for name, month, methods, *statuses in rows
        for method in methods.split("/")
    ]


API_ROWS = read_table()


@dataclass
class Door:
    """The stage of the pages, with keys, and the headers of each character."""

    stage: Stage
    headers: dict[str, dict[str, str]]
    browser: Client

    def path(self, row: Row) -> str:
        months = {**MONTHS, "open": OPEN}
        known = {**self.stage.known, "town": "testford", "rest": "v1/no-such", "month": months[row.month]}
        return places.address(row.name, known)

    def ask(self, character: str, method: str, path: str) -> Answer:
        client = self.browser if character == "session" else Client()
        client.handler = self.browser.handler  # it keeps nothing, and takes longer to make than to ask
        with transaction.atomic():
            answer = client.generic(method, path, headers=self.headers[character])
            transaction.set_rollback(True)
        return answer


@pytest.fixture(scope="module")
def door(django_db_setup, django_db_blocker) -> Iterator[Door]:
    with django_db_blocker.unblock(), transaction.atomic():
        stage = make_stage()
        town = stage.town
        scenarios.open_month(town, OPEN)
        far = scenarios.make_town("faraway")
        revoked, over = agency_key(town, name="Lost")
        revoke_key(revoked, by=town.coordinator)
        sent = {
            "key-person": give_key(town, town.coordinator)[1],
            "key-agency": agency_key(town, name="Another")[1],
            "key-other": give_key(far, far.coordinator)[1],
            "key-over": over,
        }
        headers = {character: bearer(sent[character]) if character in sent else {} for character in CHARACTERS}
        yield Door(stage, headers, stage.clients["coordinator"])
        transaction.set_rollback(True)


def test_every_address_of_the_api_is_in_a_table():
    of_api = {name for name in places.names() if name.startswith("api:")}
    assert {row.name for row in API_ROWS} | {"api:docs", "api:openapi"} == of_api


@pytest.mark.parametrize("row", API_ROWS, ids=str)
def test_answers_as_the_table_says(door, row):
    path = door.path(row)
    answers = {character: door.ask(character, row.method, path) for character in CHARACTERS}
    assert {character: answer.status_code for character, answer in answers.items()} == row.statuses
    for character, answer in answers.items():
        assert not answer.cookies, character
        if answer.status_code >= 400:
            assert answer.headers["Content-Type"] == "application/problem+json", character


@pytest.mark.parametrize("row", [row for row in API_ROWS if "missing" not in row.name], ids=str)
def test_refuses_a_method_that_the_table_has_not(door, row):
    listed = {each.method for each in API_ROWS if each.name == row.name}
    for method in {"GET", "POST", "PUT", "PATCH", "DELETE"} - listed:
        assert door.ask("key-agency", method, door.path(row)).status_code == 405, method


def test_an_unpublished_figure_is_in_no_answer_to_a_key(door):
    """… but in the agency's own return."""
    shown = {
        (row.name, character)
        for row in API_ROWS
        for character in CHARACTERS
        if SHOWN.search(text_of(door.ask(character, "GET", door.path(row)).content))
    }
    assert shown <= {("api:return", "key-agency")}


def check_nobody(door: Door, row: RowOfPages, keys: Sequence[str]) -> None:
    path = door.stage.path(row.name, row.month)
    asked = {character: door.ask(character, row.method, path) for character in ("nobody", *keys)}
    told = {(answer.status_code, answer.headers.get("Location")) for answer in asked.values()}
    assert len(told) == 1
    assert told.pop()[0] == row.statuses["anonymous"]


@pytest.mark.parametrize("row", ROWS, ids=str)
def test_to_a_page_a_key_is_nobody(door, row):
    check_nobody(door, row, [in_turn(KEYS, ROWS.index(row))])


@pytest.mark.release  # test_to_a_page_a_key_is_nobody, with each key
@pytest.mark.parametrize("row", ROWS, ids=str)
def test_to_a_page_each_key_is_nobody(door, row):
    check_nobody(door, row, KEYS)
