"""A replica for public pages and files: a real standby that lags, goes, or has something else."""

import os
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from dataclasses import replace
from typing import Any
from urllib.parse import urlsplit

import psycopg2
import pytest
from django.core.cache import caches
from django.db import connection, connections
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from reporting.models import PublicLine
from reporting.public.replica import ALIAS
from reporting.public.selectors import edition_lines, find_public, waiting_replacements
from reporting.public.taking_down import prepare_replacements, withdraw_month
from tests import services, withdrawn
from tests.scenarios import Town
from tests.waiting import wait_until
from tests.waits.lines import Line, line
from tests.withdrawn import OCTOBER, SEPTEMBER, every_public_address, make_public_town, officer_of, period_of
from vvdash.breaker import Breaker
from vvdash.postgres import base, patience

WEB = patience.Limits(connect=0.4, answer=1.2, statement=5, lock=4, idle_in_transaction=60, has_breaker=True)
pytestmark = pytest.mark.django_db(transaction=True, databases=["default", ALIAS])
BUT_OF_LINES = ("/picture", "/photos/", "/packs/", "/highlights/")


@pytest.fixture(scope="module", autouse=True)
def standby(django_db_setup: None) -> Iterator[dict[str, Any]]:
    """What connects to a standby. While the module lasts, it is the replica of this process."""
    with services.standby(os.environ["DATABASE_URL"]) as url:
        # Django's tests empty no mirror.
        settings = connection.settings_dict | {"HOST": "127.0.0.1", "PORT": str(urlsplit(url).port)}
        connections.databases[ALIAS] = settings | {"TEST": settings["TEST"] | {"MIRROR": "default"}}
        yield settings
        connections[ALIAS].close()
        del connections[ALIAS]
        del connections.databases[ALIAS]


@pytest.fixture
def to_standby(standby: dict[str, Any]) -> Iterator[Line]:
    with line(int(standby["PORT"])) as made:
        yield made


@pytest.fixture
def town(shared_database: str, to_standby: Line, monkeypatch) -> Iterator[Town]:
    """With a replica, and limits that a test can wait for."""
    made = make_public_town()
    monkeypatch.setattr(patience.PATIENCE, "limits", WEB)
    monkeypatch.setattr(base, "BREAKER", Breaker("server", rest=0.5))
    replica = Breaker("server", rest=30, rest_in_doubt=base.REPLICA_BREAKER.rest_in_doubt)
    monkeypatch.setattr(base, "REPLICA_BREAKER", replica)
    connections[ALIAS].close()
    connections[ALIAS].settings_dict = connections[ALIAS].settings_dict | {"PORT": str(to_standby.port)}
    forget_pages()
    catch_up()
    yield made
    connections[ALIAS].close()
    forget_pages()


def forget_pages() -> None:
    for name in ("pages", "api"):
        caches[name].clear()


def on_standby(statement: str) -> Any:
    """By a connection of its own, which never goes."""
    at = connections.databases[ALIAS]
    where = {"host": at["HOST"], "port": at["PORT"], "user": at["USER"], "password": at["PASSWORD"]}
    with closing(psycopg2.connect(dbname=connection.settings_dict["NAME"], **where)) as made:
        made.autocommit = True
        with made.cursor() as cursor:
            cursor.execute(statement)
            return cursor.fetchone()[0]


