"""A database that no longer answers: every page and file ends in time, with what was typed, and goes on by itself."""

import os
import re
import time
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from urllib.parse import urlsplit

import psycopg2
import pytest
from django.conf import settings
from django.db import DatabaseError, OperationalError, connection, transaction
from django.test import Client

from boards.models import Board
from core.database import is_out_of_order
from tests.scenarios import Town, make_town
from tests.waiting import wait_until
from tests.waits.lines import Line, host_that_drops, line
from tests.waits.serving import STATIC, Server, served
from vvdash.breaker import Breaker
from vvdash.postgres import base, patience
from vvdash.postgres.base import BREAKER, DatabaseWrapper, NoAnswer, NoPrimary

FORM = "/testford/setup/boards/add/"
PAGE = "/testford/"
TYPED = {"name": "Housing", "short_name": "Housing", "code": "housing", "position": "9", "basis": "Typed on a bad day"}
AT_ONCE = 0.5  # seconds, on a busy machine; measured 0.01


@pytest.fixture
def town(shared_database: str) -> Town:
    return make_town()


@pytest.fixture
def deaf_line(django_db_setup: None) -> Iterator[Line]:
    with line(int(connection.settings_dict["PORT"])) as made:
        yield made


@pytest.fixture
def server(town: Town, shared_database: str, deaf_line: Line, client: Client, tmp_path: Path) -> Iterator[Server]:
    url = shared_database.replace(f":{urlsplit(shared_database).port}/", f":{deaf_line.port}/")
    client.force_login(town.coordinator)
    with served(tmp_path, DATABASE_URL=url) as server:
        server.cookies["sessionid"] = client.cookies[settings.SESSION_COOKIE_NAME].value
        yield server


def open_form(server: Server) -> dict[str, str]:
    """What the form to add a board carries."""
    page = server.ask(FORM).words
    found = dict(re.findall(r'<input type="hidden" name="(csrfmiddlewaretoken|typed_by)" value="([^"]+)"', page))
    assert len(found) == 2
    return found


def test_a_deaf_database_holds_up_nothing_for_long(server: Server, deaf_line: Line):
    carried = open_form(server)
    assert {answer.status for answer in server.ask_all(*[PAGE] * 16)} == {200}

    with deaf_line.deaf():
        for _ in range(2):  # each process has to meet it
            answers = server.ask_all(*[PAGE] * 12, STATIC, "/help/", STATIC)
            assert max(answer.seconds for answer in answers) <= 7
            assert {answer.status for answer in answers[:12]} == {503}
            assert {answer.status for answer in answers} == {200, 503}
        # From here on nobody waits but the one in each process that tries again.
        files = server.ask_all(*[STATIC] * 8)
        assert {answer.status for answer in files} == {200}
        assert max(answer.seconds for answer in files) <= AT_ONCE
        pages = sorted(server.ask_all(*[PAGE] * 12), key=lambda answer: answer.seconds)
        assert {answer.status for answer in pages} == {503}
        assert pages[-3].seconds <= AT_ONCE
        assert "The database isn’t responding" in pages[0].words
        failed = server.ask(FORM, carried | TYPED)
        assert (failed.status, "Typed on a bad day" in failed.words) == (503, True)
    began = time.monotonic()
    wait_until(lambda: server.ask(PAGE).status == 200, what="the pages are not back")
    assert time.monotonic() - began <= 5
    wait_until(lambda: {each.status for each in server.ask_all(*[PAGE] * 8)} == {200}, what="not every process is back")

    saved = server.ask(FORM, carried | TYPED)
    assert saved.status == 302
    assert Board.objects.filter(name="Housing").count() == 1
    # itself, and what counts equal log lines
    assert server.count_threads() <= 8 * 2, "a thread is stuck"


def test_a_lock_that_somebody_holds_is_no_outage(server: Server):
    """The server itself ends the wait, with words and what was typed, and others go on."""
    carried = open_form(server)
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("LOCK TABLE boards_board IN SHARE MODE")
        began = time.monotonic()
        busy = server.ask(FORM, carried | TYPED)
        assert 3.5 <= time.monotonic() - began <= 10  # the server gives up after 4
        assert busy.status == 503
        assert "Someone else is saving this" in busy.words
        assert "Typed on a bad day" in busy.words
        calm = server.ask_all(*[PAGE] * 8)
        assert {answer.status for answer in calm} == {200}
    assert server.ask(FORM, carried | TYPED).status == 302


def test_a_list_that_is_cut_off_is_the_databases_fault(shared_database: str):
    """A form reads its lists in chunks. The server ends the connection after the last of them."""
    own = connection.copy()
    with own.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        (process,) = cursor.fetchone()
    rows = own.chunked_cursor()
    rows.execute("SELECT generate_series(1, 3)")
    assert len(rows.fetchall()) == 3
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_terminate_backend(%s, 5000)", [process])
    with pytest.raises(OperationalError):
        rows.close()
    own.close()


