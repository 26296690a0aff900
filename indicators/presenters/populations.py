"""Shows an area's populations as a table of ages by years, with their sources."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from indicators.ages import LABELS
from indicators.models import Population


@dataclass(frozen=True, slots=True)
class Residents:
    """An age band's current number in a year, and the numbers before it was corrected, newest first."""

    count: str
    before: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Source:
    years: str
    source: str
    licence: str
    file: str
    imported_at: datetime


@dataclass(frozen=True, slots=True)
class Populations:
    years: list[int]
    bands: list[tuple[str, list[Residents | None]]]
    sources: list[Source]


def make_populations(held: Sequence[Population]) -> Populations:
    """Build the cells from rows with newer editions before older ones."""
    editions: dict[tuple[int, str], list[Population]] = {}
    for row in held:
        editions.setdefault((row.year, row.ages), []).append(row)
    years = sorted({row.year for row in held}, reverse=True)
    bands = [
        (label, [_make_residents(editions.get((year, ages), [])) for year in years])
        for ages, label in LABELS.items()
        if any((year, ages) in editions for year in years)
    ]
    return Populations(years, bands, _make_sources(held))


def _make_residents(editions: Sequence[Population]) -> Residents | None:
    if not editions:
        return None
    newest, *before = (f"{row.residents:,}" for row in editions)
    return Residents(newest, tuple(before))


def _make_sources(held: Sequence[Population]) -> list[Source]:
    """List one source for each import, newest first, even if its numbers have since been corrected."""
    imports: dict[tuple[str, str, str, datetime], set[int]] = {}
    for row in held:
        imports.setdefault((row.source, row.licence, row.name_of_file, row.imported_at), set()).add(row.year)
    found = [Source(", ".join(map(str, sorted(years))), *told) for told, years in imports.items()]
    return sorted(found, key=lambda each: each.imported_at, reverse=True)
