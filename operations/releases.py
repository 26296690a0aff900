"""Which release made a database, and how one from before version 0.2.0 is carried over.

Version 0.2.0 folded 131 migrations into one for each app. Databases of before have the old ones. The last commit with
the old migrations brings such a database up to them, and makes the very tables that the folded ones make. From there it
only needs its migrations called by their new names.
"""

from functools import cache
from pathlib import Path

from django.apps import apps
from django.conf import settings
from django.db import transaction
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.migrations.executor import MigrationExecutor
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.recorder import MigrationRecorder

# Every database of before 0.2.0 has this migration.
FOLDED = ("boards", "0003_returns_and_reminders")
LAST_OLD_COMMIT = "37e2df51"
LAST_OLD = {
    ("core", "0015_objects"),
    ("boards", "0029_key"),
    ("indicators", "0025_keys"),
    ("actions", "0017_objects"),
    ("reporting", "0035_objects"),
}
FIRST_NEW = (
    ("core", "0001_initial"),
    ("core", "0002_one_subject_per_provider"),
    ("boards", "0001_initial"),
    ("indicators", "0001_initial"),
    ("actions", "0001_initial"),
    ("reporting", "0001_initial"),
)


class NotCarriedOver(Exception):
    """A database can't be carried over. Its text is a sentence for the operator."""


def describe_other_release(connection: BaseDatabaseWrapper) -> str:
    """Say what to do with a database that this release can't read, because it is from before 0.2.0 or from a newer
    release. Return "" for any other one: `migrate` brings it up to date.
    """
    loader = MigrationExecutor(connection).loader
    unknown = sorted(loader.applied_migrations.keys() - loader.disk_migrations.keys())
    ours = {config.label for config in apps.get_app_configs() if Path(config.path).parent == settings.BASE_DIR}
    name = connection.settings_dict["NAME"]
    if FOLDED in unknown:
        old = f"The database {name} is from before version 0.2.0. Nothing in it is lost: make a backup, then "
        if LAST_OLD.issubset(loader.applied_migrations):
            return f"{old}run manage.py carry_over, and after it manage.py migrate."
        return (
            f"{old}bring it up to date with the code of commit {LAST_OLD_COMMIT} (its manage.py migrate). With this "
            "code follow manage.py carry_over and manage.py migrate: docs/run/backup.md has each step."
        )
    if newer := [f"{app} {migration}" for app, migration in unknown if app in ours]:
        return (
            f"The database {name} is from a newer release: this one doesn't know {newer[-1]}. Install that release, or "
            "name another database in DATABASE_URL."
        )
    return ""


def is_migrated(connection: BaseDatabaseWrapper) -> bool:
    """Say whether `migrate` has nothing to do."""
    executor = MigrationExecutor(connection)
    return not executor.migration_plan(executor.loader.graph.leaf_nodes())


def has_newest_migrations(connection: BaseDatabaseWrapper) -> bool:
    """Say the same by one query: a monitor asks each second."""
    return find_newest() <= MigrationRecorder(connection).applied_migrations().keys()


@cache
def find_newest() -> frozenset[tuple[str, str]]:
    return frozenset(MigrationLoader(None).graph.leaf_nodes())


def carry_over(connection: BaseDatabaseWrapper) -> None:
    """Call the migrations of a database from before 0.2.0 by their new names, so that `migrate` goes on from there.
    Raises NotCarriedOver, and then nothing has changed."""
    recorder = MigrationRecorder(connection)
    applied = recorder.applied_migrations().keys()
    if FOLDED not in applied:
        raise NotCarriedOver("This database isn't from before version 0.2.0, so nothing has to be carried over.")
    if not LAST_OLD.issubset(applied):
        raise NotCarriedOver(describe_other_release(connection))
    with transaction.atomic(using=connection.alias):
        recorder.migration_qs.filter(app__in={app for app, _ in FIRST_NEW}).delete()
        for app, name in FIRST_NEW:
            recorder.record_applied(app, name)
