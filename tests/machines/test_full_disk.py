"""PostgreSQL on a disk that is really full: forms answer 503 in words, with what was typed, and later save it.

tests/integration/test_full_disk.py makes PostgreSQL say so. Here all its files, its log too, are on a small disk.
"""

import os
import re
import secrets
import subprocess
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field, replace
from html import unescape
from pathlib import Path
from string import ascii_lowercase
from typing import NoReturn

import psycopg2
import pytest
from django.conf import settings
from django.db import connections
from django.test import Client
from pytest_django import DjangoDbBlocker

from boards.models import Board
from core.models import User
from indicators.models import Submission
from tests import databases
from tests.integration.return_pages import EDIT, OCTOBER, fields
from tests.scenarios import Town, make_town, open_month
from tests.services.databases import Cluster, make_cluster
from tests.services.processes import make_folder, server_user
from tests.waiting import wait_until
from tests.waits.serving import Server, served
from vvdash import env

FORM = "/testford/setup/boards/add/"
LOGIN = "/account/login/"
MEGABYTES = 192


@contextmanager
def small_disk() -> Iterator[Path]:
    """A disk of its own, while the block lasts."""
    assert os.geteuid() == 0, "Run the tests of tests/machines as root."
    with make_folder() as folder:
        disk = folder / "disk"
        disk.mkdir()
        kind = f"size={MEGABYTES}m,mode=0700,uid={server_user()}"
        subprocess.run(["mount", "-t", "tmpfs", "-o", kind, "vvdash", disk], check=True)
        try:
            yield disk
        finally:
            subprocess.run(["umount", "--lazy", disk], check=True)


def repeat[Thing](do: Callable[[Thing], object], thing: Thing) -> NoReturn:
    while True:
        do(thing)


@contextmanager
def no_room(disk: Path) -> Iterator[None]:
    """The disk has not a byte left, until the block ends."""
    filler = disk / "filler"
    with filler.open("wb", buffering=0) as file, pytest.raises(OSError, match="No space left"):
        repeat(file.write, bytes(4096))
    try:
        yield
    finally:
        filler.unlink()


@pytest.fixture(scope="module")
def disk() -> Iterator[Path]:
    with small_disk() as disk:
        yield disk


@pytest.fixture(scope="module")
def made(disk: Path) -> Cluster:
    # The log in small pieces: it too needs room soon.
    return make_cluster(disk, "--wal-segsize=1")


@contextmanager
def database_at(url: str) -> Iterator[None]:
    """Django's own database of this process is the one at `url`, while the block lasts."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("DATABASE_URL", url)
        own = connections.settings["default"] | env.database("DATABASE_URL", default=Path())
    usual, usual_settings = connections["default"], connections.settings["default"]
    connections.settings["default"] = own
    connections["default"] = connections.create_connection("default")
    try:
        yield
    finally:
        connections["default"].close()
        connections.settings["default"], connections["default"] = usual_settings, usual


@pytest.fixture(scope="module")
def url(made: Cluster) -> Iterator[str]:
    with made.running(max_wal_size="8MB", min_wal_size="4MB") as url:
        databases.migrate(url)
        yield url


@pytest.fixture(scope="module")
def town(url: str, django_db_blocker: DjangoDbBlocker) -> Iterator[Town]:
    with django_db_blocker.unblock(), database_at(url):
        town = make_town()
        open_month(town, OCTOBER)
        yield town


@pytest.fixture(scope="module")
def server(town: Town, url: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with served(tmp_path_factory.mktemp("server"), workers=1, DATABASE_URL=url) as server:
        yield server


def signed_in(server: Server, person: User) -> Server:
    client = Client()
    client.force_login(person)
    return replace(server, cookies={"sessionid": client.cookies[settings.SESSION_COOKIE_NAME].value})


@dataclass
class Person:
    """Somebody who sends one form again and again, each time with other words."""

    server: Server
    path: str
    fill: Callable[[str], dict[str, str]]
    saved: list[str] = field(default_factory=list)
    failed: list[tuple[dict[str, str], str]] = field(default_factory=list)  # what was sent, and its words

    def open_form(self) -> dict[str, str]:
        page = self.server.ask(self.path)
        assert page.status == 200, "people can read"
        return read_form(page.words)

    def send(self, form: dict[str, str]) -> None:
        words = make_words()
        form = form | self.fill(words)
        answer = self.server.ask(self.path, form)
        if answer.status == 302:
            self.saved.append(words)
        else:
            assert answer.status == 503, answer
            assert "The database isn’t responding, or its disk is full." in answer.words
            assert words in answer.words
            self.failed.append((form, words))

    def send_again(self) -> None:
        """Send what wasn't saved."""
        for form, words in self.failed:
            assert self.server.ask(self.path, form).status == 302
            self.saved.append(words)


