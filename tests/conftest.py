"""Fixtures that more than one kind of test uses."""

import contextlib
import gc
import os
import sqlite3
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING

import hypothesis
import pytest
import pytest_django
from django.conf import settings
from django.core.cache import caches
from django.db import connection, connections, transaction
from django.test import TransactionTestCase, override_settings

from core.models import User
from reporting.packs.pdf import typesetting
from tests import databases, rewriting, scenarios, services
from tests.scenarios import Town
from vvdash import env
from vvdash.breaker import Breaker
from vvdash.postgres import PATIENCE

if TYPE_CHECKING:
    from tests.services.stores import S3

# How long an example takes depends on what else the machine does; speed is for bench.speed to hold.
hypothesis.settings.register_profile("ours", deadline=None)
hypothesis.settings.load_profile("ours")


@pytest.fixture(scope="session", autouse=True)
def _static_root() -> None:
    """Nothing is collected there for tests; but whitenoise warns where the folder is missing, as in a
    fresh clone."""
    Path(settings.STATIC_ROOT).mkdir(parents=True, exist_ok=True)


@pytest.fixture(scope="session", autouse=True)
def _cheap_settings() -> Iterator[None]:
    """Argon2 takes its time on purpose, and WhiteNoise looks through every static file for each new client. No test is
    about that but those of the served product, which has its own settings."""
    hashers = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    # What is published is settled at once, but for the tests of taking it back.
    with override_settings(PASSWORD_HASHERS=hashers, WHITENOISE_USE_FINDERS=False, PUBLICATION_GRACE=timedelta(0)):
        yield


@pytest.fixture(scope="session")
def django_db_modify_db_settings(
    django_db_modify_db_settings_parallel_suffix: None, django_db_blocker: pytest_django.DjangoDbBlocker
) -> None:
    """What pytest-django asks for before it makes the test database."""
    with django_db_blocker.unblock():
        databases.begin_with_what_is_migrated(connection)


@pytest.fixture(scope="session", autouse=True)
def _emptied_databases() -> Iterator[None]:
    """Only what a test committed has to be emptied. Rolling back, as most tests do, needs no such thing."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(TransactionTestCase, "_fixture_teardown", lambda case: databases.empty(connection))
        yield


@pytest.fixture(autouse=True)
def _no_cached_pages() -> None:
    for name in ("pages", "api"):
        caches[name].clear()


@pytest.fixture(scope="session", autouse=True)
def _own_desks(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Packs are set at a few desks for each service, and each process of the tests is one."""
    with pytest.MonkeyPatch.context() as patch:
        room = tmp_path_factory.mktemp("desks")
        patch.setattr(typesetting, "find_room", lambda: room)
        yield


def pytest_sessionstart(session: pytest.Session) -> None:
    if session.config.getoption("numprocesses", None):  # of the process that starts workers
        rewriting.rewrite_all(session.config)


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_teardown(nextitem: pytest.Item | None) -> None:
    """Dropping the test database takes what it takes. A test may have made this process one that serves pages, which
    waits six seconds."""
    if nextitem is None:
        PATIENCE.become("command")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Those tests of a module that don't begin with what stands come first, and don't see it."""
    for item in filter(begins_with_what_stands, items):
        # Without a transaction of its own, it would leave its rows to the module's other tests.
        assert item.get_closest_marker("django_db") or "db" in fixtures_of(item), f"{item.nodeid} needs django_db."
    modules = groupby(items, key=lambda item: item.path)
    items[:] = [item for _, tests in modules for item in sorted(tests, key=begins_with_what_stands)]


def pytest_collection_finish() -> None:
    """Python, its modules and 16,000 tests are there to the end. Garbage is looked for only in what comes after."""
    gc.freeze()


def begins_with_what_stands(item: pytest.Item) -> bool:
    return "standing" in fixtures_of(item)


def fixtures_of(item: pytest.Item) -> Sequence[str]:
    return getattr(item, "fixturenames", ())


type Standing[Made] = Callable[[Callable[[], Made]], Made]


@pytest.fixture(scope="module")
def standing(django_db_setup: None, django_db_blocker) -> Iterator[Standing]:
    """Makes once what the tests of a module begin with, and takes it back after the last of them: see
    tests/standing.py.

    Each test has the rows as they were made, and with a copy the objects too. All of it is in one transaction, so
    that no test that begins with it can commit.
    """

    def made[Made](make: Callable[[], Made]) -> Made:
        what = make()
        connection.check_constraints()  # now, or the end of each test would do it again
        return what

    with django_db_blocker.unblock(), transaction.atomic():
        yield made
        transaction.set_rollback(True)


@pytest.fixture
def town(db) -> Town:
    return scenarios.make_town()


@pytest.fixture
def outsider(db) -> User:
    return scenarios.make_outsider()


@pytest.fixture
def others() -> Iterator[ThreadPoolExecutor]:
    """Threads of those who act at the same time."""
    with ThreadPoolExecutor() as pool:
        yield pool


@pytest.fixture(scope="session")
def redis_url() -> Iterator[str]:
    """A real Redis of our own."""
    with services.redis() as url:
        yield url


@pytest.fixture(scope="session")
def running_s3() -> Iterator["S3"]:
    """A real store of files of our own, that speaks S3."""
    from tests.services.stores import s3  # noqa: PLC0415  # boto3 takes a second, and few tests need it

    with s3() as store:
        yield store


@pytest.fixture
def s3(running_s3: "S3", settings, monkeypatch) -> "S3":
    """An empty one, in which pictures and packs are stored."""
    running_s3.empty()
    monkeypatch.setenv("OBJECTS_URL", running_s3.url)  # for other programs
    monkeypatch.setattr("vvdash.s3.BREAKER", Breaker("objects", rest=10))
    where = env.objects("OBJECTS_URL", needs_tls=False, owner=settings.SITE_URL)
    settings.STORAGES = {**settings.STORAGES, "objects": where}
    return running_s3


@pytest.fixture
def shared_database(transactional_db: None, tmp_path: Path) -> Iterator[str]:
    """A database that threads and other processes can open too, as the default one; yields its
    DATABASE_URL. The test begins with it empty, and everything that it saves is committed.

    SQLite's test database is in the memory of one process, so that a copy in a file stands in for it.
    """
    name = connection.settings_dict["NAME"]
    if connection.vendor == "postgresql":
        yield f"{os.environ['DATABASE_URL'].rpartition('/')[0]}/{name}"
        return
    file, in_memory, kept = tmp_path / "test.sqlite3", connections["default"], connections.settings["default"]
    in_memory.ensure_connection()
    with contextlib.closing(sqlite3.connect(file)) as copy:
        in_memory.connection.backup(copy)
    connections.settings["default"] = kept | {"NAME": str(file)}
    connections["default"] = connections.create_connection("default")
    try:
        yield f"sqlite:///{file}"
    finally:
        connections["default"].close()
        connections.settings["default"], connections["default"] = kept, in_memory
