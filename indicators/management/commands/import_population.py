"""manage.py import_population: take in how many people live in an area."""

from argparse import ArgumentParser, RawDescriptionHelpFormatter
from pathlib import Path
from typing import Any

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand

from boards.management.arguments import Refused, find_area
from indicators.imports.populations import (
    COLUMNS,
    LARGEST_FILE,
    PopulationFile,
    PopulationsRefused,
    read_population_file,
)
from indicators.management.files import read_content, refuse_faults
from indicators.services.populations import import_populations

DESCRIPTION = f"""\
Take in an area's residents by year and age band from a CSV file: all of them or none. Its first
row is

  {",".join(COLUMNS)}

Rows of other areas are left, by the area's ONS code. age is all, or a band of five years: 10-14,
85+, 90+. What is held stays: a number that differs is added as the next edition.

Prints what was done to stdout and everything else to stderr.
Exit status: 0 done; 2 bad use or a bad file, and nothing was saved."""

EXAMPLE = """\
example:
  manage.py import_population populations.csv --area anytown \\
    --source "Office for National Statistics, mid-year estimates 2024" \\
    --licence "Open Government Licence v3.0\""""


class Command(BaseCommand):
    help = DESCRIPTION

    def create_parser(self, prog_name: str, subcommand: str, **options: Any) -> Any:
        return super().create_parser(
            prog_name, subcommand, formatter_class=RawDescriptionHelpFormatter, epilog=EXAMPLE, **options
        )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", metavar="FILE", help="such as populations.csv, at most 2 MB")
        parser.add_argument("--area", required=True, metavar="SLUG", help="the area's name in addresses: anytown")
        parser.add_argument(
            "--source", required=True, metavar="TEXT", help="whose numbers they are, as shown with them"
        )
        parser.add_argument("--licence", required=True, metavar="TEXT", help="the licence they come under, likewise")

    def handle(self, *, file: str, area: str, source: str, licence: str, **options: Any) -> None:
        place = find_area(area)
        populations = read_file(Path(file))
        if populations.faults:
            refuse_faults(populations.name, populations.faults, stderr=self.stderr)
        try:
            done = import_populations(place, populations, source=source, licence=licence, by=None)
        except ValidationError as fault:
            raise Refused(" ".join(fault.messages)) from None
        self.stdout.write(
            f"{place.name}: {done.new:,} new, {done.corrected:,} corrected by another edition, "
            f"{done.held:,} already held"
        )
        if done.elsewhere:
            rows = "1 row is" if done.elsewhere == 1 else f"{done.elsewhere:,} rows are"
            self.stderr.write(f"{rows} of other areas, and left.")


def read_file(path: Path) -> PopulationFile:
    """Raises Refused."""
    name, content = read_content(path, most=LARGEST_FILE)
    try:
        return read_population_file(content, name_of_file=name)
    except PopulationsRefused as refused:
        raise Refused(f"{name}: {refused} Nothing was saved.") from None
