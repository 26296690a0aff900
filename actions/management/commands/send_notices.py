"""manage.py send_notices: tell people of what they owe the plan."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from actions.presenters.notices import list_names
from actions.services.notices import claim_notices, send_notices
from core.services.links import site_address


class Command(BaseCommand):
    help = (
        "Tell people, in every area, of the challenges that wait for them, of challenges, actions and milestones that "
        "are due soon or overdue, and of actions without an update as a month ends, as the scheduled job does every "
        "ten minutes on working days. One e-mail to a person of all that they weren't told before. Safe to run twice, "
        "or beside a worker: nothing is told twice. Prints a line for each e-mail to stdout. Exit status: 0 done; 1 "
        "done, and some could not be sent."
    )

    def handle(self, **options: Any) -> None:
        failed = total = 0
        for claimed in claim_notices(today=timezone.localdate()):
            first, *_ = send_notices(claimed, absolute=site_address)
            total += 1
            failed += bool(first.fault)
            outcome = f"not sent: {first.fault}" if first.fault else "sent"
            self.stdout.write(f"{first.area.slug} {', '.join(list_names(claimed))} to {first.person.email}: {outcome}")
        if not total:
            self.stderr.write("Nobody is to be told of anything, or was told before.")
        if failed:
            raise CommandError(
                f"{failed} of {total} could not be sent. The coordinator sees them under E-mails that were not sent.",
                returncode=1,
            )
