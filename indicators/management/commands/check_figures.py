from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from boards.models import PartnershipArea, ReportingPeriod
from boards.rules import MonthStatus
from indicators.selectors.validation import find_broken_in


class Command(BaseCommand):
    help = (
        "Print each figure of a published month that breaks a rule across figures, with the rule in a sentence. Exits "
        "1 if a strict rule is broken."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("area", help="its address, such as anytown")

    def handle(self, *args: Any, **options: Any) -> None:
        area = PartnershipArea.objects.filter(slug=options["area"]).first()
        if area is None:
            raise CommandError(f"There is no area “{options['area']}”.")
        published = ReportingPeriod.objects.filter(area=area, status=MonthStatus.PUBLISHED.value)
        months = [period.month for period in published]
        found = list(find_broken_in(area, months))
        for month, broken, sentence in found:
            self.stdout.write(f"{month.label}{'' if broken.rule.is_strict else ' (doubtful)'}: {sentence}")
        strict = sum(broken.rule.is_strict for _, broken, _ in found)
        self.stdout.write(
            f"{len(months)} published months of {area.name}: {strict} strict and {len(found) - strict} doubtful rules "
            "broken."
        )
        if strict:
            raise SystemExit(1)
