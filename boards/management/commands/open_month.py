"""manage.py open_month: open the months that have started."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from boards.services.months import open_months
from core.timetable import SomeFailed


class Command(BaseCommand):
    help = (
        "Open the missing months up to the current one in every area that reports, as the job does each morning. If an "
        "area has more than one month to open, the clock may be wrong: none opens without --confirm. Prints a "
        "line for each month opened. Exit status: 0 done; 1 if an area waits or failed."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--confirm", action="store_true", help="the date is right: open all of them")

    def handle(self, *, confirm: bool, **options: Any) -> None:
        any_opened = False
        try:
            for period in open_months(is_confirmed=confirm):
                any_opened = True
                self.stdout.write(f"{period.area.slug} {period.month}")
        except SomeFailed as some:
            raise CommandError(f"{some} Use --confirm to open all of them.", returncode=1) from some
        if not any_opened:
            self.stderr.write("There was no month to open.")
