"""On a full disk every form answers 503, in words, with what was typed. People can read. Later the same form saves."""

import re
import resource
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import replace
from datetime import timedelta
from html import unescape
from pathlib import Path

import pytest
from django.conf import settings
from django.db import connection
from django.test import Client
from django.utils import timezone

from boards.models import Board
from core.models import Session, User
from indicators.models import Submission
from tests.integration.return_pages import EDIT, OCTOBER, fields
from tests.scenarios import Town, make_town, open_month
from tests.visiting import signed_in
from tests.waits.serving import Server, served

pytestmark = pytest.mark.both_databases

LOGIN = "/account/login/"
TABLES = ("reporting_visit", "boards_board", "indicators_submission", "core_session", "core_limit")
BOARD = {"name": "Housing", "short_name": "Housing", "code": "housing", "position": "9", "basis": "Typed on a bad day"}


@pytest.fixture
def town(shared_database: str) -> Town:
    town = make_town()
    open_month(town, OCTOBER)
    return town


@pytest.fixture
def server(town: Town, shared_database: str, client: Client, tmp_path: Path) -> Iterator[Server]:
    client.force_login(town.coordinator)
    with served(tmp_path, workers=1, DATABASE_URL=shared_database) as server:
        server.cookies["sessionid"] = client.cookies[settings.SESSION_COOKIE_NAME].value
        yield server


@contextmanager
def no_room_for_sqlite(server: Server) -> Iterator[None]:
    """No file of the process may grow beyond a page, SQLite's log neither."""
    usual = {pid: resource.prlimit(pid, resource.RLIMIT_FSIZE, (4096, -1)) for pid in server.workers}
    try:
        yield
    finally:
        for pid, limits in usual.items():
            resource.prlimit(pid, resource.RLIMIT_FSIZE, limits)


@contextmanager
def no_room_for_postgres(_: Server) -> Iterator[None]:
    """What the database says when its disk is full, for the tables that the forms write to."""
    with connection.cursor() as cursor:
        cursor.execute(
            "CREATE FUNCTION no_room() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
            "RAISE EXCEPTION 'could not extend file: No space left on device' USING ERRCODE = 'disk_full'; END $$"
        )
        for table in TABLES:
            cursor.execute(f"CREATE TRIGGER no_room BEFORE INSERT OR UPDATE ON {table} EXECUTE FUNCTION no_room()")
        try:
            yield
        finally:
            cursor.execute("DROP FUNCTION no_room() CASCADE")


@pytest.fixture
def full_disk() -> Callable[[Server], AbstractContextManager[None]]:
    return no_room_for_sqlite if connection.vendor == "sqlite" else no_room_for_postgres


def carried(page: str) -> dict[str, str]:
    """What a page's form carries besides what somebody types."""
    found = re.findall(r'<input type="hidden" name="(csrfmiddlewaretoken|typed_by)" value="([^"]+)"', page)
    return {name: unescape(value) for name, value in found}


@pytest.mark.release  # a full disk leaves no half pack, zip or backup: those tests, on every change
def test_nothing_typed_is_lost(server: Server, town: Town, full_disk):
    form = "/testford/setup/boards/add/"
    lead, guest = (replace(server, cookies={}) for _ in range(2))
    lead.cookies["sessionid"] = sign_in(town.lead)
    board = carried(server.ask(form).words) | BOARD
    figures = carried(lead.ask(EDIT).words) | fields({"arrests": 4711, "charges": 2})
    person = carried(guest.ask(LOGIN).words) | {"login": town.coordinator.email, "password": "wrong"}
    # So that each next page saves when somebody was last here.
    Session.objects.update(seen_at=timezone.now() - timedelta(minutes=20))

    with full_disk(server):
        for path in (form, "/testford/"):
            assert server.ask(path).status == 200, "people can read"
        failed = [server.ask(form, board), lead.ask(EDIT, figures), guest.ask(LOGIN, person)]
    assert [answer.status for answer in failed] == [503] * 3
    assert ["its disk is full" in answer.words for answer in failed] == [True] * 3
    assert BOARD["basis"] in failed[0].words
    assert "4711" in failed[1].words
    assert not Board.objects.filter(name="Housing").exists()
    assert not Submission.objects.exists()

    assert server.ask(form, board).status == 302
    assert lead.ask(EDIT, figures).status == 302
    assert Board.objects.filter(name="Housing").count() == 1
    assert Submission.objects.get().draft["arrests"]["value"] == "4711"


def sign_in(person: User) -> str:
    client = signed_in(person)
    return str(client.cookies[settings.SESSION_COOKIE_NAME].value)


def test_sqlite_saves_before_it_says_so(shared_database: str):
    """A power cut takes nothing that somebody was told is saved."""
    if connection.vendor == "sqlite":
        with connection.cursor() as cursor:
            modes = [cursor.execute(f"PRAGMA {name}").fetchone()[0] for name in ("journal_mode", "synchronous")]
        assert modes == ["wal", 2]
    else:
        with connection.cursor() as cursor:
            cursor.execute("SELECT boot_val FROM pg_settings WHERE name = 'synchronous_commit'")
            assert cursor.fetchone() == ("on",), "it is PostgreSQL's own default, and we set nothing else"
