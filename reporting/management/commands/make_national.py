"""manage.py make_national: a nation of made-up areas, to measure with."""

from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand
from django.utils import timezone

from boards.management.arguments import Refused
from boards.models import PartnershipArea
from core.calendar import Month
from reporting.management.nation import SLUG, make_nation

MOST_AREAS, MOST_MONTHS = 2_000, 240


class Command(BaseCommand):
    help = (
        "Fill an empty database with a nation of made-up areas, each with the starter catalogue and years of figures, "
        "to measure how the product works at that size. Refused in production, and if the database has an area. Exit "
        "status: 0 done; 2 bad use."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--areas", type=int, default=400, metavar="N", help="how many (the default is 400)")
        parser.add_argument("--months", type=int, default=36, metavar="N", help="for each area (the default is 36)")
        parser.add_argument("--seed", type=int, default=1, metavar="N", help="the same seed makes the same figures")

    def handle(self, *, areas: int, months: int, seed: int, **options: Any) -> None:
        if settings.PRODUCTION:
            raise Refused("A nation can't be made in production: its figures are made up.")
        if not 1 <= areas <= MOST_AREAS or not 2 <= months <= MOST_MONTHS:
            raise Refused(f"Choose 1 to {MOST_AREAS:,} areas and 2 to {MOST_MONTHS} months.")
        if PartnershipArea.objects.exists():
            raise Refused("This database has an area already. Choose an empty one with DATABASE_URL.")
        figures = make_nation(areas=areas, months=months, seed=seed, today=Month.of(timezone.localdate()))
        self.stdout.write(f"{areas:,} areas ({SLUG}1 and on) with {months} months and {figures:,} figures")
