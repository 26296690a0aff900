"""A backup is made while people work, and a drill restores it and proves it equal; on both databases."""

import json
import os
import re
import sqlite3
import subprocess
import sys
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from pathlib import Path

import psycopg2
import pytest
from django.conf import settings
from django.db import OperationalError, connection, connections, transaction

from core.audit import record
from core.audit_log.sealing import seal_each
from core.calendar import Month
from core.files import objects
from core.models import AuditEvent, Job, StoredObject, User
from operations.backups import copies
from operations.backups.contents import Contents, Table, list_differences
from operations.backups.manifest import BACK_UP, DRILL
from operations.management.commands.back_up import alone
from tests.integration.command_line import Ran, run
from tests.scenarios import Town, accept, make_town, sweep

pytestmark = pytest.mark.both_databases

ROOT = Path(__file__).resolve().parents[2]
WRITERS = 4
ENOUGH = 40  # acts of all writers, before and while the backup is made
SOON = 30.0  # seconds


@pytest.fixture
def town(shared_database: str) -> Town:
    """With a month of figures."""
    town = make_town()
    accept(town, Month(2026, 10), {"arrests": 9, "charges": 4})
    sweep()
    return town


@contextmanager
def people_at_work() -> Iterator[None]:
    """While the block lasts, four write: each act is a row and an event, together or not at all."""
    stop, acts = threading.Event(), threading.Semaphore(0)

    def work(writer: int) -> None:
        number = 0
        try:
            while not stop.is_set():
                number += 1
                with transaction.atomic():
                    person = User.objects.create(email=f"w{writer}-{number}@testford.example", name="At work")
                    record("test.worked", person, by=person, area="testford")
                acts.release()
        finally:
            connections.close_all()

    with ThreadPoolExecutor(WRITERS) as pool:
        writers = [pool.submit(work, writer) for writer in range(WRITERS)]
        try:
            for _ in range(ENOUGH):
                assert acts.acquire(timeout=SOON)
            yield
        finally:
            stop.set()
    for writer in writers:
        writer.result()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    folder = tmp_path / "backups"
    folder.mkdir()
    return folder


def back_up(folder: Path, *options: object) -> Path:
    """Make a backup; returns its folder."""
    done = run("back_up", folder, *options)
    assert done.status == 0, done.err
    return Path(done.out.partition(":")[0])


@pytest.fixture
def backup(town: Town, folder: Path) -> Path:
    """A backup of a town whose record was chained, as the minute's job does."""
    seal_each()
    return back_up(folder)


@pytest.fixture
def empty_database(shared_database: str, tmp_path: Path) -> Iterator[str]:
    """The DATABASE_URL of one that a backup can be restored into."""
    if connection.vendor == "sqlite":
        yield f"sqlite:///{tmp_path / 'restored.sqlite3'}"
        return
    with copies.another_database() as url:
        yield url


def change(url: str, *statements: str) -> None:
    """Change a database as an attacker or a broken disk would, without any trigger."""
    if url.startswith("sqlite"):
        with closing(sqlite3.connect(url.removeprefix("sqlite:///"), autocommit=True)) as database:
            for statement in statements:
                database.execute(statement)
        return
    with closing(psycopg2.connect(url)) as server, server.cursor() as cursor:
        server.autocommit = True
        cursor.execute("SET session_replication_role = replica")
        for statement in statements:
            cursor.execute(statement)


def prove(backup: Path, url: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, settings.BASE_DIR / "manage.py", "prove_restored", backup],
        env={**os.environ, "DATABASE_URL": url},
        capture_output=True,
        text=True,
        check=False,
    )


