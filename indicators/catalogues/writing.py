"""How is a catalogue written as a file? As TOML, without values that are the default. Pure."""

import json
from collections.abc import Iterator
from dataclasses import MISSING, fields
from typing import Any

from indicators.catalogues.entries import ENTRIES, Catalogue
from indicators.catalogues.reading import CATEGORIES


def write_catalogue(catalogue: Catalogue) -> str:
    lines = ["[catalogue]", f"name = {write_value(catalogue.name)}"]
    settings = list(write_fields(catalogue.settings))
    if settings:
        lines += ["", "[settings]", *settings]
    for name in ENTRIES:
        for entry in getattr(catalogue, name, ()):
            lines += ["", f"[[{name}]]", *write_fields(entry)]
            for category in getattr(entry, "category", ()):
                lines += [f"[[{name}.category]]", *write_fields(category)]
    return "\n".join([*lines, ""])


def write_fields(entry: Any) -> Iterator[str]:
    for column in fields(entry):
        value = getattr(entry, column.name)
        if column.type != CATEGORIES and (column.default is MISSING or value != column.default):
            yield f"{column.name} = {write_value(value, is_long=column.name == 'responsibilities')}"


def write_value(value: Any, *, is_long: bool = False) -> str:
    if isinstance(value, tuple):
        written = [write_value(text) for text in value]
        return "[\n" + "".join(f"  {text},\n" for text in written) + "]" if is_long else f"[{', '.join(written)}]"
    if isinstance(value, str):
        # JSON's escapes are also TOML's, except for one character that TOML accepts only escaped.
        return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")
    return str(value).lower() if isinstance(value, bool) else repr(value)
