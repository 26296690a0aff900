"""A database of each release, kept as SQL, is brought up to date, and what it published stays as it was."""

import os
import re
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest

from operations.releases import LAST_OLD_COMMIT

ROOT = Path(__file__).resolve().parents[2]
RELEASES = ROOT / "tests" / "releases"
# What was shown to anybody, and what holds it together. What a later release added to a row isn't compared.
PUBLISHED = (
    *("reporting_snapshot", "reporting_indicatorline", "reporting_kpiline", "reporting_publicedition"),
    *("reporting_publicline", "reporting_issuedpack", "core_storedobject", "core_auditevent"),
    *("indicators_observation", "indicators_submission", "boards_reportingperiod"),
)


def read(
    file: Path, columns: dict[str, list[str]] | None = None
) -> tuple[dict[str, list[str]], dict[str, list[tuple]]]:
    """The columns and rows of what was published; of the columns named, if any are."""
    rows = {}
    with closing(sqlite3.connect(file)) as database:
        there = {name for (name,) in database.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
        columns = columns or {
            table: [row[1] for row in database.execute(f"PRAGMA table_info({table})")]
            for table in PUBLISHED
            if table in there
        }
        for table, names in columns.items():
            listed = ", ".join(f'"{name}"' for name in names)
            rows[table] = database.execute(f"SELECT {listed} FROM {table} ORDER BY 1").fetchall()
    return columns, rows


def load(release: str, file: Path) -> None:
    with closing(sqlite3.connect(file)) as made:
        # A function of Django's, by which a constraint looks whether a day is the first of its month.
        made.create_function("django_date_extract", 2, lambda _, day: int(day[8:10]), deterministic=True)
        made.executescript((RELEASES / f"{release}.sql").read_text(encoding="utf-8"))


def manage(database: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "manage.py", *arguments],
        cwd=ROOT,
        env={"PATH": os.environ["PATH"], "DATABASE_URL": f"sqlite:///{database}"},
        check=False,
        capture_output=True,
        text=True,
    )


@pytest.mark.release  # test_releases.py and the test below try which database is carried over
@pytest.mark.parametrize("release", sorted(file.stem for file in RELEASES.glob("*.sql")))
def test_what_a_release_published_stays_as_it_was(release: str, tmp_path: Path):
    database = tmp_path / "site.sqlite3"
    load(release, database)
    columns, before = read(database)
    assert sum(map(len, before.values())) >= 200
    assert len(before["reporting_issuedpack"]) == len(before["reporting_publicedition"]) == 1

    if release == "0.1.0":
        refused = manage(database, "migrate")
        assert refused.returncode == 1
        assert "Nothing in it is lost: make a backup, then run manage.py carry_over" in refused.stderr
        assert read(database) == (columns, before)
        assert manage(database, "carry_over").stdout == "Carried over. Now run manage.py migrate.\n"
    again = manage(database, "carry_over")
    assert (again.returncode, "nothing has to be carried over" in again.stderr) == (1, True)
    migrated = manage(database, "migrate")
    assert migrated.returncode == 0, migrated.stderr

    _, after = read(database, columns)
    assert after == before
    checked = manage(database, "check", "--database", "default")
    assert (checked.returncode, checked.stderr) == (0, "")
    # Release 0.1.0 had no chain: the worker chains its events within a minute.
    manage(database, "shell", "--command", "from core.audit_log.sealing import seal_each; seal_each()")
    proven = manage(database, "verify_audit")
    assert proven.returncode == 0, proven.stdout + proven.stderr


def test_one_that_the_old_code_has_not_brought_up_to_date_is_left_alone(tmp_path: Path):
    database = tmp_path / "site.sqlite3"
    load("0.1.0", database)
    with closing(sqlite3.connect(database)) as made:
        made.execute("DELETE FROM django_migrations WHERE app = 'boards' AND name = '0029_key'")
        made.commit()
    before = read(database)
    refused = manage(database, "carry_over")
    assert refused.returncode == 1
    assert re.search(rf"with the code of commit {LAST_OLD_COMMIT} \(its manage\.py migrate\)", refused.stderr)
    assert read(database) == before
