"""manage.py export_catalogue: print the set-up of an area."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand

from boards.management.arguments import find_area
from indicators.catalogues.files import write_catalogue
from indicators.selectors.catalogues import get_catalogue


class Command(BaseCommand):
    help = (
        "Print an area's set-up as a catalogue in TOML. make_area can make another area from it, and take_catalogue "
        "can add it to an existing area. It has no figures, people or disclosure rules, and nothing that is retired. "
        "Exit status: 0 done; 2 no such area."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--area", required=True, metavar="SLUG", help="the area's name in web addresses, such as anytown"
        )

    def handle(self, *, area: str, **options: Any) -> None:
        self.stdout.write(write_catalogue(get_catalogue(find_area(area))), ending="")
