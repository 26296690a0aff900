"""manage.py back_up: copy the database into a folder, with a manifest."""

import fcntl
import os
import shutil
from argparse import ArgumentParser
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.db import DatabaseError, connection

from core.jobs import note_success
from operations.backups.contents import Contents
from operations.backups.copies import CopyFailed, copy_postgres, copy_sqlite
from operations.backups.manifest import BACK_UP, COPIES, flush, remove_old, write_manifest

COPIERS = {"postgresql": copy_postgres, "sqlite": copy_sqlite}
MADE = "vvdash-%Y%m%dT%H%M%SZ"
UNFINISHED = ".unfinished"


class Command(BaseCommand):
    help = (
        "Copy the database into a new folder inside FOLDER, while it is in use. Beside the copy is a manifest, "
        "taken at the same moment: how many rows each table has, a hash of them, and the heads of the audit log. With "
        "these, drill_restore can prove that a restored copy is equal. Older backups that this command made are "
        "removed once the new one is on the disk. Exit status: 0 made; 1 not made, and nothing removed; "
        "2 wrong arguments."
    )
    # Also what is unsafe for production has to be backed up.
    requires_system_checks = ()

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("folder", type=Path, help="the folder that has the backups; it must exist")
        parser.add_argument(
            "--keep", type=int, default=14, metavar="N", help="keep the newest N backups (14); 0 keeps all"
        )

    def handle(self, *, folder: Path, keep: int, **_: Any) -> None:
        if keep < 0:
            raise CommandError("--keep must be 0 or more.", returncode=2)
        # Don't make it: it may be the disk for backups that isn't there today.
        if not folder.is_dir():
            raise CommandError(f"{folder} isn't a folder: make it first.", returncode=2)
        try:
            with alone(folder), unreadable_by_others():
                backup, contents = self._make(folder)
                removed = remove_old(folder, keep=keep)
        except (CopyFailed, DatabaseError) as fault:
            raise CommandError(f"No backup was made. {' '.join(str(fault).split())}", returncode=1) from None
        except OSError as fault:
            where = fault.filename or folder
            raise CommandError(f"No backup was made. {fault.strerror}: {where}.", returncode=1) from None
        note_success(BACK_UP)
        self.stdout.write(f"{backup}: tables {len(contents.tables)}, rows {contents.rows}.")
        for old in removed:
            self.stdout.write(f"Removed {old}.")

    def _make(self, folder: Path) -> tuple[Path, Contents]:
        backup = folder / datetime.now(UTC).strftime(MADE)
        unfinished = folder / f"{backup.name}{UNFINISHED}"
        for left in folder.glob(f"vvdash-*{UNFINISHED}"):  # by one that was killed
            shutil.rmtree(left)
        unfinished.mkdir()
        vendor = connection.vendor
        try:
            contents = COPIERS[vendor](unfinished / COPIES[vendor])
            write_manifest(unfinished, vendor=vendor, release=settings.RELEASE, contents=contents)
            unfinished.rename(backup)
            flush(folder)
        except BaseException:
            shutil.rmtree(unfinished, ignore_errors=True)
            raise
        return backup, contents


@contextmanager
def alone(folder: Path) -> Iterator[None]:
    """Refuse a second backup into the same folder while the block lasts."""
    number = os.open(folder, os.O_RDONLY)
    try:
        try:
            fcntl.flock(number, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise CopyFailed(f"Another backup is being made in {folder}.") from None
        yield
    finally:
        os.close(number)


@contextmanager
def unreadable_by_others() -> Iterator[None]:
    """Make files that only we can read, while the block lasts."""
    before = os.umask(0o077)
    try:
        yield
    finally:
        os.umask(before)
