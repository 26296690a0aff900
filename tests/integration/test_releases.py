"""Is a database of this release? And which version is it?"""

import sqlite3
import subprocess
import sys
import tomllib
from contextlib import closing
from pathlib import Path

import pytest
from django.conf import settings
from django.core.checks import Tags, run_checks
from django.db import connection
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.recorder import MigrationRecorder

from core.database import InitialMigration
from operations.releases import FOLDED, LAST_OLD, describe_other_release, is_migrated

pytestmark = pytest.mark.django_db
OURS = ("core", "boards", "indicators", "actions", "reporting")


def find_faults() -> list[str]:
    return [message.msg for message in run_checks(tags=[Tags.database], databases=["default"])]


def test_a_database_of_this_release_is_one():
    assert (describe_other_release(connection), is_migrated(connection), find_faults()) == ("", True, [])


def test_one_that_waits_for_its_newest_migration_is_one():
    MigrationRecorder(connection).record_unapplied("core", "0004_words")
    assert (describe_other_release(connection), is_migrated(connection)) == ("", False)


def test_one_from_before_the_migrations_were_folded():
    MigrationRecorder(connection).record_applied(*FOLDED)
    (fault,) = find_faults()
    assert "bring it up to date with the code of commit 37e2df51" in fault
    for migration in LAST_OLD:
        MigrationRecorder(connection).record_applied(*migration)
    (fault,) = find_faults()
    assert fault.endswith("make a backup, then run manage.py carry_over, and after it manage.py migrate.")


def test_one_of_a_newer_release():
    MigrationRecorder(connection).record_applied("reporting", "0099_later")
    (fault,) = find_faults()
    assert "is from a newer release: this one doesn't know reporting 0099_later. Install that release" in fault


def test_another_package_may_fold_its_migrations():
    MigrationRecorder(connection).record_applied("socialaccount", "0099_later")
    assert find_faults() == []


def test_each_app_begins_with_one_migration_that_only_creates():
    on_disk = MigrationLoader(connection).disk_migrations
    firsts = {app: on_disk[app, "0001_initial"] for app in OURS}
    assert all(isinstance(first, InitialMigration) and first.initial for first in firsts.values())
    kinds = {type(operation).__name__ for first in firsts.values() for operation in first.operations}
    assert kinds == {"CreateModel", "AddField"}


def test_the_server_says_what_to_do_with_an_older_database(tmp_path):
    file = tmp_path / "old.sqlite3"
    run = [sys.executable, "manage.py", "migrate", "contenttypes", "--skip-checks", "--verbosity=0"]
    environment = {
        "DATABASE_URL": f"sqlite:///{file}",
        "PATH": "/usr/bin:/bin",
        "DJANGO_SETTINGS_MODULE": "vvdash.settings",
    }
    subprocess.run(run, cwd=settings.BASE_DIR, env=environment, check=True, capture_output=True)
    with closing(sqlite3.connect(file)) as old, old:
        old.execute("INSERT INTO django_migrations (app, name, applied) VALUES (?, ?, '2026-11-27')", FOLDED)
    done = subprocess.run(
        [sys.executable, "script/server.py", "127.0.0.1:0"],
        cwd=settings.BASE_DIR,
        env=environment,
        check=False,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 1
    *_, fault = done.stderr.splitlines()
    assert fault.startswith(f"The database {file} is from before version 0.2.0. Nothing in it is lost: make a backup")


def test_the_version_is_the_same_everywhere():
    project = tomllib.loads(Path(settings.BASE_DIR, "pyproject.toml").read_text())["project"]
    assert project["version"] == settings.VERSION
    assert f"\n## {settings.VERSION}" in Path(settings.BASE_DIR, "CHANGELOG.md").read_text()
