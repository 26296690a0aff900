"""manage.py send_letters: send each person their daily e-mail."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from core.mail.daily import load_sources, send_letters
from core.timetable import JobFailed


class Command(BaseCommand):
    help = (
        "Send each person one email about everything new and everything that they have to do today, as the job "
        "does. No one "
        "gets a second one on the same day. Safe to run twice, or beside a worker. Exit status: 0 done; 1 "
        "if the mail server doesn't answer, or a part of the work failed."
    )

    def handle(self, **options: Any) -> None:
        try:
            sent = send_letters(load_sources())
        except JobFailed as failed:
            raise CommandError(str(failed), returncode=1) from failed
        self.stdout.write(
            "There is nothing to send, or everything was sent before." if not sent else f"Emails: {sent}."
        )