def test_a_backup_made_while_people_work_is_restored_equal(town: Town, folder: Path, tmp_path: Path, monkeypatch):
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    with people_at_work():
        backup = back_up(folder)
        during = User.objects.count()
    before = databases_of(tmp_path)
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("CREATE DATABASE vvdash_drill_killed")

    drill = run("drill_restore", folder, "--newest")

    assert (drill.status, drill.err) == (0, "")
    assert set(Job.objects.exclude(succeeded_at=None).values_list("name", flat=True)) == {BACK_UP, DRILL}
    assert drill.out.startswith("Equal to the backup of ")
    tables = json.loads((backup / "manifest.json").read_text())["tables"]
    # One moment: each act's row is there with its event.
    acts = tables["core_user"]["rows"] - User.objects.exclude(name="At work").count()
    events = AuditEvent.objects.exclude(verb="test.worked").count()
    assert ENOUGH <= acts == tables["core_auditevent"]["rows"] - events <= during
    # The database in use isn't touched, and nothing is left, not of a drill that was killed either.
    assert User.objects.filter(name="At work").count() >= acts
    after = databases_of(tmp_path)
    assert after <= before
    # Another worker of the tests may have ended meanwhile, and dropped its own.
    assert [name for name in before - after if not name.startswith("test_vvdash_")] == []


def databases_of(folder: Path) -> set[str]:
    if connection.vendor == "sqlite":
        return {path.name for path in folder.iterdir()}
    with connection.cursor() as cursor:
        cursor.execute("SELECT datname FROM pg_database")
        return {name for (name,) in cursor.fetchall()}


CHANGES = {
    "UPDATE core_user SET name = 'Xlex' WHERE id = (SELECT min(id) FROM core_user)": "The table core_user has as many",
    "DELETE FROM reporting_indicatorline": "reporting_indicatorline has a different number of rows: 0, and 2 in",
    "INSERT INTO django_session VALUES ('x', '', '2026-11-01')": "session has a different number of rows: 1, and 0",
    "CREATE TABLE newer (word text)": "The table newer isn't in the backup.",
    "DROP TABLE django_admin_log": "The table django_admin_log is missing.",
    "UPDATE core_auditevent SET verb = 'x' WHERE number = 1": "The audit log of testford is broken after event 0.",
    "UPDATE core_auditchain SET link = 'x' WHERE area = 'testford'": "The audit log of testford has a different head.",
}


@pytest.mark.release  # test_a_backup_made_while_people_work_is_restored_equal
def test_a_database_is_restored_into_an_empty_one_and_each_change_is_found(backup: Path, empty_database: str):
    done = run("drill_restore", backup, "--into", empty_database)
    assert (done.status, done.err) == (0, "")

    again = run("drill_restore", backup, "--into", empty_database)
    assert again.status == 1
    assert "so nothing is restored into it" in again.err

    change(empty_database, *drop_guards(empty_database), *CHANGES)
    proven = prove(backup, empty_database)
    assert proven.returncode == 1
    assert {said for said in CHANGES.values() if said not in proven.stdout} == set()
    assert "missing from the database" in proven.stdout  # the triggers
    assert proven.stderr.strip().endswith("The database isn't equal to the backup.")

    change(empty_database, "DELETE FROM django_migrations WHERE app = 'core'")
    assert "Its tables are from another release" in prove(backup, empty_database).stdout


def drop_guards(url: str) -> list[str]:
    """The statements that remove what would refuse a change."""
    if not url.startswith("sqlite"):
        with closing(psycopg2.connect(url)) as server, server.cursor() as cursor:
            cursor.execute("SELECT tgname, tgrelid::regclass::text FROM pg_trigger WHERE NOT tgisinternal")
            return [f'DROP TRIGGER "{name}" ON {table}' for name, table in cursor.fetchall()]
    with closing(sqlite3.connect(url.removeprefix("sqlite:///"))) as database:
        names = database.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall()
    return [f'DROP TRIGGER "{name}"' for (name,) in names]


def test_a_copy_that_was_cut_or_changed_is_refused(backup: Path):
    (copy,) = [path for path in backup.iterdir() if path.name != "manifest.json"]
    whole = copy.read_bytes()
    for damaged in (whole[:-1], whole[:1000] + b"?" + whole[1001:]):
        copy.write_bytes(damaged)

        drill = run("drill_restore", backup)

        assert drill.status == 1
        assert "isn't the file that was made" in drill.err


