"""What tests begin with: a migrated database, made once for the code as it is and copied ever after.

It stands in .cache/tests, named after the product's whole code, so that it is never older than the code that made it.
"""

import contextlib
import fcntl
import functools
import hashlib
import os
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from django.db import transaction
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.backends.signals import connection_created

from core import triggers
from tests import services
from tests.services.programs import find_postgres

ROOT = Path(__file__).resolve().parents[1]
APPS = ("vvdash", "core", "boards", "indicators", "actions", "reporting", "operations")
KEPT = ROOT / ".cache" / "tests"
# What `migrate` fills, and no test changes.
MADE = {"auth_permission", "django_content_type"}


@functools.cache
def code() -> str:
    """What tells this code from any other."""
    digest = hashlib.sha256(sys.version.encode())
    for path in (ROOT / "requirements.txt", *sorted(path for app in APPS for path in (ROOT / app).rglob("*.py"))):
        digest.update(f"\n{path.relative_to(ROOT)}\n".encode() + path.read_bytes())
    return digest.hexdigest()[:16]


@contextlib.contextmanager
def one_at_a_time(folder: Path) -> Iterator[None]:
    """Of several test processes one makes a thing, and the others wait for it."""
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def made_once(path: Path, make: Callable[[Path], None]) -> Path:
    """The file or folder at this path: `make` is given another to make it at, unless it is there already."""
    with one_at_a_time(path.parent):
        if not path.exists():
            unfinished = path.with_name(f"unfinished-{path.name}")
            unfinished.unlink(missing_ok=True)
            make(unfinished)
            unfinished.rename(path)
    return path


def run(*arguments: str, database: str) -> str:
    """Run Python on a database of its own, with none of a developer's settings; returns what it printed."""
    environment = {
        "PATH": os.environ["PATH"],
        "DJANGO_SETTINGS_MODULE": "vvdash.settings",
        "DATABASE_URL": database,
    }
    ran = subprocess.run(
        [sys.executable, *arguments], cwd=ROOT, env=environment, capture_output=True, text=True, check=False
    )
    assert ran.returncode == 0, ran.stderr
    return ran.stdout


def migrate(database: str) -> None:
    run("manage.py", "migrate", "--verbosity=0", database=database)


def migrated_on_sqlite() -> Path:
    def make(path: Path) -> None:
        for old in KEPT.glob("migrated-*.sqlite3"):
            old.unlink()
        migrate(f"sqlite:///{path}")

    return made_once(KEPT / f"migrated-{code()}.sqlite3", make)


def begin_with_what_is_migrated(connection: BaseDatabaseWrapper) -> None:
    """Let the test database begin as a copy of one that is migrated already. `migrate` runs on it all the same."""
    if connection.vendor == "postgresql":
        connection.settings_dict["TEST"]["TEMPLATE"] = migrated_on_postgres(connection)
    else:
        fill_when_it_opens(migrated_on_sqlite())


def fill_when_it_opens(kept: Path) -> None:
    """SQLite's test database is in memory, and is there as soon as it is opened."""

    def fill(connection: BaseDatabaseWrapper, **_: Any) -> None:
        if connection.settings_dict["NAME"].startswith("file:memorydb"):  # as Django names it
            connection_created.disconnect(fill)
            with contextlib.closing(sqlite3.connect(kept)) as migrated:
                migrated.backup(connection.connection)

    connection_created.connect(fill, weak=False)


def migrated_on_postgres(connection: BaseDatabaseWrapper) -> str:
    """Name a migrated database on the same server, to be copied."""
    name = f"migrated_{code()}"
    # Not the lock of SQLite's: its tests run at the same time, and each of the two takes a minute.
    with one_at_a_time(KEPT / "postgresql"), connection._nodb_cursor() as cursor:
        cursor.execute("SELECT 1 FROM pg_database WHERE datname = %s", [name])
        if not cursor.fetchone():
            cursor.execute("DROP DATABASE IF EXISTS unfinished")
            cursor.execute("CREATE DATABASE unfinished")
            migrate(f"{os.environ['DATABASE_URL'].rpartition('/')[0]}/unfinished")
            cursor.execute(f"ALTER DATABASE unfinished RENAME TO {name}")
    return name


def empty(connection: BaseDatabaseWrapper) -> None:
    """Delete every row that a test committed, published months too.

    Django's own way truncates all tables, of which a test fills few, and makes content types, permissions and our
    triggers anew. The first two are as `migrate` made them for this code, and stay; triggers only if one is missing.
    """
    tables = sorted(set(connection.introspection.django_table_names(only_existing=True, include_views=False)) - MADE)
    with unguarded(connection), connection.cursor() as cursor:
        cursor.execute(" UNION ALL ".join(f"SELECT '{table}' WHERE EXISTS (SELECT 1 FROM {table})" for table in tables))
        for (table,) in cursor.fetchall():
            cursor.execute(f"DELETE FROM {table}")
    if triggers.missing(connection):
        triggers.install(connection)


@contextlib.contextmanager
def unguarded(connection: BaseDatabaseWrapper) -> Iterator[None]:
    """One transaction in which rows that are kept can be deleted, in any order."""
    with transaction.atomic(using=connection.alias), connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            # As on a standby, nothing is checked and no trigger runs. To make the triggers anew takes much longer.
            cursor.execute("SET LOCAL session_replication_role = replica")
        else:
            triggers.remove(connection, kinds=[triggers.KEEP])
        yield


def migrated_dump() -> Path:
    """A file from which psql makes a migrated database, for a server that doesn't outlive its run."""

    def make(file: Path) -> None:
        for old in KEPT.glob("migrated-*.sql"):
            old.unlink()
        with services.postgres() as url:
            migrate(url)
            dump(url, file)

    return made_once(KEPT / f"migrated-{code()}.sql", make)


def dump_migrated(connection: BaseDatabaseWrapper, file: Path) -> Path:
    """The same of the server that these tests run on."""
    at = connection.settings_dict
    server = f"postgres://{at['USER']}:{at['PASSWORD']}@{at['HOST']}:{at['PORT']}"
    dump(f"{server}/{migrated_on_postgres(connection)}", file)
    return file


def dump(url: str, file: Path) -> None:
    """Write a database as statements."""
    program = find_postgres().path.with_name("pg_dump")
    subprocess.run([program, "--no-owner", f"--file={file}", url], check=True)
