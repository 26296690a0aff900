"""manage.py build_pack: write a board's pack for a month as a PDF."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand

from boards.management.arguments import Refused, find_area, read_month
from boards.selectors import find_board
from core.pages import NotHeld
from indicators.disclosure import Audience, AudienceRefused
from reporting.models import PackCharts, PackKind, PackScope
from reporting.months.selectors import find_month
from reporting.packs.pdf.typesetting import PackNotMade, build_pack
from reporting.packs.presenters.order import make_pack
from reporting.packs.presenters.sources import Order

# Why a file can't be written, as text.
OBSTACLES: dict[type[OSError], str] = {
    FileNotFoundError: "there is no such folder",
    NotADirectoryError: "part of its path is a file, not a folder",
    IsADirectoryError: "it is a folder",
    PermissionError: "you have no permission to write there",
}


class Command(BaseCommand):
    help = (
        "Write a board's pack for a month as a PDF. It shows the month's newest version, even a draft, or the one you "
        "name. It isn't issued: it has no number and isn't in the register. Prints the file's name and size. "
        "Exit status: 0 done; 2 bad use."
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
            "--kind",
            choices=[kind.value for kind in PackKind],
            default=PackKind.MONTH.value,
            help="the month (the default), one year on, or what the public pack for the month withholds",
        )
        parser.add_argument(
            "--scope",
            choices=[scope.value for scope in PackScope],
            default=PackScope.SIGNALS.value,
            help="which indicators get a full page: all, or those that stand out (the default)",
        )
        parser.add_argument(
            "--charts",
            choices=[charts.value for charts in PackCharts],
            default=PackCharts.JUDGED.value,
            help="with each month's usual range (the default), or as NHS control charts (XmR)",
        )
        parser.add_argument(
            "--version-number", type=int, metavar="N", help="this version (the default is the newest, even a draft)"
        )
        parser.add_argument("--output", required=True, type=Path, metavar="FILE", help="write here")

    def handle(
        self,
        *,
        area: str,
        month: str,
        board: str,
        audience: str,
        kind: str,
        scope: str,
        charts: str,
        output: Path,
        version_number: int | None,
        **options: Any,
    ) -> None:
        place, wanted = find_area(area), read_month(month)
        if audience == Audience.PUBLIC and kind == PackKind.APPENDIX:
            raise Refused("A partners’ appendix is never for the public: it has what the public pack withholds.")
        try:
            order = Order(
                find_month(place, wanted).period,
                find_board(place, board),
                PackKind(kind),
                Audience(audience),
                PackScope(scope),
                version_number,
                charts=PackCharts(charts),
            )
            result = make_pack(order, include_drafts=True)
        except (NotHeld, AudienceRefused) as refusal:
            raise Refused(str(refusal)) from None
        if order.audience is Audience.PUBLIC and result.edition is None:
            self.stderr.write(f"{wanted.label} is not public: this is what an edition would show.")
        try:
            pdf = build_pack(result.pack)
        except PackNotMade as fault:
            raise Refused(str(fault)) from None
        try:
            output.write_bytes(pdf)
        except OSError as fault:
            why = OBSTACLES.get(type(fault)) or (fault.strerror or str(fault)).lower()
            raise Refused(f"{output} can't be written: {why}.") from None
        self.stdout.write(f"{output}: {len(pdf):,} bytes")
