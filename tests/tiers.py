"""Which cases of a test run on every change: see docs/developing.md."""

from collections.abc import Sequence
from typing import Any

import pytest


def vary_at_release(cases: Sequence[Any], *, every_time: int = 1) -> list[Any]:
    """Let the first cases run on every change, and those that vary them before a release."""
    return [*cases[:every_time], *map(_at_release, cases[every_time:])]


def _at_release(case: Any) -> Any:
    return pytest.param(*(case if isinstance(case, tuple) else (case,)), marks=pytest.mark.release)
