"""Reads a table to protect, as JSON, and writes what may be shown. Pure."""

import json
from typing import Any, NoReturn

from indicators.protection import Protected, Round, Suppress, Table
from indicators.protection.rules import LIMITS

LARGEST = 10**12  # of a count: more than there are people
MOST_ROWS, MOST_COLUMNS = 200, 60
LONGEST_NAME = 200  # characters
LONGEST_NUMBER = 30  # digits; Python itself refuses those of thousands
FLAGS = ("row_totals", "column_totals", "grand_total")
# The numbers of each kind of rule: each one's name, its default, and its sensible range.
NUMBERS: dict[str, dict[str, tuple[int, int, int]]] = {
    "suppress": {"below": (Suppress().below, *LIMITS["below"])},
    "round": {"suppress_to": (Round().suppress_to, *LIMITS["suppress_to"]), "base": (Round().base, *LIMITS["base"])},
}


class TableRefused(ValueError):
    """Raised for a table or rule that can't be used. Its text is a sentence for the user."""


def read_table(data: bytes) -> tuple[Table, Suppress | Round]:
    """Raises TableRefused, with a sentence."""
    table = read_object(data)
    refuse_unknown(table, {"rows", "columns", "values", "rule", *FLAGS}, "a table")
    for name in ("rows", "columns", "values", "rule"):
        if name not in table:
            raise TableRefused(f"“{name}” is missing.")
    rows = read_names(table["rows"], "rows", MOST_ROWS)
    columns = read_names(table["columns"], "columns", MOST_COLUMNS)
    flags = {name: read_flag(table, name) for name in FLAGS}
    return Table(rows, columns, read_values(table["values"], rows, columns), **flags), read_rule(table["rule"])


def read_lines(data: bytes) -> list[tuple[Table, Suppress | Round]]:
    """Return the tables of JSON Lines, a table a line. Empty lines don't count. Raises TableRefused, with the line."""
    tables = []
    for number, line in enumerate(data.splitlines(), start=1):
        if line.strip():
            try:
                tables.append(read_table(line))
            except TableRefused as refused:
                raise TableRefused(f"Line {number}: {refused}") from None
    if not tables:
        raise TableRefused("There is no table.")
    return tables


def read_object(data: bytes) -> dict[str, Any]:
    try:
        # json keeps the last of two equal names and says nothing.
        parsed = json.loads(
            data, parse_constant=refuse_constant, parse_int=read_digits, object_pairs_hook=refuse_repeated
        )
    except TableRefused:
        raise
    except UnicodeDecodeError:
        raise TableRefused("The file is not UTF-8.") from None
    except (ValueError, RecursionError):
        raise TableRefused("The file is not valid JSON.") from None
    if not isinstance(parsed, dict):
        raise TableRefused('The file is not one object, such as {"rows": …, "columns": …, "values": …, "rule": …}.')
    return parsed


def refuse_constant(name: str) -> NoReturn:
    raise TableRefused(f"{name} is not a count.")


def read_digits(digits: str) -> int:
    if len(digits) > LONGEST_NUMBER:
        raise TableRefused(f"A number of {len(digits):,} digits is not a count.")
    return int(digits)


def refuse_repeated(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    values = dict(pairs)
    if len(values) < len(pairs):
        names = [name for name, _ in pairs]
        twice = next(name for name in names if names.count(name) > 1)
        raise TableRefused(f"{quote(twice)} is given twice.")
    return values


def refuse_unknown(fields: dict[str, Any], known: set[str], what: str) -> None:
    for name in fields:
        if name not in known:
            raise TableRefused(f"{quote(name)} is unknown: {what} does not have that name.")


def read_names(names: object, what: str, most: int) -> tuple[str, ...]:
    if not isinstance(names, list) or not 1 <= len(names) <= most:
        raise TableRefused(f"“{what}” must be a list of 1 to {most} names.")
    seen: set[str] = set()
    for place, name in enumerate(names, 1):
        if not isinstance(name, str) or not 1 <= len(name) <= LONGEST_NAME:
            raise TableRefused(f"Name {place} of “{what}” must be a text of 1 to {LONGEST_NAME} characters.")
        if name in seen:
            raise TableRefused(f"“{what}” names {quote(name)} twice.")
        seen.add(name)
    return tuple(names)


def read_values(values: object, rows: tuple[str, ...], columns: tuple[str, ...]) -> tuple[tuple[int, ...], ...]:
    if not isinstance(values, list) or len(values) != len(rows):
        raise TableRefused(f"“values” must be a list of {counted(len(rows), 'row')}, one for each name in “rows”.")
    for name, counts in zip(rows, values, strict=True):
        if not isinstance(counts, list) or len(counts) != len(columns):
            raise TableRefused(
                f"Row {quote(name)} must be a list of {counted(len(columns), 'count')}, one for each column."
            )
        for column, count in zip(columns, counts, strict=True):
            if not is_whole(count) or not 0 <= count <= LARGEST:
                raise TableRefused(
                    f"Row {quote(name)}, column {quote(column)} must be a whole number from 0 to {LARGEST:,}."
                )
    return tuple(tuple(counts) for counts in values)


def read_flag(fields: dict[str, Any], name: str) -> bool:
    flag = fields.get(name, True)
    if not isinstance(flag, bool):
        raise TableRefused(f"“{name}” must be true or false: totals are worked out from the values, not read.")
    return flag


def read_rule(rule: object) -> Suppress | Round:
    kind = rule.get("kind") if isinstance(rule, dict) else None
    if not isinstance(rule, dict) or not isinstance(kind, str) or kind not in NUMBERS:
        raise TableRefused('“rule” must be an object whose “kind” is "suppress" or "round".')
    refuse_unknown(rule, {"kind", *NUMBERS[kind]}, f"a rule of the kind “{kind}”")
    numbers = {}
    for name, (default, least, greatest) in NUMBERS[kind].items():
        number = rule.get(name, default)
        if not is_whole(number) or not least <= number <= greatest:
            raise TableRefused(f"“{name}” in the rule must be a whole number from {least} to {greatest}.")
        numbers[name] = number
    return Suppress(**numbers) if kind == "suppress" else Round(**numbers)


def is_whole(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


def quote(name: str) -> str:
    """Quote a name for a sentence, on one line."""
    return f"“{''.join(letter if letter.isprintable() else '\N{REPLACEMENT CHARACTER}' for letter in name[:40])}”"


def counted(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


def write_protected(protected: Protected) -> str:
    """Return JSON on one line, with null for anything withheld, and for a kind of total that wasn't asked for."""
    return json.dumps(
        {
            "values": protected.values,
            "row_totals": protected.row_totals,
            "column_totals": protected.column_totals,
            "grand_total": protected.grand_total,
        },
        separators=(",", ":"),
    )