def catch_up() -> None:
    """Wait until the standby has all that was saved, though the tests' server writes it a moment after the commit."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_current_wal_insert_lsn()")
        (place,) = cursor.fetchone()
    wait_until(lambda: on_standby(f"SELECT pg_last_wal_replay_lsn() >= '{place}'"), what="the standby catches up")


@contextmanager
def lag() -> Iterator[None]:
    """While the block lasts, the standby replays nothing."""
    on_standby("SELECT coalesce(pg_wal_replay_pause()::text, '')")
    wait_until(lambda: on_standby("SELECT pg_get_wal_replay_pause_state()") == "paused", what="the standby pauses")
    try:
        yield
    finally:
        on_standby("SELECT coalesce(pg_wal_replay_resume()::text, '')")


def pages_of(town: Town) -> list[str]:
    return [address for address in every_public_address(town) if not any(word in address for word in BUT_OF_LINES)]


def month_page(town: Town, month: object = OCTOBER) -> str:
    return reverse("reporting:public-month", args=[town.area.slug, month])


def read(path: str) -> tuple[int, bytes, float]:
    began = time.monotonic()
    answer = Client().get(path)
    return answer.status_code, answer.content, time.monotonic() - began


def test_pages_and_files_read_their_lines_from_the_replica(town: Town):
    from_replica = set()
    for path in pages_of(town):
        forget_pages()
        with CaptureQueriesContext(connections[ALIAS]) as there, CaptureQueriesContext(connection) as here:
            status, content, _ = read(path)
        assert status == 200, path
        lines = PublicLine._meta.db_table
        assert [query["sql"] for query in here if f'FROM "{lines}"' in query["sql"]] == [], path
        assert len(there) in (0, 2, 4), path  # which editions are there, and their lines
        if len(there):
            from_replica.add(path)
        settings = connections.databases.pop(ALIAS)
        forget_pages()
        assert read(path)[1] == content, path
        connections.databases[ALIAS] = settings
    named = ("/about/", "/year/", "/lines/", "figures.csv", "datapackage.zip")
    assert [name for name in named if not any(name in path for path in from_replica)] == []
    assert month_page(town) in from_replica


def test_a_withdrawal_holds_at_once_however_far_behind_the_replica_is(town: Town):
    assert read(month_page(town, SEPTEMBER))[0] == 200
    with lag():
        withdraw_month(period_of(town, SEPTEMBER), by=officer_of(town), is_urgent=True)
        assert read(month_page(town, SEPTEMBER))[0] == 410
        assert withdrawn.find_leaks(town) == {}


def test_what_the_replica_does_not_have_yet_is_read_from_the_primary(town: Town):
    """… and nothing old is kept for the next reader under the new edition's tag."""
    withdraw_month(period_of(town, SEPTEMBER), by=officer_of(town), is_urgent=True)
    catch_up()
    with lag():
        prepare_replacements(waiting_replacements())
        withdrawn.publish_again(town, OCTOBER)
        with CaptureQueriesContext(connections[ALIAS]) as there:
            status, content, _ = read(month_page(town))
        assert (status, len(there)) == (200, 1)  # it was asked, and hasn't it
    catch_up()
    forget_pages()
    with CaptureQueriesContext(connections[ALIAS]) as there:
        assert read(month_page(town))[1] == content
    assert len(there) == 2


def test_another_edition_with_the_same_key_is_not_taken(town: Town):
    """Such as on a former primary that saved what nobody was told, or on a copy of another database."""
    found = find_public(town.area.slug, OCTOBER)
    with CaptureQueriesContext(connections[ALIAS]) as there:
        assert edition_lines(replace(found, fingerprint="0" * 64)) == edition_lines(found)
    assert len(there) == 1 + 2


def test_a_replica_that_is_gone_holds_up_nobody(town: Town, to_standby: Line):
    to_standby.close()
    connections[ALIAS].close()
    for path in pages_of(town)[:4]:
        forget_pages()
        status, _, seconds = read(path)
        assert (status, seconds < 1) == (200, True), path
    assert not base.BREAKER.is_open


def test_a_replica_that_is_deaf_holds_up_one_page_for_a_moment(town: Town, to_standby: Line):
    forget_pages()
    assert read(month_page(town))[0] == 200
    with to_standby.deaf():
        forget_pages()
        status, _, seconds = read(month_page(town))
        assert (status, seconds <= 2.5) == (200, True)
        for path in pages_of(town)[:6]:
            forget_pages()
            status, _, seconds = read(path)
            assert (status, seconds < 1.2) == (200, True), path
        assert base.REPLICA_BREAKER.is_open
        assert not base.BREAKER.is_open, "the primary answers"
    assert (base.REPLICA_BREAKER.rest, patience.KINDS["web"].connect) == (30, 2)


def test_a_replica_behind_a_pooler_that_is_deaf_holds_up_one_page_for_a_moment(
    town: Town, to_standby: Line, monkeypatch, caplog
):
    """PgBouncer accepts logins while PostgreSQL behind it is paused. Only an answer to a query proves anything."""
    settings = connections.databases[ALIAS] | {"PORT": str(to_standby.port)}
    monkeypatch.setitem(connections.databases, ALIAS, settings)

    def read_afresh(path: str) -> int:
        """As gunicorn's threads do, which close a connection that no longer does."""
        try:
            return read(path)[0]
        finally:
            connections.close_all()

    def count_vain_waits(threads: int) -> int:
        forget_pages()
        caplog.clear()
        with ThreadPoolExecutor(threads) as pool:
            assert set(pool.map(read_afresh, pages_of(town)[:8])) == {200}
        return sum("didn't answer within" in message for message in caplog.messages)

    assert count_vain_waits(1) == 0
    with to_standby.deaf(but_to_logins=True):
        assert count_vain_waits(1) == 1
        for _ in range(2):
            base.REPLICA_BREAKER._rests_until = time.monotonic()  # half a minute later
            assert count_vain_waits(4) == 1
        assert base.REPLICA_BREAKER.is_open
        assert not base.BREAKER.is_open, "the primary answers"
    base.REPLICA_BREAKER._rests_until = time.monotonic()
    assert count_vain_waits(1) == 0
    assert not base.REPLICA_BREAKER.is_open
