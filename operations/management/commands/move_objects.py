"""manage.py move_objects: move pictures and packs between the database and the store of OBJECTS_URL."""

from argparse import ArgumentParser
from typing import Any

from django.core.files.base import ContentFile
from django.core.management.base import BaseCommand, CommandError
from django.db import transaction

from core.files.objects import DatabaseStorage, Store, Unreadable, check, fetch, get_store, read
from core.models import StoredObject

PLACES = ("s3", "database")


class Command(BaseCommand):
    help = (
        "Move every stored file to the place that --to names, one after the other, while the dashboard is in use. "
        "Each is copied, then read in its new place and compared with its hash. OBJECTS_URL names the store, "
        "whichever way the files move. Files moved out of the store stay there too. Safe to run again: it "
        "continues where the last run stopped. Exit status: 0 all are there; 1 some are not, with a line "
        "for each; 2 wrong arguments."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--to", choices=PLACES, required=True, help="where they should be")

    def handle(self, *, to: str, **_: Any) -> None:
        store = get_store()
        if isinstance(store, DatabaseStorage):
            raise CommandError("Set OBJECTS_URL: it names the store to move from or to.", returncode=2)
        waiting = StoredObject.objects.filter(content__isnull=to == "database").values_list("pk", flat=True)
        moved, faults = 0, []
        for name in list(waiting):
            try:
                moved += self._move(name, to)
            except Unreadable as fault:
                faults.append(str(fault))
        for sentence in faults:
            self.stdout.write(sentence)
        self.stdout.write(f"Moved {moved} of {moved + len(faults)}.")
        if faults:
            raise CommandError("Some files were not moved.", returncode=1)

    @transaction.atomic
    def _move(self, name: str, to: str) -> bool:
        """Move one, with its row locked, so that nobody deletes it meanwhile. Return False if it has gone."""
        stored = StoredObject.objects.select_for_update().filter(pk=name).first()
        if stored is None:
            return False
        content, database = read(stored), DatabaseStorage()
        target: Store = get_store() if to == "s3" else database
        target.save(name, ContentFile(content))
        check(name, fetch(target, name))
        if target is not database:
            database.delete(name)
        return True
