"""manage.py export_month: print the lines of a month."""

import json
from argparse import ArgumentParser
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand

from boards.management.arguments import Refused, find_area, read_month
from indicators.disclosure import Audience, AudienceRefused
from reporting.presenters import MonthView, csv_text, export_rows, newest_view
from reporting.presenters.words import lower_first
from reporting.selectors import NotHeld, find_month

COLUMNS = (
    "indicator",
    "title",
    "category",
    "value",
    "state",
    "previous",
    "change",
    "movement",
    "no_arrow_reason",
    "polarity",
    "lower",
    "upper",
    "signal",
    "judgement",
)


class Command(BaseCommand):
    help = (
        "Print the lines of a month, in its newest version (a draft too) or in another, to stdout or to a file. "
        "Exit status: 0 done; 2 bad use."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--area", required=True, metavar="SLUG", help="the area's name in addresses: anytown")
        parser.add_argument("--month", required=True, metavar="YYYY-MM", help="such as 2026-10")
        parser.add_argument(
            "--audience",
            choices=[audience.value for audience in Audience],
            default=Audience.PARTNERS.value,
            help="for whom: partners under the information-sharing agreement (the default) or the public",
        )
        parser.add_argument("--format", dest="form", choices=list(FORMATS), default="json", help="the default is json")
        parser.add_argument(
            "--version-number", type=int, metavar="N", help="this version (otherwise the newest, a draft too)"
        )
        parser.add_argument("--output", type=Path, metavar="FILE", help="write here, not to stdout")

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
            self.stderr.write(f"{wanted.label} is not published for the public: this is what an edition would say.")
        if view.superseded:
            self.stderr.write(f"Version {view.version} of {wanted.label} is {view.superseded}.")
        elif period.stale_since is not None:
            self.stderr.write(f"Figures of {wanted.label} changed since it was rolled up: run manage.py sweep.")
        provisional = [line.label for line in view.lines if line.is_provisional]
        if provisional:
            self.stderr.write(f"Provisional, so they may still change: {'; '.join(provisional)}.")
        for line in view.revised:
            self.stderr.write(f"{line.label}: {lower_first(line.revised)}.")
        text = FORMATS[form](view)
        if output is None:
            self.stdout.write(text, ending="")
            return
        try:
            output.write_text(text, encoding="utf-8", newline="")
        except OSError as fault:
            raise Refused(f"{output} can't be written: {(fault.strerror or str(fault)).lower()}.") from None


def as_json(view: MonthView) -> str:
    document = {
        "area": view.area_slug,
        "month": str(view.month),
        "audience": view.audience.value,
        "version": view.version,
        "state": view.state,
        "lines": export_rows(view),
    }
    return json.dumps(document, ensure_ascii=False, indent=2) + "\n"


def as_csv(view: MonthView) -> str:
    return csv_text(COLUMNS, export_rows(view), marking=view.marking)


FORMATS: Mapping[str, Callable[[MonthView], str]] = {"json": as_json, "csv": as_csv}