def test_a_folder_that_is_no_backup_is_refused(backup: Path, tmp_path: Path):
    assert "so it is no backup" in run("drill_restore", tmp_path).err
    for broken in ("{", "{}", '{"format": 1, "database": "postgresql"}', "[]", '{"format": 2}'):
        (backup / "manifest.json").write_text(broken, encoding="utf-8")
        drill = run("drill_restore", backup)
        assert (drill.status, drill.out) == (1, "")
        assert "manifest.json" in drill.err


@pytest.mark.release  # test_a_backup_made_while_people_work_is_restored_equal
def test_a_drill_reads_each_file_wherever_it_is(town: Town, s3, folder: Path, empty_database: str):
    kept = []
    for content in (b"%PDF one", b"%PDF two", b"%PDF three"):
        with transaction.atomic():
            kept.append(objects.put(content, objects.PDF).pk)
    StoredObject.objects.filter(pk=kept[2]).update(content=b"%PDF three")  # as if it had never moved
    backup = back_up(folder)

    done = run("drill_restore", backup, "--into", empty_database)
    assert (done.status, done.err) == (0, "")
    assert done.out.endswith(", files 3.\n")
    assert (
        prove(backup, empty_database).returncode == 0
    )  # its events wait to be chained, and a second proof finds them so

    s3.write(kept[0], b"%PDF 0ne")
    s3.remove(kept[1])
    proven = prove(backup, empty_database)
    assert proven.returncode == 1
    assert set(proven.stdout.splitlines()) == {
        f"The object {kept[0][:12]} no longer has the bytes that were stored.",
        f"The object {kept[1][:12]} isn’t in its store.",
    }
    change(empty_database, *drop_guards(empty_database), f"DELETE FROM core_storedobject WHERE sha256 = '{kept[2]}'")
    assert "core_storedobject has a different number of rows: 2, and 3 in" in prove(backup, empty_database).stdout


# --- The folder of backups ------------------------------------------------------------------------------------------


def test_nobody_else_can_read_a_backup(backup: Path):
    assert {path.stat().st_mode & 0o077 for path in (backup, *backup.iterdir())} == {0}


def test_the_newest_backups_are_kept_and_what_is_not_ours(town: Town, folder: Path):
    for name in ("vvdash-20260101T000000Z", "vvdash-20260102T000000Z", "vvdash-20260103T000000Z", "by-hand"):
        (folder / name).mkdir()
        (folder / name / "manifest.json").write_text("{}", encoding="utf-8")
    (folder / "vvdash-20260101T000001Z.unfinished").mkdir()  # of a backup that was killed
    (folder / "vvdash-20260101T000002Z").mkdir()  # without a manifest: somebody is at it

    newest = back_up(folder, "--keep", 2)

    assert {path.name for path in folder.iterdir()} == {
        "vvdash-20260103T000000Z",
        newest.name,
        "by-hand",
        "vvdash-20260101T000002Z",
    }


@pytest.mark.parametrize(
    ("options", "said"), [(["/nowhere"], "/nowhere isn't a folder: make it first."), (["/", "--keep", "-1"], "--keep")]
)
def test_wrong_arguments(options: list[str], said: str):
    done = run("back_up", *options)

    assert done.status == 2
    assert said in done.err


def check_that_nothing_was_made(done: Ran, folder: Path, said: str) -> None:
    assert done.status == 1
    assert said in done.err
    assert [path.name for path in folder.iterdir()] == ["vvdash-20260101T000000Z"]


@pytest.fixture
def folder_with_one(folder: Path) -> Path:
    (folder / "vvdash-20260101T000000Z").mkdir()
    (folder / "vvdash-20260101T000000Z" / "manifest.json").write_text("{}", encoding="utf-8")
    return folder


def test_a_full_disk_leaves_no_half_backup_and_removes_none(town: Town, folder_with_one: Path, monkeypatch):
    def fill(*_: object, **__: object) -> None:
        raise OSError(28, "No space left on device", "vvdash.dump")

    monkeypatch.setattr("operations.management.commands.back_up.write_manifest", fill)

    done = run("back_up", folder_with_one, "--keep", 1)

    check_that_nothing_was_made(done, folder_with_one, "No space left on device")


