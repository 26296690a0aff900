"""What the commands of every app share: their long help, the area and the month, and what is left to roll up."""

from argparse import RawDescriptionHelpFormatter
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from boards.models import PartnershipArea, ReportingPeriod
from core.calendar import Month


class ExplainedCommand(BaseCommand):
    """A command whose help keeps its lines, with an `example` below it."""

    example: str

    def create_parser(self, prog_name: str, subcommand: str, **options: Any) -> Any:
        formatter = RawDescriptionHelpFormatter
        return super().create_parser(prog_name, subcommand, formatter_class=formatter, epilog=self.example, **options)

    def say_what_is_stale(self, area: PartnershipArea) -> None:
        stale = ReportingPeriod.objects.filter(area=area, stale_since__isnull=False).count()
        if stale:
            self.stderr.write(
                f"{stale} month{'s' if stale > 1 else ''} of {area.name} to roll up: run manage.py sweep, "
                "or leave it to the scheduled job."
            )


class Refused(CommandError):
    """A wrong argument or file. Its text is a sentence; the command prints it to stderr and exits with 2."""

    def __init__(self, sentence: str) -> None:
        super().__init__(sentence, returncode=2)


def find_area(slug: str) -> PartnershipArea:
    """Return the area with this slug. Raises Refused, with the names of the areas that exist."""
    area = PartnershipArea.objects.filter(slug=slug).first()
    if area is None:
        slugs = ", ".join(PartnershipArea.objects.order_by("slug").values_list("slug", flat=True)) or "none yet"
        raise Refused(f"There is no area “{slug}”. There are: {slugs}.")
    return area


def read_month(text: str) -> Month:
    """Return the month. Raises Refused."""
    try:
        return Month.parse(text)
    except ValueError as fault:
        raise Refused(str(fault)) from None
