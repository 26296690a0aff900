"""Copy a database into a file, and a file into an empty database."""

import os
import shutil
import sqlite3
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from secrets import token_hex
from typing import Any
from urllib.parse import quote, urlencode

import psycopg2
from django.db import connection
from psycopg2.extensions import parse_dsn

from operations.backups.contents import Contents, read_postgres, read_sqlite, snapshot

# What the programs of PostgreSQL read from the environment, where other users of the machine can't read a password.
VARIABLES = {
    "host": "PGHOST",
    "port": "PGPORT",
    "user": "PGUSER",
    "password": "PGPASSWORD",
    "dbname": "PGDATABASE",
    "sslmode": "PGSSLMODE",
    "sslcert": "PGSSLCERT",
    "sslkey": "PGSSLKEY",
    "sslrootcert": "PGSSLROOTCERT",
    "sslcrl": "PGSSLCRL",
    "channel_binding": "PGCHANNELBINDING",
    "target_session_attrs": "PGTARGETSESSIONATTRS",
    "passfile": "PGPASSFILE",
    "service": "PGSERVICE",
}
# pg_restore of PostgreSQL 17 or newer sets this first, which an older server doesn't know.
NEWER_SETTING = b"SET transaction_timeout = 0;\n"
LAST_WORDS = 300  # characters

type Parameters = Mapping[str, str]


class CopyFailed(Exception):
    """A database couldn't be copied. The message is a sentence."""


# --- Out of a database ---------------------------------------------------------------------------------------------


def copy_postgres(file: Path) -> Contents:
    """Copy the default database into a file. Return what it held at that moment, whatever others write."""
    with snapshot() as name:
        command = ["pg_dump", "--format=custom", f"--snapshot={name}", "--lock-wait-timeout=30s", f"--file={file}"]
        _run(command, get_parameters())
        return read_postgres()


def copy_sqlite(file: Path) -> Contents:
    """Copy the default database into a file. Return what it held at that moment, whatever others write."""
    source = Path(connection.settings_dict["NAME"]).absolute()
    try:
        with (
            closing(sqlite3.connect(f"{source.as_uri()}?mode=rw", uri=True, autocommit=True)) as database,
            closing(sqlite3.connect(file)) as copy,
        ):
            database.execute("BEGIN")
            contents = read_sqlite(database)
            database.backup(copy)
            return contents
    except sqlite3.Error as fault:
        raise CopyFailed(f"{source} can't be copied: {fault}.") from None


# --- Into a database -----------------------------------------------------------------------------------------------


def restore_postgres(file: Path, url: str) -> None:
    """Restore a copy into an empty database. It makes everything, or nothing.

    Raises CopyFailed if the database isn't empty, or refuses something.
    """
    parameters = parse_dsn(url)
    try:
        with closing(psycopg2.connect(url)) as database, database.cursor() as cursor:
            cursor.execute(
                "SELECT count(*) FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace "
                "WHERE c.relkind IN ('r', 'p', 'v', 'S') AND n.nspname NOT LIKE 'pg\\_%' "
                "AND n.nspname <> 'information_schema'"
            )
            if cursor.fetchone() != (0,):
                raise CopyFailed(f"The database {parameters['dbname']} isn't empty, so nothing is restored into it.")
    except psycopg2.OperationalError as fault:
        raise CopyFailed(f"The database to restore into doesn't answer: {_last_words(str(fault))}.") from None
    environment = _make_environment(parameters)
    with (
        subprocess.Popen(  # noqa: S603
            [_find("pg_restore"), "--file=-", "--no-owner", "--no-privileges", file],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env=environment,
        ) as reader,
        subprocess.Popen(  # noqa: S603
            [_find("psql"), "--quiet", "--no-psqlrc", "--single-transaction", "--set=ON_ERROR_STOP=1"],
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            env=environment,
        ) as writer,
    ):
        assert reader.stdout  # noqa: S101
        assert reader.stderr  # noqa: S101
        with suppress(BrokenPipeError):  # psql says why
            _pass_on(reader, writer)
        reader.stdout.close()  # so that pg_restore ends too, if psql has
        refused = writer.communicate()[1]
        unread = reader.stderr.read()
    if reader.returncode or writer.returncode:
        said = _last_words((unread if reader.returncode > 0 else refused).decode(errors="replace"))
        raise CopyFailed(f"The backup can't be restored: {said}.")


