"""How many people live in an area?"""

from dataclasses import dataclass

from boards.models import PartnershipArea
from indicators.ages import list_ways
from indicators.models import Population


@dataclass(frozen=True, slots=True)
class PopulationFound:
    """The residents of these ages, and of which year they are. `editions` are the rows that make them up."""

    ages: str
    year: int
    residents: int
    editions: tuple[Population, ...]


def find_population(area: PartnershipArea, year: int, ages: str) -> PopulationFound | None:
    """Of the newest year up to the one asked for; None where nothing is held. One query.

    `ages` is "all", or what bands make up: "10-24", "65+". Raises AgesRefused.
    """
    ways = list_ways(ages)
    held: dict[int, dict[str, Population]] = {}
    asked = Population.objects.filter(area=area, year__lte=year, ages__in={band for way in ways for band in way})
    for row in asked.order_by("-year", "edition"):
        held.setdefault(row.year, {})[row.ages] = row  # the newest edition comes last
    for found_year, bands in held.items():
        for way in ways:
            if bands.keys() >= set(way):
                rows = tuple(bands[band] for band in way)
                return PopulationFound(ages, found_year, sum(row.residents for row in rows), rows)
    return None


def list_populations(area: PartnershipArea) -> list[Population]:
    """All that is held, every edition of it: the newest year first, and of each band the newest edition. One query."""
    return list(Population.objects.filter(area=area).order_by("-year", "-edition", "id"))
