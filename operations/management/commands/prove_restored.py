"""manage.py prove_restored: compare the database with a backup."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from core.models import StoredObject
from operations.backups.manifest import BadBackup, read_backup
from operations.backups.proof import prove


class Command(BaseCommand):
    help = (
        "Compare the database of DATABASE_URL with the backup in FOLDER, before anything writes to it: the rows of "
        "every table, the triggers, the migrations, the audit log with its heads, and the hash of each stored file, "
        "wherever it is. It changes only the audit log: it chains the events that the worker had not chained yet. Exit "
        "status: 0 equal; 1 it differs, with a line for each difference."
    )
    requires_system_checks = ()  # it makes those of the database

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("folder", type=Path, help="a backup, as back_up made it")

    def handle(self, *, folder: Path, **_: Any) -> None:
        try:
            backup = read_backup(folder)
        except BadBackup as fault:
            raise CommandError(str(fault), returncode=1) from None
        faults = prove(backup)
        for fault_found in faults:
            self.stdout.write(fault_found)
        if faults:
            raise CommandError("The database isn't equal to the backup.", returncode=1)
        contents = backup.contents
        files = contents.tables[StoredObject._meta.db_table].rows
        self.stdout.write(
            f"Equal to the backup of {backup.made_at}: tables {len(contents.tables)}, rows {contents.rows}, "
            f"chains {len(contents.chains)}, files {files}."
        )
