"""Where does the file of a command go? Shared by the commands that export figures."""

from argparse import ArgumentParser
from pathlib import Path

from django.core.management.base import BaseCommand

from boards.management.arguments import Refused
from core.files import KINDS, DataFile, as_plain_csv
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
