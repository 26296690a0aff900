"""Chain the record: work out the hash of an event, and find the first event that breaks a chain. Pure.

Each event has a link: a hash of the link before it and of what the event says. So nobody can change, remove or insert
an event without changing every later link. The event's words (the person, the thing and the details) are in the link
by their salted digest. So a law can have a name erased, and the chain still verifies: docs/adr/0020.
"""

import json
import secrets
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha256
from typing import Any

from core.texts import KEY_DIGITS, read_number

START = ""  # the link before the first event


def make_salt() -> str:
    """Return a new secret. Without it, nobody can find out an erased name from its digest by trying names."""
    return secrets.token_hex(16)


@dataclass(frozen=True, slots=True)
class Link:
    """An event as its chain sees it. `digest` is that of its words when it was chained."""

    number: int
    happened_at: datetime
    actor_id: int | None
    verb: str
    target_type: str
    target_id: str
    digest: str
    words: str = ""  # the digest of its words now
    link: str = ""
    is_erased: bool = False


def digest_words(salt: str, *, actor: str, target: str, details: Mapping[str, Any]) -> str:
    """Return the digest of an event's words, as 64 hexadecimal digits."""
    return _hash([salt, actor, target, details])


def make_link(before: str, area: str, event: Link) -> str:
    """Return the link of an event of an area, which follows the link `before`."""
    at = event.happened_at.astimezone(UTC).isoformat(timespec="microseconds")
    what = [event.actor_id, event.verb, event.target_type, event.target_id]
    return _hash([before, area, event.number, at, *what, event.digest])


# One text for one list: sorted keys, no spaces. Or two databases would make two hashes of one event.
_write = json.JSONEncoder(ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode


def _hash(values: list[Any]) -> str:
    return sha256(_write(values).encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class Head:
    """The newest event of a chain: its number, and its link. A chain without events has number 0."""

    number: int = 0
    link: str = START

    def __str__(self) -> str:
        return f"{self.number}:{self.link}" if self.number else "0"


START_HEAD = Head()


@dataclass(frozen=True, slots=True)
class Finding:
    """What a check of a chain found: the head that it reached, and what is wrong with the event after it."""

    head: Head
    fault: str = ""
    has_kept: bool = False  # whether it passed the head that somebody kept
    start: Head = START_HEAD  # what was removed before it, under the retention rules


def check_chain(
    area: str,
    events: Iterable[Link],
    *,
    expected: Head,
    erased: Mapping[int, str],
    kept: Head | None = None,
    start: Head = START_HEAD,
) -> Finding:
    """Check the events of an area, in the order of their numbers.

    `expected` is the head that the database has. `erased` has the digests that events have since somebody's name was
    erased, by the number of the event. `kept` is a head that somebody noted earlier, such as from an e-mail. `start` is
    the last event that was removed under the retention rules: the first event links to it.
    """
    # A head from before the start was removed with its event: nothing to compare is left.
    head, has_kept = start, kept is None or kept.number == 0

    def stop(fault: str) -> Finding:
        return Finding(head, fault, start=start)

    if kept is not None and kept.number == start.number and kept.number:
        if kept.link != start.link:
            return stop(f"Event {kept.number} was not the event that you noted: its link differs.")
        has_kept = True
    for event in events:
        fault = _find_fault(area, event, head, erased)
        if fault:
            return stop(fault)
        head = Head(event.number, event.link)
        if kept is not None and kept.number == event.number:
            if kept.link != event.link:
                return stop(f"Event {event.number} is not the event that you noted: its link differs.")
            has_kept = True
    if head != expected:
        return stop(_describe_end(head, expected))
    if not has_kept and kept is not None and kept.number > head.number:
        return stop(f"The chain ends with event {head.number}, before the event {kept.number} that you noted.")
    return Finding(head, has_kept=has_kept, start=start)


def _find_fault(area: str, event: Link, before: Head, erased: Mapping[int, str]) -> str:
    if event.number <= before.number:
        return f"Event {event.number} is still there, although a checkpoint says that it was removed."
    if event.number != before.number + 1:
        return f"Event {before.number + 1} is missing."
    if event.link != make_link(before.link, area, event):
        return f"Event {event.number} ({event.verb}) or its link was changed."
    # An event may say something else than when it was chained only if a later event of the chain says so.
    said = erased.get(event.number, event.digest) if event.is_erased else event.digest
    if event.words != said:
        return f"The words of event {event.number} ({event.verb}) were changed."
    return ""


def _describe_end(head: Head, expected: Head) -> str:
    if expected.number > head.number:
        return f"Event {head.number + 1} is missing: the chain had {expected.number} events."
    return f"The chain ends with event {head.number}, but its stored head names event {expected.number}."


def read_head(text: str) -> Head:
    """Return a head as somebody noted it, "57:3f2a…". Raises ValueError, with a sentence."""
    typed, _, link = text.strip().partition(":")
    if text.strip() == "0":
        return Head()
    number = read_number(typed, digits=KEY_DIGITS)
    if number is None or len(link) != len(_hash([])):
        raise ValueError("Enter the head as it is in the email: the number, a colon and 64 letters and digits.")
    return Head(number, link.lower())
