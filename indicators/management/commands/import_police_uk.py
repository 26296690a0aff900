"""manage.py import_police_uk: take in months of street-level crime from data.police.uk."""

import os
from argparse import ArgumentParser, RawDescriptionHelpFormatter
from pathlib import Path
from typing import Any

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand
from django.utils import timezone

from boards.management.arguments import Refused, find_area
from boards.models import ReportingPeriod
from indicators.imports.police_uk import PoliceFileRefused, PoliceMonth, count_crimes
from indicators.services.imports import FigureImported, ImportResult, import_police_months

DESCRIPTION = """\
Count the drug, weapon and violence offences of a place in street-level crime files of
data.police.uk, one month a file, and save the counts as an area's figures police-drugs,
police-weapons and police-violence.

Files may come in any order and with months missing. A month that was imported before is
replaced, and the line says so. All files are checked first: if one is refused, none is saved.

Prints a line for each file to stdout and everything else to stderr.
Exit status: 0 done; 2 bad use or a bad file, and nothing was saved."""

EXAMPLE = """\
example:
  manage.py import_police_uk --area southend --lsoa-name Southend-on-Sea 2018-0*-essex-street.csv
  manage.py sweep"""


class Command(BaseCommand):
    help = DESCRIPTION

    def create_parser(self, prog_name: str, subcommand: str, **options: Any) -> Any:
        return super().create_parser(
            prog_name, subcommand, formatter_class=RawDescriptionHelpFormatter, epilog=EXAMPLE, **options
        )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--area", required=True, metavar="SLUG", help="the area's name in addresses: southend")
        parser.add_argument(
            "--lsoa-name",
            required=True,
            metavar="TEXT",
            help="count the rows whose LSOA name begins with this, letter for letter: Southend-on-Sea",
        )
        parser.add_argument("files", nargs="+", metavar="FILE", help="such as 2018-07-essex-street.csv")

    def handle(self, *, area: str, lsoa_name: str, files: list[str], **options: Any) -> None:
        if not lsoa_name.strip():
            raise Refused("--lsoa-name is empty, and every row would count. Give the beginning of the LSOA names.")
        place = find_area(area)
        counted = [read_file(Path(file), lsoa_name=lsoa_name) for file in files]
        try:
            results = import_police_months(place, counted, by=None)
        except ValidationError as fault:
            raise Refused(" ".join(fault.messages)) from None
        for month, result in zip(counted, results, strict=True):
            self.stdout.write(describe_result(result))
            self.stderr.write(
                f"{month.name_of_file}: {month.rows_read:,} rows, {month.rows_matched:,} of them in “{lsoa_name}”; "
                f"{month.rows_without_lsoa:,} have no LSOA and count nowhere."
            )
        stale = ReportingPeriod.objects.filter(area=place, stale_since__isnull=False).count()
        if stale:
            self.stderr.write(
                f"{stale} month{'s' if stale > 1 else ''} of {place.name} to roll up: run manage.py sweep, "
                "or leave it to the scheduled job."
            )


def read_file(path: Path, *, lsoa_name: str) -> PoliceMonth:
    # A name that isn't UTF-8 can be opened, but neither printed nor saved.
    name = os.fsencode(path.name).decode(errors="replace")
    try:
        with path.open("rb") as stream:
            return count_crimes(stream, lsoa_name=lsoa_name, name_of_file=name, today=timezone.localdate())
    except OSError as fault:
        raise Refused(f"{name or path} can't be read: {(fault.strerror or str(fault)).lower()}.") from None
    except PoliceFileRefused as fault:
        raise Refused(str(fault)) from None


def describe_result(result: ImportResult) -> str:
    """ "2018-07: police-drugs 24, police-weapons 10 (replaces 12), police-violence 746"."""
    figures = ", ".join(describe_figure(figure) for figure in result.figures)
    return f"{result.month}: {figures}{'' if result.has_changed else ' (nothing new)'}"


def describe_figure(figure: FigureImported) -> str:
    return f"{figure.code} {figure.value}{f' (replaces {figure.was})' if figure.is_replaced else ''}"
