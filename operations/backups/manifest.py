"""A backup's folder: a copy of the database, and a manifest that says what the copy holds."""

import json
import os
import re
import shutil
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import file_digest
from pathlib import Path
from typing import Any

from operations.backups.contents import Contents

NAME = "manifest.json"
FORMAT = 1
FOLDERS = re.compile(r"vvdash-\d{8}T\d{6}Z")  # of our backups; others in the folder aren't ours to delete
BACK_UP, DRILL = "back-up", "restore-drill"  # what was done last, in the table of jobs
COPIES = {"postgresql": "vvdash.dump", "sqlite": "vvdash.sqlite3"}


class BadBackup(Exception):
    """A folder isn't a whole backup. The message is a sentence."""


@dataclass(frozen=True)
class Backup:
    """A backup in a folder."""

    folder: Path
    vendor: str
    made_at: str
    release: str
    sha256: str
    contents: Contents

    @property
    def copy(self) -> Path:
        return self.folder / COPIES[self.vendor]


def write_manifest(folder: Path, *, vendor: str, release: str, contents: Contents) -> None:
    """Say what the copy in a folder holds, and flush everything to the disk."""
    copy = folder / COPIES[vendor]
    manifest = {
        "format": FORMAT,
        "made_at": datetime.now(UTC).isoformat(timespec="seconds"),
        "release": release,
        "database": vendor,
        "sha256": hash_file(copy),
        **contents.as_json(),
    }
    (folder / NAME).write_text(json.dumps(manifest, indent=1, sort_keys=True) + "\n", encoding="utf-8")
    for path in (copy, folder / NAME, folder):
        flush(path)


def read_backup(folder: Path) -> Backup:
    """Read a backup's manifest, and check its copy's hash.

    Raises BadBackup if a file is missing, can't be read or isn't the one that was made.
    """
    try:
        written: dict[str, Any] = json.loads((folder / NAME).read_text(encoding="utf-8"))
        if written["format"] != FORMAT or written["database"] not in COPIES:
            raise BadBackup(f"{folder / NAME} is from a release that we don't know.")
        backup = Backup(
            folder,
            written["database"],
            written["made_at"],
            written["release"],
            written["sha256"],
            Contents.from_json(written),
        )
    except FileNotFoundError:
        raise BadBackup(f"{folder} has no {NAME}, so it is no backup.") from None
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as fault:
        raise BadBackup(f"{folder / NAME} can't be read: {fault!r}.") from None
    try:
        is_same = hash_file(backup.copy) == backup.sha256
    except OSError as fault:
        raise BadBackup(f"{backup.copy} can't be read: {fault.strerror}.") from None
    if not is_same:
        raise BadBackup(f"{backup.copy} isn't the file that was made: its hash differs.")
    return backup


def remove_old(folder: Path, *, keep: int) -> list[Path]:
    """Remove whole backups of ours but the newest. Return those."""
    old = list_backups(folder)[:-keep] if keep else []
    for backup in old:
        shutil.rmtree(backup)
    return old


def list_backups(folder: Path) -> list[Path]:
    """Return the whole backups of ours in a folder, the oldest first."""
    return sorted(path.parent for path in folder.glob(f"*/{NAME}") if FOLDERS.fullmatch(path.parent.name))


def hash_file(path: Path) -> str:
    with path.open("rb") as file:
        return file_digest(file, "sha256").hexdigest()


def flush(path: Path) -> None:
    """Have the disk write a file, or the names in a folder, now."""
    number = os.open(path, os.O_RDONLY)
    try:
        os.fsync(number)
    finally:
        os.close(number)
