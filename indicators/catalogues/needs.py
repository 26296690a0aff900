"""Which entries of a newer catalogue have to be taken together? Pure."""

from collections.abc import Collection, Iterator, Mapping
from typing import Any

from indicators.catalogues.choosing import is_offered
from indicators.catalogues.comparing import Act, Difference, list_entries
from indicators.catalogues.entries import REFERENCES, Catalogue

type Key = tuple[str, str]


def complete(wanted: Collection[Key], differences: list[Difference], newer: Catalogue) -> set[Key]:
    """Return what is wanted, with every new entry that it needs, such as an indicator's section or the counts behind a
    ratio."""
    added = {found.key for found in differences if found.act is Act.ADDED}
    entries = dict(list_entries(newer))
    needs = {key: set(list_needs(key, entries)) & added for key in added | set(wanted)}
    taken, waiting = set[Key](), list(wanted)
    while waiting:
        key = waiting.pop()
        if key not in taken:
            taken.add(key)
            waiting += needs[key]
    return taken


def list_needs(key: Key, entries: Mapping[Key, Any]) -> Iterator[Key]:
    kind, code = key
    if kind == "category":
        yield "dimension", code.partition(".")[0]
    if kind == "dimension":
        yield from (other for other in entries if other[0] == "category" and other[1].startswith(f"{code}."))
    if kind == "indicator" and key in entries:
        named = ((other, getattr(entries[key], field)) for field, other in REFERENCES.items())
        yield from ((other, name) for other, name in named if name)


def list_offered(differences: list[Difference], newer: Catalogue) -> list[Difference]:
    """List what somebody chooses by itself. A new entry that only another needs is taken with that other."""
    added = {found.key for found in differences if found.act is Act.ADDED}
    counts = {entry.code for entry in newer.indicator if not is_offered(entry, newer)}

    def comes_along(found: Difference) -> bool:
        if found.act is not Act.ADDED:
            return False
        of_new = found.kind == "category" and ("dimension", found.code.partition(".")[0]) in added
        return (
            found.kind in ("agency", "section", "dimension")
            or of_new
            or (found.kind == "indicator" and found.code in counts)
        )

    return [found for found in differences if found.is_taken and not comes_along(found)]
