"""Which release is a database of? Its migrations say so."""

from pathlib import Path

from django.apps import apps
from django.conf import settings
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.migrations.executor import MigrationExecutor

# Version 0.2.0 folded the migrations into one for each app. Every database of before has this one.
FOLDED = ("boards", "0003_returns_and_reminders")


def describe_other_release(connection: BaseDatabaseWrapper) -> str:
    """Say what to do with a database that this release can't read, because it is from before 0.2.0 or from a newer
    release. Return "" for any other one: `migrate` brings it up to date.
    """
    loader = MigrationExecutor(connection).loader
    unknown = sorted(loader.applied_migrations.keys() - loader.disk_migrations.keys())
    ours = {config.label for config in apps.get_app_configs() if Path(config.path).parent == settings.BASE_DIR}
    name = connection.settings_dict["NAME"]
    if FOLDED in unknown:
        return (
            f"The database {name} is from before version 0.2.0, and this release can't read it. Delete it and start "
            "again, or name another one in DATABASE_URL."
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
