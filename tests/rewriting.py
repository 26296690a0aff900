"""Rewrites the asserts of tests before the workers start. Each worker would do it for itself, all at the same time and
in the same order: in a fresh clone that is the longest part of collecting them.

pytest has no way to ask for it, so this does what its import hook does, short of running the module.
"""

from collections.abc import Iterable
from pathlib import Path

import pytest
from _pytest.assertion import rewrite

from tests.databases import KEPT, one_at_a_time

TESTS = Path(__file__).parent


def rewrite_all(config: pytest.Config) -> None:
    """Rewrite every test; of several runs one does, and the others wait for it."""
    with one_at_a_time(KEPT / "rewritten"):
        rewrite_asserts([*TESTS.rglob("test_*.py"), *TESTS.rglob("conftest.py")], config)


def rewrite_asserts(files: Iterable[Path], config: pytest.Config) -> None:
    """Leave each file's rewritten code where pytest looks for it, unless it is there."""
    state = config.stash[rewrite.assertstate_key]
    for file in files:
        folder = rewrite.get_cache_dir(file)
        kept = folder / f"{file.stem}{rewrite.PYC_TAIL}"
        if rewrite.try_makedirs(folder) and rewrite._read_pyc(file, kept) is None:
            source_hash, code = rewrite._rewrite_test(file, config)
            rewrite._write_pyc(state, code, source_hash, kept)
