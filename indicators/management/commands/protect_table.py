"""manage.py protect_table: small-number protection of one table."""

import sys
from argparse import ArgumentParser
from typing import Any

from boards.management.arguments import ExplainedCommand, Refused
from indicators.imports.protected import (
    MOST_COLUMNS,
    MOST_ROWS,
    NUMBERS,
    TableRefused,
    read_lines,
    read_table,
    write_protected,
)
from indicators.protection import protect

LARGEST_FILE = 5_000_000  # bytes
JSON_LINES = "-"

BELOW, SUPPRESS_TO, BASE = NUMBERS["suppress"]["below"], NUMBERS["round"]["suppress_to"], NUMBERS["round"]["base"]

DESCRIPTION = f"""\
Protect the small numbers of one table with totals. In, as JSON:

  {{"rows": ["October", "November"], "columns": ["London", "Leeds"], "values": [[3, 12], [0, 40]],
   "row_totals": true, "column_totals": true, "grand_total": true,
   "rule": {{"kind": "suppress", "below": 5}}}}

Values are whole numbers, at most {MOST_ROWS} rows by {MOST_COLUMNS} columns. The three flags say which totals
to show (true if left out). Totals are worked out from the values. Rules:

  {{"kind": "suppress", "below": 5}}
      Counts from 1 to 4 are withheld, in cells and in totals. So are as many others as needed, so that
      no one can work them out from what is shown: each could still lie in a range at least 4 wide.
      Everything shown is true. below: {BELOW[1]} to {BELOW[2]}, {BELOW[0]} if left out.
  {{"kind": "round", "suppress_to": 7, "base": 5}}
      Counts from 1 to 7 are withheld. Others are rounded to the nearest 5, and totals from their true
      sums. Totals are also withheld where something would have fewer than three possible true values.
      So are counts above suppress_to whose rounded figure could mean fewer than three, or would be 0.
      suppress_to: {SUPPRESS_TO[1]} to {SUPPRESS_TO[2]}, {SUPPRESS_TO[0]} if left out; \
base: {BASE[1]} to {BASE[2]}, {BASE[0]} if left out.

A zero is always shown. Out, as JSON on one line, with null for what is withheld:

  {{"values":[[null,null],[0,40]],"row_totals":[15,40],"column_totals":[null,null],"grand_total":55}}

row_totals, column_totals and grand_total are null as a whole where you didn't ask for them.
In a table of one row or one column, you can't tell from the withheld counts which of them are small
(docs/protection.md).
The same table always gets the same answer.
Exit status: 0 done; 2 bad use or a bad table, and nothing on stdout."""

EXAMPLE = """\
example:
  manage.py protect_table table.json
  manage.py protect_table < table.json
  manage.py protect_table - < tables.jsonl     JSON Lines: a table a line, an answer a line"""


class Command(ExplainedCommand):
    help, example = DESCRIPTION, EXAMPLE
    requires_system_checks = ()

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "file",
            nargs="?",
            metavar="FILE",
            help="a file of JSON; standard input if left out, - for JSON Lines from it",
        )
        parser.add_argument("--output", metavar="FILE", help="write to this file, not to standard output")

    def handle(self, *, file: str | None, output: str | None, **options: Any) -> None:
        data = read_bytes(None if file == JSON_LINES else file)
        try:
            tables = read_lines(data) if file == JSON_LINES else [read_table(data)]
        except TableRefused as refused:
            raise Refused(str(refused)) from None
        answer = "\n".join(write_protected(protect(table, rule)) for table, rule in tables)
        if output is None:
            self.stdout.write(answer)
            return
        try:
            with open(output, "w", encoding="utf-8") as target:
                target.write(answer + "\n")
        except OSError as fault:
            raise Refused(f"{output} can't be written: {fault.strerror}.") from None


def read_bytes(file: str | None) -> bytes:
    """Raises Refused."""
    try:
        if file is None:
            # One byte more shows that there is more.
            data = sys.stdin.buffer.read(LARGEST_FILE + 1)
        else:
            with open(file, "rb") as source:
                data = source.read(LARGEST_FILE + 1)
    except OSError as fault:
        raise Refused(f"{file} can't be read: {fault.strerror}.") from None
    if len(data) > LARGEST_FILE:
        raise Refused(f"The file is longer than {LARGEST_FILE:,} bytes.")
    return data