# --- In this process, with shorter limits


WEB = patience.Limits(connect=0.4, answer=1.2, statement=5, lock=4, idle_in_transaction=60, has_breaker=True)


@pytest.fixture
def wrapper(db: None, deaf_line: Line) -> Iterator[DatabaseWrapper]:
    """A second connection of Django's, by a line that can go deaf, as a page has it."""
    connection.ensure_connection()  # before the limits are short
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(patience.PATIENCE, "limits", WEB)
        patch.setattr(base, "BREAKER", Breaker("server", rest=0.5))
        patch.setattr(DatabaseWrapper, "last_place", {})
        made = DatabaseWrapper(connection.settings_dict | {"HOST": "127.0.0.1", "PORT": str(deaf_line.port)}, "waits")
        yield made
        made.close()


def ask(wrapper: DatabaseWrapper, statement: str = "SELECT 1") -> object:
    with wrapper.cursor() as cursor:
        cursor.execute(statement, ())
        return cursor.fetchone()[0]


def is_back(wrapper: DatabaseWrapper) -> bool:
    """Whether it answers again. A busy machine may take longer to connect than a page waits, and the breaker rests
    once more."""
    try:
        return ask(wrapper) == 1
    except OperationalError:
        return False


def in_vain(wrapper: DatabaseWrapper) -> float:
    """How long a statement waits in vain, in seconds."""
    began = time.monotonic()
    with pytest.raises(OperationalError) as refused:
        ask(wrapper)
    assert isinstance(refused.value.__cause__, NoAnswer)
    return time.monotonic() - began


def test_a_deadline_ends_a_statement_and_its_connection(wrapper: DatabaseWrapper, deaf_line: Line):
    assert ask(wrapper) == 1
    with deaf_line.deaf():
        assert 1.2 <= in_vain(wrapper) < 3
        assert wrapper.connection.closed
        wrapper.close()
        assert 0.4 <= in_vain(wrapper) < 1  # connecting
        assert in_vain(wrapper) < 0.3  # the breaker
    wait_until(lambda: is_back(wrapper), what="the database is not back")
    assert not base.BREAKER.is_open


def test_one_dead_line_is_no_outage(wrapper: DatabaseWrapper, deaf_line: Line):
    """Such as an idle connection that a firewall has forgotten: the next page gets another one."""
    ask(wrapper)
    with deaf_line.deaf():
        began = time.monotonic()
        assert not wrapper.is_usable()
        assert 0.4 <= time.monotonic() - began < 1
    wrapper.close()
    assert ask(wrapper) == 1
    assert not base.BREAKER.is_open


# --- A connection that was idle


def begin_page(wrapper: DatabaseWrapper) -> None:
    """As Django does with a request."""
    wrapper.ensure_connection()
    wrapper.close_if_unusable_or_obsolete()


@pytest.fixture
def checks(monkeypatch) -> list[bool]:
    """What each check found."""
    found: list[bool] = []
    check = DatabaseWrapper.is_usable

    def is_usable(self: DatabaseWrapper) -> bool:
        found.append(check(self))
        return found[-1]

    monkeypatch.setattr(DatabaseWrapper, "is_usable", is_usable)
    return found


def test_a_page_never_learns_that_its_connection_was_ended(wrapper: DatabaseWrapper):
    begin_page(wrapper)
    ended = wrapper.connection.info.backend_pid
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_terminate_backend(%s, 5000)", [ended])
    assert ask(wrapper, "SELECT pg_backend_pid()") != ended
    assert not base.BREAKER.is_open


def test_a_forgotten_connection_costs_a_page_two_seconds_and_no_error(wrapper: DatabaseWrapper, deaf_line: Line):
    begin_page(wrapper)
    with deaf_line.deaf():
        wrapper.settings_dict["PORT"] = connection.settings_dict["PORT"]
        began = time.monotonic()
        assert ask(wrapper, "SELECT 7") == 7
        assert WEB.connect <= time.monotonic() - began < 1
    assert wrapper.connection.patience == WEB.answer
    assert not base.BREAKER.is_open


def test_a_page_checks_its_connection_once(wrapper: DatabaseWrapper, checks: list[bool]):
    begin_page(wrapper)
    assert [ask(wrapper, "SELECT 7"), ask(wrapper, "SELECT 8")] == [7, 8]
    assert checks == [True]


def test_with_several_hosts_a_page_asks_whether_it_is_the_primary(wrapper: DatabaseWrapper, checks: list[bool]):
    hosts(wrapper, int(wrapper.settings_dict["PORT"]), int(connection.settings_dict["PORT"]))
    begin_page(wrapper)
    assert ask(wrapper, "SELECT 7") == 7
    assert checks == [True]


# --- Limits