def test_a_database_that_can_not_be_copied_leaves_no_backup(town: Town, folder_with_one: Path, monkeypatch):
    if connection.vendor == "sqlite":
        monkeypatch.setitem(connection.settings_dict, "NAME", str(folder_with_one / "nothing.sqlite3"))
        said = "unable to open database file"
    else:
        monkeypatch.setenv("PATH", "/nowhere")
        said = "pg_dump isn't installed"

    done = run("back_up", folder_with_one, "--keep", 1)

    check_that_nothing_was_made(done, folder_with_one, said)


def test_a_backup_is_made_though_the_database_can_not_note_it(town: Town, folder: Path, monkeypatch, caplog):
    def refuse(*_: object, **__: object) -> None:
        raise OperationalError("database or disk is full")

    monkeypatch.setattr(Job.objects, "update_or_create", refuse)
    made = run("back_up", folder)
    assert (made.status, made.err) == (0, "")
    assert "The back-up is done, but the database could not note it" in caplog.text


def test_two_backups_into_one_folder_at_a_time_are_refused(town: Town, folder: Path):
    with alone(folder):
        done = run("back_up", folder)

    assert done.status == 1
    assert "Another backup is being made" in done.err
    assert list(folder.iterdir()) == []


# --- Pure parts -----------------------------------------------------------------------------------------------------


def test_differences_of_equal_contents_are_none():
    contents = Contents({"a": Table(1, "x")}, {"town": "1:y"})

    assert list_differences(contents, Contents.from_json(json.loads(json.dumps(contents.as_json())))) == []


@pytest.mark.parametrize("host", ["127.0.0.1", "::1", "/run/postgresql", "db.example"])
def test_a_url_names_what_it_was_made_of(host: str):
    parameters = {
        "host": host,
        "port": "5433",
        "user": "a b",
        "password": "p@ss:/w%rd",
        "dbname": "vv dash",
        "sslmode": "require",
    }

    assert psycopg2.extensions.parse_dsn(copies.make_url(parameters)) == parameters


def test_only_before_the_first_table_is_a_newer_setting_left_out(tmp_path: Path):
    said = b"SET statement_timeout = 0;\nSET transaction_timeout = 0;\nCREATE TABLE t (x text);\n"
    rows = b"COPY t FROM stdin;\nSET transaction_timeout = 0;\n\\.\n"
    out = tmp_path / "out"
    with out.open("wb") as file:
        reader = subprocess.Popen(["/bin/cat"], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        writer = subprocess.Popen(["/bin/cat"], stdin=subprocess.PIPE, stdout=file)
        reader.stdin.write(said + rows)
        reader.stdin.close()
        copies._pass_on(reader, writer)
        writer.communicate()
        reader.wait()
        reader.stdout.close()

    assert out.read_bytes() == said.replace(copies.NEWER_SETTING, b"") + rows


# --- The manual -----------------------------------------------------------------------------------------------------

MANUAL = (ROOT / "docs" / "run" / "backup.md").read_text(encoding="utf-8")
BLOCKS = [re.sub(r"^ +", "", block, flags=re.MULTILINE) for block in re.findall(r"```sh\n(.*?)```", MANUAL, re.DOTALL)]
MAKE, TRY, RESTORE_POSTGRES, RESTORE_SQLITE = BLOCKS[:4]


@pytest.mark.release  # test_a_backup_made_while_people_work_is_restored_equal
def test_the_manuals_commands_make_try_and_restore_a_backup(town: Town, shared_database: str, tmp_path: Path):
    for name in ("script", ".venv", "manage.py"):
        (tmp_path / name).symlink_to(ROOT / name)
    for name in ("backups", "var"):
        (tmp_path / name).mkdir()
    restore = RESTORE_SQLITE if connection.vendor == "sqlite" else RESTORE_POSTGRES
    assert "script/restore-drill" in restore

    done = subprocess.run(
        ["/bin/sh", "-ec", f"{MAKE}{TRY}{re.sub('backups/vvdash-[0-9TZ]+', 'backups/vvdash-*Z', restore)}"],
        cwd=tmp_path,
        env={**os.environ, "DATABASE_URL": shared_database},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )

    assert done.returncode == 0, done.stderr
    assert done.stdout.count("Equal to the backup of ") == 2
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("DROP DATABASE restored")
