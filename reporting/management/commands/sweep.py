"""manage.py sweep: roll up stale months."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from core.timetable import SomeFailed
from reporting.months.rollup import roll_up_each_area, stale_periods


class Command(BaseCommand):
    help = (
        "Roll up every month whose figures changed since it was last rolled up, in every area. The scheduled job "
        "does this each minute. If one area fails, the others go on. Prints how many. Exit status: 0 done; 1 done, "
        "except for areas that failed."
    )

    def handle(self, **options: Any) -> None:
        months = changed = 0
        fault = ""
        try:
            for report in roll_up_each_area(stale_periods(), skip_locked=True):
                months, changed = months + len(report.months), changed + len(report.changed)
        except SomeFailed as some:
            fault = str(some)
        self.stdout.write(f"{months} month{'' if months == 1 else 's'} rolled up, {changed} changed")
        if fault:
            raise CommandError(fault, returncode=1)
