"""Stop asking a server that doesn't answer.

Whoever waits in vain opens the breaker. Then others fail straight away, until one attempt is let through and succeeds.
"""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

from core import metrics


class Resting(Exception):
    """The server didn't answer a moment ago, so we don't ask it now."""


class Breaker:
    """The breaker of one server, for all threads of a process. `what` is what monitors call the server. `rest` is how
    long nobody asks after a vain attempt, and `rest_in_doubt` after a doubt, in seconds."""

    def __init__(self, what: str, *, rest: float, rest_in_doubt: float = 0) -> None:
        self.what = what
        self.rest = rest
        self.rest_in_doubt = rest_in_doubt
        self._lock = threading.Lock()
        self._rests_until: float | None = None  # None: the server answers, as far as we know
        self._is_trying = False

    @property
    def is_open(self) -> bool:
        return self._rests_until is not None

    @contextmanager
    def attempt(self, *vain: type[Exception]) -> Iterator[None]:
        """Ask the server within the block. `vain` are the exceptions which say that it didn't answer.

        Raises Resting if nobody should ask now. Any answer closes the breaker, and so does a refusal: it came at once.
        """
        is_first = self._begin()
        try:
            yield
        except vain:
            self._end(is_first, rests_until=time.monotonic() + self.rest)
            raise
        except BaseException:
            self._end(is_first, rests_until=None)
            raise
        self._end(is_first, rests_until=None)

    def doubt(self) -> None:
        """Rest as after a doubt. Then let one attempt through at a time, until one succeeds. An answer is missing,
        perhaps on one line only."""
        with self._lock:
            opens = self._rests_until is None
            if opens:
                self._rests_until = time.monotonic() + self.rest_in_doubt
        if opens and self.rest_in_doubt:
            metrics.count("breaker_opened", what=self.what)

    def _begin(self) -> bool:
        with self._lock:
            if self._rests_until is None:
                return False
            if self._is_trying or time.monotonic() < self._rests_until:
                raise Resting("It didn't answer a moment ago.")
            self._is_trying = True
            return True

    def _end(self, is_first: bool, *, rests_until: float | None) -> None:
        with self._lock:
            opens = rests_until is not None and self._rests_until is None
            if is_first:
                self._is_trying = False
            self._rests_until = rests_until
        if opens:
            metrics.count("breaker_opened", what=self.what)
