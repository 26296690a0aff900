"""A document that is made from the code: written anew, or checked against it."""

from pathlib import Path
from typing import Any, ClassVar

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser


class DocumentCommand(BaseCommand):
    """Write `file`, or with --check say whether it is up to date. A command says what `make` gives."""

    file: ClassVar[Path]
    command: ClassVar[str]

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--check", action="store_true", help="only say whether the file is up to date")

    def make(self) -> str:
        raise NotImplementedError

    def handle(self, *args: Any, check: bool, **options: Any) -> None:
        content, file = self.make(), Path(settings.BASE_DIR) / self.file
        if not check:
            file.write_text(content, encoding="utf-8")
            self.stdout.write(f"Wrote {self.file}.")
        elif not file.exists() or file.read_text(encoding="utf-8") != content:
            raise CommandError(f"{self.file} doesn't match the code: run manage.py {self.command}.")
        else:
            self.stdout.write(f"{self.file} is up to date.")
