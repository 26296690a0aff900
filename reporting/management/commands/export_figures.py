"""manage.py export_figures: print the figures of all months."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from boards.management.arguments import ExplainedCommand, Refused, find_area, read_month
from boards.models import ReportingPeriod
from core.pages import NotHeld
from indicators.disclosure import Audience, AudienceRefused
from indicators.imports.figures import COLUMNS
from reporting.exports.presenters.history import make_history_file
from reporting.management import files
from reporting.public.presenters.files import Wanted

DESCRIPTION = f"""\
Print the figures of an area's months to stdout or to a file. You can choose one indicator or one
month. For partners, each month is in its newest version, even a draft. A row is

  {",".join(COLUMNS)}

as import_figures reads it, so you can import CSV and xlsx again. For the public, the file has what
the newest editions show, and nothing else.

Exit status: 0 done; 2 bad use."""
EXAMPLE = """\
example:
  manage.py export_figures --area anytown --format xlsx --output history.xlsx
  manage.py import_figures --area anytown history.xlsx"""


class Command(ExplainedCommand):
    help, example = DESCRIPTION, EXAMPLE

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--area", required=True, metavar="SLUG", help="the area's name in addresses: anytown")
        parser.add_argument("--indicator", default="", metavar="CODE", help="only this indicator, such as pwits")
        parser.add_argument("--month", default="", metavar="YYYY-MM", help="only this month, such as 2026-10")
        files.add_arguments(parser, usual="csv")

    def handle(
        self,
        *,
        area: str,
        indicator: str,
        month: str,
        audience: str,
        form: str,
        output: Path | None,
        **options: Any,
    ) -> None:
        place = find_area(area)
        wanted = Wanted(indicator, read_month(month) if month else None)
        try:
            file = make_history_file(place, audience=Audience(audience), include_drafts=True, wanted=wanted)
        except (NotHeld, AudienceRefused) as refusal:
            raise Refused(str(refusal)) from None
        if audience == Audience.PARTNERS:
            stale = ReportingPeriod.objects.filter(area=place, stale_since__isnull=False).order_by("starts_on")
            months = [period.month.label for period in stale if wanted.has(period.month)]
            if months:
                self.stderr.write(
                    f"Figures changed since they were rolled up: {', '.join(months)}. Run manage.py sweep."
                )
        files.write(self, file, form, output)
