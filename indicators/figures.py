"""The figures of a return as people type them: what a text means, and the entries before they are checked. Pure."""

import hashlib
import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from core.texts import LONGEST_TEXT
from indicators.trend import CellState

PROVISIONAL = "[p]"  # beside a figure that may still change
LARGEST = 10**9  # far above any monthly count of a town, far below the database's limit
# Spaces (also the narrow and the no-break one, as spreadsheets paste them) and commas that stand
# between groups of three digits. A column of decimals has 12.0 for 12. But 12.000 may be twelve thousand.
GROUPED = re.compile(r"(?P<whole>[0-9]{1,3}(?:[ ,\u00a0\u2009\u202f][0-9]{3})+|[0-9]+)(?:\.00?)?", re.ASCII)


class NotAFigure(ValueError):
    """Raised for text that isn't a count. Its text is a sentence for the user, which doesn't name the figure."""


def read_figure(typed: str) -> int:
    """Read a whole number of at least 0: "12", " 12 ", "1,200", "1 200", "12.0".

    For anything else, raises NotAFigure with a sentence that says what to do.
    """
    text = typed.strip()
    if not text:
        raise NotAFigure("Enter a number (0 if there were none), or choose why you don’t have the figure.")
    if len(text) > LONGEST_TEXT:
        raise NotAFigure(f"Enter a whole number, such as 12. You entered “{shorten(text)}”.")
    if grouped := GROUPED.fullmatch(text):
        digits = re.sub(r"[^0-9]", "", grouped["whole"]).lstrip("0") or "0"
        # The length first: Python refuses to read thousands of digits.
        if len(digits) > 10 or int(digits) > LARGEST:
            raise NotAFigure(f"Enter a number of at most {LARGEST:,}. You entered “{shorten(text)}”.")
        return int(digits)
    if re.fullmatch(r"[-−–]\s*+[0-9., ]+", text):
        raise NotAFigure(f"Enter a number that is 0 or more. You entered “{shorten(text)}”.")
    if re.fullmatch(r"[0-9, ]*\.[0-9]+|[0-9, ]+\.", text):
        raise NotAFigure(f"Enter a whole number, without a decimal point. You entered “{shorten(text)}”.")
    raise NotAFigure(f"Enter a whole number, such as 12. You entered “{shorten(text)}”.")


def shorten(text: str, length: int = 30) -> str:
    return text if len(text) <= length else text[: length - 1] + "…"


# The reasons why there is no figure, with their names in the form.
REASONS = {state: state.shown.given_as for state in CellState if state.shown.given_as}
# How a spreadsheet may write these reasons, in lower case.
READ_AS = {reason.value: reason.value for reason in REASONS} | {
    label.lower(): reason.value for reason, label in REASONS.items()
}

LONGEST_CARRIED = 200  # characters of an entry that a form carries whole
LARGEST_OPENED = 1_000_000  # characters; ours has at most a fifth of it


@dataclass(frozen=True, slots=True)
class Entry:
    """What was typed in one row of the form, as text. It is stored as typed, under the name of its box ("pwits",
    "lines.london")."""

    value: str = ""
    reason: str = ""
    note: str = ""

    @property
    def is_blank(self) -> bool:
        return not (self.value.strip() or self.reason or self.note.strip())


NOTHING_TYPED = Entry()
PARTS = ("value", "reason", "note")  # the controls of a row


def blanks_in(names: Iterable[str], entries: Mapping[str, Entry]) -> list[str]:
    """List the rows in which nothing was typed."""
    return [name for name in names if entries.get(name, NOTHING_TYPED).is_blank]


def with_nil(names: Iterable[str], entries: Mapping[str, Entry]) -> dict[str, Entry]:
    """Return the entries, with 0 in each row in which nothing was typed."""
    return {**entries, **{name: Entry(value="0") for name in blanks_in(names, entries)}}


class Digest(Entry):
    """Stands for an entry that is too long for a form to carry: `value` is the digest of its text."""

    # Dataclasses of different classes are never equal, so a Digest never equals an Entry.
    __slots__ = ()

    @classmethod
    def of(cls, entry: Entry) -> "Digest":
        # As JSON, so no two entries make the same text.
        text = json.dumps([entry.value, entry.reason, entry.note])
        return cls(hashlib.sha256(text.encode()).hexdigest())


def write_opened(entries: Mapping[str, Entry]) -> str:
    """Return what a form carries of the entries it was opened with: short ones whole, and a digest of each long one."""
    return json.dumps({name: _carried(typed) for name, typed in entries.items()}, ensure_ascii=False)


def _carried(entry: Entry) -> list[str]:
    if not isinstance(entry, Digest) and len(entry.value) + len(entry.reason) + len(entry.note) > LONGEST_CARRIED:
        entry = Digest.of(entry)
    return [entry.value] if isinstance(entry, Digest) else [entry.value, entry.reason, entry.note]


def read_opened(text: str) -> dict[str, Entry]:
    """Read the entries that a form was opened with, with a `Digest` for each long one; empty for text that we didn't
    write."""
    # Before anything reads it: a form may send any text, of any length and depth.
    if len(text) > LARGEST_OPENED:
        return {}
    try:
        return {_whole(name): _read_carried(typed) for name, typed in json.loads(text).items()}
    except (ValueError, TypeError, AttributeError, RecursionError):
        return {}


def _read_carried(typed: Iterable[object]) -> Entry:
    texts = [_whole(str(text)) for text in typed]
    return Digest(*texts) if len(texts) == 1 else Entry(*texts)


def _whole(text: str) -> str:
    """Remove halves of characters, which JSON can hold but no page can."""
    return text.encode(errors="ignore").decode()


@dataclass(frozen=True, slots=True)
class Merged:
    """Two people's entries merged. `entries` are to be shown. `clashes` has the rows that both changed, with what the
    other person saved. `taken` names the rows that only the other changed: their entry is in `entries`."""

    entries: dict[str, Entry]
    clashes: dict[str, Entry]
    taken: list[str]


def merge(opened: Mapping[str, Entry], typed: Mapping[str, Entry], saved: Mapping[str, Entry]) -> Merged:
    """Merge what the form was opened with, what was typed, and what somebody else has since saved. Nothing typed is
    lost: where both changed a row, the typed entry stays and the other is shown beside it. `opened` may hold a `Digest`
    for an entry."""
    entries, clashes, taken = {}, {}, []
    for name in {**typed, **saved}:
        before, mine, theirs = (side.get(name, NOTHING_TYPED) for side in (opened, typed, saved))
        if _is(before, mine) and not _is(before, theirs):
            entries[name] = theirs
            taken.append(name)
        else:
            entries[name] = mine
            if theirs != mine and not _is(before, theirs):
                clashes[name] = theirs
    return Merged(entries, clashes, taken)


def is_untouched(opened: Mapping[str, Entry], typed: Mapping[str, Entry]) -> bool:
    """Return whether a form holds what it was opened with. `opened` may hold a `Digest` for an entry."""
    return all(_is(opened.get(name, NOTHING_TYPED), entry) for name, entry in typed.items())


def _is(opened: Entry, entry: Entry) -> bool:
    return opened == (Digest.of(entry) if isinstance(opened, Digest) else entry)
