"""What would a newer catalogue change in an area? Pure."""

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, fields
from hashlib import sha256
from typing import Any

from core.labels import Labelled
from indicators.catalogues.entries import ENTRIES, Catalogue, Entry

# Fields that aren't compared: choices, orders, and entries that are compared one by one.
LEFT = {"optional", "category", "order"}
# Only new entries of these kinds count: each area uses its own names for its agencies.
OWN = {"agency"}


class Act(Labelled):
    ADDED = "added", "New"
    CHANGED = "changed", "Changed"
    GONE = "gone", "Not in the catalogue: stays as it is"
    RETIRED = "retired", "Retired here: stays retired"


@dataclass(frozen=True, slots=True)
class FieldChange:
    field: str
    before: Any
    after: Any

    @property
    def words(self) -> tuple[str, str, str]:
        """Return the field, its old value and its new one; for a list, what is removed and what is added."""
        before, after = self.before, self.after
        if isinstance(before, tuple):
            before = tuple(text for text in self.before if text not in self.after)
            after = tuple(text for text in self.after if text not in self.before)
        return self.field.replace("_", " "), describe_value(before), describe_value(after)


@dataclass(frozen=True, slots=True)
class Difference:
    """What would happen to one entry. A category is named with its dimension: origin.london."""

    act: Act
    kind: str
    code: str
    title: str
    changes: tuple[FieldChange, ...] = ()

    @property
    def is_taken(self) -> bool:
        """Return whether taking the catalogue would change this entry."""
        return self.act in (Act.ADDED, Act.CHANGED)

    @property
    def is_redefined(self) -> bool:
        return self.kind == "indicator" and any(change.field == "definition" for change in self.changes)

    @property
    def key(self) -> tuple[str, str]:
        return self.kind, self.code


def fingerprint(differences: Iterable[Difference]) -> str:
    """Return a digest of the differences. It shows whether they have changed since somebody looked at them."""
    # Entries are strings, numbers and tuples, so the text is the same in each process.
    return sha256(repr(list(differences)).encode()).hexdigest()


def compare(held: Catalogue, newer: Catalogue, *, retired: Collection[tuple[str, str]] = ()) -> list[Difference]:
    """List the differences between an area and a newer catalogue: what is new, what changes, and what only the area
    has. `retired` holds the kind and code of each entry that the area has retired. Settings and orders aren't compared:
    each area has its own."""
    found = []
    before, after = dict(list_entries(held)), dict(list_entries(newer))
    for key, entry in after.items():
        if key in retired:
            found.append(Difference(Act.RETIRED, *key, get_title(entry)))
        elif key not in before:
            found.append(Difference(Act.ADDED, *key, get_title(entry)))
        elif key[0] not in OWN and (changes := list_changes(before[key], entry)):
            found.append(Difference(Act.CHANGED, *key, get_title(entry), changes))
    found += [Difference(Act.GONE, *key, get_title(entry)) for key, entry in before.items() if key not in after]
    return found


def list_entries(catalogue: Catalogue) -> Iterator[tuple[tuple[str, str], Entry]]:
    """Yield each entry with its kind and its code."""
    for kind in ENTRIES:
        for entry in getattr(catalogue, kind, ()):
            yield (kind, entry.code), entry
            for category in getattr(entry, "category", ()):
                yield ("category", f"{entry.code}.{category.code}"), category


def get_title(entry: Any) -> str:
    return str(getattr(entry, "title", "") or entry.name)


def list_changes(before: Any, after: Any) -> tuple[FieldChange, ...]:
    pairs = [
        FieldChange(field.name, getattr(before, field.name), getattr(after, field.name))
        for field in fields(before)
        if field.name not in LEFT
    ]
    return tuple(pair for pair in pairs if in_any_order(pair.before) != in_any_order(pair.after))


def in_any_order(value: Any) -> Any:
    """Boards are compared as a set, and so are a board's responsibilities."""
    return frozenset(value) if isinstance(value, tuple) else value


def describe_value(value: Any) -> str:
    if isinstance(value, tuple):
        return "; ".join(value) or "none"
    if isinstance(value, bool):
        return "yes" if value else "no"
    return "none" if value in (None, "") else str(value)
