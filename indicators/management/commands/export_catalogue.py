"""manage.py export_catalogue: print what an area is set up with."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand

from boards.management.arguments import find_area
from indicators.catalogues.writing import write_catalogue
from indicators.selectors.catalogues import get_catalogue


class Command(BaseCommand):
    help = (
        "Print what an area is set up with, as a catalogue in TOML, from which make_area makes another and which "
        "take_catalogue takes into one that there is. No figures, people or disclosure rules are in it, and nothing "
        "that is retired. Exit status: 0 done; 2 no such area."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--area", required=True, metavar="SLUG", help="the area's name in addresses: anytown")

    def handle(self, *, area: str, **options: Any) -> None:
        self.stdout.write(write_catalogue(get_catalogue(find_area(area))), ending="")
