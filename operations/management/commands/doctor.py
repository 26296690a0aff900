"""manage.py doctor: say in one list what is wrong with this installation."""

from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from operations.doctor import LOOKS, examine

NAMES = [*LOOKS, *settings.CHECKS]


class Command(BaseCommand):
    help = (
        "Say what is right and what is wrong with this installation, a line for each: the settings and what they name "
        "(database, Redis, mail server, store of files, clock, certificate, address), and each check that monitors "
        "read. Run it with the settings of the web server. It changes nothing. Exit status: 0 all is right; 1 "
        "something is wrong; 3 a setting can't be read."
    )
    requires_system_checks = ()  # it runs them itself, and goes on

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--only", nargs="*", choices=NAMES, metavar="NAME", help=f"of {', '.join(NAMES)}")
        parser.add_argument("--send-to", metavar="ADDRESS", default="", help="send a test email there")

    def handle(self, *, only: list[str] | None, send_to: str, **_: Any) -> None:
        wrong = number = 0
        for label, is_right, sentence in examine(only, send_to=send_to):
            number += 1
            wrong += not is_right
            self.stdout.write(f"{'OK    ' if is_right else 'FAILED'}  {label}: {sentence}")
        if wrong:
            raise CommandError(f"FAILED: {wrong} of {number}.", returncode=1)
