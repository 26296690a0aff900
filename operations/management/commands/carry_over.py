"""manage.py carry_over: let a database from before version 0.2.0 be migrated."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import connection

from operations.releases import LAST_OLD_COMMIT, NotCarriedOver, carry_over


class Command(BaseCommand):
    help = (
        "Carry a database from before version 0.2.0 over to this release: call its migrations by their new names. Make "
        f"a backup first, and bring it up to date with the code of commit {LAST_OLD_COMMIT}. After it, run manage.py "
        "migrate. Exit status: 0 done; 1 if it isn't such a database, or not up to date; nothing has changed then."
    )
    requires_system_checks = ()  # those of the database refuse it

    def handle(self, **_: Any) -> None:
        try:
            carry_over(connection)
        except NotCarriedOver as fault:
            raise CommandError(str(fault), returncode=1) from None
        self.stdout.write("Carried over. Now run manage.py migrate.")
