from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from boards.models import PartnershipArea
from indicators.selectors.validation import check_published


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
        checked = check_published(area)
        for month, broken, sentence in checked.broken:
            self.stdout.write(f"{month.label}{'' if broken.rule.is_strict else ' (doubtful)'}: {sentence}")
        self.stdout.write(f"{area.name}, {checked.words}")
        if checked.strict:
            raise SystemExit(1)
