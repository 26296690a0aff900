"""Reads a catalogue from its TOML file, says what is wrong with it, and writes one. Pure."""

import json
import re
import tomllib
from collections import Counter
from collections.abc import Collection, Iterator, Mapping
from dataclasses import MISSING, fields
from functools import cache
from itertools import chain
from math import isfinite
from pathlib import Path
from typing import Any, get_type_hints

from core.texts import LONGEST_TEXT, NULL, shown
from indicators.catalogues.entries import (
    ENTRIES,
    INSIDE,
    REFERENCES,
    Catalogue,
    CategoryEntry,
    Entry,
    PathwayEntry,
    RuleEntry,
    Settings,
    StepEntry,
    code_of,
    list_inside,
)
from indicators.figures import shorten
from indicators.openness import Openness
from indicators.validation import Term

STARTER = Path(__file__).parent / "starter.toml"
LARGEST_FILE = 1024 * 1024  # bytes
MOST_ENTRIES = 500  # of a kind
HEAD = ("catalogue", "settings")
# A key of very many parts, a.b.c…: reading it takes time and room that grow with the square of its length.
ENDLESS_KEY = re.compile(r"""(?<![\w-])(?:(?:[\w-]++|"[^"\n]*+"|'[^'\n]*+')[ \t]*+\.[ \t]*+){20}""")


def is_text(value: Any) -> bool:
    """Return whether a database can store this text."""
    return isinstance(value, str) and NULL not in value


# What each type of field accepts: a test for a value, and the type's name in a sentence.
FITS: dict[Any, tuple[Any, str]] = {
    str: (is_text, "text in quotes"),
    bool: (lambda value: isinstance(value, bool), "true or false"),
    bool | None: (lambda value: isinstance(value, bool), "true or false"),
    int: (lambda value: isinstance(value, int) and not isinstance(value, bool), "a whole number"),
    int | None: (lambda value: isinstance(value, int) and not isinstance(value, bool), "a whole number"),
    float | None: (
        lambda value: isinstance(value, int | float) and not isinstance(value, bool) and isfinite(value),
        "a number",
    ),
    tuple[str, ...]: (
        lambda value: isinstance(value, list) and all(map(is_text, value)),
        "a list of texts in quotes",
    ),
}
LIST_OF_TEXTS = tuple[str, ...]
OF_ENTRIES = (tuple[CategoryEntry, ...], tuple[StepEntry, ...])  # entries inside another


class CatalogueRefused(Exception):
    """Raised for a catalogue with faults. It has a sentence for each of them."""

    def __init__(self, *faults: str) -> None:
        super().__init__(" ".join(faults))
        self.faults = faults


@cache
def read_starter() -> Catalogue:
    """Return the catalogue that every new area is offered."""
    return read_catalogue(STARTER.read_bytes())


def read_catalogue(content: bytes) -> Catalogue:
    """Read a catalogue. Raises CatalogueRefused with every fault."""
    if len(content) > LARGEST_FILE:
        raise CatalogueRefused("A catalogue has at most 1 MB.")
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise CatalogueRefused("It isn’t text in UTF-8.") from None
    if key := ENDLESS_KEY.search(text):
        line = text.count("\n", 0, key.start()) + 1
        raise CatalogueRefused(
            f"Line {line:,} has a key with too many parts. Write each entry as in a downloaded catalogue."
        )
    try:
        tables = tomllib.loads(text)
    except (tomllib.TOMLDecodeError, RecursionError) as fault:
        raise CatalogueRefused(f"It can’t be read as TOML: {fault}.") from None
    except ValueError:  # Python doesn't read numbers of thousands of digits
        raise CatalogueRefused("It has a number with too many digits.") from None
    reader = Reader()
    catalogue = reader.read(tables)
    # Faults between entries mean nothing while entries are faulty.
    faults = reader.faults or list(find_faults(catalogue))
    if faults:
        raise CatalogueRefused(*faults)
    return catalogue


