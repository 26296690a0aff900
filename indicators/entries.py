"""What did people type into a return, before anybody checks it? Pure.

A row's entry is kept as it was typed. Entries are held by the name of their box ("pwits",
"lines.london").
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from indicators.trend import CellState

# Why there is no figure, with what the form calls it.
REASONS = {
    CellState.AWAITED: "Comes later",
    CellState.NOT_AVAILABLE: "Not available",
    CellState.NOT_APPLICABLE: "Does not apply",
}
# The ways in which a spreadsheet may say so, in small letters.
READ_AS = {reason.value: reason.value for reason in REASONS} | {
    label.lower(): reason.value for reason, label in REASONS.items()
}


@dataclass(frozen=True, slots=True)
class Entry:
    """What was typed in one row of the form, as text."""

    value: str = ""
    reason: str = ""
    note: str = ""

    @property
    def is_blank(self) -> bool:
        return not (self.value.strip() or self.reason or self.note.strip())


NOTHING_TYPED = Entry()


def blanks_in(names: Iterable[str], entries: Mapping[str, Entry]) -> list[str]:
    """The rows in which nothing was typed."""
    return [name for name in names if entries.get(name, NOTHING_TYPED).is_blank]


def with_nil(names: Iterable[str], entries: Mapping[str, Entry]) -> dict[str, Entry]:
    """The entries, with 0 in each row in which nothing was typed."""
    return {**entries, **{name: Entry(value="0") for name in blanks_in(names, entries)}}


def write_opened(entries: Mapping[str, Entry]) -> str:
    """What a form carries of what it was opened with."""
    return json.dumps(
        {name: [typed.value, typed.reason, typed.note] for name, typed in entries.items()}, ensure_ascii=False
    )


def read_opened(text: str) -> dict[str, Entry]:
    """What a form says that it was opened with; nothing for anything that isn't ours."""
    try:
        return {str(name): Entry(*map(str, typed)) for name, typed in json.loads(text).items()}
    except (ValueError, TypeError, AttributeError):
        return {}


@dataclass(frozen=True, slots=True)
class Merged:
    """Two people's entries in one: `entries` to show; `clashes` are the rows that both changed, with
    what the other saved; `taken` the rows that only the other changed, whose entry is in `entries`."""

    entries: dict[str, Entry]
    clashes: dict[str, Entry]
    taken: list[str]


def merge(opened: Mapping[str, Entry], typed: Mapping[str, Entry], saved: Mapping[str, Entry]) -> Merged:
    """Bring together what the form was opened with, what was typed into it, and what somebody else
    saved meanwhile. Nothing that was typed is lost: in a row that both changed it stands, and the
    other's is told beside it."""
    entries, clashes, taken = {}, {}, []
    for name in {**typed, **saved}:
        before, mine, theirs = (side.get(name, NOTHING_TYPED) for side in (opened, typed, saved))
        if mine == before and theirs != before:
            entries[name] = theirs
            taken.append(name)
        else:
            entries[name] = mine
            if theirs not in (before, mine):
                clashes[name] = theirs
    return Merged(entries, clashes, taken)


class PasteRefused(ValueError):
    """A block that doesn't fit the table. Its text is a sentence for the user."""


def paste(text: str, names: Sequence[str], entries: Mapping[str, Entry]) -> tuple[dict[str, Entry], int]:
    """Put a column or a block copied from a spreadsheet into the rows, from the first one on: a line
    a row, its cells parted by tabs: the figure, then why there is none or a note. A blank line or
    cell leaves what is there.

    Returns the entries, and how many rows were filled. Raises PasteRefused.
    """
    lines = text.replace("\r\n", "\n").replace("\r", "\n").rstrip("\n").split("\n")
    if not text.strip():
        raise PasteRefused("Nothing was pasted: copy the column in your spreadsheet, and paste it into the box.")
    if len(lines) > len(names):
        raise PasteRefused(
            f"{len(lines)} rows were pasted, and the table has only {len(names)}. "
            "Nothing was put in: copy just the rows of the table."
        )
    filled, count = dict(entries), 0
    for name, line in zip(names, lines, strict=False):
        entry = _pasted(line.split("\t"), entries.get(name, NOTHING_TYPED))
        if entry != entries.get(name, NOTHING_TYPED):
            filled[name] = entry
            count += 1
    return filled, count


def _pasted(cells: list[str], entry: Entry) -> Entry:
    first, *rest = [cell.strip() for cell in cells]
    for place, cell in enumerate([first, *rest]):
        if not cell:
            continue
        if cell.lower() in READ_AS:
            entry = replace(entry, value="", reason=READ_AS[cell.lower()])
        elif place == 0:
            entry = replace(entry, value=cell, reason="")
        else:
            entry = replace(entry, note=cell)
    return entry
