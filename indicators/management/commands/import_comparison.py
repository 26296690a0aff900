"""manage.py import_comparison: import what other areas counted, from open data."""

from boards.models import PartnershipArea
from indicators.imports.open_data import (
    COMPARISON_COLUMNS,
    LARGEST_COMPARISON_FILE,
    ComparisonFile,
    read_comparison_file,
)
from indicators.management.catalogues import OpenDataCommand
from indicators.services.open_data import import_comparisons

DESCRIPTION = f"""\
Import monthly counts of other areas from open data: all of them or none. Pages compare an area's own
figures with them before and after an event. The file is CSV, and its first row is

  {",".join(COMPARISON_COLUMNS)}

indicator is the code of the area's own indicator, and month is written 2026-10. Give each series from
its first month to its last. Saved series stay: a series that differs becomes the next edition.

Prints what was done to stdout and everything else to stderr.
Exit status: 0 done; 2 bad use or a bad file, and nothing was saved."""

EXAMPLE = """\
example:
  manage.py import_comparison towns.csv --area southend \\
    --source "data.police.uk, street-level crime" \\
    --licence "Open Government Licence v3.0\""""


class Command(OpenDataCommand):
    help, example = DESCRIPTION, EXAMPLE
    most, name_of_file, slug = LARGEST_COMPARISON_FILE, "towns.csv", "southend"

    def read(self, content: bytes, name: str) -> ComparisonFile:
        return read_comparison_file(content, name_of_file=name)

    def save(self, area: PartnershipArea, file: ComparisonFile, source: str, licence: str) -> None:
        done = import_comparisons(area, file, source=source, licence=licence, by=None)
        self.stdout.write(
            f"{area.name}: {done.new:,} new series, {done.corrected:,} corrected by a new edition, "
            f"{done.held:,} already held"
        )
