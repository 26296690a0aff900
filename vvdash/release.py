"""The release that is running: its version, for people, and a hash of everything that it consists of.

Two releases may show the same data in different words. So everything that we or a reader store of a page also depends
on the release.
"""

import hashlib
import os
from collections.abc import Iterator
from pathlib import Path

VERSION = "0.2.0"  # as in pyproject.toml; people read it in CHANGELOG.md and at the foot of each page

# What makes a page. requirements.txt represents the installed packages.
PARTS = (
    "vvdash",
    "core",
    "boards",
    "indicators",
    "actions",
    "reporting",
    "operations",
    "templates",
    "static",
    "docs/guide",
    "docs/screenshots",
    "requirements.txt",
)


def fingerprint(root: Path) -> str:
    """Return the hash, by name and content only: every process of the release gets the same one, on any machine.

    Ask once, at the start: by the time of a request, the files may be from another release.
    """
    digest = hashlib.sha256()
    for name in sorted(names_in(root)):
        content = (root / name).read_bytes()
        digest.update(f"{name}\0{len(content)}\0".encode())
        digest.update(content)
    return digest.hexdigest()[:16]


def names_in(root: Path) -> Iterator[str]:
    """Return the files of a release, without caches and hidden files, which change: "core/apps.py"."""
    for part in PARTS:
        if (root / part).is_file():
            yield part
        for folder, folders, names in os.walk(root / part):
            folders[:] = [name for name in folders if name != "__pycache__"]
            for name in names:
                if not name.startswith("."):
                    yield f"{os.path.relpath(folder, root)}/{name}"
