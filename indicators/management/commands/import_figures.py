"""manage.py import_figures: import years of figures."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.exceptions import ValidationError

from boards.management.arguments import ExplainedCommand, Refused, find_area
from indicators.figures import REASONS
from indicators.imports.figures import COLUMNS, LARGEST_FILE, FigureFile, FiguresRefused, read_figure_file
from indicators.imports.history import History
from indicators.management.catalogues import (
    add_confirmer,
    describe_waiting,
    find_confirmer,
    read_content,
    refuse_faults,
)
from indicators.services.figure_imports import ask_import_of_operator
from indicators.services.past_figures import HistoryRefused, SeriesReport, import_figures
from indicators.trend import OWED

NONE = " or ".join(reason for reason in REASONS if reason not in OWED)
DESCRIPTION = f"""\
Import figures for past months from one file, CSV or a workbook (.xlsx or .ods): all of them or none.
They count once a second person confirms them. Each row is a figure. The header, in the first 12 rows of the file, is

  {",".join(COLUMNS)}

agency, indicator and category are codes. category is empty where an indicator isn't split. month is
written 2026-10, and value is a whole number. Where there is no figure, state is {NONE},
with a note. A row whose state is {" or ".join(OWED)} is skipped. For an indicator that is split, give every
category in a month. You can add a row for the whole, which must be their sum.

The file replaces figures that an earlier file supplied. It never replaces a figure from a return or
a correction: ask for a correction instead. Months are opened as needed.

Prints a line for each indicator to stdout and everything else to stderr.
Exit status: 0 done; 2 bad use or a bad file, and nothing was saved."""

EXAMPLE = """\
example:
  manage.py import_figures --area anytown --confirmed-by ann@council.example history.csv
  manage.py sweep"""


class Command(ExplainedCommand):
    help, example = DESCRIPTION, EXAMPLE

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--area", required=True, metavar="SLUG", help="the area's name in web addresses, such as anytown"
        )
        parser.add_argument(
            "file", metavar="FILE", help="such as history.csv, history.xlsx or history.ods, at most 2 MB"
        )
        add_confirmer(parser)

    def handle(self, *, area: str, file: str, confirmed_by: str | None = None, **options: Any) -> None:
        place = find_area(area)
        confirmer = find_confirmer([place], confirmed_by)
        name, figures = read_file(Path(file))
        if figures.faults:
            refuse_faults(name, figures.faults, stderr=self.stderr)
        waiting = 0
        try:
            if confirmer is not None:
                report = import_figures(place, figures.rows, name_of_file=name, by=confirmer)
            else:
                report, waiting = ask_import_of_operator(place, History(name, figures))
        except HistoryRefused as refused:
            refuse_faults(name, refused.faults, stderr=self.stderr)
        except ValidationError as fault:
            raise Refused(" ".join(fault.messages)) from None
        for series in report.series:
            self.stdout.write(describe_series(series))
        self.stdout.write(f"total: {report.new:,} new, {report.replaced:,} replaced, {report.held:,} already held")
        if report.skipped:
            rows = "1 row brings" if report.skipped == 1 else f"{report.skipped:,} rows bring"
            self.stderr.write(f"{rows} no figure: blank, or awaited.")
        if waiting:
            self.stderr.write(describe_waiting(place, waiting))
        self.say_what_is_stale(place)


def read_file(path: Path) -> tuple[str, FigureFile]:
    """Raises Refused."""
    name, content = read_content(path, most=LARGEST_FILE)
    try:
        return name, read_figure_file(content, name_of_file=name)
    except FiguresRefused as refused:
        raise Refused(f"{name}: {refused} Nothing was saved.") from None


def describe_series(series: SeriesReport) -> str:
    """ "police, pwits: 2016-11 to 2026-10: 118 new, 2 replaced, 0 already held"."""
    span = str(series.first) if series.first == series.last else f"{series.first} to {series.last}"
    return (
        f"{series.agency}, {series.indicator}: {span}: "
        f"{series.new:,} new, {series.replaced:,} replaced, {series.held:,} already held"
    )
