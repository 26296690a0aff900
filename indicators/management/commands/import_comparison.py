"""manage.py import_comparison: take in what other areas counted, by open data."""

from argparse import ArgumentParser, RawDescriptionHelpFormatter
from pathlib import Path
from typing import Any

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand

from boards.management.arguments import Refused, find_area
from indicators.imports.comparisons import (
    COLUMNS,
    LARGEST_FILE,
    ComparisonFile,
    ComparisonsRefused,
    read_comparison_file,
)
from indicators.management.files import read_content, refuse_faults
from indicators.services.comparisons import import_comparisons

DESCRIPTION = f"""\
Take in the monthly counts of other areas, from open data, that an area's own figures are compared
with before and after an event: all of them or none. CSV, and its first row is

  {",".join(COLUMNS)}

indicator is the code of the area's own indicator, month is written 2026-10. Give each series from
its first month to its last: what is held stays, and a series that differs is its next edition.

Prints what was done to stdout and everything else to stderr.
Exit status: 0 done; 2 bad use or a bad file, and nothing was saved."""

EXAMPLE = """\
example:
  manage.py import_comparison towns.csv --area southend \\
    --source "data.police.uk, street-level crime" \\
    --licence "Open Government Licence v3.0\""""


class Command(BaseCommand):
    help = DESCRIPTION

    def create_parser(self, prog_name: str, subcommand: str, **options: Any) -> Any:
        return super().create_parser(
            prog_name, subcommand, formatter_class=RawDescriptionHelpFormatter, epilog=EXAMPLE, **options
        )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", metavar="FILE", help="such as towns.csv, at most 5 MB")
        parser.add_argument("--area", required=True, metavar="SLUG", help="the area's name in addresses: southend")
        parser.add_argument("--source", required=True, metavar="TEXT", help="whose counts they are, as shown with them")
        parser.add_argument("--licence", required=True, metavar="TEXT", help="the licence they come under, likewise")

    def handle(self, *, file: str, area: str, source: str, licence: str, **options: Any) -> None:
        place = find_area(area)
        comparisons = read_file(Path(file))
        if comparisons.faults:
            refuse_faults(comparisons.name, comparisons.faults, stderr=self.stderr)
        try:
            done = import_comparisons(place, comparisons, source=source, licence=licence, by=None)
        except ValidationError as fault:
            raise Refused(" ".join(fault.messages)) from None
        self.stdout.write(
            f"{place.name}: {done.new:,} new series, {done.corrected:,} corrected by another edition, "
            f"{done.held:,} already held"
        )


def read_file(path: Path) -> ComparisonFile:
    """Raises Refused."""
    name, content = read_content(path, most=LARGEST_FILE)
    try:
        return read_comparison_file(content, name_of_file=name)
    except ComparisonsRefused as refused:
        raise Refused(f"{name}: {refused} Nothing was saved.") from None
