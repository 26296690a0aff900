"""manage.py open_month: open the months that have begun."""

from typing import Any

from django.core.management.base import BaseCommand

from boards.services.months import open_months


class Command(BaseCommand):
    help = (
        "Open, in every area that reports, each month up to the current one that isn't open yet, as the scheduled job "
        "does each morning. Prints a line for each month opened. Exit status: 0 done."
    )

    def handle(self, **options: Any) -> None:
        opened = open_months()
        for period in opened:
            self.stdout.write(f"{period.area.slug} {period.month}")
        if not opened:
            self.stderr.write("No month had to be opened.")
