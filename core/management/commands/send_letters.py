"""manage.py send_letters: send each person the letter of the day."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from core.jobs import JobFailed
from core.services.day_letters import load_sources, send_letters
from core.services.links import site_address


class Command(BaseCommand):
    help = (
        "Send each person, in one letter, what is due for them today and wasn't told before, as the job does. "
        "Whoever got a letter today gets none. Safe to run twice, or beside a worker. Exit status: 0 done; 1 the mail "
        "server is away, or not all that is due could be found."
    )

    def handle(self, **options: Any) -> None:
        try:
            sent = send_letters(load_sources(), absolute=site_address)
        except JobFailed as failed:
            raise CommandError(str(failed), returncode=1) from failed
        self.stdout.write("Nobody is to be told of anything, or was told before." if not sent else f"Letters: {sent}.")
