"""The commands for a backup and a restore, as docs/operations.md has them, are run."""

import re
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

from tests import services

ROOT = Path(__file__).resolve().parents[2]
MANUAL = (ROOT / "docs" / "operations.md").read_text(encoding="utf-8")
BLOCKS = [re.sub(r"^ +", "", block, flags=re.MULTILINE) for block in re.findall(r"```sh\n(.*?)```", MANUAL, re.DOTALL)]
POSTGRES_BACKUP, SQLITE_BACKUP, POSTGRES_RESTORE, SQLITE_RESTORE = BLOCKS[-4:]


def run(block: str, folder: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run a block in a folder that has a .venv with our Python."""
    python = folder / ".venv" / "bin" / "python"
    if not python.exists():
        python.parent.mkdir(parents=True)
        python.symlink_to(sys.executable)
    return subprocess.run(
        ["/bin/sh", "-ec", block],
        cwd=folder,
        env={"PATH": "/usr/bin:/bin", "HOME": str(folder), **environment},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def read_rows(file: Path) -> list[tuple[str]]:
    with closing(sqlite3.connect(file)) as connection:
        return connection.execute("SELECT word FROM town ORDER BY word").fetchall()


def test_sqlite_comes_back_as_it_was(tmp_path: Path):
    database = tmp_path / "var" / "vvdash.sqlite3"
    database.parent.mkdir()
    with closing(sqlite3.connect(database, autocommit=True)) as in_use:  # so its newest rows are in the -wal file
        in_use.execute("PRAGMA journal_mode=WAL")
        in_use.execute("CREATE TABLE town (word)")
        in_use.execute("INSERT INTO town VALUES ('before')")
        assert run(SQLITE_BACKUP, tmp_path).returncode == 0
        in_use.execute("INSERT INTO town VALUES ('after')")

    assert run(SQLITE_RESTORE, tmp_path).returncode == 0

    assert read_rows(database) == [("before",)]
    assert read_rows(tmp_path / "var" / "before-restore" / "vvdash.sqlite3") == [("after",), ("before",)]


def test_a_database_that_does_not_exist_is_no_backup(tmp_path: Path):
    done = run(SQLITE_BACKUP, tmp_path)

    assert done.returncode != 0
    assert "unable to open database file" in done.stderr
    assert not (tmp_path / "backup.sqlite3").exists()


def test_postgres_comes_back_as_it_was(tmp_path: Path):
    with services.postgres() as url:

        def query(statement: str) -> str:
            done = run(f'psql "$DATABASE_URL" -qAt -v ON_ERROR_STOP=1 -c "{statement}"', tmp_path, DATABASE_URL=url)
            assert done.returncode == 0, done.stderr
            return done.stdout.strip()

        query("CREATE TABLE town (word text); INSERT INTO town VALUES ('before')")
        assert run(POSTGRES_BACKUP, tmp_path, DATABASE_URL=url).returncode == 0
        query("INSERT INTO town VALUES ('after'); CREATE TABLE newer (word text)")

        restored = run(POSTGRES_RESTORE, tmp_path, DATABASE_URL=url)

        assert restored.returncode == 0, restored.stderr
        assert query("SELECT string_agg(word, ',') FROM town") == "before"
        assert query("SELECT to_regclass('newer') IS NULL") == "t"
