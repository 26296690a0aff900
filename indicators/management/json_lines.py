"""What do the commands that read series share? JSON Lines in, JSON Lines out."""

import json
import sys
from abc import abstractmethod
from collections.abc import Iterator
from typing import Any, BinaryIO

from django.core.management.base import BaseCommand, CommandParser

from boards.management.arguments import Refused
from indicators.imports.series import SeriesRefused, read_object

LONGEST_LINE = 1_000_000  # bytes


class SeriesCommand(BaseCommand):
    """Answers each line with a line of its own: a series with its "id" and results, and a line that can't be read with
    {"line": n, "error": "…"}. Exits 1 if a line was refused."""

    requires_system_checks = ()

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", nargs="?", help="a file of JSON Lines; standard input if left out")
        parser.add_argument("--output", help="write to this file, not to standard output")

    @abstractmethod
    def answer(self, row: dict[str, Any]) -> dict[str, Any]:
        """Return the results for a series. Raises SeriesRefused, with a sentence."""

    def handle(self, *args: Any, file: str | None, output: str | None, **options: Any) -> None:
        try:
            source = open(file, "rb") if file else sys.stdin.buffer  # noqa: SIM115
            target = open(output, "w", encoding="utf-8") if output else self.stdout  # noqa: SIM115
        except OSError as fault:
            raise Refused(f"{fault.filename} can't be opened: {fault.strerror}.") from None
        refused = 0
        for number, line in enumerate(read_lines(source), 1):
            if not line.strip():
                continue
            try:
                answer = self.answer_line(line)
            except SeriesRefused as fault:
                refused += 1
                answer = {"line": number, "error": str(fault)}
            target.write(json.dumps(answer, ensure_ascii=False, separators=(",", ":")) + "\n")
        target.flush()
        if output:
            target.close()
        if refused:
            self.stderr.write(f"{refused} {'line was' if refused == 1 else 'lines were'} refused.")
            sys.exit(1)

    def answer_line(self, line: bytes) -> dict[str, Any]:
        if len(line) > LONGEST_LINE:
            raise SeriesRefused(f"The line is longer than {LONGEST_LINE:,} bytes.")
        row = read_object(line)
        answer = self.answer(row)
        return {"id": row["id"], **answer} if row.get("id") is not None else answer


def read_lines(source: BinaryIO) -> Iterator[bytes]:
    """Yield each line, cut off where it is longer than any series could be. This keeps memory bounded."""
    while line := source.readline(LONGEST_LINE + 1):
        if len(line) > LONGEST_LINE:
            while not line.endswith(b"\n") and (rest := source.readline(LONGEST_LINE)):
                line = line[:LONGEST_LINE] + rest[-1:]
        yield line
