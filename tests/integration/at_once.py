"""Several do something at the same moment, each with a connection of their own."""

import threading
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor

from django.db import connections

from core.forms.pages import ChangedMeanwhile
from core.labels import TransitionRefused
from tests.integration.test_rollup_at_once import SOON, on_its_own

WORKERS = 4
WAIT = 30.0  # seconds after which a test says that somebody waits for ever


def at_once(others: ThreadPoolExecutor, acts: Sequence[Callable[[], object]]) -> list[str]:
    """What each was told: nothing where it was done."""
    start = threading.Barrier(len(acts))

    def run(act: Callable[[], object]) -> str:
        start.wait(SOON)
        try:
            act()
        except (ChangedMeanwhile, TransitionRefused) as told:
            return str(told)
        return ""

    futures = [others.submit(on_its_own(lambda act=act: run(act))) for act in acts]
    return [future.result(SOON) for future in futures]


def by_all[Result](others: ThreadPoolExecutor, act: Callable[[], Result]) -> list[Result]:
    """What each of WORKERS got, who do the same."""

    def work() -> Result:
        try:
            return act()
        finally:
            connections.close_all()

    return [future.result(WAIT) for future in [others.submit(work) for _ in range(WORKERS)]]
