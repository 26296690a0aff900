"""Which release is running? A hash of all that it is made of.

Whatever one release made of the same data, another may say in other words, anywhere on a page. So what is kept of a
page, here or by a reader, is kept under the release too.
"""

import hashlib
import os
from collections.abc import Iterator
from pathlib import Path

# What a page is made by. requirements.txt stands for the packages that are installed.
PARTS = (
    "vvdash",
    "core",
    "boards",
    "indicators",
    "actions",
    "reporting",
    "templates",
    "static",
    "docs/guide",
    "docs/screenshots",
    "requirements.txt",
)


def fingerprint(root: Path) -> str:
    """By name and content alone: another process of the same release finds the same, on another machine too.

    Ask once, at the start: by the time that a page is asked for, the files may be another release's.
    """
    digest = hashlib.sha256()
    for name in sorted(names_in(root)):
        content = (root / name).read_bytes()
        digest.update(f"{name}\0{len(content)}\0".encode())
        digest.update(content)
    return digest.hexdigest()[:16]


def names_in(root: Path) -> Iterator[str]:
    """The files of a release, but for caches and hidden files, which come and go: "core/apps.py"."""
    for part in PARTS:
        if (root / part).is_file():
            yield part
        for folder, folders, names in os.walk(root / part):
            folders[:] = [name for name in folders if name != "__pycache__"]
            for name in names:
                if not name.startswith("."):
                    yield f"{os.path.relpath(folder, root)}/{name}"