def read_form(page: str) -> dict[str, str]:
    """What a page's form carries besides what somebody types."""
    found = re.findall(r'<input type="hidden" name="(csrfmiddlewaretoken|typed_by|revision)" value="([^"]+)"', page)
    return {name: unescape(value) for name, value in found}


def make_words() -> str:
    """As long as a legal basis and a note can be. Without digits, which a form may ask about."""
    return "".join(secrets.choice(ascii_lowercase) for _ in range(180))


def fill_board(words: str) -> dict[str, str]:
    return {"name": words[:20], "short_name": words[:10], "code": f"b{words[:10]}", "position": "9", "basis": words}


def fill_return(words: str) -> dict[str, str]:
    return fields({"arrests": 4711, "charges": 2}) | {"arrests:note": words}


@pytest.fixture
def coordinator(server: Server, town: Town) -> Person:
    return Person(signed_in(server, town.coordinator), FORM, fill_board, saved=list_boards())


def test_every_answer_is_saved_or_says_so_and_keeps_the_words(
    server: Server, town: Town, coordinator: Person, disk: Path
):
    lead = Person(signed_in(server, town.lead), EDIT, fill_return)
    guest = replace(server, cookies={})
    sign_in = read_form(guest.ask(LOGIN).words) | {"login": town.coordinator.email, "password": "wrong"}
    with no_room(disk):
        tried = [guest.ask(LOGIN, sign_in)]
        while not (coordinator.failed and lead.failed):
            for person in (coordinator, lead):
                if not person.failed:
                    person.send(person.open_form())
        tried.append(guest.ask(LOGIN, sign_in))
    assert {answer.status for answer in tried} == {503}
    assert list_boards() == sorted(coordinator.saved)
    assert not lead.saved or Submission.objects.get().draft["arrests"]["note"] == lead.saved[-1]

    coordinator.send_again()
    lead.send_again()
    assert guest.ask(LOGIN, sign_in).status == 200
    assert list_boards() == sorted(coordinator.saved)
    assert Submission.objects.get().draft["arrests"]["note"] == lead.saved[-1]


def list_boards() -> list[str]:
    """The words that were saved."""
    return sorted(Board.objects.exclude(basis="").values_list("basis", flat=True))


def test_a_database_that_falls_over_on_it_comes_back_with_everything(coordinator: Person, disk: Path, url: str):
    """Without room for its own log, PostgreSQL ends every connection and starts again."""
    form = coordinator.open_form()
    connections["default"].close()
    with closing(psycopg2.connect(url)) as other, other.cursor() as cursor:
        other.autocommit = True
        cursor.execute("CREATE TABLE filled AS SELECT 1 AS n")
        with no_room(disk):
            with pytest.raises(psycopg2.OperationalError, match="server closed the connection"):
                repeat(cursor.execute, "UPDATE filled SET n = n + 1")
            coordinator.send(form)
    wait_until(lambda: coordinator.server.ask(FORM).status == 200, what="the pages are not back")
    assert len(coordinator.failed) == 1
    coordinator.send_again()
    assert list_boards() == sorted(coordinator.saved)
