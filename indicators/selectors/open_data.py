"""How many people live in an area, and what other areas counted."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import NamedTuple

from django.db.models import Exists, OuterRef

from boards.models import Consent, PartnershipArea
from indicators.lines import ALL_AGES, list_ways
from indicators.models import ComparisonSeries, Indicator, Population


@dataclass(frozen=True, slots=True)
class PopulationFound:
    """The residents of these ages, and the year of the number. `editions` are the rows that make them up."""

    ages: str
    year: int
    residents: int
    editions: tuple[Population, ...]


def find_population(area: PartnershipArea, year: int, ages: str) -> PopulationFound | None:
    """Find the population in the newest year up to the one asked for; None where there is none. One query.

    `ages` is "all", or ages that bands make up: "10-24", "65+". Raises AgesRefused.
    """
    ways = list_ways(ages)
    by_year: dict[int, dict[str, Population]] = {}
    populations = Population.objects.filter(area=area, year__lte=year, ages__in={band for way in ways for band in way})
    for row in populations.order_by("-year", "edition"):
        by_year.setdefault(row.year, {})[row.ages] = row  # the newest edition comes last
    for found_year, bands in by_year.items():
        if rows := _make_up(ages, bands):
            return PopulationFound(ages, found_year, sum(row.residents for row in rows), rows)
    return None


def residents_by_year(wanted: Collection[tuple[int, str]]) -> dict[tuple[int, str], dict[int, int]]:
    """Return the residents of each area (by key) and its ages, by year. One query for any number."""
    by_area: dict[int, dict[int, dict[str, Population]]] = defaultdict(lambda: defaultdict(dict))
    # The newest edition comes last, and wins.
    for row in Population.objects.filter(area__in={area for area, _ in wanted}).order_by("edition"):
        by_area[row.area_id][row.year][row.ages] = row
    return {
        (area, ages): {
            year: sum(row.residents for row in rows)
            for year, bands in by_area[area].items()
            if (rows := _make_up(ages, bands))
        }
        for area, ages in wanted
    }


def _make_up(ages: str, bands: Mapping[str, Population]) -> tuple[Population, ...]:
    """Return the bands that make up these ages; none where there are no populations for them. Raises AgesRefused."""
    way = next((way for way in list_ways(ages) if bands.keys() >= set(way)), ())
    return tuple(bands[band] for band in way)


class Residents(NamedTuple):
    """How many people live in an area, in which year that was, and whose number it is."""

    number: int
    year: int
    source: str = ""
    licence: str = ""


def list_residents(areas: Collection[int], year: int) -> dict[int, Residents]:
    """Return each area's residents in the newest year up to this one. An area without any is left out. One query."""
    # The newest year comes last, with its newest edition, and wins.
    populations = Population.objects.filter(area__in=areas, ages=ALL_AGES, year__lte=year).order_by("year", "edition")
    rows = populations.values_list("area", "residents", "year", "source", "licence")
    return {area: Residents(number, of, source, licence) for area, number, of, source, licence in rows}


def list_populations(area: PartnershipArea) -> list[Population]:
    """List all populations in every edition: the newest year first, and each band's newest edition first. One query."""
    return list(Population.objects.filter(area=area).order_by("-year", "-edition", "id"))


def list_comparisons(area: PartnershipArea, codes: Iterable[str]) -> list[ComparisonSeries]:
    """Return the newest edition of each series, by indicator and name. One query."""
    comparisons = ComparisonSeries.objects.filter(indicator__area=area, indicator__code__in=list(codes))
    # The last row of each name wins: the newest edition.
    newest = {
        (series.indicator.code, series.name): series
        for series in comparisons.select_related("indicator").order_by("edition")
    }
    return [series for _, series in sorted(newest.items())]


class OtherArea(NamedTuple):
    """Another area of this installation with an indicator of this code, and whether its consent is in force."""

    code: str
    area_id: int
    has_consent: bool


def list_others(area: PartnershipArea, codes: Iterable[str], *, today: date) -> list[OtherArea]:
    """List the other areas with an indicator of these codes. One query."""
    # Only codes and consents cross areas here, no figures.
    consent = Exists(Consent.objects.let_compare(area, today).filter(area=OuterRef("area")))
    indicators = Indicator.objects.filter(code__in=list(codes)).exclude(area=area).order_by("code", "area_id")
    return [OtherArea._make(row) for row in indicators.annotate(held=consent).values_list("code", "area_id", "held")]
