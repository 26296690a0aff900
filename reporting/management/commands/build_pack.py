"""manage.py build_pack: write a board's pack of a month as a PDF."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand

from boards.management.arguments import Refused, find_area, read_month
from indicators.disclosure import Audience, AudienceRefused
from reporting import packs
from reporting.presenters import board_view, newest_view
from reporting.selectors import NotHeld, find_board

# What can stand in the way of a file, in words.
OBSTACLES: dict[type[OSError], str] = {
    FileNotFoundError: "there is no such folder",
    NotADirectoryError: "part of its path is a file, not a folder",
    IsADirectoryError: "it is a folder",
    PermissionError: "you have no permission to write there",
}


class Command(BaseCommand):
    help = (
        "Write a board's pack of a month, in its newest version (a draft too, which it says) or in another, as a PDF. "
        "Prints the file's name and size. Exit status: 0 done; 2 bad use."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--area", required=True, metavar="SLUG", help="the area's name in addresses: anytown")
        parser.add_argument("--month", required=True, metavar="YYYY-MM", help="such as 2026-10")
        parser.add_argument("--board", required=True, metavar="CODE", help="such as csp")
        parser.add_argument(
            "--audience",
            choices=[audience.value for audience in Audience],
            default=Audience.PARTNERS.value,
            help="for whom: partners under the information-sharing agreement (the default) or the public",
        )
        parser.add_argument(
            "--version-number", type=int, metavar="N", help="this version (otherwise the newest, a draft too)"
        )
        parser.add_argument("--output", required=True, type=Path, metavar="FILE", help="write here")

    def handle(
        self,
        *,
        area: str,
        month: str,
        board: str,
        audience: str,
        output: Path,
        version_number: int | None,
        **options: Any,
    ) -> None:
        place, wanted = find_area(area), read_month(month)
        try:
            found = find_board(place, board)
            view = newest_view(
                place,
                wanted,
                audience=Audience(audience),
                include_drafts=True,
                version=version_number,
            )
        except (NotHeld, AudienceRefused) as refusal:
            raise Refused(str(refusal)) from None
        if view.audience is Audience.PUBLIC and not view.is_public:
            self.stderr.write(f"{wanted.label} is not published for the public: this is what an edition would say.")
        own = board_view(view, found, list(found.responsibilities.values_list("text", flat=True)))
        pdf = packs.build_pack(own, pack_number=packs.number_of(own))
        try:
            output.write_bytes(pdf)
        except OSError as fault:
            why = OBSTACLES.get(type(fault)) or (fault.strerror or str(fault)).lower()
            raise Refused(f"{output} can't be written: {why}.") from None
        self.stdout.write(f"{output}: {len(pdf):,} bytes")
