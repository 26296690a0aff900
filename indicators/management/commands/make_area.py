"""manage.py make_area: make a new area from a catalogue."""

from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError

from boards.management.arguments import ExplainedCommand, Refused, read_month
from boards.models import Membership, PartnershipArea
from core.mail.account import password_path
from indicators.management.catalogues import choose_from, find_catalogue, list_messages, refuse
from indicators.services.catalogues import AreaDraft, FirstCoordinator, make_area, this_month

DESCRIPTION = """\
Make a new area from a catalogue, with its boards, strands, agencies, sections and indicators. Open
its months from the first one, and add its first coordinator. All of this is done, or nothing.

--from says which catalogue: “starter”, the set that comes with the product; the name of an area,
to copy its set-up; or a file that export_catalogue wrote. Optional indicators are added only where
--with names them. An indicator brings the indicators that it is part of or worked out from.

Prints what was made to stdout and everything else to stderr.
Exit status: 0 done; 2 bad use or a bad catalogue, and nothing was saved."""

EXAMPLE = """\
example:
  manage.py make_area --slug anytown --name Anytown --ons-code E07000001 --from starter \\
    --first-month 2026-11 --defined-from 2023-11 \\
    --coordinator ADDRESS --coordinator-name "Alex Green\""""


class Command(ExplainedCommand):
    help, example = DESCRIPTION, EXAMPLE

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--slug", required=True, help="the area's name in web addresses, such as anytown")
        parser.add_argument("--name", required=True, help="the area's name on pages, such as Anytown")
        parser.add_argument("--ons-code", default="", metavar="CODE", help="such as E06000033")
        parser.add_argument("--longitude", type=float, metavar="DEGREES", help="where it is on the map of lines")
        parser.add_argument("--latitude", type=float, metavar="DEGREES", help="likewise")
        parser.add_argument("--from", required=True, dest="source", metavar="CATALOGUE", help="starter, FILE or AREA")
        parser.add_argument(
            "--with", nargs="+", default=[], dest="also", metavar="CODE", help="optional indicators to add"
        )
        parser.add_argument("--without", nargs="+", default=[], metavar="CODE", help="indicators to leave out")
        parser.add_argument(
            "--first-month", metavar="YYYY-MM", help="the first month to ask for returns; this month if left out"
        )
        parser.add_argument(
            "--defined-from",
            metavar="YYYY-MM",
            help="when the definitions start to apply, for older figures; the first month if left out",
        )
        parser.add_argument("--coordinator", default="", metavar="EMAIL", help="its first coordinator")
        parser.add_argument(
            "--coordinator-name", default="", metavar="NAME", help="their name, as colleagues know them"
        )

    def handle(self, *, slug: str, name: str, source: str, also: list[str], without: list[str], **options: Any) -> None:
        if bool(options["coordinator"]) != bool(options["coordinator_name"]):
            raise Refused("Give both --coordinator and --coordinator-name, or neither.")
        first = read_month(options["first_month"]) if options["first_month"] else this_month()
        since = read_month(options["defined_from"]) if options["defined_from"] else first
        if since > first:
            raise Refused(f"Definitions must apply from the first month, {first.label}, or earlier.")
        chosen = choose_from(find_catalogue(source, stderr=self.stderr), also=also, without=without)
        place = {key: options[key] for key in ("ons_code", "longitude", "latitude")}
        coordinator = FirstCoordinator(email=options["coordinator"], name=options["coordinator_name"])
        try:
            area = make_area(
                AreaDraft(slug=slug, name=name, **place),
                chosen,
                first_month=first,
                defined_from=since,
                coordinator=coordinator if coordinator.email else None,
                by=None,
            )
        except ValidationError as fault:
            raise refuse(list_messages(fault), stderr=self.stderr) from None
        counts = f"{len(chosen.board)} boards, {len(chosen.agency)} agencies, {len(chosen.indicator)} indicators"
        self.stdout.write(f"{area.name}: {counts}, from {first.label}. {settings.SITE_URL}{area.get_absolute_url()}")
        self.tell_coordinator(area)

    def tell_coordinator(self, area: PartnershipArea) -> None:
        """Print how each coordinator signs in. We send no e-mail: a new person sets a password at an address that works
        once."""
        for membership in Membership.objects.filter(area=area).select_related("user"):
            if membership.user.has_usable_password():
                self.stdout.write(f"{membership.user} signs in as before.")
            else:
                self.stdout.write(
                    f"{membership.user} sets a password at {settings.SITE_URL}{password_path(membership.user)}"
                )
