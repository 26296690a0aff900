"""How do tests wait for another process? They look again and again, and say for what they waited in vain."""

import time
from collections.abc import Callable

SOON = 30.0  # seconds


def wait_until(happened: Callable[[], object], *, what: str, within: float = SOON) -> None:
    deadline = time.monotonic() + within
    while not happened():
        assert time.monotonic() < deadline, f"Waited {within} seconds in vain: {what}"
        time.sleep(0.02)
