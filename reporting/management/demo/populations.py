"""Real populations, where an area of the demonstration has some."""

from typing import Any

from django.utils import timezone

from boards.models import PartnershipArea
from indicators.imports.populations import read_population_file
from indicators.models import Population
from indicators.services.populations import import_populations
from reporting.management.demo.blueprint import FOLDER


def load_populations(area: PartnershipArea, told: dict[str, str]) -> None:
    """Load the area's real populations once, so that a later import by an operator stays."""
    if not Population.objects.filter(area=area).exists():
        file = read_population_file((FOLDER / told["file"]).read_bytes(), name_of_file=told["file"])
        import_populations(area, file, source=told["source"], licence=told["licence"], by=None)


def make_up_residents(area: PartnershipArea, rows: list[dict[str, Any]]) -> None:
    """Save the residents of a made-up town."""
    Population.objects.bulk_create(
        Population(
            area=area,
            edition=1,
            name_of_file="None: made up",
            imported_at=timezone.now(),
            ages=ages,
            residents=residents,
            **{name: row[name] for name in ("year", "source", "licence")},
        )
        for row in rows
        for ages, residents in row["residents"].items()
    )
