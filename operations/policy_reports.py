"""Reports of browsers about what they refused under our content security policy.

Anybody can send a report, and browsers send many for one mistake. So this process reads only some a minute, and logs
each kind once a day. A kind has no personal data: the rule, the host that was refused, and the name of our page.
"""

import json
import re
import time
from collections.abc import Callable
from dataclasses import dataclass
from threading import Lock
from typing import Any
from urllib.parse import urlsplit

LARGEST = 16 * 1024  # bytes of a body; browsers send a few reports together
MOST_READ = 60  # bodies a minute
MOST_KINDS = 200  # a day
MOST_TOGETHER = 20  # reports in one body
MINUTE, DAY = 60, 24 * 60 * 60  # seconds
A_DIRECTIVE = re.compile(r"[a-z]{3,20}(?:-[a-z]{2,12}){0,3}")
A_HOST = re.compile(r"[a-z0-9.-]{1,100}")
A_WORD = re.compile(r"[a-z-]{1,30}")


class NotAReport(ValueError):
    """A body that is no report."""


@dataclass(frozen=True, slots=True)
class Violation:
    """What was refused: the policy's rule, what it refused ("inline", or a host), and the path of our page."""

    directive: str
    refused: str
    path: str


def read_report(body: bytes) -> list[Violation]:
    """Return the violations in a report of either form. Raises NotAReport."""
    try:
        report = json.loads(body)
    except (ValueError, RecursionError):
        raise NotAReport from None
    # The older form is one object, the newer a list that may have reports of other kinds.
    reports = report if isinstance(report, list) else [report]
    violations = [_read_one(report) for report in reports[:MOST_TOGETHER] if isinstance(report, dict)]
    if not any(violations):
        raise NotAReport
    return [violation for violation in violations if violation is not None]


def _read_one(report: dict[str, Any]) -> Violation | None:
    body = report.get("csp-report", report.get("body"))
    if not isinstance(body, dict):
        return None

    def find(*names: str) -> str:
        value = next((body[name] for name in names if name in body), "")
        return value if isinstance(value, str) else ""

    directive = find("effectiveDirective", "effective-directive", "violated-directive").partition(" ")[0]
    if not A_DIRECTIVE.fullmatch(directive):
        return None
    path = _part(find("documentURL", "document-uri"), "path")
    return Violation(directive, name_refused(find("blockedURL", "blocked-uri")), path)


def name_refused(blocked: str) -> str:
    """Return the host of a refused address, or the word that a browser has for what has none. The rest of an address
    may have a person's details."""
    text = blocked.lower()
    host = _part(text, "hostname")
    if host:
        return host if A_HOST.fullmatch(host) else "another host"
    word = text.partition(":")[0]
    return word if A_WORD.fullmatch(word) else "something"


def _part(address: str, name: str) -> str:
    try:
        return str(getattr(urlsplit(address), name) or "")
    except ValueError:
        return ""


class Ration:
    """How much of this one process reads and logs."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self.clock = clock
        self.lock = Lock()
        self.minute, self.read = -1, 0
        self.day, self.kinds = -1, set[tuple[str, ...]]()

    def may_read(self) -> bool:
        """Return whether there is room for one more body in this minute."""
        with self.lock:
            minute = int(self.clock() // MINUTE)
            if minute != self.minute:
                self.minute, self.read = minute, 0
            self.read += 1
            return self.read <= MOST_READ

    def is_new(self, *kind: str) -> bool:
        """Return whether this kind is the first of its day, and there is room for it."""
        with self.lock:
            day = int(self.clock() // DAY)
            if day != self.day:
                self.day, self.kinds = day, set()
            if kind in self.kinds or len(self.kinds) >= MOST_KINDS:
                return False
            self.kinds.add(kind)
            return True
