"""A migration that isn't there, which SQLite makes tables anew for."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from django.core.management import call_command
from django.db import connection, migrations
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.operations.base import Operation


def newest_migration(app: str) -> tuple[str, str]:
    ((_, name),) = MigrationLoader(connection).graph.leaf_nodes(app)
    return app, name


@contextmanager
def rebuilt(monkeypatch, app: str, operations: Sequence[Operation]) -> Iterator[None]:
    """Inside, the app has a migration more; and afterwards it was taken back."""
    newest, load = newest_migration(app), MigrationLoader.load_disk
    another = migrations.Migration("0099_rebuild", app)
    another.dependencies, another.operations = [newest], operations

    def load_with_another(loader: MigrationLoader) -> None:
        load(loader)
        loader.disk_migrations[app, another.name] = another

    with monkeypatch.context() as patch:
        patch.setattr(MigrationLoader, "load_disk", load_with_another)
        call_command("migrate", app, "0099", verbosity=0)
        yield
        call_command("migrate", *newest, verbosity=0)
