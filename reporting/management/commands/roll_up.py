"""manage.py roll_up: update a month from its figures, now."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from boards.management.arguments import Refused, find_area, read_month
from boards.models import ReportingPeriod
from core.timetable import SomeFailed
from reporting.months.rollup import roll_up_each_area


class Command(BaseCommand):
    help = (
        "Work out a month again from its signed-off figures, in some areas or in all, as the scheduled job does. "
        "Prints a line for each area to stdout. Exit status: 0 done; 1 done, except for areas that failed; "
        "2 bad use."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("month", metavar="YYYY-MM", help="such as 2026-10")
        parser.add_argument(
            "--area",
            metavar="SLUG",
            action="append",
            dest="areas",
            default=[],
            help="this area only; once for each of several (the default is every area that has the month)",
        )

    def handle(self, *, month: str, areas: list[str], **options: Any) -> None:
        wanted, places = read_month(month), [find_area(slug) for slug in areas]
        periods = ReportingPeriod.objects.filter(starts_on=wanted.first_day)
        for place in places:
            if not periods.filter(area=place).exists():
                raise Refused(f"{place.name} doesn't have {wanted.label}.")
        periods = periods.filter(area__in=places) if places else periods
        if not periods.exists():
            raise Refused(f"No area has {wanted.label}.")
        try:
            for report in roll_up_each_area(periods):
                for period in report.months:
                    done = "rolled up" if period in report.changed else "no change"
                    self.stdout.write(f"{period.area.slug} {period.month}: {done}")
                for period in report.left:
                    self.stdout.write(f"{period.area.slug} {period.month}: changed again, so the next sweep does it")
        except SomeFailed as some:
            raise CommandError(str(some), returncode=1) from some
