"""Does the database still refuse what it should? Names each trigger of core.guards that isn't there."""

from collections.abc import Sequence
from typing import Any

from django.core.checks import CheckMessage, Error, Tags, register
from django.core.checks import Warning as Caution
from django.db import connections
from django.db.migrations.executor import MigrationExecutor

from core.guards import missing


@register(Tags.database)
def guards_are_up(*, databases: Sequence[str] | None = None, **_: Any) -> list[CheckMessage]:
    """For `manage.py check --database default`: an error for each missing trigger; a warning only where
    migrations wait, since `migrate` looks first and then puts the triggers back."""
    found: list[CheckMessage] = []
    for alias in databases or ():
        connection = connections[alias]
        lost = missing(connection)
        if not lost:
            continue
        executor = MigrationExecutor(connection)
        waits = bool(executor.migration_plan(executor.loader.graph.leaf_nodes()))
        kind, number = (Caution, "W001") if waits else (Error, "E001")
        hint = f"Run manage.py migrate{'' if waits else ' --skip-checks'}: it puts the triggers back."
        found += [
            kind(
                f"The trigger {trigger.name} is missing in the database “{alias}”, or was changed: "
                "nothing else refuses what it refused.",
                hint=hint,
                id=f"core.{number}",
            )
            for trigger in lost
        ]
    return found
