"""manage.py import_population: import how many people live in an area."""

from boards.models import PartnershipArea
from indicators.imports.open_data import (
    LARGEST_POPULATION_FILE,
    POPULATION_COLUMNS,
    PopulationFile,
    read_population_file,
)
from indicators.management.catalogues import OpenDataCommand
from indicators.services.open_data import import_populations

DESCRIPTION = f"""\
Import an area's residents by year and age band from a CSV file: all of them or none. Its first
row is

  {",".join(POPULATION_COLUMNS)}

Rows with another area's ONS code are left out. age is all, or a band of five years, such as 10-14,
85+ or 90+. Saved numbers stay: a number that differs becomes the next edition.

Prints what was done to stdout and everything else to stderr.
Exit status: 0 done; 2 bad use or a bad file, and nothing was saved."""

EXAMPLE = """\
example:
  manage.py import_population populations.csv --area anytown \\
    --source "Office for National Statistics, mid-year estimates 2024" \\
    --licence "Open Government Licence v3.0\""""


class Command(OpenDataCommand):
    help, example = DESCRIPTION, EXAMPLE
    most, name_of_file, slug = LARGEST_POPULATION_FILE, "populations.csv", "anytown"

    def read(self, content: bytes, name: str) -> PopulationFile:
        return read_population_file(content, name_of_file=name)

    def save(self, area: PartnershipArea, file: PopulationFile, source: str, licence: str) -> None:
        done = import_populations(area, file, source=source, licence=licence, by=None)
        self.stdout.write(
            f"{area.name}: {done.new:,} new, {done.corrected:,} corrected by a new edition, {done.held:,} already held"
        )
        if done.elsewhere:
            rows = "1 row is" if done.elsewhere == 1 else f"{done.elsewhere:,} rows are"
            self.stderr.write(f"{rows} for other areas, and left out.")