def test_the_servers_own_limits_come_first(wrapper: DatabaseWrapper):
    limits = {name: ask(wrapper, f"SHOW {name}") for name in ("statement_timeout", "lock_timeout")}
    assert limits == {"statement_timeout": "5s", "lock_timeout": "4s"}
    assert ask(wrapper, "SHOW idle_in_transaction_session_timeout") == "1min"
    ask(wrapper, "SELECT set_config('statement_timeout', '50ms', false)")
    with pytest.raises(OperationalError) as ended:
        ask(wrapper, "SELECT pg_sleep(9)")
    assert ended.value.__cause__.pgcode == "57014"  # type: ignore[attr-defined]
    assert ask(wrapper) == 1  # the same connection
    assert not base.BREAKER.is_open


def test_a_host_that_only_reads_since_a_moment_is_out_of_order(wrapper: DatabaseWrapper):
    """… and no fault of the page: its next request goes to the new primary."""
    ask(wrapper, "SELECT set_config('default_transaction_read_only', 'on', false)")
    with pytest.raises(DatabaseError) as refused:
        ask(wrapper, "CREATE TABLE waits ()")
    assert is_out_of_order(refused.value)
    assert not is_out_of_order(ValueError())


def test_behind_a_pooler_no_option_is_sent(wrapper: DatabaseWrapper):
    wrapper.settings_dict["DISABLE_SERVER_SIDE_CURSORS"] = True
    assert "options" not in wrapper.get_connection_params()
    assert ask(wrapper) == 1


def test_a_command_waits_as_long_as_it_takes(wrapper: DatabaseWrapper):
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(patience.PATIENCE, "limits", patience.KINDS["command"])
        assert ask(wrapper, "SHOW statement_timeout") == "0"
        assert ask(wrapper, "SELECT coalesce(pg_sleep(1.3)::text, '')") == ""


@pytest.mark.parametrize("kind", ["web", "worker"])
def test_the_server_gives_up_before_we_do(kind: str):
    """… or no connection would survive a statement that takes too long."""
    limits = patience.KINDS[kind]
    steps = [step for step in (limits.lock, limits.statement, limits.answer) if step]
    assert all(shorter < longer for shorter, longer in pairwise(steps))
    assert limits.connect <= 2


# --- Several hosts


def hosts(wrapper: DatabaseWrapper, *ports: int) -> DatabaseWrapper:
    wrapper.settings_dict["HOST"] = ",".join("127.0.0.1" for _ in ports)
    wrapper.settings_dict["PORT"] = ",".join(map(str, ports))
    return wrapper


def test_a_host_that_is_off_is_passed_by(wrapper: DatabaseWrapper, deaf_line: Line):
    with host_that_drops() as off:
        hosts(wrapper, off, deaf_line.port)
        began = time.monotonic()
        assert ask(wrapper) == 1
        assert time.monotonic() - began < 1.2
        wrapper.close()
        began = time.monotonic()
        assert ask(wrapper) == 1
        assert time.monotonic() - began < 0.4, "the last good host comes first"
        with deaf_line.deaf():
            wrapper.close()
            assert 0.8 <= in_vain(wrapper) < 2.5
            assert base.BREAKER.is_open


def test_only_a_primary_will_do(wrapper: DatabaseWrapper, deaf_line: Line, monkeypatch):
    """A test of real standbys belongs to real hosts: here one of two lines says that it is one."""
    with line(int(connection.settings_dict["PORT"])) as other:
        standbys = {deaf_line.port}
        monkeypatch.setattr(
            DatabaseWrapper, "_is_read_only", lambda _, made: int(made.get_dsn_parameters()["port"]) in standbys
        )
        hosts(wrapper, deaf_line.port, other.port)
        ask(wrapper)
        assert wrapper.connection.get_dsn_parameters()["port"] == str(other.port)
        assert wrapper.is_usable()
        standbys.symmetric_difference_update({deaf_line.port, other.port})  # a failover
        assert not wrapper.is_usable()
        wrapper.close()
        ask(wrapper)
        assert wrapper.connection.get_dsn_parameters()["port"] == str(deaf_line.port)
        standbys.add(deaf_line.port)
        wrapper.close()
        with pytest.raises(OperationalError) as refused:
            ask(wrapper)
        assert isinstance(refused.value.__cause__, NoPrimary)
        assert not base.BREAKER.is_open, "they answered"


def test_whoever_connects_without_us_waits_as_before():
    """Scripts and tests: psycopg2's wait is ours for every connection."""
    made = psycopg2.connect(os.environ["DATABASE_URL"])
    try:
        with made.cursor() as cursor:
            cursor.execute("SELECT pg_sleep(0.1), 1")
            assert cursor.fetchone()[1] == 1
    finally:
        made.close()


def test_the_breaker_of_the_product_rests_for_seconds():
    assert BREAKER.rest == 3
