"""The upgrade of a database of before, in two ways: from the tables that a few migrations found, by these alone; or by
every migration, there and back, which takes half a minute on each database."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import NamedTuple

import pytest
from django.apps import apps
from django.core.management import call_command
from django.db import connection
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.state import StateApps

from core import triggers

ALONE = "alone"
# What is looked at is the same.
WAYS = [ALONE, pytest.param("with all others", marks=pytest.mark.release)]


class Upgrade(NamedTuple):
    """Some migrations. No later one has changed the tables that they make, change or remove."""

    before: Sequence[
        tuple[str, str]
    ]  # the newest of each app that the release of before had; first, where to go back to
    migrations: Sequence[tuple[str, str]]
    gone: Sequence[str]  # the models whose tables they remove
    changed: Sequence[str] = ()  # and those whose tables they make or change

    @contextmanager
    def undone(self, way: str) -> Iterator[StateApps]:
        """Go back to the tables of before, and yield their models. The block ends with `run`."""
        old = MigrationLoader(connection).project_state(list(self.before)).apps
        if way == ALONE:
            self._make_tables(old)
            yield old
        else:
            call_command("migrate", *self.before[0], verbosity=0)
            yield old
        if not self.tables.isdisjoint(connection.introspection.table_names()):  # the test failed before
            self.run(way)

    @property
    def tables(self) -> set[str]:
        return {name.replace(".", "_").lower() for name in self.gone}

    def _make_tables(self, old: StateApps) -> None:
        with connection.schema_editor() as editor:
            for name in self.changed:
                editor.delete_model(apps.get_model(name))
            for model in old.get_models():
                if model._meta.label in {*self.gone, *self.changed}:
                    editor.create_model(model)

    def run(self, way: str) -> None:
        if way != ALONE:
            call_command("migrate", verbosity=0)
            return
        loader = MigrationLoader(connection)
        triggers.remove(connection)  # as `migrate` does
        for key in self.migrations:
            migration = loader.get_migration(*key)
            with connection.schema_editor(atomic=migration.atomic) as editor:
                migration.apply(loader.project_state(key, at_end=False), editor)
        triggers.install(connection)
