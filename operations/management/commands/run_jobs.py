"""manage.py run_jobs: run the jobs that are due, once."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from core.jobs import find_clock, run_due_jobs, trust_clock
from operations.health.presenters import describe_doubt


class Command(BaseCommand):
    help = (
        "Run every job that is due, as a worker does each minute when beat wakes it. If you don't run beat, let the "
        "machine's own scheduler run this every few minutes. Safe to run twice, or beside a worker. If the clock has "
        "jumped, daily jobs wait until you confirm the date with --trust-clock. Prints a line for each "
        "job. Exit status: 0 done; 1 if a job failed or the clock has jumped."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--trust-clock", action="store_true", help="the clock of this machine is right: continue with it"
        )

    def handle(self, **options: Any) -> None:
        if options["trust_clock"]:
            trust_clock(by=None)
        failed = 0
        for name, fault in run_due_jobs():
            failed += bool(fault)
            self.stdout.write(f"{name}: {fault or 'done'}")
        doubt = describe_doubt(find_clock())
        if doubt:
            raise CommandError(f"{doubt} If it is right, add --trust-clock.", returncode=1)
        if failed:
            raise CommandError("The next run tries the failed jobs again.", returncode=1)
