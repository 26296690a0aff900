"""manage.py drill_restore: restore a backup into another database, and prove it equal."""

import os
import subprocess
import sys
from argparse import ArgumentParser
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.db import DatabaseError, connection

from core.jobs import note_success
from operations.backups.copies import CopyFailed, another_database, restore_postgres, restore_sqlite
from operations.backups.manifest import DRILL, Backup, BadBackup, list_backups, read_backup

SQLITE = "sqlite:///"


class Command(BaseCommand):
    help = (
        "Restore the backup in FOLDER into another database, and prove that it is equal: see prove_restored. The "
        "database in use isn't touched. Without --into, the drill makes a database and removes it at the end; on "
        "PostgreSQL its role needs the right to create databases. Nothing is sent to anyone. Exit status: 0 "
        "equal; 1 it differs or can't be restored."
    )
    requires_system_checks = ()

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("folder", type=Path, help="a backup, as back_up made it")
        parser.add_argument("--newest", action="store_true", help="FOLDER has backups: take the newest of them")
        parser.add_argument(
            "--into",
            metavar="URL",
            default="",
            help="the DATABASE_URL of an empty database, which the drill keeps: use it to restore after a loss",
        )

    def handle(self, *, folder: Path, newest: bool, into: str, **_: Any) -> None:
        try:
            if newest:
                *_older, folder = list_backups(folder) or [folder / "no backup"]
            backup = read_backup(folder)
            with target_of(backup, into) as url:
                if backup.vendor == "sqlite":
                    restore_sqlite(backup.copy, Path(url.removeprefix(SQLITE)))
                else:
                    restore_postgres(backup.copy, url)
                self._prove(backup, url)
            if not into:
                note_success(DRILL)
        except (BadBackup, CopyFailed, DatabaseError) as fault:
            raise CommandError(" ".join(str(fault).split()), returncode=1) from None

    def _prove(self, backup: Backup, url: str) -> None:
        # In a process of its own, whose default database is the restored one.
        done = subprocess.run(  # noqa: S603
            [sys.executable, settings.BASE_DIR / "manage.py", "prove_restored", backup.folder.absolute()],
            env={**os.environ, "DATABASE_URL": url},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
        )
        self.stdout.write(done.stdout, ending="")
        if done.returncode:
            raise CommandError(done.stderr.strip() or "The restored database wasn't proven.", returncode=1)


@contextmanager
def target_of(backup: Backup, into: str) -> Iterator[str]:
    """Yield the DATABASE_URL to restore into: the one that was named, or one that lasts as long as the block."""
    if into:
        if into.startswith(SQLITE) != (backup.vendor == "sqlite"):
            raise CopyFailed(f"The backup is from {backup.vendor}, and --into names another kind of database.")
        yield into
    elif connection.vendor != backup.vendor:
        raise CopyFailed(f"The backup is from {backup.vendor}, and DATABASE_URL names another kind of database.")
    elif backup.vendor == "sqlite":
        with TemporaryDirectory(prefix="vvdash-drill-") as folder:
            yield f"{SQLITE}{Path(folder) / 'vvdash.sqlite3'}"
    else:
        with another_database() as url:
            yield url
