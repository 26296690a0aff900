"""manage.py export_month: print the lines of a month."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand

from boards.management.arguments import Refused, find_area, read_month
from core.pages import NotHeld
from indicators.disclosure import Audience, AudienceRefused
from reporting.exports.presenters.months import make_month_file, newest_view
from reporting.management import files
from reporting.months.presenters.words import lower_first
from reporting.months.selectors import find_month


class Command(BaseCommand):
    help = (
        "Print the lines of a month to stdout or to a file. It prints the newest version, even a draft, or the one "
        "you name. "
        "Exit status: 0 done; 2 bad use."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--area", required=True, metavar="SLUG", help="the area's name in addresses: anytown")
        parser.add_argument("--month", required=True, metavar="YYYY-MM", help="such as 2026-10")
        parser.add_argument(
            "--version-number", type=int, metavar="N", help="this version (the default is the newest, even a draft)"
        )
        files.add_arguments(parser, usual="json")

    def handle(
        self,
        *,
        area: str,
        month: str,
        audience: str,
        form: str,
        output: Path | None,
        version_number: int | None,
        **options: Any,
    ) -> None:
        place, wanted = find_area(area), read_month(month)
        try:
            period = find_month(place, wanted).period
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
            self.stderr.write(f"{wanted.label} is not public: this is what an edition would show.")
        if view.superseded:
            self.stderr.write(f"Version {view.version} of {wanted.label} is {view.superseded}.")
        elif period.stale_since is not None:
            self.stderr.write(f"Figures of {wanted.label} changed since it was rolled up: run manage.py sweep.")
        if view.provisional:
            labels = "; ".join(line.label for line in view.provisional)
            self.stderr.write(f"Provisional, so they may still change: {labels}.")
        for line in view.revised:
            self.stderr.write(f"{line.label}: {lower_first(line.revised)}.")
        files.write(self, make_month_file(view), form, output)
