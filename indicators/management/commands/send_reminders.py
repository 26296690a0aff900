"""manage.py send_reminders: send the reminders that are due today."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from core.services.links import site_address
from indicators.services.reminders import claim_reminders, send_reminder


class Command(BaseCommand):
    help = (
        "Send, in every area, the reminders of returns that are due today and weren't sent before, as the scheduled "
        "job does each morning. Safe to run twice, or beside a worker: no reminder goes out twice. Prints a line for "
        "each to stdout. Exit status: 0 done; 1 done, and some could not be sent."
    )

    def handle(self, **options: Any) -> None:
        failed = total = 0
        for reminder in claim_reminders(today=timezone.localdate()):
            send_reminder(reminder, absolute=site_address)
            total += 1
            failed += bool(reminder.fault)
            place = f"{reminder.period.area.slug} {reminder.period.month} {reminder.agency.code}"
            outcome = f"not sent: {reminder.fault}" if reminder.fault else "sent"
            self.stdout.write(f"{place} {reminder.kind} to {reminder.person.email}: {outcome}")
        if not total:
            self.stderr.write("No reminder is due, or those due were sent before.")
        if failed:
            raise CommandError(
                f"{failed} of {total} could not be sent. The coordinator sees them on the month's returns.",
                returncode=1,
            )
