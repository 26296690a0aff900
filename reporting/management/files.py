"""The files of commands: where an export goes, and documents that a command keeps up to date."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any, ClassVar

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from boards.management.arguments import Refused
from core.files.tables import KINDS, DataFile, as_plain_csv
from indicators.disclosure import Audience


def add_arguments(parser: ArgumentParser, *, usual: str) -> None:
    """Add the options of an export: the audience, the format and the output."""
    parser.add_argument(
        "--audience",
        choices=[audience.value for audience in Audience],
        default=Audience.PARTNERS.value,
        help="for whom: partners under the information-sharing agreement (the default) or the public",
    )
    parser.add_argument("--format", dest="form", choices=list(KINDS), default=usual, help=f"the default is {usual}")
    parser.add_argument("--output", type=Path, metavar="FILE", help="write to this file, not to stdout")


def write(command: BaseCommand, file: DataFile, kind: str, output: Path | None) -> None:
    """Write the file. Raises Refused, with a sentence."""
    # What reads the output of a command is a program, so CSV has no byte order mark.
    content = as_plain_csv(file) if kind == "csv" else KINDS[kind].write(file)
    if output is not None:
        try:
            output.write_bytes(content)
        except OSError as fault:
            raise Refused(f"{output} can't be written: {(fault.strerror or str(fault)).lower()}.") from None
    elif KINDS[kind].is_text:
        command.stdout.write(content.decode(), ending="")
    else:
        binary = getattr(command.stdout, "buffer", None)
        if binary is None or command.stdout.isatty():
            raise Refused("A workbook isn’t text. Name a file with --output, or redirect with >.")
        binary.write(content)
        binary.flush()


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
