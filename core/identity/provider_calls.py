"""Call a provider: in a few seconds for a whole page, at an address that the operator or the provider gave. Pure.

An answer has a limit of size.
"""

import json
import time
from concurrent.futures import Future
from threading import Thread
from typing import Any

import requests
import urllib3

SECONDS = 5.0  # for all calls of one page together
MOST_BYTES = 1_000_000
FAULTS = (requests.RequestException, urllib3.exceptions.HTTPError, OSError, ValueError, RecursionError)


class NoAnswer(Exception):
    """The provider gave no answer that we could read. The text is for the log."""


class Calls:
    """The calls of one page."""

    def __init__(self) -> None:
        self.ends = time.monotonic() + SECONDS

    def get(self, address: str) -> dict[str, Any]:
        """Return the object at an address. Raises NoAnswer."""
        status, answer = self._ask("GET", address)
        if status != requests.codes.ok:
            raise NoAnswer(f"{address} answered with {status}")
        return answer

    def post(self, address: str, data: dict[str, str], *, auth: tuple[str, str] | None) -> tuple[int, dict[str, Any]]:
        """Send a form; return the status and the object of the answer. Raises NoAnswer."""
        return self._ask("POST", address, data=data, auth=auth)

    def _ask(self, method: str, address: str, **sent: Any) -> tuple[int, dict[str, Any]]:
        left = self.ends - time.monotonic()
        if left <= 0:
            raise NoAnswer(f"no time is left for {address}")
        answer: Future[tuple[int, dict[str, Any]]] = Future()
        # In a thread: a time limit of a socket covers neither names that aren't found nor an answer that drips.
        Thread(target=_fetch, args=(answer, left, method, address), kwargs=sent, daemon=True).start()
        try:
            return answer.result(timeout=left)
        except TimeoutError:
            raise NoAnswer(f"{address} didn't answer in time") from None


def _fetch(
    answer: "Future[tuple[int, dict[str, Any]]]", seconds: float, method: str, address: str, **sent: Any
) -> None:
    try:
        answer.set_result(_read(seconds, method, address, **sent))
    except FAULTS as fault:
        # Only its kind: the text may have an address with a secret.
        answer.set_exception(NoAnswer(f"{address}: {type(fault).__name__}"))
    except BaseException as fault:  # noqa: BLE001  # a bug of ours belongs to the page, not to this thread
        answer.set_exception(fault)


def _read(seconds: float, method: str, address: str, **sent: Any) -> tuple[int, dict[str, Any]]:
    accept = {"Accept": "application/json"}
    # No redirects: they would take our secret to an address that nobody gave us.
    with requests.request(
        method, address, timeout=seconds, allow_redirects=False, stream=True, headers=accept, **sent
    ) as got:
        words = got.raw.read(MOST_BYTES + 1, decode_content=True)
        if len(words) > MOST_BYTES:
            raise ValueError("too large")
        answer = json.loads(words)
        if not isinstance(answer, dict):
            raise ValueError("no object")
        return got.status_code, answer