class Reader:
    """Reads a whole file and collects its faults. If there is a fault, don't use anything that it returned."""

    def __init__(self) -> None:
        self.faults: list[str] = []

    def read(self, tables: dict[str, Any]) -> Catalogue:
        kinds = [name for name in ENTRIES if name not in INSIDE]
        for unknown in tables.keys() - {*kinds, *HEAD}:
            self.faults.append(f"A catalogue has no part called “{shorten(unknown)}”.")
        head = self.table(tables, "catalogue")
        if not isinstance(head.get("name"), str) or not head.get("name"):
            self.faults.append("The catalogue has no name. Add it as name under [catalogue].")
        else:
            self.check_length(head["name"], "Shorten the catalogue’s name")
        for unknown in head.keys() - {"name"}:
            self.faults.append(f"[catalogue] has an unknown entry, “{shorten(unknown)}”.")
        settings = self.entry(Settings, self.table(tables, "settings"), "[settings]")
        return Catalogue(
            name=str(head.get("name")), settings=settings, **{name: self.entries(tables, name) for name in kinds}
        )

    def table(self, tables: dict[str, Any], name: str) -> dict[str, Any]:
        table = tables.get(name, {})
        if isinstance(table, dict):
            return table
        self.faults.append(f"Write [{name}] as a table.")
        return {}

    def entries(self, tables: dict[str, Any], name: str) -> tuple[Any, ...]:
        rows = tables.get(name, [])
        if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
            self.faults.append(f"Write each {name} as a table of its own: [[{name}]].")
            return ()
        kind, plural = ENTRIES[name]
        if len(rows) > MOST_ENTRIES:
            self.faults.append(f"There are {len(rows):,} {plural}: a catalogue has at most {MOST_ENTRIES}.")
            return ()
        return tuple(self.entry(kind, row, describe(name, row, number)) for number, row in enumerate(rows, start=1))

    def entry(self, kind: type[Any], row: dict[str, Any], what: str) -> Any:
        types = get_type_hints(kind)
        for unknown in row.keys() - types.keys():
            self.faults.append(f"{what} has an unknown entry, “{shorten(unknown)}”.")
        values: dict[str, Any] = {}
        for column in fields(kind):
            is_needed = column.default is MISSING
            if column.name not in row:
                if is_needed:
                    self.faults.append(f"{what} has no {name_field(column.name)}.")
                continue
            values[column.name] = self.value(types[column.name], row, column.name, what)
            if is_needed and not any(map(shown, texts_of(values[column.name]))):
                self.faults.append(f"{what} has an empty {name_field(column.name)}.")
        # With "" for what is missing, reading goes on and finds the other faults.
        return kind(**{field.name: "" for field in fields(kind) if field.default is MISSING} | values)

    def value(self, kind: Any, row: dict[str, Any], name: str, what: str) -> Any:
        if kind in OF_ENTRIES:
            return self.entries(row, name)
        fits, words = FITS[kind]
        if not fits(row[name]):
            self.faults.append(f"{what}: its {name_field(name)} must be {words}.")
            return () if kind == LIST_OF_TEXTS else ""
        for text in (row[name],) if kind is str else row[name] if kind == LIST_OF_TEXTS else ():
            self.check_length(text, f"{what}: shorten its {name_field(name)}")
        if kind == float | None:
            return float(row[name])
        return tuple(row[name]) if kind == LIST_OF_TEXTS else row[name]

    def check_length(self, text: str, ask: str) -> None:
        if len(text) > LONGEST_TEXT:
            self.faults.append(f"{ask} to {LONGEST_TEXT:,} characters; it has {len(text):,}.")


def texts_of(value: str | tuple[str, ...]) -> tuple[str, ...]:
    return value if isinstance(value, tuple) else (value,)


def name_field(field: str) -> str:
    """Return a field's name as the file writes it, for a sentence."""
    return field.replace("_", " ")


def describe(name: str, row: dict[str, Any], number: int) -> str:
    code = row.get("code")
    return f"The {name} “{shorten(code)}”" if isinstance(code, str) and code else f"{name.capitalize()} {number}"


def find_faults(catalogue: Catalogue) -> Iterator[str]:
    """Yield a sentence for each fault between entries: repeated codes, and names of missing entries."""
    yield from find_twice(catalogue)
    for inner, holder in INSIDE.items():
        for entry in getattr(catalogue, holder):
            codes = Counter(part.code for part in getattr(entry, inner))
            for code in (code for code, number in codes.items() if number > 1):
                yield f"The {holder} “{entry.code}” has the {inner} “{code}” twice."
    yield from find_unknown(catalogue)