def _pass_on(reader: subprocess.Popen[bytes], writer: subprocess.Popen[bytes]) -> None:
    assert reader.stdout  # noqa: S101
    assert writer.stdin  # noqa: S101
    # Only before the first table: a row may have the same words.
    for line in reader.stdout:
        if line.startswith(b"CREATE "):
            writer.stdin.write(line)
            break
        if line != NEWER_SETTING:
            writer.stdin.write(line)
    shutil.copyfileobj(reader.stdout, writer.stdin, 1 << 20)


def restore_sqlite(file: Path, target: Path) -> None:
    """Copy a backup to a file that doesn't exist yet.

    Raises CopyFailed if it exists: an old `-wal` file beside it would damage it.
    """
    for path in (target, target.with_name(f"{target.name}-wal"), target.with_name(f"{target.name}-shm")):
        if path.exists():
            raise CopyFailed(f"{path} exists, so nothing is restored into it.")
    try:
        shutil.copyfile(file, target)
    except OSError as fault:
        raise CopyFailed(f"The backup can't be copied to {target}: {fault.strerror}.") from None


LEFT_BY_DRILLS = r"""
    SELECT datname FROM pg_database
    WHERE datname LIKE 'vvdash\_drill\_%' AND pg_get_userbyid(datdba) = current_user
    AND NOT EXISTS (SELECT FROM pg_stat_activity WHERE pg_stat_activity.datname = pg_database.datname)
"""


@contextmanager
def another_database() -> Iterator[str]:
    """Make an empty database on the server of ours, while the block lasts. Yields its DATABASE_URL. Removes first what
    a drill that was killed has left.

    Raises CopyFailed if our role may not.
    """
    parameters = get_parameters()
    name = f"vvdash_drill_{token_hex(4)}"
    with closing(psycopg2.connect(make_url(parameters))) as database:
        database.autocommit = True
        with database.cursor() as cursor:
            cursor.execute(LEFT_BY_DRILLS)
            for (left,) in cursor.fetchall():
                cursor.execute(f'DROP DATABASE "{left}"')
            try:
                cursor.execute(f'CREATE DATABASE "{name}" TEMPLATE template0 ENCODING "UTF8"')
            except psycopg2.errors.InsufficientPrivilege:
                raise CopyFailed(
                    "This role isn’t allowed to create a database for the drill. Make an empty one, and name it "
                    "with --into."
                ) from None
            try:
                url = make_url({**parameters, "dbname": name})
                with closing(psycopg2.connect(url)):  # so that nobody takes it for one that was left
                    yield url
            finally:
                cursor.execute(f'DROP DATABASE "{name}" WITH (FORCE)')


# --- Where a database is -------------------------------------------------------------------------------------------


def get_parameters() -> Parameters:
    """Return how to connect to the default database, as libpq names it."""
    ours: dict[str, Any] = connection.settings_dict
    named = {name: ours["OPTIONS"].get(name) for name in VARIABLES}
    named |= {"host": ours["HOST"], "port": ours["PORT"], "dbname": ours["NAME"]}
    named |= {"user": ours["USER"], "password": ours["PASSWORD"]}
    return {name: str(value) for name, value in named.items() if value}


def make_url(parameters: Parameters) -> str:
    """Return a DATABASE_URL."""
    left = dict(parameters)
    host, user, password = left.pop("host", ""), left.pop("user", ""), left.pop("password", "")
    port, name = left.pop("port", ""), left.pop("dbname")
    host = f"[{host}]" if ":" in host else quote(host, safe="")
    address = f"{quote(user, safe='')}:{quote(password, safe='')}@{host}{f':{port}' if port else ''}"
    return f"postgres://{address}/{quote(name, safe='')}{f'?{urlencode(left)}' if left else ''}"


def _make_environment(parameters: Parameters) -> dict[str, str]:
    ours = {name: value for name, value in os.environ.items() if not name.startswith("PG")}
    return ours | {VARIABLES[name]: value for name, value in parameters.items() if name in VARIABLES}


def _run(command: list[str], parameters: Parameters) -> None:
    done = subprocess.run(  # noqa: S603
        [_find(command[0]), *command[1:]],
        env=_make_environment(parameters),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        errors="replace",
        check=False,
    )
    if done.returncode:
        raise CopyFailed(f"{command[0]} failed: {_last_words(done.stderr)}.")


def _find(program: str) -> str:
    path = shutil.which(program)
    if not path:
        raise CopyFailed(f"{program} isn't installed: install PostgreSQL's client (on Debian: postgresql-client).")
    return path


def _last_words(text: str) -> str:
    return " ".join(text.split())[-LAST_WORDS:].rstrip(".") or "it didn't say why"
