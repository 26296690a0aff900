"""manage.py sweep: roll up whatever is stale."""

from typing import Any

from django.core.management.base import BaseCommand

from reporting.months.rollup import roll_up, stale_periods


class Command(BaseCommand):
    help = (
        "Roll up every month whose figures changed since it was last rolled up, in every area, as the scheduled job "
        "does each minute. Prints how many. Exit status: 0 done."
    )

    def handle(self, **options: Any) -> None:
        report = roll_up(stale_periods(), skip_locked=True)
        months, changed = len(report.months), len(report.changed)
        self.stdout.write(f"{months} month{'' if months == 1 else 's'} rolled up, {changed} changed")
