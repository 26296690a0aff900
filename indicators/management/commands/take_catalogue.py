"""manage.py take_catalogue: show what a newer catalogue would change in an area, and make the changes."""

from argparse import ArgumentParser
from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.core.management.base import BaseCommand

from boards.management.arguments import Refused, find_area, read_month
from boards.models import PartnershipArea
from core.models import User
from indicators.catalogues.entries import Catalogue, Difference
from indicators.management.catalogues import choose_from, find_catalogue, list_messages, refuse
from indicators.selectors.catalogues import get_catalogue
from indicators.services.catalogues import find_differences, take_catalogue, this_month


class Command(BaseCommand):
    help = (
        "Show what a newer catalogue would add to an area's set-up and change in it. Entries that only the area "
        "has stay as they are. Nothing changes without --apply. Optional indicators are added where the area has them "
        "or --with names them. Exit status: 0 done; 2 bad use or a bad catalogue, and nothing was changed."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--area", required=True, metavar="SLUG", help="the area's name in web addresses, such as anytown"
        )
        parser.add_argument("--from", required=True, dest="source", metavar="CATALOGUE", help="starter, FILE or AREA")
        parser.add_argument(
            "--with", nargs="+", default=[], dest="also", metavar="CODE", help="optional indicators to add"
        )
        parser.add_argument("--without", nargs="+", default=[], metavar="CODE", help="indicators to leave out")
        parser.add_argument("--apply", action="store_true", help="make the changes: all of them, or none")
        parser.add_argument("--by", default="", metavar="EMAIL", help="the coordinator who makes the changes")
        parser.add_argument(
            "--month", default="", metavar="YYYY-MM", help="the first month for new indicators; this month if left out"
        )
        parser.add_argument(
            "--definitions",
            choices=["same", "new"],
            help="changed definitions mean the same in different words, or are new ones from the month",
        )

    def handle(self, *, area: str, source: str, also: list[str], without: list[str], **options: Any) -> None:
        place = find_area(area)
        catalogue = find_catalogue(source, stderr=self.stderr)
        newer = choose_from(catalogue, also=[*list_held(place, catalogue), *also], without=without)
        if not options["apply"]:
            self.show(find_differences(place, newer))
            self.stderr.write("Nothing was changed. Use --apply --by EMAIL to make the changes.")
            return
        month = read_month(options["month"]) if options["month"] else this_month()
        is_same = {"same": True, "new": False}.get(options["definitions"] or "")
        by = User.objects.filter(email__iexact=options["by"]).first()
        if by is None:
            raise Refused(
                f"Name the coordinator who makes the changes with --by. No one has the address “{options['by']}”."
            )
        try:
            self.show(take_catalogue(place, newer, month=month, is_same=is_same, by=by))
        except PermissionDenied as refused:
            raise Refused(str(refused)) from None
        except ValidationError as fault:
            raise refuse(list_messages(fault), stderr=self.stderr) from None

    def show(self, differences: list[Difference]) -> None:
        for difference in differences:
            self.stdout.write(" ".join(f"{difference.act.label}: {difference.kind} {difference.code}".split()))
            for change in difference.changes:
                self.stdout.write("  {}: {} → {}".format(*change.words))
        if not differences:
            self.stdout.write("No differences.")


def list_held(area: PartnershipArea, catalogue: Catalogue) -> list[str]:
    """List the catalogue's optional indicators that the area has."""
    codes = {entry.code for entry in get_catalogue(area).indicator}
    return [entry.code for entry in catalogue.indicator if entry.optional and entry.code in codes]