def find_twice(catalogue: Catalogue) -> Iterator[str]:
    for name, (_, plural) in ENTRIES.items():
        entries: tuple[Entry, ...] = getattr(catalogue, name, ())
        for code, number in Counter(entry.code for entry in entries).items():
            if number > 1:
                yield f"{number} {plural} have the code “{shorten(code)}”: give each its own."


def find_unknown(catalogue: Catalogue) -> Iterator[str]:
    """Yield a sentence for each reference to a missing entry; if there are none, for each circle of references."""
    codes = {name: {entry.code for entry in getattr(catalogue, name, ())} for name in ENTRIES}
    for board in catalogue.board:
        for code in board.order:
            if code not in codes["indicator"]:
                yield (
                    f"The order of the board “{board.code}” names the indicator “{shorten(code)}”, which is not in the "
                    "catalogue."
                )
    yield from chain.from_iterable(find_rule_faults(rule, codes["indicator"]) for rule in catalogue.rule)
    yield from chain.from_iterable(find_pathway_faults(pathway, codes) for pathway in catalogue.pathway)
    is_whole = True
    for entry in catalogue.indicator:
        if entry.openness not in list(Openness):
            known = ", ".join(f"“{openness}”" for openness in Openness)
            yield f"The indicator “{entry.code}”: its openness must be one of {known}."
        named = [(name, kind, getattr(entry, name)) for name, kind in REFERENCES.items()]
        named += [("boards", "board", code) for code in entry.boards]
        for name, kind, code in named:
            if code and code not in codes[kind]:
                is_whole = False
                yield (
                    f"The indicator “{entry.code}”: its {name_field(name)} names “{shorten(code)}”, "
                    f"but the catalogue has no such {kind}."
                )
    if is_whole:
        yield from find_circles(catalogue)


def find_rule_faults(rule: RuleEntry, indicators: Collection[str]) -> Iterator[str]:
    for text in (*rule.left, *rule.right):
        try:
            Term.parse(text)
        except ValueError as fault:
            yield f"The rule “{rule.code}”: {fault}"
            continue
        if code_of(text) not in indicators:
            yield f"The rule “{rule.code}” names “{shorten(text)}”, but the catalogue has no such indicator."


def find_pathway_faults(pathway: PathwayEntry, codes: Mapping[str, Collection[str]]) -> Iterator[str]:
    for step in pathway.step:
        for kind, code in (("agency", step.agency), ("indicator", step.indicator)):
            if code and code not in codes[kind]:
                yield (
                    f"The step “{step.code}” of “{pathway.code}” names the {kind} “{shorten(code)}”, but the catalogue "
                    "doesn’t have it."
                )
        if step.category and not step.indicator:
            yield f"The step “{step.code}” of “{pathway.code}” names a category, but no indicator."


def find_circles(catalogue: Catalogue) -> Iterator[str]:
    needs = {entry.code: entry.needs for entry in catalogue.indicator}
    for code, needed in needs.items():
        reached, waiting = set[str](), list(needed)
        while waiting:
            other = waiting.pop()
            if other not in reached:
                reached.add(other)
                waiting += needs[other]
        if code in reached:
            yield f"The indicator “{code}” is a part of itself, or worked out from itself."


def write_catalogue(catalogue: Catalogue) -> str:
    lines = ["[catalogue]", f"name = {write_value(catalogue.name)}"]
    settings = list(write_fields(catalogue.settings))
    if settings:
        lines += ["", "[settings]", *settings]
    for name in ENTRIES:
        for entry in getattr(catalogue, name, ()):
            lines += ["", f"[[{name}]]", *write_fields(entry)]
            for inner, part in list_inside(name, entry):
                lines += [f"[[{name}.{inner}]]", *write_fields(part)]
    return "\n".join([*lines, ""])


def write_fields(entry: Any) -> Iterator[str]:
    for column in fields(entry):
        value = getattr(entry, column.name)
        if column.type not in OF_ENTRIES and (column.default is MISSING or value != column.default):
            yield f"{column.name} = {write_value(value, is_long=column.name == 'responsibilities')}"


def write_value(value: Any, *, is_long: bool = False) -> str:
    if isinstance(value, tuple):
        written = [write_value(text) for text in value]
        return "[\n" + "".join(f"  {text},\n" for text in written) + "]" if is_long else f"[{', '.join(written)}]"
    if isinstance(value, str):
        # JSON's escapes are also TOML's, except for one character that TOML accepts only escaped.
        return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")
    return str(value).lower() if isinstance(value, bool) else repr(value)
