"""Prove that this database holds what a backup had, and that the product would work on it."""

import io
from pathlib import Path

from django.core.management import call_command
from django.core.management.base import SystemCheckError
from django.db import DatabaseError, connection, transaction
from django.db.migrations.executor import MigrationExecutor

from core.audit_log.sealing import list_chains, seal_each, verify
from core.chain import read_head
from core.files import objects
from core.models import StoredObject
from operations.backups.contents import Contents, list_differences, read_file, read_postgres, snapshot
from operations.backups.manifest import Backup

MOST_NAMED = 10


def prove(backup: Backup) -> list[str]:
    """Compare the default database with a backup, and check it. Return a sentence for each fault.

    It changes nothing, so it can be run again: the events that had no link yet are chained only while it looks.
    """
    if connection.vendor != backup.vendor:
        return [f"The backup is from {backup.vendor}, and this database is {connection.vendor}."]
    try:
        faults = list_differences(backup.contents, read_contents())
        if _waits_for_migrations():
            return [*faults, f"Its tables are from another release ({backup.release}): prove it with that release."]
        return [*faults, *_check_database(), *_check_objects(), *_check_record(backup)]
    except DatabaseError as fault:
        return [f"The database can't be read: {' '.join(str(fault).split())}"]


def read_contents() -> Contents:
    """Read what the default database holds, in one state of it."""
    if connection.vendor == "sqlite":
        return read_file(Path(connection.settings_dict["NAME"]))
    with snapshot():
        return read_postgres()


def _waits_for_migrations() -> bool:
    executor = MigrationExecutor(connection)
    return bool(executor.migration_plan(executor.loader.graph.leaf_nodes()))


def _check_database() -> list[str]:
    try:
        call_command("check", databases=["default"], tags=["database"], stdout=io.StringIO(), stderr=io.StringIO())
    except SystemCheckError as fault:
        return [" ".join(str(fault).split())]
    return []


def _check_objects() -> list[str]:
    """Read every object, wherever it is, and compare its hash."""
    faults = []
    for name in StoredObject.objects.values_list("pk", flat=True).iterator():
        try:
            objects.read(StoredObject.objects.get(pk=name))
        except objects.Unreadable as fault:
            faults.append(str(fault))
    return describe(faults)


def describe(faults: list[str]) -> list[str]:
    """Return the first faults, and how many more there are: without the store there are thousands."""
    more = len(faults) - MOST_NAMED
    return [*faults[:MOST_NAMED], *([f"There are {more} more objects like these."] if more > 0 else [])]


def _check_record(backup: Backup) -> list[str]:
    faults = []
    with transaction.atomic():
        seal_each()
        for area in list_chains():
            kept = read_head(backup.contents.chains[area]) if area in backup.contents.chains else None
            finding = verify(area, kept=kept if kept and kept.number else None)
            if finding.fault:
                faults.append(
                    f"The audit log of {area or 'no area'} is broken after event {finding.head.number}. {finding.fault}"
                )
        transaction.set_rollback(True)
    return faults
