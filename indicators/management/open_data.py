"""How does a command import open data about an area, with its source and licence?"""

from abc import abstractmethod
from argparse import ArgumentParser, RawDescriptionHelpFormatter
from pathlib import Path
from typing import Any

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand

from boards.management.arguments import Refused, find_area
from boards.models import PartnershipArea
from indicators.imports.open_data import FileRefused
from indicators.management.files import read_content, refuse_faults


class OpenDataCommand(BaseCommand):
    """Imports all of a file or nothing. `example` is printed below the help. `most` is the largest size of a file, in
    bytes."""

    example: str
    most: int
    name_of_file: str
    slug: str

    def create_parser(self, prog_name: str, subcommand: str, **options: Any) -> Any:
        formatter = RawDescriptionHelpFormatter
        return super().create_parser(prog_name, subcommand, formatter_class=formatter, epilog=self.example, **options)

    def add_arguments(self, parser: ArgumentParser) -> None:
        largest = f"such as {self.name_of_file}, at most {self.most // 1024**2} MB"
        parser.add_argument("file", metavar="FILE", help=largest)
        parser.add_argument(
            "--area", required=True, metavar="SLUG", help=f"the area's name in web addresses, such as {self.slug}"
        )
        parser.add_argument(
            "--source", required=True, metavar="TEXT", help="where the numbers are from, as pages show it"
        )
        parser.add_argument("--licence", required=True, metavar="TEXT", help="their licence, as pages show it")

    def handle(self, *, file: str, area: str, source: str, licence: str, **options: Any) -> None:
        place = find_area(area)
        name, content = read_content(Path(file), most=self.most)
        try:
            found = self.read(content, name)
        except FileRefused as refused:
            raise Refused(f"{name}: {refused} Nothing was saved.") from None
        if found.faults:
            refuse_faults(found.name, found.faults, stderr=self.stderr)
        try:
            self.save(place, found, source, licence)
        except ValidationError as fault:
            raise Refused(" ".join(fault.messages)) from None

    @abstractmethod
    def read(self, content: bytes, name: str) -> Any:
        """Return the parsed file, with its `name` and `faults`. Raises FileRefused."""

    @abstractmethod
    def save(self, area: PartnershipArea, found: Any, source: str, licence: str) -> None:
        """Save it, and print what was done. Raises ValidationError."""
