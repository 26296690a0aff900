import json
import sys
from collections.abc import Iterator
from typing import Any, BinaryIO

from django.core.management.base import BaseCommand, CommandParser

from boards.management.arguments import Refused
from indicators.imports.series import SeriesRefused, read_series, write_chart
from indicators.spc import analyse

LONGEST_LINE = 1_000_000  # bytes


class Command(BaseCommand):
    help = (
        "The control-chart arithmetic: reads series as JSON Lines, writes a line for each. In: "
        '{"id", "values": [1, null, …], "improvement": "higher"|"lower"|"neutral", "target", "step_changes": '
        '[index, …], "baseline_points", "screen_outliers"}; only "values" is needed (neutral; no target, no steps, '
        'all points, screened). Out: {"mean", "lower", "upper", "signal", "judgement"} with an entry for each point, '
        '"variation" and "assurance"; for a line that can\'t be read {"line": n, "error": "…"}. Exits 0, or 1 when a '
        "line was refused."
    )
    requires_system_checks = ()

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", nargs="?", help="a file of JSON Lines; standard input if it isn't given")
        parser.add_argument("--output", help="write to this file, not to standard output")

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
                answer = analyse_line(line)
            except SeriesRefused as fault:
                refused += 1
                answer = error_line(number, str(fault))
            target.write(answer + "\n")
        target.flush()
        if output:
            target.close()
        if refused:
            self.stderr.write(f"{refused} {'line was' if refused == 1 else 'lines were'} refused.")
            sys.exit(1)


def read_lines(source: BinaryIO) -> Iterator[bytes]:
    """Each line, cut off where it is longer than any series could be: memory stays bounded."""
    while line := source.readline(LONGEST_LINE + 1):
        if len(line) > LONGEST_LINE:
            while not line.endswith(b"\n") and (rest := source.readline(LONGEST_LINE)):
                line = line[:LONGEST_LINE] + rest[-1:]
        yield line


def analyse_line(line: bytes) -> str:
    if len(line) > LONGEST_LINE:
        raise SeriesRefused(f"The line is longer than {LONGEST_LINE:,} bytes.")
    series = read_series(line)
    chart = analyse(
        series.values,
        polarity=series.polarity,
        target=series.target,
        step_changes=series.step_changes,
        baseline_points=series.baseline_points,
        screen_outliers=series.screen_outliers,
    )
    return write_chart(chart)


def error_line(number: int, sentence: str) -> str:
    return json.dumps({"line": number, "error": sentence}, ensure_ascii=False)
